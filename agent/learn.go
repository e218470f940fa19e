package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/clock"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/storage"
)

// know opens a record for this window.
func (a *Agent) know(rec record.Record) (record.Known, error) {
	return a.opener.Open(rec.ForWindow(a.seats.window), a.drift.Load() != nil, a.clock.Now().Time)
}

// load reads what is kept and starts the clock from it. Only a store that
// cannot be read or written right now is an error. What is damaged or foreign
// leaves the agent without a licence, what is out of reach with one that is
// vouched for, and both with a problem to report.
func (a *Agent) load(ctx context.Context) (k record.Known, problem, err error) {
	st, err := a.store.Load(ctx)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		st = storage.State{}
	case errors.Is(err, storage.ErrOutOfReach):
		problem, a.unseen = err, true
	case unreadable(err):
		st, problem = storage.State{}, err
	case err != nil:
		return k, nil, fmt.Errorf("agent: the kept licence cannot be read: %w", err)
	}
	rec, bad := record.Decode(st.Data)
	problem = errors.Join(problem, bad)
	if a.unseen {
		rec.Vouched = st.ServerTime
	}
	if err := a.numberWindow(rec); err != nil {
		return k, nil, err
	}

	since := rec.Facts.Clock.RolledBackSince
	if st.RestoredCopy && since.IsZero() {
		// An older copy of the record is as suspect as a clock that was set back.
		since = st.HighWater
	}
	a.clock = clock.New(clock.Config{
		State:  clock.State{Mark: st.HighWater, RolledBackSince: since, Correction: rec.ClockCorrection},
		Source: clock.Source{Wall: a.set.Now},
	})
	a.started = a.clock.Now().Time
	if bad == nil {
		// Otherwise each attempt to write finds it unread, and leaves it alone.
		a.state, a.settled = st, st.ServerTime
	}
	k, bad = a.know(rec)
	return k, errors.Join(problem, bad), nil
}

// learn folds what was learned into the newest record, keeps it, and publishes
// the decision that follows. fold may run more than once and must change
// nothing but the knowledge it is given.
//
// What cannot be kept counts all the same for this process; the error then
// says so.
func (a *Agent) learn(ctx context.Context, fold func(*record.Known)) error {
	a.mu.Lock()
	defer a.mu.Unlock()

	var next record.Known
	extend := func(st storage.State, base record.Known) (_ storage.State, err error) {
		fold(&base)
		a.noteClock(&st, &base.Record)
		if !base.Licence.IsZero() {
			base.Vouched = time.Time{}
		}
		next = base
		if st.Data, err = base.Record.WithWindow(a.seats.window).Encode(); err != nil {
			return st, fmt.Errorf("the state cannot be written as JSON: %w", err)
		}
		if base.OnlyVouched() {
			st.ServerTime = time.Time{}
		}
		st.ServerTime = record.Latest(st.ServerTime, base.Rank())
		return st, nil
	}
	st, err := storage.Update(ctx, a.store, func(st storage.State) (storage.State, error) {
		base, err := a.upToDate(st)
		if err != nil {
			return st, err
		}
		return extend(st, base)
	})
	if outOfReach := errors.Is(err, storage.ErrOutOfReach); outOfReach || unreadable(err) {
		// The store sets unreadable bytes aside before it replaces them. Of what is
		// out of reach it knows whether this process has seen it.
		var base storage.State
		if outOfReach {
			base = a.state
		}
		if st, err = extend(base, a.knowledge()); err == nil {
			st, err = a.store.Commit(ctx, st)
		}
	}
	if err == nil {
		a.state, a.unkept, a.clockSet, a.unseen = st, nil, false, false
		if next.OnlyVouched() {
			a.settled = record.Latest(a.settled, st.ServerTime) // of a No, which sets no clock
		}
		a.publish(next)
		return nil
	}
	next = a.knowledge()
	fold(&next)
	err = fmt.Errorf("what was learned cannot be kept and holds only until the application ends: %w", err)
	a.log.Warn("licence state could not be kept", "err", err)
	if len(a.unkept) == 0 {
		a.events.publish(StoreFailed{Err: err})
	}
	if a.unkept = append(a.unkept, fold); len(a.unkept) > maxUnkept {
		a.unkept = a.unkept[1:]
	}
	a.publish(next)
	return err
}

// maxUnkept bounds what is remembered to be kept later.
const maxUnkept = 64

// upToDate returns what is known with what other processes of the application
// have stored: their record, and on it what this process could not keep. A
// record that was removed or damaged meanwhile says nothing against what is
// known.
func (a *Agent) upToDate(st storage.State) (record.Known, error) {
	if st.Sequence == 0 || a.holds(st) {
		return a.knowledge(), nil
	}
	rec, err := record.Decode(st.Data)
	if err != nil {
		return record.Known{}, err
	}
	k, _ := a.know(rec)
	for _, fold := range a.unkept {
		fold(&k)
	}
	return k, nil
}

// holds reports whether st is what this process knows: it is not if another
// process has committed since, or if a keyring answers again that has something
// newer than what was kept without it.
func (a *Agent) holds(st storage.State) bool {
	return !a.unseen && st.Sequence == a.state.Sequence && !st.ServerTime.After(a.state.ServerTime)
}

// refreshKnown takes over what another process of the application stored.
func (a *Agent) refreshKnown(ctx context.Context) {
	a.mu.Lock()
	defer a.mu.Unlock()
	st, err := a.store.Load(ctx)
	if err != nil || a.holds(st) {
		return
	}
	k, err := a.upToDate(st)
	if err != nil {
		return
	}
	a.state, a.unseen = st, false
	a.publish(k)
}

// setClock sets the clock by a fresh signed server time.
func (a *Agent) setClock(t time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.clock.ServerTime(t)
	a.settled, a.clockSet = t, true
}

// noteClock writes the condition of the clock into what is about to be kept.
// Of two processes, the one whose clock was set by the newer answer knows
// better: the other may still have a mark that stands too high.
func (a *Agent) noteClock(st *storage.State, r *record.Record) {
	own := a.clock.State()
	switch {
	case a.clockSet:
		st.HighWater = own.Mark
	case st.ServerTime.After(a.settled):
		r.Facts.Clock.RolledBackSince = time.Time{}
		return
	default:
		st.HighWater = record.Latest(st.HighWater, own.Mark)
	}
	r.Facts.Clock.RolledBackSince, r.ClockCorrection = own.RolledBackSince, own.Correction
}

func unreadable(err error) bool {
	return errors.Is(err, storage.ErrDamaged) || errors.Is(err, storage.ErrForeign) || errors.Is(err, storage.ErrNewerFormat)
}
