package slasconetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Request is an entry of the request log. It holds licence and token keys, as
// the bodies do, but never the provisioning key.
type Request struct {
	Time     time.Time       `json:"time"` // the server's
	Method   string          `json:"method"`
	Path     string          `json:"path"`
	Endpoint Endpoint        `json:"endpoint"`
	Body     json.RawMessage `json:"body,omitempty"`     // as received; text that is no JSON as a string
	Nonce    bool            `json:"nonce"`              // whether one was sent
	Status   int             `json:"status"`             // 0: no answer was sent
	Conflict int             `json:"conflict,omitempty"` // the ID of a 409
	Fault    FaultKind       `json:"fault,omitempty"`
}

// Decode reads the request's body into v.
func (r Request) Decode(v any) error { return json.Unmarshal(r.Body, v) }

// keptRequests bounds the log.
const keptRequests = 10000

// requestLog holds the last keptRequests requests.
type requestLog struct{ entries []Request }

func (l *requestLog) add(r Request) {
	if len(l.entries) == keptRequests {
		l.entries = slices.Clone(l.entries[keptRequests/2:])
	}
	l.entries = append(l.entries, r)
}

// Requests returns the licensing requests, oldest first: those of the given
// endpoints, or all. A request is listed before its client can see the answer.
// At least the last 5,000 are kept. It panics when there is no such endpoint.
func (s *Server) Requests(of ...Endpoint) []Request {
	for _, e := range of {
		if !e.known() {
			panic(fmt.Sprintf("slasconetest: unknown endpoint %q", e))
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []Request{}
	for _, r := range s.log.entries {
		if len(of) == 0 || slices.Contains(of, r.Endpoint) {
			list = append(list, r)
		}
	}
	return list
}

// ForgetRequests empties the request log.
func (s *Server) ForgetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = requestLog{}
}

// loggable is a body for the log: JSON as it is, anything else as a string.
func loggable(body []byte) json.RawMessage {
	switch {
	case len(body) == 0:
		return nil
	case json.Valid(body):
		return body
	}
	return marshal(string(body))
}
