package protocol

import (
	"context"
	"fmt"
	"testing"

	"github.com/leasehold-dev/leasehold/agent"
)

// What a deadline cut off is a timeout wherever it was, unless it was the server that kept silent.
func TestKindOfADeadline(t *testing.T) {
	late := fmt.Errorf("storage: update: %w", context.DeadlineExceeded)
	for _, tt := range []struct {
		err  error
		want Kind
	}{
		{late, Timeout},
		{&agent.Error{Op: "activate", Kind: agent.KindUsage, Err: late}, Timeout},
		{&agent.Error{Op: "activate", Kind: agent.KindSilence, Err: late}, Silence},
		{&agent.Error{Op: "activate", Kind: agent.KindUsage, Err: context.Canceled}, Canceled},
		{&agent.Error{Op: "activate", Kind: agent.KindUsage, Err: agent.ErrClosed}, NoAgent},
		{&agent.Error{Op: "activate", Kind: agent.KindUsage, Err: agent.ErrNotActivated}, Usage},
	} {
		if got := failureOf(tt.err).Kind; got != tt.want {
			t.Errorf("%v: %v, want %v", tt.err, got, tt.want)
		}
	}
}
