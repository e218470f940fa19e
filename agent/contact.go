package agent

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/heartbeat"
)

// Heartbeat sends a heartbeat for a person who waits, and returns the decision
// that follows. A transient failure is tried once more within two seconds. If
// a heartbeat is under way, Heartbeat joins it. Where a key that was laid down (see
// [Config.Preseed]) waits for its activation, it activates that instead.
//
// The error is nil when the server told of the licence, whatever its flags say;
// else it is an *[Error], also when the server refused (Kind [KindConflict]).
// The decision is right in any case.
func (a *Agent) Heartbeat(ctx context.Context) (enforcement.Decision, error) {
	if a.unmade() {
		return nobody, errNotMade
	}
	if a.seedWaits() {
		err := a.seed(ctx)
		return a.Decision(), err
	}
	err := a.contact(ctx, true)
	return a.Decision(), err
}

// Refresh is what Heartbeat was called before.
//
// Deprecated: use [Agent.Heartbeat].
func (a *Agent) Refresh(ctx context.Context) (enforcement.Decision, error) { return a.Heartbeat(ctx) }

// contact sends a heartbeat or joins the one under way.
func (a *Agent) contact(ctx context.Context, patient bool) error {
	const op = "heartbeat"
	if a.unmade() {
		return wrap(op, errNotMade)
	}
	ctx = contextOr(ctx)
	if a.unnamed != nil {
		return wrap(op, a.unnamed)
	}
	return a.told(op, a.turn.Join(ctx, op, func(ctx context.Context) error {
		err := a.beat(ctx, patient)
		a.confirm(ctx)
		if err == nil {
			// The server is there, so this is the moment. What it does not take now
			// stays queued, and is no failure of the heartbeat.
			_, _ = a.outbox.Deliver(ctx)
		}
		return err
	}))
}

// call makes one call to the server at a time, within the agent's life.
func (a *Agent) call(ctx context.Context, op string, do func(context.Context) error) error {
	if a.unmade() {
		return wrap(op, errNotMade)
	}
	ctx = contextOr(ctx)
	if a.unnamed != nil {
		return wrap(op, a.unnamed)
	}
	return a.told(op, a.turn.Call(ctx, op, do))
}

// told words the outcome of a call. A panic in what the application gave (its
// HTTP client, for instance) has ended the call and nothing else.
func (a *Agent) told(op string, err error) error {
	if p, ok := errors.AsType[*heartbeat.PanicError](err); ok {
		a.log.Error("licence agent: a call panicked", "call", op, "panic", p.Value)
	}
	err = wrap(op, err)
	a.rememberFailure(op, err)
	return err
}

// beat sends one heartbeat and learns from the answer. The first of the process
// has the vendor's type for it. The caller has the turn.
func (a *Agent) beat(ctx context.Context, patient bool) error {
	if a.begun.Load() {
		return a.beatAs(ctx, "", patient)
	}
	err := a.beatAs(ctx, a.set.HeartbeatTypes.Start, patient)
	if !isUnheard(err) {
		a.begun.Store(true)
	}
	return err
}

// beatAs sends a heartbeat of a type, or of none.
func (a *Agent) beatAs(ctx context.Context, typeID string, patient bool) error {
	k := a.knowledge()
	if k.License.FromFile() {
		return errHeldInFile
	}
	call := a.heartbeatCall(k.License)
	call.TypeID = typeID
	answer := slascone.Try(ctx, patient, func(ctx context.Context) slascone.Answer[license.License] {
		return a.set.client.Heartbeat(ctx, call, a.ledger.ServerTime())
	})
	if call.TypeID != "" && enforcement.Code(answer.Conflict.ID) == enforcement.HeartbeatTypeUnknown {
		a.log.Warn("the licence server does not know a heartbeat type", "type", call.TypeID)
		call.TypeID = ""
		answer = a.set.client.Heartbeat(ctx, call, a.ledger.ServerTime())
	}
	if again, ok := reseated(call, k, enforcement.Code(answer.Conflict.ID)); ok {
		call = again
		answer = a.set.client.Heartbeat(ctx, call, a.ledger.ServerTime())
	}
	answer = secondOpinion(ctx, a, enforcement.EndpointHeartbeat, call.LicenseKey, answer, func(ctx context.Context) slascone.Answer[license.License] {
		return a.set.client.Heartbeat(ctx, call, a.ledger.ServerTime())
	})
	answer = a.believed(k, answer)
	kept := a.learnLicense(ctx, enforcement.EndpointHeartbeat, call.LicenseKey, answer)
	if err := answer.AsError(); err != nil {
		return err
	}
	return kept
}

