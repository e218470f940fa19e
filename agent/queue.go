package agent

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/heartbeat"
	"github.com/leasehold-dev/leasehold/storage/journal"
)

// queue is the journal of what the vendor has not been told yet. It is opened
// when it is first needed: most applications report nothing.
type queue struct {
	folder string // of the product's files

	mu      sync.Mutex
	journal *journal.Journal
	keyless bool // its key is known here, and was not kept

	pending atomic.Int64      // entries that are not delivered, as far as this process knows
	contact heartbeat.History // how deliveries went; guarded by mu
	booked  []string          // the latest transactions; guarded by mu

	// asking are the amounts of limitations, by their IDs in lower case, that the
	// server is being asked for; guarded by mu.
	asking map[string]decimal.Decimal

	// claiming is held with the journal's claim, so that what this process itself
	// does with it does not look like another window that delivers. It guards what
	// follows.
	claiming sync.Mutex
	// taken are entries that the server has and that could not be acknowledged, and
	// claim is kept while there are any, so that nobody else sends or folds them.
	taken []journal.Entry
	claim *journal.Claim
}

// reserve keeps an amount from being booked while the server, which is asked for
// it, may be taking it.
func (q *queue) reserve(limitation string, amount decimal.Decimal) (free func()) {
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
func (q *queue) asked(limitation string) decimal.Decimal {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.asking[strings.ToLower(limitation)]
}

// fresh notes a transaction and reports whether it is a new one. The answer to
// a consumption names neither client nor time, so an old one that is played
// again can be told only by its transaction.
func (q *queue) fresh(transaction string) bool {
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

// leaveClaim releases a claim that was kept. The caller holds claiming.
func (q *queue) leaveClaim() {
	if q.claim != nil {
		q.claim.Release()
		q.claim = nil
	}
}

// The kinds of queued entries.
const (
	usageEntry       = "usage"
	measureEntry     = "measure"
	consumptionEntry = "consumption"
)

// queued is an entry of the journal.
type queued struct {
	Kind string `json:"kind"`
	// Name is the usage feature, the ID of the analytical field, or the ID of the
	// limitation.
	Name   string          `json:"name"`
	Value  string          `json:"value,omitempty"` // measure
	Amount decimal.Decimal `json:"amount,omitzero"` // usage, consumption
	ID     string          `json:"id,omitempty"`    // consumption: what the server recognises a repetition by
	At     time.Time       `json:"at"`              // of the first, where several were added up
	Count  int             `json:"count,omitempty"` // how many were added up; 0 is one
}

const (
	// usageInterval is the time within which uses of one feature are added up.
	usageInterval = time.Hour
	// foldInterval is the same for a journal that is full.
	foldInterval = 24 * time.Hour
)

// enqueue keeps entries durably. When it returns nil they will be delivered.
func (a *Agent) enqueue(ctx context.Context, entries ...queued) error {
	j, err := a.openQueue(ctx)
	if err != nil {
		return err
	}
	data := make([][]byte, len(entries))
	for i, e := range entries {
		if data[i], err = json.Marshal(e); err != nil {
			return err
		}
	}
	if err := j.Append(ctx, data...); err != nil {
		return err
	}
	a.queue.pending.Add(int64(len(entries)))
	return nil
}

// openQueue opens the journal, making its key on first use.
func (a *Agent) openQueue(ctx context.Context) (*journal.Journal, error) {
	if a.unnamed != nil {
		return nil, a.unnamed
	}
	a.queue.mu.Lock()
	defer a.queue.mu.Unlock()
	if a.queue.journal != nil {
		return a.queue.journal, nil
	}
	var key [32]byte
	if k := a.knowledge(); copy(key[:], k.JournalKey) != len(key) || a.queue.keyless {
		if k.OnlyVouched() {
			return nil, errors.New("the usage journal's key is in a keyring that does not answer; unlock the keyring")
		}
		fresh := make([]byte, len(key))
		_, _ = rand.Read(fresh) // never fails since Go 1.24
		a.queue.keyless = true  // until it is kept, nothing sealed with it would be read again
		if err := a.ledger.Keep(ctx, func(k *record.Known) {
			if len(k.JournalKey) != len(key) { // another process may have been first
				k.JournalKey = fresh
			}
		}); err != nil {
			return nil, err
		}
		if err := a.unlasting(); err != nil {
			return nil, fmt.Errorf("the usage journal has no key that lasts: %w", err)
		}
		a.queue.keyless = false
		copy(key[:], a.knowledge().JournalKey)
	}
	j, err := journal.Open(a.queuePath(), key, journal.Options{
		Fold: foldEntries,
		OnEvent: func(e journal.Event) {
			a.log.Warn("usage journal", "event", e.Type.String(), "bytes", e.Bytes, "err", e.Err)
			if e.Type == journal.EventDamaged {
				a.events.Publish(StoreFailed{Err: fmt.Errorf("the usage journal was damaged, a copy is at %s: %w", e.Path, e.Err)})
			}
		},
	})
	if err != nil {
		return nil, fmt.Errorf("the usage journal cannot be opened: %w", err)
	}
	a.queue.journal = j
	n, err := j.Pending(ctx)
	if err == nil {
		a.queue.pending.Store(int64(n))
	}
	return j, nil
}

// queuePath names the client's journal; IDs in names are hashes, as in package
// storage.
func (a *Agent) queuePath() string {
	sum := sha256.Sum256([]byte(strings.ToLower(a.install.ClientID)))
	return filepath.Join(a.queue.folder, hex.EncodeToString(sum[:16])+".journal")
}

// reopenQueue opens a journal that an earlier process may have left entries in.
func (a *Agent) reopenQueue(ctx context.Context) {
	if len(a.knowledge().JournalKey) == 0 {
		return
	}
	if _, err := a.openQueue(ctx); err != nil {
		a.log.Warn("usage journal cannot be opened", "err", err)
	}
}

// peekQueue returns how many reports wait, and opens and changes nothing for that.
func (a *Agent) peekQueue() int {
	a.queue.mu.Lock()
	defer a.queue.mu.Unlock()
	var key [32]byte
	if a.queue.journal != nil || copy(key[:], a.knowledge().JournalKey) != len(key) {
		return a.Queued()
	}
	e, err := journal.Peek(a.queuePath(), key)
	if err != nil {
		a.log.Debug("usage journal cannot be read", "err", err)
	}
	return e.Pending
}

func (a *Agent) closeQueue() error {
	a.queue.mu.Lock()
	defer a.queue.mu.Unlock()
	if a.queue.journal == nil {
		return nil
	}
	if a.queue.claiming.TryLock() { // else a delivery that is being broken off releases it
		a.queue.leaveClaim()
		a.queue.claiming.Unlock()
	}
	err := a.queue.journal.Close()
	a.queue.journal = nil
	return err
}

// eraseQueue removes the journal with what is in it.
func (a *Agent) eraseQueue() error {
	err := a.closeQueue()
	left, globErr := filepath.Glob(a.queuePath() + "*")
	for _, path := range left {
		err = errors.Join(err, os.Remove(path))
	}
	a.queue.pending.Store(0)
	return errors.Join(err, globErr)
}

// foldEntries makes room in a full journal: uses of one feature on one day
// become one entry, so that detail is lost but no total.
func foldEntries(data [][]byte) ([][]byte, error) {
	entries := make([]queued, len(data))
	for i, d := range data {
		if err := json.Unmarshal(d, &entries[i]); err != nil {
			return nil, err
		}
	}
	folded := addUp(entries, foldInterval)
	if len(folded) == len(data) {
		return nil, errors.New("there is nothing to add up")
	}
	out := make([][]byte, len(folded))
	for i, e := range folded {
		d, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		out[i] = d
	}
	return out, nil
}

// addUp makes one entry of all uses of one feature within an interval of the
// clock, or several where one would be more than can be sent. What is not usage
// stays as it is; the order is that of the first of each.
func addUp(entries []queued, interval time.Duration) []queued {
	type slot struct {
		name string
		from int64
	}
	first := make(map[slot]int)
	var sum []queued
	for _, e := range entries {
		if e.Kind != usageEntry {
			sum = append(sum, e)
			continue
		}
		at := slot{e.Name, e.At.Truncate(interval).Unix()}
		i, seen := first[at]
		total := e.Amount
		if seen {
			total = total.Add(sum[i].Amount)
		}
		if !seen || slascone.CheckAmount(total) != nil {
			first[at] = len(sum)
			sum = append(sum, e)
			continue
		}
		sum[i].Amount = total
		sum[i].Count = max(sum[i].Count, 1) + max(e.Count, 1)
	}
	return sum
}

// Queued returns how many reports are not delivered yet, as far as this process
// knows.
func (a *Agent) Queued() int { return int(a.queue.pending.Load()) }
