package journal

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/leasehold-dev/leasehold/storage/storagetest"
)

// The test binary runs itself again to have a process that can be killed.
const (
	envChild = "LEASEHOLD_TEST_CHILD" // what to do: live or count
	envPath  = "LEASEHOLD_TEST_PATH"
	envFirst = "LEASEHOLD_TEST_FIRST" // number of the first entry, or how many
	envStep  = "LEASEHOLD_TEST_STEP"  // the step at which to die; 0: none
)

func TestMain(m *testing.M) {
	if what := os.Getenv(envChild); what != "" {
		if err := runChild(what); err != nil {
			fmt.Fprintln(os.Stdout, "error", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if os.Getenv("LEASEHOLD_HEAVY") == "" {
		storagetest.UseMemoryDisk()
	}
	debug.SetGCPercent(400) // two thirds of the time of these tests were the collector's
	goleak.VerifyTestMain(m)
}

func runChild(what string) error {
	ctx := context.Background()
	step, _ := strconv.Atoi(os.Getenv(envStep))
	first, _ := strconv.Atoi(os.Getenv(envFirst))
	path := os.Getenv(envPath)
	if what == "count" {
		j, err := Open(path, testKey, Options{})
		for i := 0; err == nil && i < first; i++ {
			err = j.Append(ctx, fmt.Appendf(nil, "%d %d", os.Getpid(), i))
		}
		return err
	}
	j, err := open(path, testKey, Options{MaxBytes: MinMaxBytes}, fuseFS{osFS{}, &fuse{at: step}})
	if err != nil {
		return err
	}
	for i := first; ; i++ {
		if i%5 == 4 {
			c, err := j.Claim()
			if err != nil {
				return err
			}
			batch, err := c.Batch(ctx, 3)
			if err != nil {
				return err
			}
			if len(batch) > 0 {
				through := batch[len(batch)-1].Position
				fmt.Fprintln(os.Stdout, "acking", through)
				if err := c.Acknowledge(ctx, through); err != nil {
					return err
				}
				fmt.Fprintln(os.Stdout, "acked", through)
			}
			c.Release()
		}
		fmt.Fprintln(os.Stdout, "adding", i)
		err := j.Append(ctx, numbered(i))
		if errors.Is(err, ErrFull) {
			fmt.Fprintln(os.Stdout, "full", i)
			continue
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(os.Stdout, "added", i)
	}
}

// numbered is the entry with this number, of very different sizes.
func numbered(i int) []byte {
	return fmt.Appendf(nil, "%d %s", i, strings.Repeat("x", []int{3, 900, 20, 30_000, 1, 5000}[i%6]))
}

// fuse kills its own process at a step, as SIGKILL does: nothing runs after.
type fuse struct{ steps, at int }

func (f *fuse) step() {
	if f.steps++; f.steps == f.at {
		self, err := os.FindProcess(os.Getpid())
		if err == nil {
			_ = self.Kill()
		}
		select {}
	}
}

// fuseFS is the file system of the operating system with a fuse before each
// step that writes, and in the middle of each write.
type fuseFS struct {
	fileSystem
	fuse *fuse
}

func (f fuseFS) Open(path string) (file, error) {
	file, err := f.fileSystem.Open(path)
	if err != nil {
		return nil, err
	}
	return fuseFile{file, f.fuse}, nil
}

func (f fuseFS) Create(path string) (file, error) {
	f.fuse.step()
	file, err := f.fileSystem.Create(path)
	if err != nil {
		return nil, err
	}
	return fuseFile{file, f.fuse}, nil
}

func (f fuseFS) Rename(from, to string) error {
	f.fuse.step()
	return f.fileSystem.Rename(from, to)
}

func (f fuseFS) SyncFolder(path string) error {
	f.fuse.step()
	return f.fileSystem.SyncFolder(path)
}

type fuseFile struct {
	file
	fuse *fuse
}

func (f fuseFile) WriteAt(b []byte, at int64) (int, error) {
	f.fuse.step()
	n, err := f.file.WriteAt(b[:len(b)/2], at)
	if err != nil {
		return n, err
	}
	f.fuse.step()
	m, err := f.file.WriteAt(b[len(b)/2:], at+int64(n))
	return n + m, err
}

func (f fuseFile) Sync() error {
	f.fuse.step()
	return f.file.Sync()
}

func (f fuseFile) Truncate(size int64) error {
	f.fuse.step()
	return f.file.Truncate(size)
}

func child(t *testing.T, what, path string, first, step int) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), envChild+"="+what, envPath+"="+path, envFirst+"="+strconv.Itoa(first), envStep+"="+strconv.Itoa(step))
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	return cmd, &out
}

// TestKill kills a process at its steps, one process after another on the same
// journal, and looks what each left behind.
func TestKill(t *testing.T) {
	kills := 20
	if heavy() {
		kills = 1000
	}
	path := filepath.Join(t.TempDir(), "journal")
	luck := rand.New(rand.NewPCG(7, 7))
	var pending []int // numbers of the entries that are confirmed and not acknowledged
	acked := uint64(0)
	next := 0
	for n := range kills {
		cmd, out := child(t, "live", path, next, 1+luck.IntN(60))
		const panicked = 2
		if err := cmd.Run(); err == nil || strings.Contains(out.String(), "error") || cmd.ProcessState.ExitCode() == panicked {
			t.Fatalf("kill %d: the child was not killed: %v; %s", n, err, out)
		}
		adding, acking := -1, uint64(0)
		for lines := bufio.NewReader(out); ; {
			var word string
			var i int
			if _, err := fmt.Fscanln(lines, &word, &i); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("kill %d: output of the child: %v", n, err)
			}
			switch word {
			case "adding":
				adding, next = i, i+1
			case "added":
				pending, adding = append(pending, i), -1
			case "full":
				adding = -1
			case "acking":
				acking = uint64(i)
			case "acked":
				pending, acked, acking = pending[uint64(i)-acked:], uint64(i), 0
			}
		}
		j, err := Open(path, testKey, Options{MaxBytes: MinMaxBytes, OnEvent: func(e Event) {
			if e.Type != EventTorn {
				t.Errorf("kill %d: %+v", n, e)
			}
		}})
		if err != nil {
			t.Fatalf("kill %d: %v", n, err)
		}
		got := all(t, j)
		if acking > 0 && (len(got) == 0 || got[0].Position > acked+1) {
			pending, acked = pending[acking-acked:], acking
		}
		if adding >= 0 && len(got) > len(pending) {
			pending = append(pending, adding)
		}
		if len(got) != len(pending) {
			t.Fatalf("kill %d: %d entries are pending, want %d", n, len(got), len(pending))
		}
		for i, e := range got {
			if want := numbered(pending[i]); e.Position != acked+1+uint64(i) || !bytes.Equal(e.Data, want) {
				t.Fatalf("kill %d: entry %d at %d is %.20q, want %.20q at %d", n, i, e.Position, e.Data, want, acked+1+uint64(i))
			}
		}
	}
	t.Logf("%d kills, %d entries", kills, next)
}

// TestTwoProcesses has two processes append to one journal.
func TestTwoProcesses(t *testing.T) {
	entries := 60
	if heavy() {
		entries = 2000
	}
	path := filepath.Join(t.TempDir(), "journal")
	a, outA := child(t, "count", path, entries, 0)
	b, outB := child(t, "count", path, entries, 0)
	if err := errors.Join(a.Start(), b.Start()); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(a.Wait(), b.Wait()); err != nil {
		t.Fatalf("%v; %s%s", err, outA, outB)
	}
	j, err := Open(path, testKey, Options{})
	if err != nil {
		t.Fatal(err)
	}
	next := map[string]int{} // of each process
	for _, e := range all(t, j) {
		pid, number, _ := strings.Cut(string(e.Data), " ")
		if number != strconv.Itoa(next[pid]) {
			t.Fatalf("process %s: entry %s comes where %d should", pid, number, next[pid])
		}
		next[pid]++
	}
	for pid, n := range next {
		if n != entries || len(next) != 2 {
			t.Errorf("process %s has %d entries, want %d; %d processes", pid, n, entries, len(next))
		}
	}
}