// heartbeatCall is a heartbeat about l, or about whatever licence this client has
// if that is none.
func (a *Agent) heartbeatCall(l license.License) slascone.Heartbeat {
	return slascone.Heartbeat{
		ClientID:        a.install.ClientID,
		LicenseKey:      l.Key(),
		TokenKey:        l.TokenKey(),
		SoftwareVersion: a.set.App.Version,
		OperatingSystem: operatingSystem(),
		UserID:          a.set.UserID,
		GroupID:         a.set.GroupID,
	}
}

// beatAtExit sends the last heartbeat, if the vendor wants one. It is for
// statistics, so that it does not arrive is no error, and a server that was silent
// is not waited for.
func (a *Agent) beatAtExit(ctx context.Context) {
	k := a.knowledge()
	exit := a.set.HeartbeatTypes.Exit
	if exit == "" || k.License.IsZero() || k.License.FromFile() || k.Contact.Failures > 0 {
		return
	}
	if err := a.beatAs(ctx, exit, false); err != nil {
		a.log.Info("the last heartbeat was not answered", "err", err)
	}
}

// confirm asks again when an answer was so far behind the wall clock that another
// must confirm it: a second later, as some servers write whole seconds. The caller
// has the turn.
func (a *Agent) confirm(ctx context.Context) {
	if !a.ledger.Unconfirmed() {
		return
	}
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
		_ = a.beat(ctx, false) // the answer before it counts in any case
	}
}

// secondOpinion asks again, with a new nonce, before a conflict that locks
// replaces evidence that is not overdue. A conflict names neither client nor time:
// it may have been meant for somebody else, or be one from before.
func secondOpinion[T any](ctx context.Context, a *Agent, endpoint enforcement.Endpoint, key string, answer slascone.Answer[T], ask func(context.Context) slascone.Answer[T]) slascone.Answer[T] {
	if answer.Kind != slascone.No || !a.doubts(endpoint, key, answer.Conflict, answer.At, answer.Undated) {
		return answer
	}
	return ask(ctx)
}

// doubts reports whether a conflict is to be heard twice.
func (a *Agent) doubts(endpoint enforcement.Endpoint, key string, conflict slascone.Conflict, at time.Time, undated bool) bool {
	k, now := a.knowledge(), a.ledger.Now()
	overdue := !k.Facts.License.Due.IsZero() && !now.Before(k.Facts.License.Due)
	if conflict.ID == 0 || overdue || !k.Facts.Held() || a.Decision().State == enforcement.Locked {
		return false
	}
	facts := k.Facts.No(a.refusal(endpoint, key, conflict, at, undated, now))
	if enforcement.Decide(facts, a.set.Policy, now).State != enforcement.Locked {
		return false
	}
	a.log.Info("the licence server is asked again before its refusal counts", "code", conflict.ID)
	return true
}

// refusal is what a conflict means to the policy engine.
func (a *Agent) refusal(endpoint enforcement.Endpoint, key string, conflict slascone.Conflict, at time.Time, undated bool, now time.Time) enforcement.No {
	no := enforcement.No{Endpoint: endpoint, Code: enforcement.Code(conflict.ID), Key: key, At: at}
	if undated {
		no.ReceivedAt = now
	}
	if no.Code == a.set.SuspendedConflict && no.Code != 0 {
		no.Cause = enforcement.Suspended
	}
	return no
}

// believed refuses an answer that was given before, played again: the very one
// that is held, or that was given up with its licence. An answer tells the
// server's time, so the same one cannot be a new one, unless the server writes
// whole seconds and it comes within the same.
func (a *Agent) believed(k record.Known, answer slascone.Answer[license.License]) slascone.Answer[license.License] {
	if answer.Value.IsZero() {
		return answer
	}
	now := a.ledger.Now()
	old := func(since time.Time) bool { return now.Sub(since).Abs() >= 2*time.Second }
	refused := func(detail string) slascone.Answer[license.License] {
		return slascone.Answer[license.License]{Err: &slascone.SilenceError{Reason: slascone.Stale, Status: 200, Detail: detail}}
	}
	fraction := answer.At.Nanosecond() != 0
	if bytes.Equal(record.Digest(answer.Evidence.Body), k.Past.Body) && (fraction || old(k.Past.At)) {
		return refused("the response is one that was given before the licence was given back")
	}
	if !bytes.Equal(answer.Evidence.Body, k.Evidence.Body) {
		return answer
	}
	if old(k.ReceivedAt) {
		return refused("the response is one that was given before")
	}
	for refusal := range k.Facts.Refusals.All() {
		if fraction && refusal.Code != 0 && refusal.Channel == enforcement.LicenseChannel {
			return refused("the response is one that was given before the licence was refused")
		}
	}
	return answer
}

