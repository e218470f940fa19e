package world

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing/synctest"
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
	"github.com/leasehold-dev/leasehold/storage/storagetest"
)

// people are who can sign in, where a licence counts users.
var people = []string{"ann@example.com", "ben@example.com", "cas@example.com"}

// machine is a computer with one installation of the application.
type machine struct {
	name     string
	device   string // its ID
	folder   string
	copies   int
	windows  []*window
	wall     atomic.Int64 // by how much its clock is wrong
	version  string
	saved    string // a copy of its folder
	ring     *storagetest.Keyring
	savedSet map[string]string // a copy of what is in its keyring
	savedOf  map[*client]accepted
	release  func() // ends that its keyring hangs
	away     bool   // its folder is out of reach
	frozen   bool   // its folder can be read only

	used     decimal.Decimal // what Use has acknowledged
	consumed decimal.Decimal // what Consume has acknowledged
	measured int             // how often Measure has acknowledged
	had      struct{ wall, ahead, restored, troubled, killed, renamed, former bool }
	spent    time.Time     // when something to report was last acknowledged
	unkept   bool          // what is learned may not be kept
	wrongRun time.Duration // for how long it has run with a wrong clock
	restores int
	leads    int
	line     time.Time // the trusted time that it kept last for certain; guarded by mu
	slow     bool      // the last answer was of a server that is behind, and so may its time be; likewise

	clients map[string]*client // by ID
	client  *client            // who is signed in
	mu      sync.Mutex         // guards what follows it in clients
}

// client is an installation, or a user on it, and what it has heard.
type client struct {
	id, user string
	opened   bool      // a window of it was ever opened
	banned   time.Time // until when it is suspended; guarded by the world's lock
	ends     time.Time // when the licence file ends that it holds, while filed

	answers  map[string]time.Time // that it was given, and when
	lastYes  time.Time            // when it last heard a yes for certain; true time
	kept     time.Time            // likewise, and could keep it
	answered time.Time            // when the server last told it of the licence
	renewed  time.Time            // until when the licence was good, as it heard then
	denied   bool                 // it may have heard a no since
	off      bool                 // the last answer said that the licence is switched off
	offKept  bool                 // and could be kept
	filed    bool                 // the licence is held from a file
	given    bool                 // the licence was given back, and nothing was answered since
	along    string               // the session that was taken along with the last answer about it, by its ID: it stays taken
	accepted accepted             // the dates of its answers
	later    int                  // reports that a later version has queued, since it wrote the record
	licensed time.Duration        // for how long it ran unrestricted since it may have heard a yes
}

// window is a running process of the application.
type window struct {
	*agent.Agent
	wire   *wire
	stop   context.CancelFunc
	opened time.Time
	found  time.Time // the machine's last yes when it opened
	ear    *ear
}

func newMachine(w *world, i int) *machine {
	m := &machine{name: fmt.Sprintf("machine-%d", i+1), version: oldVersion, clients: map[string]*client{}}
	m.device, m.folder = m.name, filepath.Join(w.folder, m.name)
	if w.keyring {
		m.ring = &storagetest.Keyring{}
	}
	user := ""
	if w.users {
		user = people[0]
	}
	m.becomes(user)
	return m
}

// becomes makes a user of the machine's device the client.
func (m *machine) becomes(user string) {
	id := m.device
	if user != "" {
		id += "/" + user
	}
	if m.clients[id] == nil {
		m.clients[id] = &client{id: id, user: user, answers: map[string]time.Time{}}
	}
	m.client = m.clients[id]
}

func (w *world) config(m *machine, wire *wire) agent.Config {
	c := agent.Config{
		Parts:     []agent.Part{agent.Usage(), agent.LicenseFiles()},
		ServerURL: "https://licences.example", ISVID: w.srv.ISV(), ProductID: w.srv.Products()[0].ID, ProvisioningKey: w.srv.ProvisioningKey(),
		Signature: w.signature(wire.version),
		App:       agent.App{Name: "Sketch", Version: wire.version},
		DeviceID:  m.device, UserID: wire.of.user, StateDir: filepath.Join(m.folder, "state"), Store: storage.KindFile,
		SuspendedConflict: suspended, ConsumeOffline: w.offline,
		HTTPClient: &http.Client{Transport: wire},
		Logger:     slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: w.level()})),
		Now: func() time.Time {
			return w.now().Add(time.Duration(m.wall.Load()))
		},
	}
	if m.ring != nil {
		c.Store, c.Keyring = storage.KindAuto, ring{m.ring, w}
	}
	return c
}

