package storage_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/storage"
)

// act is one thing that happens to a machine.
type act struct {
	size   int  // commit this many bytes
	drop   bool // delete
	lock   bool // from now on the keyring does not answer
	unlock bool
	reopen bool
}

// lives are the scripts that are cut short at every step. The sizes go up and
// down over what a keyring item holds.
var lives = []struct {
	name string
	kind storage.Kind
	acts []act
	copy bool
}{
	{"file", storage.KindFile, []act{{size: 10}, {size: 5000}, {drop: true}, {size: 20}, {size: 30}}, false},
	{"keyring", storage.KindKeyring, []act{
		{size: 10}, {size: 20}, {size: 5000}, {size: 6000}, {size: 7000}, {size: 10}, {drop: true}, {size: 5000}, {drop: true}, {size: 5},
	}, false},
	{"keyring that comes and goes", storage.KindAuto, comesAndGoes, false},
	{"keyring that comes and goes, and a copy", storage.KindAuto, comesAndGoes, true},
	{"keyring that comes late", storage.KindAuto, []act{
		{lock: true}, {size: 10}, {size: 5000}, {unlock: true}, {reopen: true}, {size: 20}, {drop: true}, {lock: true}, {size: 5000}, {unlock: true}, {size: 6000},
	}, false},
}

var comesAndGoes = []act{
	{size: 10}, {size: 5000}, {lock: true}, {size: 20}, {size: 6000}, {unlock: true}, {size: 30},
	{size: 7000}, {lock: true}, {size: 40}, {unlock: true}, {reopen: true}, {size: 5000}, {drop: true}, {size: 50},
}

// outcome is what may be stored after an interruption: the last state that
// was committed, or the one that was being committed.
type outcome struct {
	old, new storage.State // Sequence 0: nothing
}

// live runs the acts until one fails, and returns what may be stored then.
func live(m *machine, kind storage.Kind, acts []act) (o outcome, err error) {
	ctx := context.Background()
	s, err := storage.Open(ctx, m.config(kind))
	if err != nil {
		return o, err
	}
	fill := rand.NewChaCha8([32]byte{3})
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i, a := range acts {
		switch {
		case a.lock:
			m.locked = true
		case a.unlock:
			m.locked = false
		case a.reopen:
			// Opening may move the record, which changes its number only.
			if s, err = storage.Open(ctx, m.config(kind)); err != nil {
				return o, err
			}
			if o.old.Sequence != 0 {
				got, err := s.Load(ctx)
				if err != nil {
					return o, err
				}
				o.old.Sequence = got.Sequence
				o.new = o.old
			}
		case a.drop:
			o.new = storage.State{}
			if err = s.Delete(ctx); err != nil {
				return o, err
			}
			o.old = o.new
		default:
			next := storage.State{
				Sequence: o.old.Sequence, HighWater: day.AddDate(0, 0, i), ServerTime: day.AddDate(0, 0, i),
				Data: make([]byte, a.size),
			}
			_, _ = fill.Read(next.Data)
			o.new = next
			done, err := s.Commit(ctx, next)
			if err != nil {
				return o, err
			}
			o.old, o.new = done, done
		}
	}
	return o, nil
}

// check fails the test unless m holds the old or the new state of o, and can
// go on from there.
func (o outcome) check(t *testing.T, m *machine, kind storage.Kind, format string, args ...any) {
	t.Helper()
	when := fmt.Sprintf(format, args...)
	ctx := t.Context()
	if m.copy && kind == storage.KindAuto {
		o.checkLocked(t, m, when)
	}
	m.locked = false
	s, err := storage.Open(ctx, m.config(kind))
	if err != nil {
		t.Fatalf("%s: Open: %v", when, err)
	}
	got, err := s.Load(ctx)
	if errors.Is(err, storage.ErrNotFound) {
		got, err = storage.State{}, nil
	}
	if err != nil {
		t.Fatalf("%s: Load: %v; %v", when, err, m)
	}
	if !sameState(got, o.old) && !sameState(got, o.new) {
		t.Fatalf("%s: stored is %s, want %s or %s; %v", when, brief(got), brief(o.old), brief(o.new), m)
	}
	if got.RestoredCopy {
		t.Fatalf("%s: this looks like a restored copy; %v", when, m)
	}
	next := got
	next.Data = bytes.Repeat([]byte("next"), 1000)
	if _, err := s.Commit(ctx, next); err != nil {
		t.Fatalf("%s: the next Commit: %v", when, err)
	}
	again, err := s.Load(ctx)
	if err != nil || !bytes.Equal(again.Data, next.Data) {
		t.Fatalf("%s: Load after the next Commit: %s, %v", when, brief(again), err)
	}
	want := 3
	if m.copy {
		want++
	}
	if n := len(m.disk.now); n > want {
		t.Fatalf("%s: %d files are left, want at most %d: %v", when, n, want, m)
	}
}