// reseated returns the heartbeat to send instead of one that was refused
// because the server has this client on another seat now.
func reseated(call slascone.Heartbeat, k record.Known, code enforcement.Code) (slascone.Heartbeat, bool) {
	switch code {
	case enforcement.ClientHasOtherToken:
		// "Use the right or no token": without one the server tells the right one.
		if call.TokenKey != "" {
			call.TokenKey = ""
			return call, true
		}
	case enforcement.TokenUnassigned, enforcement.TokenKeyUnknown:
		// At its end a temporary licence releases its seat, and the client falls
		// back to its normal licence, if it has one (SLASCONE help centre
		// 360016992278).
		if k.License.Temporary() {
			call.TokenKey, call.LicenseKey = "", ""
			return call, true
		}
	}
	return call, false
}

// learnLicense learns from the answer of a heartbeat or an activation for key.
// It returns an error only when what was learned could not be kept.
//
// It is long because it is one answer, folded into the record in one step.
func (a *Agent) learnLicense(ctx context.Context, endpoint enforcement.Endpoint, key string, answer slascone.Answer[license.License]) error {
	if answer.Kind == slascone.Silence {
		return a.learnSilence(ctx, answer.Err)
	}
	before := a.knowledge()
	lic := answer.Value
	// The clock holds the answer for fresh, so what is newer here was signed by a
	// server that ran ahead.
	dropped := before.ProvenOnline().Sub(lic.IssuedAt()) >= time.Second
	if !lic.IsZero() {
		a.ledger.SetClock(answer.At)
	}
	now := a.ledger.Now()
	version := a.set.App.Version
	facts := a.ledger.Opener.LicenseFacts(lic, version)
	err := a.ledger.Keep(ctx, func(k *record.Known) {
		k.Contact = a.heartbeatPlan(k).Answered(now, answer.Kind == slascone.Yes, rand.Float64()).History
		k.LastError = ""
		if lic.IsZero() {
			k.Facts = k.Facts.No(a.refusal(endpoint, key, answer.Conflict, answer.At, answer.Undated, now))
			return
		}
		facts := facts
		switch lead := k.ProvenOnline().Sub(lic.IssuedAt()); {
		case lead >= time.Second && dropped && k.ProvenOnline().Equal(before.ProvenOnline()):
			k.Facts = record.Dropped(k.Facts, lic.IssuedAt())
		case lead >= time.Second:
			return // another process of the application already knows something newer
		case lead > 0:
			// The service writes whole seconds, sometimes. Within one, what comes
			// later is newer.
			facts.ProvenAt = k.ProvenOnline()
		}
		if !strings.EqualFold(k.License.Key(), lic.Key()) || k.License.Floating() != lic.Floating() && k.Seat.Unwanted {
			k.Seat = record.Seat{}
		}
		if k.License.IsZero() && !strings.EqualFold(k.Past.LicenseKey, lic.Key()) {
			k.Facts.Session.Missing = 0 // another licence's
		}
		k.Facts = record.NotAfter(k.Facts, now).Yes(facts, a.ledger.Opener.Flags(lic))
		k.Evidence, k.ReceivedAt, k.JudgedVersion, k.License = answer.Evidence, now, version, lic
		if k.MissesSession() {
			k.Facts = k.Facts.WithSession(now)
		} else {
			k.Facts = k.Facts.WithoutSession()
		}
		k.Files, k.Past = record.Files{}, record.Past{}
	})
	if before.Contact.Failures > 0 {
		a.events.Publish(HeartbeatRecovered{SilentFor: now.Sub(before.Contact.FailingSince)})
	}
	return err
}

// learnSilence learns that a call about the licence got no answer.
func (a *Agent) learnSilence(ctx context.Context, why *slascone.SilenceError) error {
	if why.Reason == slascone.Cancelled {
		return nil // the caller gave up, which says nothing about the server
	}
	now := a.ledger.Now()
	first := a.knowledge().Contact.Failures == 0
	a.log.Info("licence server gave no answer", "call", a.turn.Name(), "reason", why.Reason.String(), "status", why.Status)
	err := a.ledger.Keep(ctx, func(k *record.Known) {
		k.Contact = k.Contact.Failed(a.heartbeatPlan(k), now, why.RetryAfter, rand.Float64())
		k.Facts = k.Facts.Silent(record.SilenceKind(why.Reason), now)
		k.LastError = why.Error()
	})
	if first {
		a.events.Publish(HeartbeatFailed{Err: wrap(a.turn.Name(), why)})
	}
	return err
}
