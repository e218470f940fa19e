package logging

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

func TestOrNone(t *testing.T) {
	var unset *slog.Logger
	for name, l := range map[string]Logger{"nil": nil, "a nil pointer": unset} {
		got := OrNone(l)
		if _, does := got.(*none); !does {
			t.Errorf("%s: %T, want one that does nothing", name, got)
		}
		got.Debug("one", "key", "value")
		got.Info("two")
		got.Warn("three")
		got.Error("four")
	}
	var out bytes.Buffer
	OrNone(slog.New(slog.NewTextHandler(&out, nil))).Warn("kept", "key", "value")
	if !strings.Contains(out.String(), "msg=kept key=value") {
		t.Errorf("the application's logger got %q", out.String())
	}
}
