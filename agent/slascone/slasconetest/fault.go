package slasconetest

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// FaultKind says how a request goes wrong.
type FaultKind string

// The faults. The first group answers in the service's stead, as gateways and
// broken networks do; the request takes no effect unless [Fault.AfterEffect].
const (
	FaultStatus   FaultKind = "status"   // Status, with Retry-After when RetryAfter is set
	FaultConflict FaultKind = "conflict" // a signed 409 with the ID Conflict
	FaultHang     FaultKind = "hang"     // no answer until the client goes or the server closes
	FaultReset    FaultKind = "reset"    // the connection is reset
	FaultGarbage  FaultKind = "garbage"  // 200 with bytes that are no JSON, signed
	FaultPortal   FaultKind = "portal"   // a captive portal: 200 with an HTML page
	FaultRedirect FaultKind = "redirect" // 302 to Location
	FaultOversize FaultKind = "oversize" // 200 with Size bytes of JSON, signed

	// FaultDelay serves the request after Delay.
	FaultDelay FaultKind = "delay"

	// The rest lets the request take effect and damages the answer. Stale and
	// foreign change what says a date or a name, and leave other answers alone.
	FaultTruncate          FaultKind = "truncate"            // the connection ends in the middle of the body
	FaultContentType       FaultKind = "content_type"        // text/plain
	FaultUnsigned          FaultKind = "unsigned"            // no body signature
	FaultBadSignature      FaultKind = "bad_signature"       // a body signature of other bytes
	FaultNoNonceSignature  FaultKind = "no_nonce_signature"  // no nonce signature
	FaultBadNonceSignature FaultKind = "bad_nonce_signature" // a nonce signature of another nonce
	FaultStale             FaultKind = "stale"               // dates that lie Age back, correctly signed
	FaultReplay            FaultKind = "replay"              // the client's Back-th last answer of the endpoint with a fresh nonce signature
	FaultForeign           FaultKind = "foreign"             // an answer for another client, product or licence (Of), correctly signed
	FaultShape             FaultKind = "shape"               // the signed answer of another endpoint
)

// FaultKinds lists every kind of fault, in the order of their constants.
func FaultKinds() []FaultKind {
	return []FaultKind{
		FaultStatus, FaultConflict, FaultHang, FaultReset, FaultGarbage, FaultPortal, FaultRedirect, FaultOversize, FaultDelay,
		FaultTruncate, FaultContentType, FaultUnsigned, FaultBadSignature, FaultNoNonceSignature, FaultBadNonceSignature,
		FaultStale, FaultReplay, FaultForeign, FaultShape,
	}
}

// Fault is something that goes wrong on demand.
type Fault struct {
	ID int `json:"id"` // given by the server

	Endpoint Endpoint  `json:"endpoint,omitempty"` // empty: every endpoint
	Kind     FaultKind `json:"kind"`
	Times    int       `json:"times,omitempty"` // how often; 0: until cleared

	// AfterEffect lets the request take effect before a fault of the first group
	// hides that it did, as a lost answer does.
	AfterEffect bool `json:"after_effect,omitempty"`

	Status     int      `json:"status,omitempty"`      // of FaultStatus; default 503
	RetryAfter string   `json:"retry_after,omitempty"` // the header as it is: seconds, a date, or nonsense
	Conflict   int      `json:"conflict,omitempty"`    // of FaultConflict, required
	Delay      Duration `json:"delay,omitzero"`        // of FaultDelay, required
	Location   string   `json:"location,omitempty"`    // of FaultRedirect; default https://portal.example/login
	Size       int      `json:"size,omitempty"`        // of FaultOversize in bytes; default 8 MiB
	Age        Duration `json:"age,omitzero"`          // of FaultStale; default 24h
	Back       int      `json:"back,omitempty"`        // of FaultReplay; default 1, the latest
	Of         string   `json:"of,omitempty"`          // of FaultForeign: client (default), product or licence
}

// Duration is a time.Duration that JSON writes as text, such as "24h".
type Duration time.Duration

// MarshalText writes the form of time.Duration.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads the form of time.ParseDuration.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%.40q is not a duration such as 90s or 24h", text)
	}
	*d = Duration(parsed)
	return nil
}

const (
	defaultOversize = 8 << 20
	maxOversize     = 64 << 20
	defaultAge      = Duration(24 * time.Hour)
	defaultLocation = "https://portal.example/login"
)

