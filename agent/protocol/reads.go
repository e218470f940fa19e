package protocol

import (
	"context"
	"time"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/messages"
	"github.com/leasehold-dev/leasehold/enforcement"
)

type statusParams struct {
	At string `json:"at"` // an instant (RFC 3339) to judge; default: now. What has passed cannot be undone: an instant before now is taken as now.
}

func status(_ context.Context, _ *Server, e *entry, p statusParams) (Status, error) {
	a := e.agent
	if p.At == "" {
		v := StatusOf(a, a.Decision())
		v.Problem = a.Trouble().ProblemText()
		return v, nil
	}
	at, err := time.Parse(time.RFC3339Nano, p.At)
	if err != nil {
		return Status{}, misuse("at is %.40q; it is an instant such as 2026-12-24T18:00:00Z", p.At)
	}
	if now := a.Now(); at.Before(now) {
		at = now
	}
	v := StatusOf(a, a.DecisionAt(at))
	judged := At(at)
	v.At = &judged
	return v, nil
}

func forecast(_ context.Context, _ *Server, e *entry, _ none) (Forecast, error) {
	return ForecastOf(e.agent.Now(), e.agent.Decision(), e.agent.Forecast()), nil
}

type featureParams struct {
	Name string `json:"name"` // the feature's name or ID
}

func feature(_ context.Context, _ *Server, e *entry, p featureParams) (Access, error) {
	if p.Name == "" {
		return Access{}, misuse("name is missing")
	}
	return AccessOf(e.agent, p.Name), nil
}

// Features is what the licence says of features.
type Features struct {
	State    enforcement.State `json:"state"`
	Features []Access          `json:"features"`
}

func features(_ context.Context, _ *Server, e *entry, _ none) (Features, error) {
	v := Features{State: e.agent.Decision().State, Features: []Access{}}
	for _, f := range e.agent.License().Features() {
		v.Features = append(v.Features, AccessOf(e.agent, f.ID))
	}
	return v, nil
}

// Limits is what the licence says of amounts.
type Limits struct {
	Limits []Limit `json:"limits"`
}

// Limit is an amount that the licence grants. Amounts are decimal numbers, as
// text.
type Limit struct {
	ID        string  `json:"id"`
	Name      string  `json:"name"`
	Value     *string `json:"value"`      // null: unlimited
	Remaining *string `json:"remaining"`  // null when not told
	NextReset Moment  `json:"next_reset"` // when consumption starts anew; null when never, or not known
}

func limits(_ context.Context, _ *Server, e *entry, _ none) (Limits, error) {
	v := Limits{Limits: []Limit{}}
	for _, l := range e.agent.License().Limitations() {
		if limit, ok := e.agent.Limit(l.ID); ok {
			v.Limits = append(v.Limits, limitOf(limit))
		}
	}
	return v, nil
}

func limitOf(l agent.Limit) Limit {
	v := Limit{ID: l.ID, Name: l.Name}
	if !l.Unlimited {
		value := l.Value.String()
		v.Value = &value
	}
	if l.RemainingKnown {
		left := l.Remaining.String()
		v.Remaining = &left
	}
	if at, ok := l.NextReset(); ok {
		v.NextReset = At(at)
	}
	return v
}

// Variables are the values that the licence carries for the application.
type Variables struct {
	Variables []Variable `json:"variables"`
}

// Variable is one of them.
type Variable struct {
	ID     string   `json:"id"`
	Name   string   `json:"name"`
	Values []string `json:"values"` // one, but for a choice from a list of the vendor's
}

func variables(_ context.Context, _ *Server, e *entry, _ none) (Variables, error) {
	v := Variables{Variables: []Variable{}}
	t := e.agent.License().Terms()
	for _, x := range t.Variables {
		v.Variables = append(v.Variables, Variable{ID: x.ID, Name: x.Name, Values: []string{x.Value}})
	}
	for _, x := range t.Choices {
		v.Variables = append(v.Variables, Variable{ID: x.ID, Name: x.Name, Values: append([]string{}, x.Values...)})
	}
	return v, nil
}

func deviceID(_ context.Context, _ *Server, e *entry, _ none) (Device, error) {
	found := agent.Identification{Identity: e.agent.Device(), ClientID: e.agent.ClientID()}
	if drift, ok := e.agent.DeviceDrift(); ok {
		found.Drift = &drift
	}
	return DeviceOf(found), nil
}

func diagnosis(_ context.Context, s *Server, e *entry, _ none) (Diagnosis, error) {
	return e.agent.Diagnose().Report(), nil
}

func check(ctx context.Context, _ *Server, e *entry, _ none) (Diagnosis, error) {
	checks := e.agent.Check(ctx)
	d := e.agent.Diagnose()
	d.Checks = checks
	return d.Report(), nil
}

type eventsParams struct {
	After  uint64 `json:"after"`   // the last number that was seen; 0: from the first that is kept
	WaitMS int64  `json:"wait_ms"` // how long to wait for one, within the call's deadline; 0: not at all
}

func events(ctx context.Context, _ *Server, e *entry, p eventsParams) (Events, error) {
	if p.WaitMS < 0 {
		return Events{}, misuse("wait_ms is below zero")
	}
	wait := min(time.Duration(min(p.WaitMS, MaxTimeout.Milliseconds()))*time.Millisecond, MaxTimeout)
	return e.events.wait(ctx, p.After, wait)
}

type messageParams struct {
	Languages []string `json:"languages"` // as for open; default: those of open
}

// textsIn are the texts in the first language that there is.
func textsIn(languages []string) (*messages.Texts, error) {
	if len(languages) == 0 {
		languages = messages.UserLanguages()
	}
	return messages.New(messages.Options{Languages: languages})
}

func message(_ context.Context, _ *Server, e *entry, p messageParams) (messages.Message, error) {
	texts := e.texts
	if len(p.Languages) > 0 {
		var err error
		if texts, err = textsIn(p.Languages); err != nil {
			return messages.Message{}, err
		}
	}
	return texts.Of(e.agent), nil
}

type explainParams struct {
	Code int `json:"code"` // the conflict's ID, such as 1001
}

// policyOf is the policy of an agent, or the standard one.
func policyOf(e *entry) *enforcement.Policy {
	if e == nil {
		return enforcement.Standard()
	}
	return e.agent.Policy()
}

func explain(_ context.Context, _ *Server, e *entry, p explainParams) (Code, error) {
	if p.Code <= 0 {
		return Code{}, misuse("code is the ID of a conflict, such as 1001")
	}
	return CodeOf(policyOf(e), enforcement.Code(p.Code)), nil
}

// Codes is the catalogue of conflicts.
type Codes struct {
	Codes []Code `json:"codes"`
}

func codes(_ context.Context, _ *Server, e *entry, _ none) (Codes, error) {
	return Codes{CodesOf(policyOf(e))}, nil
}
