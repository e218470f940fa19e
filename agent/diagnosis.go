package agent

import (
	"context"
	"time"

	"github.com/leasehold-dev/leasehold/agent/device"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

// Diagnosis is what a help desk wants to know. It holds no key, token or
// machine ID, so that it can be pasted into a mail.
type Diagnosis struct {
	Decision enforcement.Decision
	Coming   []enforcement.Transition

	Device   device.Identity
	Drift    *device.Drift // nil when the device ID is as it was
	Store    storage.Kind
	Reason   string // why the licence is not kept in the keyring, where that was wanted
	Schedule string // of the heartbeats

	Now             time.Time // trusted
	RolledBackSince time.Time // zero when the clock is trusted
	LicenceProvenAt time.Time // server time; zero without a licence
	LicenceSource   enforcement.Source
	AnsweredAt      time.Time // the last answer of the server, Yes or No
	Failures        int       // calls without an answer since
	FailingSince    time.Time
	Silence         enforcement.SilenceKind
	Proxy           slascone.ProxyChoice
	ProxyProblem    error       // a proxy setting that is no address of a proxy, for which no call is made
	Preseed         []Preseeded // what an administrator laid down
	PreseedProblems []error     // what of it cannot be used, and why
	Queued          int         // reports that are not delivered
	Unsaved         int         // things learned that could not be kept
	// Problem is what was wrong with the kept data when the agent was made; nil
	// when nothing was. Data that had to be set aside is learned again with the next
	// answer of the server.
	Problem error
}

// Diagnose returns what a help desk wants to know. It asks nobody but this
// computer (for the system's proxy two seconds at most) and changes nothing.
func (a *Agent) Diagnose() Diagnosis {
	k := a.knowledge()
	now := a.ledger.Reading()
	d := Diagnosis{
		Decision:        a.Decision(),
		Coming:          a.Forecast(),
		Device:          a.install.Identity,
		Drift:           a.install.Drift(),
		Store:           a.ledger.Store.Kind(),
		Reason:          *a.reason.Load(),
		Schedule:        a.ledger.Opener.ScheduleFor(k.Licence).String(),
		Now:             now.Now,
		RolledBackSince: now.RolledBackSince,
		LicenceProvenAt: k.Licence.IssuedAt(),
		LicenceSource:   k.Facts.Licence.Source,
		AnsweredAt:      k.Contact.AnsweredAt,
		Failures:        k.Contact.Failures,
		FailingSince:    k.Contact.FailingSince,
		Silence:         k.Facts.Silence.Kind,
		Queued:          a.outbox.Peek(), // another process may have left reports
		Unsaved:         a.ledger.Unsaved(),
		Problem:         a.problem,
	}
	d.Preseed, d.PreseedProblems = a.set.seeded.settings, a.set.seeded.problems
	d.Proxy, d.ProxyProblem = a.set.client.Proxy(context.Background())
	return d
}
