package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

func TestHintFor(t *testing.T) {
	of := func(kind agent.ErrorKind, err error) *agent.Error {
		return &agent.Error{Op: "call", Kind: kind, Err: err}
	}
	conflict := func(code enforcement.Code) error {
		return &agent.Error{Op: "call", Kind: agent.KindConflict, Code: code}
	}
	for _, tt := range []struct {
		name  string
		err   error
		state enforcement.State
		want  string
	}{
		{"silence", of(agent.KindSilence, errors.New("x")), enforcement.Grace, "nothing is lost"},
		{"silence, locked", of(agent.KindSilence, errors.New("x")), enforcement.Locked, "nothing was changed; try again later"},
		{"asked to wait", &agent.Error{Kind: agent.KindSilence, RetryAfter: 2 * time.Minute}, enforcement.Active, "the server asks to try again in 2 min"},
		{"asked to wait a little", &agent.Error{Kind: agent.KindSilence, RetryAfter: time.Millisecond}, enforcement.Active, "in 1 s"},
		{"conflict", conflict(enforcement.LicenseExpired), enforcement.Locked, "renew the licence"},
		{"no session at the server", conflict(enforcement.SessionNotOpen), enforcement.Active, "'leasehold session open'"},
		{"conflict without a remedy", conflict(2004), enforcement.Active, "'leasehold explain 2004'"},
		{"unknown conflict", conflict(77777), enforcement.Active, "'leasehold explain 77777'"},
		{"not activated", of(agent.KindUsage, agent.ErrNotActivated), enforcement.Locked, "'leasehold activate KEY'"},
		{"no session", of(agent.KindUsage, agent.ErrNoSession), enforcement.Active, "'leasehold session open'"},
		{"held on line", of(agent.KindUsage, agent.ErrHeldOnline), enforcement.Active, "'leasehold deactivate'"},
		{"key", &agent.Error{Op: "activate", Kind: agent.KindUsage, Err: agent.ErrInput}, enforcement.Locked, "on one line"},
		{"input", of(agent.KindUsage, agent.ErrInput), enforcement.Active, correctIt},
		{"nowhere to keep it", of(agent.KindUsage, fmt.Errorf("x: %w", storage.ErrUnavailable)), enforcement.Active, "--state-dir"},
		{"other usage", of(agent.KindUsage, errors.New("x")), enforcement.Active, "'leasehold doctor'"},
		{"interrupted", fmt.Errorf("x: %w", context.Canceled), enforcement.Active, "run it again"},
		{"anything", errors.New("x"), enforcement.Active, "--verbose"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := hintFor(tt.err, tt.state); !strings.Contains(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
	for _, c := range enforcement.Catalogue() {
		if hintFor(conflict(c.Code), enforcement.Active) == "" {
			t.Errorf("conflict %d has no hint", c.Code)
		}
	}
}

// A seat that the server says is not valid has no conflict's number.
func TestHintWithoutANumber(t *testing.T) {
	if got := conflictHint(0); got != conflictHint(enforcement.ConnectionsExhausted) || strings.Contains(got, "explain") {
		t.Error(got)
	}
}
