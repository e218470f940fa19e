package world

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/leasehold-dev/leasehold/agent/internal/outbox"
	"github.com/leasehold-dev/leasehold/storage"
	"github.com/leasehold-dev/leasehold/storage/journal"
)

// former makes what is kept what the former version of the agent would have: it had
// no condition of the clock, no runs and no transactions.
func (w *world) former(m *machine) {
	w.shutAll(m)
	if w.rewrite(m, func(rec map[string]json.RawMessage) error {
		for _, name := range []string{"clock", "run", "transactions", "refused", "vouched"} {
			delete(rec, name)
		}
		return nil
	}) == nil {
		return
	}
	m.had.former = true
	m.client.later = 0 // the clock's part of it is gone
}

// novelty is what only a later version knows of; to the digit.
const novelty = `{"since":"2031-05-06T07:08:09.123456789+01:00","amounts":[1.50,1e400,-0],"<&>":null}`

// novelties are where in a record a later version may have put it.
var novelties = [][]string{{"novelty"}, {"facts", "novelty"}, {"contact", "novelty"}, {"clock", "novelty"}, {"run", "novelty"}, {"evidence_of_another_kind"}}

// heat is a report of a kind that only a later version knows.
const heat = `{"kind":"heat","of":{"core":1.50},"at":"2031-05-06T07:08:09Z"}`

// later makes what is kept what a later version of the agent may have written, and
// queues a report of a kind of its own.
func (w *world) later(m *machine) {
	w.shutAll(m)
	var key [32]byte
	store := w.rewrite(m, func(rec map[string]json.RawMessage) error {
		for _, path := range novelties {
			if len(path) == 1 {
				rec[path[0]] = json.RawMessage(novelty)
				continue
			}
			inner := map[string]json.RawMessage{}
			if text, ok := rec[path[0]]; ok {
				if err := json.Unmarshal(text, &inner); err != nil {
					return err
				}
			}
			inner[path[1]] = json.RawMessage(novelty)
			text, err := written(inner)
			if err != nil {
				return err
			}
			rec[path[0]] = text
		}
		var had []byte
		if text, ok := rec["journal_key"]; ok {
			if err := json.Unmarshal(text, &had); err != nil {
				return err
			}
		}
		if copy(key[:], had) != len(key) {
			_, _ = rand.Read(key[:])
		}
		text, err := json.Marshal(key[:])
		rec["journal_key"] = text
		return err
	})
	if store == nil {
		return
	}
	n, err := w.reports(m, store.Folder(), key, heat)
	if err != nil || m.client.later > 0 && n != m.client.later+1 {
		w.failf("%s: the later version had queued %d reports, and now, with one more, %d: %v", m.name, m.client.later, n, err)
	}
	m.client.later = n // also what was queued before the record was put back, or written by a former version
}

// rewrite changes what a machine keeps for its client, as another version might. It
// returns nil when nothing is kept, or nothing can be.
func (w *world) rewrite(m *machine, change func(rec map[string]json.RawMessage) error) *storage.Local {
	if m.troubledNow() || w.full {
		return nil
	}
	ctx := context.Background()
	store, err := w.store(ctx, m)
	if err == nil {
		_, err = storage.Update(ctx, store, func(st storage.State) (storage.State, error) {
			if len(st.Data) == 0 {
				return st, errNothing
			}
			var rec map[string]json.RawMessage
			if err := json.Unmarshal(st.Data, &rec); err != nil {
				return st, err
			}
			if err := change(rec); err != nil {
				return st, err
			}
			var err error
			st.Data, err = written(rec)
			return st, err
		})
	}
	if errors.Is(err, errNothing) || m.had.restored && storage.Unreadable(err) { // it was spoilt, and nobody has run since
		return nil
	}
	if err != nil {
		w.failf("%s: what is kept cannot be written as another version: %v", m.name, err)
		return nil
	}
	return store
}

// written is JSON that is not escaped for HTML, as the agent writes it.
func written(v any) ([]byte, error) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(text.Bytes()), err
}

var errNothing = errors.New("nothing is kept")

// store opens what a machine keeps for its client.
func (w *world) store(ctx context.Context, m *machine) (*storage.Local, error) {
	c := w.config(m, &wire{world: w, on: m, of: m.client, version: m.version})
	return storage.Open(ctx, storage.Config{
		Identity: storage.Identity{ISV: c.ISVID, Product: c.ProductID, Client: m.client.id}, Seal: m.device,
		Dir: c.StateDir, Kind: c.Store, Copy: true, Keyring: c.Keyring,
	})
}

// reports counts what only a later version can deliver, after queueing more of it.
func (w *world) reports(m *machine, folder string, key [32]byte, more ...string) (n int, err error) {
	ctx := context.Background()
	j, err := journal.Open(outbox.Path(folder, m.client.id), key, journal.Options{})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	for _, text := range more {
		if err := j.Append(ctx, []byte(text)); err != nil {
			return 0, err
		}
	}
	claim, err := j.Claim()
	if err != nil {
		return 0, err
	}
	defer claim.Release()
	const all = 1 << 20
	left, err := claim.Batch(ctx, all)
	for _, e := range left {
		if string(e.Data) == heat {
			n++
		}
	}
	return n, err
}

// mustKeepLater: what a later version has written, an earlier one does not lose, and
// a report of a kind that it does not know waits for that one.
func (w *world) mustKeepLater(m *machine) {
	if m.client.later == 0 || m.troubledNow() || w.full {
		return
	}
	ctx := context.Background()
	store, err := w.store(ctx, m)
	if err != nil {
		w.failf("%s: what a later version has written cannot be read: %v", m.name, err)
		return
	}
	st, err := store.Load(ctx)
	if err != nil {
		w.failf("%s: what a later version has written cannot be read: %v", m.name, err)
		return
	}
	for _, path := range novelties {
		if text := member(st.Data, path); text != novelty {
			w.failf("%s: a later version had written %s, now it is %q", m.name, strings.Join(path, "."), text)
		}
	}
	var rec struct {
		JournalKey []byte `json:"journal_key"`
	}
	if err := json.Unmarshal(st.Data, &rec); err != nil {
		w.failf("%s: %v", m.name, err)
	}
	var key [32]byte
	copy(key[:], rec.JournalKey)
	switch n, err := w.reports(m, store.Folder(), key); {
	case errors.Is(err, journal.ErrClaimed): // it is delivering
	case err != nil:
		w.failf("%s: the journal cannot be read: %v", m.name, err)
	case n != m.client.later:
		w.failf("%s: a later version had queued %d reports, now there are %d", m.name, m.client.later, n)
	}
}

// waitForLater counts the reports that wait for a later version.
func (w *world) waitForLater(m *machine) int {
	found, _ := filepath.Glob(filepath.Join(m.folder, "state", "*", "*.journal"))
	if len(found) == 0 {
		return 0
	}
	ctx := context.Background()
	store, err := w.store(ctx, m)
	if err != nil {
		return 0
	}
	st, err := store.Load(ctx)
	var rec struct {
		JournalKey []byte `json:"journal_key"`
	}
	if err != nil || json.Unmarshal(st.Data, &rec) != nil {
		return 0
	}
	var key [32]byte
	copy(key[:], rec.JournalKey)
	n, _ := w.reports(m, store.Folder(), key)
	return n
}

// member returns a member of a JSON object as it is written.
func member(data []byte, path []string) string {
	text := json.RawMessage(data)
	for _, name := range path {
		var o map[string]json.RawMessage
		if json.Unmarshal(text, &o) != nil {
			return ""
		}
		text = o[name]
	}
	return string(slices.Clip(text))
}
