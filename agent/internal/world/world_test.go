package world

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing/synctest"
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/storage"
)

const (
	goodKey  = "0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978"
	wrongKey = "deadbeef-0000-4000-8000-00000000dead"

	sharedKey = "a secret that the server and its clients share"

	day = 24 * time.Hour

	// callLimit is how long a person waits for a call.
	callLimit = 30 * time.Second
)

var signingKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// world is everything in one story. Its methods that begin with a verb make one
// step; what goes wrong is said with failf, once.
type world struct {
	setting
	srv      *slasconetest.Server
	folder   string // of all machines
	machines []*machine
	log      *quiet

	asleep atomic.Int64 // for how long every machine has slept in all
	ahead  time.Duration
	down   atomic.Bool
	lost   atomic.Int64 // answers that took effect and were not heard
	limit  int          // sessions or tokens now

	mu      sync.Mutex // guards what the wires read of the vendor's acts
	off     bool
	expires time.Time

	failure string // the first truth that did not hold
}

// machine is a computer with one installation of the application.
type machine struct {
	name    string
	folder  string
	copies  int
	windows []*window
	wall    atomic.Int64 // by how much its clock is wrong
	version string
	saved   string // a copy of its folder

	used     decimal.Decimal // what Use has acknowledged
	consumed decimal.Decimal // what Consume has acknowledged
	had      struct{ wall, restored, killed, seated bool }
	wrongRun time.Duration // for how long it has run with a wrong clock
	restores int
	leads    int

	mu       sync.Mutex
	answers  map[string]bool // that it was given
	lastYes  time.Time       // when it last heard a yes for certain; true time
	denied   bool            // it may have heard a no since
	off      bool            // the last answer said that the licence is switched off
	licensed time.Duration   // for how long it ran unrestricted since it may have heard a yes
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

func newWorld(s setting, folder string) (*world, error) {
	w := &world{setting: s, folder: folder, limit: s.seats, log: &quiet{}}
	server := slasconetest.Config{Key: signingKey(), Now: w.now}
	if !s.rsa {
		server.Signing, server.HMACKey = slasconetest.SigningHMAC, sharedKey
	}
	srv, err := slasconetest.NewUnstarted(server)
	if err != nil {
		return nil, err
	}
	w.srv = srv
	w.expires = w.now().Add(2 * 365 * day)
	lic := slasconetest.License{
		Key: goodKey, Floating: s.floating, Freeride: new(s.freeride), Expires: w.expires, SessionPeriod: new(s.session), HeartbeatPeriod: new(1),
		Features:    []slasconetest.Feature{{Name: "export"}},
		Limitations: []slasconetest.Limitation{{Name: "renders", Value: fmt.Sprint(s.consume), Reset: slasconetest.ResetNever}},
	}
	if s.floating {
		lic.FloatingTokenLimit = new(s.seats)
	} else {
		lic.TokenLimit = new(s.seats)
	}
	srv.AddLicense(lic)
	for i := range s.machines {
		m := &machine{name: fmt.Sprintf("machine-%d", i+1), version: "1.4.2", answers: map[string]bool{}}
		m.folder = filepath.Join(folder, m.name)
		w.machines = append(w.machines, m)
	}
	return w, nil
}

// now is the true time.
func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.asleep.Load())) }

// grants reports whether the server would say yes to m now.
func (w *world) grants(*machine) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.off && w.srv.Now().Before(w.expires)
}

func (w *world) isOff() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.off
}

func (w *world) failf(format string, args ...any) {
	if w.failure == "" {
		w.failure = fmt.Sprintf(format, args...)
	}
}

func (w *world) config(m *machine, wire *wire) agent.Config {
	return agent.Config{
		Parts:     []agent.Part{agent.Usage(), agent.LicenseFiles()},
		ServerURL: "https://licences.example", ISVID: w.srv.ISV(), ProductID: w.srv.Products()[0].ID, ProvisioningKey: w.srv.ProvisioningKey(),
		Signature: w.signature(),
		App:       agent.App{Name: "Sketch", Version: m.version},
		DeviceID:  m.name, StateDir: filepath.Join(m.folder, "state"), Store: storage.KindFile,
		HTTPClient: &http.Client{Transport: wire},
		Logger:     slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Now: func() time.Time {
			return w.now().Add(time.Duration(m.wall.Load()))
		},
	}
}

