package guard

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/internal/logging"
)

// panickyHandler panics at everything.
type panickyHandler struct{ slog.Handler }

func (panickyHandler) Enabled(context.Context, slog.Level) bool { return true }

func (panickyHandler) Handle(context.Context, slog.Record) error { panic("handle") }

func TestLogger(t *testing.T) {
	var unset *slog.Logger
	for name, l := range map[string]logging.Logger{
		"none": nil, "a nil pointer": unset, "a zero logger": &slog.Logger{}, "one that panics": slog.New(panickyHandler{}),
	} {
		t.Run(name, func(*testing.T) {
			log := Logger(l)
			log.Debug("one", "key", "value")
			log.Info("two")
			log.Warn("three")
			log.Error("four")
		})
	}
	var out bytes.Buffer
	log := Logger(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
	log.Debug("one", "key", "value")
	log.Info("two")
	log.Warn("three")
	log.Error("four")
	for _, want := range []string{"DEBUG msg=one key=value", "INFO msg=two", "WARN msg=three", "ERROR msg=four"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in what the application's logger got:\n%s", want, out.String())
		}
	}
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
