package heartbeat

import (
	"context"
	"testing"
)

// A nil context is context.Background.
func TestNoContext(t *testing.T) {
	var none context.Context
	r, err := NewRunner(RunnerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(none); err != nil {
		t.Error(err)
	}
	if err := r.Close(none); err != nil {
		t.Error(err)
	}
	var c Contact[int]
	if n, _, err := c.Do(none, func(ctx context.Context) (int, error) { return 1, ctx.Err() }); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}
