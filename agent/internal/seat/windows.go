package seat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

const (
	// maxWindows bounds the search for a free number.
	maxWindows = 1000
	// joinTimeout is how long a new window waits for another to give the shared
	// seat back.
	joinTimeout = 30 * time.Second
	joinPoll    = 20 * time.Millisecond
)

// lockFile names a lock file: of the shared seat for window 0, else of a
// numbered window.
func (h *Holder) lockFile(window int) *flock.Flock {
	sum := sha256.Sum256([]byte(strings.ToLower(h.ClientID)))
	name := hex.EncodeToString(sum[:16]) + ".seat"
	if window > 0 {
		name += fmt.Sprintf("-%d", window)
	}
	return flock.New(filepath.Join(h.Folder, name), flock.SetPermissions(0o600))
}

// lock takes a lock exclusively, if nobody has it.
func (h *Holder) lock(window int) (lock *flock.Flock, ok bool, err error) {
	lock = h.lockFile(window)
	if ok, err = lock.TryLock(); err != nil || !ok {
		_ = lock.Close()
		return nil, false, err
	}
	return lock, true, nil
}

// Number gives this window its number: one whose seat a dead window
// left, or the lowest that is free.
func (h *Holder) Number(used []int) (int, error) {
	if !h.PerProcess {
		return 0, nil
	}
	if err := os.MkdirAll(h.Folder, 0o700); err != nil {
		return 0, fmt.Errorf("the folder for this window's lock cannot be made: %w", err)
	}
	numbers := slices.Clone(used)
	for n := 1; n <= maxWindows; n++ {
		numbers = append(numbers, n)
	}
	for _, n := range numbers {
		lock, ok, err := h.lock(n)
		if err != nil {
			return 0, fmt.Errorf("the lock of this window cannot be taken: %w", err)
		}
		if ok {
			h.window = n
			h.held.Store(lock)
			return n, nil
		}
	}
	return 0, fmt.Errorf("%d windows are open already", maxWindows)
}

// Leave ends this window's claim on a shared seat, as the end of its
// process does.
func (h *Holder) Leave() {
	if lock := h.held.Swap(nil); lock != nil {
		_ = lock.Close()
	}
}

// last reports whether no other window uses this window's seat, and if so
// keeps new ones waiting until it is released.
func (h *Holder) last() (release func(), last bool) {
	if h.window != 0 {
		return func() {}, true
	}
	h.Leave()
	lock, ok, err := h.lock(0)
	if err != nil {
		h.Logger.Warn("the shared floating seat cannot be locked", "err", err)
	}
	if !ok {
		return nil, false
	}
	return func() { _ = lock.Close() }, true
}

// Erase removes the lock files, after which Close leaves the seat to lapse.
func (h *Holder) Erase() error {
	h.joined.Store(false)
	h.Leave()
	left, err := filepath.Glob(h.lockFile(0).Path() + "*")
	for _, path := range left {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// join makes this window one that uses the seat. The caller has the turn.
func (h *Holder) join(ctx context.Context) {
	if h.Manual || h.held.Load() != nil && h.joined.Load() {
		return
	}
	if h.window == 0 {
		lock := h.lockFile(0)
		ctx, cancel := context.WithTimeout(ctx, joinTimeout)
		defer cancel()
		err := os.MkdirAll(h.Folder, 0o700)
		if err == nil {
			_, err = lock.TryRLockContext(ctx, joinPoll)
		}
		if err != nil {
			// Without the lock another window may give the seat back too early, which
			// the next renewal mends.
			_ = lock.Close()
			h.Logger.Warn("the shared floating seat cannot be locked", "err", err)
		} else {
			h.held.Store(lock)
			h.Ledger.Refresh(ctx) // whoever held the lock may have given the seat back
		}
	}
	h.joined.Store(true)
}
