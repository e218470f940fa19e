package storage_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/storage"
)

var errLocked = errors.New("failed to unlock correct collection")

// The test binary runs itself again to have a process that can be killed.
const (
	envChild = "LEASEHOLD_TEST_CHILD" // what to do: write or count
	envDir   = "LEASEHOLD_TEST_DIR"
	envKind  = "LEASEHOLD_TEST_KIND"
	envFirst = "LEASEHOLD_TEST_FIRST" // number of the first state to write
	envStep  = "LEASEHOLD_TEST_STEP"  // the step at which to die; 0: none
	envReal  = "LEASEHOLD_TEST_REAL"  // service name in the real keyring; "": a folder for a keyring
)

func childMain() {
	what := os.Getenv(envChild)
	if what == "" {
		return
	}
	if err := runChild(what); err != nil {
		fmt.Fprintln(os.Stdout, "error", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func runChild(what string) error {
	ctx := context.Background()
	at, _ := strconv.Atoi(os.Getenv(envStep))
	first, _ := strconv.Atoi(os.Getenv(envFirst))
	f := &fuse{at: at}
	ring := &folderKeyring{folder: filepath.Join(os.Getenv(envDir), "keyring"), fuse: f}
	cfg := childConfig(os.Getenv(envDir), storage.Kind(os.Getenv(envKind)), ring).WithFileSystem(fuseFS{fuse: f})
	if service := os.Getenv(envReal); service != "" {
		cfg.Keyring, cfg.KeyringService = nil, service
	}
	if what == "count" {
		s, err := storage.Open(ctx, cfg)
		if err != nil {
			return err
		}
		for range first {
			if _, err := storage.Update(ctx, s, increment); err != nil {
				return err
			}
		}
		return nil
	}
	s, err := storage.Open(ctx, cfg)
	if err != nil {
		return err
	}
	var last storage.State
	for i := first; ; i++ {
		ring.locked = cfg.Kind == storage.KindAuto && i/6%2 == 1
		fmt.Fprintln(os.Stdout, "try", i)
		if isDelete(i) {
			err = s.Delete(ctx)
			last = storage.State{}
		} else {
			change := func(st storage.State) (storage.State, error) {
				st.Data = numbered(i)
				st.ServerTime = time.Unix(int64(i), 0)
				return st, nil
			}
			var done storage.State
			done, err = storage.Update(ctx, s, change)
			if ring.locked && errors.Is(err, storage.ErrUnavailable) {
				// The newest state is in the keyring: go on from what we know
				// of it, or anew.
				last, _ = change(last)
				done, err = s.Commit(ctx, last)
			}
			last = done
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(os.Stdout, "done", i)
	}
}

func childConfig(dir string, kind storage.Kind, ring storage.Keyring) storage.Config {
	return storage.Config{Identity: someone, Seal: "device", Dir: dir, Kind: kind, Keyring: ring}
}

// isDelete says which of the numbered steps of a child deletes.
func isDelete(i int) bool { return i%16 == 15 && i/6%2 == 0 }

// numbered is the data of the state with number i.
func numbered(i int) []byte {
	sizes := []int{8, 1000, 3000, 20_000, 3000, 300_000, 8, 1768, 1769}
	b := make([]byte, sizes[i%len(sizes)])
	_, _ = rand.NewChaCha8([32]byte{4, byte(i), byte(i >> 8)}).Read(b)
	binary.BigEndian.PutUint64(b, uint64(i))
	return b
}

func increment(s storage.State) (storage.State, error) {
	n, _ := strconv.Atoi(string(s.Data))
	s.Data = strconv.AppendInt(nil, int64(n+1), 10)
	return s, nil
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
// write step, and in the middle of each write.
type fuseFS struct {
	*storage.OSFS
	fuse *fuse
}

func (f fuseFS) Create(path string) (storage.File, error) {
	f.fuse.step()
	file, err := f.OSFS.Create(path)
	return fuseFile{file, f.fuse}, err
}

func (f fuseFS) Rename(from, to string) error {
	f.fuse.step()
	return f.OSFS.Rename(from, to)
}

func (f fuseFS) Remove(path string) error {
	f.fuse.step()
	return f.OSFS.Remove(path)
}

func (f fuseFS) SyncFolder(path string) error {
	f.fuse.step()
	return f.OSFS.SyncFolder(path)
}

type fuseFile struct {
	storage.File
	fuse *fuse
}

func (f fuseFile) Write(b []byte) (int, error) {
	f.fuse.step()
	n, err := f.File.Write(b[:len(b)/2])
	if err != nil {
		return n, err
	}
	f.fuse.step()
	m, err := f.File.Write(b[len(b)/2:])
	return n + m, err
}

func (f fuseFile) Sync() error {
	f.fuse.step()
	return f.File.Sync()
}

// folderKeyring is a keyring that several processes share: a folder.
type folderKeyring struct {
	folder string
	fuse   *fuse
	locked bool
}

func (k *folderKeyring) path(user string) string { return filepath.Join(k.folder, user) }

func (k *folderKeyring) Get(_, user string) (string, error) {
	if k.locked {
		return "", errLocked
	}
	b, err := new(storage.OSFS).Read(k.path(user), storage.MaxItem)
	if errors.Is(err, fs.ErrNotExist) {
		return "", storage.ErrNotFound
	}
	return string(b), err
}

func (k *folderKeyring) Set(_, user, secret string) error {
	if k.locked {
		return errLocked
	}
	k.fuse.step()
	if err := os.MkdirAll(k.folder, 0o700); err != nil {
		return err
	}
	temp := fmt.Sprintf("%s.%d", k.path(user), os.Getpid())
	if err := os.WriteFile(temp, []byte(secret), 0o600); err != nil {
		return err
	}
	if err := new(storage.OSFS).Rename(temp, k.path(user)); err != nil {
		return err
	}
	k.fuse.step()
	return nil
}

func (k *folderKeyring) Delete(_, user string) error {
	if k.locked {
		return errLocked
	}
	k.fuse.step()
	err := new(storage.OSFS).Remove(k.path(user))
	if errors.Is(err, fs.ErrNotExist) {
		return storage.ErrNotFound
	}
	k.fuse.step()
	return err
}

func child(t *testing.T, what, dir string, kind storage.Kind, first, step int) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), envChild+"="+what, envDir+"="+dir, envKind+"="+string(kind),
		envFirst+"="+strconv.Itoa(first), envStep+"="+strconv.Itoa(step))
	cmd.Stderr = os.Stderr
	return cmd
}

// TestKill kills a process at write steps, one process after another on the
// same record, and looks what each left behind.
func TestKill(t *testing.T) {
	kills := 12
	if heavy() {
		kills = 400
	}
	for _, kind := range []storage.Kind{storage.KindFile, storage.KindKeyring, storage.KindAuto} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			luck := rand.New(rand.NewPCG(5, uint64(len(kind))))
			ring := &folderKeyring{folder: filepath.Join(dir, "keyring"), fuse: &fuse{}}
			var stored []byte // nil: nothing
			next := 0
			for n := range kills {
				var out bytes.Buffer
				cmd := child(t, "write", dir, kind, next, 1+luck.IntN(40))
				cmd.Stdout = &out
				if err := cmd.Run(); err == nil || strings.Contains(out.String(), "error") {
					t.Fatalf("kill %d: the child was not killed: %v, %s", n, err, lastLine(&out))
				}
				old, latest := stored, stored
				for {
					var word string
					var i int
					if _, err := fmt.Fscanln(&out, &word, &i); errors.Is(err, io.EOF) {
						break
					} else if err != nil {
						t.Fatalf("kill %d: output of the child: %v", n, err)
					}
					latest = nil
					if !isDelete(i) {
						latest = numbered(i)
					}
					if word == "done" {
						old = latest
					}
					next = i + 1
				}
				s, err := storage.Open(t.Context(), childConfig(dir, kind, ring))
				if err != nil {
					t.Fatalf("kill %d: Open: %v", n, err)
				}
				got, err := s.Load(t.Context())
				if errors.Is(err, storage.ErrNotFound) {
					err = nil
				}
				if err != nil || got.RestoredCopy {
					t.Fatalf("kill %d: Load: %v, restored copy %v", n, err, got.RestoredCopy)
				}
				if !bytes.Equal(got.Data, old) && !bytes.Equal(got.Data, latest) {
					t.Fatalf("kill %d: stored are %d bytes that are neither the old state nor the new", n, len(got.Data))
				}
				stored = got.Data
			}
			t.Logf("%d kills, %d states", kills, next)
		})
	}
}

func lastLine(b *bytes.Buffer) string {
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	return lines[len(lines)-1]
}

// TestTwoProcesses has two processes count in the same record.
func TestTwoProcesses(t *testing.T) {
	updates := 60
	if heavy() {
		updates = 1000
	}
	for _, kind := range []storage.Kind{storage.KindFile, storage.KindKeyring, storage.KindAuto} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			a, b := child(t, "count", dir, kind, updates, 0), child(t, "count", dir, kind, updates, 0)
			var out [2]bytes.Buffer
			a.Stdout, b.Stdout = &out[0], &out[1]
			if err := errors.Join(a.Start(), b.Start()); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(a.Wait(), b.Wait()); err != nil {
				t.Fatalf("%v; %s%s", err, out[0].String(), out[1].String())
			}
			s, err := storage.Open(t.Context(), childConfig(dir, kind, &folderKeyring{folder: filepath.Join(dir, "keyring"), fuse: &fuse{}}))
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.Load(t.Context())
			if err != nil || string(got.Data) != strconv.Itoa(2*updates) {
				t.Errorf("after %d updates each, two processes have counted to %s (%v)", updates, got.Data, err)
			}
		})
	}
}
