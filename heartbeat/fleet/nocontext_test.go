package fleet

import (
	"context"
	"testing"
	"time"
)

// A nil context is context.Background, in the goroutines of a simulation as well.
func TestNoContext(t *testing.T) {
	var none context.Context
	if _, err := Simulate(none, Config{Installations: 100, Schedule: every(t, time.Hour)}); err != nil {
		t.Error(err)
	}
}
