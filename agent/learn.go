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
	licence  license.License
	seatLost error // why the server took the floating seat away
	gates    gates // of licence; publish sees to them

	limits limits // of licence and accounts, likewise
}

// provenOnline is the server time of the last Yes, zero without one.
func (k *knowledge) provenOnline() time.Time {
	if k.Evidence.IsZero() {
		return k.Vouched
	}
	return k.licence.IssuedAt()
}

// unseen reports whether the licence is only vouched for: its evidence is out
// of reach.
func (k *knowledge) unseen() bool {
	return k.Evidence.IsZero() && k.Files.Licence == "" && !k.Vouched.IsZero()
}

// rank is the server time that decides between this knowledge and a copy of the record
// that is somewhere else. What only vouches for that copy must not outrank it,
// unless the server has said No since.
func (k *knowledge) rank() time.Time {
	if !k.unseen() {
		return latest(k.provenOnline(), k.Seen)
	}
	var no time.Time
	for refusal := range k.Facts.Refusals.All() {
		no = latest(no, refusal.At)
	}
	return no
}

// seatedAt reports whether a floating seat is held at the trusted time now.
func (k *knowledge) seatedAt(now time.Time) bool {
	return k.Seat.held() && now.Before(k.Facts.Session.ValidUntil)
}

// know verifies a record's evidence. A record whose evidence does not verify
// is kept, but proves nothing; the reason is returned beside it.
func (a *Agent) know(rec record) (knowledge, error) {
	rec = a.ownSeat(rec)
	k := knowledge{record: rec}
	var problem error
	switch {
	case !rec.Evidence.IsZero():
		k.licence, problem = a.set.client.Open(rec.Evidence, a.clientID)
	case rec.Files.Licence != "":
		k.licence, _, problem = a.set.openFiles(rec.Files, a.clientID)
	}
	k.Facts.Licence = a.set.licenceFacts(k.licence, rec.JudgedVersion)
	if k.unseen() {
		k.Facts.Licence = vouchedFacts(rec.Vouched)
	}
	k.Facts.Session.Required = k.licence.Floating() && !k.licence.FromFile() && !k.Seat.Unwanted
	if k.Seat.held() {
		session, err := a.set.client.OpenSession(k.Seat.Evidence)
		if err != nil {
			k.Seat.Evidence, problem = slascone.Evidence{}, errors.Join(problem, err)
		}
		k.Facts.Session.ValidUntil = session.ValidUntil
	}
	foreign := errors.Is(problem, slascone.ErrForeignEvidence) || a.drift.Load() != nil && k.licence.IsZero()
	if foreign && k.Facts.Device.MismatchSince.IsZero() {
		k.Facts.Device.MismatchSince = a.clock.Now().Time
	}
	if v := a.set.App.Version; k.Facts.Software.Version != v {
		k.Facts.Software = enforcement.Software{Version: v, Since: a.clock.Now().Time}
	}
	return k, problem
}

// vouchedFacts is what is known of a licence whose evidence is out of reach: that
// the server is said to have said Yes at provenAt. Nothing signed says so, hence
// it counts like one whose freeride is over: what was made with the application
// stays readable, and whoever forges the witness gains no more.
func vouchedFacts(provenAt time.Time) enforcement.Licence {
	return enforcement.Licence{Source: enforcement.FromHeartbeat, ProvenAt: provenAt, Due: provenAt, FreerideSet: true}
}

