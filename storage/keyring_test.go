package storage_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leasehold-dev/leasehold/storage"
	"github.com/leasehold-dev/leasehold/storage/storagetest"
)

func hanging(ring storage.Keyring, kind storage.Kind) storage.Config {
	return storage.Config{Identity: someone, Dir: "/state", Kind: kind, Keyring: ring}.WithFileSystem(newDisk(nil))
}

// TestHang is a keyring that waits for a prompt nobody answers.
func TestHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ring := &storagetest.Keyring{}
		s := mustOpen(t, hanging(ring, storage.KindAuto))
		done, err := s.Commit(t.Context(), storage.State{Data: []byte("a")})
		if err != nil {
			t.Fatal(err)
		}
		took := func(what string, want time.Duration, f func() error, wantErr error) {
			t.Helper()
			start := time.Now()
			if err := f(); !errors.Is(err, wantErr) {
				t.Fatalf("%s: %v, want %v", what, err, wantErr)
			}
			if d := time.Since(start); d != want {
				t.Errorf("%s took %v, want %v", what, d, want)
			}
		}
		load := func() error { _, err := s.Load(t.Context()); return err }
		release := ring.Hang()
		before := len(ring.Calls())
		took("Load", 3*time.Second, load, storage.ErrUnavailable)
		took("Load with the breaker open", 0, load, storage.ErrUnavailable)
		took("a sibling's Load with the breaker open", 0, func() error {
			other, err := s.Sibling(t.Context(), storage.Identity{ISV: "i", Product: "p"}, "")
			if err != nil {
				return err
			}
			_, err = other.Load(t.Context())
			return err
		}, storage.ErrNotFound)
		took("Commit with the breaker open", 0, func() error {
			done.Data = []byte("b")
			_, err := s.Commit(t.Context(), done)
			return err
		}, nil)
		if n := len(ring.Calls()) - before; n != 1 || s.Kind() != storage.KindFile {
			t.Errorf("%d keyring calls, record in %s; want one call, and the file", n, s.Kind())
		}
		time.Sleep(time.Minute - time.Second)
		took("Load before the pause is over", 0, load, nil)
		if n := len(ring.Calls()) - before; n != 1 {
			t.Errorf("%d keyring calls before the pause is over", n)
		}
		time.Sleep(time.Second)
		took("Load after the pause", 3*time.Second, load, nil) // from the file
		release()
		synctest.Wait()
		time.Sleep(time.Minute)
		took("Load when it answers again", 0, load, nil)
		if got, err := s.Load(t.Context()); err != nil || string(got.Data) != "b" {
			t.Errorf("Load: %s, %v", got.Data, err)
		}
	})
}

// TestHungCallsAreBounded: each minute one more call may be left behind, but
// not for ever.
func TestHungCallsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ring := &storagetest.Keyring{}
		s := mustOpen(t, hanging(ring, storage.KindAuto))
		release := ring.Hang()
		before := len(ring.Calls())
		for range 100 {
			_, _ = s.Load(t.Context())
			time.Sleep(2 * time.Minute)
		}
		if n := len(ring.Calls()) - before; n != 4 {
			t.Errorf("%d calls hang", n)
		}
		release()
		synctest.Wait()
		if _, err := s.Load(t.Context()); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("when it answers again: %v", err)
		}
	})
}

// TestHungWriteIsNotOvertaken: a Set that hangs may still take effect, so no
// other call is made before it is known how it ended.
func TestHungWriteIsNotOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &slowSet{Keyring: &storagetest.Keyring{}, release: make(chan struct{})}
		s := mustOpen(t, hanging(slow, storage.KindKeyring))
		done, err := s.Commit(t.Context(), storage.State{Data: []byte("a")})
		if err != nil {
			t.Fatal(err)
		}
		slow.hang()
		done.Data = []byte("late")
		if _, err := s.Commit(t.Context(), done); !errors.Is(err, storage.ErrUnavailable) {
			t.Fatalf("Commit: %v, want ErrUnavailable", err)
		}
		time.Sleep(time.Hour)
		calls := len(slow.Calls())
		done.Data = []byte("overtakes")
		if _, err := s.Commit(t.Context(), done); !errors.Is(err, storage.ErrUnavailable) {
			t.Fatalf("Commit while a write hangs: %v, want ErrUnavailable", err)
		}
		if n := len(slow.Calls()); n != calls {
			t.Errorf("%d calls while a write hangs", n-calls)
		}
		close(slow.release)
		synctest.Wait()
		if got, err := s.Load(t.Context()); err != nil || string(got.Data) != "late" {
			t.Errorf("Load: %s, %v", got.Data, err)
		}
		if _, err := s.Commit(t.Context(), done); !errors.Is(err, storage.ErrConflict) {
			t.Errorf("Commit on the base of before: %v, want ErrConflict", err)
		}
	})
}

type slowSet struct {
	*storagetest.Keyring
	mu      sync.Mutex
	hung    bool
	release chan struct{}
}

func (s *slowSet) hang() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hung = true
}

func (s *slowSet) Set(service, user, secret string) error {
	s.mu.Lock()
	hung := s.hung
	s.mu.Unlock()
	if hung {
		<-s.release
	}
	return s.Keyring.Set(service, user, secret)
}

func TestCallerIsFasterThanTheKeyring(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ring := &storagetest.Keyring{}
		s := mustOpen(t, hanging(ring, storage.KindKeyring))
		release := ring.Hang()
		defer release()
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.Load(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("Load: %v after %v", err, time.Since(start))
		}
		// The call it left behind is still waited for, by the next.
		start = time.Now()
		if _, err := s.Load(t.Context()); !errors.Is(err, storage.ErrUnavailable) || time.Since(start) > 3*time.Second {
			t.Errorf("Load: %v after %v", err, time.Since(start))
		}
	})
}

func TestLockIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk(nil)
		s := mustOpen(t, storage.Config{Identity: someone, Dir: "/state", Kind: storage.KindFile}.WithFileSystem(d))
		unlock, err := d.Lock(t.Context(), filepath.Join(s.Folder(), s.Base()+".lock"), false)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		_, err = s.Commit(t.Context(), storage.State{})
		if !errors.Is(err, storage.ErrUnavailable) || time.Since(start) != 10*time.Second {
			t.Errorf("Commit: %v after %v", err, time.Since(start))
		}
		unlock()
		if _, err = s.Commit(t.Context(), storage.State{}); err != nil {
			t.Error(err)
		}
	})
}

// TestPanicInTheKeyring: go-keyring uses a nil signal when D-Bus closes.
func TestPanicInTheKeyring(t *testing.T) {
	s := mustOpen(t, hanging(panics{}, storage.KindAuto))
	if _, err := s.Commit(t.Context(), storage.State{}); err != nil || s.Kind() != storage.KindFile {
		t.Errorf("Commit: %v, in %s", err, s.Kind())
	}
	_, err := storage.Open(t.Context(), hanging(panics{}, storage.KindKeyring))
	if !errors.Is(err, storage.ErrUnavailable) || !strings.Contains(err.Error(), "nil signal") {
		t.Errorf("Open: %v", err)
	}
}

type panics struct{}

func (panics) Get(string, string) (string, error) { panic("nil signal") }
func (panics) Set(string, string, string) error   { panic("nil signal") }
func (panics) Delete(string, string) error        { panic("nil signal") }
