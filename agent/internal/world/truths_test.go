package world

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing/synctest"
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// mustHold checks what must hold at any moment at which nothing is under way.
func (w *world) mustHold() {
	for _, m := range w.machines {
		for _, win := range m.windows {
			w.mustDecideBy(m, win)
			w.mustTell(m, win)
			w.mustServe(m, win)
			w.mustEnd(m, win)
			w.mustObey(m, win)
		}
	}
	w.mustCount()
	w.mustBeSecret("the log", w.log.take())
	w.mustStayInside()
}

// unrestricted says of each machine whether somebody could work on it.
func (w *world) unrestricted() (list []bool) {
	for _, m := range w.machines {
		ok := false
		for _, win := range m.windows {
			ok = ok || win.Decision().State <= enforcement.Grace
		}
		list = append(list, ok)
	}
	return list
}

// mustDecideBy: the decision is the engine's for this instant, and no reader
// gets one whose time is over.
func (w *world) mustDecideBy(m *machine, win *window) {
	d := win.Decision()
	now := win.Now()
	if again := win.DecisionAt(now); again.State != d.State || again.Cause != d.Cause {
		w.failf("%s: the decision is %v %v, and for the same instant %v %v", m.name, d.State, d.Cause, again.State, again.Cause)
	}
	if !d.Next.At.IsZero() && d.Next.At.Before(now.Add(-time.Second)) {
		w.failf("%s: it is %v, and the decision should have changed at %v", m.name, now, d.Next.At)
	}
}

// told is how long after Start a change to grace may be kept from listeners: the
// answer that ends it is under way.
const told = 3 * time.Minute

// mustTell: events tell each change of state once and in order, and the last
// state is never missed.
func (w *world) mustTell(m *machine, win *window) {
	d := win.Decision()
	synctest.Wait() // the first reader after an instant announces what it brings
	last, bad := win.ear.last()
	if bad != "" {
		w.failf("%s: %s", m.name, bad)
	}
	if last != d.State && time.Since(win.opened) > told {
		w.failf("%s: the state is %v, and the last that was told is %v", m.name, d.State, last)
	}
}

// mustServe: whoever paid, heard so within freeride and has had no strange clock
// for long is not restricted.
func (w *world) mustServe(m *machine, win *window) {
	// What another window heard a window reads with its own next call.
	m.mu.Lock()
	lastYes, denied := win.found, m.denied
	if win.wire.lastYes.After(lastYes) {
		lastYes = win.wire.lastYes
	}
	m.mu.Unlock()
	switch {
	case lastYes.IsZero() || denied || m.had.restored || !w.grants(m) || w.ahead != 0:
		return
	case w.floating: // a seat is another question, see mustSeat
		return
	case m.wall.Load() != 0 || m.wrongRun > 23*time.Hour:
		return // what is promised while a clock is wrong is grace, and only for a while
	case w.now().Sub(lastYes) > time.Duration(w.freeride)*day-time.Hour:
		return
	}
	if d := win.Decision(); d.State > enforcement.Grace {
		w.failf("%s: restricted (%v, %v) although licensed: the last yes came %v ago, freeride is %d days", m.name, d.State, d.Cause, w.now().Sub(lastYes), w.freeride)
	}
}

// mustEnd: without an answer nobody works for longer than freeride, in running
// time. Each jump of a clock and each restored folder may cost one freeride more:
// see SECURITY.md for what cannot be stopped.
func (w *world) mustEnd(m *machine, win *window) {
	m.mu.Lock()
	licensed := m.licensed
	m.mu.Unlock()
	free := time.Duration(w.freeride) * day
	bound := free*time.Duration(1+m.restores) + 2*time.Hour
	if m.leads > 0 || w.lost.Load() > 0 {
		bound += free
	}
	if m.had.wall {
		bound += day // of grace, after a clock that was turned back
	}
	if licensed > bound {
		w.failf("%s: worked %v without an answer, at most %v are granted (now %v)", m.name, licensed, bound, win.Decision().State)
	}
}

// mustObey: whoever has heard that the licence is switched off is locked out.
func (w *world) mustObey(m *machine, win *window) {
	m.mu.Lock()
	off := m.off
	m.mu.Unlock()
	if d := win.Decision(); off && d.State != enforcement.Locked && len(m.windows) == 1 {
		w.failf("%s: the last answer said that the licence is switched off, and the state is %v, %v", m.name, d.State, d.Cause)
	}
}

// mustCount: the server never has more seats or sessions than it grants.
func (w *world) mustCount() {
	if w.limit < w.seats {
		return // the vendor has taken seats away that are held
	}
	if w.floating {
		if n := len(w.srv.Sessions()); n > max(w.limit, w.seats) {
			w.failf("%d sessions are open, %d are granted", n, w.limit)
		}
	}
}

