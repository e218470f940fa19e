// Package process knows whether other processes of the application run here, and
// has the ledger keep the line of trusted time while this one does.
//
// A process that runs holds a lock file shared, because the operating system
// releases that however the process ends, and keeps a mark in the record. A mark
// that a start finds with the lock free is of a process that was killed: the time
// that it had not kept yet is charged. Whoever cannot lock, for instance in a
// folder of a network, counts as alone.
package process

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/ledger"
	"github.com/leasehold-dev/leasehold/internal/logging"
	"github.com/leasehold-dev/leasehold/storage/filelock"
)

// A Process is this process's part in that. Make it with [New]. It is safe for
// concurrent use.
type Process struct {
	Config
	mu    sync.Mutex
	lock  *filelock.Lock // nil: not held
	begun bool
	over  bool // the work in the background has ended
}

// Config is what a Process needs. All fields are required.
type Config struct {
	Ledger *ledger.Ledger
	Path   func() string // of the lock file
	Logger logging.Logger
}

// New returns a Process that has not begun.
func New(c Config) *Process { return &Process{Config: c} }

// Keep keeps the line of trusted time, and at first marks that a process runs.
func (p *Process) Keep(ctx context.Context) error {
	p.mu.Lock()
	begin := !p.begun && !p.over
	p.mu.Unlock()
	switch {
	case !begin:
		return p.Ledger.KeepLine()
	case p.Ledger.Idle():
		return nil // there is nothing yet that it protects
	}
	alone := p.enter(ctx)
	return p.Ledger.Begin(ctx, alone)
}

// Next says when to keep the line; zero for never.
func (p *Process) Next(now time.Time) time.Time {
	p.mu.Lock()
	begun := p.begun
	p.mu.Unlock()
	switch {
	case !begun && p.Ledger.Idle():
		return time.Time{}
	case !begun:
		return now
	}
	return now.Add(max(p.Ledger.NextKept(), 0))
}

// enter takes the lock, and reports whether no other process has it.
func (p *Process) enter(ctx context.Context) (alone bool) {
	p.mu.Lock()
	p.begun = true
	p.mu.Unlock()
	lock, alone, err := filelock.Take(p.Path())
	lock.Release()
	if err == nil {
		// Others hold it alone for no longer than this does.
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		lock, err = filelock.TakeShared(ctx, p.Path())
	}
	if err != nil {
		p.Logger.Warn("the lock of running processes cannot be used", "err", err)
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		lock.Release()
		return alone
	}
	p.lock = lock
	return alone
}

// Leave gives the lock up, and reports whether no other process has it.
func (p *Process) Leave() (last bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	lock := p.lock
	if p.lock = nil; lock == nil {
		return true
	}
	lock.Release()
	lock, last, err := filelock.Take(p.Path())
	lock.Release()
	return last || err != nil
}

// Erase leaves, and removes the lock file.
func (p *Process) Erase() error {
	p.Leave()
	if err := os.Remove(p.Path()); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
