package storagetest_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/leasehold-dev/leasehold/storage"
	"github.com/leasehold-dev/leasehold/storage/storagetest"
)

const envBroken = "LEASEHOLD_TEST_BROKEN"

// TestBroken runs the suite on a store that is broken. It is run by
// TestSuiteFindsFaults, in a process of its own, and must fail there.
func TestBroken(t *testing.T) {
	breakIt := faults[os.Getenv(envBroken)]
	if breakIt == nil {
		t.Skip("run by TestSuiteFindsFaults")
	}
	storagetest.Run(t, func(*testing.T) storage.Store { return breakIt(storage.NewMemory()) })
	storagetest.RunShared(t, func(*testing.T) (storage.Store, storage.Store) {
		s := breakIt(storage.NewMemory())
		return s, s
	})
}

// fault is a store with one method replaced.
type fault struct {
	storage.Store
	load   func(storage.Store, context.Context) (storage.State, error)
	commit func(storage.Store, context.Context, storage.State) (storage.State, error)
	remove func(storage.Store, context.Context) error
}

func (f fault) Load(ctx context.Context) (storage.State, error) {
	if f.load != nil {
		return f.load(f.Store, ctx)
	}
	return f.Store.Load(ctx)
}

func (f fault) Commit(ctx context.Context, next storage.State) (storage.State, error) {
	if f.commit != nil {
		return f.commit(f.Store, ctx, next)
	}
	return f.Store.Commit(ctx, next)
}

func (f fault) Delete(ctx context.Context) error {
	if f.remove != nil {
		return f.remove(f.Store, ctx)
	}
	return f.Store.Delete(ctx)
}

var faults = map[string]func(storage.Store) storage.Store{
	"none": func(s storage.Store) storage.Store { return s },
	"last writer wins": func(s storage.Store) storage.Store {
		return fault{Store: s, commit: func(s storage.Store, ctx context.Context, next storage.State) (storage.State, error) {
			now, _ := s.Load(ctx)
			next.Sequence = now.Sequence
			return s.Commit(ctx, next)
		}}
	},
	"unavailable for empty": func(s storage.Store) storage.Store {
		return fault{Store: s, load: func(s storage.Store, ctx context.Context) (storage.State, error) {
			st, err := s.Load(ctx)
			if err != nil {
				err = fmt.Errorf("%w: %w", storage.ErrUnavailable, err)
			}
			return st, err
		}}
	},
	"times to the second": func(s storage.Store) storage.Store {
		return fault{Store: s, load: func(s storage.Store, ctx context.Context) (storage.State, error) {
			st, err := s.Load(ctx)
			st.HighWater = st.HighWater.Truncate(1e9)
			return st, err
		}}
	},
	"delete does nothing": func(s storage.Store) storage.Store {
		return fault{Store: s, remove: func(storage.Store, context.Context) error { return nil }}
	},
	"ignores the context": func(s storage.Store) storage.Store {
		return fault{Store: s, load: func(s storage.Store, _ context.Context) (storage.State, error) {
			return s.Load(context.Background())
		}}
	},
	"cuts long data": func(s storage.Store) storage.Store {
		return fault{Store: s, commit: func(s storage.Store, ctx context.Context, next storage.State) (storage.State, error) {
			next.Data = next.Data[:min(len(next.Data), 2560)]
			return s.Commit(ctx, next)
		}}
	},
}

func TestSuiteFindsFaults(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name := range faults {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), exe, "-test.run=^TestBroken$")
			cmd.Env = append(os.Environ(), envBroken+"="+name)
			out, err := cmd.Output()
			if !strings.Contains(string(out), "PASS") && !strings.Contains(string(out), "--- FAIL: TestBroken") {
				t.Fatalf("the suite did not run: %v; %s", err, out)
			}
			if passed := err == nil; passed != (name == "none") {
				t.Errorf("suite passed: %v; %s", passed, out)
			}
		})
	}
}

// TestKeyringLimits: the fake refuses what the real ones refuse.
func TestKeyringLimits(t *testing.T) {
	k := &storagetest.Keyring{}
	for _, c := range []struct {
		service, user string
		size          int
		ok            bool
	}{
		{"leasehold", "user", 2560, true},
		{"leasehold", "user", 2561, false},
		{strings.Repeat("s", 511), "user", 2500, true},
		{strings.Repeat("s", 512), "user", 1, false},
		{"leasehold", strings.Repeat("u", 700), 2560, false}, // the command line of macOS
		{strings.Repeat("'", 200), "user", 2560, false},      // quoted
	} {
		err := k.Set(c.service, c.user, strings.Repeat("x", c.size))
		if (err == nil) != c.ok {
			t.Errorf("service of %d, user of %d, secret of %d bytes: %v", len(c.service), len(c.user), c.size, err)
		}
	}
	if n := k.Oversized(); n != 4 {
		t.Errorf("%d oversized", n)
	}
}
