package world

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing/synctest"
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

// mustHold checks what must hold at any moment at which nothing is under way.
func (w *world) mustHold() {
	for _, m := range w.machines {
		for _, win := range m.windows {
			w.mustDecideBy(m, win)
			w.mustNotGoBack(m, win)
			w.mustTell(m, win)
			w.mustServe(m, win)
			w.mustHonour(m, win)
			w.mustExpire(m, win)
			w.mustStayActive(m, win)
			w.mustDeliver(m, win)
			w.mustEnd(m, win)
			w.mustObey(m, win)
			w.mustStayGiven(m, win)
		}
	}
	w.mustCount()
	w.mustSeat()
	w.mustBeSecret("the log", w.log.take())
}

// mustHoldAfter checks what need not be checked every minute.
func (w *world) mustHoldAfter() {
	w.mustHold()
	for _, m := range w.machines {
		if len(m.windows) == 1 {
			w.mustDecideByRecord(m, m.windows[0])
		}
		w.mustKeepLater(m)
	}
	w.mustNotOverspend()
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

// told is how long after Start, or after the machine woke, a change to grace may be kept from listeners: the
// answer that ends it is under way.
const told = 3 * time.Minute

func (w *world) settled(win *window) bool {
	return time.Since(win.opened) > told && time.Since(w.woke) > told
}

// mustTell: events tell each change of state once and in order, and the last
// state is never missed.
func (w *world) mustTell(m *machine, win *window) {
	d := win.Decision()
	synctest.Wait() // the first reader after an instant announces what it brings
	last, bad := win.ear.last()
	if bad != "" {
		w.failf("%s: %s", m.name, bad)
	}
	if last != d.State && w.settled(win) {
		w.failf("%s: the state is %v, and the last that was told is %v", m.name, d.State, last)
	}
	w.mustBeSecret("an event", win.ear.heard())
}

// mustRing: a change comes to its listeners by itself, at its instant, though
// nobody reads the decision.
func (w *world) mustRing() {
	for _, m := range w.machines {
		for _, win := range m.windows {
			last, _ := win.ear.last()
			if d := win.DecisionAt(win.Now()); last != d.State && w.settled(win) && m.wall.Load() == 0 && w.now().Sub(w.disturbed) > told {
				w.failf("%s: the state is %v (%v) since %v, now it is %v, and nobody was told but that it is %v", m.name, d.State, d.Cause, d.Since, win.Now(), last)
			}
		}
	}
}

// mustDecideByRecord: what a window decides follows from what is kept, for which
// another program must find the same.
func (w *world) mustDecideByRecord(m *machine, win *window) {
	if m.troubledNow() || m.wall.Load() != 0 {
		return
	}
	now := win.Now()
	d := win.Decision()
	facts := win.Facts()
	if again := enforcement.Decide(facts, win.Policy(), now); facts.Clock.RolledBackSince.IsZero() && !m.had.wall && w.ahead == 0 && !m.had.killed && !m.had.restored && !m.had.troubled &&
		(again.State != d.State || again.Cause != d.Cause) {
		w.failf("%s: it is %v, %v, and its facts say %v, %v", m.name, d.State, d.Cause, again.State, again.Cause)
	}
	rec, known, err := w.record(m, win)
	switch {
	case err != nil:
		w.failf("%s: what is kept cannot be read: %v", m.name, err)
	case rec == nil, m.had.former, w.floating, w.users, m.had.wall, m.had.restored, m.had.troubled, m.had.killed, w.ahead != 0, w.stale.Load():
		// Of these a record says less than the running process knows.
	default:
		if kept := enforcement.Decide(known, win.Policy(), now); kept.State != d.State || kept.Cause != d.Cause {
			w.failf("%s: it is %v, %v, and what is kept says %v, %v", m.name, d.State, d.Cause, kept.State, kept.Cause)
		}
	}
}

// record reads what a machine keeps for a window's client, and what it proves;
// nil when nothing is kept.
func (w *world) record(m *machine, win *window) (*record.Record, enforcement.Facts, error) {
	c := w.config(m, win.wire)
	ctx := context.Background()
	store, err := storage.Open(ctx, storage.Config{
		Identity: storage.Identity{ISV: c.ISVID, Product: c.ProductID, Client: win.ClientID()}, Seal: win.Device().ID,
		Dir: c.StateDir, Kind: c.Store, Copy: true, Keyring: c.Keyring,
	})
	if err != nil {
		return nil, enforcement.Facts{}, err
	}
	st, err := store.Load(ctx)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, enforcement.Facts{}, nil
	}
	if err != nil {
		return nil, enforcement.Facts{}, err
	}
	rec, err := record.Decode(st.Data)
	if err != nil {
		return nil, enforcement.Facts{}, err
	}
	o, err := w.opener(c, win)
	if err != nil {
		return nil, enforcement.Facts{}, err
	}
	k, err := o.Open(rec, false, win.Now())
	return rec, k.Facts, err
}

