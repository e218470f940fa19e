package slasconetest

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// usage is what was consumed of one limitation of a licence. Totals are kept by
// period, so that a clock that is moved back finds what was there.
type usage struct {
	First        time.Time                  `json:"first_utc"`    // the first attempt, from which periods of days count
	Totals       map[string]decimal.Decimal `json:"totals"`       // by the period's start
	Transactions map[string]transaction     `json:"transactions"` // by ID
	External     map[string]string          `json:"external"`     // transaction IDs by the client's own IDs
}

type transaction struct {
	Period string          `json:"period"`
	Value  decimal.Decimal `json:"value"`
}

func newUsage(now time.Time) *usage {
	return &usage{First: now, Totals: map[string]decimal.Decimal{}, Transactions: map[string]transaction{}, External: map[string]string{}}
}

// Consumption is the account of a limitation.
type Consumption struct {
	LimitationID string    `json:"limitation_id"`
	Name         string    `json:"name"`
	Consumed     string    `json:"consumed"`            // in the current period
	LastReset    time.Time `json:"last_reset,omitzero"` // the current period's start
	NextReset    time.Time `json:"next_reset,omitzero"` // and its end
	Transactions int       `json:"transactions"`        // of all periods, without those rolled back
}

// Consumptions lists the accounts of a licence's limitations.
func (s *Server) Consumptions(licenseKey string) []Consumption {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.store.license(licenseKey)
	if err != nil {
		return nil
	}
	list := []Consumption{}
	now := s.now()
	for _, limit := range l.Limitations {
		c := Consumption{LimitationID: limit.ID, Name: limit.Name, Consumed: l.consumed(limit, now).String()}
		c.LastReset, c.NextReset = l.period(limit, now)
		if u := l.usage[fold(limit.ID)]; u != nil {
			c.Transactions = len(u.Transactions)
		}
		list = append(list, c)
	}
	return list
}

// period is the span of time over which a limitation counts at now; zero times
// are no limits.
func (l *license) period(of Limitation, now time.Time) (start, end time.Time) {
	year, month, _ := now.UTC().Date()
	var months int
	switch of.Reset {
	case ResetPeriodically:
		u := l.usage[fold(of.ID)]
		if u == nil {
			return time.Time{}, time.Time{}
		}
		length := time.Duration(of.ResetDays) * 24 * time.Hour
		start = u.First
		if since := now.Sub(u.First); since > 0 {
			start = now.Add(-(since % length))
		}
		return start, start.Add(length)
	case ResetMonthly:
		months = 1
	case ResetQuarterly:
		months, month = 3, month-(month-1)%3
	case ResetYearly:
		months, month = 12, time.January
	default:
		return time.Time{}, time.Time{}
	}
	start = time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	return start, start.AddDate(0, months, 0)
}

// consumed is what was taken of a limitation in the period of now.
func (l *license) consumed(of Limitation, now time.Time) decimal.Decimal {
	u := l.usage[fold(of.ID)]
	if u == nil {
		return decimal.Zero
	}
	start, _ := l.period(of, now)
	return u.Totals[ticks(start)]
}

// consume takes value and returns the transaction's ID, or takes nothing and
// returns none. A use that the client has reported before under the same
// external ID is not taken again.
func (l *license) consume(of Limitation, value decimal.Decimal, externalID string, now time.Time) string {
	u := l.usage[fold(of.ID)]
	if u == nil {
		u = newUsage(now)
		l.usage[fold(of.ID)] = u
	}
	if known, ok := u.External[externalID]; ok && externalID != "" {
		return known
	}
	start, _ := l.period(of, now)
	total := u.Totals[ticks(start)].Add(value)
	if of.Value != "" && !of.NotEnforced {
		most := decimal.RequireFromString(of.Value).Mul(decimal.NewFromInt(int64(100 + of.Goodwill))).Shift(-2)
		if total.GreaterThan(most) {
			return ""
		}
	}
	transactionID := uuid.NewString()
	u.Totals[ticks(start)] = total
	u.Transactions[transactionID] = transaction{ticks(start), value}
	if externalID != "" {
		u.External[externalID] = transactionID
	}
	return transactionID
}

// rollback gives back what a transaction took, and reports whether there was
// one.
func (u *usage) rollback(transactionID string) bool {
	t, ok := u.Transactions[transactionID]
	if !ok {
		return false
	}
	delete(u.Transactions, transactionID)
	u.Totals[t.Period] = u.Totals[t.Period].Sub(t.Value)
	for external, id := range u.External {
		if id == transactionID {
			delete(u.External, external)
		}
	}
	return true
}

