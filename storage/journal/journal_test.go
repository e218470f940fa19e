package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

func mustOpen(t testing.TB, d fileSystem, opts Options) *Journal {
	t.Helper()
	j, err := open(testPath, testKey, opts, d)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func mustAppend(t testing.TB, j *Journal, entries ...string) {
	t.Helper()
	list := make([][]byte, len(entries))
	for i, e := range entries {
		list[i] = []byte(e)
	}
	if err := j.Append(context.Background(), list...); err != nil {
		t.Fatal(err)
	}
}

func mustClaim(t testing.TB, j *Journal) *Claim {
	t.Helper()
	c, err := j.Claim()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func mustAcknowledge(t testing.TB, j *Journal, through uint64) {
	t.Helper()
	c := mustClaim(t, j)
	defer c.Release()
	if err := c.Acknowledge(context.Background(), through); err != nil {
		t.Fatal(err)
	}
}

func mustAcknowledgeEach(t testing.TB, j *Journal, position uint64) {
	t.Helper()
	c := mustClaim(t, j)
	defer c.Release()
	if err := c.AcknowledgeEach(context.Background(), position); err != nil {
		t.Fatal(err)
	}
}

// texts is what is pending.
func texts(t testing.TB, j *Journal) string {
	t.Helper()
	var list []string
	for _, e := range all(t, j) {
		list = append(list, fmt.Sprintf("%d %s", e.Position, e.Data))
	}
	return strings.Join(list, ", ")
}

func TestQueue(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder", "journal")
	j, err := Open(path, testKey, Options{})
	if err != nil {
		t.Fatal(err)
	}
	mustAppend(t, j, "a")
	mustAppend(t, j)
	mustAppend(t, j, "b", "c")
	mustAppend(t, j, "d")
	if got := texts(t, j); got != "1 a, 2 b, 3 c, 4 d" {
		t.Errorf("pending: %s", got)
	}
	c := mustClaim(t, j)
	for range 2 {
		if batch, err := c.Batch(t.Context(), 2); err != nil || len(batch) != 2 || batch[1].Position != 2 {
			t.Errorf("Batch: %v, %v", batch, err)
		}
	}
	for _, through := range []uint64{2, 2, 1, 0} {
		if err := c.Acknowledge(t.Context(), through); err != nil {
			t.Error(err)
		}
	}
	if err := c.Acknowledge(t.Context(), 5); err == nil {
		t.Error("what was not appended can be acknowledged")
	}
	c.Release()
	if err := errors.Join(j.Close(), j.Close()); err != nil {
		t.Fatal(err)
	}

	again, err := Open(path, testKey, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := again.Pending(t.Context()); n != 2 || err != nil {
		t.Errorf("Pending: %d, %v", n, err)
	}
	mustAppend(t, again, "e")
	if got := texts(t, again); got != "3 c, 4 d, 5 e" {
		t.Errorf("after opening again: %s", got)
	}
	mustAcknowledge(t, again, 5)
	mustAppend(t, again, "f")
	if got := texts(t, again); got != "6 f" {
		t.Errorf("after all were acknowledged: %s", got)
	}
}

// TestAcknowledgeEach: entries are delivered before others that were appended
// earlier.
func TestAcknowledgeEach(t *testing.T) {
	d := newDisk(0)
	j := mustOpen(t, d, Options{})
	mustAppend(t, j, "a", "b", "c", "d", "e", "f", "g", "h")
	for _, step := range []struct {
		do   func(*Claim) error
		want string
	}{
		{func(c *Claim) error { return c.AcknowledgeEach(t.Context(), 2) }, "1 a, 3 c, 4 d, 5 e, 6 f, 7 g, 8 h"},
		{func(c *Claim) error { return c.AcknowledgeEach(t.Context(), 2) }, "1 a, 3 c, 4 d, 5 e, 6 f, 7 g, 8 h"},
		{func(c *Claim) error { return c.AcknowledgeEach(t.Context(), 5) }, "1 a, 3 c, 4 d, 6 f, 7 g, 8 h"},
		{func(c *Claim) error { return c.Acknowledge(t.Context(), 1) }, "3 c, 4 d, 6 f, 7 g, 8 h"},
		{func(c *Claim) error { return c.AcknowledgeEach(t.Context()) }, "3 c, 4 d, 6 f, 7 g, 8 h"},
		{func(c *Claim) error { return c.AcknowledgeEach(t.Context(), 0, 1) }, "3 c, 4 d, 6 f, 7 g, 8 h"},
		{func(c *Claim) error { return c.AcknowledgeEach(t.Context(), 7, 0, 2, 4) }, "3 c, 6 f, 8 h"},
		{func(c *Claim) error { return c.Acknowledge(t.Context(), 6) }, "8 h"},
		{func(c *Claim) error { return c.AcknowledgeEach(t.Context(), 8) }, ""},
	} {
		c := mustClaim(t, j)
		if err := step.do(c); err != nil {
			t.Fatal(err)
		}
		c.Release()
		for _, reader := range []*Journal{j, mustOpen(t, d, Options{})} {
			n, err := reader.Pending(t.Context())
			if got := texts(t, reader); got != step.want || n != len(all(t, reader)) || err != nil {
				t.Fatalf("pending: %s (%d, %v), want %s", got, n, err, step.want)
			}
		}
	}
	if st := j.st; st.acked != 8 || len(st.settled) > 0 || st.done != st.next {
		t.Errorf("after all were acknowledged: %+v", st)
	}
	c := mustClaim(t, j)
	defer c.Release()
	if err := c.AcknowledgeEach(t.Context(), 8, 9); err == nil {
		t.Error("what was not appended can be acknowledged")
	}
	if err := c.AcknowledgeEach(t.Context(), make([]uint64, 100_001)...); err == nil || !strings.Contains(err.Error(), "100000 at a time") {
		t.Errorf("more than fit one frame: %v", err)
	}
	mustAppend(t, j, "i")
	if batch, err := c.Batch(t.Context(), 9); err != nil || len(batch) != 1 || batch[0].Position != 9 {
		t.Errorf("after all were acknowledged: %v, %v", batch, err)
	}
}

func TestFileMode(t *testing.T) {
	if os.PathSeparator == '\\' {
		t.Skip("access lists, not modes, protect files on Windows")
	}
	folder := filepath.Join(t.TempDir(), "folder")
	path := filepath.Join(folder, "journal")
	if _, err := Open(path, testKey, Options{}); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{folder: 0o700, path: 0o600, path + ".lock": 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want %v", filepath.Base(path), info.Mode().Perm(), err, want)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, try := range map[string]func() (*Journal, error){
		"no path":      func() (*Journal, error) { return Open("", testKey, Options{}) },
		"too small":    func() (*Journal, error) { return Open(testPath, testKey, Options{MaxBytes: MinMaxBytes - 1}) },
		"too large":    func() (*Journal, error) { return Open(testPath, testKey, Options{MaxBytes: MaxMaxBytes + 1}) },
		"under a file": func() (*Journal, error) { return Open(filepath.Join(file, "journal"), testKey, Options{}) },
	} {
		if _, err := try(); err == nil || !strings.HasPrefix(err.Error(), "journal: open: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	j := mustOpen(t, newDisk(0), Options{})
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, err := range map[string]error{
		"empty":         j.Append(t.Context(), []byte{}),
		"too long":      j.Append(t.Context(), make([]byte, MaxEntry+1)),
		"long together": j.Append(t.Context(), slices.Repeat([][]byte{make([]byte, MaxEntry)}, 16)...),
		"cancelled":     j.Append(cancelled, []byte("x")),
	} {
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if got := texts(t, j); got != "" {
		t.Errorf("pending: %s", got)
	}
	if err := j.Append(t.Context(), make([]byte, MaxEntry)); err != nil {
		t.Errorf("the longest entry: %v", err)
	}
}

func TestClosed(t *testing.T) {
	j := mustOpen(t, newDisk(0), Options{})
	mustAppend(t, j, "a")
	c := mustClaim(t, j)
	if _, err := c.Batch(t.Context(), 0); err == nil {
		t.Error("a batch of nothing")
	}
	_ = j.Close()
	_, err1 := c.Batch(t.Context(), 1)
	_, err2 := j.Pending(t.Context())
	for _, err := range []error{err1, err2, j.Append(t.Context(), []byte("b")), c.Acknowledge(t.Context(), 1)} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	}
	c.Release()
	c.Release()
	if _, err := c.Batch(t.Context(), 1); !errors.Is(err, ErrClosed) {
		t.Errorf("after Release: %v", err)
	}
}

// TestOneDelivers: two processes, of which only one delivers at a time.
func TestOneDelivers(t *testing.T) {
	d := newDisk(0)
	a, b := mustOpen(t, d, Options{}), mustOpen(t, d, Options{})
	mustAppend(t, a, "a")
	claim := mustClaim(t, b)
	for _, j := range []*Journal{a, b} {
		if _, err := j.Claim(); !errors.Is(err, ErrClaimed) {
			t.Errorf("a second claim: %v", err)
		}
	}
	mustAppend(t, a, "b") // meanwhile
	batch, err := claim.Batch(t.Context(), 10)
	if err != nil || len(batch) != 2 {
		t.Fatalf("%v, %v", batch, err)
	}
	if err := claim.Acknowledge(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	claim.Release()
	if got := texts(t, a); got != "2 b" {
		t.Errorf("pending: %s", got)
	}
}

func TestFull(t *testing.T) {
	long := strings.Repeat("x", 60_000)
	d := newDisk(0)
	j := mustOpen(t, d, Options{MaxBytes: MinMaxBytes})
	mustAppend(t, j, "a"+long)
	mustAppend(t, j, "b"+long)
	if err := j.Append(t.Context(), []byte("c"+long)); !errors.Is(err, ErrFull) {
		t.Fatalf("append to a full journal: %v", err)
	}
	mustAppend(t, j, "d") // still fits
	if n, _ := j.Pending(t.Context()); n != 3 {
		t.Errorf("%d entries are pending", n)
	}
	mustAcknowledge(t, j, 1)
	mustAppend(t, j, "c"+long) // which makes room first
	if n := len(d.get(testPath)); n > MinMaxBytes {
		t.Errorf("the file has %d bytes", n)
	}
	got := all(t, j)
	if len(got) != 3 || got[0].Position != 2 || got[2].Position != 4 || got[2].Data[0] != 'c' {
		t.Errorf("%d entries from %d", len(got), got[0].Position)
	}
}

func TestFold(t *testing.T) {
	long := "1 " + strings.Repeat("x", 40_000)
	for _, test := range []struct {
		name string
		fold func([][]byte) ([][]byte, error)
		full bool
		want int // entries after three long ones and a fourth
	}{
		{"one of all", sum, false, 2},
		{"none of all", func([][]byte) ([][]byte, error) { return nil, nil }, false, 1},
		{"last ones stay", func(e [][]byte) ([][]byte, error) {
			return [][]byte{fmt.Appendf(nil, "%d", total(e[:2])), e[2]}, nil
		}, false, 3},
		{"all stay", func(e [][]byte) ([][]byte, error) { return e, nil }, true, 3},
		{"more", func(e [][]byte) ([][]byte, error) { return append(e, []byte("1")), nil }, true, 3},
		{"an empty entry", func([][]byte) ([][]byte, error) { return [][]byte{{}}, nil }, true, 3},
		{"an error", func([][]byte) ([][]byte, error) { return nil, errFull }, true, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := newDisk(0)
			j := mustOpen(t, d, Options{MaxBytes: MinMaxBytes, Fold: test.fold})
			other := mustOpen(t, d, Options{MaxBytes: MinMaxBytes})
			for range 3 {
				mustAppend(t, j, long)
			}
			claim := mustClaim(t, other)
			if err := j.Append(t.Context(), []byte(long)); !errors.Is(err, ErrFull) {
				t.Errorf("while another delivers: %v", err)
			}
			claim.Release()
			err := j.Append(t.Context(), []byte(long))
			if errors.Is(err, ErrFull) != test.full || !test.full && err != nil {
				t.Fatalf("%v", err)
			}
			got := all(t, other)
			if len(got) != test.want {
				t.Errorf("%d entries are pending, want %d", len(got), test.want)
			}
			if last := got[len(got)-1].Position; !test.full && last != 4 {
				t.Errorf("the fourth entry has position %d", last)
			}
		})
	}
}

// TestGroup: appends that wait for the same disk are written together.
func TestGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &slowDisk{fileSystem: newDisk(0)}
		j := mustOpen(t, slow, Options{})
		slow.syncs.Store(0)
		const callers = 50
		var wg sync.WaitGroup
		for i := range callers {
			wg.Go(func() {
				if err := j.Append(t.Context(), fmt.Appendf(nil, "1 %d", i)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := slow.syncs.Load(); n > 2 {
			t.Errorf("%d waits for the disk", n)
		}
		if n := total(data(all(t, j))); n != callers {
			t.Errorf("%d entries", n)
		}
	})
}

// TestGroupFull: in a group that does not fit, what fits is accepted.
func TestGroupFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := mustOpen(t, &slowDisk{fileSystem: newDisk(0)}, Options{MaxBytes: MinMaxBytes})
		var full, accepted atomic.Int32
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				switch err := j.Append(t.Context(), entry(i, 10_000)); {
				case err == nil:
					accepted.Add(1)
				case errors.Is(err, ErrFull):
					full.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := len(all(t, j)); got != int(accepted.Load()) || got != 13 || full.Load() != 7 {
			t.Errorf("%d pending, %d accepted, %d refused", got, accepted.Load(), full.Load())
		}
	})
}

// TestCancelledWait: an append that stopped waiting was not made; one that is
// being written is waited for.
func TestCancelledWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &slowDisk{fileSystem: newDisk(0)}
		j := mustOpen(t, slow, Options{})
		done := make(chan error, 1)
		go func() { done <- j.Append(t.Context(), []byte("1 first")) }()
		synctest.Wait() // it waits for the disk
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := j.Append(ctx, []byte("1 second")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		if got := texts(t, j); got != "1 1 first" {
			t.Errorf("pending: %s", got)
		}
	})
}

// TestCancelledWrite: an append whose caller gives up while it is being written
// with others is answered by what became of it.
func TestCancelledWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := mustOpen(t, &slowDisk{fileSystem: newDisk(0)}, Options{})
		var wg sync.WaitGroup
		for i := range 3 {
			// The first is written alone, the other two together, from 1 s to 2 s.
			ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
			defer cancel()
			wg.Go(func() {
				if err := j.Append(ctx, fmt.Appendf(nil, "1 %d", i)); err != nil {
					t.Errorf("append %d: %v", i, err)
				}
			})
			synctest.Wait()
		}
		wg.Wait()
		if got := texts(t, j); got != "1 1 0, 2 1 1, 3 1 2" && got != "1 1 0, 2 1 2, 3 1 1" {
			t.Errorf("pending: %s", got)
		}
	})
}

func TestLockTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk(0)
		j := mustOpen(t, d, Options{LockTimeout: time.Second})
		unlock, _, _ := d.TryLock(testPath + ".lock")
		if err := j.Append(t.Context(), []byte("a")); !errors.Is(err, ErrBusy) {
			t.Errorf("%v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := j.Pending(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		time.AfterFunc(100*time.Millisecond, unlock)
		mustAppend(t, j, "b")
		if got := texts(t, j); got != "1 b" {
			t.Errorf("pending: %s", got)
		}
	})
}

// slowDisk takes a second to sync.
type slowDisk struct {
	fileSystem
	syncs atomic.Int32
}

type slowFile struct {
	file
	disk *slowDisk
}

func (d *slowDisk) Open(path string) (file, error) {
	f, err := d.fileSystem.Open(path)
	if err != nil {
		return nil, err
	}
	return slowFile{f, d}, nil
}

func (f slowFile) Sync() error {
	f.disk.syncs.Add(1)
	<-time.After(time.Second)
	return f.file.Sync()
}

// TestCompaction: a journal that is used for long does not grow.
func TestCompaction(t *testing.T) {
	d := newDisk(0)
	a, b := mustOpen(t, d, Options{}), mustOpen(t, d, Options{})
	for i := range 400 {
		j := []*Journal{a, b}[i%2]
		mustAppend(t, j, "1 "+strings.Repeat("x", 1000))
		if i >= 10 {
			mustAcknowledge(t, []*Journal{b, a}[i/2%2], uint64(i-9))
		}
		if n := len(d.get(testPath)); n > 2*compactAfter {
			t.Fatalf("after %d entries the file has %d bytes", i, n)
		}
	}
	if got := all(t, a); len(got) != 10 || got[0].Position != 391 {
		t.Errorf("%d entries from %d", len(got), got[0].Position)
	}
	if d.get(testPath+".new") != nil {
		t.Error("a file is left over")
	}
}