const (
	maxWindows = 2
	opening    = 97 // milliseconds that it takes at most
)

func (w *world) open(m *machine) {
	if len(m.windows) == maxWindows {
		return
	}
	// What several do every minute they do one after the other then, in the same
	// order each time.
	w.opened++
	time.Sleep(time.Duration(w.opened%opening) * time.Millisecond)
	c := m.client
	win := &window{wire: &wire{world: w, on: m, of: c, version: m.version, dead: make(chan struct{})}, opened: time.Now()}
	m.mu.Lock()
	win.found = c.kept
	win.wire.off, win.wire.denied = c.off && c.offKept, c.denied
	m.mu.Unlock()
	a, err := agent.New(w.config(m, win.wire))
	if err != nil {
		w.failf("%s: a window does not open: %v", m.name, err)
		return
	}
	if d := a.Decision(); !c.opened && d.State != enforcement.Locked {
		w.failf("%s: %s has never asked for a licence, and is %v", m.name, c.id, d.State)
	}
	c.opened = true
	ctx, stop := context.WithCancel(context.Background())
	win.Agent, win.stop = a, stop
	win.ear = listen(ctx, w, a)
	if err := a.Start(ctx); err != nil {
		w.failf("%s: Start: %v", m.name, err)
	}
	m.windows = append(m.windows, win)
}

// open1 opens a window where there is none.
func (w *world) open1(m *machine) {
	if len(m.windows) == 0 {
		w.open(m)
	}
}

// shut closes the last window of a machine.
func (w *world) shut(m *machine) {
	if len(m.windows) == 0 {
		return
	}
	win := m.windows[len(m.windows)-1]
	m.windows = m.windows[:len(m.windows)-1]
	held, ahead, now := win.Session(), win.Facts().Clock.AheadOf, win.Now()
	for _, other := range m.windows { // which read what this one keeps with their next call
		if then := other.Now(); then.Before(now) {
			now = then
		}
	}
	err := w.within(m, "Close", callLimit, func(ctx context.Context) error { return win.Close(ctx) })
	synctest.Wait() // a store that hangs may outlive the call
	win.stop()
	if err == nil && m.wall.Load() == 0 && !m.troubledNow() && !win.License().IsZero() && time.Since(win.opened) > time.Minute {
		m.mu.Lock()
		m.line = w.now()
		if !ahead.IsZero() && ahead.Before(m.line) { // off line, after more than a day off: a clock that is as far ahead counts, and is not kept as certain
			m.line = ahead
		}
		if (m.slow || len(m.windows) > 0) && now.Before(m.line) {
			m.line = now
		}
		m.mu.Unlock()
	}
	if err == nil && held.Held && held.ID != m.client.along && len(m.windows) == 0 && w.well() && !m.troubledNow() && m.wall.Load() == 0 {
		w.mustGiveBack(m, held.ID)
	}
}

func (w *world) shutAll(m *machine) {
	for len(m.windows) > 0 {
		w.shut(m)
	}
}

// kill ends all processes of a machine at once; see the package's doc.
func (w *world) kill(m *machine) {
	if len(m.windows) == 0 {
		return
	}
	m.had.killed = true
	w.become(m, m.folder)
	if m.ring != nil {
		ring := &storagetest.Keyring{}
		ring.Restore(m.ring.Items())
		defer m.mendRing(w) // of the processes that are gone
		old, release := m.ring, m.release
		m.ring, m.release = ring, nil
		defer func() {
			old.Fail(nil)
			if release != nil {
				release()
			}
		}()
	}
	for _, win := range m.windows {
		win.wire.die()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		_ = win.Close(ctx) // in a folder that nobody looks at any more
		cancel()
		win.stop()
	}
	m.windows = nil
}