// opener verifies what is kept as the application of a window does.
func (w *world) opener(c agent.Config, win *window) (*record.Opener, error) {
	o := &record.Opener{Reader: record.LicenseFiles{}, ProductID: c.ProductID, ClientID: win.ClientID(), UserID: c.UserID, Version: c.App.Version}
	verifier, err := slascone.HMAC(sharedKey)
	if w.rsa {
		if o.Keys, err = slascone.ParsePublicKeys(c.Signature.PublicKey); err == nil {
			verifier, err = slascone.RSA(o.Keys...)
		}
	}
	if err != nil {
		return nil, err
	}
	client, err := slascone.New(slascone.Config{
		ServerURL: c.ServerURL, ISVID: c.ISVID, ProductID: c.ProductID, ProvisioningKey: c.ProvisioningKey, Verifier: verifier, HTTPClient: c.HTTPClient,
	})
	o.Verifier = record.VerifiedBy(client)
	return o, err
}

// mustServe: whoever paid, heard so within freeride and has had no strange clock
// for long is not restricted, whatever the server's clock says.
func (w *world) mustServe(m *machine, win *window) {
	// What another window heard a window reads with its own next call.
	c := win.wire.of
	m.mu.Lock()
	lastYes, denied, filed := win.found, c.denied || win.wire.denied, c.filed
	ends, leads := c.renewed, c.accepted.leads
	if win.wire.lastYes.After(lastYes) {
		lastYes = win.wire.lastYes
	}
	m.mu.Unlock()
	freeride := time.Duration(w.freeride)*day - time.Hour
	switch {
	case lastYes.IsZero() || denied || filed || !w.grants(c, win.wire.version):
		return
	case !ends.After(w.now().Add(w.furthest)): // as far as it has heard, and by the server's clock
		return
	case len(leads) > 0 && w.now().Sub(leads[0].first.heard) > freeride: // answers from far ahead grant one freeride in all
		return
	case w.ahead != 0 && (m.had.wall || m.had.restored || m.had.troubled): // two clocks that are wrong, or nothing to tell it by
		return
	case w.floating || w.users: // a seat is another question, see mustSeat
		return
	case m.wall.Load() != 0 || m.wrongRun > 23*time.Hour:
		return // what is promised while a clock is wrong is grace, and only for a while
	case w.now().Sub(lastYes) > freeride:
		return
	}
	if d := win.Decision(); d.State > enforcement.Grace {
		w.failf("%s: restricted (%v, %v) although licensed: the last yes came %v ago, freeride is %d days", m.name, d.State, d.Cause, w.now().Sub(lastYes), w.freeride)
	}
}

// mustHonour: a licence file serves until it ends, off line too, and not for
// longer than the policy's week and a day.
func (w *world) mustHonour(m *machine, win *window) {
	c := win.wire.of
	m.mu.Lock()
	filed, ends := c.filed, c.ends
	m.mu.Unlock()
	if !filed || m.had.restored || m.had.troubled || m.had.wall || w.ahead != 0 || win.wire.version == newVersion {
		return
	}
	d, left := win.Decision(), ends.Sub(w.now())
	switch {
	case left > time.Hour && d.State > enforcement.Grace:
		w.failf("%s: restricted (%v, %v) although a licence file is good for %v", m.name, d.State, d.Cause, left)
	case left < -8*day && d.State <= enforcement.Grace:
		w.failf("%s: the licence file ended %v ago, and the state is %v", m.name, -left, d.State)
	}
}

