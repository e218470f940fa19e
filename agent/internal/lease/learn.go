package lease

import (
	"context"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/chance"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// learn learns from the answer of a heartbeat or an activation for key. It returns
// an error only when what was learned could not be kept.
func (l *Lease) learn(ctx context.Context, endpoint enforcement.Endpoint, key string, a answer) error {
	if a.Kind == slascone.Silence {
		return l.learnSilence(ctx, a.Err)
	}
	before, line := l.Ledger.Known(), l.Ledger.Now()
	if !a.Value.IsZero() {
		l.Ledger.SetClock(a.At)
	}
	now := l.Ledger.Now()
	yes := yes{
		answer: a, at: now, moved: now.Sub(line), version: l.Self.Version,
		facts: l.Ledger.Opener.LicenseFacts(a.Value, l.Self.Version), flags: l.Ledger.Opener.Flags(a.Value),
		before: before.ProvenOnline(),
	}
	err := l.Ledger.Keep(ctx, func(k *record.Known) {
		k.Contact = l.plan(k).Answered(now, a.Kind == slascone.Yes, chance.Float64()).History
		k.LastError = ""
		if a.Value.IsZero() {
			if key == "" && !k.License.IsZero() {
				return // it was asked for before another process activated: it is not of the licence that is held
			}
			k.Facts = k.Facts.No(l.refusal(endpoint, key, a, now))
			return
		}
		yes.fold(k)
	})
	if before.Contact.Failures > 0 {
		l.Recovered(now.Sub(before.Contact.FailingSince))
	}
	return err
}

// yes is an answer with a licence, and what it means.
type yes struct {
	answer
	at      time.Time     // trusted time of the answer
	moved   time.Duration // by how much the answer has moved that
	version string        // of the application, that the server has looked at
	facts   enforcement.License
	flags   enforcement.Flags
	before  time.Time // server time of the licence that was known when the answer came
}

// fold puts the licence into what is known, unless that is newer already.
func (y yes) fold(k *record.Known) {
	lic, facts := y.Value, y.facts
	switch lead := k.ProvenOnline().Sub(lic.IssuedAt()); {
	case lead >= time.Second && k.ProvenOnline().Equal(y.before):
		// The clock holds the answer for fresh, so what was known when it came, and
		// is newer, was signed by a server that ran ahead.
		k.Facts = record.Dropped(k.Facts, lic.IssuedAt())
	case lead >= time.Second:
		return // another process of the application already knows something newer
	case k.ProvenOnline().IsZero():
		// Nothing is held, so no refusal can have been of something newer. One that
		// seems to be is from a server that ran ahead, or from another node: only an
		// unsigned Date says when it was.
		k.Facts = record.Dropped(k.Facts, lic.IssuedAt())
	case lead > 0:
		// The service writes whole seconds, sometimes. Within one, what comes
		// later is newer.
		facts.ProvenAt = k.ProvenOnline()
	}
	if !strings.EqualFold(k.License.Key(), lic.Key()) || k.License.Floating() != lic.Floating() && k.Seat.Unwanted {
		k.Seat = record.Seat{}
	}
	if k.License.IsZero() && !k.Past.Was(lic.Key()) {
		k.Facts.Session.Missing = 0 // another licence's
	}
	k.Facts = record.NotAfter(k.Facts, y.at).Yes(facts, y.flags)
	k.MoveSeat(y.moved, y.at)
	k.Evidence, k.ReceivedAt, k.JudgedVersion, k.License = y.Evidence, y.at, y.version, lic
	if k.MissesSession() {
		k.Facts = k.Facts.WithSession(y.at)
	} else {
		k.Facts = k.Facts.WithoutSession()
	}
	k.Files, k.Past = record.Files{}, nil
}

// learnSilence learns that a call about the licence got no answer.
func (l *Lease) learnSilence(ctx context.Context, why *slascone.SilenceError) error {
	if why.Reason == slascone.Cancelled {
		return nil // the caller gave up, which says nothing about the server
	}
	now := l.Ledger.Now()
	first := l.Ledger.Known().Contact.Failures == 0
	err := l.Ledger.Keep(ctx, func(k *record.Known) {
		k.Contact = k.Contact.Failed(l.plan(k), now, why.RetryAfter, chance.Float64())
		k.Facts = k.Facts.Silent(record.SilenceKind(why.Reason), now)
		k.LastError = why.Error()
	})
	l.Silent(why, first)
	return err
}
