package world

import (
	"bytes"
	"crypto"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// What follows judges answers about the licence by the keys and books of the world
// itself, so that a check that the agent leaves out is missed.

// hears notes what a process was given last, and what is wrong with it; nothing is
// when the process may believe it. It is called with the machine's lock held.
func (w *wire) hears(r *http.Request, resp *http.Response, body []byte) {
	if w.given == nil {
		w.given = map[string]time.Time{}
	}
	if w.wrong = w.whatIsWrong(r, resp, body); w.wrong == "" && resp.StatusCode == http.StatusOK {
		w.held = string(body)
	}
	if _, again := w.given[string(body)]; !again && w.wrong == "" { // what could not be believed then may be, once it is proven
		w.given[string(body)] = time.Now()
	}
}

// starts is for a process whose clock begins anew, or that has given the licence
// back. It knows no more than a new machine, to which an old answer may be shown, but
// for the answer that it held last: see SECURITY.md.
func (w *wire) starts() {
	maps.DeleteFunc(w.given, func(body string, _ time.Time) bool { return body != w.held })
}

// whatIsWrong says why an answer must not be believed, empty for no reason.
func (w *wire) whatIsWrong(r *http.Request, resp *http.Response, body []byte) string {
	if resp.StatusCode != http.StatusOK {
		return "" // an error in any case
	}
	nonce, err := base64.StdEncoding.DecodeString(r.Header.Get("X-Nonce"))
	var says struct {
		Client  string    `json:"client_id"`
		Created time.Time `json:"created_date_utc"`
	}
	given, again := w.given[string(body)]
	switch {
	case err != nil || len(nonce) == 0:
		return "to a request without a nonce"
	case !w.signed(body, resp.Header.Get("X-Slascone-Signature")):
		return "not signed by the server"
	case !w.signed(nonce, resp.Header.Get("X-Nonce-Signature")):
		return "not proven to be to this request"
	case json.Unmarshal(body, &says) != nil:
		return "no JSON"
	case !strings.EqualFold(says.Client, w.of.id):
		return "for another client"
	case again && time.Since(given) > 10*time.Second:
		return "one that was given before"
	}
	return ""
}

// signed reports whether the server has signed a message with a key that the
// application knows.
func (w *wire) signed(message []byte, signature string) bool {
	if !w.world.rsa {
		mac := hmac.New(sha256.New, []byte(sharedKey))
		mac.Write(message)
		raw, err := hex.DecodeString(signature)
		return err == nil && hmac.Equal(raw, mac.Sum(nil))
	}
	raw, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return false
	}
	known, digest := signingKeys(), sha256.Sum256(message)
	return slices.ContainsFunc(known[:], func(key *rsa.PrivateKey) bool {
		return (key == known[0] || w.version == newVersion) && rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], raw) == nil
	})
}

// mustDoubt: a call whose answer must not be believed fails. call is made by a
// person before a window.
func (w *world) mustDoubt(m *machine, win *window, name string, call func() error) {
	m.mu.Lock()
	win.wire.wrong = ""
	m.mu.Unlock()
	err := call()
	m.mu.Lock()
	wrong := win.wire.wrong
	m.mu.Unlock()
	if err == nil && wrong != "" {
		w.failf("%s: %s has believed an answer that is %s", m.name, name, wrong)
	}
}

// mustStayGiven: what was given back is not held until the server says yes anew.
func (w *world) mustStayGiven(m *machine, win *window) {
	m.mu.Lock()
	given := m.client.given && win.wire.of == m.client
	m.mu.Unlock()
	if given && len(m.windows) == 1 && !win.License().IsZero() {
		w.failf("%s: the licence was given back, nothing was answered since, and it is held: %v", m.name, win.Decision().State)
	}
}

// about reports whether a request is about the licence with the key that is good.
func about(r *http.Request, body []byte) bool {
	of := strings.HasSuffix(r.URL.Path, "/provisioning/heartbeats") || strings.HasSuffix(r.URL.Path, "/provisioning/activations")
	return of && !bytes.Contains(body, []byte(wrongKey))
}
