package slasconetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// controlRoute is one call of the HTTP control. It does what the Go method of
// the same purpose does, and answers with JSON.
type controlRoute struct {
	method, path string
	serve        func(s *Server, r *http.Request, body []byte) (any, error)
}

// controlTable is the control, in the order of the table in the package
// documentation.
func controlTable() []controlRoute {
	const get, post, put, patch, remove = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
	return []controlRoute{
		{get, "/emulator", controlStatus},
		{get, "/emulator/public-key", controlPublicKey},
		{get, "/emulator/products", func(s *Server, _ *http.Request, _ []byte) (any, error) { return s.Products(), nil }},
		{post, "/emulator/products", controlAddProduct},
		{patch, "/emulator/products/{id}", controlPatchProduct},
		{get, "/emulator/licences", func(s *Server, _ *http.Request, _ []byte) (any, error) { return s.Licenses(), nil }},
		{post, "/emulator/licences", controlAddLicense},
		{get, "/emulator/licences/{key}", controlLicense},
		{patch, "/emulator/licences/{key}", controlPatchLicense},
		{remove, "/emulator/licences/{key}", controlDeleteLicense},
		{get, "/emulator/licences/{key}/tokens", controlTokens},
		{post, "/emulator/licences/{key}/tokens", controlIssueToken},
		{get, "/emulator/licences/{key}/file", controlFile},
		{post, "/emulator/licences/{key}/file", controlBoundFile},
		{post, "/emulator/licences/{key}/activation-file", controlActivationFile},
		{get, "/emulator/licences/{key}/consumption", controlConsumption},
		{remove, "/emulator/tokens/{key}", controlReleaseToken},
		{get, "/emulator/clients", func(s *Server, _ *http.Request, _ []byte) (any, error) { return s.Clients(), nil }},
		{remove, "/emulator/clients/{id}", controlForgetClient},
		{post, "/emulator/clients/{id}/suspend", controlSuspend},
		{post, "/emulator/clients/{id}/resume", controlResume},
		{get, "/emulator/sessions", func(s *Server, _ *http.Request, _ []byte) (any, error) { return s.Sessions(), nil }},
		{remove, "/emulator/sessions/{id}", controlEndSession},
		{get, "/emulator/usage", func(s *Server, _ *http.Request, _ []byte) (any, error) { return s.Usages(), nil }},
		{get, "/emulator/measurements", func(s *Server, _ *http.Request, _ []byte) (any, error) { return s.Measurements(), nil }},
		{get, "/emulator/faults", func(s *Server, _ *http.Request, _ []byte) (any, error) { return s.Faults(), nil }},
		{post, "/emulator/faults", controlInject},
		{remove, "/emulator/faults", func(s *Server, _ *http.Request, _ []byte) (any, error) { s.ClearFaults(); return nil, nil }},
		{remove, "/emulator/faults/{id}", controlClearFault},
		{put, "/emulator/outage", controlOutage},
		{get, "/emulator/clock", controlClock},
		{put, "/emulator/clock", controlSetClock},
		{post, "/emulator/clock/advance", controlAdvance},
		{get, "/emulator/requests", controlRequests},
		{remove, "/emulator/requests", func(s *Server, _ *http.Request, _ []byte) (any, error) { s.ForgetRequests(); return nil, nil }},
		{get, "/emulator/state", controlState},
		{post, "/emulator/state/save", func(s *Server, _ *http.Request, _ []byte) (any, error) { return nil, s.SaveState() }},
		{post, "/emulator/state/load", func(s *Server, _ *http.Request, _ []byte) (any, error) { return nil, s.LoadState() }},
		{post, "/emulator/reset", func(s *Server, _ *http.Request, _ []byte) (any, error) { s.Reset(); return nil, nil }},
	}
}

// text is a control answer that is not JSON.
type text struct{ contentType, body string }

// stream is a control answer that is written piece by piece.
type stream struct {
	contentType string
	write       func(io.Writer) error
}

func (s *Server) controlRoutes(mux *http.ServeMux) {
	// A web page in the developer's browser must not control the server.
	for _, route := range controlTable() {
		mux.Handle(route.method+" "+route.path, guardControl(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.serveControl(route, w, r)
		})))
	}
	mux.Handle("GET /emulator/{$}", guardControl(http.HandlerFunc(s.serveOverview)))
	s.pageRoutes(mux, guardControl)
}