// become makes a copy of a folder the machine's.
func (w *world) become(m *machine, from string) {
	m.copies++
	next := filepath.Join(w.folder, fmt.Sprintf("%s.%d", m.name, m.copies))
	if away := m.away; away {
		if from == m.folder {
			from += ".away"
		}
		defer func() { m.away = false; m.unplug(w) }()
	}
	if m.frozen {
		m.frozen = false
		defer m.freeze(w)
	}
	w.copyFolder(from, next)
	m.folder = next
}

// killAsking kills a machine's application when the server has answered and it
// has not heard the answer.
func (w *world) killAsking(m *machine) {
	if len(m.windows) == 0 {
		return
	}
	win := m.windows[0]
	win.wire.mu.Lock()
	win.wire.gate = true
	win.wire.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		ctx, cancel := context.WithTimeout(context.Background(), callLimit)
		defer cancel()
		_, _ = win.Heartbeat(ctx)
	}()
	time.Sleep(time.Second)
	synctest.Wait()
	w.kill(m)
	<-done
}

// cross has a second window hear a newer answer before the first hears its own.
func (w *world) cross(m *machine) {
	if len(m.windows) < 2 || w.down.Load() || len(w.srv.Faults()) > 0 {
		return
	}
	hold := make(chan struct{})
	first, second := m.windows[0], m.windows[1]
	first.wire.mu.Lock()
	first.wire.hold = hold
	first.wire.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = w.within(m, "Heartbeat", callLimit, func(ctx context.Context) error { _, err := first.Heartbeat(ctx); return err })
	}()
	time.Sleep(2 * time.Second)
	synctest.Wait()
	was := w.isOff()
	w.license(func(l *slasconetest.License) { l.Inactive = !was })
	w.acted = w.now()
	_ = w.within(m, "Heartbeat", callLimit, func(ctx context.Context) error { _, err := second.Heartbeat(ctx); return err })
	close(hold)
	<-done
	first.wire.mu.Lock()
	first.wire.hold = nil
	first.wire.mu.Unlock()
}

// copyFolder copies what there is.
func (w *world) copyFolder(from, to string) {
	full := w.full
	w.fill(false)
	defer w.fill(full)
	if _, err := os.Stat(from); err != nil {
		return // nothing was kept yet
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		w.failf("a folder cannot be copied: %v", err)
	}
}

// any returns a machine's first window, nil without one.
func (m *machine) any() *window {
	if len(m.windows) == 0 {
		return nil
	}
	return m.windows[0]
}

// forgets says that what the machine keeps is what it kept once.
func (m *machine) forgets() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.had.restored, m.line = true, time.Time{}
	m.restores++
	for _, c := range m.clients {
		c.off, c.kept, c.filed, c.given, c.later = false, time.Time{}, false, false, 0
		if then := m.savedOf[c]; then.newest.After(c.accepted.newest.Time) {
			c.accepted = then
		}
	}
}

func (w *world) backup(m *machine) {
	if m.away {
		return
	}
	m.copies++
	m.saved = filepath.Join(w.folder, fmt.Sprintf("%s.saved.%d", m.name, m.copies))
	w.copyFolder(m.folder, m.saved)
	if m.ring != nil {
		m.savedSet = m.ring.Items()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.savedOf = map[*client]accepted{}
	for _, c := range m.clients {
		m.savedOf[c] = c.accepted
	}
}

func (w *world) restore(m *machine) {
	if m.saved == "" {
		return
	}
	w.shutAll(m)
	w.become(m, m.saved)
	if m.ring != nil {
		m.ring.Restore(m.savedSet)
	}
	m.forgets()
}

// files lists the files below a folder, in order.
func files(folder string) (list []string) {
	_ = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			rel, _ := filepath.Rel(folder, path)
			list = append(list, rel)
		}
		return nil
	})
	slices.Sort(list)
	return list
}

// patch puts every n-th file back to what it was, and takes it away where it was
// not there yet; a keyring's items stay.
func (w *world) patch(m *machine, n int) {
	if m.saved == "" || m.away || m.frozen || w.full {
		return
	}
	w.shutAll(m)
	for i, name := range files(m.folder) {
		if (i+1)%n != 0 {
			continue
		}
		data, err := os.ReadFile(filepath.Join(m.saved, name))
		if err != nil {
			_ = os.Remove(filepath.Join(m.folder, name))
			continue
		}
		if err := os.WriteFile(filepath.Join(m.folder, name), data, 0o600); err != nil {
			w.failf("%v", err)
		}
	}
	m.forgets()
}

