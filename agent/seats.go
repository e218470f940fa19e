package agent

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
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Several windows (processes, or agents in one process) of an application
// share one record. Which of them still lives is told by file locks, because
// the operating system releases those however a process ends:
//
//   - A shared seat has one lock file. Every window that uses the seat holds it
//     shared; the last one, which gets it exclusively, gives the seat back and
//     holds up new windows until that is done.
//   - With Config.SeatPerProcess windows are numbered, and each holds the lock
//     file of its number exclusively. Its seat is kept under that number. A
//     number with a seat and a free lock belonged to a window that died: the next
//     one to start takes the number and goes on with the seat; whatever else dead
//     windows left is closed before a window asks for its own.

// seats is this window's part in the seats of its client.
type seats struct {
	window  int                         // its number with Config.SeatPerProcess, from 1; else 0
	spread  float64                     // in [0, 1), keeps windows from renewing at one instant
	lock    atomic.Pointer[flock.Flock] // held while this window uses a seat
	joined  atomic.Bool                 // this window has begun to use a seat
	asked   atomic.Bool                 // the background job has called for the seat, in this process
	refused enforcement.Code            // the last conflict that was reported; guarded by the line
}

const (
	// maxWindows bounds the search for a free number.
	maxWindows = 1000
	// joinTimeout is how long a new window waits for another to give the shared
	// seat back.
	joinTimeout = 30 * time.Second
	joinPoll    = 20 * time.Millisecond
)

// SeatRefused says: the server refused a call for a floating seat for a reason that
// is not the seat: the licence takes no sessions (12000), or a mistake in the
// set-up of the product or the application. The state stays as it is. It comes
// once for each run of the same refusal.
type SeatRefused struct {
	Err error
}

func (SeatRefused) event() {}

// seatLock names a lock file: of the shared seat for window 0, else of a
// numbered window.
func (a *Agent) seatLock(window int) *flock.Flock {
	sum := sha256.Sum256([]byte(strings.ToLower(a.install.ClientID)))
	name := hex.EncodeToString(sum[:16]) + ".seat"
	if window > 0 {
		name += fmt.Sprintf("-%d", window)
	}
	return flock.New(filepath.Join(a.queue.folder, name), flock.SetPermissions(0o600))
}

// lockWindow takes a lock exclusively, if nobody has it.
func (a *Agent) lockWindow(window int) (lock *flock.Flock, ok bool, err error) {
	lock = a.seatLock(window)
	if ok, err = lock.TryLock(); err != nil || !ok {
		_ = lock.Close()
		return nil, false, err
	}
	return lock, true, nil
}

// numberWindow gives this window its number: one whose seat a dead window
// left, or the lowest that is free.
func (a *Agent) numberWindow(used []int) (int, error) {
	if !a.set.SeatPerProcess {
		return 0, nil
	}
	if err := os.MkdirAll(a.queue.folder, 0o700); err != nil {
		return 0, fmt.Errorf("the folder for this window's lock cannot be made: %w", err)
	}
	numbers := used
	for n := 1; n <= maxWindows; n++ {
		numbers = append(numbers, n)
	}
	for _, n := range numbers {
		lock, ok, err := a.lockWindow(n)
		if err != nil {
			return 0, fmt.Errorf("the lock of this window cannot be taken: %w", err)
		}
		if ok {
			a.seats.window = n
			a.seats.lock.Store(lock)
			return n, nil
		}
	}
	return 0, fmt.Errorf("%d windows are open already", maxWindows)
}

