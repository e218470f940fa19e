// Package roomtest gives the tests of the rooms behind the agent what each of them
// needs: a licence server, a client of it and a ledger, in a bubble of time.
package roomtest

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/leasehold-dev/leasehold/agent/internal/ledger"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/heartbeat"
	"github.com/leasehold-dev/leasehold/storage"
)

// The installation that all tests are about.
const (
	ClientID = "device-1"
	Version  = "1.4.2"
)

// signingKey is shared: making one takes longer than the tests.
var signingKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// House is what a room stands in.
type House struct {
	*testing.T
	Server *slasconetest.Server
	Store  storage.Store
	Keys   []*rsa.PublicKey
	// Refuse, if set, answers 400 to each call for whose body it is true, as a
	// gateway does that understands no such call. It is read by Open.
	Refuse func(body string) bool
	Client *slascone.Client // made by Open
	Ledger *ledger.Ledger   // made by Open
}

// Bubble runs a test in a bubble, where time passes when all wait for it.
func Bubble(t *testing.T, test func(*testing.T, *House)) {
	t.Helper()
	key, err := signingKey()
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		server, err := slasconetest.NewUnstarted(slasconetest.Config{Key: key})
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		test(t, &House{T: t, Server: server, Store: storage.NewMemory(), Keys: []*rsa.PublicKey{&key.PublicKey}})
	})
}

// Open makes the client and the ledger, as a process does when it starts. number
// is of this window; 0 where windows share one seat.
func (h *House) Open(number int) {
	h.Helper()
	verifier, err := slascone.RSA(h.Keys...)
	if err != nil {
		h.Fatal(err)
	}
	product := h.Server.Products()[0].ID
	h.Client, err = slascone.New(slascone.Config{
		ServerURL: "https://licences.example", ISVID: h.Server.ISV(), ProductID: product, ProvisioningKey: h.Server.ProvisioningKey(),
		Verifier: verifier, HTTPClient: h.httpClient(),
	})
	if err != nil {
		h.Fatal(err)
	}
	l, problem, err := ledger.Open(h.Context(), ledger.Config{
		Store: h.Store, Policy: enforcement.Standard(), Logger: slog.New(slog.DiscardHandler), Drifted: func() bool { return false },
		Number: func([]int) (int, error) { return number, nil },
		Opener: record.Opener{Verifier: record.VerifiedBy(h.Client), Reader: record.LicenseFiles{}, Keys: h.Keys, ProductID: product, ClientID: ClientID, Version: Version},
	})
	if err := errors.Join(err, problem); err != nil {
		h.Fatal(err)
	}
	h.Ledger = l
}

// httpClient reaches the server, past the gateway if there is one.
func (h *House) httpClient() *http.Client {
	direct := h.Server.InProcess()
	if h.Refuse == nil {
		return direct
	}
	return &http.Client{Transport: gateway{h.Refuse, direct.Transport}}
}

type gateway struct {
	refuse func(body string) bool
	next   http.RoundTripper
}

func (g gateway) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if g.refuse(string(body)) {
		return &http.Response{
			StatusCode: http.StatusBadRequest, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Body: http.NoBody, Request: r,
		}, nil
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	return g.next.RoundTrip(r)
}

// Licensed gives the server a licence, and the ledger the answer to its activation.
func (h *House) Licensed(l slasconetest.License) slasconetest.License {
	h.Helper()
	l = h.Server.AddLicense(l)
	held := h.Client.Activate(h.Context(), slascone.Activation{Key: l.Key, ClientID: ClientID, SoftwareVersion: Version}, h.Ledger.ServerTime())
	if err := held.AsError(); err != nil {
		h.Fatal(err)
	}
	now := h.Ledger.Now()
	if err := h.Ledger.Keep(h.Context(), func(k *record.Known) {
		k.License, k.Evidence = held.Value, held.Evidence
		k.Facts = k.Facts.Yes(h.Ledger.Opener.LicenseFacts(held.Value, Version), enforcement.Flags{})
		if k.MissesSession() {
			k.Facts = k.Facts.WithSession(now)
		}
	}); err != nil {
		h.Fatal(err)
	}
	return l
}

// Plan makes the plan of a job from its history.
func (h *House) Plan(history heartbeat.History, s heartbeat.Schedule, seed ...string) heartbeat.Plan {
	return heartbeat.Plan{Schedule: s, Seed: heartbeat.Seed(append([]string{ClientID}, seed...)...), Started: h.Ledger.Started(), History: history}
}

// Refused fails the test unless err is a conflict with that ID.
func Refused(t *testing.T, err error, id enforcement.Code) {
	t.Helper()
	if c, ok := errors.AsType[*slascone.ConflictError](err); !ok || enforcement.Code(c.ID) != id {
		t.Errorf("error %v, want conflict %d", err, id)
	}
}

// Silence returns why a call got no answer; 0 for any other error.
func Silence(err error) slascone.Reason {
	if s, ok := errors.AsType[*slascone.SilenceError](err); ok {
		return s.Reason
	}
	return 0
}
