package quota

import (
	"slices"
	"strings"
	"sync"

	"github.com/shopspring/decimal"
)

// reserve keeps an amount from being booked while the server, which is asked for
// it, may be taking it.
func (q *Quota) reserve(limitation string, amount decimal.Decimal) (free func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.asking == nil {
		q.asking = make(map[string]decimal.Decimal)
	}
	id := strings.ToLower(limitation)
	q.asking[id] = q.asking[id].Add(amount)
	return sync.OnceFunc(func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.asking[id] = q.asking[id].Sub(amount)
	})
}

// asked is what the server is being asked for of a limitation.
func (q *Quota) asked(limitation string) decimal.Decimal {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.asking[strings.ToLower(limitation)]
}

// fresh notes a transaction and reports whether it is a new one. The answer to
// a consumption names neither client nor time, so an old one that is played
// again can be told only by its transaction.
func (q *Quota) fresh(transaction string) bool {
	const remembered = 256
	q.mu.Lock()
	defer q.mu.Unlock()
	transaction = strings.ToLower(transaction)
	if slices.Contains(q.booked, transaction) {
		return false
	}
	if len(q.booked) == remembered {
		q.booked = slices.Delete(q.booked, 0, 1)
	}
	q.booked = append(q.booked, transaction)
	return true
}
