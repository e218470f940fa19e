package slascone

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// ConsumptionUse is an amount to be taken of a limitation.
type ConsumptionUse struct {
	LimitationID string // UUID
	UserID       string
	// ExternalID is the application's own name for this use. Send the same one
	// when a use is reported again, so that it can be recognised.
	ExternalID string
	At         time.Time
	Value      decimal.Decimal // above 0, at most 40 characters
}

// ConsumptionHeartbeat takes amounts of limitations.
type ConsumptionHeartbeat struct {
	ClientID string // required
	TokenKey string // the seat held; may be empty
	Uses     []ConsumptionUse
}

// Consumption is the account of a limitation. Amounts are nil where the server
// does not tell them; a limitation without limit has none.
type Consumption struct {
	// TransactionID is what a rollback wants. Empty where nothing was taken: in
	// the answer to a use, it was refused.
	TransactionID string
	LimitationID  string
	Remaining     *decimal.Decimal
	Balance       *decimal.Decimal
	Limit         *decimal.Decimal
	Goodwill      *decimal.Decimal // what may be taken beyond the limit, in per cent of it
	LastReset     time.Time        // zero when not told
	NextReset     time.Time        // zero when not told
}

// Refused reports whether a use was not accepted. The service says so with a
// 200 without a transaction (SLASCONE help centre 360016057197).
func (c Consumption) Refused() bool { return c.TransactionID == "" }

// Consume takes amounts of limitations. A Yes has one Consumption for each use,
// in the order of the uses; each may be Refused.
//
// The body names neither client nor time, so an answer from before, played
// again, can be told from a new one only by its TransactionID: accept none
// twice.
func (c *Client) Consume(ctx context.Context, h ConsumptionHeartbeat, known Known) Answer[[]Consumption] {
	fail := requireReport(h.ClientID, len(h.Uses))
	items := make([]wire.ConsumptionUse, 0, len(h.Uses))
	for _, u := range h.Uses {
		fail = firstFailure(fail, requireID("limitation ID", u.LimitationID), requireNumber("amount", u.Value))
		if u.Value.Sign() <= 0 {
			fail = firstFailure(fail, badRequest("the amount must be above 0; use a rollback to give back"))
		}
		items = append(items, wire.ConsumptionUse{LimitationID: u.LimitationID, UserID: u.UserID, ExternalID: u.ExternalID,
			Timestamp: timestamp(u.At), Value: wire.Decimal{Decimal: u.Value}})
	}
	if fail != nil {
		return silence[[]Consumption](response{}, fail)
	}
	return readCall(ctx, c, wire.PathConsumption, wire.ConsumptionRequest{
		ClientID: h.ClientID, TokenKey: h.TokenKey, Consumption: items,
	}, known, account(func(body []byte) ([]Consumption, *SilenceError) { return readConsumptions(body, h.Uses) }))
}

// RollbackConsumption gives back what a transaction has taken. The answer is one
// account, or a list of one, as the service gave in 2022.
func (c *Client) RollbackConsumption(ctx context.Context, limitationID, transactionID string, known Known) Answer[Consumption] {
	if fail := firstFailure(requireID("limitation ID", limitationID), requireID("transaction ID", transactionID)); fail != nil {
		return silence[Consumption](response{}, fail)
	}
	return readCall(ctx, c, wire.PathConsumptionRollback, wire.ConsumptionRollbackRequest{LimitationID: limitationID, TransactionID: transactionID},
		known, account(func(body []byte) (Consumption, *SilenceError) {
			if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) {
				return readConsumption(body, limitationID)
			}
			list, fail := readConsumptions(body, []ConsumptionUse{{LimitationID: limitationID}})
			if fail != nil {
				return Consumption{}, fail
			}
			return list[0], nil
		}))
}

// ConsumptionStatus asks for the account of a limitation of a licence, without
// taking anything.
func (c *Client) ConsumptionStatus(ctx context.Context, licenseKey, limitationID string, known Known) Answer[Consumption] {
	if fail := firstFailure(requireID("licence key", licenseKey), requireID("limitation ID", limitationID)); fail != nil {
		return silence[Consumption](response{}, fail)
	}
	return readCall(ctx, c, wire.PathConsumptionStatus, wire.ConsumptionStatusRequest{LicenseID: licenseKey, LimitationID: limitationID},
		known, account(func(body []byte) (Consumption, *SilenceError) { return readConsumption(body, limitationID) }))
}