// mustBeSecret: no key and no token in what people and programs get to read.
func (w *world) mustBeSecret(where, text string) {
	secrets := []string{goodKey, sharedKey, w.srv.ProvisioningKey()}
	for _, c := range w.srv.Clients() {
		secrets = append(secrets, c.TokenKeys...)
	}
	for _, s := range secrets {
		if len(s) > 0 && strings.Contains(strings.ToLower(text), strings.ToLower(s)) {
			w.failf("%s shows a secret: %s", where, text)
		}
	}
}

// mustStayInside: nothing is written outside the folders of the machines.
func (w *world) mustStayInside() {
	entries, err := os.ReadDir(w.folder)
	if err != nil {
		w.failf("%v", err)
		return
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), "machine-") {
			w.failf("%s was written beside the folders of the machines", e.Name())
		}
	}
}

// mustEndWell: when all is well again, the server has what the application was
// told it has, and whoever wants a licence has it.
func (w *world) mustEndWell() {
	w.heal()
	var used, consumed decimal.Decimal
	exact := w.lost.Load() == 0
	for _, m := range w.machines {
		w.open(m)
		win := m.any()
		if win == nil {
			return
		}
		synctestWait(time.Minute)
		if err := w.within(m, "Activate", callLimit, func(ctx context.Context) error {
			_, err := win.Activate(ctx, goodKey)
			return err
		}); err != nil {
			w.failf("%s: all is well, and the key is refused: %v", m.name, err)
			return
		}
		synctestWait(10 * time.Minute)
		if d := win.Decision(); d.State != enforcement.Active {
			w.failf("%s: all is well, and the state is %v, %v", m.name, d.State, d.Cause)
		}
		if err := w.within(m, "Flush", callLimit, win.Flush); err != nil {
			w.failf("%s: all is well, and reports are not delivered: %v", m.name, err)
		}
		used, consumed = used.Add(m.used), consumed.Add(m.consumed)
		exact = exact && !m.had.restored
	}
	w.mustBook(used, consumed, exact)
	w.mustHold()
}

// mustBook: usage and consumption on the server are what was acknowledged to the
// application, to the digit. Where an answer was lost or a folder restored, the
// server may have heard of a use twice, and never of less.
func (w *world) mustBook(used, consumed decimal.Decimal, exact bool) {
	var there decimal.Decimal
	for _, u := range w.srv.Usages() {
		there = there.Add(decimal.RequireFromString(u.Value))
	}
	taken := decimal.Zero
	for _, c := range w.srv.Consumptions(goodKey) {
		if c.Consumed != "" {
			taken = taken.Add(decimal.RequireFromString(c.Consumed))
		}
	}
	restored := false
	for _, m := range w.machines {
		restored = restored || m.had.restored
	}
	switch {
	case exact && !there.Equal(used):
		w.failf("the server knows of %v uses, %v were acknowledged", there, used)
	case !restored && there.LessThan(used):
		w.failf("the server knows of %v uses only, %v were acknowledged", there, used)
	case exact && !taken.Equal(consumed):
		w.failf("the server knows of %v renders, %v were acknowledged", taken, consumed)
	case taken.LessThan(consumed) && !restored:
		w.failf("the server knows of %v renders only, %v were acknowledged", taken, consumed)
	}
}

// heal makes all well: the world as a vendor and its customers want it.
func (w *world) heal() {
	w.srv.ClearFaults()
	w.down.Store(false)
	w.setServer(0)
	w.resize(max(len(w.machines), w.seats))
	w.do(step{do: switchOn})
	w.do(step{do: renew})
	for _, m := range w.machines {
		m.wall.Store(0)
		m.version = "1.5.0"
	}
	// Sessions of processes that were killed lapse.
	w.pass(time.Hour)
	for _, m := range w.machines {
		for len(m.windows) > 0 {
			w.shut(m)
		}
	}
	w.pass(time.Hour)
}

// ear collects the changes of state that a window is told.
type ear struct {
	mu    sync.Mutex
	state enforcement.State
	bad   string
}

func listen(ctx context.Context, a *agent.Agent) *ear {
	e := &ear{state: a.Decision().State}
	events := a.Changes(ctx)
	go func() {
		for event := range events {
			if c, ok := event.(agent.StateChanged); ok {
				e.hear(c)
			}
		}
	}()
	return e
}

func (e *ear) hear(c agent.StateChanged) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if c.From.State != e.state && e.bad == "" {
		e.bad = "a change from " + c.From.State.String() + " to " + c.To.State.String() + " was told, the state before was " + e.state.String()
	}
	e.state = c.To.State
}

func (e *ear) last() (enforcement.State, string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.state, e.bad
}
