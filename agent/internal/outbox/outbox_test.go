package outbox

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/leasehold-dev/leasehold/agent/internal/roomtest"
	"github.com/leasehold-dev/leasehold/storage/journal"
)

// next is the Outbox of the process after o's, whose ledger and folder it has.
func next(t *testing.T, o *Outbox) *Outbox {
	t.Helper()
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	o = New(o.Config)
	t.Cleanup(func() { _ = o.Close() })
	return o
}

// What a process leaves is counted by the next: Peek opens nothing for that, Reopen
// opens the journal, and Deliver sends it.
func TestTheNextProcessFindsWhatIsLeft(t *testing.T) {
	roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
		o := posted(t, h)
		o.Reopen(t.Context()) // nothing was ever queued
		if o.journal != nil || o.Peek() != 0 {
			t.Error("a journal that nobody needs is opened")
		}
		queue(t, o, uses(o, "a", "b")...)
		o = next(t, o)
		if n := o.Peek(); n != 2 || o.journal != nil || o.Pending() != 0 {
			t.Errorf("Peek finds %d, and %d are counted", n, o.Pending())
		}
		if o.Reopen(t.Context()); o.Pending() != 2 || o.Peek() != 2 {
			t.Errorf("%d are left after Reopen", o.Pending())
		}
		if _, err := o.Deliver(t.Context()); err != nil || arrived(h.Server) != "a b" {
			t.Errorf("%v, the server has %q", err, arrived(h.Server))
		}
	})
}

// Erase removes all files of this client's journal, and none of another's.
func TestErase(t *testing.T) {
	roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
		o := posted(t, h)
		queue(t, o, uses(o, "a")...)
		other := Path(o.Folder, "another")
		if err := os.WriteFile(other, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := o.Erase(); err != nil || o.Pending() != 0 {
			t.Errorf("%v, %d wait", err, o.Pending())
		}
		left, err := filepath.Glob(filepath.Join(o.Folder, "*"))
		if err != nil || len(left) != 1 || left[0] != other {
			t.Errorf("left: %v, %v", left, err)
		}
		queue(t, o, uses(o, "b")...)
		if n := o.Pending(); n != 1 {
			t.Errorf("%d are queued after Erase", n)
		}
	})
}

// The journal is found by the client's ID in any case of letters, and does not name
// it.
func TestPath(t *testing.T) {
	a, b, c := Path("f", "Device-1"), Path("f", "dEVICE-1"), Path("f", "device-2")
	if a != b || a == c || strings.Contains(strings.ToLower(a), "device") || filepath.Dir(a) != "f" {
		t.Errorf("%s, %s, %s", a, b, c)
	}
}

// Nothing is promised that would not be read again.
func TestAddNeedsAPlace(t *testing.T) {
	broken := errors.New("broken")
	for name, tt := range map[string]struct {
		change func(*Outbox)
		cancel bool
		want   error
	}{
		"nothing can be kept here":       {change: func(o *Outbox) { o.Unusable = broken }, want: broken},
		"the key does not last":          {change: func(o *Outbox) { o.Unlasting = func() error { return broken } }, want: broken},
		"another opens, and no patience": {change: func(o *Outbox) { o.opening <- struct{}{} }, cancel: true, want: context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
				o := posted(t, h)
				usable := o.Config
				tt.change(o)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tt.cancel {
					cancel()
				}
				for range 2 { // the second time the key is known
					if err := o.Add(ctx, uses(o, "a")...); !errors.Is(err, tt.want) || o.Pending() != 0 {
						t.Errorf("%v, %d queued", err, o.Pending())
					}
				}
				o.Reopen(ctx) // says so in the log, and goes on
				if tt.cancel {
					<-o.opening
				}
				o.Config = usable
				queue(t, o, uses(o, "a")...)
			})
		})
	}
}

// What the journal does not take is not accepted, nothing of it.
func TestAddKeepsAllOrNothing(t *testing.T) {
	roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
		o := posted(t, h)
		if err := o.Add(t.Context(), uses(o, "a", strings.Repeat("b", journal.MaxEntry))...); err == nil || o.Pending() != 0 {
			t.Errorf("an entry that is too long: %v, %d queued", err, o.Pending())
		}
		if o = next(t, o); o.Peek() != 0 {
			t.Errorf("the next process finds %d", o.Peek())
		}
	})
}

// A damaged journal is told of, and a new one takes its place.
func TestADamagedJournal(t *testing.T) {
	roomtest.Bubble(t, func(t *testing.T, h *roomtest.House) {
		o := posted(t, h)
		var damaged error
		o.Damaged = func(err error) { damaged = err }
		queue(t, o, uses(o, "a")...)
		o = next(t, o)
		if err := os.WriteFile(o.Path(), []byte(strings.Repeat("no journal ", 99)), 0o600); err != nil {
			t.Fatal(err)
		}
		queue(t, o, uses(o, "b")...)
		if _, err := o.Deliver(t.Context()); err != nil || damaged == nil || arrived(h.Server) != "b" {
			t.Errorf("%v, told of %v, the server has %q", err, damaged, arrived(h.Server))
		}
	})
}
