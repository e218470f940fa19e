package seeding

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/installation"
	"github.com/leasehold-dev/leasehold/agent/internal/ledger"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/heartbeat"
	"github.com/leasehold-dev/leasehold/storage"
)

func laidDown(t *testing.T, store storage.Store, key string) *Seeding {
	t.Helper()
	install := installation.New(store, nil)
	if err := install.Identify(t.Context(), installation.Whose{ProductID: "p", DeviceID: "d"}); err != nil {
		t.Fatal(err)
	}
	l, problem, err := ledger.Open(t.Context(), ledger.Config{
		Store: storage.NewMemory(), Policy: enforcement.Standard(), Logger: slog.New(slog.DiscardHandler), Drifted: func() bool { return false },
	})
	if err != nil || problem != nil {
		t.Fatal(err, problem)
	}
	return New(Config{
		Key: key, Ledger: l, Install: install, Logger: slog.New(slog.DiscardHandler),
		Plan: func(h heartbeat.History, s heartbeat.Schedule, seed ...string) heartbeat.Plan {
			return heartbeat.Plan{Schedule: s, Seed: heartbeat.Seed(seed...), Started: l.Started(), History: h}
		},
	})
}

// A key waits until a licence was activated, whichever: also in later processes,
// but another key waits anew.
func TestAKeyIsActivatedOnce(t *testing.T) {
	store := storage.NewMemory()
	s := laidDown(t, store, "key")
	if !s.Waits() || s.Next(time.Now()).IsZero() {
		t.Fatal("the key does not wait")
	}
	s.Activated(t.Context())
	if s.Waits() || !s.Next(time.Now()).IsZero() {
		t.Error("the key still waits")
	}
	if laidDown(t, store, "key").Waits() {
		t.Error("it waits in the next process")
	}
	if !laidDown(t, store, "another").Waits() {
		t.Error("another key does not wait")
	}
	if laidDown(t, store, "").Waits() {
		t.Error("no key waits")
	}
}

// Where a licence is held, or a file waits, nothing is activated.
func TestNothingIsReplaced(t *testing.T) {
	s := laidDown(t, storage.NewMemory(), "key")
	if err := s.Ledger.Keep(t.Context(), func(k *record.Known) { k.Files.Waiting = "file" }); err != nil {
		t.Fatal(err)
	}
	if s.Waits() {
		t.Error("the key waits beside a file")
	}
}

// A server that is silent is asked again soon, one that refuses the key later.
func TestFailuresArePlannedFrom(t *testing.T) {
	now := time.Now()
	silent, refused := laidDown(t, storage.NewMemory(), "key"), laidDown(t, storage.NewMemory(), "key")
	silent.Failed(errors.New("no answer"), false)
	refused.Failed(errors.New("unknown key"), true)
	a, b := silent.Next(now), refused.Next(now)
	if !a.After(now) || !b.After(a) {
		t.Errorf("silent: in %v, refused: in %v", a.Sub(now), b.Sub(now))
	}
}
