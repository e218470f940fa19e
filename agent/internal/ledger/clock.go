package ledger

import (
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/clock"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/internal/view"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/storage"
)

// startClock has the clock go on from what was kept.
func (l *Ledger) startClock(st storage.State, rec *record.Record) {
	l.clock = clock.New(clock.Config{State: clockOf(st, rec), Source: clock.Source{Wall: l.Wall}})
	l.started = l.Now()
}

// clockOf is the condition of the clock in a record, also in one that was written
// before the record had it whole.
func clockOf(st storage.State, rec *record.Record) clock.State {
	s := rec.Clock
	if s.Confirmed.IsZero() && s.RolledBackSince.IsZero() && s.Pending == (clock.Pending{}) && s.Restarts == 0 {
		s.Confirmed, s.RolledBackSince, s.Correction = st.ServerTime, rec.Facts.Clock.RolledBackSince, rec.ClockCorrection
	}
	s.Mark = record.Latest(s.Mark, st.HighWater)
	switch {
	case !st.RestoredCopy:
		s.RestoredSince = time.Time{}
	case s.RestoredSince.IsZero():
		// An older copy of the record is as suspect as a clock that was set back.
		s.RestoredSince = s.Mark
	}
	if st.RestoredCopy {
		s.Confirmed = record.Latest(s.Confirmed, st.ServerTime)
	}
	return s
}

// Now is the trusted time: never behind a confirmed answer of the server or
// behind what was seen here.
func (l *Ledger) Now() time.Time { return l.clock.Now().Time }

// Aged is the time that decisions are made for, see [clock.Reading].
func (l *Ledger) Aged() time.Time { return l.clock.Now().Aged }

// Reading is what the clock shows.
func (l *Ledger) Reading() view.Reading {
	now := l.clock.Now()
	return view.Reading{
		Now: now.Time, Charge: now.Aged.Sub(now.Time), RolledBackSince: now.RolledBackSince, Trusts: now.Trusts, Ahead: now.Ahead, Settles: now.Settles, Granted: now.Granted,
		Ran: l.ran(), ResumedAt: l.resumedAt(now.Time),
	}
}

// ran is how long this process has had the ledger.
func (l *Ledger) ran() time.Duration { return time.Since(l.born) }

// Resume notes that the host has been started, or that the machine was asleep
// for a time that does not count: see [record.Known.CountSeatless].
func (l *Ledger) Resume(now time.Time, slept time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := l.ownKnown()
	k.CountSeatless(l.ran(), now, slept)
	l.resumed.Store(&resumption{at: now, ran: l.ran()})
	l.publish(k)
}

// A resumption is when the host started or the machine woke last.
type resumption struct {
	at  time.Time     // trusted time
	ran time.Duration // running time
}

// resumedAt is when that was, zero for never. Where the clock was ahead then, and
// has been put right, the running time tells how long ago it was: an instant that
// stays in the future would be a start that never ends.
func (l *Ledger) resumedAt(now time.Time) time.Time {
	r := l.resumed.Load()
	if r == nil {
		return time.Time{}
	}
	if r.at.After(now) {
		right := &resumption{at: now.Add(r.ran - l.ran()), ran: r.ran}
		l.resumed.CompareAndSwap(r, right)
		return right.at
	}
	return r.at
}

// Started is the trusted time at which the ledger was opened.
func (l *Ledger) Started() time.Time { return l.started }

// ServerTime says what the server's clock was at the last answer and where it
// can be now at most, and which signed answers are from before.
func (l *Ledger) ServerTime() slascone.Known {
	k := l.Known()
	known := k.ServerTime(l.Now())
	known.Outdated = l.clock.Outdated
	return known
}

// Outdated reports whether an answer with a signed time is one from before, and
// which accepted one says so.
func (l *Ledger) Outdated(t time.Time) (accepted time.Time, outdated bool) {
	return l.clock.Outdated(t)
}

// Unconfirmed reports whether the last answer was so far behind the wall clock, on
// a machine that nothing else is known of, that another must confirm it.
func (l *Ledger) Unconfirmed() bool { return l.clock.Unconfirmed() }

// SetClock sets the clock by a fresh signed server time.
func (l *Ledger) SetClock(t time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clock.ServerTime(t)
}

// RestartClock forgets what the clock knows, as on a machine that nothing is
// known of.
func (l *Ledger) RestartClock() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clock.Restart()
}

// SetClockByFile sets the clock by the time at which an imported file was signed.
// That it was signed shows that the time has been reached, but not that it is
// now, unless nothing newer was ever seen.
func (l *Ledger) SetClockByFile(signed time.Time) {
	k := l.Known()
	fresh := signed.After(record.Latest(k.Accepted(), k.ProvenOnline()))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clock.SignedTime(signed, fresh)
}

// noteClock writes the condition of the clock into what is about to be kept.
func (l *Ledger) noteClock(st *storage.State, r *record.Record) {
	own := l.clock.State()
	st.HighWater = own.Mark
	own.Mark = time.Time{} // which is the store's high-water mark
	r.Clock, r.ClockCorrection, r.Seen = own, 0, time.Time{}
	r.Facts.Clock.RolledBackSince = own.RolledBackSince
	if kept, running := l.run.keeps(); running {
		r.Run = record.Run{Open: true, Kept: kept}
	}
}
