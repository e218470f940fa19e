package lease

import (
	"context"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Activate asks for a seat of the licence with a key and learns from the answer.
// at is when the seat was taken, for the vendor's list; zero: when the server hears
// of it.
func (l *Lease) Activate(ctx context.Context, key string, at time.Time) error {
	// A seat that could not be remembered would be lost, so the store is tried
	// before the server.
	if err := l.Ledger.Keep(ctx, func(*record.Known) {}); err != nil {
		return err
	}
	if err := l.Remember(ctx); err != nil {
		return err
	}
	k := l.Ledger.Known()
	a, endpoint, about := l.askForSeat(ctx, k, key, at)
	if a.Kind == slascone.No && k.Facts.Held() && !a.Value.IsZero() && !strings.EqualFold(a.Value.Key(), k.License.Key()) {
		// A licence that is no good does not replace the one that is held.
		return &slascone.ConflictError{Conflict: slascone.Conflict{ID: int(refusalOf(l.Ledger.Opener.Flags(a.Value)))}}
	}
	if _, outdated := l.Ledger.Outdated(a.At); outdated && !a.Value.IsZero() {
		l.Ledger.RestartClock()
	}
	kept := l.learn(ctx, endpoint, about, a)
	l.confirm(ctx)
	if err := a.AsError(); err != nil {
		return err
	}
	return kept
}

// askForSeat returns the server's answer, the endpoint that it is from, and the
// key of the licence that it is about.
func (l *Lease) askForSeat(ctx context.Context, k *record.Known, key string, at time.Time) (a answer, from enforcement.Endpoint, about string) {
	call := slascone.Activation{
		Key:             key,
		ClientID:        l.Self.ClientID,
		ClientName:      l.Self.ClientName,
		Description:     l.Self.Description,
		SoftwareVersion: l.Self.Version,
		Tags:            l.Self.Tags,
		At:              at,
	}
	known := l.Ledger.ServerTime()
	if k.License.IsZero() {
		// Whoever has no licence, and enters a key, is let in also where the answer
		// for an earlier one was of a server that ran ahead.
		known.Outdated, known.NotBefore = nil, time.Time{}
	}
	ask := func(ctx context.Context) answer { return l.Client.Activate(ctx, call, known) }
	a, from = slascone.Twice(ctx, ask), enforcement.EndpointActivation
	if held, ok := l.seatedAlready(ctx, key, enforcement.Code(a.Conflict.ID), known); ok {
		a, from = held, enforcement.EndpointHeartbeat
	}
	about = key
	if k.License.Opens(key) {
		about = k.License.Key()
	}
	return l.fresh(k, l.secondOpinion(ctx, from, about, a, ask)), from, about
}

// seatedAlready asks the server, which has refused an activation because there is
// one, whether this client holds a seat of the licence with that key. Another
// client's seat, or one of another licence, is none.
func (l *Lease) seatedAlready(ctx context.Context, key string, refusal enforcement.Code, known slascone.Known) (held answer, ok bool) {
	if refusal != enforcement.TokenTaken && refusal != enforcement.ClientAlreadyActivated {
		return held, false
	}
	held = slascone.Twice(ctx, func(ctx context.Context) answer {
		return l.Client.Heartbeat(ctx, l.call(license.License{}), known)
	})
	return held, held.Value.Opens(key)
}

// refusalOf is the conflict that says the same as the flags of a 200.
func refusalOf(f enforcement.Flags) enforcement.Code {
	switch {
	case f.Expired:
		return enforcement.LicenseExpired
	case f.VersionNotCovered:
		return enforcement.ReleaseNotCovered
	}
	return enforcement.LicenseInactive
}
