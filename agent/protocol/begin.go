package protocol

import (
	"context"
	"encoding/json"
	"time"
)

type beginParams struct {
	Method    string          `json:"method"`     // what to call, such as activate
	Params    json.RawMessage `json:"params"`     // its parameters
	TimeoutMS int64           `json:"timeout_ms"` // the deadline of the call that is begun; 0: the default
}

// Begun is a call that was begun.
type Begun struct {
	Call uint64 `json:"call"` // its number, which call_ended names; 1 is an agent's first
}

// begin starts a call whose answer comes as an event. What cannot be begun is
// refused here; all else is in the event.
func begin(_ context.Context, s *Server, e *entry, p beginParams) (Begun, error) {
	m, ok := methodNamed(p.Method)
	switch {
	case !ok:
		return Begun{}, noMethod(p.Method)
	case m.needs == needsNone || m.ends || m.name == "events" || m.name == "begin":
		return Begun{}, misuse("%s is not a call that can be begun: call it", m.name)
	case p.TimeoutMS < 0 || p.TimeoutMS > MaxTimeout.Milliseconds():
		return Begun{}, wrongTimeout()
	}
	timeout := time.Duration(p.TimeoutMS) * time.Millisecond
	if timeout == 0 {
		timeout = DefaultTimeout
	}
	if e.begun.Add(1) > MaxCalls {
		e.begun.Add(-1)
		return Begun{}, misuse("%d calls are under way already; wait for the event call_ended", MaxCalls)
	}
	number := e.calls.Add(1)
	go func() {
		defer e.begun.Add(-1)
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		defer cancel()
		result, failure := s.Call(ctx, e.handle, m.name, p.Params)
		if e.life.Err() == nil {
			s.tell(e, Event{Type: "call_ended", Call: number, Method: m.name, Result: result, Failure: failure})
		}
	}()
	return Begun{number}, nil
}