// checkLocked does so for what is seen while the keyring does not answer, which
// may be nothing.
func (o outcome) checkLocked(t *testing.T, m *machine, when string) {
	t.Helper()
	m.locked = true
	s, err := storage.Open(t.Context(), m.config(storage.KindAuto))
	if err != nil {
		t.Fatalf("%s: Open without the keyring: %v", when, err)
	}
	got, err := s.Load(t.Context())
	switch {
	case errors.Is(err, storage.ErrOutOfReach):
		return
	case errors.Is(err, storage.ErrNotFound):
		got = storage.State{}
	case err != nil:
		t.Fatalf("%s: Load without the keyring: %v; %v", when, err, m)
	}
	if !sameState(got, o.old) && !sameState(got, o.new) || got.RestoredCopy {
		t.Fatalf("%s: without the keyring there is %s, want %s or %s; %v", when, brief(got), brief(o.old), brief(o.new), m)
	}
}

// sameState leaves out the sequence: moving a record raises it.
func sameState(a, b storage.State) bool {
	return (a.Sequence == 0 && a.Data == nil) == (b.Sequence == 0 && b.Data == nil) && bytes.Equal(a.Data, b.Data) &&
		a.HighWater.Equal(b.HighWater) && a.ServerTime.Equal(b.ServerTime)
}

func brief(s storage.State) string {
	return fmt.Sprintf("{%d, %v, %d bytes}", s.Sequence, s.ServerTime.Format(time.DateOnly), len(s.Data))
}

// TestPowerCut takes the power away at every step, with different luck about
// what had reached the disk, and kills the process at every step.
func TestPowerCut(t *testing.T) {
	luck := uint64(1)
	if heavy() {
		luck = 20
	}
	for _, l := range lives {
		t.Run(l.name, func(t *testing.T) {
			whole := newMachine(0)
			whole.copy = l.copy
			if _, err := live(whole, l.kind, l.acts); err != nil {
				t.Fatalf("without interruption: %v", err)
			}
			interruptions := 0
			for n := 1; n <= whole.disk.steps; n++ {
				for seed := range luck {
					m := newMachine(seed)
					m.copy = l.copy
					m.disk.failAt, m.disk.fail = n, func() error { return errPower }
					o, _ := live(m, l.kind, l.acts)
					if m.disk.steps < n {
						t.Fatalf("step %d was not reached", n)
					}
					for _, powerCut := range []bool{false, true} {
						o.check(t, m.restart(powerCut), l.kind, "step %d, luck %d, power cut %v", n, seed, powerCut)
						interruptions++
					}
				}
			}
			t.Logf("%d interruptions", interruptions)
		})
	}
}

// TestRandomLives interrupts scripts that chance wrote.
func TestRandomLives(t *testing.T) {
	n := uint64(60)
	if heavy() {
		n = 5000
	}
	kinds := []storage.Kind{storage.KindFile, storage.KindKeyring, storage.KindAuto, storage.KindAuto}
	sizes := []int{0, 10, storage.InlineData, storage.InlineData + 1, 6000}
	for seed := range n {
		r := rand.New(rand.NewPCG(seed, 7))
		kind := kinds[r.IntN(len(kinds))]
		var acts []act
		for range 4 + r.IntN(16) {
			a := act{size: sizes[r.IntN(len(sizes))]}
			switch r.IntN(10) {
			case 0:
				a = act{drop: true}
			case 1:
				a = act{lock: kind == storage.KindAuto, reopen: kind != storage.KindAuto}
			case 2:
				a = act{unlock: true}
			case 3:
				a = act{reopen: true}
			}
			acts = append(acts, a)
		}
		m := newMachine(seed)
		m.copy = seed%2 == 0
		m.disk.failAt, m.disk.fail = 1+r.IntN(15*len(acts)), func() error { return errPower }
		o, _ := live(m, kind, acts)
		for _, powerCut := range []bool{false, true} {
			o.check(t, m.restart(powerCut), kind, "seed %d, %s %+v, step %d, power cut %v", seed, kind, acts, m.disk.failAt, powerCut)
		}
	}
}

// TestDiskFull lets every step fail for want of space, once or from then on.
func TestDiskFull(t *testing.T) {
	for _, l := range lives {
		t.Run(l.name, func(t *testing.T) {
			whole := newMachine(0)
			whole.copy = l.copy
			if _, err := live(whole, l.kind, l.acts); err != nil {
				t.Fatalf("without interruption: %v", err)
			}
			for n := 1; n <= whole.disk.steps; n++ {
				for _, once := range []bool{true, false} {
					if once != (n%2 == 0) && !heavy() {
						continue // each step fails in one of the two ways
					}
					m := newMachine(1)
					m.copy = l.copy
					m.disk.failAt, m.disk.once, m.disk.fail = n, once, func() error { return errFull }
					o, err := live(m, l.kind, l.acts)
					if err != nil && (!errors.Is(err, storage.ErrUnavailable) || !errors.Is(err, errFull)) {
						t.Fatalf("step %d: error is %v, want ErrUnavailable for want of space", n, err)
					}
					m.disk.failAt = 0
					o.check(t, m, l.kind, "step %d, once %v", n, once)
				}
			}
		})
	}
}

func heavy() bool { return os.Getenv("LEASEHOLD_HEAVY") != "" }
