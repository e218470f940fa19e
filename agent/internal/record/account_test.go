package record

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/leasehold-dev/leasehold/agent/internal/grant"
	"github.com/leasehold-dev/leasehold/agent/internal/verified"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone"
)

// spending is a licence with 10 pages.
func spending() (Known, license.Limitation, time.Time) {
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	ten := decimal.NewFromInt(10)
	limit := license.Limitation{ID: "l", Name: "pages", Value: &ten, Remaining: &ten}
	k := Known{Record: Record{ReceivedAt: now}, License: grant.License(verified.By(verified.Heartbeat, now), license.Terms{Limitations: []license.Limitation{limit}})}
	return k, limit, now
}

func told(remaining int64, next time.Time) slascone.Consumption {
	left := decimal.NewFromInt(remaining)
	return slascone.Consumption{LimitationID: "L", Remaining: &left, NextReset: next}
}

func TestWhatIsLeftRisesByAResetOnce(t *testing.T) {
	k, limit, now := spending()
	const week = 7 * 24 * time.Hour
	next := now.Add(week)
	for _, step := range []struct {
		what string
		at   time.Duration
		told slascone.Consumption
		want int64
	}{
		{"less counts", 0, told(4, next), 4},
		{"more does not", time.Hour, told(9, next), 4},
		{"nor without an amount", time.Hour, slascone.Consumption{LimitationID: "l", NextReset: next}, 4},
		{"nor an earlier reset's, which is over", week - time.Hour, told(9, now.Add(time.Hour)), 4},
		{"nor after the reset what is from before", week, told(9, next), 4},
		{"after the reset", week + time.Hour, told(8, next.Add(week)), 8},
		{"once", week + 2*time.Hour, told(9, next.Add(week)), 8},
		{"nor what names the first one", week + 3*time.Hour, told(10, next), 8},
		{"after the next", 2*week + time.Hour, told(10, next.Add(2*week)), 10},
	} {
		k.LearnAccount(step.told, now.Add(step.at))
		if left, known := k.Remaining(limit); !known || !left.Equal(decimal.NewFromInt(step.want)) {
			t.Errorf("%s: %v are left, known %v; want %d", step.what, left, known, step.want)
		}
	}
	k.ReceivedAt = now.Add(3 * week) // a newer licence, which tells that there are 10
	k.LearnAccount(told(7, next), k.ReceivedAt)
	if left, _ := k.Remaining(limit); left.String() != "7" {
		t.Errorf("after a newer licence %v are left", left)
	}
}

// Whatever answers come, in whatever order and how often: without a reset and
// without a newer licence nothing comes back.
func TestWhatIsLeftNeverRisesByItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k, limit, now := spending()
		for range rapid.IntRange(1, 20).Draw(t, "answers") {
			before, _ := k.Remaining(limit)
			next := now.Add(time.Duration(rapid.Int64Range(-100, 0).Draw(t, "next reset")) * time.Hour)
			c := told(rapid.Int64Range(-3, 12).Draw(t, "remaining"), next)
			switch rapid.IntRange(0, 4).Draw(t, "shape") {
			case 0:
				c.NextReset = time.Time{}
			case 1:
				c.Remaining = nil
			}
			amount := decimal.NewFromInt(rapid.Int64Range(0, 4).Draw(t, "amount"))
			switch rapid.IntRange(0, 3).Draw(t, "call") {
			case 0:
				k.LearnAccount(c, now)
			case 1:
				c.TransactionID = "t"
				k.LearnSpending(c, amount, decimal.Zero, now)
			case 2: // booked off line, and delivered
				k.ChangeAccount("l", func(x *Account) { x.Book(amount, now) })
				k.LearnSpending(c, amount, amount, now)
			default:
				k.ChangeAccount("l", func(x *Account) { x.Book(amount, now) })
			}
			if after, known := k.Remaining(limit); !known || after.GreaterThan(decimal.Max(before, decimal.Zero)) {
				t.Fatalf("%v were left, and %v now, known %v", before, after, known)
			}
			now = now.Add(time.Duration(rapid.Int64Range(0, 50).Draw(t, "hours")) * time.Hour)
		}
	})
}