// mustNotGoBack: the trusted time is not behind what was kept, whatever is done to
// the clock, unless an answer from before that was heard since: of a server that was
// behind, or an old one, see SECURITY.md.
func (w *world) mustNotGoBack(m *machine, win *window) {
	m.mu.Lock()
	line := m.line
	m.mu.Unlock()
	if m.had.ahead || m.had.restored || line.IsZero() {
		return
	}
	if now := win.Now(); now.Before(line.Add(-6 * time.Minute)) {
		w.failf("%s: the trusted time is %v, and it was %v", m.name, now, line)
	}
}

// mustEnd: without an answer nobody works for longer than freeride, in running
// time. Each jump of a clock and each restored folder may cost one freeride more:
// see SECURITY.md for what cannot be stopped.
func (w *world) mustEnd(m *machine, win *window) {
	m.mu.Lock()
	licensed, filed := win.wire.of.licensed, win.wire.of.filed
	m.mu.Unlock()
	if filed {
		return // see mustHonour
	}
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

// mustExpire: whoever has heard that the licence ended works on for a week, and
// no longer.
func (w *world) mustExpire(m *machine, win *window) {
	w.mu.Lock()
	ended := w.expires
	w.mu.Unlock()
	m.mu.Lock()
	answered, filed := win.wire.of.answered, win.wire.of.filed
	m.mu.Unlock()
	if filed || !answered.After(ended) || !answered.After(w.acted) || w.now().Sub(ended) < 8*day || w.ahead != 0 || m.had.restored || m.had.troubled || m.wall.Load() != 0 || !w.settled(win) || len(m.windows) > 1 {
		return
	}
	if d := win.Decision(); d.State <= enforcement.Grace {
		w.failf("%s: the licence ended %v ago, as the server said %v ago, and the state is %v, %v", m.name, w.now().Sub(ended), w.now().Sub(answered), d.State, d.Cause)
	}
}

// mustStayActive: who is licensed, with a network, does not come into grace.
func (w *world) mustStayActive(m *machine, win *window) {
	c := win.wire.of
	switch {
	case w.floating, w.users, w.calm() < 26*time.Hour, w.now().Sub(w.acted) < 3*day, time.Since(win.opened) < 26*time.Hour:
	case m.wall.Load() != 0, m.troubledNow(), win.License().IsZero(), !w.grants(c, win.wire.version), !win.Facts().Held(), w.behind(c, win.wire):
	case w.rotated.Load() && win.wire.version != newVersion:
	default:
		if d := win.Decision(); d.State != enforcement.Active {
			w.failf("%s: all has been well for %v, and the state is %v, %v", m.name, w.calm(), d.State, d.Cause)
		}
	}
}

// mustDeliver: what is to be reported waits for an hour at most while the server
// answers.
func (w *world) mustDeliver(m *machine, win *window) {
	c := win.wire.of
	const patience = 3 * time.Hour // after an outage the next try is an hour later at most
	switch {
	case w.calm() < patience, w.now().Sub(m.spent) < patience, w.now().Sub(w.acted) < 3*day, time.Since(win.opened) < patience:
	case m.wall.Load() != 0, m.troubledNow(), win.License().IsZero(), win.License().FromFile(), !w.grants(c, win.wire.version), !win.Facts().Held():
	case m.had.restored, w.rotated.Load() && win.wire.version != newVersion:
	default:
		if n := win.Queued(); n > 0 && n > w.waitForLater(m) {
			w.failf("%s: all has been well for %v, and %d reports wait", m.name, w.calm(), n)
		}
	}
}

// mustGiveBack: the last window of a machine gives the floating seat back.
func (w *world) mustGiveBack(m *machine, session string) {
	for _, s := range w.srv.Sessions() {
		if s.ID == session {
			w.failf("%s: the last window is closed, and its seat is still taken", m.name)
		}
	}
}

// mustObey: whoever has heard that the licence is switched off is locked out.
func (w *world) mustObey(m *machine, win *window) {
	m.mu.Lock()
	off := win.wire.off && win.wire.of.off
	m.mu.Unlock()
	if d := win.Decision(); off && d.State != enforcement.Locked && len(m.windows) == 1 {
		w.failf("%s: the last answer said that the licence is switched off, and the state is %v, %v", m.name, d.State, d.Cause)
	}
}

// mustCount: the server never has more seats or sessions than it grants, and no
// machine has two.
func (w *world) mustCount() {
	if !w.floating {
		return
	}
	open := w.srv.Sessions()
	if n := len(open); w.limit >= w.seats && n > max(w.limit, w.seats) {
		w.failf("%d sessions are open, %d are granted", n, w.limit)
	}
}

// mustSeat: of a floating licence every seat is in use as long as somebody wants
// it, and only by those who run. It holds when two periods and an hour have been
// calm; what the vendor does is heard within two days.
func (w *world) mustSeat() {
	settled := max(time.Duration(2*w.session)*time.Minute, longestCheckout) + 70*time.Minute
	switch {
	case !w.floating, w.users, w.calm() < settled, w.now().Sub(w.acted) < 3*day:
		return
	}
	wanted, holders, blind, book := 0, 0, 0, map[string]bool{}
	for _, s := range w.srv.Sessions() {
		book[s.ID] = true
	}
	for _, m := range w.machines {
		win := m.any()
		if win == nil {
			continue
		}
		facts := win.Facts()
		switch {
		case m.wall.Load() != 0, m.troubledNow(), w.behind(win.wire.of, win.wire):
			return
		case win.License().IsZero(), win.License().FromFile(), !w.grants(win.wire.of, win.wire.version), !facts.Held():
			continue
		case w.rotated.Load() && win.wire.version != newVersion:
			blind++ // it asks for a seat, and cannot know that it has got one
			continue
		}
		wanted++
		if s := win.Session(); s.Held {
			if holders++; !book[s.ID] {
				w.failf("%s: it holds a seat that the server does not know of", m.name)
			}
			if d := win.Decision(); d.State != enforcement.Active {
				w.failf("%s: it has its seat, all has been well for %v, and it is %v, %v", m.name, settled, d.State, d.Cause)
			}
		}
	}
	if want := min(wanted, w.limit-blind); holders < want {
		w.failf("%d of %d machines that want a seat have one, %d are granted, all has been well for %v", holders, wanted, w.limit, w.now().Sub(w.disturbed))
	}
	if len(book) > holders+blind {
		w.failf("the server has %d sessions open, %d are held", len(book), holders)
	}
}

// mustNotOverspend: no more is consumed than there is. Off line each client knows
// only what it last heard to remain.
func (w *world) mustNotOverspend() {
	total, knowers := decimal.Zero, 1
	for _, m := range w.machines {
		if m.had.restored || m.had.troubled || m.had.renamed {
			return
		}
		total = total.Add(m.consumed)
		if w.offline {
			knowers += len(m.clients)
		}
	}
	if w.offline && knowers == 2 {
		knowers = 1
	}
	if most := decimal.NewFromInt(int64(w.consume * knowers)); total.GreaterThan(most) {
		w.failf("%v renders were granted, there are %v", total, most)
	}
}

// mustBeSecret: no key and no token in what people and programs get to read.
func (w *world) mustBeSecret(where, text string) {
	if text == "" {
		return
	}
	secrets := []string{goodKey, sharedKey, w.srv.ProvisioningKey()}
	for _, c := range w.srv.Clients() {
		secrets = append(secrets, c.TokenKeys...)
	}
	text = strings.ToLower(text)
	for _, s := range secrets {
		if len(s) > 0 && strings.Contains(text, strings.ToLower(s)) {
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
	for _, m := range w.machines {
		var users []string
		for _, c := range m.clients {
			if !slices.Contains(users, c.user) {
				users = append(users, c.user)
			}
		}
		slices.Sort(users)
		for _, u := range users {
			if w.shutAll(m); w.users { // who may work on one machine at a time
				for _, other := range w.machines {
					w.shutAll(other)
				}
			}
			m.becomes(u)
			if w.mustWork(m); w.failure != "" {
				return
			}
		}
	}
	w.mustBook()
	w.mustHoldAfter()
}

// mustWork: who enters a key that is good works, and what it has to tell is told.
func (w *world) mustWork(m *machine) {
	if w.open(m); w.failure != "" {
		return
	}
	win := m.any()
	synctestWait(time.Minute)
	behind := w.behind(m.client, win.wire)
	err := w.enter(m, win)
	if err != nil && behind { // the error says what helps
		w.person(m, win, step{do: deactivate})
		err = w.enter(m, win)
	}
	if err != nil {
		w.failf("%s: all is well, and the key is refused: %v", m.name, err)
		return
	}
	synctestWait(10 * time.Minute)
	if d := win.Decision(); d.State != enforcement.Active {
		w.failf("%s: all is well, and the state is %v, %v", m.name, d.State, d.Cause)
	}
	if !win.Allows("export") {
		w.failf("%s: all is well, and the feature export is not allowed", m.name)
	}
	err = w.within(m, "Flush", callLimit, win.Flush)
	if rejected := new(agent.RejectedError); err != nil && !errors.As(err, &rejected) {
		w.failf("%s: all is well, and reports are not delivered: %v", m.name, err)
	}
	if n := win.Queued(); n > 0 && n > w.waitForLater(m) {
		w.failf("%s: all is well, and %d reports are not delivered", m.name, n)
	}
}

// mustBook: usage, measurements and consumption on the server are what was
// acknowledged to the application, to the digit. Where an answer was lost or a
// folder restored, the server may have heard of a use twice, and never of less.
func (w *world) mustBook() {
	used, consumed, measured := decimal.Zero, decimal.Zero, decimal.Zero
	exact, whole := w.lost.Load() == 0, true
	for _, m := range w.machines {
		exact = exact && !m.had.troubled && !m.had.killed
	}
	for _, m := range w.machines {
		used, consumed, measured = used.Add(m.used), consumed.Add(m.consumed), measured.Add(decimal.NewFromInt(int64(m.measured)))
		whole = whole && !m.had.restored && !m.had.renamed
	}
	uses, taken := decimal.Zero, decimal.Zero
	for _, u := range w.srv.Usages() {
		uses = uses.Add(decimal.RequireFromString(u.Value))
	}
	for _, c := range w.srv.Consumptions(goodKey) {
		if c.Consumed != "" {
			taken = taken.Add(decimal.RequireFromString(c.Consumed))
		}
	}
	values := decimal.NewFromInt(int64(len(w.srv.Measurements())))
	if w.rejected.Load() > 0 { // what was booked off line by several is refused when it is too much
		consumed = decimal.Min(consumed, taken)
	}
	for _, b := range []struct {
		what         string
		server, told decimal.Decimal
	}{{"uses", uses, used}, {"measurements", values, measured}, {"renders", taken, consumed}} {
		switch {
		case !whole:
		case exact && !b.server.Equal(b.told):
			w.failf("the server knows of %v %s, %v were acknowledged", b.server, b.what, b.told)
		case b.server.LessThan(b.told):
			w.failf("the server knows of %v %s only, %v were acknowledged", b.server, b.what, b.told)
		}
	}
}

// plenty of seats are there when all is well.
const plenty = 50

// heal makes all well: the world as a vendor and its customers want it.
func (w *world) heal() {
	w.srv.ClearFaults()
	w.down.Store(false)
	w.panics.Store(false)
	w.setServer(0)
	w.resize(plenty)
	// Sessions from when the server's clock was ahead would last as long as it was.
	for _, v := range []verb{switchOn, renew, unlimit, once, diskFine, end} {
		w.do(step{do: v})
	}
	for _, m := range w.machines {
		for id, c := range m.clients {
			w.srv.Suspend(id, time.Time{})
			w.mu.Lock()
			c.banned = time.Time{}
			w.mu.Unlock()
		}
		m.wall.Store(0)
		m.mendRing(w)
		m.version = newVersion
	}
	// Sessions of processes that were killed lapse.
	w.pass(time.Hour)
	for _, m := range w.machines {
		w.shutAll(m)
	}
	w.sleep(2 * day)
	w.pass(time.Hour)
}

// ear collects the changes of state that a window is told.
type ear struct {
	mu    sync.Mutex
	state enforcement.State
	bad   string
	text  string
}

func listen(ctx context.Context, w *world, a *agent.Agent) *ear {
	e := &ear{state: a.Decision().State}
	events := a.Changes(ctx)
	go func() {
		for event := range events {
			switch c := event.(type) {
			case agent.StateChanged:
				e.hear(c)
			case agent.ReportRejected:
				w.rejected.Add(1)
			}
			w.diary.note("%T", event)
			text := fmt.Sprintf("%+v", event)
			e.mu.Lock()
			e.text += text
			e.mu.Unlock()
		}
	}()
	return e
}

// heard returns what was told since it was last called.
func (e *ear) heard() (text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	text, e.text = e.text, ""
	return text
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
