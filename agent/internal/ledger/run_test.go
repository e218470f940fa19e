package ledger

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/clock"
	"github.com/leasehold-dev/leasehold/storage"
)

// A run that was killed is charged until the line would have been kept next; one
// that ended, or that may still go on, is charged nothing.
func TestBeginChargesAKilledRun(t *testing.T) {
	for name, tt := range map[string]struct {
		ran    time.Duration // since the line was kept last
		keep   bool          // the line is kept then
		finish bool
		alone  bool
		want   time.Duration
	}{
		"killed at once":            {alone: true, want: time.Minute},
		"killed after the line":     {ran: time.Minute, keep: true, alone: true, want: time.Minute},
		"killed after some lines":   {ran: 8 * time.Minute, keep: true, alone: true, want: clock.KeptEvery - 8*time.Minute},
		"ended":                     {finish: true, alone: true},
		"ended while another runs":  {finish: true},
		"killed while another runs": {},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, w := storage.NewMemory(), &wall{}
				l := openAt(t, store, w)
				if _, err := Learn(t.Context(), l, count); err != nil {
					t.Fatal(err)
				}
				if err := l.Begin(t.Context(), true); err != nil {
					t.Fatal(err)
				}
				time.Sleep(tt.ran)
				if tt.keep {
					if err := l.KeepLine(); err != nil {
						t.Fatal(err)
					}
				}
				if tt.finish {
					if err := l.Finish(true); err != nil {
						t.Fatal(err)
					}
				}
				l = openAt(t, store, w)
				if err := l.Begin(t.Context(), tt.alone); err != nil {
					t.Fatal(err)
				}
				if got := l.Aged().Sub(l.Now()); got != tt.want || l.Reading().Charge != tt.want {
					t.Errorf("charged %v, want %v", got, tt.want)
				}
				if err := l.Begin(t.Context(), tt.alone); err != nil || l.Aged().Sub(l.Now()) != tt.want {
					t.Errorf("begun twice: %v, charged %v", err, l.Aged().Sub(l.Now()))
				}
			})
		})
	}
}

// The mark of a run stays while another process runs, and goes with the last.
func TestFinish(t *testing.T) {
	for _, last := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			store := storage.NewMemory()
			l := openAt(t, store, &wall{})
			if _, err := Learn(t.Context(), l, count); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(l.Begin(t.Context(), true), l.Finish(last)); err != nil {
				t.Fatal(err)
			}
			if open := openAt(t, store, &wall{}).Known().Run.Open; open == last {
				t.Errorf("the last: %v, and the mark stays: %v", last, open)
			}
		})
	}
}

// The line is to be kept ever less often, and a disk that is full is not tried
// more often for it.
func TestNextKept(t *testing.T) {
	for name, full := range map[string]bool{"kept": false, "a full disk": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &flaky{Store: storage.NewMemory()}
				l := openAt(t, store, &wall{})
				if _, err := Learn(t.Context(), l, count); err != nil {
					t.Fatal(err)
				}
				if err := l.Begin(t.Context(), true); err != nil {
					t.Fatal(err)
				}
				store.set(full)
				began := time.Now()
				for _, minutes := range []int64{1, 2, 4, 8, 15, 30, 45} {
					time.Sleep(l.NextKept())
					if ran := time.Since(began); ran != time.Duration(minutes)*time.Minute {
						t.Fatalf("after %v, want %d minutes", ran, minutes)
					}
					if err := l.KeepLine(); (err != nil) != full {
						t.Fatal(err)
					}
				}
			})
		})
	}
}

// Nothing is stored for a process that has nothing to protect.
func TestARunOfNothing(t *testing.T) {
	store := storage.NewMemory()
	l, _ := open(t, store)
	if err := errors.Join(l.Begin(t.Context(), true), l.KeepLine(), l.Finish(true)); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Load(t.Context()); !errors.Is(err, storage.ErrNotFound) || !l.Idle() {
		t.Errorf("stored: %v, idle %v", err, l.Idle())
	}
}

// An older copy of the record is told of, and the line is moved on by the most that
// a process can have left unkept.
func TestBeginWithAnOlderCopy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared, w := storage.NewMemory(), &wall{}
		if _, err := Learn(t.Context(), openAt(t, shared, w), count); err != nil {
			t.Fatal(err)
		}
		store := &shelf{Store: shared, older: true}
		l := openAt(t, store, w)
		if !l.Restored() {
			t.Error("an older copy is not told of")
		}
		before := l.Now()
		if err := l.Begin(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		if got := l.Now().Sub(before); got != clock.KeptEvery {
			t.Errorf("the line is moved on by %v", got)
		}
		if l.Reading().RolledBackSince.IsZero() {
			t.Error("an older copy is as good as a new one")
		}
	})
}
