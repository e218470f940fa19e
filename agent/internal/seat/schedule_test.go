package seat

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/grant"
	"github.com/leasehold-dev/leasehold/agent/internal/ledger"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/internal/verified"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/heartbeat"
	"github.com/leasehold-dev/leasehold/storage"
)

const period = 20 * time.Minute // of a seat in this test

// licensed returns a window's part in the seats of a floating licence that starts at
// an instant, and what is known of it.
func licensed(t *testing.T, starts time.Time) *Holder {
	t.Helper()
	l, problem, err := ledger.Open(t.Context(), ledger.Config{
		Store: storage.NewMemory(), Policy: enforcement.Standard(), Logger: slog.New(slog.DiscardHandler), Drifted: func() bool { return false },
	})
	if err != nil || problem != nil {
		t.Fatal(err, problem)
	}
	minutes := int(period / time.Minute)
	lic := grant.License(verified.By(verified.Heartbeat, l.Now()), license.Terms{
		Key: "key", ProvisioningMode: license.Floating, SessionPeriodMinutes: &minutes, Active: true, Valid: true, Starts: starts,
	})
	if err := l.Keep(t.Context(), func(k *record.Known) {
		k.License, k.Evidence = lic, slascone.Evidence{Body: []byte("a licence")}
		k.Facts = k.Facts.Yes(l.Opener.LicenseFacts(lic, ""), enforcement.Flags{}).WithSession(l.Now())
	}); err != nil {
		t.Fatal(err)
	}
	return New(Config{
		Ledger: l, Logger: slog.New(slog.DiscardHandler),
		Plan: func(h heartbeat.History, s heartbeat.Schedule, seed ...string) heartbeat.Plan {
			return heartbeat.Plan{Schedule: s, Seed: heartbeat.Seed(seed...), Started: l.Started(), History: h}
		},
	})
}

// seated has the server give the seat now, for a time.
func seated(k *record.Known, now time.Time, checkout time.Duration) {
	k.Seat = record.Seat{SessionID: "s", LicenseKey: "key", Evidence: slascone.Evidence{Body: []byte("yes")}, Checkout: checkout}
	k.Seat.Contact = k.Seat.Contact.Answered(now, true, 0.5)
	k.Facts = k.Facts.SessionYes(now, now.Add(max(period, checkout)))
}

func TestNext(t *testing.T) {
	for name, tt := range map[string]struct {
		starts   time.Duration // of the licence, from now
		unjoined bool
		unasked  bool
		manual   bool
		known    func(k *record.Known, now time.Time)
		never    bool
		from, to time.Duration // from now, when it is due
	}{
		"the first call, before the window has joined": {unjoined: true},
		"without a seat":                       {to: time.Minute},
		"seats are the application's business": {manual: true, never: true},
		"no licence": {never: true, known: func(k *record.Known, _ time.Time) {
			*k = record.Known{}
		}},
		"a seat is renewed twice within its period": {from: period / 4, to: period / 2, known: func(k *record.Known, now time.Time) {
			seated(k, now, 0)
		}},
		"the seat of an earlier process": {unasked: true, known: func(k *record.Known, now time.Time) { seated(k, now, 0) }},
		"however long the silence": {to: period/2 + time.Second, known: func(k *record.Known, now time.Time) {
			seated(k, now, 0)
			k.Seat.Contact.Failures, k.Seat.Contact.FailingSince, k.Seat.Contact.FailedAt = 40, now.Add(-8*time.Hour), now
		}},
		"but not before the server wants it": {from: 7 * time.Minute, to: 7*time.Minute + period/2, known: func(k *record.Known, now time.Time) {
			seated(k, now, 0)
			k.Seat.Contact.Failures, k.Seat.Contact.FailingSince, k.Seat.Contact.FailedAt = 40, now.Add(-8*time.Hour), now
			k.Seat.Contact.RetryAfter = 7 * time.Minute
		}},
		"checked out": {from: 4*time.Hour - period, to: 4*time.Hour - period, known: func(k *record.Known, now time.Time) {
			seated(k, now, 4*time.Hour)
		}},
		"the server takes none": {never: true, known: func(k *record.Known, now time.Time) {
			k.Seat = record.Seat{Unwanted: true, LicenseKey: "key"}
			k.Seat.Contact = k.Seat.Contact.Answered(now, false, 0.5)
		}},
		"a heartbeat since may have changed that": {to: time.Hour, known: func(k *record.Known, now time.Time) {
			k.Seat = record.Seat{Unwanted: true, LicenseKey: "key"}
			k.Seat.Contact = k.Seat.Contact.Answered(now.Add(-time.Hour), false, 0.5)
			k.Contact = k.Contact.Answered(now, true, 0.5)
		}},
		"the licence has not begun": {starts: 48 * time.Hour, from: 48 * time.Hour, to: 48 * time.Hour, known: func(k *record.Known, now time.Time) {
			k.Facts.Refusals.Set(enforcement.Refusal{Cause: enforcement.NotYetValid, Since: now, At: now})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var starts time.Time
				if tt.starts != 0 {
					starts = time.Now().Add(tt.starts)
				}
				h := licensed(t, starts)
				h.Manual = tt.manual
				h.joined.Store(!tt.unjoined)
				h.asked.Store(!tt.unasked)
				now := h.Ledger.Now()
				if tt.known != nil {
					if err := h.Ledger.Keep(t.Context(), func(k *record.Known) { tt.known(k, now) }); err != nil {
						t.Fatal(err)
					}
				}
				at := h.Next(now)
				if in := at.Sub(now); at.IsZero() != tt.never || !tt.never && (in < tt.from || in > tt.to) {
					t.Errorf("due in %v (never: %v), want %v to %v", in, at.IsZero(), tt.from, tt.to)
				}
			})
		})
	}
}