// shred spoils the n-th file.
func (w *world) shred(m *machine, n int) {
	if m.away || m.frozen || w.full {
		return
	}
	w.shutAll(m)
	list := files(m.folder)
	if len(list) == 0 {
		return
	}
	path := filepath.Join(m.folder, list[n%len(list)])
	data, err := os.ReadFile(path)
	if err != nil || len(data) == 0 {
		return
	}
	data[len(data)/2] ^= 0x55
	if err := os.WriteFile(path, data, 0o600); err != nil {
		w.failf("%v", err)
	}
	m.forgets()
}

// unplug takes the machine's folder away: a file is in its place.
func (m *machine) unplug(w *world) {
	if m.away || m.frozen {
		return
	}
	full := w.full
	w.fill(false)
	defer w.fill(full)
	if err := os.Rename(m.folder, m.folder+".away"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.failf("%v", err)
	}
	if err := os.WriteFile(m.folder, nil, 0o600); err != nil {
		w.failf("%v", err)
	}
	m.away = true
	m.troubled()
	m.forgets()
}

func (m *machine) troubledNow() bool { return m.away || m.unkept || m.release != nil }

func (m *machine) plug(w *world) {
	m.thaw(w)
	if !m.away {
		return
	}
	m.away = false
	if err := os.Remove(m.folder); err != nil {
		w.failf("%v", err)
	}
	if err := os.Rename(m.folder+".away", m.folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.failf("%v", err)
	}
	m.calm(w)
}

// troubled says that what is learned from now on may not be kept.
func (m *machine) troubled() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.unkept {
		m.restores++
	}
	m.unkept, m.had.troubled = true, true
	for _, c := range m.clients {
		c.filed = false
	}
}

// calm says that there is no such trouble any more. What was not kept is still
// unknown to the next process.
func (m *machine) calm(w *world) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away || m.frozen || w.full || m.release != nil {
		return
	}
	m.unkept = false
	for _, c := range m.clients {
		if c.kept != c.lastYes {
			c.kept = time.Time{}
		}
	}
}

// fill makes every disk full, or not.
func (w *world) fill(full bool) {
	if full == w.full || !fillDisks(full) {
		return
	}
	w.full = full
	for _, m := range w.machines {
		if full {
			m.troubled()
		} else {
			m.calm(w)
		}
	}
}

// spoilRing takes the keyring away, in one of the ways in which keyrings go.
func (m *machine) spoilRing(n int) {
	if m.ring == nil || m.release != nil {
		return
	}
	m.troubled()
	switch n {
	case 1:
		m.release = m.ring.Hang()
	case 2:
		m.ring.Restore(nil)
		m.forgets()
		m.release = func() {}
	default:
		ring := m.ring
		ring.Fail(errors.New("the keyring: " + ringSays(n)))
		m.release = func() { ring.Fail(nil) }
	}
}

func (m *machine) mendRing(w *world) {
	if m.release != nil {
		m.release()
		m.release = nil
		m.mu.Lock()
		m.unkept = m.away || m.frozen || w.full
		for _, c := range m.clients {
			c.kept = time.Time{}
		}
		m.mu.Unlock()
	}
}

// rename gives the machine another device ID.
func (w *world) rename(m *machine) {
	w.shutAll(m)
	m.device += "'"
	m.line = time.Time{}
	m.had.renamed = true
	m.becomes(m.client.user)
}

// signIn has somebody else sign in.
func (w *world) signIn(m *machine, n int) {
	if !w.users {
		return
	}
	w.shutAll(m)
	m.line = time.Time{} // each user's state is apart
	m.becomes(people[n%len(people)])
	w.open(m)
}

// move gives the seat of a machine back, and takes it on the next.
func (w *world) move(on int) {
	from, to := w.machines[on], w.machines[(on+1)%len(w.machines)]
	w.open1(from)
	w.open1(to)
	if from.any() == nil || to.any() == nil {
		return
	}
	w.person(from, from.any(), step{do: deactivate})
	w.person(to, to.any(), step{do: activate})
}

