package protocol

import (
	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/internal/phrase"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Status is the status object.
type Status struct {
	State    enforcement.State   `json:"state"`
	Cause    enforcement.Cause   `json:"cause"`
	Causes   []enforcement.Cause `json:"causes"`
	Code     enforcement.Code    `json:"code"`
	Remedy   string              `json:"remedy"`    // a sentence
	RemedyID enforcement.Remedy  `json:"remedy_id"` // its token, such as go_online
	Since    Moment              `json:"since"`
	Until    Moment              `json:"until"`
	Next     *Next               `json:"next"`
	DeviceID string              `json:"device_id"`
	Store    string              `json:"store"`
	License  *License            `json:"license"`

	At      *Moment  `json:"at,omitempty"` // with --at: the instant that was judged
	Session *Session `json:"session,omitempty"`
	Problem string   `json:"problem,omitempty"` // with what was kept; of a status, and where a call has not cured it
	Error   *Error   `json:"error,omitempty"`
}

// Next is the state that follows when time passes.
type Next struct {
	State enforcement.State `json:"state"`
	At    Moment            `json:"at"`
}

// License shows a licence.
type License struct {
	Name             string    `json:"name"`
	Key              string    `json:"key"` // masked
	Product          string    `json:"product"`
	ProductID        string    `json:"product_id"`
	Edition          string    `json:"edition"`
	Customer         string    `json:"customer"`
	ProvisioningMode string    `json:"provisioning_mode"` // named or floating
	Expires          Moment    `json:"expires"`           // null: never
	Temporary        bool      `json:"temporary"`
	ReleaseLimit     string    `json:"release_limit"`
	FreerideDays     *int      `json:"freeride_days"`
	ProvenAt         Moment    `json:"proven_at"` // server time
	Features         []Feature `json:"features"`
}

// Feature is a feature of a licence.
type Feature struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Active  bool   `json:"active"`
	Expires Moment `json:"expires"` // null: as long as the licence
}

// Session is the floating seat as it is known here.
type Session struct {
	ID         string `json:"id"`
	Needed     bool   `json:"needed"` // the licence is floating; any other needs no session
	Held       bool   `json:"held"`
	ValidUntil Moment `json:"valid_until"`
}

// LicenseOf shows a licence, nil when there is none.
func LicenseOf(l license.License) *License {
	if l.IsZero() {
		return nil
	}
	t := l.Terms()
	v := &License{
		Name:             t.Name,
		Key:              phrase.Masked(t.Key),
		Product:          t.ProductName,
		ProductID:        t.ProductID,
		Edition:          t.EditionName,
		Customer:         t.Customer.Company,
		ProvisioningMode: t.ProvisioningMode.String(),
		Expires:          At(t.Expires),
		Temporary:        t.Temporary,
		ReleaseLimit:     t.ReleaseLimit,
		FreerideDays:     t.FreerideDays,
		ProvenAt:         At(l.IssuedAt()),
		Features:         []Feature{},
	}
	for _, f := range t.Features {
		v.Features = append(v.Features, Feature{ID: f.ID, Name: f.Name, Active: f.Active, Expires: At(f.Expires)})
	}
	return v
}

// StatusOf shows a decision and what it is about.
func StatusOf(ag *agent.Agent, d enforcement.Decision) Status {
	v := Status{
		State:    d.State,
		Cause:    d.Cause,
		Causes:   []enforcement.Cause{},
		Code:     d.Code,
		Remedy:   d.Remedy.Sentence(),
		RemedyID: d.Remedy,
		Since:    At(d.Since),
		Until:    At(d.Until),
		DeviceID: ag.Device().ID,
		Store:    string(ag.Trouble().Store),
		License:  LicenseOf(ag.License()),
	}
	for f := range d.Findings() {
		v.Causes = append(v.Causes, f.Cause)
	}
	if !d.Until.IsZero() {
		v.Next = &Next{State: d.Then, At: At(d.Until)}
	}
	return v
}

// SessionOf shows the floating seat.
func SessionOf(ag *agent.Agent) *Session {
	s := ag.Session()
	return &Session{ID: s.ID, Needed: ag.Facts().Session.Required, Held: s.Held, ValidUntil: At(s.ValidUntil)}
}
