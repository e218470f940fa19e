package ledger

import (
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/internal/view"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Current returns a view that holds now, and the trusted time it holds at, in
// Unix nanoseconds. The common case is two atomic loads and one reading of the
// clock.
func (l *Ledger) Current() (*view.View, int64) {
	for {
		v := l.view.Load()
		now, rolledBack, ahead := l.clock.UnixNano()
		if v.Holds(now, rolledBack, ahead) {
			return v, now
		}
		// What is known has not changed, only the time; whoever learned
		// something meanwhile has published a newer view, and it wins.
		if fresh := v.Again(l.Policy, l.Reading()); l.view.CompareAndSwap(v, fresh) {
			l.announce()
			return fresh, now
		}
	}
}

// View returns the latest view, which may be over by now.
func (l *Ledger) View() *view.View { return l.view.Load() }

// Known returns what is known, without waiting for who learns more. It belongs to the
// view: what is to be changed is copied first.
func (l *Ledger) Known() *record.Known { return &l.view.Load().Known }

// ownKnown is a copy of what is known, which may be changed.
func (l *Ledger) ownKnown() *record.Known {
	k := *l.Known()
	return &k
}

// Restricts reports whether a refusal would restrict the user, or lock whoever is
// restricted already. Nothing is kept.
func (l *Ledger) Restricts(no enforcement.No) bool {
	before, _ := l.Current()
	k := before.Known
	k.Facts = k.Facts.No(no)
	after := view.Judge(&k, l.Policy, l.Reading(), before).Decision.State
	return after >= enforcement.ReadOnly && after > before.Decision.State
}

// publish replaces the view by one of what is known now.
func (l *Ledger) publish(k *record.Known) {
	l.view.Store(view.Judge(k, l.Policy, l.Reading(), l.view.Load()))
	l.announce()
}

// Remind tells once more of the view that was told of last, for whoever has held
// something of it back.
func (l *Ledger) Remind() {
	l.announcing.Lock()
	defer l.announcing.Unlock()
	if v := l.announced; v != nil && l.Changed != nil {
		l.Changed(v, v)
	}
}

// announce tells of what has changed since it was last called. Whoever replaces
// the view calls it; taking turns keeps the changes in order, and the last of
// them about the view that stays.
func (l *Ledger) announce() {
	l.announcing.Lock()
	v, old := l.view.Load(), l.announced
	l.announced = v
	if old == nil || old == v {
		l.announcing.Unlock()
		return
	}
	if l.Changed != nil {
		l.Changed(old, v)
	}
	l.announcing.Unlock()
	if from, to := &old.Decision, &v.Decision; from.State != to.State || from.Cause != to.Cause {
		l.Logger.Info("licence state", "from", from.State.String(), "to", to.State.String(), "cause", to.Cause.String(), "code", int(to.Code))
	}
}
