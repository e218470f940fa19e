package world

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

const (
	goodKey  = "0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978"
	wrongKey = "deadbeef-0000-4000-8000-00000000dead"

	sharedKey = "a secret that the server and its clients share"
	field     = "5d0c7c4e-3f0a-4a51-9a3f-0a6d1f1b2c3d" // of measurements

	oldVersion, newVersion = "1.4.2", "1.5.0"

	suspended = 2998 // the conflict of a client that is

	day = 24 * time.Hour

	// callLimit is how long a person waits for a call.
	callLimit = 30 * time.Second
)

// signingKeys are the vendor's, the second of which he makes later.
var signingKeys = sync.OnceValue(func() (keys [2]*rsa.PrivateKey) {
	for i := range keys {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		keys[i] = key
	}
	return keys
})

// world is everything in one story. Its methods that begin with a verb make one
// step; what goes wrong is said with failf, once.
type world struct {
	setting
	srv      *slasconetest.Server
	keys     []string // the vendor's public keys: the one that the old version knows, and both
	folder   string   // of all machines
	machines []*machine
	log      *quiet
	diary    *diary // nil: nobody reads it

	asleep   atomic.Int64  // for how long every machine has slept in all
	ahead    time.Duration // of the server's clock
	furthest time.Duration // it has ever been
	down     atomic.Bool
	late     atomic.Bool  // the server's clock is behind
	stale    atomic.Bool  // every other answer is a node's that is behind
	doubled  atomic.Bool  // requests arrive twice
	panics   atomic.Bool  // the next request panics
	rotated  atomic.Bool  // the server signs with the new key
	asked    atomic.Int64 // answers while stale
	lost     atomic.Int64 // answers that took effect and were not heard
	limit    int          // sessions or tokens now
	opened   int          // windows so far
	full     bool         // every disk is full
	cut      atomic.Pointer[cut]

	disturbed time.Time // when something last happened that is not the application's own doing
	acted     time.Time // when the vendor last did something
	woke      time.Time // when the machines last did, or a clock was set: a clock set forward looks the same
	rejected  atomic.Int64

	mu      sync.Mutex // guards what the wires read of the vendor's acts
	off     bool
	only14  bool // the licence does not cover the new version
	expires time.Time

	failure string // the first truth that did not hold
}

func newWorld(t *testing.T, s setting, folder string) (*world, error) {
	w := &world{setting: s, folder: folder, limit: s.seats, log: &quiet{}}
	w.seeded(t)
	server := slasconetest.Config{
		Key: signingKeys()[0], Now: w.now, SuspendedConflict: suspended, NoControl: true,
		Products: []slasconetest.Product{{ID: slasconetest.DemoProduct, Name: "Sketch", AnalyticalFields: map[string]string{field: "numeric"}}},
	}
	if !s.rsa {
		server.Signing, server.HMACKey = slasconetest.SigningHMAC, sharedKey
	}
	srv, err := slasconetest.NewUnstarted(server)
	if err != nil {
		return nil, err
	}
	w.srv = srv
	w.keys = []string{srv.PublicKeyPEM()}
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
	if s.users {
		lic.ForUsers = true
		for _, u := range people {
			lic.Users = append(lic.Users, slasconetest.User{ID: u})
		}
	}
	srv.AddLicense(lic)
	for i := range s.machines {
		w.machines = append(w.machines, newMachine(w, i))
	}
	w.disturbed, w.acted = w.now(), w.now()
	return w, nil
}

// now is the true time.
func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.asleep.Load())) }

// well reports that server and network are as they should be.
func (w *world) well() bool {
	return w.ahead == 0 && !w.down.Load() && !w.stale.Load() && !w.doubled.Load() && !w.full && !w.panics.Load() && len(w.srv.Faults()) == 0
}

// calm is for how long all has been well, and nothing has happened but what the
// application did; zero when it is not.
func (w *world) calm() time.Duration {
	if !w.well() {
		return 0
	}
	return w.now().Sub(w.disturbed)
}

