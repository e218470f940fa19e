package slascone

// Reason says why an exchange proved nothing.
type Reason uint8

// The reasons for Silence.
const (
	NoReason       Reason = iota
	Unreachable           // no connection: DNS, refused, reset, no network
	TimedOut              // the deadline passed
	Cancelled             // the caller gave up
	Untrusted             // the TLS certificate is not trusted
	BadRequest            // 400: the server did not understand the request; or the request could not be made
	Unauthorized          // 401 or 403: provisioning key or ISV refused
	NotFound              // 404: no such ISV or path
	Throttled             // 429
	ServerFailure         // 5xx or 408
	Redirected            // 3xx to somewhere else, or in circles
	UnexpectedCode        // any other status
	NotJSON               // a body of another type, such as a captive portal's page; or 511
	TooLarge              // a body of more than 4 MiB
	Truncated             // the body ended early
	BadSignature          // the body's signature is missing or wrong
	BadNonce              // the nonce's signature is missing or wrong
	BadShape              // signed, but not an answer to this kind of request
	Foreign               // signed, but for another product, client or licence
	Stale                 // signed, but older than what was already accepted
	ProxyFailure          // the proxy's setting is wrong, or it is not there, wants a sign-in or refuses
	Compressed            // a body in a compression that nobody asked for and that cannot be undone
)

var reasonTexts = [...]string{
	NoReason:       "none",
	Unreachable:    "unreachable",
	TimedOut:       "timed_out",
	Cancelled:      "cancelled",
	Untrusted:      "untrusted_certificate",
	BadRequest:     "bad_request",
	Unauthorized:   "unauthorized",
	NotFound:       "not_found",
	Throttled:      "throttled",
	ServerFailure:  "server_failure",
	Redirected:     "redirected",
	UnexpectedCode: "unexpected_status",
	NotJSON:        "not_json",
	TooLarge:       "too_large",
	Truncated:      "truncated",
	BadSignature:   "bad_signature",
	BadNonce:       "bad_nonce",
	BadShape:       "bad_shape",
	Foreign:        "foreign",
	Stale:          "stale",
	ProxyFailure:   "proxy_failure",
	Compressed:     "compressed",
}

// String returns the reason's stable name.
func (r Reason) String() string {
	if int(r) < len(reasonTexts) {
		return reasonTexts[r]
	}
	return "unknown"
}

// Integrity reports whether something answered, in the right form, but could
// not prove that it is the server's fresh answer for this client.
func (r Reason) Integrity() bool {
	switch r {
	case BadSignature, BadNonce, BadShape, Foreign, Stale:
		return true
	}
	return false
}

// Signature reports whether something answered whose body or nonce has no
// signature of the server's. What it reports, Integrity does too.
func (r Reason) Signature() bool { return r == BadSignature || r == BadNonce }

// transient reports whether the same request may well succeed a second later.
func (r Reason) transient() bool {
	switch r {
	case Unreachable, Throttled, ServerFailure, Truncated:
		return true
	}
	return false
}
