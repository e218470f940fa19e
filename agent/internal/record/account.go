package record

import (
	"crypto/sha256"
	"encoding/base64"
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
	// application, and it is what counts: the journal may have been removed.
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
// case, where that is more than is booked, and reports whether that changes
// anything. Less never lowers what is booked: the journal may have been removed.
func (k *Known) Recount(queuedUp map[string]decimal.Decimal, now time.Time) (changed bool) {
	sums := maps.Clone(queuedUp)
	for _, x := range k.Accounts {
		if id := strings.ToLower(x.LimitationID); sums[id].IsZero() {
			sums[id] = decimal.Zero
		}
	}
	for id, sum := range sums {
		if sum.GreaterThan(k.Account(id).Booked) {
			k.ChangeAccount(id, func(x *Account) { x.Booked = sum })
			changed = true
		}
	}
	return changed
}

// Lost is what is booked of each limitation and was not queued, or is queued no
// longer. What was booked a moment ago may be on its way.
func (k *Known) Lost(queuedUp map[string]decimal.Decimal, now time.Time) (lost []Account) {
	for _, x := range k.Accounts {
		missing := x.Booked.Sub(queuedUp[strings.ToLower(x.LimitationID)])
		if missing.IsPositive() && now.Sub(x.BookedAt).Abs() >= BookingTime {
			lost = append(lost, Account{LimitationID: x.LimitationID, Booked: missing, BookedAt: x.BookedAt})
		}
	}
	return lost
}

// transactions is how many are remembered.
const transactions = 128

// NewTransaction notes a transaction and reports whether it is a new one. The
// answer to a consumption names neither client nor time, so an old one that is
// played again can be told only by its transaction.
func (k *Known) NewTransaction(id string) bool {
	sum := sha256.Sum256([]byte(strings.ToLower(id)))
	hash := base64.RawStdEncoding.EncodeToString(sum[:8])
	if slices.Contains(k.Transactions, hash) {
		return false
	}
	k.Transactions = append(slices.Clone(k.Transactions), hash)
	k.Transactions = k.Transactions[max(len(k.Transactions)-transactions, 0):]
	return true
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

func value(d *decimal.Decimal) decimal.Decimal {
	if d == nil {
		return decimal.Zero
	}
	return *d
}

// LearnSpending is LearnAccount for an answer to what was taken, of which so much
// had been booked.
func (k *Known) LearnSpending(c slascone.Consumption, taken, booked decimal.Decimal, now time.Time) {
	spent := decimal.Zero
	if !c.Refused() || booked.IsPositive() { // what was booked was used, whatever the server says of it now
		spent = taken
	}
	k.learnAccount(c, spent, booked, now)
}

// LearnAccount takes over what the server says of a limitation.
func (k *Known) LearnAccount(c slascone.Consumption, now time.Time) {
	k.learnAccount(c, decimal.Zero, decimal.Zero, now)
}

// learnAccount takes over what the server says of a limitation, now that an amount
// is spent, and one that was booked has been delivered. What is left rises only by
// a reset whose time has come, once for each, or by a newer licence: an account
// names neither client nor time, so the answer may be one that was played again.
// The twin is an amount that was given back: the next heartbeat tells of it.
func (k *Known) learnAccount(c slascone.Consumption, spent, delivered decimal.Decimal, now time.Time) {
	limit, _ := k.License.Limitation(c.LimitationID)
	left, known := k.Remaining(limit)
	k.ChangeAccount(c.LimitationID, func(x *Account) {
		if known && !x.resetBy(c, now) {
			// Goodwill can take it below zero.
			left = decimal.Max(left.Sub(spent).Add(x.Booked), decimal.Min(decimal.Zero, value(c.Remaining)))
			if c.Remaining == nil || c.Remaining.GreaterThan(left) {
				c.Remaining = &left
			}
		}
		if c.NextReset.IsZero() || c.NextReset.After(x.NextReset) {
			x.NextReset = c.NextReset
		}
		x.Remaining, x.After = c.Remaining, k.ReceivedAt
		x.Unbook(delivered)
	})
}

// resetBy reports whether an account was told after the reset that is awaited: its
// time has come, and the account names a later one, that is to come.
func (x *Account) resetBy(c slascone.Consumption, now time.Time) bool {
	return !x.NextReset.IsZero() && !now.Before(x.NextReset) && c.NextReset.After(now)
}
