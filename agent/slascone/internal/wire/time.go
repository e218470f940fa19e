package wire

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/scalar"
)

// Time is an instant in UTC, written as RFC 3339.
type Time struct{ Time time.Time }

// MarshalJSON writes RFC 3339 in UTC.
func (t Time) MarshalJSON() ([]byte, error) {
	return t.Time.UTC().AppendFormat(nil, `"`+time.RFC3339Nano+`"`), nil
}

// UnmarshalJSON reads a string that holds a date; null leaves t as it is.
func (t *Time) UnmarshalJSON(data []byte) (err error) {
	if string(data) == "null" {
		return nil
	}
	if len(data) < 2 || data[0] != '"' {
		return errors.New("a date must be a string")
	}
	text := string(data[1 : len(data)-1])
	if strings.Contains(text, `\`) { // some .NET versions write + as \u002B
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
	}
	t.Time, err = scalar.Time(text)
	return err
}
