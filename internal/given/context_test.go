package given

import (
	"context"
	"testing"
)

func TestContext(t *testing.T) {
	if ctx := t.Context(); Context(ctx) != ctx {
		t.Error("another than the one that was given")
	}
	if Context(nil) != context.Background() { //nolint:staticcheck // that is the subject
		t.Error("nil is not the background")
	}
}