// account writes a limitation's account; transactionID is empty where nothing
// was booked.
func (s *Server) account(l *license, of Limitation, transactionID string, now time.Time) *wire.Consumption {
	start, end := l.period(of, now)
	info := s.limitation(l, of, now)
	if start.IsZero() {
		start = l.Issued // counting has not begun anew since
	}
	return &wire.Consumption{
		TransactionID: optional(transactionID), LimitationID: new(of.ID),
		Remaining: info.Remaining, Balance: info.Balance, Limit: info.Value,
		Goodwill:  &wire.Decimal{Decimal: decimal.NewFromInt(int64(of.Goodwill))},
		LastReset: dateOrFirst(start), NextReset: date(end),
	}
}

func (l *license) findLimitation(id string) (Limitation, bool) {
	for _, limit := range l.Limitations {
		if fold(limit.ID) == fold(id) {
			return limit, true
		}
	}
	return Limitation{}, false
}

// booking is a use that may be booked.
type booking struct {
	license    *license
	limitation Limitation
	use        wire.ConsumptionUse
}

// consumeUses serves POST /data_gathering/consumption_heartbeats. Either all
// uses are understood or none is booked; of those understood each is granted or
// refused for itself, a refusal being a 200 without a transaction (SLASCONE
// help centre 360016057197). Uses are booked at the server's time.
func (s *Server) consumeUses(x *exchange) result {
	var req wire.ConsumptionRequest
	if p := x.decode(&req, "consumption_heartbeat"); p != nil {
		return problem(p)
	}
	c, seats, id := s.reporter(req.ClientID, req.TokenKey, x.now)
	if id != 0 {
		return conflict(id)
	}
	if id := s.suspension(c, x.now); id != 0 {
		return conflict(id)
	}
	var bookings []booking
	for i, use := range req.Consumption {
		if _, err := uuid.Parse(use.LimitationID); err != nil {
			return problem(malformed(fmt.Sprintf("consumption_heartbeat[%d].limitation_id is not a UUID", i)))
		}
		b, id := book(seats, use, x.now)
		if id != 0 {
			return conflict(id)
		}
		bookings = append(bookings, b)
	}
	accounts := []*wire.Consumption{}
	for _, b := range bookings {
		transactionID := b.license.consume(b.limitation, b.use.Value.Decimal, b.use.ExternalID, x.now)
		accounts = append(accounts, s.account(b.license, b.limitation, transactionID, x.now))
	}
	return ok(accounts)
}

// book finds the seat that grants the limitation.
func book(seats []*token, use wire.ConsumptionUse, now time.Time) (booking, conflictID) {
	for _, seat := range seats {
		limit, found := seat.of.findLimitation(use.LimitationID)
		if !found {
			continue
		}
		switch id := seat.of.refuses(now); {
		case id != 0:
			return booking{}, id
		case limit.Reset == ResetDisabled:
			return booking{}, consumptionDisabled
		case !use.Value.Decimal.IsPositive():
			return booking{}, amountNotPositive
		}
		return booking{seat.of, limit, use}, 0
	}
	return booking{}, unknownConsumption
}

// rollbackConsumption serves POST /data_gathering/consumption_heartbeats/rollback.
// What is not there to be given back is answered like a refusal.
func (s *Server) rollbackConsumption(x *exchange) result {
	var req wire.ConsumptionRollbackRequest
	if p := x.decode(&req, "limitation_id", "transaction_id"); p != nil {
		return problem(p)
	}
	var last *wire.Consumption
	for _, l := range s.store.licenses {
		limit, found := l.findLimitation(req.LimitationID)
		if !found {
			continue
		}
		if u := l.usage[fold(limit.ID)]; u != nil && u.rollback(strings.ToLower(req.TransactionID)) {
			return ok(s.account(l, limit, req.TransactionID, x.now))
		}
		last = s.account(l, limit, "", x.now)
	}
	if last == nil {
		return conflict(unknownConsumption)
	}
	return ok(last)
}

// consumptionStatus serves POST /provisioning/validate/consumption.
func (s *Server) consumptionStatus(x *exchange) result {
	var req wire.ConsumptionStatusRequest
	if p := x.decode(&req, "license_id", "limitation_id"); p != nil {
		return problem(p)
	}
	l, err := s.store.license(req.LicenseID)
	if err != nil {
		return conflict(invalidKey)
	}
	limit, found := l.findLimitation(req.LimitationID)
	if !found {
		return conflict(unknownLimitation)
	}
	return ok(s.account(l, limit, "", x.now))
}