func (s *Server) serveControl(route controlRoute, w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		panic(http.ErrAbortHandler)
	}
	defer s.leave()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var v any
	if err == nil {
		v, err = route.serve(s, r, body)
	}
	status := http.StatusOK
	contentType := typeJSON
	var out []byte
	switch answer := v.(type) {
	case nil:
		status = http.StatusNoContent
	case stream:
		w.Header().Set("Content-Type", answer.contentType)
		_ = answer.write(w) // a caller that went away is its own business
		return
	case text:
		contentType, out = answer.contentType, []byte(answer.body)
	default:
		out = append(marshal(v), '\n')
	}
	if err != nil {
		status = http.StatusBadRequest
		if errors.Is(err, errNotFound) || errors.Is(err, errNoState) {
			status = http.StatusNotFound
		}
		contentType, out = typeJSON, append(marshal(map[string]string{"error": err.Error()}), '\n')
	}
	if out != nil {
		w.Header().Set("Content-Type", contentType)
	}
	w.WriteHeader(status)
	_, _ = w.Write(out) // a caller that went away is its own business
}

// strictJSON reads one JSON value; members that v does not know are errors that
// name them.
func strictJSON(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		if errors.Is(err, io.EOF) {
			return errors.New("a JSON object is needed")
		}
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more than one JSON value")
	}
	return nil
}

// overlay is current with the members that patch names replaced; null undoes one.
func overlay[T any](current T, patch []byte) (T, error) {
	var changed T
	members, changes := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	if err := json.Unmarshal(marshal(current), &members); err != nil {
		return changed, err
	}
	if err := strictJSON(patch, &changes); err != nil {
		return changed, err
	}
	for name, value := range changes {
		members[name] = value
	}
	return changed, strictJSON(marshal(members), &changed)
}

// orNotFound turns "was there" into what the control answers.
func orNotFound(found bool, what, id string) (any, error) {
	if !found {
		return nil, fmt.Errorf("%s %q: %w", what, id, errNotFound)
	}
	return nil, nil
}

func controlStatus(s *Server, _ *http.Request, _ []byte) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return map[string]any{
		"isv_id": s.cfg.ISV, "signing": s.cfg.Signing, "now": s.now(), "outage": s.outage,
		"products": len(s.store.products), "licences": len(s.store.licenses), "clients": len(s.store.clients),
		"faults": len(s.faults), "requests": len(s.log.entries),
	}, nil
}

func controlPublicKey(s *Server, r *http.Request, _ []byte) (any, error) {
	switch format := r.URL.Query().Get("format"); format {
	case "", "pem":
		return text{"application/x-pem-file", s.PublicKeyPEM()}, nil
	case "xml":
		return text{typeXML, s.PublicKeyXML()}, nil
	default:
		return nil, fmt.Errorf("unknown format %q: use pem or xml", format)
	}
}

func controlAddProduct(s *Server, _ *http.Request, body []byte) (any, error) {
	var p Product
	if err := strictJSON(body, &p); err != nil {
		return nil, err
	}
	return s.addProduct(p)
}

func controlPatchProduct(s *Server, r *http.Request, body []byte) (any, error) {
	return s.updateProduct(r.PathValue("id"), func(p *Product) (err error) {
		*p, err = overlay(*p, body)
		return err
	})
}

func controlAddLicense(s *Server, _ *http.Request, body []byte) (any, error) {
	var l License
	if err := strictJSON(body, &l); err != nil {
		return nil, err
	}
	return s.addLicense(l)
}

func controlLicense(s *Server, r *http.Request, _ []byte) (any, error) {
	key := r.PathValue("key")
	if l, found := s.License(key); found {
		return l, nil
	}
	return orNotFound(false, "licence", key)
}

func controlPatchLicense(s *Server, r *http.Request, body []byte) (any, error) {
	return s.updateLicense(r.PathValue("key"), func(l *License) (err error) {
		*l, err = overlay(*l, body)
		return err
	})
}

func controlDeleteLicense(s *Server, r *http.Request, _ []byte) (any, error) {
	key := r.PathValue("key")
	return orNotFound(s.DeleteLicense(key), "licence", key)
}

func controlTokens(s *Server, r *http.Request, _ []byte) (any, error) {
	key := r.PathValue("key")
	if tokens := s.Tokens(key); tokens != nil {
		return tokens, nil
	}
	return orNotFound(false, "licence", key)
}

func controlConsumption(s *Server, r *http.Request, _ []byte) (any, error) {
	key := r.PathValue("key")
	if accounts := s.Consumptions(key); accounts != nil {
		return accounts, nil
	}
	return orNotFound(false, "licence", key)
}

func controlIssueToken(s *Server, r *http.Request, _ []byte) (any, error) {
	key, err := s.issueToken(r.PathValue("key"))
	if err != nil {
		return nil, err
	}
	return map[string]string{"token_key": key}, nil
}

func controlFile(s *Server, r *http.Request, _ []byte) (any, error) {
	file, err := s.licenseFile(r.PathValue("key"), "")
	return text{typeXML, string(file)}, err
}

func controlBoundFile(s *Server, r *http.Request, body []byte) (any, error) {
	return fileFor(r, body, s.licenseFile)
}

