package agent

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/leasehold-dev/leasehold/storage/filelock"
)

// A process that runs holds a lock file shared, because the operating system
// releases that however the process ends, and keeps a mark in the record. A mark
// that a start finds with the lock free is of a process that was killed: the time
// that it had not kept yet is charged. Who cannot lock, for instance in a folder of
// a network, counts as alone.

// running is this process's part in that.
type running struct {
	mu    sync.Mutex
	lock  *filelock.Lock // nil: not held
	begun bool
	over  bool // the work in the background has ended
}

// runLock names the lock file.
func (a *Agent) runLock() string { return strings.TrimSuffix(a.outbox.Path(), ".journal") + ".run" }

// keepLine keeps the line of trusted time, and at first marks that a process runs.
func (a *Agent) keepLine(ctx context.Context) error {
	a.running.mu.Lock()
	begin := !a.running.begun && !a.running.over
	a.running.mu.Unlock()
	switch {
	case !begin:
		return a.ledger.KeepLine()
	case a.ledger.Idle():
		return nil // there is nothing yet that it protects
	}
	alone := a.lockRun(ctx)
	return a.ledger.Begin(ctx, alone)
}

// lockRun takes the lock, and reports whether no other process has it.
func (a *Agent) lockRun(ctx context.Context) (alone bool) {
	a.running.mu.Lock()
	a.running.begun = true
	a.running.mu.Unlock()
	lock, alone, err := filelock.Take(a.runLock())
	lock.Release()
	if err == nil {
		// Others hold it alone for no longer than this does.
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		lock, err = filelock.TakeShared(ctx, a.runLock())
	}
	if err != nil {
		a.log.Warn("the lock of running processes cannot be used", "err", err)
		return true
	}
	a.running.mu.Lock()
	defer a.running.mu.Unlock()
	if a.running.over {
		lock.Release()
		return alone
	}
	a.running.lock = lock
	return alone
}

// leaveRun gives the lock up, and reports whether no other process has it.
func (a *Agent) leaveRun() (last bool) {
	a.running.mu.Lock()
	defer a.running.mu.Unlock()
	a.running.over = true
	lock := a.running.lock
	if a.running.lock = nil; lock == nil {
		return true
	}
	lock.Release()
	lock, last, err := filelock.Take(a.runLock())
	lock.Release()
	return last || err != nil
}

// nextLine says when to keep the line.
func (a *Agent) nextLine(now time.Time) time.Time {
	a.running.mu.Lock()
	begun := a.running.begun
	a.running.mu.Unlock()
	switch {
	case !begun && a.ledger.Idle():
		return time.Time{}
	case !begun:
		return now
	}
	return now.Add(max(a.ledger.NextKept(), 0))
}

// eraseRun removes the lock file.
func (a *Agent) eraseRun() error {
	a.leaveRun()
	if err := os.Remove(a.runLock()); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// reopen opens a journal that an earlier process may have left entries in.
func (a *Agent) reopen(ctx context.Context) {
	defer func() {
		if v := recover(); v != nil {
			a.log.Error("licence agent: opening the usage journal panicked", "panic", v)
		}
	}()
	a.outbox.Reopen(ctx)
	a.changed()
}