// TestAcknowledgedOneByOne: acknowledgements do not outgrow the bound either,
// in whatever order they come.
func TestAcknowledgedOneByOne(t *testing.T) {
	most := MinMaxBytes
	if os.Getenv("LEASEHOLD_HEAVY") != "" {
		most = 2 * MinMaxBytes
	}
	for name, acknowledge := range map[string]func(c *Claim, i, n uint64) error{
		"from the first": func(c *Claim, i, _ uint64) error { return c.Acknowledge(t.Context(), i+1) },
		"from the last":  func(c *Claim, i, n uint64) error { return c.AcknowledgeEach(t.Context(), n-i) },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDisk(0)
			j := mustOpen(t, d, Options{MaxBytes: int64(most)})
			n := uint64(0)
			for j.Append(t.Context(), []byte("x")) == nil {
				n++
			}
			c := mustClaim(t, j)
			for i := range n {
				if err := acknowledge(c, i, n); err != nil {
					t.Fatal(err)
				}
				if size := len(d.get(testPath)); size > most+2*compactAfter {
					t.Fatalf("after %d of %d the file has %d bytes", i+1, n, size)
				}
			}
			c.Release()
			if left, err := j.Pending(t.Context()); left != 0 || err != nil || n < uint64(most/60) {
				t.Errorf("%d of %d are pending, %v", left, n, err)
			}
			if got := texts(t, mustOpen(t, d, Options{MaxBytes: int64(most)})); got != "" {
				t.Errorf("pending: %s", got)
			}
		})
	}
}

