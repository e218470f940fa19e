package ledger

import (
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/clock"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

// wall is a wall clock that can be set.
type wall struct{ off time.Duration }

func (w *wall) now() time.Time { return time.Now().Add(w.off) }

// openAt opens a ledger under a wall clock, and fails for a problem.
func openAt(t *testing.T, store storage.Store, w *wall) *Ledger {
	t.Helper()
	l, problem, err := openAny(t, store, w)
	if err := errors.Join(problem, err); err != nil {
		t.Fatal(err)
	}
	return l
}

func openAny(t *testing.T, store storage.Store, w *wall) (l *Ledger, problem, err error) {
	t.Helper()
	return Open(t.Context(), Config{
		Store: store, Policy: enforcement.Standard(), Logger: slog.New(slog.DiscardHandler), Wall: w.now, Drifted: func() bool { return false },
	})
}

// What the clock was told outlives the process, and a clock that is set back is
// noticed by the next.
func TestTheClockGoesOn(t *testing.T) {
	for name, tt := range map[string]struct {
		told       func(*Ledger)
		back       time.Duration // by how much the wall clock is set back between the processes
		rolledBack bool
		ahead      time.Duration // of the next process's time before its wall clock
	}{
		"nothing happens":             {told: func(*Ledger) {}},
		"the server is right":         {told: func(l *Ledger) { l.SetClock(l.Now()) }},
		"set back by a day":           {told: func(l *Ledger) { l.SetClock(l.Now()) }, back: 24 * time.Hour, rolledBack: true, ahead: 24 * time.Hour},
		"set back, and forgotten":     {told: func(l *Ledger) { l.RestartClock() }, back: -time.Hour},
		"a file of tomorrow":          {told: func(l *Ledger) { l.SetClockByFile(l.Now().Add(24 * time.Hour)) }, rolledBack: true, ahead: 24 * time.Hour},
		"a file of last year, no use": {told: func(l *Ledger) { l.SetClock(l.Now()); l.SetClockByFile(l.Now().Add(-365 * 24 * time.Hour)) }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, w := storage.NewMemory(), &wall{}
				l := openAt(t, store, w)
				tt.told(l)
				if _, err := Learn(t.Context(), l, count); err != nil {
					t.Fatal(err)
				}
				w.off -= tt.back
				l = openAt(t, store, w)
				ahead := l.Now().Sub(w.now())
				if d := ahead - tt.ahead; d.Abs() > time.Minute {
					t.Errorf("the time is %v ahead of the wall clock, want %v", ahead, tt.ahead)
				}
				r := l.Reading()
				if got := !r.RolledBackSince.IsZero(); got != tt.rolledBack {
					t.Errorf("rolled back since %v", r.RolledBackSince)
				}
				if !l.Started().Equal(r.Now) || r.Ran != 0 {
					t.Errorf("started at %v, now %v, ran %v", l.Started(), r.Now, r.Ran)
				}
				time.Sleep(time.Hour)
				if again := l.Reading(); again.Now.Sub(r.Now) != time.Hour || again.Ran != time.Hour {
					t.Errorf("an hour later: %v after, ran %v", again.Now.Sub(r.Now), again.Ran)
				}
			})
		})
	}
}

// A signed answer from before one that was accepted is outdated, and which one
// says so is told to whoever verifies the next.
func TestOutdated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := openAt(t, storage.NewMemory(), &wall{})
		first := l.Now()
		l.SetClock(first)
		time.Sleep(48 * time.Hour)
		second := l.Now()
		l.SetClock(second)
		if l.Unconfirmed() {
			t.Error("an answer that agrees with the wall clock is not confirmed")
		}
		for at, want := range map[time.Time]bool{first: true, second.Add(time.Hour): false} {
			accepted, outdated := l.Outdated(at)
			if outdated != want || outdated && !accepted.Equal(second) {
				t.Errorf("%v: outdated %v, by %v", at, outdated, accepted)
			}
			if _, told := l.ServerTime().Outdated(at); told != want {
				t.Errorf("%v: the client is told %v", at, told)
			}
		}
	})
}

// When the host started or woke is told with the reading, and never lies ahead.
func TestResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := openAt(t, storage.NewMemory(), &wall{})
		if at := l.Reading().ResumedAt; !at.IsZero() {
			t.Errorf("before anything is resumed: %v", at)
		}
		woke := l.Now()
		l.Resume(woke, 0)
		time.Sleep(time.Hour)
		if at := l.Reading().ResumedAt; !at.Equal(woke) {
			t.Errorf("resumed at %v, want %v", at, woke)
		}
		woke = l.Now()
		l.Resume(woke.Add(24*time.Hour), 0) // the clock was ahead then, and is right now
		for range 3 {
			time.Sleep(time.Hour)
			if at := l.Reading().ResumedAt; !at.Equal(woke) {
				t.Errorf("resumed at %v, want %v", at, woke)
			}
		}
	})
}

// The seat's absence is counted while the process runs, but not while the machine
// sleeps.
func TestResumeDoesNotCountSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := openAt(t, storage.NewMemory(), &wall{})
		if err := l.Keep(t.Context(), func(k *record.Known) { k.Facts.Session.Required, k.Facts.Session.CountedAt = true, l.Now() }); err != nil {
			t.Fatal(err)
		}
		time.Sleep(9 * time.Hour)
		l.Resume(l.Now(), 8*time.Hour)
		if got := l.Known().Facts.Session.Missing; got != time.Hour {
			t.Errorf("of nine hours, eight of them asleep, %v are counted", got)
		}
	})
}

// The condition of the clock is read from what any version wrote.
func TestClockOf(t *testing.T) {
	at := func(h int) time.Time { return time.Date(2026, 1, 1, h, 0, 0, 0, time.UTC) }
	old := record.Record{ClockCorrection: time.Minute}
	old.Facts.Clock.RolledBackSince = at(2)
	for name, tt := range map[string]struct {
		st                                     storage.State
		rec                                    record.Record
		confirmed, mark, rolledBack, suspected time.Time
		correction                             time.Duration
	}{
		"nothing": {},
		"before the record had it whole": {
			st: storage.State{ServerTime: at(3), HighWater: at(4)}, rec: old,
			confirmed: at(3), mark: at(4), rolledBack: at(2), correction: time.Minute,
		},
		"whole": {
			st: storage.State{ServerTime: at(3), HighWater: at(4)}, rec: record.Record{Clock: clock.State{Confirmed: at(1)}},
			confirmed: at(1), mark: at(4),
		},
		"an older copy": {
			st: storage.State{ServerTime: at(3), HighWater: at(4), RestoredCopy: true}, rec: record.Record{Clock: clock.State{Confirmed: at(1)}},
			confirmed: at(3), mark: at(4), suspected: at(4),
		},
		"an older copy, known before": {
			st: storage.State{HighWater: at(4), RestoredCopy: true}, rec: record.Record{Clock: clock.State{Confirmed: at(1), RestoredSince: at(2)}},
			confirmed: at(1), mark: at(4), suspected: at(2),
		},
		"an older copy no longer": {
			st: storage.State{HighWater: at(4)}, rec: record.Record{Clock: clock.State{Confirmed: at(1), RestoredSince: at(2)}},
			confirmed: at(1), mark: at(4),
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := clockOf(tt.st, &tt.rec)
			if !s.Confirmed.Equal(tt.confirmed) || !s.Mark.Equal(tt.mark) || !s.RolledBackSince.Equal(tt.rolledBack) || !s.RestoredSince.Equal(tt.suspected) || s.Correction != tt.correction {
				t.Errorf("%+v", s)
			}
		})
	}
}
