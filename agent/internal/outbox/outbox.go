package outbox

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
	"strings"
	"sync"
	"sync/atomic"

	"github.com/leasehold-dev/leasehold/agent/internal/ledger"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/heartbeat"
	"github.com/leasehold-dev/leasehold/internal/logging"
	"github.com/leasehold-dev/leasehold/storage/journal"
)

// An Outbox is the journal of what the vendor has not been told yet. It is opened
// when it is first needed: most applications report nothing. Make it with [New].
type Outbox struct {
	Config

	// opening is held while the journal is opened or closed, which may take as long
	// as another process has it. It guards keyless, and comes before mu.
	opening chan struct{}
	keyless bool // its key is known here, and was not kept

	mu      sync.Mutex
	journal *journal.Journal

	pending atomic.Int64      // entries that are not delivered, as far as this process knows
	foreign atomic.Int64      // of them those that only a later version can deliver
	history heartbeat.History // how deliveries went; guarded by mu

	// claiming is held with the journal's claim, so that what this process itself
	// does with it does not look like another window that delivers. It guards what
	// follows.
	claiming sync.Mutex
	// taken are entries that the server has and that could not be acknowledged, and
	// claim is kept while there are any, so that nobody else sends or folds them.
	taken []journal.Entry
	claim *journal.Claim
}

// Config is what an Outbox needs. All fields but Unusable are required.
type Config struct {
	Ledger    *ledger.Ledger
	Client    *slascone.Client
	ClientID  string
	UserID    string           // of a named user; empty: none
	Suspended enforcement.Code // the conflict that tells of a suspension; 0: none
	Folder    string           // of the journal

	// Plan makes the plan of a job from its history.
	Plan   func(h heartbeat.History, s heartbeat.Schedule, seed ...string) heartbeat.Plan
	Ended  func() bool // the agent's life is over
	Logger logging.Logger
	// Rejected is told of each entry that is dropped, and Damaged when the journal
	// was. They must not call the Outbox.
	Rejected func(Rejected)
	Damaged  func(error)

	// Unusable is why nothing can be kept on this machine, nil when it can;
	// Unlasting likewise, of what was kept last.
	Unusable  error
	Unlasting func() error
}

// New returns an Outbox that is not open yet.
func New(c Config) *Outbox { return &Outbox{Config: c, opening: make(chan struct{}, 1)} }

// Pending counts the entries that are not delivered, as far as this process
// knows.
func (o *Outbox) Pending() int { return int(o.pending.Load()) }

// Add keeps entries durably. When it returns nil they will be delivered.
func (o *Outbox) Add(ctx context.Context, entries ...Entry) error {
	j, err := o.Open(ctx)
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
	o.pending.Add(int64(len(entries)))
	return nil
}

// Open opens the journal, making its key on first use.
//
// It is long because it makes the key, keeps it and only then opens what it seals.
func (o *Outbox) Open(ctx context.Context) (*journal.Journal, error) {
	if o.Unusable != nil {
		return nil, o.Unusable
	}
	select {
	case o.opening <- struct{}{}:
		defer func() { <-o.opening }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	o.mu.Lock()
	opened := o.journal
	o.mu.Unlock()
	if opened != nil {
		return opened, nil
	}
	var key [32]byte
	if k := o.Ledger.Known(); copy(key[:], k.JournalKey) != len(key) || o.keyless {
		if k.OnlyVouched() {
			return nil, errors.New("the usage journal's key is in a keyring that does not answer; unlock the keyring")
		}
		fresh := make([]byte, len(key))
		_, _ = rand.Read(fresh) // never fails since Go 1.24
		o.keyless = true        // until it is kept, nothing sealed with it would be read again
		if err := o.Ledger.Keep(ctx, func(k *record.Known) {
			if len(k.JournalKey) != len(key) { // another process may have been first
				k.JournalKey = fresh
			}
		}); err != nil {
			return nil, err
		}
		if err := o.Unlasting(); err != nil {
			return nil, fmt.Errorf("the usage journal has no key that lasts: %w", err)
		}
		o.keyless = false
		copy(key[:], o.Ledger.Known().JournalKey)
	}
	j, err := journal.Open(o.Path(), key, journal.Options{
		Fold: foldEntries,
		OnEvent: func(e journal.Event) {
			o.Logger.Warn("usage journal", "event", e.Type.String(), "bytes", e.Bytes, "err", e.Err)
			if e.Type == journal.EventDamaged {
				o.Damaged(fmt.Errorf("the usage journal was damaged, a copy is at %s: %w", e.Path, e.Err))
			}
		},
	})
	if err != nil {
		return nil, fmt.Errorf("the usage journal cannot be opened: %w", err)
	}
	o.mu.Lock()
	o.journal = j
	o.mu.Unlock()
	n, err := j.Pending(ctx)
	if err == nil {
		o.pending.Store(int64(n))
	}
	return j, nil
}

// Path names the client's journal; IDs in names are hashes, as in package
// storage.
func (o *Outbox) Path() string { return Path(o.Folder, o.ClientID) }

// Path names the journal of a client in a folder.
func Path(folder, clientID string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(clientID)))
	return filepath.Join(folder, hex.EncodeToString(sum[:16])+".journal")
}

// Reopen opens a journal that an earlier process may have left entries in.
func (o *Outbox) Reopen(ctx context.Context) {
	if len(o.Ledger.Known().JournalKey) == 0 {
		return
	}
	if _, err := o.Open(ctx); err != nil {
		o.Logger.Warn("usage journal cannot be opened", "err", err)
	}
}

// Peek counts the entries that wait, also those of another process, and opens and
// changes nothing for that.
func (o *Outbox) Peek() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	var key [32]byte
	if o.journal != nil || copy(key[:], o.Ledger.Known().JournalKey) != len(key) {
		return o.Pending()
	}
	e, err := journal.Peek(o.Path(), key)
	if err != nil {
		o.Logger.Debug("usage journal cannot be read", "err", err)
	}
	return e.Pending
}

func (o *Outbox) Close() error {
	o.opening <- struct{}{}
	defer func() { <-o.opening }()
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.journal == nil {
		return nil
	}
	if o.claiming.TryLock() { // else a delivery that is being broken off releases it
		o.leaveClaim()
		o.claiming.Unlock()
	}
	err := o.journal.Close()
	o.journal = nil
	return err
}

// Erase removes the journal with what is in it.
func (o *Outbox) Erase() error {
	err := errors.Join(o.Close(), Remove(o.Path()))
	o.pending.Store(0)
	o.foreign.Store(0)
	return err
}

// Remove removes a journal, which nobody has open, with all its files.
func Remove(path string) error {
	left, err := filepath.Glob(path + "*")
	for _, file := range left {
		err = errors.Join(err, os.Remove(file))
	}
	return err
}

// leaveClaim releases a claim that was kept. The caller holds claiming.
func (o *Outbox) leaveClaim() {
	if o.claim != nil {
		o.claim.Release()
		o.claim = nil
	}
}
