// Package timemachine is the demonstration of Sketch: a licence server in the
// program's own process, and a panel by which everything that can happen to a
// licence happens now. Every button makes a real call to that server or moves its
// clock; the licence then follows by itself.
package timemachine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Key is the licence that the demonstration begins with.
const Key = "0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978"

// Computer is the name of the user's computer; windows of the same computer share
// its licence and its seat.
const Computer = "this-computer"

// Machine is a licence server, and computers whose clock can be set and whose
// keyring can be taken away.
type Machine struct {
	Server *slasconetest.Server

	folder string
	moved  atomic.Int64 // by how much time has been moved for all
	back   atomic.Int64 // by how much the computers' clock alone was set back
	vaults vaults

	mu        sync.Mutex
	colleague *agent.Agent // who has taken the seat; nil when nobody has
}

// New starts a server that keeps nothing; folder is for the application's state,
// and start is the day on which the story begins.
func New(folder string, start time.Time) *Machine {
	m := &Machine{folder: folder}
	m.moved.Store(int64(time.Until(start)))
	m.Server = slasconetest.New(slasconetest.Config{Now: m.now})
	m.Server.AddLicense(slasconetest.License{
		Key: Key, Name: "Sketch Professional", Edition: "Professional", Customer: slasconetest.Customer{Name: "Meridian Surveys Ltd."},
		Floating: true, FloatingTokenLimit: new(1), SessionPeriod: new(60), Freeride: new(7), HeartbeatPeriod: new(1),
		Expires: m.now().AddDate(1, 0, 0), Features: []slasconetest.Feature{{Name: "png-export"}},
		Limitations: []slasconetest.Limitation{{Name: "prints", Value: "100", Reset: slasconetest.ResetMonthly}},
	})
	return m
}

func (m *Machine) now() time.Time { return time.Now().Add(time.Duration(m.moved.Load())) }

// wall is the clock of the computer.
func (m *Machine) wall() time.Time { return m.now().Add(-time.Duration(m.back.Load())) }

// Config is the application's, for this server. Device names the computer.
func (m *Machine) Config(device string) agent.Config {
	policy := enforcement.Standard()
	policy.Features = map[string]enforcement.State{"png-export": enforcement.ReadOnly} // what was drawn can be taken along
	return agent.Config{
		ServerURL: m.Server.URL, ISVID: m.Server.ISV(), ProductID: m.Server.Products()[0].ID, ProvisioningKey: m.Server.ProvisioningKey(),
		Signature: agent.Signature{PublicKey: []byte(m.Server.PublicKeyPEM())},
		App:       agent.App{Name: "Sketch", Version: "1.4.2"},
		Parts:     []agent.Part{agent.Usage(), agent.LicenseFiles()},
		DeviceID:  device, StateDir: filepath.Join(m.folder, device), Keyring: m.vaults.get(device), Policy: policy,
		HTTPClient: &http.Client{Timeout: 10 * time.Second}, Now: m.wall,
		Links: agent.Links{Buy: "https://sketch.example/buy", Renew: "https://sketch.example/renew", Manage: "https://sketch.example/licences", Support: "mailto:help@sketch.example", Download: "https://sketch.example/download"},
	}
}

// Trial issues a licence for 14 days, as a vendor's shop does.
func (m *Machine) Trial(context.Context) (key string, err error) {
	l := m.Server.AddLicense(slasconetest.License{
		Name: "Sketch Trial", Edition: "Trial", Customer: slasconetest.Customer{Name: "Trial"}, Temporary: true,
		Freeride: new(3), HeartbeatPeriod: new(1), Expires: m.now().AddDate(0, 0, 14), Features: []slasconetest.Feature{{Name: "png-export"}},
	})
	return l.Key, nil
}

// Act is something that can be made to happen.
type Act struct {
	Name string
	Do   func(ctx context.Context, a *agent.Agent) error
}

// Acts lists what can be made to happen, in the order of the panel.
func (m *Machine) Acts() []Act {
	// The server answers a heartbeat with the licence as it is, or refuses it by a
	// conflict; here it does both, so that the code is seen.
	license := func(conflict int, change func(*slasconetest.License)) func(context.Context, *agent.Agent) error {
		return func(ctx context.Context, a *agent.Agent) error {
			m.Server.UpdateLicense(Key, change)
			m.Server.Inject(slasconetest.Fault{Endpoint: slasconetest.Heartbeat, Kind: slasconetest.FaultConflict, Conflict: conflict})
			return m.ask(ctx, a)
		}
	}
	return []Act{
		{"+1 day", func(ctx context.Context, a *agent.Agent) error { return m.pass(ctx, a, 24*time.Hour) }},
		{"+8 days", func(ctx context.Context, a *agent.Agent) error { return m.pass(ctx, a, 8*24*time.Hour) }},
		{"The next change", m.next},
		{"Outage", func(ctx context.Context, a *agent.Agent) error {
			m.Server.Outage(true)
			return m.ask(ctx, a)
		}},
		{"Captive portal", func(ctx context.Context, a *agent.Agent) error {
			m.Server.Inject(slasconetest.Fault{Kind: slasconetest.FaultPortal})
			return m.ask(ctx, a)
		}},
		{"Network is back", func(ctx context.Context, a *agent.Agent) error {
			m.Server.Outage(false)
			m.Server.ClearFaults()
			return m.ask(ctx, a)
		}},
		{"1001 Expired", license(1001, func(l *slasconetest.License) { l.Expires = m.now().Add(-time.Hour) })},
		{"1002 Switched off", license(1002, func(l *slasconetest.License) { l.Inactive = true })},
		{"1003 Release", license(1003, func(l *slasconetest.License) { l.ReleaseLimit = "1.3" })},
		{"1007 No seat", m.takeSeats},
		{"Colleague leaves", func(ctx context.Context, a *agent.Agent) error {
			if err := m.leave(ctx); err != nil {
				return err
			}
			return m.ask(ctx, a)
		}},
		{"12002 Sessions", m.tooMany},
		{"All is well again", m.heal},
		{"Clock set back", func(ctx context.Context, a *agent.Agent) error {
			m.back.Store(m.moved.Load() + int64(3*24*time.Hour)) // to before the story began, as an empty battery does
			return nil
		}},
		{"Clock set right", func(ctx context.Context, a *agent.Agent) error {
			m.back.Store(0)
			return m.ask(ctx, a)
		}},
		{"Keyring gone", func(ctx context.Context, a *agent.Agent) error {
			m.vaults.take(true)
			return m.ask(ctx, a)
		}},
		{"Keyring back", func(ctx context.Context, a *agent.Agent) error {
			m.vaults.take(false)
			return m.ask(ctx, a)
		}},
	}
}

