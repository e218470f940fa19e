package wire

import (
	"fmt"
	"time"
)

// Time is an instant in UTC. The service writes RFC 3339 with zero to seven
// digits of a fraction; a date without a zone, as .NET writes an unspecified
// kind, is read as UTC.
type Time struct{ time.Time }

// UnmarshalText reads RFC 3339, with or without a zone.
func (t *Time) UnmarshalText(text []byte) error {
	at, err := ParseTime(string(text))
	t.Time = at
	return err
}

// MarshalText writes RFC 3339 in UTC.
func (t Time) MarshalText() ([]byte, error) {
	return t.UTC().AppendFormat(nil, time.RFC3339Nano), nil
}

// MarshalJSON writes RFC 3339 in UTC.
func (t Time) MarshalJSON() ([]byte, error) {
	return t.UTC().AppendFormat(nil, `"`+time.RFC3339Nano+`"`), nil
}

// UnmarshalJSON reads a JSON string holding a date.
func (t *Time) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	if len(data) < 2 || data[0] != '"' || data[len(data)-1] != '"' {
		return fmt.Errorf("a date must be a string")
	}
	return t.UnmarshalText(data[1 : len(data)-1])
}

// ParseTime reads an instant as the service writes it.
func ParseTime(s string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		var errLocal error
		if at, errLocal = time.Parse("2006-01-02T15:04:05.999999999", s); errLocal != nil {
			return time.Time{}, fmt.Errorf("%.40q is not a date and time", s)
		}
	}
	return at.UTC(), nil
}

// Perpetual is the first year that means "for ever" in an expiration date.
const Perpetual = 9999

// End returns the instant that an optional expiration date names; the zero
// time when there is none or it lies in the year that means "for ever".
func End(t *Time) time.Time {
	if t == nil || t.Year() >= Perpetual {
		return time.Time{}
	}
	return t.Time
}
