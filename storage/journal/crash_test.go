package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
)

// act is one thing that a process does with a journal.
type act struct {
	process int
	add     []int // append entries of these sizes, in one call
	ack     int   // deliver and acknowledge this many
	one     bool  // of those, only the last
	reopen  bool
}

func add(process int, sizes ...int) act { return act{process: process, add: sizes} }
func ack(process, n int) act            { return act{process: process, ack: n} }
func ackOne(process, n int) act         { return act{process: process, ack: n, one: true} }

// lives are the scripts that are cut short at every step.
var lives = []struct {
	name string
	fold bool
	acts []act
}{
	{name: "one process", acts: []act{
		add(0, 10), add(0, 20, 30, 40), ack(0, 2), {reopen: true}, add(0, 5), ack(0, 10), add(0, 7), ack(0, 1), add(0, 8),
	}},
	{name: "two processes", acts: []act{
		add(0, 10), add(1, 20), add(0, 5, 6), ack(1, 2), add(1, 9), add(0, 4), ack(0, 2), add(1, 3), {process: 1, reopen: true}, add(1, 8),
	}},
	{name: "compaction", acts: []act{
		add(0, 40_000), add(0, 10), add(0, 40_000), ack(0, 2), add(1, 30), ack(0, 1), add(0, 20), ack(1, 1), add(1, 15), add(0, 25),
	}},
	{name: "one at a time", acts: []act{
		add(0, 10, 20), add(1, 30), ackOne(0, 2), add(1, 5), ackOne(1, 2), {reopen: true}, ack(0, 1), add(0, 6, 7), ackOne(0, 2), ackOne(1, 1), ack(0, 1),
	}},
	{name: "one at a time, compaction", acts: []act{
		add(0, 40_000, 10), add(1, 40_000), add(0, 30), ackOne(0, 3), ackOne(1, 3), add(0, 50_000), add(1, 30_000), ackOne(0, 3), add(0, 20_000), ack(1, 1), add(0, 9), ack(0, 2),
	}},
	{name: "room made by an append", acts: []act{
		add(0, 30_000), add(0, 30_000), ack(1, 1), add(0, 50_000), add(1, 50_000), ack(1, 2), add(0, 40_000), ack(0, 9),
	}},
	{name: "fold", fold: true, acts: []act{
		add(0, 50_000), add(0, 50_000), add(1, 50_000), ack(1, 1), add(0, 60_000), add(1, 50_000), add(0, 60_000), add(1, 50_000), ack(0, 1),
	}},
}

var testKey = [32]byte{1, 2, 3}

const testPath = "/state/journal"

// entry is the entry with this number: a count of 1, told from others by its
// number, with a filling.
func entry(number, size int) []byte {
	b := fmt.Appendf(nil, "1 %d ", number)
	return append(b, bytes.Repeat([]byte{'.'}, size)...)
}

// total adds up what entries count.
func total(entries [][]byte) int {
	sum := 0
	for _, e := range entries {
		n, _, _ := bytes.Cut(e, []byte(" "))
		count, err := strconv.Atoi(string(n))
		if err != nil {
			return -1
		}
		sum += count
	}
	return sum
}

// sum is a Fold that makes one entry of all.
func sum(entries [][]byte) ([][]byte, error) {
	return [][]byte{fmt.Appendf(nil, "%d folded", total(entries))}, nil
}

// past is what has happened to a journal, as its users know it.
type past struct {
	opts  Options
	sure  [][]byte // appended, confirmed, not acknowledged
	maybe [][]byte // an append that was interrupted
	less  [][]byte // what is left of sure after an acknowledgement that was interrupted
	doubt bool     // there is one
	next  int
}

func (p *past) open(d *disk) (*Journal, error) {
	opts := p.opts
	opts.MaxBytes = MinMaxBytes
	opts.OnEvent = func(e Event) {
		if e.Type != EventTorn {
			panic(fmt.Sprintf("a crash is taken for damage: %+v", e))
		}
	}
	return open(testPath, testKey, opts, d)
}

// live does the acts until one fails.
func live(d *disk, fold bool, acts []act) (*past, error) {
	p := &past{}
	if fold {
		p.opts.Fold = sum
	}
	var js [2]*Journal
	for i := range js {
		var err error
		if js[i], err = p.open(d); err != nil {
			return p, err
		}
	}
	for _, a := range acts {
		var err error
		switch j := js[a.process]; {
		case a.reopen:
			js[a.process], err = p.open(d)
		case a.ack > 0:
			err = p.deliver(j, a.ack, a.one)
		default:
			err = p.append(j, a.add)
		}
		if err != nil {
			return p, err
		}
	}
	return p, nil
}

func (p *past) append(j *Journal, sizes []int) error {
	p.maybe = nil
	for _, size := range sizes {
		p.maybe = append(p.maybe, entry(p.next, size))
		p.next++
	}
	if err := j.Append(context.Background(), p.maybe...); err != nil {
		return err
	}
	p.sure, p.maybe = append(p.sure, p.maybe...), nil
	return nil
}

