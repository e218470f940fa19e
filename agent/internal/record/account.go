package record

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone"
)

// ErrLimitReached is returned when an amount is refused because the limit, with
// any goodwill, is used up.
var ErrLimitReached = errors.New("the limit is reached")

// Account is what is known of a limitation beside the licence itself.
type Account struct {
	LimitationID string           `json:"limitation_id"`
	Remaining    *decimal.Decimal `json:"remaining,omitempty"` // as the server last told; nil: not told
	NextReset    time.Time        `json:"next_reset,omitzero"` // likewise; zero: not told
	After        time.Time        `json:"after,omitzero"`      // the licence's answer before that, by its ReceivedAt
	// Booked is what was taken off line and is not yet delivered. It is kept here
	// so that taking and looking what is left are one step for all windows of the
	// application; what is in the journal is the truth, see [Known.Recount].
	Booked   decimal.Decimal `json:"booked,omitzero"`
	BookedAt time.Time       `json:"booked_at,omitzero"` // when it last rose, trusted time
}

// Book takes an amount that the server has not been told of.
func (x *Account) Book(amount decimal.Decimal, now time.Time) {
	x.Booked, x.BookedAt = x.Booked.Add(amount), now
}

// Unbook takes back what was booked, because the server has it now or has
// refused it.
func (x *Account) Unbook(amount decimal.Decimal) {
	x.Booked = decimal.Max(x.Booked.Sub(amount), decimal.Zero)
}

// BookingTime is how long an amount can be on its way from the record to the
// journal, generously.
const BookingTime = time.Minute

// Recount takes over what is queued of each limitation, by its ID in lower
// case, and reports whether that changes anything.
func (k *Known) Recount(queuedUp map[string]decimal.Decimal, now time.Time) (changed bool) {
	sums := maps.Clone(queuedUp)
	for _, x := range k.Accounts {
		if id := strings.ToLower(x.LimitationID); sums[id].IsZero() {
			sums[id] = decimal.Zero
		}
	}
	for id, sum := range sums {
		switch had := k.Account(id); {
		case sum.Equal(had.Booked):
		case sum.LessThan(had.Booked) && now.Sub(had.BookedAt).Abs() < BookingTime:
			// Another window may have booked it and not queued it yet.
		default:
			k.ChangeAccount(id, func(x *Account) { x.Booked = sum })
			changed = true
		}
	}
	return changed
}

// Remaining is what is known to be left of a limitation, less what was taken
// off line since.
func (k *Known) Remaining(limit license.Limitation) (left decimal.Decimal, known bool) {
	x := k.Account(limit.ID)
	told := limit.Remaining
	if x.Remaining != nil && k.Follows(x) {
		told = x.Remaining
	}
	if told == nil {
		return decimal.Zero, false
	}
	return told.Sub(x.Booked), true
}

// Follows reports whether an account is newer than the licence, which tells what
// remains as well. The two are not compared by time: the clock may have run
// ahead when one of them came.
func (k *Known) Follows(x Account) bool { return x.After.Equal(k.ReceivedAt) }

// HasBooked reports whether an amount was taken off line and not delivered.
func (k *Known) HasBooked() bool {
	return slices.ContainsFunc(k.Accounts, func(x Account) bool { return !x.Booked.IsZero() })
}

// Account is the account of a limitation, an empty one when nothing is known.
func (k *Known) Account(limitationID string) Account {
	if i := k.accountIndex(limitationID); i >= 0 {
		return k.Accounts[i]
	}
	return Account{LimitationID: limitationID}
}

func (k *Known) accountIndex(limitationID string) int {
	return slices.IndexFunc(k.Accounts, func(x Account) bool { return strings.EqualFold(x.LimitationID, limitationID) })
}

// ChangeAccount changes the account of a limitation in a list of its own.
func (k *Known) ChangeAccount(limitationID string, change func(*Account)) {
	k.Accounts = slices.Clone(k.Accounts)
	i := k.accountIndex(limitationID)
	if i < 0 {
		i = len(k.Accounts)
		k.Accounts = append(k.Accounts, Account{LimitationID: limitationID})
	}
	change(&k.Accounts[i])
}

// LearnAccount takes over what the server says of a limitation, and that an amount
// which was booked has been delivered.
func (k *Known) LearnAccount(c slascone.Consumption, delivered decimal.Decimal) {
	k.ChangeAccount(c.LimitationID, func(x *Account) {
		x.Remaining, x.NextReset, x.After = c.Remaining, c.NextReset, k.ReceivedAt
		x.Unbook(delivered)
	})
}
