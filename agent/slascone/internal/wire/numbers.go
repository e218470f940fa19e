package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// Enum is an enumeration. The service writes integers; a name is kept as text
// so that a server which writes names does not make a body unreadable.
type Enum struct {
	Number int
	Name   string // when the wire carried a name
}

// Number returns the enumeration for an integer.
func Number(n int) Enum { return Enum{Number: n} }

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

// Decimal is an amount. It is bounded in length and exponent, so that a hostile
// "1e999999999" costs nothing.
type Decimal struct{ decimal.Decimal }

const (
	maxDecimalDigits   = 40
	maxDecimalExponent = 30
)

// ParseDecimal reads a decimal number within bounds.
func ParseDecimal(s string) (decimal.Decimal, error) {
	if len(s) > maxDecimalDigits {
		return decimal.Decimal{}, fmt.Errorf("the number %.20q… is too long", s)
	}
	d, err := decimal.NewFromString(s)
	if err != nil || d.Exponent() > maxDecimalExponent || d.Exponent() < -maxDecimalExponent {
		return decimal.Decimal{}, fmt.Errorf("%q is not a number within bounds", s)
	}
	return d, nil
}

// MarshalJSON writes a JSON number.
func (d Decimal) MarshalJSON() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalJSON reads a JSON number, or a string holding one.
func (d *Decimal) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	v, err := ParseDecimal(string(bytes.Trim(data, `"`)))
	d.Decimal = v
	return err
}
