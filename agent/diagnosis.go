package agent

import (
	"cmp"
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/device"
	"github.com/leasehold-dev/leasehold/agent/internal/phrase"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

// Diagnosis is what a help desk wants to know. As text, by [Diagnosis.String],
// and as JSON, which is [Diagnosis.Report], it holds no key, token or machine ID,
// so that it can be pasted into a mail.
type Diagnosis struct {
	Version      string // of Leasehold's module
	App          App
	Server       string // the licence server's host
	ProductID    string
	SettingsFrom string
	Origins      map[string]string // of single settings, by name, as far as they are told apart
	Signature    string            // how answers are signed: rsa, hmac or none
	Policy       string            // a preset's name, or "configured"

	Decision enforcement.Decision
	Coming   []enforcement.Transition

	Device   device.Identity
	Drift    *device.Drift // nil when the device ID is as it was
	Store    storage.Kind
	Reason   string   // why the licence is not kept in the keyring, where that was wanted
	StateDir string   // the folder of files
	Schedule string   // of the heartbeats
	RootCAs  []string // names of the certificates that are trusted beside the system's

	License license.License
	Session Session
	allowed map[string]bool // features by ID

	Now             time.Time // trusted
	WallClock       time.Time // the computer's
	RolledBackSince time.Time // zero when the clock is trusted
	LicenseProvenAt time.Time // server time; zero without a licence
	LicenseSource   enforcement.Source
	Due             time.Time // when the next answer is overdue; zero: never
	AnsweredAt      time.Time // the last answer of the server, Yes or No
	Failures        int       // calls without an answer since
	FailingSince    time.Time
	Silence         enforcement.SilenceKind
	LastFailure     *Failure // of the last call that failed, if none was answered since; nil when none did
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

	Checks []CheckResult // what [Agent.Check] found; nil unless it was called
}

// Failure is what a call that failed met, as far as it is remembered.
type Failure struct {
	Op      string // the call
	Kind    ErrorKind
	Code    enforcement.Code // the conflict's ID; 0 unless Kind is KindConflict
	Message string           // in full; no key, no token
	At      time.Time        // trusted
}

// Trouble is the quick part of [Agent.Diagnose]: what is wrong with what is kept, or
// with the place where it is kept. All other fields are zero.
func (a *Agent) Trouble() Diagnosis {
	if a.unmade() {
		return Diagnosis{Decision: nobody}
	}
	return Diagnosis{
		Problem: a.problem, Drift: a.install.Drift(), LicenseProvenAt: a.License().IssuedAt(),
		Store: a.ledger.Store.Kind(), Reason: *a.reason.Load(),
	}
}

// Diagnose returns what a help desk wants to know. It asks nobody but this
// computer (for the system's proxy two seconds at most) and changes nothing.
func (a *Agent) Diagnose() Diagnosis {
	if a.unmade() {
		return Diagnosis{Decision: nobody}
	}
	return a.diagnosis()
}

// diagnosis is long because each member is filled in.
func (a *Agent) diagnosis() Diagnosis {
	k := a.knowledge()
	now := a.ledger.Reading()
	d := Diagnosis{
		Version:         moduleVersion(),
		App:             a.set.App,
		Server:          host(a.set.ServerURL),
		ProductID:       a.set.ProductID,
		SettingsFrom:    cmp.Or(a.set.SettingsFrom, "the application"),
		Origins:         a.set.origins(),
		Signature:       signatureName(a.set.Signature, a.set.keys),
		Policy:          policyName(a.set.Policy),
		StateDir:        a.folder,
		RootCAs:         []string{},
		License:         k.License,
		Session:         a.Session(),
		allowed:         make(map[string]bool),
		WallClock:       a.wallClock(),
		Due:             k.Facts.License.Due,
		LastFailure:     a.lastFailure(),
		Decision:        a.Decision(),
		Coming:          a.Forecast(),
		Device:          a.install.Identity,
		Drift:           a.install.Drift(),
		Store:           a.ledger.Store.Kind(),
		Reason:          *a.reason.Load(),
		Schedule:        a.ledger.Opener.ScheduleFor(k.License).String(),
		Now:             now.Now,
		RolledBackSince: now.RolledBackSince,
		LicenseProvenAt: k.License.IssuedAt(),
		LicenseSource:   k.Facts.License.Source,
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
	for _, f := range a.Features() {
		d.allowed[f.ID] = f.Allowed
	}
	for _, c := range a.set.RootCAs {
		d.RootCAs = append(d.RootCAs, certificateName(c))
	}
	return d
}

// lastFailure is what the last call that failed met: one of this process, else
// the one that is kept.
func (a *Agent) lastFailure() *Failure {
	if f := a.failed.Load(); f != nil {
		return f
	}
	k := a.knowledge()
	if k.Contact.Failures == 0 || k.LastError == "" {
		return nil
	}
	kind := KindSilence
	if k.Facts.Silence.Kind == enforcement.SilentSignature {
		kind = KindIntegrity
	}
	return &Failure{Op: "heartbeat", Kind: kind, Message: k.LastError, At: k.Contact.FailedAt}
}

// rememberFailure keeps what a call met for a help desk; an answer ends it.
func (a *Agent) rememberFailure(err error) {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		a.failed.Store(nil)
		return
	}
	a.failed.Store(&Failure{Op: e.Op, Kind: e.Kind, Code: e.Code, Message: phrase.Plain(e.Err), At: a.ledger.Now()})
}

// wallClock is the computer's clock, or what the application put in its place.
func (a *Agent) wallClock() time.Time {
	if a.set.Now == nil {
		return time.Now()
	}
	return a.set.Now()
}

// certificateName names a certificate as its owner does.
func certificateName(c *x509.Certificate) string {
	return cmp.Or(c.Subject.CommonName, strings.Join(c.Subject.Organization, " "), "serial number "+c.SerialNumber.String())
}

// host is the server without anything that may be secret.
func host(server string) string {
	u, err := url.Parse(server)
	if err != nil {
		return ""
	}
	return u.Host
}

// moduleVersion is Leasehold's version as Go recorded it.
func moduleVersion() string {
	const module = "github.com/leasehold-dev/leasehold"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	if info.Main.Path == module {
		return cmp.Or(info.Main.Version, "(devel)")
	}
	for _, dep := range info.Deps {
		if dep.Path == module {
			return dep.Version
		}
	}
	return "(unknown)"
}

// signatureName is what the configuration calls a way of signing.
func signatureName(s Signature, keys []*rsa.PublicKey) string {
	switch {
	case s.None:
		return "none"
	case s.SharedKey != "":
		return "hmac"
	case len(keys) > 1:
		return fmt.Sprintf("rsa (%d keys)", len(keys))
	}
	return "rsa"
}

// policyName is the name of the preset that a policy equals, else "configured".
func policyName(p *enforcement.Policy) string {
	var name string
	if text, err := json.Marshal(p); err != nil || json.Unmarshal(text, &name) != nil {
		return "configured"
	}
	return name
}
