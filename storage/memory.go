package storage

import (
	"bytes"
	"context"
	"fmt"
	"sync"

	"github.com/leasehold-dev/leasehold/internal/given"
)

// NewMemory returns a store that forgets everything when the process ends:
// for tests, and for a machine where nothing can be written.
func NewMemory() Store { return &memory{} }

type memory struct {
	mu    sync.Mutex
	last  uint64 // of all commits, so that Delete does not restart the numbers
	state State  // Sequence 0: nothing stored
}

func (m *memory) Kind() Kind { return KindMemory }

func (m *memory) Load(ctx context.Context) (State, error) {
	ctx = given.Context(ctx)
	if err := ctx.Err(); err != nil {
		return State{}, fmt.Errorf("storage: load: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.state.Sequence == 0 {
		return State{}, fmt.Errorf("storage: load: %w", ErrNotFound)
	}
	s := m.state
	s.Data = bytes.Clone(s.Data)
	return s, nil
}

func (m *memory) Commit(ctx context.Context, next State) (State, error) {
	ctx = given.Context(ctx)
	if err := ctx.Err(); err != nil {
		return State{}, fmt.Errorf("storage: commit: %w", err)
	}
	if len(next.Data) > MaxData {
		return State{}, fmt.Errorf("storage: commit: %w: %d bytes, at most %d", ErrTooLarge, len(next.Data), MaxData)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if next.Sequence != m.state.Sequence {
		return State{}, fmt.Errorf("storage: commit: %w: based on %d, stored is %d", ErrConflict, next.Sequence, m.state.Sequence)
	}
	m.last++
	m.state = normal(next)
	m.state.Sequence = m.last
	m.state.RestoredCopy = false
	m.state.Data = bytes.Clone(next.Data)
	done := m.state
	done.Data = next.Data
	return done, nil
}

func (m *memory) Delete(ctx context.Context) error {
	ctx = given.Context(ctx)
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("storage: delete: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.state = State{}
	return nil
}

// normal gives times the form in which a record returns them.
func normal(s State) State {
	s.HighWater = s.HighWater.Round(0).UTC()
	s.ServerTime = s.ServerTime.Round(0).UTC()
	return s
}