func (w *world) signature() agent.Signature {
	if w.rsa {
		return agent.Signature{PublicKey: []byte(w.srv.PublicKeyPEM())}
	}
	return agent.Signature{SharedKey: sharedKey}
}

const maxWindows = 2

func (w *world) open(m *machine) {
	if len(m.windows) == maxWindows {
		return
	}
	win := &window{wire: &wire{world: w, on: m, dead: make(chan struct{})}, opened: time.Now()}
	m.mu.Lock()
	win.found = m.lastYes
	m.mu.Unlock()
	a, err := agent.New(w.config(m, win.wire))
	if err != nil {
		w.failf("%s: a window does not open: %v", m.name, err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	win.Agent, win.stop = a, stop
	win.ear = listen(ctx, a)
	if err := a.Start(ctx); err != nil {
		w.failf("%s: Start: %v", m.name, err)
	}
	m.windows = append(m.windows, win)
}

// shut closes the last window of a machine.
func (w *world) shut(m *machine) {
	if len(m.windows) == 0 {
		return
	}
	win := m.windows[len(m.windows)-1]
	m.windows = m.windows[:len(m.windows)-1]
	w.within(m, "Close", callLimit, func(ctx context.Context) error { return win.Close(ctx) })
	win.stop()
}

// kill ends all processes of a machine at once; see the package's doc.
func (w *world) kill(m *machine) {
	if len(m.windows) == 0 {
		return
	}
	m.copies++
	next := filepath.Join(w.folder, fmt.Sprintf("%s.%d", m.name, m.copies))
	w.copyFolder(m.folder, next)
	m.folder, m.had.killed = next, true
	for _, win := range m.windows {
		close(win.wire.dead)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		_ = win.Close(ctx) // in a folder that nobody looks at any more
		cancel()
		win.stop()
	}
	m.windows = nil
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

func (w *world) copyFolder(from, to string) {
	if _, err := os.Stat(from); err != nil {
		return // nothing was kept yet
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		w.failf("a folder cannot be copied: %v", err)
	}
}

// within makes a call and wants it to end in time and to tell no secret.
func (w *world) within(m *machine, call string, limit time.Duration, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	began := time.Now()
	err := f(ctx)
	if took := time.Since(began); took > limit+5*time.Second {
		w.failf("%s: %s took %v, its context allowed %v", m.name, call, took, limit)
	}
	if err != nil {
		w.mustBeSecret(call, err.Error())
	}
	return err
}

// any returns a machine's first window, nil without one.
func (m *machine) any() *window {
	if len(m.windows) == 0 {
		return nil
	}
	return m.windows[0]
}

// do makes one step.
func (w *world) do(s step) {
	m := w.machines[s.on]
	switch s.do {
	case pass:
		w.pass(s.span)
	case suspend:
		w.asleep.Add(int64(s.span))
		time.Sleep(2 * time.Minute) // until they notice
		synctest.Wait()
	case open:
		w.open(m)
	case shut:
		w.shut(m)
	case kill:
		w.kill(m)
	case killAsking:
		w.killAsking(m)
	case renew:
		w.license(func(l *slasconetest.License) { l.Expires = w.now().Add(365 * day) })
	case expire:
		w.license(func(l *slasconetest.License) { l.Expires = w.now().Add(-time.Minute) })
	case switchOff, switchOn:
		w.license(func(l *slasconetest.License) { l.Inactive = s.do == switchOff })
	case upgrade:
		w.license(func(l *slasconetest.License) { l.Edition += "+" })
	case resize:
		w.resize(s.n)
	case forget:
		w.srv.ForgetClient(m.name)
	case down, up:
		w.down.Store(s.do == down)
	case fault:
		w.srv.Inject(faults[s.n].Fault)
		if faults[s.n].lost {
			w.lost.Add(1)
		}
	case replay:
		w.srv.Inject(slasconetest.Fault{Kind: slasconetest.FaultReplay, Endpoint: slasconetest.Heartbeat, Back: s.n, Times: 3})
	case serverOff:
		w.setServer(s.span)
	case serverFine:
		w.setServer(0)
	case wallOff:
		m.wall.Store(int64(s.span))
		m.had.wall, m.leads = true, m.leads+1
	case wallFine:
		m.wall.Store(0)
	case backup:
		m.saved = filepath.Join(w.folder, fmt.Sprintf("%s.saved.%d", m.name, m.copies))
		m.copies++
		w.copyFolder(m.folder, m.saved)
	case restore:
		w.restore(m)
	default:
		if win := m.any(); win != nil {
			w.person(m, win, s)
		}
	}
	synctest.Wait()
}

// person does what somebody before a window does.
func (w *world) person(m *machine, win *window, s step) {
	switch s.do {
	case activate:
		_ = w.within(m, "Activate", callLimit, func(ctx context.Context) error {
			_, err := win.Activate(ctx, goodKey)
			return err
		})
	case mistype:
		if w.within(m, "Activate", callLimit, func(ctx context.Context) error {
			_, err := win.Activate(ctx, wrongKey)
			return err
		}) == nil {
			w.failf("%s: a wrong key was accepted", m.name)
		}
	case refresh:
		_ = w.within(m, "Refresh", callLimit, func(ctx context.Context) error {
			_, err := win.Heartbeat(ctx)
			return err
		})
	case use:
		if w.within(m, "Use", callLimit, func(ctx context.Context) error {
			return win.UseAmount(ctx, "export", decimal.NewFromInt(int64(s.n)))
		}) == nil {
			m.used = m.used.Add(decimal.NewFromInt(int64(s.n)))
		}
	case take:
		if w.within(m, "Consume", callLimit, func(ctx context.Context) error {
			_, err := win.Consume(ctx, "renders", decimal.NewFromInt(int64(s.n)))
			return err
		}) == nil {
			m.consumed = m.consumed.Add(decimal.NewFromInt(int64(s.n)))
		}
	case deactivate:
		m.mu.Lock()
		m.denied = true
		m.mu.Unlock()
		_ = w.within(m, "Deactivate", callLimit, func(ctx context.Context) error {
			_, err := win.Deactivate(ctx)
			return err
		})
	case update:
		m.version = "1.5.0" // the next window is of it
	}
}

func (w *world) license(change func(*slasconetest.License)) {
	var after slasconetest.License
	w.srv.UpdateLicense(goodKey, func(l *slasconetest.License) {
		change(l)
		after = *l
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	w.off, w.expires = after.Inactive, after.Expires
}

func (w *world) resize(n int) {
	w.limit = n
	w.license(func(l *slasconetest.License) {
		if w.floating {
			l.FloatingTokenLimit = new(n)
		} else {
			l.TokenLimit = new(n)
		}
	})
}

func (w *world) setServer(ahead time.Duration) {
	w.srv.Advance(ahead - w.ahead)
	w.ahead = ahead
}

func (w *world) restore(m *machine) {
	if m.saved == "" {
		return
	}
	for len(m.windows) > 0 {
		w.shut(m)
	}
	m.copies++
	next := filepath.Join(w.folder, fmt.Sprintf("%s.%d", m.name, m.copies))
	w.copyFolder(m.saved, next)
	m.folder, m.had.restored = next, true
	m.restores++
}

// look is how often the truths are checked while time passes.
const look = 5 * time.Minute

// pass lets time pass, and adds up for how long each machine ran unrestricted.
func (w *world) pass(span time.Duration) {
	for left := span; left > 0 && w.failure == ""; left -= look {
		d := min(look, left)
		before := w.unrestricted()
		time.Sleep(d)
		synctest.Wait()
		for i, ok := range w.unrestricted() {
			m := w.machines[i]
			if ok && before[i] {
				m.mu.Lock()
				m.licensed += d
				m.mu.Unlock()
			}
			if len(m.windows) > 0 && m.wall.Load() != 0 {
				m.wrongRun += d
			}
		}
		w.mustHold()
	}
}

// close ends everything.
func (w *world) close() {
	for _, m := range w.machines {
		for len(m.windows) > 0 {
			w.shut(m)
		}
	}
	_ = w.srv.Close()
}

// quiet keeps what is logged, to be searched for secrets.
type quiet struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (q *quiet) Write(p []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.text.Write(p)
}

func (q *quiet) take() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	defer q.text.Reset()
	return q.text.String()
}
