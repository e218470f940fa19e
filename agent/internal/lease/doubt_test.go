package lease

import (
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// An answer that was given before, with a fresh proof, is none.
func TestAnAnswerPlayedAgain(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk) {
		d.activated(slasconetest.License{})
		time.Sleep(time.Minute)
		if err := d.Heartbeat(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		before := d.known()
		time.Sleep(time.Hour)
		d.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.Heartbeat, Kind: slasconetest.FaultReplay, Times: 1})
		if err := d.Heartbeat(t.Context(), false); silence(err) != slascone.Stale {
			t.Errorf("played again: %v", err)
		}
		if now := d.known(); now.ProvenOnline() != before.ProvenOnline() || now.Contact.Failures != 1 {
			t.Errorf("proven at %v, %d failures", now.ProvenOnline(), now.Contact.Failures)
		}
	})
}

func TestFresh(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk) {
		d.activated(slasconetest.License{})
		k := d.known()
		whole := k.License.IssuedAt().Truncate(time.Second)
		cut := whole.Add(time.Millisecond)
		refused := func(k *record.Known) {
			k.Facts = k.Facts.No(enforcement.No{Endpoint: enforcement.EndpointHeartbeat, Code: enforcement.ClientUnknown, At: k.License.IssuedAt()})
		}
		for _, tt := range []struct {
			name   string
			at     time.Time
			since  time.Duration // that it was received
			known  func(*record.Known)
			answer func(*answer)
			old    bool
		}{
			{name: "nothing has outranked it", at: cut},
			{name: "a refusal has outranked it", at: cut, known: refused, old: true},
			{name: "in whole seconds it may be a new one", at: whole, known: refused},
			{name: "but not three seconds later", at: whole, since: 3 * time.Second, known: refused, old: true},
			{name: "another body", at: cut, known: refused, answer: func(a *answer) { a.Evidence.Body = append([]byte(" "), a.Evidence.Body...) }},
			{name: "given up with its licence, in the same second", at: whole, known: func(k *record.Known) { k.Past = record.PastOf(k, d.Ledger.Now()) }},
			{name: "given up with its licence, two seconds ago", at: whole, old: true, known: func(k *record.Known) {
				k.Past = record.PastOf(k, d.Ledger.Now().Add(-2*time.Second))
			}},
			{name: "given up with its licence, with a fraction", at: cut, old: true, known: func(k *record.Known) { k.Past = record.PastOf(k, d.Ledger.Now()) }},
		} {
			k := k
			k.ReceivedAt = d.Ledger.Now().Add(-tt.since)
			a := answer{Kind: slascone.Yes, Value: k.License, Evidence: k.Evidence, At: tt.at}
			if tt.known != nil {
				tt.known(&k)
			}
			if tt.answer != nil {
				tt.answer(&a)
			}
			got := d.fresh(&k, a)
			if old := got.Kind == slascone.Silence; old != tt.old || old && got.Err.Reason != slascone.Stale {
				t.Errorf("%s: it became %v", tt.name, got.Kind)
			}
		}
	})
}

// A conflict that would lock is heard twice, but only where there is something to
// lose.
func TestARefusalThatLocksIsHeardTwice(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk) {
		d.activated(slasconetest.License{})
		once := slasconetest.Fault{Endpoint: slasconetest.Heartbeat, Kind: slasconetest.FaultConflict, Conflict: int(enforcement.LicenseInactive), Times: 1}
		time.Sleep(time.Minute)
		d.srv.Inject(once)
		if err := d.Heartbeat(t.Context(), false); err != nil {
			t.Errorf("refused once: %v", err)
		}
		twice := once
		twice.Times = 2
		time.Sleep(time.Minute)
		d.srv.Inject(twice)
		d.refusedWith(d.Heartbeat(t.Context(), false), enforcement.LicenseInactive)
		if v, _ := d.Ledger.Current(); v.Decision.State != enforcement.Locked {
			t.Errorf("after the second: %v", v.Decision)
		}
		d.srv.Inject(once)
		d.refusedWith(d.Heartbeat(t.Context(), false), enforcement.LicenseInactive) // nothing more to lose
	})
}
