package ledger

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

// held has the ledger hold a licence that was proven now and is in use for so long.
func held(t *testing.T, l *Ledger, freeride time.Duration) {
	t.Helper()
	now := l.Now()
	if err := l.Keep(t.Context(), func(k *record.Known) {
		k.Facts = k.Facts.Yes(enforcement.License{Source: enforcement.FromHeartbeat, FreerideSet: true, Key: "key", ProvenAt: now, Due: now.Add(24 * time.Hour), Freeride: freeride}, enforcement.Flags{})
	}); err != nil {
		t.Fatal(err)
	}
}

// A reader who comes after the decision has changed gets the new one, and the
// change is told once, to the one hook.
func TestCurrentFollowsTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, h := open(t, storage.NewMemory())
		held(t, l, 10*24*time.Hour)
		was, _ := l.Current()
		if was.Decision.State != enforcement.Active {
			t.Fatalf("at first %v until %v", was.Decision.State, was.Decision.Until)
		}
		told := len(h.changes)
		time.Sleep(30 * 24 * time.Hour)
		if l.View() != was {
			t.Error("the view changes without a reader")
		}
		is, now := l.Current()
		if is.Decision.State == was.Decision.State || l.View() != is || now != l.Now().UnixNano() {
			t.Errorf("a month later %v", is.Decision.State)
		}
		if again, _ := l.Current(); again != is {
			t.Error("a second reader makes another view")
		}
		if n := len(h.changes) - told; n != 1 || h.changes[told][0] != was || h.changes[told][1] != is {
			t.Errorf("%d changes are told", n)
		}
	})
}

// Remind tells of the view once more that was told of last.
func TestRemind(t *testing.T) {
	l, h := open(t, storage.NewMemory())
	if _, err := Learn(t.Context(), l, count); err != nil {
		t.Fatal(err)
	}
	last, n := h.changes[len(h.changes)-1][1], len(h.changes)
	l.Remind()
	if len(h.changes) != n+1 || h.changes[n][0] != last || h.changes[n][1] != last {
		t.Errorf("%d changes more are told", len(h.changes)-n)
	}
	l.Changed = nil
	l.Remind() // nobody listens
}

// Restricts says what a refusal would do, and does not do it.
func TestRestricts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, h := open(t, storage.NewMemory())
		held(t, l, 10*24*time.Hour)
		before, told := l.View(), len(h.changes)
		for code, want := range map[enforcement.Code]bool{
			enforcement.LicenseInactive:        true,
			enforcement.AnalyticalFieldUnknown: false,
		} {
			if got := l.Restricts(enforcement.No{Endpoint: enforcement.EndpointHeartbeat, Code: code, At: l.Now()}); got != want {
				t.Errorf("%d restricts: %v", code, got)
			}
		}
		if l.View() != before || len(h.changes) != told {
			t.Error("the question changed the answer")
		}
	})
}