func (p *past) deliver(j *Journal, n int, one bool) error {
	c, err := j.Claim()
	if err != nil {
		return err
	}
	defer c.Release()
	batch, err := c.Batch(context.Background(), n)
	if err != nil {
		return err
	}
	if p.opts.Fold != nil && total(data(batch)) != total(p.sure) {
		batch, err = c.Batch(context.Background(), noLimit) // what is one entry now were many
		if err != nil {
			return err
		}
		if got, want := total(data(batch)), total(p.sure); got != want {
			return fmt.Errorf("delivered are %d, want %d", got, want)
		}
		p.less = nil
	} else {
		if !slices.EqualFunc(data(batch), p.sure[:len(batch)], bytes.Equal) {
			return fmt.Errorf("delivered is not what was appended")
		}
		p.less = p.sure[len(batch):]
	}
	acknowledge := c.Acknowledge
	if one {
		acknowledge = func(ctx context.Context, position uint64) error { return c.AcknowledgeEach(ctx, position) }
		p.less = slices.Concat(p.sure[:len(batch)-1], p.less)
	}
	p.doubt = true
	if err := acknowledge(context.Background(), batch[len(batch)-1].Position); err != nil {
		return err
	}
	p.sure, p.less, p.doubt = p.less, nil, false
	return nil
}

// check fails the test unless d holds what was confirmed, perhaps without what
// was being acknowledged, perhaps with what was being appended.
func (p *past) check(t *testing.T, d *disk, when string) {
	t.Helper()
	j, err := p.open(d)
	if err != nil {
		t.Fatalf("%s: Open: %v", when, err)
	}
	got := data(all(t, j))
	possible := [][][]byte{p.sure, slices.Concat(p.sure, p.maybe)}
	if p.doubt {
		possible = append(possible, p.less)
	}
	if !slices.ContainsFunc(possible, func(want [][]byte) bool {
		if p.opts.Fold != nil {
			return total(got) == total(want)
		}
		return slices.EqualFunc(got, want, bytes.Equal)
	}) {
		t.Fatalf("%s: pending are %d entries (%d), want %d, perhaps with %d or only %d", when, len(got), total(got), len(p.sure), len(p.maybe), len(p.less))
	}
	if err := j.Append(t.Context(), []byte("1 more")); err != nil {
		t.Fatalf("%s: the next Append: %v", when, err)
	}
	if n := total(data(all(t, j))); n != total(got)+1 {
		t.Fatalf("%s: after the next Append: %d, want %d", when, n, total(got)+1)
	}
}

// goOn has a new process append to what a killed one left, and then cuts the
// power: what the new one was told must hold, whatever the killed one had not
// made durable.
func (p *past) goOn(t *testing.T, d *disk, when string) {
	t.Helper()
	j, err := p.open(d)
	if err != nil {
		t.Fatalf("%s: Open: %v", when, err)
	}
	after := &past{opts: p.opts, sure: append(data(all(t, j)), []byte("1 more"))}
	if err := j.Append(t.Context(), []byte("1 more")); err != nil {
		t.Fatalf("%s: Append: %v", when, err)
	}
	for range 6 {
		after.check(t, d.restart(true), when+", then a power cut")
	}
}

// all returns what is pending, in the right order.
func all(t testing.TB, j *Journal) []Entry {
	t.Helper()
	c, err := j.Claim()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Release()
	batch, err := c.Batch(context.Background(), noLimit)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range batch[min(1, len(batch)):] {
		if e.Position <= batch[i].Position {
			t.Fatalf("position %d comes after %d", e.Position, batch[i].Position)
		}
	}
	return batch
}

// TestPowerCut takes the power away at every step, with different luck about
// what had reached the disk, and kills the process at every step.
func TestPowerCut(t *testing.T) {
	luck := uint64(1)
	if heavy() {
		luck = 40
	}
	for _, l := range lives {
		t.Run(l.name, func(t *testing.T) {
			whole := newDisk(0)
			if p, err := live(whole, l.fold, l.acts); err != nil || len(p.maybe) > 0 {
				t.Fatalf("without interruption: %v", err)
			}
			interruptions := 0
			for n := 1; n <= whole.steps; n++ {
				for seed := range luck {
					d := newDisk(seed)
					d.failAt, d.fail = n, errPower
					p, err := live(d, l.fold, l.acts)
					if d.steps < n || err != nil && !errors.Is(err, errPower) {
						t.Fatalf("step %d: %v after %d", n, err, d.steps)
					}
					for _, powerCut := range []bool{false, true} {
						p.check(t, d.restart(powerCut), fmt.Sprintf("step %d, luck %d, power cut %v", n, seed, powerCut))
						interruptions++
					}
					p.goOn(t, d.restart(false), fmt.Sprintf("step %d, luck %d, killed", n, seed))
				}
			}
			t.Logf("%d interruptions", interruptions)
		})
	}
}

// TestDiskFull lets every step fail for want of space, once or from then on,
// without a restart. What failed once was taken back.
func TestDiskFull(t *testing.T) {
	for _, l := range lives {
		t.Run(l.name, func(t *testing.T) {
			whole := newDisk(0)
			if _, err := live(whole, l.fold, l.acts); err != nil {
				t.Fatal(err)
			}
			for n := 1; n <= whole.steps; n++ {
				for _, once := range []bool{true, false} {
					if once != (n%2 == 0) && !heavy() {
						continue // each step fails in one of the two ways
					}
					d := newDisk(1)
					d.failAt, d.once, d.fail = n, once, errFull
					p, err := live(d, l.fold, l.acts)
					if err != nil && !errors.Is(err, errFull) {
						t.Fatalf("step %d: %v", n, err)
					}
					d.failAt = 0
					if once {
						p.maybe = nil
					}
					p.check(t, d, fmt.Sprintf("step %d, once %v", n, once))
				}
			}
		})
	}
}

func heavy() bool { return os.Getenv("LEASEHOLD_HEAVY") != "" }
