package slascone

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
	"github.com/leasehold-dev/leasehold/internal/given"
)

const (
	maxBody    = 4 << 20
	nonceBytes = 16

	// What a server says beside its status when it fails is read only so far and
	// for so long.
	maxRest  = 64 << 10
	restTime = 250 * time.Millisecond
)

// response is a 200 or 409 whose signatures hold. Shape, binding and freshness
// are not checked yet. Where they do not hold, only status and retryAfter are
// set.
type response struct {
	status     int
	retryAfter time.Duration
	body       []byte
	signature  string
	date       time.Time // the Date header, unsigned; zero when absent
	secret     string    // the provisioning key, which no text may repeat
}

// exchange posts a body and checks status, content type, size, signature and
// nonce, in that order.
func (c *Client) exchange(ctx context.Context, path string, body any) (response, *SilenceError) {
	ctx = given.Context(ctx)
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	began := time.Now()
	r, fail := c.post(ctx, cancel, path, body)
	r.secret = c.key
	reason := NoReason
	if fail != nil {
		reason = fail.Reason
		fail.Detail = replaceFold(fail.Detail, c.key, "…")
		if fail.Err != nil {
			fail.Err = redacted(fail.Err, c.isvID, c.key)
		}
	}
	c.log.Debug("called the licence server", "path", path, "status", r.status, "silence", reason.String(), "took", time.Since(began))
	return r, fail
}

func (c *Client) post(ctx context.Context, cancel context.CancelFunc, path string, body any) (response, *SilenceError) {
	payload, err := json.Marshal(body)
	if err != nil {
		return response{}, &SilenceError{Reason: BadRequest, Detail: "the request cannot be written as JSON", Err: err}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, bytes.NewReader(payload))
	if err != nil {
		return response{}, &SilenceError{Reason: BadRequest, Detail: "the request cannot be made", Err: err}
	}
	nonce := make([]byte, nonceBytes)
	_, _ = rand.Read(nonce) // never fails
	// Rejected, see docs/designs.md: A connection that is kept for the next call.
	//
	// Each call has a connection of its own, which it ends: what a server sends
	// beyond its response on one that is kept, such as a body behind a 204, net/http
	// prints on the host's standard error, with the licence key in it.
	req.Close = true
	h := req.Header
	h.Set("Content-Type", "application/json")
	h.Set("Accept", "application/json")
	h.Set("Accept-Encoding", "identity") // the signature is over the plain bytes
	h.Set("User-Agent", c.userAgent)
	h.Set(wire.HeaderProvisioningKey, c.key)
	h.Set(wire.HeaderNonce, base64.StdEncoding.EncodeToString(nonce))

	// A transport of the application's own may send first and ask later.
	if err := ctx.Err(); err != nil {
		return response{}, connectionFailure(ctx, err)
	}
	resp, err := c.do(req)
	if err != nil {
		return response{}, c.noConnection(ctx, err)
	}
	defer resp.Body.Close()
	r := response{status: resp.StatusCode, retryAfter: retryAfter(resp.Header, time.Now())}
	if r.status != http.StatusOK && r.status != http.StatusConflict {
		return r, c.statusFailure(resp, rest(resp.Body, cancel))
	}
	return r, c.prove(ctx, resp, nonce, &r)
}

// do makes the call. A panic of what the application gave for it, such as a cookie
// jar, is a failed call.
func (c *Client) do(req *http.Request) (resp *http.Response, err error) {
	defer func() {
		if v := recover(); v != nil {
			resp, err = nil, fmt.Errorf("the application's HTTP client panicked: %v", v)
		}
	}()
	return c.http.Do(req)
}

// prove checks content type, size, signature and nonce, in that order, and
// completes r when all hold.
func (c *Client) prove(ctx context.Context, resp *http.Response, nonce []byte, r *response) *SilenceError {
	if kind := resp.Header.Get("Content-Type"); !isJSON(kind) {
		return &SilenceError{Reason: NotJSON, Status: r.status, Detail: fmt.Sprintf(
			"the response is %s, not JSON; a network sign-in page or a proxy seems to answer instead of the licence server", mediaType(kind))}
	}
	body, fail := readBody(ctx, resp)
	if fail != nil {
		return fail
	}
	signature, nonceSignature := resp.Header.Get(wire.HeaderSignature), resp.Header.Get(wire.HeaderNonceSignature)
	unsigned := r.status == http.StatusConflict && signature == "" && c.unsignedConflicts
	if !unsigned {
		if err := c.verifier.verify(body, signature); err != nil {
			return &SilenceError{Reason: BadSignature, Status: r.status, Err: err,
				Detail: "the response is not proven to be the licence server's; a proxy may have changed it, or the vendor must check the application's public key"}
		}
	}
	if nonceSignature != "" || !c.missingNonce && !unsigned {
		if err := c.verifier.verify(nonce, nonceSignature); err != nil {
			return &SilenceError{Reason: BadNonce, Status: r.status, Err: err,
				Detail: "the response is not proven to answer this request; it may be an old one played again, or the server does not sign nonces"}
		}
	}
	r.body, r.signature = body, signature
	r.date, _ = http.ParseTime(resp.Header.Get("Date"))
	return nil
}

// mediaType is a Content-Type for an error's text: its type alone, and only where
// it is one. A proxy that echoes headers puts anything there.
func mediaType(contentType string) string {
	media, _, err := mime.ParseMediaType(contentType)
	if main, sub, two := strings.Cut(media, "/"); err != nil || !two || main == "" || sub == "" || len(media) > 60 || !knownMain[main] {
		return "of no known type"
	}
	return strconv.Quote(plainText(media, len(media)))
}

// knownMain are the registered top-level types.
var knownMain = map[string]bool{"application": true, "audio": true, "font": true, "image": true, "message": true, "model": true, "multipart": true, "text": true, "video": true}

// isJSON accepts what the service and gateways in front of it call JSON. What
// is inside is proven by the signature, not by this.
func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		return false
	}
	return media == "application/json" || media == "text/json" ||
		strings.HasPrefix(media, "application/") && strings.HasSuffix(media, "+json")
}

func readBody(ctx context.Context, resp *http.Response) ([]byte, *SilenceError) {
	tooLarge := &SilenceError{Reason: TooLarge, Status: resp.StatusCode, Detail: "the response is larger than 4 MiB"}
	if resp.ContentLength > maxBody {
		return nil, tooLarge
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil && (ctx.Err() != nil || timedOut(err)):
		fail := connectionFailure(ctx, err)
		fail.Status = resp.StatusCode
		return nil, fail
	case err != nil:
		return nil, &SilenceError{Reason: Truncated, Status: resp.StatusCode, Detail: "the response broke off; check the network connection", Err: err}
	case len(body) > maxBody:
		return nil, tooLarge
	}
	return plainBody(body, resp.StatusCode, strings.Join(resp.Header.Values("Content-Encoding"), ","))
}

// rest reads a body, if it is short and comes soon. It ends the exchange when it
// does not come.
func rest(body io.Reader, cancel context.CancelFunc) []byte {
	timer := time.AfterFunc(restTime, cancel)
	defer timer.Stop()
	text, _ := io.ReadAll(io.LimitReader(body, maxRest))
	return text
}
