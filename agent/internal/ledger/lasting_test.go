package ledger

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

// shelf is a store of which some of the record is out of reach.
type shelf struct {
	storage.Store
	load            error // what Load says beside the state
	older           bool  // the state is an older copy until a server time is committed
	unkept, outlive error
}

func (s *shelf) Load(ctx context.Context) (storage.State, error) {
	st, err := s.Store.Load(ctx)
	st.RestoredCopy = s.older
	if s.load != nil {
		return storage.State{}, s.load
	}
	return st, err
}
func (s *shelf) Unkept() error   { return s.unkept }
func (s *shelf) Outlived() error { return s.outlive }

// What a store cannot keep for good, or cannot remove, is said with what follows
// from it; a store that always can need not say so.
func TestLasting(t *testing.T) {
	why := errors.New("the keyring is locked")
	for name, tt := range map[string]struct {
		store               storage.Store
		unlasting, outlived error
	}{
		"a store that always can": {store: storage.NewMemory()},
		"one that can":            {store: &shelf{Store: storage.NewMemory()}},
		"one that cannot keep":    {store: &shelf{Store: storage.NewMemory(), unkept: why}, unlasting: why},
		"one that cannot remove":  {store: &shelf{Store: storage.NewMemory(), outlive: why}, outlived: why},
	} {
		l, _ := open(t, tt.store)
		if err := l.Unlasting(); !errors.Is(err, tt.unlasting) || err != nil && !strings.Contains(err.Error(), "until the application ends") {
			t.Errorf("%s: Unlasting: %v", name, err)
		}
		if err := l.Outlived(); !errors.Is(err, tt.outlived) || err != nil && !strings.Contains(err.Error(), "seat") {
			t.Errorf("%s: Outlived: %v", name, err)
		}
	}
}

// What lasts only until the process ends is written again, on what another process
// has stored, when the store can keep it.
func TestWhatDoesNotLastIsKeptLater(t *testing.T) {
	shared := storage.NewMemory()
	store := &shelf{Store: shared, unkept: errors.New("locked")}
	l, _ := open(t, store)
	if _, err := Learn(t.Context(), l, count); err != nil || l.Unsaved() != 1 {
		t.Errorf("%v, %d unsaved", err, l.Unsaved())
	}
	store.unkept = nil
	if err := l.Flush(); err != nil || l.Unsaved() != 0 {
		t.Errorf("then %v, %d unsaved", err, l.Unsaved())
	}
}

// No more is remembered than can be of use: the newest.
func TestWhatIsRememberedIsBounded(t *testing.T) {
	store := &flaky{Store: storage.NewMemory()}
	l, _ := open(t, store)
	store.set(true)
	for range maxUnkept + 10 {
		_, _ = Learn(t.Context(), l, count)
	}
	if n := l.Unsaved(); n != maxUnkept || l.Known().Contact.Failures != maxUnkept+10 {
		t.Errorf("%d are remembered, %d count", n, l.Known().Contact.Failures)
	}
}

// What cannot be read at the start leaves no licence and a problem to report, but
// no error.
func TestOpenWithAProblem(t *testing.T) {
	for name, tt := range map[string]struct {
		data    string
		load    error
		problem bool
		err     bool
		kept    bool // what is learned is, at once
	}{
		"nothing":             {kept: true},
		"no record":           {data: "no record", problem: true},
		"damaged":             {load: storage.ErrDamaged, problem: true},
		"of a newer version":  {load: storage.ErrNewerFormat, problem: true},
		"out of reach":        {load: storage.ErrUnavailable, problem: true},
		"the caller has gone": {load: context.Canceled, err: true},
	} {
		t.Run(name, func(t *testing.T) {
			shared := storage.NewMemory()
			if tt.data != "" {
				if _, err := shared.Commit(t.Context(), storage.State{Data: []byte(tt.data)}); err != nil {
					t.Fatal(err)
				}
			}
			store := &shelf{Store: shared, load: tt.load}
			l, problem, err := openAny(t, store, &wall{})
			if (problem != nil) != tt.problem || (err != nil) != tt.err || tt.load != nil && !errors.Is(errors.Join(problem, err), tt.load) {
				t.Fatalf("problem %v, error %v", problem, err)
			}
			if err != nil {
				return
			}
			if l.Known().Facts.Held() {
				t.Error("a licence is held")
			}
			if tt.kept {
				if _, err := Learn(t.Context(), l, count); err != nil {
					t.Fatal(err)
				}
				if again, _ := open(t, shared); again.Known().Contact.Failures != 1 {
					t.Error("it is not kept")
				}
			}
		})
	}
}

// The number of a window is drawn from those that are taken, and what it cannot be
// drawn from is the caller's to know.
func TestNumber(t *testing.T) {
	store := storage.NewMemory()
	full := errors.New("no number is free")
	number := func(n int, err error) (*Ledger, error) {
		l, _, err := Open(t.Context(), Config{
			Store: store, Policy: enforcement.Standard(), Logger: slog.New(slog.DiscardHandler), Drifted: func() bool { return false },
			Number: func([]int) (int, error) { return n, err },
		})
		return l, err
	}
	l, err := number(3, nil)
	if err != nil || l.Window() != 3 {
		t.Fatalf("%v, window %d", err, l.Window())
	}
	if _, err := number(0, full); !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
}

// What another process stored is taken over; what is gone says nothing
// against what is known.
func TestRefresh(t *testing.T) {
	for name, tt := range map[string]struct {
		meanwhile func(storage.Store) error
		want      int
	}{
		"nothing happened": {func(storage.Store) error { return nil }, 1},
		"it was removed":   {func(s storage.Store) error { return s.Delete(context.Background()) }, 1},
		"another has learned": {func(s storage.Store) error {
			l, _, err := Open(context.Background(), Config{
				Store: s, Policy: enforcement.Standard(), Logger: slog.New(slog.DiscardHandler), Drifted: func() bool { return false },
			})
			if err == nil {
				err = l.Keep(context.Background(), func(k *record.Known) { k.Contact.Failures = 7 })
			}
			return err
		}, 7},
	} {
		t.Run(name, func(t *testing.T) {
			store := storage.NewMemory()
			l, _ := open(t, store)
			if _, err := Learn(t.Context(), l, count); err != nil {
				t.Fatal(err)
			}
			if err := tt.meanwhile(store); err != nil {
				t.Fatal(err)
			}
			if l.Refresh(t.Context()); l.Known().Contact.Failures != tt.want {
				t.Errorf("%d are known, want %d", l.Known().Contact.Failures, tt.want)
			}
			if got, err := Learn(t.Context(), l, count); err != nil || got != tt.want+1 {
				t.Errorf("then %d, %v", got, err)
			}
			if again, _ := open(t, store); again.Known().Contact.Failures != tt.want+1 {
				t.Errorf("%d are kept", again.Known().Contact.Failures)
			}
		})
	}
}
