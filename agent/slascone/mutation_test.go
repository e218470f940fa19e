package slascone

import (
	"encoding/base64"
	"net/http"
	"testing"

	"pgregory.net/rapid"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// TestMutationsProveNothing: whatever is changed about the signed bytes or
// either signature, the answer is Silence.
func TestMutationsProveNothing(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		body   string
	}{
		"yes": {200, licenseBody(nil)}, "no by flags": {200, licenseBody(map[string]any{"is_license_valid": false})}, "no by conflict": {409, conflictBody},
	} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				what := rapid.SampledFrom([]string{"body", wire.HeaderSignature, wire.HeaderNonceSignature}).Draw(rt, "what")
				unchanged := false
				c := scripted(t, func(r *http.Request) (*http.Response, error) {
					resp := reply(r, testKey(), test.status, test.body)
					if what == "body" {
						changed := mutate(rt, []byte(test.body))
						unchanged = string(changed) == test.body
						setBody(resp, changed)
						return resp, nil
					}
					raw, err := base64.StdEncoding.DecodeString(resp.Header.Get(what))
					if err != nil {
						return nil, err
					}
					changed := mutate(rt, raw)
					unchanged = string(changed) == string(raw)
					resp.Header.Set(what, base64.StdEncoding.EncodeToString(changed))
					return resp, nil
				})
				a := c.Heartbeat(t.Context(), heartbeat(), Known{})
				if sound(t, a); (a.Kind != Silence) != unchanged {
					rt.Fatalf("%v after a change of the %s", a.Kind, what)
				}
				if !unchanged && a.Err.Reason != BadSignature && a.Err.Reason != BadNonce {
					rt.Fatalf("%v", a.Err.Reason)
				}
			})
		})
	}
}

// mutate changes, adds, removes or repeats bytes.
func mutate(t *rapid.T, data []byte) []byte {
	at := rapid.IntRange(0, len(data)-1).Draw(t, "at")
	n := rapid.IntRange(1, len(data)-at).Draw(t, "length")
	before, after := data[:at:at], data[at:]
	switch rapid.SampledFrom([]string{"flip", "insert", "remove", "repeat", "cut", "replace"}).Draw(t, "change") {
	case "flip":
		changed := append(before, after...)
		changed[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		return changed
	case "insert":
		return append(append(before, rapid.SliceOfN(rapid.Byte(), 1, 8).Draw(t, "bytes")...), after...)
	case "remove":
		return append(before, after[n:]...)
	case "repeat":
		return append(append(before, after[:n]...), after...)
	case "cut":
		return before
	default:
		return append(append(before, rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, "bytes")...), after[n:]...)
	}
}
