package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/clock"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/internal/view"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/internal/logging"
	"github.com/leasehold-dev/leasehold/storage"
)

// Config is what a ledger needs. All fields are required but for the hooks.
type Config struct {
	Store  storage.Store
	Opener record.Opener
	Policy *enforcement.Policy
	Wall   func() time.Time // the wall clock; nil: the system's
	Logger logging.Logger

	// Number draws this window's number, 0 where all windows share one seat,
	// from those that have a seat in the record. nil is 0.
	Number func(used []int) (int, error)
	// Drifted says that the device ID is not the one that the licence was
	// activated under.
	Drifted func() bool

	// Changed is told of each change of the view, in order. It must not call the
	// ledger.
	Changed func(old, now *view.View)
	// Unkept is told when something could not be kept; once, until something is
	// kept again. It must not call the ledger.
	Unkept func(error)
}

// A Ledger keeps what is known. Make it with [Open]. It is safe for concurrent
// use.
type Ledger struct {
	Config
	window  int
	clock   *clock.Clock
	started time.Time                  // trusted time
	born    time.Time                  // origin of the running time
	resumed atomic.Pointer[resumption] // nil: not yet
	view    atomic.Pointer[view.View]

	worth atomic.Bool // something is kept or is to be: see Idle
	run   run

	announcing sync.Mutex // held while Changed runs
	announced  *view.View // what it was last told of

	mu        turn // guards what follows; held while the store works
	state     storage.State
	witnessed bool                  // state is only a witness of one that is out of reach
	unkept    []func(*record.Known) // what was learned and is not kept where it lasts, oldest first
}

// turn is a mutex that is a channel: whoever waits while the store waits for
// another process is at rest, also for package synctest.
type turn chan struct{}

func (t turn) Lock()   { t <- struct{}{} }
func (t turn) Unlock() { <-t }

const (
	// keepTimeout bounds how long the store may take to keep an answer.
	keepTimeout = 15 * time.Second
	// maxUnkept bounds what is remembered to be kept later.
	maxUnkept = 64
)

// Open reads what is kept and starts the clock from it. The only errors are those
// of ctx and of Config.Number. What is damaged or foreign leaves no licence, what
// is out of reach one that is vouched for, if anything vouches for it, and both a
// problem to report.
func Open(ctx context.Context, c Config) (l *Ledger, problem, err error) {
	l = &Ledger{Config: c, born: time.Now(), mu: make(turn, 1)}
	st, err := l.Store.Load(ctx)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		st = storage.State{}
	case errors.Is(err, storage.ErrUnavailable) && ctx.Err() == nil:
		problem, l.witnessed = err, true
	case storage.Unreadable(err):
		st, problem = storage.State{}, err
	case err != nil:
		return nil, nil, fmt.Errorf("the kept licence cannot be read: %w", err)
	}
	rec, bad := record.Decode(st.Data)
	problem = errors.Join(problem, bad)
	if l.witnessed {
		rec.Vouched = st.ServerTime
	}
	if l.Number != nil {
		var used []int
		for _, w := range rec.Windows {
			used = append(used, w.Window)
		}
		if l.window, err = l.Number(used); err != nil {
			return nil, nil, err
		}
	}
	l.startClock(st, rec)
	if bad == nil {
		// Otherwise the first attempt to write finds it unread, and has it set aside.
		l.state = st
		l.worth.Store(st.Sequence != 0)
	}
	return l, errors.Join(problem, l.begin(rec)), nil
}

// begin publishes what a record proves to this window.
func (l *Ledger) begin(rec *record.Record) error {
	k, err := l.open(rec)
	l.publish(&k)
	return err
}

// open finds out what a record proves to this window.
func (l *Ledger) open(rec *record.Record) (record.Known, error) {
	k, err := l.Opener.Open(rec.ForWindow(l.window), l.Drifted(), l.Now())
	k.Counted = l.ran()
	return k, err
}

// Learn folds what was learned into the newest record, keeps it, publishes the
// view that follows, and returns what the fold found there. fold may run more than
// once, also later in another goroutine, and must change nothing but the
// knowledge it is given.
//
// What the server said must be kept even if the caller has just given up, so ctx
// only lends its values. What cannot be kept counts all the same for this
// process; the error then says so.
func Learn[T any](ctx context.Context, l *Ledger, fold func(*record.Known) T) (found T, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTimeout)
	defer cancel()
	err = l.learn(ctx, func(k *record.Known) { found = fold(k) }, func(k *record.Known) { fold(k) })
	return found, err
}

// Keep is [Learn] for a fold that has nothing to tell.
func (l *Ledger) Keep(ctx context.Context, fold func(*record.Known)) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTimeout)
	defer cancel()
	return l.learn(ctx, fold, fold)
}

// learn keeps what fold makes of what is known; later is the same for when that
// must be done again after learn has returned.
func (l *Ledger) learn(ctx context.Context, fold, later func(*record.Known)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	st, next, err := l.commit(ctx, fold)
	if err == nil {
		l.state, l.witnessed = st, false
		if l.Unlasting() != nil {
			l.remember(later)
		} else {
			l.unkept = nil
		}
		l.worth.Store(true)
		l.publish(next)
		return nil
	}
	next = l.ownKnown()
	next.CountSeatless(l.ran(), l.Now(), 0)
	fold(next)
	err = fmt.Errorf("what was learned cannot be kept and holds only until the application ends: %w", err)
	l.Logger.Warn("licence state could not be kept", "err", err)
	if len(l.unkept) == 0 && l.Unkept != nil {
		l.Unkept(err)
	}
	l.remember(later)
	l.worth.Store(true)
	l.publish(next)
	return err
}

