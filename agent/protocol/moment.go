package protocol

import "time"

// Moment is an instant as JSON shows it: RFC 3339 in UTC, exact, null when zero.
type Moment struct{ time.Time }

// At returns the moment of an instant.
func At(t time.Time) Moment { return Moment{t} }

// MarshalJSON returns the instant as RFC 3339, null when it is zero.
func (m Moment) MarshalJSON() ([]byte, error) {
	if m.IsZero() {
		return []byte("null"), nil
	}
	return m.UTC().AppendFormat(nil, `"`+time.RFC3339Nano+`"`), nil
}
