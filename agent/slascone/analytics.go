package slascone

import (
	"context"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// Measurement is the value of an analytical field.
type Measurement struct {
	FieldID string // UUID of the analytical field
	// Value is text as the field's type wants it: a number, a text, or "true" or
	// "false". A field that takes several values has them in Values.
	Value  string
	Values []string
	At     time.Time
}

// AnalyticalHeartbeat reports what a client has measured.
type AnalyticalHeartbeat struct {
	ClientID     string // required
	UserID       string
	TokenKey     string // the seat held; may be empty
	Measurements []Measurement
}

// SendAnalytics reports measurements. A Yes says that the server acknowledged
// all of them. Conflicts 6000 and 6001 say that a field is unknown or wants a
// number (SLASCONE help centre 360016160398).
func (c *Client) SendAnalytics(ctx context.Context, h AnalyticalHeartbeat, known Known) Answer[struct{}] {
	fail := requireReport(h.ClientID, len(h.Measurements))
	items := make([]wire.AnalyticalRecord, 0, len(h.Measurements))
	for _, m := range h.Measurements {
		fail = firstFailure(fail, requireID("analytical field ID", m.FieldID))
		items = append(items, wire.AnalyticalRecord{FieldID: m.FieldID, Value: m.Value, ValueArray: m.Values, Timestamp: timestamp(m.At)})
	}
	if fail != nil {
		return silence[struct{}](response{}, fail)
	}
	return c.acknowledgedCall(ctx, wire.PathAnalytics, wire.AnalyticsRequest{
		ClientID: h.ClientID, UserID: h.UserID, TokenKey: h.TokenKey, Fields: items,
	}, known)
}
