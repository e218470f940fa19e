package ledger

import (
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/clock"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/internal/view"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/storage"
)

// startClock starts the clock from what was kept.
func (l *Ledger) startClock(st storage.State, rec record.Record) {
	since := rec.Facts.Clock.RolledBackSince
	if st.RestoredCopy && since.IsZero() {
		// An older copy of the record is as suspect as a clock that was set back.
		since = st.HighWater
	}
	l.clock = clock.New(clock.Config{
		State:  clock.State{Mark: st.HighWater, RolledBackSince: since, Correction: rec.ClockCorrection},
		Source: clock.Source{Wall: l.Wall},
	})
	l.started = l.Now()
}

// Now returns the trusted time.
func (l *Ledger) Now() time.Time { return l.clock.Now().Time }

// Reading returns the trusted time and whether the clock was turned back.
func (l *Ledger) Reading() view.Reading {
	now := l.clock.Now()
	return view.Reading{Now: now.Time, RolledBackSince: now.RolledBackSince, Ran: l.ran(), ResumedAt: l.resumedAt(now.Time)}
}

// ran is how long this process has had the ledger.
func (l *Ledger) ran() time.Duration { return time.Since(l.born) }

// Resume notes that the host has been started, or that the machine was asleep
// for a time that does not count: see [record.Known.CountSeatless].
func (l *Ledger) Resume(now time.Time, slept time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := l.Known()
	k.CountSeatless(l.ran(), now, slept)
	l.resumed.Store(now.UnixNano())
	l.publish(k)
}

// resumedAt is when that was, zero for never.
func (l *Ledger) resumedAt(now time.Time) time.Time {
	nanos := l.resumed.Load()
	if nanos == 0 {
		return time.Time{}
	}
	at := time.Unix(0, nanos).UTC()
	if at.After(now) { // the clock was ahead
		return now
	}
	return at
}

// Started is when the ledger was opened, in trusted time.
func (l *Ledger) Started() time.Time { return l.started }

// ServerTime says what the server's clock was at the last answer about the
// licence and where it can be now at most.
func (l *Ledger) ServerTime() slascone.Known {
	k := l.Known()
	return k.ServerTime(l.Now())
}

// SetClock sets the clock by a fresh signed server time.
func (l *Ledger) SetClock(t time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clock.ServerTime(t)
	l.settled, l.clockSet = t, true
}

// SetClockByFile sets the clock by the time at which an imported file was signed.
// That it was signed shows that the time has been reached, but not that it is
// now, unless nothing newer was ever seen.
func (l *Ledger) SetClockByFile(signed time.Time) {
	k := l.Known()
	fresh := signed.After(record.Latest(k.Seen, k.ProvenOnline()))
	l.mu.Lock()
	defer l.mu.Unlock()
	if fresh && l.clock.Now().RolledBack() {
		l.settled, l.clockSet = signed, true
	}
	l.clock.SignedTime(signed, fresh)
}

// noteClock writes the condition of the clock into what is about to be kept.
// Of two processes, the one whose clock was set by the newer answer knows
// better: the other may still have a mark that stands too high.
func (l *Ledger) noteClock(st *storage.State, r *record.Record) {
	own := l.clock.State()
	switch {
	case l.clockSet:
		st.HighWater = own.Mark
	case st.ServerTime.After(l.settled):
		r.Facts.Clock.RolledBackSince = time.Time{}
		return
	default:
		st.HighWater = record.Latest(st.HighWater, own.Mark)
	}
	r.Facts.Clock.RolledBackSince, r.ClockCorrection = own.RolledBackSince, own.Correction
}
