package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/clock"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

// knowledge is a record with what its evidence proves.
type knowledge struct {
	record
	licence license.License
}

// know verifies a record's evidence. A record whose evidence does not verify
// is kept, but proves nothing; the reason is returned beside it.
func (a *Agent) know(rec record) (knowledge, error) {
	k := knowledge{record: rec}
	var problem error
	switch {
	case !rec.Evidence.IsZero():
		k.licence, problem = a.set.client.Open(rec.Evidence, a.clientID)
	case rec.Files.Licence != "":
		k.licence, problem = a.set.openFiles(rec.Files, a.clientID)
	}
	k.Facts.Licence = a.set.licenceFacts(k.licence, rec.JudgedVersion)
	k.Facts.Session.Required = k.licence.Floating() && !k.licence.FromFile()
	if k.Seat.held() {
		session, err := a.set.client.OpenSession(k.Seat.Evidence)
		if err != nil {
			k.Seat.Evidence, problem = slascone.Evidence{}, errors.Join(problem, err)
		}
		k.Facts.Session.ValidUntil = session.ValidUntil
	}
	foreign := errors.Is(problem, slascone.ErrForeignEvidence) || a.drift != nil && k.licence.IsZero()
	if foreign && k.Facts.Device.MismatchSince.IsZero() {
		k.Facts.Device.MismatchSince = a.clock.Now().Time
	}
	if v := a.set.App.Version; k.Facts.Software.Version != v {
		k.Facts.Software = enforcement.Software{Version: v, Since: a.clock.Now().Time}
	}
	return k, problem
}

// load reads what is kept and starts the clock from it. Only a store that
// cannot be read right now is an error; what is damaged or foreign leaves the
// agent without a licence and with a problem to report.
func (a *Agent) load(ctx context.Context) (problem, err error) {
	st, err := a.store.Load(ctx)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		st = storage.State{}
	case unreadable(err):
		st, problem = storage.State{}, err
	case err != nil:
		return nil, fmt.Errorf("agent: the kept licence cannot be read: %w", err)
	}
	rec, bad := decodeRecord(st.Data)
	problem = errors.Join(problem, bad)

	since := rec.Facts.Clock.RolledBackSince
	if st.RestoredCopy && since.IsZero() {
		// An older copy of the record is as suspect as a clock that was set back.
		since = st.HighWater
	}
	a.clock = clock.New(clock.Config{
		State:  clock.State{Mark: st.HighWater, RolledBackSince: since},
		Source: clock.Source{Wall: a.set.Now},
	})
	a.started = a.clock.Now().Time
	a.state = st
	a.known, bad = a.know(rec)
	return errors.Join(problem, bad), nil
}

// learn folds what was learned into the newest record, keeps it, and publishes
// the decision that follows. fold may run more than once and must change
// nothing but the knowledge it is given.
//
// What cannot be kept counts all the same for this process; the error then
// says so.
func (a *Agent) learn(ctx context.Context, fold func(*knowledge)) error {
	a.mu.Lock()
	defer a.mu.Unlock()

	var next knowledge
	change := func(st storage.State) (storage.State, error) {
		base := a.known
		if st.Sequence != a.state.Sequence && !a.outranks(st) {
			rec, err := decodeRecord(st.Data)
			if err != nil {
				return st, err
			}
			base, _ = a.know(rec)
		}
		fold(&base)
		next = base
		data, err := base.encode()
		if err != nil {
			return st, fmt.Errorf("agent: the state cannot be written as JSON: %w", err)
		}
		clock := a.clock.State()
		st.HighWater = clock.Mark
		st.ServerTime = latest(st.ServerTime, base.Facts.Licence.ProvenAt)
		st.Data = data
		return st, nil
	}
	st, err := storage.Update(ctx, a.store, change)
	if unreadable(err) {
		// The store sets the unreadable bytes aside before it replaces them.
		if st, err = change(storage.State{}); err == nil {
			st.Sequence = 0
			st, err = a.store.Commit(ctx, st)
		}
	}
	if err != nil {
		next = a.known
		fold(&next)
		a.unsaved = true
		err = fmt.Errorf("what was learned cannot be kept and holds only until the application ends: %w", err)
		a.log.Warn("licence state could not be kept", "err", err)
		a.events.publish(StoreFailed{Err: err})
	} else {
		a.state, a.unsaved = st, false
	}
	a.known = next
	a.publish(next.Facts, next.licence)
	return err
}

// outranks reports whether what is in memory but could not be kept counts
// against what another process has stored meanwhile: the newest server time
// wins.
func (a *Agent) outranks(st storage.State) bool {
	return a.unsaved && a.known.Facts.Licence.ProvenAt.After(st.ServerTime)
}

// refreshKnown takes over what another process of the application stored.
func (a *Agent) refreshKnown(ctx context.Context) {
	a.mu.Lock()
	defer a.mu.Unlock()
	st, err := a.store.Load(ctx)
	if err != nil || st.Sequence == a.state.Sequence || a.outranks(st) {
		return
	}
	rec, err := decodeRecord(st.Data)
	if err != nil {
		return
	}
	k, _ := a.know(rec)
	a.state, a.known, a.unsaved = st, k, false
	a.publish(k.Facts, k.licence)
}

func unreadable(err error) bool {
	return errors.Is(err, storage.ErrDamaged) || errors.Is(err, storage.ErrForeign) || errors.Is(err, storage.ErrNewerFormat)
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
