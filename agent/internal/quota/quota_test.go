package quota

import (
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/grant"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/internal/verified"
	"github.com/leasehold-dev/leasehold/agent/license"
)

// However amounts are booked while others are being asked for, no more is given
// away than was left.
func TestNoMoreIsBookedThanIsLeft(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		left := decimal.NewFromInt(rapid.Int64Range(0, 20).Draw(t, "left"))
		at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		k := record.Known{License: grant.License(verified.By(verified.Heartbeat, at), license.Terms{
			Limitations: []license.Limitation{{ID: "l", Name: "pages", Value: &left, Remaining: &left}},
		})}
		q := New(Config{})
		given := decimal.Zero
		for range rapid.IntRange(0, 10).Draw(t, "steps") {
			amount := decimal.NewFromInt(rapid.Int64Range(1, 8).Draw(t, "amount"))
			if rapid.Bool().Draw(t, "on line") {
				free := q.reserve("L", amount)
				if rapid.Bool().Draw(t, "answered") {
					free()
					free() // twice is once
				} else if given = given.Add(amount); given.GreaterThan(left) {
					return // the server may give more than was told to be left
				}
				continue
			}
			if q.fit(&k, Use{LimitationID: "pages", Value: amount, At: at}).fits {
				given = given.Add(amount)
			}
			if given.GreaterThan(left) {
				t.Fatalf("%s of %s are given away", given, left)
			}
		}
	})
}
