package agent

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/phrase"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/internal/given"
	"github.com/leasehold-dev/leasehold/storage"
)

// Result is what became of one check.
type Result string

// The results of a check.
const (
	Passed  Result = "passed"
	Failed  Result = "failed"
	Skipped Result = "skipped" // it made no sense, or an earlier one failed
)

// CheckResult is one thing that [Agent.Check] tried.
type CheckResult struct {
	Name   string // name, proxy, connection, tls, server, key, signature, clock, keyring, folder
	Result Result
	Detail string        // what was found; no key, no token
	Took   time.Duration // zero when skipped
	Advice string        // what to do; empty unless it failed
}

// serverCheck is the step that tells whether the server answers.
const serverCheck = "server"

// Check tries, step by step, everything that the licence needs from this computer
// and its network, for a help desk: the server's name, the proxy, the connection,
// who signed the TLS certificate, the server, the provisioning key, the way answers
// are signed, the clock, the keyring and the folder. It sends one heartbeat, whose
// answer is examined and not acted upon. It writes a probe into the keyring and the
// folder, and removes it again. It changes nothing about the licence. A step that an
// earlier failure makes impossible is skipped.
func (a *Agent) Check(ctx context.Context) []CheckResult {
	if a.unmade() {
		return nil
	}
	c := checker{a: a, ctx: given.Context(ctx)}
	c.network()
	c.exchange()
	c.try("keyring", c.keyring)
	c.try("folder", c.folder)
	return c.results
}

type checker struct {
	a       *Agent
	ctx     context.Context
	results []CheckResult
}

// try makes a step. It returns whether it passed.
func (c *checker) try(name string, do func() (result Result, detail, advice string)) bool {
	start := time.Now() // how long it took is told by the computer's own clock
	r := CheckResult{Name: name}
	r.Result, r.Detail, r.Advice = do()
	if r.Result != Skipped {
		r.Took = time.Since(start)
	}
	if r.Result != Failed {
		r.Advice = ""
	}
	c.results = append(c.results, r)
	return r.Result != Failed
}

func (c *checker) skip(because string, names ...string) {
	for _, name := range names {
		c.results = append(c.results, CheckResult{Name: name, Result: Skipped, Detail: because})
	}
}

// network looks at the way to the server, up to TLS.
func (c *checker) network() {
	server, err := url.Parse(c.a.set.ServerURL)
	if err != nil {
		return // the configuration was checked
	}
	var proxy slascone.ProxyChoice
	c.try("proxy", func() (Result, string, string) {
		var err error
		proxy, err = c.a.set.client.Proxy(c.ctx)
		reported := Diagnosis{Proxy: proxy, ProxyProblem: err}.reportedProxy()
		if err != nil {
			return Failed, reported.String(), "correct the setting; no call is made until then"
		}
		return Passed, orNone(reported.String()), ""
	})
	first, what := hostPort(server), "the licence server"
	if proxy.Address != "" {
		if u, err := url.Parse(proxy.Address); err == nil {
			first, what = hostPort(u), "the proxy"
		}
	}
	if !c.try("name", func() (Result, string, string) { return c.name(first, what) }) {
		c.skip("the name was not found", "connection", "tls")
		return
	}
	if !c.try("connection", func() (Result, string, string) { return c.connection(first, what) }) {
		c.skip("there is no connection", "tls")
		return
	}
	c.try("tls", func() (Result, string, string) { return c.tls(server) })
}