// complete checks a fault and fills in its defaults: one case for each kind, and
// so a long function.
func (f Fault) complete() (Fault, error) {
	if f.Endpoint != "" && !f.Endpoint.known() {
		return f, fmt.Errorf("unknown endpoint %q", f.Endpoint)
	}
	if f.Times < 0 {
		return f, errors.New("times must not be negative")
	}
	switch f.Kind {
	case FaultStatus:
		if f.Status == 0 {
			f.Status = http.StatusServiceUnavailable
		}
		if f.Status < 200 || f.Status > 599 {
			return f, fmt.Errorf("status %d is not within 200 to 599", f.Status)
		}
	case FaultConflict:
		if f.Conflict <= 0 {
			return f, errors.New("a conflict fault needs conflict, the ID to answer with")
		}
	case FaultDelay:
		if f.Delay <= 0 {
			return f, errors.New("a delay fault needs a delay such as 2s")
		}
	case FaultRedirect:
		if f.Location == "" {
			f.Location = defaultLocation
		}
	case FaultOversize:
		if f.Size == 0 {
			f.Size = defaultOversize
		}
		if f.Size < 0 || f.Size > maxOversize {
			return f, fmt.Errorf("size must be within 1 and %d bytes", maxOversize)
		}
	case FaultStale:
		if f.Age == 0 {
			f.Age = defaultAge
		}
	case FaultReplay:
		if f.Back == 0 {
			f.Back = 1
		}
		if f.Back < 0 || f.Back > keptAnswers {
			return f, fmt.Errorf("back must be within 1 and %d", keptAnswers)
		}
	case FaultForeign:
		if f.Of == "" {
			f.Of = "client"
		}
		if !slices.Contains([]string{"client", "product", "licence"}, f.Of) {
			return f, fmt.Errorf("of %q must be client, product or licence", f.Of)
		}
	case FaultHang, FaultReset, FaultGarbage, FaultPortal, FaultTruncate, FaultContentType,
		FaultUnsigned, FaultBadSignature, FaultNoNonceSignature, FaultBadNonceSignature, FaultShape:
	default:
		return f, fmt.Errorf("unknown kind %q of fault", f.Kind)
	}
	return f, nil
}

// Inject makes requests go wrong from now on and returns the fault's ID.
// Faults of one endpoint are used up in the order in which they were injected.
// It panics when f makes no sense.
func (s *Server) Inject(f Fault) int {
	return must(s.inject(f)).ID
}

func (s *Server) inject(f Fault) (Fault, error) {
	f, err := f.complete()
	if err != nil {
		return f, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastID++
	f.ID = s.lastID
	kept := f
	s.faults = append(s.faults, &kept)
	return f, nil
}

// Faults lists the faults that are still to come, with Times counted down.
func (s *Server) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Fault, len(s.faults))
	for i, f := range s.faults {
		list[i] = *f
	}
	return list
}

// ClearFault ends one fault and reports whether it was there.
func (s *Server) ClearFault(id int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.faults)
	s.faults = slices.DeleteFunc(s.faults, func(f *Fault) bool { return f.ID == id })
	return len(s.faults) < n
}

// ClearFaults ends every fault, but not an outage.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Outage makes the licensing API unreachable, or reachable again: every
// request's connection is reset. The control stays up.
func (s *Server) Outage(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outage = on
}

// takeFault returns the fault for a request, if any, and counts it down.
func (s *Server) takeFault(e Endpoint) *Fault {
	for i, f := range s.faults {
		if f.Endpoint != "" && f.Endpoint != e {
			continue
		}
		taken := *f
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				s.faults = slices.Delete(s.faults, i, i+1)
			}
		}
		return &taken
	}
	return nil
}

