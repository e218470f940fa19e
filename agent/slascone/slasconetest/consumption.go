package slasconetest

import (
	"time"

	"github.com/shopspring/decimal"
)

// consumed is what was taken of a limitation in the period of now.
func (l *licence) consumed(of Limitation, now time.Time) decimal.Decimal {
	u := l.usage[fold(of.ID)]
	if u == nil {
		return decimal.Zero
	}
	return u.Consumed
}