// hostPort is where a URL leads.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "socks5": "1080"}[u.Scheme]
	}
	if port == "" {
		port = "443"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func (c *checker) name(address, what string) (Result, string, string) {
	name, _, err := net.SplitHostPort(address)
	if err != nil {
		return Failed, err.Error(), "correct the address of " + what
	}
	if net.ParseIP(name) != nil {
		return Passed, name + " is an address", ""
	}
	found, err := net.DefaultResolver.LookupHost(c.ctx, name)
	if err != nil {
		return Failed, fmt.Sprintf("%s cannot be found: %v", name, err), "check the network connection and the name of " + what + "; a firewall may block name look-ups"
	}
	return Passed, fmt.Sprintf("%s is %s", name, strings.Join(found[:min(len(found), 3)], ", ")), ""
}

func (c *checker) connection(address, what string) (Result, string, string) {
	conn, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(c.ctx, "tcp", address)
	if err != nil {
		return Failed, fmt.Sprintf("%s at %s does not take a connection: %v", what, address, err), "check that the network lets this computer reach " + address + "; a firewall may need a rule"
	}
	_ = conn.Close()
	return Passed, what + " at " + address + " takes connections", ""
}

// tls looks at who signed the server's certificate, through the client that makes
// the calls.
func (c *checker) tls(server *url.URL) (Result, string, string) {
	if server.Scheme != "https" {
		return Skipped, "the server's address is not https", ""
	}
	state, err := c.a.set.client.Handshake(c.ctx)
	if err != nil {
		return Failed, err.Error(), tlsAdvice(err)
	}
	if state == nil {
		return Skipped, "the application's own HTTP client decides", ""
	}
	root := rootOf(state)
	detail := fmt.Sprintf("%s, signed by %s", tls.VersionName(state.Version), certificateName(root))
	for _, extra := range c.a.set.RootCAs {
		if root.Equal(extra) {
			return Passed, detail + ", which the settings add: a proxy of this network may read what is sent", ""
		}
	}
	if who := interceptor(state.VerifiedChains); who != "" {
		return Passed, detail + ": intercepted by " + who + ", which this computer trusts", ""
	}
	return Passed, detail, ""
}

// rootOf is the certificate that everything else rests on.
func rootOf(state *tls.ConnectionState) *x509.Certificate {
	if len(state.VerifiedChains) > 0 {
		chain := state.VerifiedChains[0]
		return chain[len(chain)-1]
	}
	return state.PeerCertificates[len(state.PeerCertificates)-1]
}

func tlsAdvice(err error) string {
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "a proxy or security software of this network seems to put its own certificate in the way; ask the IT department for its root certificate and name it in ca_file (Config.RootCAs)"
	}
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok && e.Reason == x509.Expired {
		return "check the date and time of this computer; if they are right, the certificate is out of date: contact the vendor"
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "another server answers under this name; check server_url, and whether a sign-in page stands in the way"
	}
	return "check whether a proxy or a firewall breaks connections to the server"
}

// interceptors are makers of software that reads TLS on its way, as their
// certificates name them.
var interceptors = []string{
	"Zscaler", "Netskope", "Fortinet", "FortiGate", "Palo Alto", "Blue Coat", "Symantec Web", "Forcepoint", "Cisco Umbrella", "Check Point", "Sophos", "WatchGuard",
	"SonicWall", "Barracuda", "McAfee Web", "Skyhigh", "iboss", "Kaspersky", "ESET SSL", "Bitdefender", "Avast", "AVG", "Lightspeed", "Securly", "Squid", "mitmproxy", "Charles Proxy", "Fiddler", "Burp",
}

// interceptor names who reads what is sent, as far as its certificates tell.
func interceptor(chains [][]*x509.Certificate) string {
	for _, chain := range chains {
		for _, cert := range chain[1:] {
			name := cert.Subject.CommonName + " " + strings.Join(cert.Subject.Organization, " ")
			i := slices.IndexFunc(interceptors, func(maker string) bool { return strings.Contains(strings.ToLower(name), strings.ToLower(maker)) })
			if i >= 0 {
				return interceptors[i]
			}
		}
	}
	return ""
}

// exchange sends a heartbeat and reads from its answer how far it came.
func (c *checker) exchange() {
	a := c.a
	if a.unnamed != nil {
		c.results = append(c.results, CheckResult{Name: serverCheck, Result: Failed, Detail: phrase.Plain(a.unnamed), Advice: "give the application a device ID of its own, or a folder that can be written"})
		c.skip("there is no device ID to ask with", "key", "signature", "clock")
		return
	}
	k := a.knowledge()
	var answer slascone.Answer[license.License]
	start := time.Now()
	err := a.turn.Call(c.ctx, "check", func(ctx context.Context) error {
		answer = a.set.client.Heartbeat(ctx, slascone.Heartbeat{
			ClientID: a.install.ClientID, LicenseKey: k.License.Key(), TokenKey: k.License.TokenKey(),
			SoftwareVersion: a.set.App.Version, OperatingSystem: operatingSystem(), UserID: a.set.UserID,
		}, k.ServerTime(a.ledger.Now()))
		return nil
	})
	took := time.Since(start)
	if err != nil {
		c.skip(phrase.Plain(err), "server", "key", "signature", "clock")
		return
	}
	if answer.Kind != slascone.Silence {
		detail := "it answers"
		if answer.Conflict.ID != 0 {
			detail = fmt.Sprintf("it answers, and refuses this client with conflict %d", answer.Conflict.ID)
		}
		c.results = append(c.results,
			CheckResult{Name: serverCheck, Result: Passed, Detail: detail, Took: took},
			CheckResult{Name: "key", Result: Passed, Detail: "the provisioning key is accepted"},
			CheckResult{Name: "signature", Result: Passed, Detail: signatureName(a.set.Signature, a.set.keys)})
		c.try("clock", func() (Result, string, string) { return clockAgainst(answer.At, answer.Undated, a.wallClock()) })
		return
	}
	c.silence(answer.Err, took)
}