// before answers in the service's stead and reports whether it did.
func (f *Fault) before(re *responder) bool {
	switch f.Kind {
	case FaultStatus:
		if f.RetryAfter != "" {
			re.w.Header().Set("Retry-After", f.RetryAfter)
		}
		re.write(answer{status: f.Status, contentType: typeProblem, body: marshal(newProblem(f.Status, "a fault on demand"))})
	case FaultConflict:
		re.send(conflict(conflictID(f.Conflict)), nil)
	case FaultHang:
		re.logged(0)
		select {
		case <-re.r.Context().Done():
		case <-re.s.closing.Done():
		}
		panic(http.ErrAbortHandler)
	case FaultReset:
		re.reset()
	case FaultGarbage:
		re.sendSigned([]byte("\x1f\x8b{]\x00 garbage"))
	case FaultPortal:
		re.write(answer{status: http.StatusOK, contentType: "text/html; charset=utf-8",
			body: []byte("<!DOCTYPE html><html><head><title>Welcome</title></head><body><form>Please sign in to use this network.</form></body></html>")})
	case FaultRedirect:
		re.w.Header().Set("Location", f.Location)
		re.write(answer{status: http.StatusFound, contentType: "text/html; charset=utf-8"})
	case FaultOversize:
		re.sendSigned(slices.Concat([]byte(`{"padding":"`), bytes.Repeat([]byte("x"), f.Size), []byte(`"}`)))
	case FaultDelay:
		timer := time.NewTimer(time.Duration(f.Delay))
		defer timer.Stop()
		select {
		case <-timer.C:
			return false
		case <-re.r.Context().Done():
		case <-re.s.closing.Done():
		}
		re.logged(0)
		panic(http.ErrAbortHandler)
	default:
		return false
	}
	return true
}

// sendSigned writes a 200 with any body, correctly signed.
func (re *responder) sendSigned(body []byte) {
	a := answer{status: http.StatusOK, contentType: typeJSON, body: body}
	if err := re.sign(&a, result{}); err != nil {
		a = answer{status: http.StatusInternalServerError, contentType: typeProblem}
	}
	re.write(a)
}

// alter changes what a 200 says before it is signed.
func (f *Fault) alter(value any, x *exchange) any {
	switch f.Kind {
	case FaultStale:
		return f.stale(value)
	case FaultForeign:
		return f.foreign(value)
	case FaultShape:
		return otherShape(value, x.now)
	}
	return value
}

func (f *Fault) stale(value any) any {
	back := func(t *wire.Time) *wire.Time { return date(t.Time.Add(-time.Duration(f.Age))) }
	switch v := value.(type) {
	case *wire.LicenseInfo:
		v.CreatedDate = back(v.CreatedDate)
	case *wire.SessionInfo:
		v.SessionValidUntil = back(v.SessionValidUntil)
		v.SessionCreatedDate = back(v.SessionCreatedDate)
		v.SessionModifiedDate = back(v.SessionModifiedDate)
	}
	return value
}

// foreign has nothing to change in session answers: they name nobody, so that
// they are everybody's.
func (f *Fault) foreign(value any) any {
	info, ok := value.(*wire.LicenseInfo)
	if !ok {
		return value
	}
	other := uuid.NewString()
	switch f.Of {
	case "product":
		info.ProductID = &other
	case "licence":
		info.LicenseKey = other
	default:
		info.ClientID = &other
	}
	return info
}

func otherShape(value any, now time.Time) any {
	if _, isSession := value.(*wire.SessionInfo); isSession {
		return &wire.LicenseInfo{LicenseName: "Another endpoint's answer", LicenseKey: uuid.NewString(), IsLicenseValid: new(true), CreatedDate: date(now)}
	}
	return &wire.SessionInfo{
		IsSessionValid: new(true), SessionValidUntil: date(now.Add(time.Hour)), SessionCreatedDate: date(now), SessionModifiedDate: date(now),
		MaxOpenSessionCount: limitOrMost(nil), MaxActiveClientCount: limitOrMost(nil),
	}
}

// damage changes a signed answer, or writes it itself and reports so.
func (f *Fault) damage(re *responder, a *answer) bool {
	switch f.Kind {
	case FaultContentType:
		a.contentType = "text/plain"
	case FaultUnsigned:
		a.signature = ""
	case FaultBadSignature:
		a.signature = re.signatureOfOther(a.body)
	case FaultNoNonceSignature:
		a.nonceSignature = ""
	case FaultBadNonceSignature:
		if a.nonceSignature != "" {
			a.nonceSignature = re.signatureOfOther(re.x.nonce)
		}
	case FaultReplay:
		if a.status == http.StatusOK {
			re.s.replay(re.x, f.Back, a)
		}
	case FaultTruncate:
		re.header(*a)
		re.logged(a.status)
		re.w.WriteHeader(a.status)
		_, _ = re.w.Write(a.body[:len(a.body)/2])
		_ = http.NewResponseController(re.w).Flush()
		panic(http.ErrAbortHandler)
	}
	return false
}

// signatureOfOther is a true signature, of something else.
func (re *responder) signatureOfOther(message []byte) string {
	text, err := re.s.currentSigner().sign(append(slices.Clone(message), ' '))
	if err != nil {
		return ""
	}
	return text
}

func (s *Server) currentSigner() signer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.signer
}
