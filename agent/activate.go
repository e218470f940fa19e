package agent

import (
	"context"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Activate asks the server to assign a seat of the licence with this key (a
// licence key, a token key, or one from the vendor's former system) and
// returns the decision that follows. If another licence of the product is held,
// the new one replaces it once the server has said yes; a refusal leaves it
// untouched. A transient failure is tried once more within two seconds.
//
// The key may be as a person pasted it: blanks, quotes, line ends and invisible
// characters are taken out, dashes and digits of other forms become ASCII, and a
// UUID is found within a text.
//
// The error is nil when a licence was assigned, else an *[Error].
// A server that has this installation on a seat of that licence already, and
// refuses a second activation (2001, 2005), is asked by a heartbeat: if it is so,
// that is success.
func (a *Agent) Activate(ctx context.Context, key string) (enforcement.Decision, error) {
	return a.ActivateAt(ctx, key, time.Time{})
}

// ActivateAt is [Agent.Activate] with the time at which the seat was taken, for
// the vendor's list of clients: the licence's own times are the server's. Zero is
// when the server hears of it.
func (a *Agent) ActivateAt(ctx context.Context, key string, at time.Time) (enforcement.Decision, error) {
	const op = "activate"
	read, err := checkKey(key)
	if err != nil {
		return a.Decision(), wrap(op, err)
	}
	err = a.noteSeed(ctx, advise(a.call(ctx, op, func(ctx context.Context) error { return a.activate(ctx, read.Text, at) }), read))
	return a.Decision(), err
}

// activate asks for a seat and learns from the answer. It is long because it is one answer, from the store that is tried first to the seat that was replaced.
func (a *Agent) activate(ctx context.Context, key string, at time.Time) error {
	// A seat that could not be remembered would be lost, so the store is tried
	// before the server.
	if err := a.ledger.Keep(ctx, func(*record.Known) {}); err != nil {
		return err
	}
	if err := a.install.RememberDevice(ctx); err != nil {
		return err
	}
	k := a.knowledge()
	call := slascone.Activation{
		Key:             key,
		ClientID:        a.install.ClientID,
		ClientName:      a.set.ClientName,
		Description:     a.set.App.Name,
		SoftwareVersion: a.set.App.Version,
		Tags:            a.set.Tags,
		At:              at,
	}
	known := a.ledger.ServerTime()
	if k.License.IsZero() {
		// Whoever has no licence, and enters a key, is let in also where the answer
		// for an earlier one was of a server that ran ahead.
		known.Outdated, known.NotBefore = nil, time.Time{}
	}
	ask := func(ctx context.Context) slascone.Answer[license.License] {
		return a.set.client.Activate(ctx, call, known)
	}
	answer := slascone.Twice(ctx, ask)
	endpoint := enforcement.EndpointActivation
	if held, ok := a.seatedAlready(ctx, key, enforcement.Code(answer.Conflict.ID), known); ok {
		answer, endpoint = held, enforcement.EndpointHeartbeat
	}
	about := key
	if k.License.Opens(key) {
		about = k.License.Key()
	}
	answer = secondOpinion(ctx, a, endpoint, about, answer, ask)
	answer = a.believed(k, answer)
	if answer.Kind == slascone.No && k.Facts.Held() && !answer.Value.IsZero() && !strings.EqualFold(answer.Value.Key(), k.License.Key()) {
		// A licence that is no good does not replace the one that is held.
		return &slascone.ConflictError{Conflict: slascone.Conflict{ID: int(refusalOf(a.ledger.Opener.Flags(answer.Value)))}}
	}
	if _, outdated := a.ledger.Outdated(answer.At); outdated && !answer.Value.IsZero() {
		a.ledger.RestartClock()
	}
	kept := a.learnLicense(ctx, endpoint, about, answer)
	a.confirm(ctx)
	a.seat.Drop(ctx, k)
	if err := answer.AsError(); err != nil {
		return err
	}
	a.changed()
	return kept
}

// seatedAlready asks the server, which has refused an activation because there is
// one, whether this client holds a seat of the licence with that key. Another
// client's seat, or one of another licence, is none.
func (a *Agent) seatedAlready(ctx context.Context, key string, refusal enforcement.Code, known slascone.Known) (held slascone.Answer[license.License], ok bool) {
	if refusal != enforcement.TokenTaken && refusal != enforcement.ClientAlreadyActivated {
		return held, false
	}
	held = slascone.Twice(ctx, func(ctx context.Context) slascone.Answer[license.License] {
		return a.set.client.Heartbeat(ctx, a.heartbeatCall(license.License{}), known)
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