func (m *Machine) pass(ctx context.Context, a *agent.Agent, d time.Duration) error {
	m.moved.Add(int64(d))
	return m.ask(ctx, a)
}

// next moves time to just behind the next change of the state, and has the
// application ask, as it would meanwhile. What the answer puts off is gone after
// again.
func (m *Machine) next(ctx context.Context, a *agent.Agent) error {
	before := a.Decision().State
	for range 3 {
		coming := a.Forecast()
		i := slices.IndexFunc(coming, func(t enforcement.Transition) bool { return t.State != before })
		if i < 0 {
			return errors.New("nothing changes by itself in this state")
		}
		m.moved.Add(int64(coming[i].At.Sub(a.Now()) + time.Second))
		_ = m.ask(ctx, a)
		if a.Decision().State != before {
			return nil
		}
	}
	return errors.New("each answer of the server puts the next change off: make an outage first")
}

// ask has the application ask the server, as its schedule would before long. What
// the server says against it is what is to be shown, and no error of the act.
func (m *Machine) ask(ctx context.Context, a *agent.Agent) error {
	_, _ = a.Heartbeat(ctx)
	if a.License().Floating() && !a.Session().Held {
		_, _ = a.OpenSession(ctx, 0)
	}
	return nil
}

// Ask has another window do so.
func (m *Machine) Ask(ctx context.Context, a *agent.Agent) { _ = m.ask(ctx, a) }

// takeSeats has a colleague on another computer take the only seat, which the
// vendor has freed.
func (m *Machine) takeSeats(ctx context.Context, a *agent.Agent) error {
	if err := m.leave(ctx); err != nil {
		return err
	}
	cfg := m.Config("colleague")
	cfg.ManualSessions = true
	other, err := agent.New(cfg)
	if err != nil {
		return err
	}
	m.mu.Lock()
	m.colleague = other
	m.mu.Unlock()
	if _, err := other.Activate(ctx, Key); err != nil {
		return err
	}
	m.endSessions()
	if _, err := other.OpenSession(ctx, 0); err != nil {
		return fmt.Errorf("the colleague gets no seat: %w", err)
	}
	return m.askForSeat(ctx, a)
}

func (m *Machine) endSessions() {
	for _, s := range m.Server.Sessions() {
		m.Server.EndSession(s.ID)
	}
}

// leave has the colleague give the seat back.
func (m *Machine) leave(ctx context.Context) error {
	m.mu.Lock()
	other := m.colleague
	m.colleague = nil
	m.mu.Unlock()
	if other == nil {
		return nil
	}
	if other.Session().Held {
		if _, err := other.CloseSession(ctx); err != nil {
			return err
		}
	}
	return other.Close(ctx)
}

// askForSeat has the application renew its seat, as it would before long.
func (m *Machine) askForSeat(ctx context.Context, a *agent.Agent) error {
	_, _ = a.OpenSession(ctx, 0)
	return nil
}

// tooMany has the server refuse one session more.
func (m *Machine) tooMany(ctx context.Context, a *agent.Agent) error {
	m.Server.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionOpen, Kind: slasconetest.FaultConflict, Conflict: 12002})
	m.endSessions()
	return m.askForSeat(ctx, a)
}

// heal is the vendor's and the network's apology.
func (m *Machine) heal(ctx context.Context, a *agent.Agent) error {
	m.back.Store(0)
	m.vaults.take(false)
	m.Server.Outage(false)
	m.Server.ClearFaults()
	m.Server.UpdateLicense(Key, func(l *slasconetest.License) {
		l.Inactive, l.ReleaseLimit, l.Expires = false, "", m.Server.Now().AddDate(1, 0, 0)
	})
	if err := m.leave(ctx); err != nil {
		return err
	}
	return m.ask(ctx, a)
}

// Close ends the colleague's session and the server.
func (m *Machine) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeLimit)
	defer cancel()
	return errors.Join(m.leave(ctx), m.Server.Close())
}

const closeLimit = 3 * time.Second