// joinSeat makes this window one that uses the seat. The caller holds the line.
func (a *Agent) joinSeat(ctx context.Context) {
	if a.set.ManualSessions || a.seats.lock.Load() != nil && a.seats.joined.Load() {
		return
	}
	if a.seats.window == 0 {
		lock := a.seatLock(0)
		ctx, cancel := context.WithTimeout(ctx, joinTimeout)
		defer cancel()
		err := os.MkdirAll(a.queue.folder, 0o700)
		if err == nil {
			_, err = lock.TryRLockContext(ctx, joinPoll)
		}
		if err != nil {
			// Without the lock another window may give the seat back too early, which
			// the next renewal mends.
			_ = lock.Close()
			a.log.Warn("the shared floating seat cannot be locked", "err", err)
		} else {
			a.seats.lock.Store(lock)
			a.ledger.Refresh(ctx) // whoever held the lock may have given the seat back
		}
	}
	a.seats.joined.Store(true)
}

// leaveSeat ends this window's claim on a shared seat, as the end of its
// process does.
func (a *Agent) leaveSeat() {
	if lock := a.seats.lock.Swap(nil); lock != nil {
		_ = lock.Close()
	}
}

// lastWindow reports whether no other window uses this window's seat, and if so
// keeps new ones waiting until it is released.
func (a *Agent) lastWindow() (release func(), last bool) {
	if a.seats.window != 0 {
		return func() {}, true
	}
	a.leaveSeat()
	lock, ok, err := a.lockWindow(0)
	if err != nil {
		a.log.Warn("the shared floating seat cannot be locked", "err", err)
	}
	if !ok {
		return nil, false
	}
	return func() { _ = lock.Close() }, true
}

// eraseSeats removes the lock files, after which Close leaves the seat to lapse.
func (a *Agent) eraseSeats() error {
	a.seats.joined.Store(false)
	a.leaveSeat()
	left, err := filepath.Glob(a.seatLock(0).Path() + "*")
	for _, path := range left {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// releaseSeat gives the seat back at the end of the process, unless it was
// taken by hand, is checked out for work off line, or another window still uses
// it. The caller holds the line.
func (a *Agent) releaseSeat(ctx context.Context) error {
	if !a.seats.joined.Load() {
		return nil
	}
	release, last := a.lastWindow()
	if !last {
		return nil
	}
	defer release()
	a.ledger.Refresh(ctx)
	k := a.knowledge()
	s := k.Seat
	switch {
	case s.SessionID == "":
	case k.SeatedAt(a.ledger.Now()):
		if s.Checkout == 0 {
			return a.closeSeat(ctx)
		}
	case s.Contact.Failures == 1, s.Contact.Failures == 0 && !s.Contact.Denied:
		// The seat may be taken though the answer that said so was lost.
		_ = a.closeSeat(ctx)
	}
	return nil
}

// sweepSeats gives back what windows that died have left; a seat that was taken
// by hand may be wanted. The caller holds the line.
func (a *Agent) sweepSeats(ctx context.Context) {
	if a.set.ManualSessions {
		return
	}
	for _, w := range a.knowledge().Windows {
		if w.Window == a.seats.window {
			continue
		}
		lock, dead, _ := a.lockWindow(w.Window)
		if !dead {
			continue
		}
		err := a.sweepSeat(ctx, w.Window)
		_ = lock.Close()
		if err != nil {
			return // the next renewal tries again
		}
	}
}

// sweepSeat does so for one window, whose lock the caller holds. It returns an
// error when the server could not be asked.
func (a *Agent) sweepSeat(ctx context.Context, window int) error {
	a.ledger.Refresh(ctx)
	k := a.knowledge()
	i := slices.IndexFunc(k.Windows, func(w record.WindowSeat) bool { return w.Window == window })
	if i < 0 {
		return nil // it gave its seat back before it let go of its lock
	}
	left := k.Windows[i]
	if left.Seat.Checkout > 0 && a.ledger.Now().Before(left.Session.ValidUntil) {
		return nil // checked out for work off line
	}
	if left.Seat.SessionID != "" {
		if err := a.closeSession(ctx, k, left.Seat); err != nil && !isConflict(err) {
			return err
		}
	}
	return a.ledger.Keep(ctx, func(k *record.Known) { k.Record = k.WithoutWindow(window) })
}