// TestRoomOfOne: what is acknowledged by itself makes room, and damage does not
// bring it back.
func TestRoomOfOne(t *testing.T) {
	long := strings.Repeat("x", 60_000)
	d := newDisk(0)
	j := mustOpen(t, d, Options{MaxBytes: MinMaxBytes})
	mustAppend(t, j, "a")
	mustAppend(t, j, "b"+long)
	mustAppend(t, j, "c")
	mustAppend(t, j, "d"+long)
	mustAcknowledgeEach(t, j, 2)
	mustAppend(t, j, "e"+long)
	short := func(j *Journal) string {
		var list strings.Builder
		for _, e := range all(t, j) {
			fmt.Fprintf(&list, "%d%c ", e.Position, e.Data[0])
		}
		return list.String()
	}
	if got := short(j); got != "1a 3c 4d 5e " {
		t.Errorf("pending: %s", got)
	}
	content := d.get(testPath)
	content = append(content[:len(content)-1:len(content)-1], content[len(content)-1]^1)
	d.put(testPath, sealFrame(content, j.st.aead, j.st.next.frame, entriesContent([][]byte{[]byte("f")})))
	again := mustOpen(t, d, Options{MaxBytes: MinMaxBytes})
	if got := short(again); got != "1a 3c 4d " {
		t.Errorf("pending after damage: %s", got)
	}
	if st := again.st; st.next.position != 5 || len(st.settled) != 1 {
		t.Errorf("after damage the next position is %d, %v is settled", st.next.position, st.settled)
	}
}

