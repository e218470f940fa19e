package storage_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/storage"
)

// TestSecretService has trouble with a real Secret Service, started by
// .ci/keyring/with-keyring.sh. Its parts lock, stop and kill the daemon, so
// they run one after the other.
func TestSecretService(t *testing.T) {
	if os.Getenv("LEASEHOLD_KEYRING") != "secret-service" {
		t.Skip("needs a Secret Service of its own: run under .ci/keyring/with-keyring.sh")
	}
	pid, err := strconv.Atoi(os.Getenv("LEASEHOLD_KEYRING_PID"))
	if err != nil {
		t.Fatalf("LEASEHOLD_KEYRING_PID: %v", err)
	}
	d := &daemon{pid: pid}
	t.Cleanup(d.kill)

	t.Run("NoBus", func(t *testing.T) {
		cfg := realConfig(t, storage.KindAuto)
		cmd := child(t, "count", cfg.Dir, cfg.Kind, 3, 0)
		cmd.Env = append(cmd.Env, envReal+"="+cfg.KeyringService, "DBUS_SESSION_BUS_ADDRESS=")
		if out, err := cmd.Output(); err != nil {
			t.Fatalf("%v; %s", err, out)
		}
		// It counted in a file, which moves to the keyring now.
		s := mustOpen(t, cfg)
		got, err := s.Load(t.Context())
		if err != nil || string(got.Data) != "3" || s.Kind() != storage.KindKeyring {
			t.Errorf("it counted to %s in %s (%v)", got.Data, s.Kind(), err)
		}
	})

	t.Run("Locked", func(t *testing.T) {
		cfg := realConfig(t, storage.KindAuto)
		s := mustOpen(t, cfg)
		done, err := s.Commit(t.Context(), storage.State{Data: []byte("kept")})
		if err != nil {
			t.Fatal(err)
		}
		d.lock(t)
		start := time.Now()
		if _, err := s.Load(t.Context()); !errors.Is(err, storage.ErrUnavailable) {
			t.Errorf("Load: %v, want ErrUnavailable", err)
		}
		only := cfg
		only.Kind = storage.KindKeyring
		if _, err := storage.Open(t.Context(), only); !errors.Is(err, storage.ErrUnavailable) {
			t.Errorf("Open: %v, want ErrUnavailable", err)
		}
		t.Logf("two answers of a locked keyring: %v", time.Since(start))
		done.Data = []byte("later")
		if _, err := s.Commit(t.Context(), done); err != nil || s.Kind() != storage.KindFile {
			t.Errorf("Commit: %v, in %s", err, s.Kind())
		}
		d.restart(t)
		s = mustOpen(t, cfg)
		if got, err := s.Load(t.Context()); err != nil || string(got.Data) != "later" || s.Kind() != storage.KindKeyring {
			t.Errorf("after unlocking: %s in %s, %v", got.Data, s.Kind(), err)
		}
	})

	t.Run("Stopped", func(t *testing.T) {
		cfg := realConfig(t, storage.KindAuto)
		cfg.Timeout, cfg.BreakerPause = 300*time.Millisecond, time.Millisecond
		s := mustOpen(t, cfg)
		done, err := s.Commit(t.Context(), storage.State{Data: []byte("kept")})
		if err != nil {
			t.Fatal(err)
		}
		d.signal(t, syscall.SIGSTOP)
		start := time.Now()
		if _, err := s.Load(t.Context()); !errors.Is(err, storage.ErrUnavailable) {
			t.Errorf("Load: %v, want ErrUnavailable", err)
		}
		if took := time.Since(start); took > 10*cfg.Timeout {
			t.Errorf("Load took %v with a timeout of %v", took, cfg.Timeout)
		}
		done.Data = []byte("later")
		if _, err := s.Commit(t.Context(), done); err != nil || s.Kind() != storage.KindFile {
			t.Errorf("Commit: %v, in %s", err, s.Kind())
		}
		d.signal(t, syscall.SIGCONT)
		d.await(t, s)
		if got, err := s.Load(t.Context()); err != nil || string(got.Data) != "later" {
			t.Errorf("after it went on: %s, %v", got.Data, err)
		}
	})

	t.Run("KilledInTheMiddle", func(t *testing.T) {
		cfg := realConfig(t, storage.KindAuto)
		s := mustOpen(t, cfg)
		first, err := s.Commit(t.Context(), storage.State{Data: []byte("0")})
		if err != nil {
			t.Fatal(err)
		}
		killed := make(chan struct{})
		last, n := first, 0
		for i := 1; i <= 60; i++ {
			if i == 10 {
				go func() { d.kill(); close(killed) }()
			}
			next := last
			next.Data = []byte(strconv.Itoa(i))
			done, err := s.Commit(t.Context(), next)
			if err != nil {
				t.Fatalf("commit %d: %v", i, err)
			}
			last, n = done, i
		}
		<-killed
		if s.Kind() != storage.KindFile {
			t.Errorf("after the daemon was killed the record is in %s", s.Kind())
		}
		d.restart(t)
		s = mustOpen(t, cfg)
		got, err := s.Load(t.Context())
		if err != nil || string(got.Data) != strconv.Itoa(n) || s.Kind() != storage.KindKeyring || got.RestoredCopy {
			t.Errorf("after the restart: %s in %s, %v; want %d", got.Data, s.Kind(), err, n)
		}
	})
}

// daemon is the gnome-keyring daemon of this session.
type daemon struct{ pid int }

func (d *daemon) signal(t *testing.T, sig syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(d.pid, sig); err != nil {
		t.Fatalf("daemon: %v", err)
	}
}

func (d *daemon) kill() { _ = syscall.Kill(d.pid, syscall.SIGKILL) }

func (d *daemon) lock(t *testing.T) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.secrets",
		"/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock",
		"array:objpath:/org/freedesktop/secrets/collection/login").CombinedOutput()
	if err != nil {
		t.Fatalf("locking: %v, %s", err, out)
	}
}

// restart replaces the daemon, or the one that D-Bus started in its place, by
// one whose keyring is unlocked.
func (d *daemon) restart(t *testing.T) {
	t.Helper()
	for range 5 {
		d.kill()
		if pid := owner(t); pid != 0 {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		cmd := exec.Command("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
		cmd.Stdin = strings.NewReader(os.Getenv("LEASEHOLD_KEYRING_PASSWORD"))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		go func() { _ = cmd.Wait() }()
		d.pid = cmd.Process.Pid
		until := time.Now().Add(2 * time.Second)
		for time.Now().Before(until) {
			if owner(t) == d.pid {
				return
			}
		}
	}
	t.Fatal("the daemon cannot be restarted")
}

// owner is the process that is the Secret Service of this session's own bus.
func owner(t *testing.T) int {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "dbus-send", "--session", "--print-reply=literal", "--dest=org.freedesktop.DBus",
		"/", "org.freedesktop.DBus.GetConnectionUnixProcessID", "string:org.freedesktop.secrets").Output()
	if err != nil {
		return 0 // nobody
	}
	fields := strings.Fields(string(out))
	pid, err := strconv.Atoi(fields[len(fields)-1])
	if err != nil {
		t.Fatalf("dbus-send: %q", out)
	}
	return pid
}

// await waits until the store reaches the keyring.
func (d *daemon) await(t *testing.T, s *storage.Local) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		_, err := storage.Update(ctx, s, func(st storage.State) (storage.State, error) { return st, nil })
		if err == nil && s.Kind() == storage.KindKeyring {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("the keyring does not come back: %v, in %s", err, s.Kind())
		}
	}
}
