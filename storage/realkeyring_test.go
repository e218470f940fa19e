package storage_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/storage"
	"github.com/leasehold-dev/leasehold/storage/storagetest"
)

// TestRealKeyring keeps the contract with the keyring of the operating system,
// whichever that is.
func TestRealKeyring(t *testing.T) {
	if os.Getenv("LEASEHOLD_KEYRING") == "" {
		t.Skip("writes to the keyring of this user: set LEASEHOLD_KEYRING to its name to allow it")
	}
	t.Run("Conformance", func(t *testing.T) {
		for _, kind := range []storage.Kind{storage.KindKeyring, storage.KindAuto} {
			storagetest.Run(t, func(t *testing.T) storage.Store { return mustOpen(t, realConfig(t, kind)) })
			storagetest.RunShared(t, func(t *testing.T) (storage.Store, storage.Store) {
				cfg := realConfig(t, kind)
				return mustOpen(t, cfg), mustOpen(t, cfg)
			})
		}
	})

	t.Run("Sizes", func(t *testing.T) {
		s := mustOpen(t, realConfig(t, storage.KindKeyring))
		for _, n := range []int{storage.InlineData, storage.InlineData + 1, 5000, 10_000, 1 << 20} {
			data := bytes.Repeat(numbered(5), 4)[:n]
			start := time.Now()
			done, err := storage.Update(t.Context(), s, func(st storage.State) (storage.State, error) {
				st.Data = data
				return st, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("commit of %d bytes: %v", n, time.Since(start))
			if got, err := s.Load(t.Context()); err != nil || got.Sequence != done.Sequence || !bytes.Equal(got.Data, data) {
				t.Errorf("Load: %s, %v", brief(got), err)
			}
		}
	})

	t.Run("TwoProcesses", func(t *testing.T) {
		const updates = 50
		cfg := realConfig(t, storage.KindKeyring)
		var procs [2]*exec.Cmd
		var out [2]bytes.Buffer
		for i := range procs {
			procs[i] = child(t, "count", cfg.Dir, cfg.Kind, updates, 0)
			procs[i].Env = append(procs[i].Env, envReal+"="+cfg.KeyringService)
			procs[i].Stdout = &out[i]
			if err := procs[i].Start(); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(procs[0].Wait(), procs[1].Wait()); err != nil {
			t.Fatalf("%v; %s%s", err, out[0].String(), out[1].String())
		}
		got, err := mustOpen(t, cfg).Load(t.Context())
		if err != nil || string(got.Data) != strconv.Itoa(2*updates) {
			t.Errorf("they counted to %s (%v)", got.Data, err)
		}
	})
}

// realConfig is for a record of its own in the real keyring, which is removed
// when the test ends.
func realConfig(t *testing.T, kind storage.Kind) storage.Config {
	t.Helper()
	cfg := storage.Config{
		Identity: someone, Seal: "device", Dir: t.TempDir(), Kind: kind,
		KeyringService: fmt.Sprintf("leasehold-test-%d", time.Now().UnixNano()),
	}
	t.Cleanup(func() {
		s, err := storage.Open(context.Background(), cfg)
		if err == nil {
			err = s.Delete(context.Background())
		}
		if err != nil {
			t.Errorf("removing what the test stored: %v", err)
		}
	})
	return cfg
}
