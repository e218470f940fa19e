// Package scalar reads the dates and numbers that both kinds of document, the
// JSON answers and the XML licence files, carry.
package scalar

import (
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// perpetualYear is the first year that means "for ever" in an expiration date.
const perpetualYear = 9999

// Time reads an instant: RFC 3339 with zero to nine digits of a fraction. A
// date without a zone, as .NET writes an unspecified kind, is read as UTC.
func Time(s string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		if at, err = time.Parse("2006-01-02T15:04:05.999999999", s); err != nil {
			// The copy lets callers keep s on their stack when all is well.
			return time.Time{}, fmt.Errorf("%.40q is not a date and time", strings.Clone(s))
		}
	}
	return at.UTC(), nil
}

// End returns what an expiration date means: the zero time, no end, for a date
// in the year 9999, which is how the service writes a perpetual licence.
func End(at time.Time) time.Time {
	if at.Year() >= perpetualYear {
		return time.Time{}
	}
	return at
}

const (
	maxDecimalLength   = 40
	maxDecimalExponent = 30
)

// Decimal reads an amount. Length and exponent are bounded, so that a hostile
// "1e999999999" costs nothing.
func Decimal(s string) (decimal.Decimal, error) {
	if len(s) > maxDecimalLength {
		return decimal.Decimal{}, fmt.Errorf("the number %.20q… is too long", s)
	}
	d, err := decimal.NewFromString(s)
	if err != nil || d.Exponent() > maxDecimalExponent || d.Exponent() < -maxDecimalExponent {
		return decimal.Decimal{}, fmt.Errorf("%q is not a number within bounds", s)
	}
	return d, nil
}
