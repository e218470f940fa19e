package slascone

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// response is a 200 or 409 whose signatures hold. Shape, binding and freshness
// are not checked yet.
type response struct {
	status     int
	body       []byte
	signature  string
	date       time.Time // the Date header, unsigned; zero when absent
	retryAfter time.Duration
}

// exchange posts a body and checks status, content type, size, signature and
// nonce, in that order.
func (c *Client) exchange(ctx context.Context, path string, body any) (response, *SilenceError, time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	began := time.Now()

	payload, err := json.Marshal(body)
	if err != nil {
		return response{}, &SilenceError{Reason: BadRequest, Detail: "the request cannot be written as JSON", Err: err}, 0
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, bytes.NewReader(payload))
	if err != nil {
		return response{}, &SilenceError{Reason: BadRequest, Detail: "the request cannot be made", Err: err}, 0
	}
	nonce := make([]byte, 16)
	_, _ = rand.Read(nonce) // never fails since Go 1.24
	h := req.Header
	h.Set("Content-Type", "application/json")
	h.Set("Accept", "application/json")
	h.Set("Accept-Encoding", "identity")
	h.Set("User-Agent", c.userAgent)
	h.Set(wire.HeaderProvisioningKey, c.key)
	h.Set(wire.HeaderNonce, base64.StdEncoding.EncodeToString(nonce))

	resp, err := c.http.Do(req)
	if err != nil {
		fail := connectionFailure(ctx, err)
		c.log.DebugContext(ctx, "licence server did not answer", "path", path, "reason", fail.Reason.String(), "took", time.Since(began))
		return response{}, fail, 0
	}
	defer resp.Body.Close()
	wait := retryAfter(resp.Header, time.Now())
	got, fail := c.check(ctx, resp, nonce)
	if fail != nil {
		// Draining a little keeps the connection usable; more is not worth it.
		_, _ = io.CopyN(io.Discard, resp.Body, 64<<10)
		c.log.DebugContext(ctx, "licence server's response proves nothing", "path", path, "status", resp.StatusCode, "reason", fail.Reason.String(), "took", time.Since(began))
		return response{}, fail, wait
	}
	got.retryAfter = wait
	c.log.DebugContext(ctx, "licence server answered", "path", path, "status", resp.StatusCode, "took", time.Since(began))
	return got, nil, wait
}

func (c *Client) check(ctx context.Context, resp *http.Response, nonce []byte) (response, *SilenceError) {
	status := resp.StatusCode
	if status != http.StatusOK && status != http.StatusConflict {
		return response{}, statusFailure(resp)
	}
	fail := func(reason Reason, detail string, err error) (response, *SilenceError) {
		return response{}, &SilenceError{Reason: reason, Status: status, Detail: detail, Err: err}
	}
	if media, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type")); err != nil || media != "application/json" && media != "text/json" {
		return fail(NotJSON, fmt.Sprintf("the response is %.40q, not JSON; a network sign-in page or a proxy seems to answer instead of the licence server", resp.Header.Get("Content-Type")), nil)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil && ctx.Err() != nil:
		return response{}, connectionFailure(ctx, err)
	case err != nil:
		return fail(Truncated, "the response broke off", err)
	case len(body) > maxBody:
		return fail(TooLarge, "the response is larger than 4 MiB", nil)
	}
	signature := resp.Header.Get(wire.HeaderSignature)
	unsigned := status == http.StatusConflict && signature == "" && c.policy.unsignedConflicts
	if !unsigned {
		if err := c.verifier.verify(body, signature); err != nil {
			return fail(BadSignature, "the response's signature does not prove that it is the licence server's", err)
		}
	}
	nonceSignature := resp.Header.Get(wire.HeaderNonceSignature)
	if nonceSignature != "" || !c.policy.missingNonce && !unsigned {
		if err := c.verifier.verify(nonce, nonceSignature); err != nil {
			return fail(BadNonce, "the response's nonce signature does not prove that it answers this request", err)
		}
	}
	r := response{status: status, body: body, signature: signature}
	r.date, _ = http.ParseTime(resp.Header.Get("Date"))
	return r, nil
}

func statusFailure(resp *http.Response) *SilenceError {
	status := resp.StatusCode
	text := fmt.Sprintf("the server answered %d %s", status, http.StatusText(status))
	reason, advice := UnexpectedCode, ""
	switch {
	case status == http.StatusBadRequest:
		reason = BadRequest
		var p wire.Problem
		if json.NewDecoder(io.LimitReader(resp.Body, 16<<10)).Decode(&p) == nil && p.Title != "" {
			advice = fmt.Sprintf("it says %.120q", p.Title)
		}
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		reason, advice = Unauthorized, "the vendor must check the application's provisioning key and ISV ID"
	case status == http.StatusNotFound:
		reason, advice = NotFound, "the vendor must check the application's server URL and ISV ID"
	case status == http.StatusTooManyRequests:
		reason, advice = Throttled, "it is called too often"
	case status == http.StatusProxyAuthRequired:
		reason, advice = Unreachable, "the proxy wants a sign-in"
	case status == http.StatusNetworkAuthenticationRequired:
		reason, advice = NotJSON, "the network wants a sign-in"
	case status == http.StatusRequestTimeout || status >= 500:
		reason = ServerFailure
	case status >= 300 && status < 400:
		reason, advice = Redirected, "redirects to another host are not followed"
	}
	if advice != "" {
		text += "; " + advice
	}
	return &SilenceError{Reason: reason, Status: status, Detail: text}
}
