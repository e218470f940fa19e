// Package filelock tells processes that live from those that died: a lock that
// stands for something is held by a process until it ends, however it ends.
//
// A lock file holds nothing. What is found in its place and cannot be used (a
// pipe, a link, a file of somebody else) is removed; nothing is waited for or
// followed. Where the file system has no locks, or nothing can be written, there
// is an error, and the caller must do without.
package filelock

import (
	"context"
	"path/filepath"
	"time"

	"github.com/leasehold-dev/leasehold/internal/given"
	"github.com/leasehold-dev/leasehold/storage/internal/durable"
)

// Rejected, see docs/designs.md: Locking files that hold a process ID.

// Lock is a lock that is held.
type Lock struct {
	release func()
}

// Release gives the lock back. It may be called on nil, and twice.
func (l *Lock) Release() {
	if l != nil && l.release != nil {
		l.release()
		l.release = nil
	}
}

// Take takes the lock for which the file at path stands, if nobody holds it; ok is
// false if somebody does. The folder and the file are made if need be.
func Take(path string) (l *Lock, ok bool, err error) {
	return take(path, durable.TryLock)
}

// TakeShared takes the lock beside others who do so, waiting for whoever holds it
// alone, until ctx ends.
func TakeShared(ctx context.Context, path string) (*Lock, error) {
	ctx = given.Context(ctx)
	const poll = 20 * time.Millisecond
	for {
		l, ok, err := take(path, durable.TryLockBeside)
		if ok || err != nil {
			return l, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(poll):
		}
	}
}

func take(path string, try func(string) (func(), bool, error)) (*Lock, bool, error) {
	if err := durable.MakeFolder(filepath.Dir(path)); err != nil {
		return nil, false, err
	}
	release, ok, err := try(path)
	if err != nil || !ok {
		return nil, false, err
	}
	return &Lock{release}, true, nil
}
