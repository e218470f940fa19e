package slascone

import (
	"net/http"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

// Whoever can have a nonce signed can have any text of its length signed. What is
// that short, and a real answer is not, proves nothing, however well it reads.
func TestWhatFitsIntoANonceIsNoAnswer(t *testing.T) {
	const (
		limitation = "11111111-2222-3333-4444-555555555555"
		conflict   = `{"id":1002,"message":"%"}`
	)
	use := ConsumptionUse{LimitationID: limitation, At: noon, Value: decimal.NewFromInt(1)}
	calls := map[string]func(c *Client) (Kind, *SilenceError){
		"a heartbeat": func(c *Client) (Kind, *SilenceError) {
			a := c.Heartbeat(t.Context(), Heartbeat{ClientID: testClient}, Known{})
			return a.Kind, a.Err
		},
		"a session": func(c *Client) (Kind, *SilenceError) {
			a := c.OpenFloating(t.Context(), sessionCall(), Known{})
			return a.Kind, a.Err
		},
		"a consumption": func(c *Client) (Kind, *SilenceError) {
			a := c.Consume(t.Context(), ConsumptionHeartbeat{ClientID: testClient, Uses: []ConsumptionUse{use}}, Known{})
			return a.Kind, a.Err
		},
		"an account": func(c *Client) (Kind, *SilenceError) {
			a := c.ConsumptionStatus(t.Context(), testLicense, limitation, Known{})
			return a.Kind, a.Err
		},
		"a rollback": func(c *Client) (Kind, *SilenceError) {
			a := c.RollbackConsumption(t.Context(), limitation, testSession, Known{})
			return a.Kind, a.Err
		},
		"an unassignment": func(c *Client) (Kind, *SilenceError) {
			a := c.Unassign(t.Context(), testToken, Known{})
			return a.Kind, a.Err
		},
	}
	for _, tt := range []struct {
		call   string
		status int
		body   string // % stands for what fills it up to the length
		long   Kind   // of the same, longer than a nonce
	}{
		{"a heartbeat", 409, conflict, No},
		{"a session", 409, conflict, No},
		{"a consumption", 409, conflict, No},
		{"an account", 409, conflict, No},
		{"a rollback", 409, conflict, No},
		{"an unassignment", 409, conflict, No},
		{"a session", 200, `{"is_session_valid":false}%`, No},
		{"a consumption", 200, `[{"limitation_id":"` + limitation + `"}]%`, Yes}, // a refusal
		{"an account", 200, `{"limitation_id":"` + limitation + `"}%`, Yes},
		{"a rollback", 200, `{"limitation_id":"` + limitation + `"}%`, Yes},
	} {
		for _, length := range []int{longestNonce, longestNonce + 1} {
			fill := strings.Repeat(" ", max(length-len(tt.body)+1, 0))
			body := strings.Replace(tt.body, "%", fill, 1)
			if len(body) != length {
				t.Fatalf("%s: the body has %d bytes", tt.call, len(body))
			}
			want := Silence
			if length > longestNonce {
				want = tt.long
			}
			kind, fail := calls[tt.call](scripted(t, always(testKey(), tt.status, body)))
			if kind != want || (fail == nil) != (want != Silence) {
				t.Errorf("%s, %d of %d bytes: %v, %v", tt.call, tt.status, length, kind, fail)
			}
			if want == Silence && fail != nil && (fail.Reason != BadShape || fail.Status != tt.status) {
				t.Errorf("%s: %+v", tt.call, fail)
			}
		}
	}
	// Without signatures there is nothing that a nonce could stand for.
	unsigned := scripted(t, always(nil, http.StatusConflict, `{"id":1002}`), func(c *Config) { c.Verifier = Unsigned() })
	if a := unsigned.Heartbeat(t.Context(), Heartbeat{ClientID: testClient}, Known{}); a.Kind != No {
		t.Errorf("unsigned: %v, %v", a.Kind, a.Err)
	}
}