// TestDeletedFile: somebody removed the file of an open journal.
func TestDeletedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	j, err := Open(path, testKey, Options{})
	if err != nil {
		t.Fatal(err)
	}
	mustAppend(t, j, "a")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, j, "b")
	if got := texts(t, j); got != "2 b" {
		t.Errorf("pending: %s", got)
	}
}

// TestModel holds the journal against a slice, with two processes that come
// and go.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newDisk(0)
		start := func() *Journal {
			j, err := open(testPath, testKey, Options{MaxBytes: MinMaxBytes}, d)
			if err != nil {
				t.Fatal(err)
			}
			return j
		}
		js := []*Journal{start(), start()}
		var model []Entry // pending
		next := uint64(1)
		check := func(j *Journal) {
			c, err := j.Claim()
			if err != nil {
				t.Fatal(err)
			}
			defer c.Release()
			most := rapid.IntRange(1, 20).Draw(t, "most")
			batch, err := c.Batch(context.Background(), most)
			if err != nil || len(batch) != min(most, len(model)) {
				t.Fatalf("%d entries of %d, %v", len(batch), len(model), err)
			}
			for i, e := range batch {
				if e.Position != model[i].Position || !bytes.Equal(e.Data, model[i].Data) {
					t.Fatalf("entry %d is %d %.20q", i, e.Position, e.Data)
				}
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) {
				j := js[rapid.IntRange(0, 1).Draw(t, "process")]
				var entries [][]byte
				for range rapid.IntRange(1, 4).Draw(t, "entries") {
					entries = append(entries, bytes.Repeat([]byte{byte(next)}, rapid.SampledFrom([]int{1, 10, 1000, 30_000}).Draw(t, "size")))
				}
				err := j.Append(context.Background(), entries...)
				if errors.Is(err, ErrFull) {
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range entries {
					model = append(model, Entry{next, e})
					next++
				}
			},
			"acknowledge some": func(t *rapid.T) {
				var positions []uint64
				model = slices.DeleteFunc(model, func(e Entry) bool {
					taken := rapid.Bool().Draw(t, "taken")
					if taken {
						positions = append(positions, e.Position)
					}
					return taken
				})
				c, err := js[rapid.IntRange(0, 1).Draw(t, "process")].Claim()
				if err != nil {
					t.Fatal(err)
				}
				defer c.Release()
				if err := c.AcknowledgeEach(context.Background(), positions...); err != nil {
					t.Fatal(err)
				}
			},
			"acknowledge": func(t *rapid.T) {
				n := rapid.IntRange(0, len(model)).Draw(t, "how many")
				c, err := js[rapid.IntRange(0, 1).Draw(t, "process")].Claim()
				if err != nil {
					t.Fatal(err)
				}
				defer c.Release()
				through := next - 1
				if n < len(model) {
					through = model[n].Position - 1
				}
				if err := c.Acknowledge(context.Background(), through); err != nil {
					t.Fatal(err)
				}
				model = model[n:]
			},
			"restart": func(t *rapid.T) { js[rapid.IntRange(0, 1).Draw(t, "process")] = start() },
			"":        func(*rapid.T) { check(js[0]) },
		})
		if n := len(d.get(testPath)); n > MinMaxBytes+1000 {
			t.Errorf("the file has %d bytes", n)
		}
	})
}