// grants reports whether the server would say yes to a client now.
func (w *world) grants(c *client, version string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	now, covered := w.srv.Now(), !w.only14 || version != newVersion
	return !w.off && now.Before(w.expires) && covered && !now.Before(c.banned)
}

func (w *world) isOff() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.off
}

// until is when the licence ends.
func (w *world) until() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.expires
}

func (w *world) failf(format string, args ...any) {
	if w.failure == "" {
		w.failure = fmt.Sprintf(format, args...)
	}
}

func (w *world) signature(version string) agent.Signature {
	if w.rsa {
		key := w.keys[0]
		if version == newVersion { // which comes with the key that the vendor will sign with, or has begun to
			key = bothKeys()
		}
		return agent.Signature{PublicKey: []byte(key)}
	}
	return agent.Signature{SharedKey: sharedKey}
}

// bothKeys are the vendor's public keys as an application knows them that came after the second.
var bothKeys = sync.OnceValue(func() (text string) {
	for _, key := range signingKeys() {
		srv, err := slasconetest.NewUnstarted(slasconetest.Config{Key: key})
		if err != nil {
			panic(err)
		}
		text += srv.PublicKeyPEM()
		_ = srv.Close()
	}
	return text
})

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
		w.mustBeSecret("the error of "+call, err.Error())
	}
	return err
}

// do makes one step. It is long because it is a list of what can happen.
func (w *world) do(s step) {
	m := w.machines[s.on]
	switch s.do {
	case pass, office, use, measure, take, refresh:
	default:
		w.disturbed = w.now()
	}
	switch s.do {
	case pass:
		w.pass(s.span)
	case suspend:
		w.sleep(s.span)
	case office:
		w.work(s.span)
	case open:
		w.open(m)
	case shut:
		w.shut(m)
	case kill:
		w.kill(m)
	case killAsking:
		w.killAsking(m)
	case killWriting:
		w.killWriting(m, s.n)
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
	case node:
		w.stale.Store(true)
		w.lost.Add(1)
	case twice:
		w.doubled.Store(true)
		w.lost.Add(1)
	case once:
		w.stale.Store(false)
		w.doubled.Store(false)
	case panics:
		w.panics.Store(true)
	case cross:
		w.cross(m)
	case wallOff:
		if s.span > 0 {
			m.had.ahead = true
		}
		m.wall.Store(int64(s.span))
		m.had.wall, m.leads = true, m.leads+1
		w.woke = time.Now()
	case wallFine:
		m.wall.Store(0)
		w.woke = time.Now()
	case backup:
		w.backup(m)
	case restore:
		w.restore(m)
	case patch:
		w.patch(m, s.n)
	case shred:
		w.shred(m, s.n)
	case diskGone:
		m.unplug(w)
	case diskFull:
		w.fill(true)
	case diskFine:
		w.fill(false)
		for _, m := range w.machines {
			m.plug(w)
		}
	case ringBad:
		m.spoilRing(s.n)
	case ringFine:
		m.mendRing(w)
	case rename:
		w.rename(m)
	case former:
		w.former(m)
	case later:
		w.later(m)
	case readOnly:
		m.freeze(w)
	case signIn:
		w.signIn(m, s.n)
	case move:
		w.move(s.on)
	case update, downgrade: // the next window is of it
		if m.version = newVersion; s.do == downgrade {
			m.version = oldVersion
		}
	default:
		if !w.vendor(m, s) {
			if win := m.any(); win != nil {
				w.person(m, win, s)
			}
		}
	}
	synctest.Wait()
}

