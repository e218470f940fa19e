package slasconetest

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// Endpoint names a licensing endpoint, for faults and in the request log.
type Endpoint string

// The endpoints, each with its path below /api/v2/isv/{isv}.
const (
	Activation        Endpoint = "activation"         // POST /provisioning/activations
	OfflineActivation Endpoint = "offline_activation" // GET /provisioning/activations/offline
	Heartbeat         Endpoint = "heartbeat"          // POST /provisioning/heartbeats
	SessionOpen       Endpoint = "session_open"       // POST /provisioning/session/open
	SessionClose      Endpoint = "session_close"      // POST /provisioning/session/close
	Unassign          Endpoint = "unassign"           // POST /provisioning/unassign

	Validate            Endpoint = "validate"             // POST /provisioning/validate
	LicensesByUser      Endpoint = "licences_by_user"     // POST /provisioning/licenses/by_user
	LicensesByCustomer  Endpoint = "licences_by_customer" // POST /provisioning/licenses/by_customer
	LicensesByLicense   Endpoint = "licences_by_licence"  // POST /provisioning/licenses/by_license
	LicenseState        Endpoint = "licence_state"        // POST /provisioning/licenses/state/toggle
	FloatingCount       Endpoint = "floating_count"       // GET /provisioning/licenses/{license_id}/tokens/floating/active/count
	LookupCustomer      Endpoint = "lookup_customer"      // POST /lookup/customer
	LookupProduct       Endpoint = "lookup_product"       // POST /lookup/product
	LookupLicenses      Endpoint = "lookup_licences"      // POST /lookup/licenses
	ConsumptionStatus   Endpoint = "consumption_status"   // POST /provisioning/validate/consumption
	ConsumptionReport   Endpoint = "consumption"          // POST /data_gathering/consumption_heartbeats
	ConsumptionRollback Endpoint = "consumption_rollback" // POST /data_gathering/consumption_heartbeats/rollback
	UsageReport         Endpoint = "usage"                // POST /data_gathering/usage_heartbeats
	UsageByNameReport   Endpoint = "usage_by_name"        // POST /data_gathering/usage_heartbeats_by_name
	AnalyticalReport    Endpoint = "analytical"           // POST /data_gathering/analytical_heartbeats
)

// endpoint is how an Endpoint is served.
type endpoint struct {
	name      Endpoint
	method    string
	path      string
	anonymous bool // needs no provisioning key
	serve     func(*Server, *exchange) result
}

func endpoints() []endpoint {
	const post, get = http.MethodPost, http.MethodGet
	return []endpoint{
		{Activation, post, wire.PathActivation, false, (*Server).activate},
		{OfflineActivation, get, wire.PathOfflineActivation, true, (*Server).activateOffline},
		{Heartbeat, post, wire.PathHeartbeat, false, (*Server).heartbeat},
		{SessionOpen, post, wire.PathSessionOpen, false, (*Server).openSession},
		{SessionClose, post, wire.PathSessionClose, false, (*Server).closeSession},
		{Unassign, post, wire.PathUnassign, false, (*Server).unassign},
		{Validate, post, wire.PathValidate, false, (*Server).validate},
		{LicensesByUser, post, wire.PathLicensesByUser, false, (*Server).licensesByUser},
		{LicensesByCustomer, post, wire.PathLicensesByCustomer, false, (*Server).licensesByCustomer},
		{LicensesByLicense, post, wire.PathLicensesByLicense, false, (*Server).licensesByLicense},
		{LicenseState, post, wire.PathLicenseState, false, (*Server).setLicenseState},
		{FloatingCount, get, wire.PathFloatingCount, false, (*Server).floatingCount},
		{LookupCustomer, post, wire.PathLookupCustomer, false, (*Server).lookupCustomer},
		{LookupProduct, post, wire.PathLookupProduct, false, (*Server).lookupProduct},
		{LookupLicenses, post, wire.PathLookupLicenses, false, (*Server).lookupLicenses},
		{ConsumptionStatus, post, wire.PathConsumptionStatus, false, (*Server).consumptionStatus},
		{ConsumptionReport, post, wire.PathConsumption, false, (*Server).consumeUses},
		{ConsumptionRollback, post, wire.PathConsumptionRollback, false, (*Server).rollbackConsumption},
		{UsageReport, post, wire.PathUsage, false, (*Server).reportUsage},
		{UsageByNameReport, post, wire.PathUsageByName, false, (*Server).reportUsageByName},
		{AnalyticalReport, post, wire.PathAnalytics, false, (*Server).reportMeasurements},
	}
}

// Endpoints lists every endpoint that is served.
func Endpoints() []Endpoint {
	var list []Endpoint
	for _, e := range endpoints() {
		list = append(list, e.name)
	}
	return list
}

func (e Endpoint) known() bool {
	for _, known := range endpoints() {
		if known.name == e {
			return true
		}
	}
	return false
}

const (
	maxBody  = 1 << 20
	minNonce = 16
	maxNonce = 64 // more would make the nonce an oracle that signs licences
)

// exchange is one request on its way through the server.
type exchange struct {
	endpoint  endpoint
	now       time.Time
	query     url.Values
	body      []byte
	nonce     []byte // nil when none was sent
	bearer    string // of a signed-in user
	licenseID string // in the path
	clientID  string // for replays
}

