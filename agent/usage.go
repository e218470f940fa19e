package agent

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/internal/outbox"
	"github.com/leasehold-dev/leasehold/agent/slascone"
)

// Use counts one use of a feature for the vendor's statistics. When it returns nil,
// the use is kept durably and will be delivered at least once, with the time at
// which it happened; uses of one feature within an hour are added up. It waits for
// the disk, not for the network.
//
// feature is the name of one of the vendor's usage features; the server creates one
// that it does not know. The part [Usage] must be in [Config.Parts].
func (a *Agent) Use(ctx context.Context, feature string) error {
	return a.UseAmount(ctx, feature, decimal.NewFromInt(1))
}

// UseAmount is [Agent.Use] for more than one use, or for a part of one. The amount
// must be above zero and have at most 40 characters, at most 30 of them after the
// decimal point.
func (a *Agent) UseAmount(ctx context.Context, feature string, amount decimal.Decimal) error {
	if a.unmade() {
		return errNotMade
	}
	feature = strings.TrimSpace(feature)
	if !printable(feature) {
		return opUse.failed(inputError("the feature's name is empty, too long or not printable"))
	}
	if err := checkAmount(amount); err != nil {
		return opUse.failed(err)
	}
	return a.report(ctx, outbox.Entry{Kind: outbox.UsageEntry, Name: feature, Amount: amount})
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

// isUUID reports whether the service takes an ID: uuid.Validate knows forms that it
// does not.
func isUUID(id string) bool {
	const length = 36
	return len(id) == length && uuid.Validate(id) == nil
}

// Measure reports the value of one of the vendor's analytical fields, by the field's
// ID: a number, a text, or "true" or "false", as the field requires. It is kept and
// delivered like a use, see [Agent.Use], but measurements are not added up.
func (a *Agent) Measure(ctx context.Context, fieldID, value string) error {
	if a.unmade() {
		return errNotMade
	}
	if !isUUID(fieldID) {
		return opMeasure.failed(inputError(fmt.Sprintf("the analytical field %.40q is not a UUID", fieldID)))
	}
	const longest = 4096
	if len(value) > longest {
		return opMeasure.failed(inputError(fmt.Sprintf("the value is longer than %d bytes", longest)))
	}
	return a.report(ctx, outbox.Entry{Kind: outbox.MeasureEntry, Name: fieldID, Value: value})
}

// report keeps one entry, dated now, and sees to its delivery. The call is named as
// the kind of the entry.
func (a *Agent) report(ctx context.Context, e outbox.Entry) error {
	if a.turn.Ended() {
		return operation(e.Kind).failed(ErrClosed)
	}
	e.At = a.ledger.Now()
	if err := a.outbox.Add(ctx, e); err != nil {
		return operation(e.Kind).failed(err)
	}
	a.changed()
	return nil
}

// ReportRejected says: a report was dropped so that the rest can follow, because the
// server refused it or because it cannot be sent.
type ReportRejected struct {
	Kind string // "usage", "measure" or "consumption"
	Name string // of the feature, or the ID of the field or limitation
	Err  error  // an *[Error]
}

func (ReportRejected) event() {}

// RejectedError is wrapped by the error of [Agent.Flush] when reports were
// dropped.
type RejectedError struct {
	Reports []ReportRejected // in the order of the queue; one at least
}

// Error tells of the first report, and how many more there were.
func (e *RejectedError) Error() string {
	first := e.Reports[0]
	text := fmt.Sprintf("the %s of %q was refused and dropped: %v", first.Kind, first.Name, cause(first.Err))
	if more := len(e.Reports) - 1; more > 0 {
		text += fmt.Sprintf("; so were %d more reports", more)
	}
	return text
}

// Unwrap returns why the first report was dropped.
func (e *RejectedError) Unwrap() error { return e.Reports[0].Err }

// cause is an error without the call that it came from.
func cause(err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Err
	}
	return err
}

// Flush delivers what is queued now. A report that the server refuses because of its
// content, such as an unknown analytical field, is dropped, and the rest is
// delivered. A report that is refused because of the licence or the device stays
// queued, as does one that gets no answer. If the server does not say why it refuses
// a report, the report stays queued until it proves to be at fault or has been refused for at least a day; reports of other kinds are delivered meanwhile. When ctx ends
// during a call, Flush waits 2 s longer for the answer: a report whose answer is
// lost is sent again and counts twice.
//
// The error is nil when everything was taken, when there is no licence to report
// for, or while another window of the application is delivering; else it is an
// *[Error]. It wraps a *[RejectedError] when reports were dropped.
func (a *Agent) Flush(ctx context.Context) error {
	if a.unmade() {
		return errNotMade
	}
	return opFlush.call(ctx, a, func(ctx context.Context) error {
		rejected, err := a.deliver(ctx)
		if len(rejected) == 0 {
			return err
		}
		dropped := &RejectedError{rejected}
		first, _ := errors.AsType[*Error](rejected[0].Err)
		told := &Error{Op: string(opFlush), Kind: first.Kind, Code: first.Code, Err: dropped}
		if stop, ok := errors.AsType[*Error](opFlush.failed(err)); ok {
			told = &Error{Op: string(opFlush), Kind: stop.Kind, Code: stop.Code, RetryAfter: stop.RetryAfter, Err: fmt.Errorf("%w; %w", stop.Err, dropped)}
		}
		return told
	})
}

func printable(s string) bool {
	const longest = 256
	return s != "" && len(s) <= longest && !strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) })
}

// Queued returns how many reports are not delivered yet, as far as this process
// knows. Reports of a kind that only a later version of this library knows are
// among them; they wait for that version.
func (a *Agent) Queued() int {
	if a.unmade() {
		return 0
	}
	return a.outbox.Pending()
}

// deliver empties the journal, and returns what was dropped of it, which is also
// told by events. The caller has the turn.
func (a *Agent) deliver(ctx context.Context) (rejected []ReportRejected, err error) {
	dropped, err := a.outbox.Deliver(ctx)
	for _, r := range dropped {
		rejected = append(rejected, a.rejected(r))
	}
	return rejected, err
}

// rejected words what was dropped.
func (a *Agent) rejected(r outbox.Rejected) ReportRejected {
	told, _ := errors.AsType[*Error](a.underway().failed(r.Err))
	if told.Kind != KindConflict {
		// The call was understood as little as one that makes no sense.
		told = &Error{Op: told.Op, Kind: KindUsage, Err: told.Err}
	}
	return ReportRejected{Kind: r.Kind, Name: r.Name, Err: told}
}

// reportRejected tells of what was dropped.
func (a *Agent) reportRejected(r outbox.Rejected) {
	event := a.rejected(r)
	a.log.Warn("a report was refused and dropped", "kind", r.Kind, "err", event.Err)
	a.events.Publish(event)
}
