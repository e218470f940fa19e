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

	"github.com/leasehold-dev/leasehold/storage/filelock"
)

const (
	// maxWindows bounds the search for a free number.
	maxWindows = 1000
	// joinTimeout is how long a new window waits for another to give the shared
	// seat back.
	joinTimeout = 30 * time.Second
)

// lockFile names a lock file: of the shared seat for window 0, else of a
// numbered window.
func (h *Holder) lockFile(window int) string {
	sum := sha256.Sum256([]byte(strings.ToLower(h.ClientID)))
	name := hex.EncodeToString(sum[:16]) + ".seat"
	if window > 0 {
		name += fmt.Sprintf("-%d", window)
	}
	return filepath.Join(h.Folder, name)
}

// lock takes a lock exclusively, if nobody has it.
func (h *Holder) lock(window int) (lock *filelock.Lock, ok bool, err error) {
	return filelock.Take(h.lockFile(window))
}

// Number gives this window its number: one whose seat a dead window
// left, or the lowest that is free.
func (h *Holder) Number(used []int) (int, error) {
	if !h.PerProcess {
		return 0, nil
	}
	numbers := slices.Clone(used)
	for n := 1; n <= maxWindows; n++ {
		numbers = append(numbers, n)
	}
	for _, n := range numbers {
		lock, ok, err := h.lock(n)
		if err != nil {
			// No lock is to be had: windows then share a number, and a seat.
			h.Logger.Warn("this window cannot be told from others", "err", err)
		}
		if ok || err != nil {
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
	h.held.Swap(nil).Release()
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
		// Nobody can be told from anybody; a seat that others use they take again.
		h.Logger.Warn("the shared floating seat cannot be locked", "err", err)
		return func() {}, true
	}
	if !ok {
		return nil, false
	}
	return lock.Release, true
}

// Erase removes the lock files, after which Close leaves the seat to lapse.
func (h *Holder) Erase() error {
	h.joined.Store(false)
	h.Leave()
	left, err := filepath.Glob(h.lockFile(0) + "*")
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
		ctx, cancel := context.WithTimeout(ctx, joinTimeout)
		defer cancel()
		lock, err := filelock.TakeShared(ctx, h.lockFile(0))
		if err != nil {
			// Without the lock another window may give the seat back too early, which
			// the next renewal mends.
			h.Logger.Warn("the shared floating seat cannot be locked", "err", err)
		} else {
			h.held.Store(lock)
			h.Ledger.Refresh(ctx) // whoever held the lock may have given the seat back
		}
	}
	h.joined.Store(true)
}