// load reads what is kept and starts the clock from it. Only a store that
// cannot be read or written right now is an error. What is damaged or foreign
// leaves the agent without a licence, what is out of reach with one that is
// vouched for, and both with a problem to report.
func (a *Agent) load(ctx context.Context) (k knowledge, problem, err error) {
	st, err := a.store.Load(ctx)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		st = storage.State{}
	case errors.Is(err, storage.ErrOutOfReach):
		problem, a.unseen = err, true
	case unreadable(err):
		st, problem = storage.State{}, err
	case err != nil:
		return k, nil, fmt.Errorf("agent: the kept licence cannot be read: %w", err)
	}
	rec, bad := decodeRecord(st.Data)
	problem = errors.Join(problem, bad)
	if a.unseen {
		rec.Vouched = st.ServerTime
	}
	if err := a.numberWindow(rec); err != nil {
		return k, nil, err
	}

	since := rec.Facts.Clock.RolledBackSince
	if st.RestoredCopy && since.IsZero() {
		// An older copy of the record is as suspect as a clock that was set back.
		since = st.HighWater
	}
	a.clock = clock.New(clock.Config{
		State:  clock.State{Mark: st.HighWater, RolledBackSince: since, Correction: rec.ClockCorrection},
		Source: clock.Source{Wall: a.set.Now},
	})
	a.started = a.clock.Now().Time
	if bad == nil {
		// Otherwise each attempt to write finds it unread, and leaves it alone.
		a.state, a.settled = st, st.ServerTime
	}
	k, bad = a.know(rec)
	return k, errors.Join(problem, bad), nil
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
	extend := func(st storage.State, base knowledge) (_ storage.State, err error) {
		fold(&base)
		a.noteClock(&st, &base.record)
		if !base.licence.IsZero() {
			base.Vouched = time.Time{}
		}
		next = base
		if st.Data, err = a.encode(base.record); err != nil {
			return st, fmt.Errorf("the state cannot be written as JSON: %w", err)
		}
		if base.unseen() {
			st.ServerTime = time.Time{}
		}
		st.ServerTime = latest(st.ServerTime, base.rank())
		return st, nil
	}
	st, err := storage.Update(ctx, a.store, func(st storage.State) (storage.State, error) {
		base, err := a.upToDate(st)
		if err != nil {
			return st, err
		}
		return extend(st, base)
	})
	if outOfReach := errors.Is(err, storage.ErrOutOfReach); outOfReach || unreadable(err) {
		// The store sets unreadable bytes aside before it replaces them. Of what is
		// out of reach it knows whether this process has seen it.
		var base storage.State
		if outOfReach {
			base = a.state
		}
		if st, err = extend(base, a.knowledge()); err == nil {
			st, err = a.store.Commit(ctx, st)
		}
	}
	if err == nil {
		a.state, a.unkept, a.clockSet, a.unseen = st, nil, false, false
		if next.unseen() {
			a.settled = latest(a.settled, st.ServerTime) // of a No, which sets no clock
		}
		a.publish(next)
		return nil
	}
	next = a.knowledge()
	fold(&next)
	err = fmt.Errorf("what was learned cannot be kept and holds only until the application ends: %w", err)
	a.log.Warn("licence state could not be kept", "err", err)
	if len(a.unkept) == 0 {
		a.events.publish(StoreFailed{Err: err})
	}
	if a.unkept = append(a.unkept, fold); len(a.unkept) > maxUnkept {
		a.unkept = a.unkept[1:]
	}
	a.publish(next)
	return err
}

// maxUnkept bounds what is remembered to be kept later.
const maxUnkept = 64

// upToDate returns what is known with what other processes of the application
// have stored: their record, and on it what this process could not keep. A
// record that was removed or damaged meanwhile says nothing against what is
// known.
func (a *Agent) upToDate(st storage.State) (knowledge, error) {
	if st.Sequence == 0 || a.holds(st) {
		return a.knowledge(), nil
	}
	rec, err := decodeRecord(st.Data)
	if err != nil {
		return knowledge{}, err
	}
	k, _ := a.know(rec)
	for _, fold := range a.unkept {
		fold(&k)
	}
	return k, nil
}

// holds reports whether st is what this process knows: it is not if another
// process has committed since, or if a keyring answers again that has something
// newer than what was kept without it.
func (a *Agent) holds(st storage.State) bool {
	return !a.unseen && st.Sequence == a.state.Sequence && !st.ServerTime.After(a.state.ServerTime)
}

// refreshKnown takes over what another process of the application stored.
func (a *Agent) refreshKnown(ctx context.Context) {
	a.mu.Lock()
	defer a.mu.Unlock()
	st, err := a.store.Load(ctx)
	if err != nil || a.holds(st) {
		return
	}
	k, err := a.upToDate(st)
	if err != nil {
		return
	}
	a.state, a.unseen = st, false
	a.publish(k)
}

// setClock sets the clock by a fresh signed server time.
func (a *Agent) setClock(t time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.clock.ServerTime(t)
	a.settled, a.clockSet = t, true
}

// noteClock writes the condition of the clock into what is about to be kept.
// Of two processes, the one whose clock was set by the newer answer knows
// better: the other may still have a mark that stands too high.
func (a *Agent) noteClock(st *storage.State, r *record) {
	own := a.clock.State()
	switch {
	case a.clockSet:
		st.HighWater = own.Mark
	case st.ServerTime.After(a.settled):
		r.Facts.Clock.RolledBackSince = time.Time{}
		return
	default:
		st.HighWater = latest(st.HighWater, own.Mark)
	}
	r.Facts.Clock.RolledBackSince, r.ClockCorrection = own.RolledBackSince, own.Correction
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
