package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/internal/scalar"
)

// Enum is an enumeration. The service writes integers; a name is kept as text
// so that a server which writes names does not make a body unreadable.
type Enum struct {
	Number int
	Name   string // when the wire carried a name
}

// Of resolves e against names listed in the order of their integers; a name
// that is not among them becomes -1.
func (e Enum) Of(names ...string) int {
	if e.Name == "" {
		return e.Number
	}
	for i, n := range names {
		if strings.EqualFold(n, e.Name) {
			return i
		}
	}
	return -1
}

// MarshalJSON writes the integer.
func (e Enum) MarshalJSON() ([]byte, error) { return strconv.AppendInt(nil, int64(e.Number), 10), nil }

// UnmarshalJSON reads an integer or a name.
func (e *Enum) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &e.Name)
	}
	n, err := strconv.Atoi(string(data))
	if err != nil {
		return fmt.Errorf("%.20q is not an enumeration value", data)
	}
	e.Number = n
	return nil
}

// Decimal is an amount, written as a JSON number.
type Decimal struct{ Decimal decimal.Decimal }

// MarshalJSON writes a JSON number.
func (d Decimal) MarshalJSON() ([]byte, error) { return []byte(d.Decimal.String()), nil }

// UnmarshalJSON reads a number, or a string that holds one; null leaves d as it is.
func (d *Decimal) UnmarshalJSON(data []byte) (err error) {
	if string(data) == "null" {
		return nil
	}
	d.Decimal, err = scalar.Decimal(string(bytes.Trim(data, `"`)))
	return err
}