// vendor does what the vendor does, and reports whether s is of that kind.
func (w *world) vendor(m *machine, s step) bool {
	switch s.do {
	case renew:
		w.license(func(l *slasconetest.License) { l.Expires = w.now().Add(365 * day) })
	case expire:
		w.license(func(l *slasconetest.License) { l.Expires = w.now().Add(-time.Minute) })
	case switchOff, switchOn:
		w.license(func(l *slasconetest.License) { l.Inactive = s.do == switchOff })
	case upgrade:
		w.license(func(l *slasconetest.License) { l.Edition += "+" })
	case release, unlimit:
		w.license(func(l *slasconetest.License) {
			if l.ReleaseLimit = ""; s.do == release {
				l.ReleaseLimit = "1.4"
			}
		})
	case resize:
		w.resize(s.n)
	case raise:
		w.consume += s.n
		w.license(func(l *slasconetest.License) { l.Limitations[0].Value = fmt.Sprint(w.consume) })
	case forget:
		w.srv.ForgetClient(m.client.id)
	case ban:
		until := w.srv.Now().Add(2 * day)
		if w.srv.Suspend(m.client.id, until) {
			w.mu.Lock()
			m.client.banned = until
			w.mu.Unlock()
		}
	case rotate:
		if w.rsa && !w.rotated.Load() {
			w.srv.SetKey(signingKeys()[1])
			w.rotated.Store(true)
		}
	case end:
		for _, s := range w.srv.Sessions() {
			w.srv.EndSession(s.ID)
		}
	default:
		return false
	}
	w.acted = w.now()
	return true
}

func (w *world) license(change func(*slasconetest.License)) {
	var after slasconetest.License
	w.srv.UpdateLicense(goodKey, func(l *slasconetest.License) {
		change(l)
		after = *l
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	w.off, w.expires, w.only14 = after.Inactive, after.Expires, after.ReleaseLimit != ""
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
	w.late.Store(ahead < 0)
	w.ahead, w.furthest = ahead, max(w.furthest, ahead)
}

// look is how often the truths are checked while time passes.
const look = 5 * time.Minute

// pass lets time pass, and adds up for how long each machine ran unrestricted.
// Where a decision is to change within a look, it looks at that very moment.
func (w *world) pass(span time.Duration) {
	for left := span; left > 0 && w.failure == ""; {
		d := min(look, left)
		if change := w.nextChange(); change <= d {
			d = change + time.Second
		}
		left -= d
		before := w.unrestricted()
		time.Sleep(d)
		synctest.Wait()
		w.mustRing()
		for i, ok := range w.unrestricted() {
			m := w.machines[i]
			if ok && before[i] {
				m.mu.Lock()
				m.client.licensed += d
				m.mu.Unlock()
			}
			if len(m.windows) > 0 {
				figures.running.Add(int64(d.Seconds()))
				if m.wall.Load() != 0 {
					m.wrongRun += d
				}
			}
		}
		w.mustHold()
	}
}

// nextChange is in how long the next decision changes by itself.
func (w *world) nextChange() time.Duration {
	next := look + time.Second
	for _, m := range w.machines {
		for _, win := range m.windows {
			if at := win.Decision().Next.At; !at.IsZero() {
				if left := at.Sub(win.Now()); left > 0 {
					next = min(next, left)
				}
			}
		}
	}
	return next
}

// sleep has every machine sleep.
func (w *world) sleep(span time.Duration) {
	w.asleep.Add(int64(span))
	w.woke = time.Now()
	time.Sleep(2 * time.Minute) // until they notice
	synctest.Wait()
	w.disturbed = w.now()
}

// work lets days pass on which people work for half an hour: each day, or in a
// longer span once in three days, or in a week. They leave the application open over
// the night, mostly.
func (w *world) work(span time.Duration) {
	const hours = 30 * time.Minute
	every := day
	switch {
	case span > 120*day:
		every = 7 * day
	case span > 30*day:
		every = 3 * day
	}
	for n := 1; n <= int(span/every) && w.failure == ""; n++ {
		for _, m := range w.machines {
			w.open1(m)
		}
		w.pass(hours)
		if n%3 == 0 {
			for _, m := range w.machines {
				w.shut(m)
			}
		}
		w.sleep(every - hours - 2*time.Minute)
		w.mustHold()
	}
}

// close ends everything.
func (w *world) close() {
	w.fill(false)
	for _, m := range w.machines {
		m.plug(w)
		m.mendRing(w)
		for len(m.windows) > 0 {
			w.shut(m)
		}
	}
	_ = w.srv.Close()
	_ = chmod(w.folder, 0o600, 0o700) // also what was left behind, so that it can be removed
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

func (w *world) level() slog.Level {
	if w.talk {
		return slog.LevelDebug
	}
	return slog.LevelWarn
}