// longestCheckout is for how long a floating seat is taken along.
const longestCheckout = 2 * time.Hour

// person does what somebody before a window does.
func (w *world) person(m *machine, win *window, s step) {
	amount := decimal.NewFromInt(int64(s.n))
	switch s.do {
	case activate:
		w.mustDoubt(m, win, "Activate", func() error { return w.enter(m, win) })
	case mistype:
		if w.within(m, "Activate", callLimit, func(ctx context.Context) error {
			_, err := win.Activate(ctx, wrongKey)
			return err
		}) == nil {
			w.failf("%s: a wrong key was accepted", m.name)
		}
	case refresh:
		w.mustDoubt(m, win, "Heartbeat", func() error {
			return w.within(m, "Heartbeat", callLimit, func(ctx context.Context) error {
				_, err := win.Heartbeat(ctx)
				return err
			})
		})
	case use:
		if w.within(m, "Use", callLimit, func(ctx context.Context) error { return win.UseAmount(ctx, "export", amount) }) == nil {
			m.used, m.spent = m.used.Add(amount), w.now()
		}
	case measure:
		if w.within(m, "Measure", callLimit, func(ctx context.Context) error { return win.Measure(ctx, field, "7") }) == nil {
			m.measured++
			m.spent = w.now()
		}
	case take:
		if w.within(m, "Consume", callLimit, func(ctx context.Context) error {
			_, err := win.Consume(ctx, "renders", amount)
			return err
		}) == nil {
			m.consumed, m.spent = m.consumed.Add(amount), w.now()
		}
	case deactivate:
		m.mu.Lock()
		m.client.denied, m.client.filed = true, false
		for _, other := range m.windows {
			other.wire.denied = true
		}
		m.mu.Unlock()
		if w.within(m, "Deactivate", callLimit, func(ctx context.Context) error {
			_, err := win.Deactivate(ctx)
			return err
		}) == nil {
			m.mu.Lock()
			m.client.given = !m.unkept
			for _, other := range m.windows {
				other.wire.starts()
			}
			m.mu.Unlock()
		}
		if win.License().IsZero() {
			m.client.later = 0 // what is given up is forgotten
		}
	case importFile:
		w.importFile(m, win)
	case checkOut:
		_ = w.within(m, "OpenSession", callLimit, func(ctx context.Context) error {
			_, err := win.OpenSession(ctx, time.Duration(s.n%2)*longestCheckout)
			return err
		})
	case giveSeat:
		_ = w.within(m, "CloseSession", callLimit, func(ctx context.Context) error {
			_, err := win.CloseSession(ctx)
			return err
		})
	}
}

// enter has a person enter the key that is good.
func (w *world) enter(m *machine, win *window) error {
	anew := func(is bool) {
		m.mu.Lock()
		defer m.mu.Unlock()
		win.wire.anew = is
	}
	anew(win.License().IsZero())
	defer anew(false)
	return w.within(m, "Activate", callLimit, func(ctx context.Context) error {
		_, err := win.Activate(ctx, goodKey)
		return err
	})
}

// importFile imports a file that the vendor makes for the client.
func (w *world) importFile(m *machine, win *window) {
	if !w.rsa || w.rotated.Load() && win.wire.version != newVersion {
		return
	}
	file := func() (data []byte) {
		defer func() { _ = recover() }() // there is no seat
		return w.srv.LicenseFile(goodKey, m.client.id)
	}()
	if file == nil {
		return
	}
	w.mu.Lock()
	ends := w.expires
	w.mu.Unlock()
	if w.within(m, "ImportFile", callLimit, func(ctx context.Context) error {
		_, err := win.ImportFile(ctx, file)
		return err
	}) == nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.client.given = false
		m.client.accepted.believes(date{w.srv.Now(), w.now(), time.Now(), win.wire}) // as of when the vendor has signed it
		m.client.filed, m.client.ends, m.client.licensed, m.client.off = !m.unkept, ends, 0, false
		m.client.denied = true // by the server it was granted nothing
	}
}