// readCall makes a call whose 200 carries a value that proves no entitlement
// and is not kept as evidence.
func readCall[T any](ctx context.Context, c *Client, path string, request any, known Known, read func(response) (T, *SilenceError)) Answer[T] {
	r, fail := c.exchange(ctx, path, request)
	if fail != nil {
		return silence[T](r, fail)
	}
	if r.status == http.StatusConflict {
		return conflictAnswer[T](r, known)
	}
	value, fail := read(r)
	if fail != nil {
		return silence[T](r, fail)
	}
	return Answer[T]{Kind: Yes, Value: value, RetryAfter: r.retryAfter}
}

// account makes a reader of accounts one for [readCall].
func account[T any](read func(body []byte) (T, *SilenceError)) func(response) (T, *SilenceError) {
	return func(r response) (T, *SilenceError) {
		if fail := r.asLongAs("consumption"); fail != nil {
			var none T
			return none, fail
		}
		return read(r.body)
	}
}

// readConsumption reads the account of one limitation.
func readConsumption(body []byte, limitationID string) (Consumption, *SilenceError) {
	var w *wire.Consumption
	err := wire.Unmarshal(body, &w)
	if err == nil && w == nil {
		err = errors.New("it is null")
	}
	var c Consumption
	if err == nil {
		c, err = consumption(w)
	}
	if err != nil {
		return Consumption{}, badShape(http.StatusOK, "consumption", err)
	}
	if !strings.EqualFold(c.LimitationID, limitationID) {
		return Consumption{}, foreignLimitation()
	}
	return c, nil
}

// readConsumptions reads the accounts that answer these uses, and puts them in
// their order.
func readConsumptions(body []byte, uses []ConsumptionUse) ([]Consumption, *SilenceError) {
	var list []*wire.Consumption
	err := wire.Unmarshal(body, &list)
	if err == nil && len(list) != len(uses) {
		err = fmt.Errorf("it has %d entries for %d uses", len(list), len(uses))
	}
	byLimitation := map[string][]Consumption{}
	seen := map[string]bool{}
	for _, w := range list {
		if err != nil {
			break
		}
		if w == nil {
			err = errors.New("an entry is null")
			break
		}
		var c Consumption
		if c, err = consumption(w); err != nil {
			break
		}
		if !c.Refused() && seen[strings.ToLower(c.TransactionID)] {
			err = errors.New("two uses have one transaction")
			break
		}
		seen[strings.ToLower(c.TransactionID)] = true
		id := strings.ToLower(c.LimitationID)
		byLimitation[id] = append(byLimitation[id], c)
	}
	if err != nil {
		return nil, badShape(http.StatusOK, "consumption", err)
	}
	answers := make([]Consumption, 0, len(uses))
	for _, u := range uses {
		id := strings.ToLower(u.LimitationID)
		if len(byLimitation[id]) == 0 {
			return nil, foreignLimitation()
		}
		answers = append(answers, byLimitation[id][0])
		byLimitation[id] = byLimitation[id][1:]
	}
	return answers, nil
}

func foreignLimitation() *SilenceError {
	return &SilenceError{Reason: Foreign, Status: http.StatusOK, Detail: "the licence server's answer is for another limitation"}
}

func consumption(w *wire.Consumption) (Consumption, error) {
	if _, err := uuid.Parse(value(w.LimitationID)); err != nil {
		return Consumption{}, errors.New("it has no limitation_id")
	}
	transaction := value(w.TransactionID)
	if transaction != "" {
		id, err := uuid.Parse(transaction)
		if err != nil {
			return Consumption{}, errors.New("its transaction_id is no UUID")
		}
		if id == uuid.Nil { // how .NET writes no ID where it cannot write null
			transaction = ""
		}
	}
	return Consumption{
		TransactionID: transaction,
		LimitationID:  *w.LimitationID,
		Remaining:     amount(w.Remaining),
		Balance:       amount(w.Balance),
		Limit:         amount(w.Limit),
		Goodwill:      amount(w.Goodwill),
		LastReset:     instant(w.LastReset),
		NextReset:     instant(w.NextReset),
	}, nil
}