func controlActivationFile(s *Server, r *http.Request, body []byte) (any, error) {
	return fileFor(r, body, s.activationFile)
}

// fileFor makes a file for the client that the body names.
func fileFor(r *http.Request, body []byte, file func(licenseKey, clientID string) ([]byte, error)) (any, error) {
	var req struct {
		ClientID string `json:"client_id"`
	}
	if err := strictJSON(body, &req); err != nil {
		return nil, err
	}
	if req.ClientID == "" {
		return nil, errors.New(`"client_id" must name the client`)
	}
	data, err := file(r.PathValue("key"), req.ClientID)
	return text{typeXML, string(data)}, err
}

func controlReleaseToken(s *Server, r *http.Request, _ []byte) (any, error) {
	key := r.PathValue("key")
	return orNotFound(s.ReleaseToken(key), "assigned token", key)
}

func controlForgetClient(s *Server, r *http.Request, _ []byte) (any, error) {
	id := r.PathValue("id")
	return orNotFound(s.ForgetClient(id), "client", id)
}

func controlSuspend(s *Server, r *http.Request, body []byte) (any, error) {
	var req struct {
		Until    time.Time `json:"until"`
		For      Duration  `json:"for"`
		Conflict int       `json:"conflict"`
	}
	if err := strictJSON(body, &req); err != nil {
		return nil, err
	}
	if req.Until.IsZero() == (req.For <= 0) {
		return nil, errors.New(`give either "until", a date, or "for", a duration such as "24h"`)
	}
	if req.Conflict < 0 {
		return nil, errors.New(`"conflict" must be the ID of a conflict`)
	}
	if req.Until.IsZero() {
		req.Until = s.Now().Add(time.Duration(req.For))
	}
	id := r.PathValue("id")
	return orNotFound(s.SuspendWith(id, req.Until, req.Conflict), "client", id)
}

func controlResume(s *Server, r *http.Request, _ []byte) (any, error) {
	id := r.PathValue("id")
	return orNotFound(s.Suspend(id, time.Time{}), "client", id)
}

func controlEndSession(s *Server, r *http.Request, _ []byte) (any, error) {
	id := r.PathValue("id")
	return orNotFound(s.EndSession(id), "session", id)
}

func controlInject(s *Server, _ *http.Request, body []byte) (any, error) {
	var f Fault
	if err := strictJSON(body, &f); err != nil {
		return nil, err
	}
	return s.inject(f)
}

func controlClearFault(s *Server, r *http.Request, _ []byte) (any, error) {
	id, err := strconv.Atoi(r.PathValue("id"))
	return orNotFound(err == nil && s.ClearFault(id), "fault", r.PathValue("id"))
}

func controlOutage(s *Server, _ *http.Request, body []byte) (any, error) {
	var req struct {
		On *bool `json:"on"`
	}
	if err := strictJSON(body, &req); err != nil {
		return nil, err
	}
	if req.On == nil {
		return nil, errors.New(`"on" must be true or false`)
	}
	s.Outage(*req.On)
	return nil, nil
}

// clockAnswer is what every call of the clock gives.
type clockAnswer struct {
	Now time.Time `json:"now"`
}

func controlClock(s *Server, _ *http.Request, _ []byte) (any, error) {
	return clockAnswer{s.Now()}, nil
}

func controlSetClock(s *Server, _ *http.Request, body []byte) (any, error) {
	var req clockAnswer
	if err := strictJSON(body, &req); err != nil {
		return nil, err
	}
	if req.Now.IsZero() {
		return nil, errors.New(`"now" must be a date such as 2026-03-10T12:00:00Z`)
	}
	s.SetTime(req.Now)
	return clockAnswer{s.Now()}, nil
}

func controlAdvance(s *Server, _ *http.Request, body []byte) (any, error) {
	var req struct {
		By Duration `json:"by"`
	}
	if err := strictJSON(body, &req); err != nil {
		return nil, err
	}
	if req.By == 0 {
		return nil, errors.New(`"by" must be a duration such as 24h or -1h`)
	}
	s.Advance(time.Duration(req.By))
	return clockAnswer{s.Now()}, nil
}

func controlRequests(s *Server, r *http.Request, _ []byte) (any, error) {
	var of []Endpoint
	for _, name := range r.URL.Query()["endpoint"] {
		if !Endpoint(name).known() {
			return nil, fmt.Errorf("unknown endpoint %q", name)
		}
		of = append(of, Endpoint(name))
	}
	list := s.Requests(of...)
	if text := r.URL.Query().Get("last"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("last=%q is no number of requests", text)
		}
		list = list[max(0, len(list)-n):]
	}
	return list, nil
}

func controlState(s *Server, _ *http.Request, _ []byte) (any, error) {
	return stream{typeJSON, func(w io.Writer) error { return s.writeState(w, "") }}, nil
}
