package quota

import (
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