// result is what an endpoint decided: exactly one of its fields is set.
type result struct {
	value    any     // of the 200
	file     element // of the offline activation
	conflict conflictID
	problem  *wire.Problem
}

func ok(value any) result            { return result{value: value} }
func conflict(id conflictID) result  { return result{conflict: id} }
func problem(p *wire.Problem) result { return result{problem: p} }
func malformed(detail string) *wire.Problem {
	return newProblem(http.StatusBadRequest, detail)
}

func newProblem(status int, detail string) *wire.Problem {
	return &wire.Problem{
		Type: fmt.Sprintf("https://httpstatuses.io/%d", status), Title: http.StatusText(status), Status: status, Detail: detail,
	}
}

// decode reads the request's body into v. The required fields must be there and
// not blank, and IDs must be UUIDs. Members that the model does not know are
// ignored, as the service does.
func (x *exchange) decode(v any, required ...string) *wire.Problem {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(x.body, &members); err != nil || members == nil {
		return malformed("the body is not a JSON object")
	}
	for _, name := range required {
		if raw, ok := members[name]; !ok || blank(raw) {
			return malformed("the " + name + " field is required")
		}
	}
	for _, name := range []string{"product_id", "token_key", "heartbeat_type_id", "session_id", "license_id", "limitation_id", "transaction_id"} {
		raw, ok := members[name]
		if !ok || blank(raw) {
			continue
		}
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return malformed("the " + name + " field is not a string")
		}
		if _, err := uuid.Parse(text); err != nil {
			return malformed("the " + name + " field is not a UUID")
		}
	}
	if err := json.Unmarshal(x.body, v); err != nil {
		var kind *json.UnmarshalTypeError
		if errors.As(err, &kind) {
			return malformed("the " + kind.Field + " field is not a " + kind.Type.String())
		}
		return malformed("the body is malformed")
	}
	return nil
}

func blank(raw json.RawMessage) bool {
	return string(raw) == "null" || len(bytes.Trim(raw, "\" \t\r\n")) == 0
}

// serveLicensing serves one licensing request, fault or not.
func (s *Server) serveLicensing(e endpoint, w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		panic(http.ErrAbortHandler)
	}
	defer s.leave()

	x := &exchange{endpoint: e, query: r.URL.Query(), bearer: bearerToken(r), licenseID: r.PathValue("license_id")}
	entry := &Request{Method: r.Method, Path: r.URL.Path, Endpoint: e.name, Nonce: r.Header.Get(wire.HeaderNonce) != ""}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	x.body = body
	entry.Body = loggable(body)
	x.clientID = cmp.Or(clientOf(body), x.query.Get("client_id"))

	s.mu.Lock()
	x.now = s.now()
	entry.Time = x.now
	outage := s.outage
	var fault *Fault
	if !outage {
		fault = s.takeFault(e.name)
	}
	s.mu.Unlock()

	refusal := s.admit(x, r, err)
	respond := &responder{s: s, w: w, r: r, x: x, entry: entry}
	if outage {
		entry.Fault = FaultReset
		respond.reset()
		return
	}
	if fault != nil {
		entry.Fault = fault.Kind
		if !fault.AfterEffect && fault.before(respond) {
			return
		}
	}

	res := problem(refusal)
	if refusal == nil {
		s.mu.Lock()
		x.now = s.now() // a delay may have passed
		res = e.serve(s, x)
		s.mu.Unlock()
	}
	if fault != nil && fault.AfterEffect && fault.before(respond) {
		return
	}
	respond.send(res, fault)
}

// admit checks what every endpoint asks of a request. readErr is what reading
// the body gave.
func (s *Server) admit(x *exchange, r *http.Request, readErr error) *wire.Problem {
	if fold(r.PathValue("isv")) != fold(s.cfg.ISV) {
		return newProblem(http.StatusForbidden, "the isv_id is unknown")
	}
	if !x.endpoint.anonymous && r.Header.Get(wire.HeaderProvisioningKey) != s.cfg.ProvisioningKey {
		return newProblem(http.StatusUnauthorized, "the ProvisioningKey header is missing or wrong")
	}
	if readErr != nil {
		return newProblem(http.StatusRequestEntityTooLarge, "the body could not be read or is larger than 1 MiB")
	}
	if r.Method == http.MethodPost {
		if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
			return newProblem(http.StatusUnsupportedMediaType, "the Content-Type must be application/json")
		}
	}
	text := strings.TrimSpace(r.Header.Get(wire.HeaderNonce))
	if text == "" {
		return nil
	}
	nonce, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(nonce) < minNonce || len(nonce) > maxNonce {
		return malformed(fmt.Sprintf("the X-Nonce header must be base64 of %d to %d bytes", minNonce, maxNonce))
	}
	x.nonce = nonce
	return nil
}

// clientOf finds the client a body speaks for, so that a replay can pick one of
// its answers.
func clientOf(body []byte) string {
	var req struct {
		ClientID string `json:"client_id"`
	}
	_ = json.Unmarshal(body, &req) // a body without one has no client
	return req.ClientID
}