// What is queued raises what is booked and never lowers it; what is booked and not
// queued is lost once it has had the time to get there.
func TestRecountAndLost(t *testing.T) {
	amount := func(n int64) decimal.Decimal { return decimal.NewFromInt(n) }
	for name, tt := range map[string]struct {
		booked, queued int64
		age            time.Duration
		after          int64
		changed        bool
		lost           int64
	}{
		"as it should be":                   {booked: 3, queued: 3, age: time.Hour, after: 3},
		"more is queued":                    {booked: 3, queued: 5, age: time.Hour, after: 5, changed: true},
		"less is queued":                    {booked: 3, queued: 1, age: time.Hour, after: 3, lost: 2},
		"the journal was removed":           {booked: 3, age: time.Hour, after: 3, lost: 3},
		"on its way":                        {booked: 3, age: time.Second, after: 3},
		"booked by a clock that was ahead":  {booked: 3, age: -time.Hour, after: 3, lost: 3},
		"queued, and the record was erased": {queued: 2, after: 2, changed: true},
		"nothing at all":                    {},
	} {
		k, _, now := spending()
		if tt.booked > 0 {
			k.ChangeAccount("L", func(x *Account) { x.Book(amount(tt.booked), now.Add(-tt.age)) })
		}
		queued := map[string]decimal.Decimal{}
		if tt.queued > 0 {
			queued["l"] = amount(tt.queued)
		}
		var lost decimal.Decimal
		for _, x := range k.Lost(queued, now) {
			lost = lost.Add(x.Booked)
		}
		if !lost.Equal(amount(tt.lost)) {
			t.Errorf("%s: %v are lost, want %d", name, lost, tt.lost)
		}
		if changed := k.Recount(queued, now); changed != tt.changed || !k.Account("l").Booked.Equal(amount(tt.after)) || k.HasBooked() != (tt.after > 0) {
			t.Errorf("%s: changed %v, %v booked", name, changed, k.Account("l").Booked)
		}
	}
}

// Of a limitation that nobody told of, nothing is known to be left, which is not
// to say that nothing is; what is told first counts.
func TestWhatIsLeftIsUnknownUntilItIsTold(t *testing.T) {
	k, limit, now := spending()
	limit.Remaining = nil
	k.License = grant.License(verified.By(verified.Heartbeat, now), license.Terms{Limitations: []license.Limitation{limit}})
	if left, known := k.Remaining(limit); known {
		t.Errorf("%v are known to be left", left)
	}
	k.LearnAccount(told(4, time.Time{}), now)
	if left, known := k.Remaining(limit); !known || left.String() != "4" {
		t.Errorf("%v are left, known %v", left, known)
	}
}

// What was accepted, or was booked before, is no longer left, also where the answer
// does not say what is; what was refused and was not booked still is.
func TestWhatIsSpentIsNoLongerLeft(t *testing.T) {
	const taken = 3
	for name, tt := range map[string]struct {
		transaction string // empty: refused
		booked      bool
		want        string
	}{
		"accepted":             {transaction: "t", want: "7"},
		"booked, and accepted": {transaction: "t", booked: true, want: "7"},
		"refused":              {want: "10"},
		"booked, and refused":  {booked: true, want: "7"},
	} {
		k, limit, now := spending()
		amount, booked := decimal.NewFromInt(taken), decimal.Zero
		if tt.booked {
			booked = amount
			k.ChangeAccount("l", func(x *Account) { x.Book(booked, now) })
		}
		k.LearnSpending(slascone.Consumption{LimitationID: "l", TransactionID: tt.transaction}, amount, booked, now)
		if left, known := k.Remaining(limit); !known || left.String() != tt.want || k.HasBooked() {
			t.Errorf("%s: %v are left, known %v, booked %v; want %s", name, left, known, k.HasBooked(), tt.want)
		}
	}
}