// silence sorts what came instead of an answer to the step that it belongs to.
func (c *checker) silence(why *slascone.SilenceError, took time.Duration) {
	failed := func(name, advice string) {
		c.results = append(c.results, CheckResult{Name: name, Result: Failed, Detail: why.Error(), Took: took, Advice: advice})
	}
	passed := func(names ...string) {
		for _, name := range names {
			c.results = append(c.results, CheckResult{Name: name, Result: Passed})
		}
	}
	switch why.Reason {
	case slascone.Unauthorized:
		passed(serverCheck)
		failed("key", "check the provisioning key and the ISV ID; if they are right, contact the vendor")
		c.skip("the key is refused", "signature", "clock")
	case slascone.NotFound, slascone.BadRequest:
		passed(serverCheck)
		failed("key", "check the server's address, the ISV ID and the product ID; if they are right, contact the vendor")
		c.skip("the server does not know the account", "signature", "clock")
	case slascone.BadSignature, slascone.BadNonce, slascone.BadShape, slascone.Foreign, slascone.Stale:
		passed(serverCheck, "key")
		failed("signature", "check how the account signs (signature.mode) and its public key; if they are right, something alters the answers")
		c.skip("the answer is not proven", "clock")
	default:
		advice := "try again later; if it stays so, contact the vendor"
		switch why.Reason {
		case slascone.Untrusted, slascone.Redirected, slascone.NotJSON:
			advice = "something between here and the server answers in its place, such as a sign-in page; open a web page, or ask the IT department"
		case slascone.Unreachable, slascone.TimedOut, slascone.ProxyFailure:
			advice = "see the steps before this one"
		}
		failed(serverCheck, advice)
		c.skip("the server does not answer", "key", "signature", "clock")
	}
}

// clockAgainst compares the computer's clock with the server's.
func clockAgainst(server time.Time, undated bool, wall time.Time) (Result, string, string) {
	if server.IsZero() || undated {
		return Skipped, "the answer did not tell the server's time", ""
	}
	off := wall.Sub(server)
	const tolerated = 5 * time.Minute
	switch {
	case off.Abs() < time.Minute:
		return Passed, "it agrees with the server's", ""
	case off.Abs() <= tolerated:
		return Passed, fmt.Sprintf("it differs from the server's by %s", phrase.Span(off.Abs())), ""
	case off > 0:
		return Failed, fmt.Sprintf("it is ahead of the server's by %s", phrase.Span(off)), "set the date and time of this computer"
	}
	return Failed, fmt.Sprintf("it is behind the server's by %s", phrase.Span(-off)), "set the date and time of this computer"
}

// keyring writes, reads and deletes a probe.
func (c *checker) keyring() (Result, string, string) {
	if c.a.set.Store == storage.KindFile {
		return Skipped, "the settings want a file", ""
	}
	ring := c.a.set.Keyring
	if ring == nil {
		ring = storage.SystemKeyring()
	}
	const advice = "unlock the keyring, or start one; until then a file is used"
	const service, user, secret = "leasehold check", "probe", "probe"
	done := make(chan error, 1)
	go func() {
		err := ring.Set(service, user, secret)
		if err == nil {
			var got string
			if got, err = ring.Get(service, user); err == nil && got != secret {
				err = errors.New("it gave back something else than was put in")
			}
			err = errors.Join(err, ring.Delete(service, user))
		}
		done <- err
	}()
	timer := time.NewTimer(keyringPatience)
	defer timer.Stop()
	var err error
	select {
	case err = <-done:
	case <-timer.C:
		err = errors.New("it does not answer; it may be asking for a password somewhere")
	case <-c.ctx.Done():
		err = c.ctx.Err()
	}
	if err != nil {
		return Failed, phrase.Plain(err), advice
	}
	return Passed, "a probe was written, read and deleted", ""
}

// keyringPatience is how long a keyring may take for a probe.
const keyringPatience = 3 * time.Second

// folder writes and deletes a probe.
func (c *checker) folder() (Result, string, string) {
	dir := c.a.folder
	advice := "make the folder one that this user can write, free disk space, or choose another folder"
	if dir == "" {
		return Failed, "there is no folder for files", advice
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Failed, err.Error(), advice
	}
	f, err := os.CreateTemp(dir, "check-*")
	if err != nil {
		return Failed, err.Error(), advice
	}
	_, err = f.WriteString("probe")
	if err = errors.Join(err, f.Close(), os.Remove(f.Name())); err != nil {
		return Failed, err.Error(), advice
	}
	return Passed, filepath.Clean(dir) + " can be written", ""
}
