package agent

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/slascone"
)

// Use counts one use of a feature for the vendor's statistics. When it returns
// nil the use is kept durably and will be delivered at least once, with the
// time at which it happened; uses of one feature within an hour are added up.
// It waits for the disk, not for the network.
//
// The feature is the vendor's usage feature, by name; the server makes one that
// it does not know.
func (a *Agent) Use(ctx context.Context, feature string) error {
	return a.UseAmount(ctx, feature, decimal.NewFromInt(1))
}

// UseAmount is [Agent.Use] for more than one use, or for a part of one. The
// amount must be above zero and of at most 40 characters, 30 of them behind the
// point.
func (a *Agent) UseAmount(ctx context.Context, feature string, amount decimal.Decimal) error {
	const op = "usage"
	feature = strings.TrimSpace(feature)
	if !printable(feature) {
		return wrap(op, inputError("the feature's name is empty, too long or not printable"))
	}
	if err := checkAmount(amount); err != nil {
		return wrap(op, err)
	}
	return a.report(ctx, op, queued{Kind: usageEntry, Name: feature, Amount: amount})
}

// checkAmount refuses what could be queued but never be delivered.
func checkAmount(amount decimal.Decimal) error {
	// The bounds first: what is beyond them is not written out, here either.
	if err := slascone.CheckAmount(amount); err != nil {
		return inputError("the amount cannot be sent: " + err.Error())
	}
	if amount.Sign() <= 0 {
		return inputError(fmt.Sprintf("the amount %s is not above zero", amount))
	}
	return nil
}

// Measure reports the value of one of the vendor's analytical fields, by the
// field's ID: a number, a text, or "true" or "false", as the field wants it.
// What holds of [Agent.Use] holds here, but that nothing is added up.
func (a *Agent) Measure(ctx context.Context, fieldID, value string) error {
	const op = "measure"
	const uuidLength = 36 // uuid.Validate knows forms that the service does not
	if err := uuid.Validate(fieldID); err != nil || len(fieldID) != uuidLength {
		return wrap(op, inputError(fmt.Sprintf("the analytical field %.40q is not a UUID", fieldID)))
	}
	const longest = 4096
	if len(value) > longest {
		return wrap(op, inputError(fmt.Sprintf("the value is longer than %d bytes", longest)))
	}
	return a.report(ctx, op, queued{Kind: measureEntry, Name: fieldID, Value: value})
}

// report keeps one entry, dated now, and sees to its delivery.
func (a *Agent) report(ctx context.Context, op string, e queued) error {
	if a.turn.Ended() {
		return wrap(op, ErrClosed)
	}
	e.At = a.ledger.Now()
	if err := a.enqueue(ctx, e); err != nil {
		return wrap(op, err)
	}
	a.changed()
	return nil
}

// sendUsage delivers uses that follow one another in the journal.
func (a *Agent) sendUsage(ctx context.Context, k record.Known, entries []queued) slascone.Answer[struct{}] {
	h := slascone.NamedUsageHeartbeat{
		ClientID: a.install.ClientID, UserID: a.set.UserID, TokenKey: k.Licence.TokenKey(),
		CreateFeatures: true,
	}
	for _, e := range addUp(entries, usageInterval) {
		h.Usages = append(h.Usages, slascone.NamedUsage{Feature: e.Name, At: e.At, Value: e.Amount})
	}
	return a.set.client.SendNamedUsage(ctx, h, k.ServerTime(a.ledger.Now()))
}

// sendMeasurements delivers measurements that follow one another.
func (a *Agent) sendMeasurements(ctx context.Context, k record.Known, entries []queued) slascone.Answer[struct{}] {
	h := slascone.AnalyticalHeartbeat{ClientID: a.install.ClientID, UserID: a.set.UserID, TokenKey: k.Licence.TokenKey()}
	for _, e := range entries {
		h.Measurements = append(h.Measurements, slascone.Measurement{FieldID: e.Name, Value: e.Value, At: e.At})
	}
	return a.set.client.SendAnalytics(ctx, h, k.ServerTime(a.ledger.Now()))
}

func printable(s string) bool {
	const longest = 256
	return s != "" && len(s) <= longest && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}
