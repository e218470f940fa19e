package guard

import (
	"context"
	"log/slog"
	"testing"
	"time"
)

// panickyHandler panics at everything.
type panickyHandler struct{}

func (panickyHandler) Enabled(context.Context, slog.Level) bool { return true }

func (panickyHandler) Handle(context.Context, slog.Record) error { panic("handle") }

func (panickyHandler) WithAttrs([]slog.Attr) slog.Handler { panic("attrs") }

func (panickyHandler) WithGroup(string) slog.Handler { panic("group") }

func TestHandler(t *testing.T) {
	log := slog.New(handler{panickyHandler{}})
	log.Info("one", "key", "value")
	log.With("a", 1).WithGroup("g").Error("two")
}

func TestNow(t *testing.T) {
	if Now(nil) != nil {
		t.Error("no clock became one")
	}
	at := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	if got := Now(func() time.Time { return at })(); !got.Equal(at) {
		t.Errorf("got %v, want the application's %v", got, at)
	}
	if got := Now(func() time.Time { panic("now") })(); time.Since(got) > time.Minute {
		t.Errorf("after a panic: %v, want the system's time", got)
	}
}