// remember keeps what was learned for when the record of another process is found
// in its place. The caller holds mu.
func (l *Ledger) remember(fold func(*record.Known)) {
	if l.unkept = append(l.unkept, fold); len(l.unkept) > maxUnkept {
		l.unkept = l.unkept[1:]
	}
}

// commit stores what fold makes of the newest record, and returns what is stored
// and what that proves. The caller holds mu.
func (l *Ledger) commit(ctx context.Context, fold func(*record.Known)) (st storage.State, next *record.Known, err error) {
	st, err = storage.Update(ctx, l.Store, func(st storage.State) (storage.State, error) {
		if next, err = l.upToDate(st); err != nil {
			return st, err
		}
		return l.extend(st, next, fold)
	})
	switch {
	case errors.Is(err, storage.ErrOutOfReach):
		// Of what is out of reach the store knows whether this process has seen it.
		st = l.state
	case storage.Unreadable(err):
		// The store sets unreadable bytes aside before it replaces them.
		st = storage.State{}
	default:
		return st, next, err
	}
	next = l.ownKnown()
	if st, err = l.extend(st, next, fold); err == nil {
		st, err = l.Store.Commit(ctx, st)
	}
	return st, next, err
}

// extend applies fold to what is known, and returns it as what is to be stored
// in the place of st.
func (l *Ledger) extend(st storage.State, next *record.Known, fold func(*record.Known)) (_ storage.State, err error) {
	next.CountSeatless(l.ran(), l.Now(), 0)
	fold(next)
	l.noteClock(&st, &next.Record)
	if !next.License.IsZero() {
		next.Vouched = time.Time{}
	}
	if st.Data, err = next.WithWindow(l.window).Encode(); err != nil {
		return st, fmt.Errorf("the state cannot be written as JSON: %w", err)
	}
	if next.OnlyVouched() {
		st.ServerTime = time.Time{}
	}
	st.ServerTime = record.Latest(st.ServerTime, next.Rank())
	if leads := next.Clock.Signed; st.RestoredCopy && len(leads) > 0 {
		// One answer heals a restored copy, also one that is far ahead of it.
		st.ServerTime = record.Latest(st.ServerTime, leads[len(leads)-1].Last)
	}
	return st, nil
}

// upToDate returns what is known with what other processes of the application
// have stored: their record, and on it what this process could not keep. A
// record that was removed or damaged meanwhile says nothing against what is
// known.
func (l *Ledger) upToDate(st storage.State) (*record.Known, error) {
	if len(st.Data) == 0 || l.holds(st) {
		return l.ownKnown(), nil
	}
	return l.takeOver(st)
}

// takeOver is upToDate where another process has stored something. It takes more stack
// than all else that keeps a record.
func (l *Ledger) takeOver(st storage.State) (*record.Known, error) {
	rec, err := record.Decode(st.Data)
	if err != nil {
		// The store sets it aside, and what is known here takes its place.
		return nil, fmt.Errorf("%w: %w", storage.ErrNewerFormat, err)
	}
	l.clock.Adopt(clockOf(st, rec))
	k, _ := l.open(rec)
	own := l.ownKnown()
	own.CountSeatless(l.ran(), l.Now(), 0)
	k.GoOnCounting(own)
	for _, fold := range l.unkept {
		fold(&k)
	}
	return &k, nil
}

// holds reports whether st is what this process knows: it is not if another
// process has committed since, or if a keyring answers again that has something
// newer than what was kept without it.
func (l *Ledger) holds(st storage.State) bool {
	return !l.witnessed && st.Sequence == l.state.Sequence && !st.ServerTime.After(l.state.ServerTime)
}

// Refresh takes over what another process of the application stored.
func (l *Ledger) Refresh(ctx context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	st, err := l.Store.Load(ctx)
	if err != nil || l.holds(st) {
		return
	}
	k, err := l.upToDate(st)
	if err != nil {
		return
	}
	l.state, l.witnessed = st, false
	l.worth.Store(true)
	l.publish(k)
}

// Flush keeps the high-water mark of the clock, if there is anything it
// protects.
func (l *Ledger) Flush() error {
	if l.Idle() {
		return nil
	}
	return l.Keep(context.Background(), func(*record.Known) {})
}

// Idle reports that there is nothing that is worth keeping.
func (l *Ledger) Idle() bool { return !l.worth.Load() }

// Erase removes the record. What is known stays known to this process.
func (l *Ledger) Erase(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.Store.Delete(ctx)
	l.state, l.unkept, l.witnessed = storage.State{}, nil, false
	l.worth.Store(false)
	return err
}

// Unsaved counts what was learned and could not be kept.
func (l *Ledger) Unsaved() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.unkept)
}

// Window is this window's number; 0 where all share one seat.
func (l *Ledger) Window() int { return l.window }
