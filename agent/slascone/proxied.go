package slascone

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/leasehold-dev/leasehold/agent/internal/proxy"
	"github.com/leasehold-dev/leasehold/internal/given"
)

// refusedByProxy is a proxy's answer to CONNECT, when it is not 200.
type refusedByProxy struct {
	status  int
	schemes []string // of Proxy-Authenticate
}

func (e *refusedByProxy) Error() string {
	return strings.TrimSpace(fmt.Sprintf("the proxy answered %d %s", e.status, http.StatusText(e.status)))
}

// connectResponse is for [http.Transport.OnProxyConnectResponse]. Without it the
// status alone would come back, as text.
func connectResponse(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return &refusedByProxy{resp.StatusCode, authSchemes(resp.Header)}
}

// authSchemes returns the ways to sign in that a proxy offers, in small letters.
func authSchemes(h http.Header) (schemes []string) {
	for _, challenge := range h.Values("Proxy-Authenticate") {
		scheme, _, _ := strings.Cut(strings.TrimSpace(challenge), " ")
		schemes = append(schemes, strings.ToLower(strings.TrimRight(scheme, ",")))
	}
	return schemes
}

// ProxyChoice is which proxy calls go through, for a help desk.
type ProxyChoice struct {
	Address string // without user and password; empty: none
	From    string // who says so: a variable, the application, the system; empty when nobody says anything
	Script  string // address of the system's script (PAC), which is not run
}

// Proxy returns which proxy calls go through now. It reads the environment and
// the system's settings, for two seconds at most, and asks nobody else. The error
// names a setting that is no address of a proxy; it holds nothing of its value.
func (c *Client) Proxy(ctx context.Context) (ProxyChoice, error) {
	ctx = given.Context(ctx)
	if c.proxy == nil {
		return ProxyChoice{From: "the application's HTTPClient"}, nil
	}
	choice, err := c.proxy.Choose(ctx, c.base)
	return ProxyChoice{proxy.Address(choice.URL), choice.From, withoutQuery(choice.Script)}, err
}

// named says which proxy a choice is, without its password, and who chose it.
func named(c proxy.Choice) string {
	if c.URL == nil {
		return "the proxy"
	}
	text := "the proxy " + proxy.Address(c.URL)
	if c.From != "" {
		text += " (" + c.From + ")"
	}
	return text
}

// blameProxy completes a failure to connect by what a proxy had to do with it.
// It reports whether it was the proxy's.
func (c *Client) blameProxy(ctx context.Context, e *SilenceError, err error) {
	if setting, ok := errors.AsType[*proxy.SettingError](err); ok {
		e.Reason, e.Detail, e.Err = ProxyFailure, setting.Error(), nil
		return
	}
	if c.proxy == nil || e.Reason == Cancelled {
		return
	}
	choice, _ := c.proxy.Choose(context.WithoutCancel(ctx), c.base)
	refused, wasRefused := errors.AsType[*refusedByProxy](err)
	op, failed := errors.AsType[*net.OpError](err)
	switch {
	case wasRefused:
		e.Reason, e.Detail, e.Err = ProxyFailure, proxyRefusal(choice, refused.status, refused.schemes, c.host()), nil
	case failed && op.Op == "proxyconnect" && untrusted(err):
		e.Reason, e.Detail = ProxyFailure, "the certificate of "+named(choice)+" is not trusted; add its root certificate (ca_file)"
	case failed && op.Op == "proxyconnect":
		e.Reason, e.Detail = ProxyFailure, named(choice)+" cannot be reached; check that it runs, or correct the setting"
	case choice.URL != nil:
		e.Detail += "; the call went through " + named(choice)
	case choice.Script != "":
		e.Detail += scriptNotRun(choice)
	}
}

// scriptNotRun tells of a script that chooses the proxy.
func scriptNotRun(choice proxy.Choice) string {
	return fmt.Sprintf("; the settings of %s leave the choice of a proxy to a script (PAC, %s), which is not run here: set HTTPS_PROXY to the proxy that it names", choice.From, withoutQuery(choice.Script))
}

// withoutQuery shows an address without what may be a secret in it.
func withoutQuery(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		address = (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
	}
	return plainText(address, 100)
}

// proxyRefusal words what a proxy answered instead of passing a call on.
func proxyRefusal(choice proxy.Choice, status int, schemes []string, host string) string {
	who := named(choice)
	switch {
	case status == http.StatusProxyAuthRequired:
		return who + " " + signIn(choice, schemes, host)
	case status == http.StatusForbidden || status == http.StatusUnauthorized || status == http.StatusMethodNotAllowed:
		return fmt.Sprintf("%s does not allow calls to the licence server (%d); its administrator must allow %s, port 443", who, status, host)
	case status >= 500:
		return fmt.Sprintf("%s cannot reach the licence server (%d %s); check the proxy's own connection", who, status, http.StatusText(status))
	}
	return fmt.Sprintf("%s answered %d %s; check that it is one", who, status, http.StatusText(status))
}

// signIn words a 407 by the ways to sign in that the proxy offers. Only Basic is
// spoken here.
func signIn(choice proxy.Choice, schemes []string, host string) string {
	names := map[string]string{"bearer": "Bearer", "ntlm": "NTLM", "negotiate": "Negotiate (Kerberos or NTLM)", "digest": "Digest", "kerberos": "Kerberos"}
	basic := len(schemes) == 0
	var others []string
	for _, s := range schemes {
		if s == "basic" {
			basic = true
		} else if name := names[s]; name != "" {
			others = append(others, name)
		} else {
			others = append(others, "a way that is unknown here") // what a header says may be anything
		}
	}
	switch {
	case !basic:
		return fmt.Sprintf("wants a sign-in by %s, which is not supported; its administrator can allow Basic, or except %s from it (NO_PROXY), or a local proxy can sign in (Px, Cntlm)", strings.Join(others, " or "), host)
	case choice.URL != nil && choice.URL.User != nil:
		return "refuses the user name and the password of its setting (407); correct them, percent-encoded"
	}
	where := "HTTPS_PROXY"
	if strings.HasSuffix(choice.From, "_PROXY") || strings.HasSuffix(choice.From, "_proxy") {
		where = choice.From
	}
	return "wants a user name and a password (407); set " + where + " to http://user:password@host:port, percent-encoded"
}

// host is the server's name.
func (c *Client) host() string {
	u, err := url.Parse(c.base)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
