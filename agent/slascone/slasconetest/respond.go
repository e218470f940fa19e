package slasconetest

import (
	"bytes"
	"encoding/json"
	"mime"
	"net"
	"net/http"
	"path/filepath"
	"strconv"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

const (
	typeJSON    = "application/json; charset=utf-8"
	typeProblem = "application/problem+json; charset=utf-8"
	typeXML     = "application/xml; charset=utf-8"
)

// answer is a response before it is written.
type answer struct {
	status         int
	contentType    string
	fileName       string // to be saved under, when the body is a file
	body           []byte
	signature      string
	nonceSignature string
}

// responder writes the response of one exchange.
type responder struct {
	s     *Server
	w     http.ResponseWriter
	r     *http.Request
	x     *exchange
	entry *Request
}

// send signs and writes what the endpoint decided, damaged by fault if there is
// one.
func (re *responder) send(res result, fault *Fault) {
	if fault != nil && res.value != nil {
		res.value = fault.alter(res.value, re.x)
	}
	a := answer{status: http.StatusOK, contentType: typeJSON}
	switch {
	case res.problem != nil:
		a.status, a.contentType = res.problem.Status, typeProblem
		a.body = marshal(res.problem)
	case res.conflict != 0:
		a.status = http.StatusConflict
		re.entry.Conflict = int(res.conflict)
		text := res.conflict.message()
		a.body = marshal(wire.Conflict{ID: int(res.conflict), Message: &text, Help: &conflictHelp})
	case res.value != nil:
		a.body = marshal(res.value)
		if re.s.cfg.Balance == BalanceAbsent {
			a.body = withoutBalance(a.body)
		}
	}
	if err := re.sign(&a, res); err != nil {
		a = answer{status: http.StatusInternalServerError, contentType: typeProblem, body: marshal(newProblem(http.StatusInternalServerError, err.Error()))}
	}
	if a.status == http.StatusOK {
		re.s.record(re.x, a)
	}
	if fault != nil && fault.damage(re, &a) {
		return
	}
	re.write(a)
}

// sign adds the signatures; a file carries one inside as well. Errors of the transport (400, 401, 403) are never
// signed; they come from in front of the service.
func (re *responder) sign(a *answer, res result) (err error) {
	if res.problem != nil || res.conflict != 0 && re.s.cfg.UnsignedConflicts {
		return nil
	}
	signer := re.s.currentSigner()
	if res.file.name != "" {
		a.contentType, a.fileName = typeXML, re.x.query.Get("file_name")
		if a.body, err = signer.signXML(res.file); err != nil {
			return err
		}
	}
	if a.signature, err = signer.sign(a.body); err != nil {
		return err
	}
	if re.x.nonce != nil && !re.s.cfg.NoNonceSignatures {
		a.nonceSignature, err = signer.sign(re.x.nonce)
	}
	return err
}

func (re *responder) write(a answer) {
	re.header(a)
	re.logged(a.status)
	re.w.WriteHeader(a.status)
	_, _ = re.w.Write(a.body) // a client that went away is its own business
}

// logged enters the request in the log, before its caller can see an answer.
func (re *responder) logged(status int) {
	re.entry.Status = status
	re.s.mu.Lock()
	re.s.log.add(*re.entry)
	re.s.mu.Unlock()
	re.s.page.raise()
}

func (re *responder) header(a answer) {
	h := re.w.Header()
	h.Set("Content-Type", a.contentType)
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	h.Set("Date", re.x.now.UTC().Format(http.TimeFormat)) // by this server's clock, which may be moved
	if a.fileName != "" {
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": filepath.Base(a.fileName)}))
	}
	if a.signature != "" {
		h.Set(wire.HeaderSignature, a.signature)
	}
	if a.nonceSignature != "" {
		h.Set(wire.HeaderNonceSignature, a.nonceSignature)
	}
}

// reset breaks the connection so that the client sees a reset.
func (re *responder) reset() {
	re.logged(0)
	conn, _, err := http.NewResponseController(re.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // not a connection of ours: let its owner cut it
	}
	if inner, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = inner.NetConn() // of TLS: no farewell
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// marshal writes compact JSON without HTML escapes, as the service does.
func marshal(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("slasconetest: a wire type always marshals: " + err.Error())
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// conflictHelp makes every conflict longer than a nonce can be that this server
// signs.
var conflictHelp = "See the list of error codes in the help centre."
