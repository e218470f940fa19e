// Package timemachine is the demonstration of Sketch: a licence server in the
// program's own process, and a panel by which everything that can happen to a
// licence happens now. Every button makes a real call to that server or moves its
// clock; the licence then follows by itself.
package timemachine

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/storage"
)

// Key is the licence that the demonstration begins with.
const Key = "0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978"

// Machine is a licence server, a computer whose clock can be set, and a second
// one for the second window.
type Machine struct {
	Server *slasconetest.Server

	folder string
	moved  atomic.Int64 // by how much time has been moved for all
	back   atomic.Int64 // by how much the computer's clock alone was set back
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
	return agent.Config{
		ServerURL: m.Server.URL, ISVID: m.Server.ISV(), ProductID: m.Server.Products()[0].ID, ProvisioningKey: m.Server.ProvisioningKey(),
		Signature: agent.Signature{PublicKey: []byte(m.Server.PublicKeyPEM())},
		App:       agent.App{Name: "Sketch", Version: "1.4.2"},
		DeviceID:  device, StateDir: filepath.Join(m.folder, device), Store: storage.KindFile,
		HTTPClient: &http.Client{Timeout: 10 * time.Second}, Now: m.wall,
		Links: agent.Links{Buy: "https://sketch.example/buy", Renew: "https://sketch.example/renew", Manage: "https://sketch.example/licences", Support: "mailto:help@sketch.example", Download: "https://sketch.example/download"},
	}
}

// Act is something that can be made to happen.
type Act struct {
	Name string
	Do   func(ctx context.Context, a *agent.Agent) error
}

// Acts lists what can be made to happen, in the order of the panel.
func (m *Machine) Acts() []Act {
	license := func(change func(*slasconetest.License)) func(context.Context, *agent.Agent) error {
		return func(ctx context.Context, a *agent.Agent) error {
			m.Server.UpdateLicense(Key, change)
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
		{"1001 Expired", license(func(l *slasconetest.License) { l.Expires = m.now().Add(-time.Hour) })},
		{"1002 Switched off", license(func(l *slasconetest.License) { l.Inactive = true })},
		{"1003 Release not covered", license(func(l *slasconetest.License) { l.ReleaseLimit = "1.3" })},
		{"1007 No seat free", m.takeSeats},
		{"12002 One session too many", m.conflict(12002)},
		{"All is well again", m.heal},
		{"Clock set back", func(ctx context.Context, a *agent.Agent) error {
			m.back.Store(int64(3 * 24 * time.Hour))
			return nil
		}},
		{"Clock set right", func(ctx context.Context, a *agent.Agent) error {
			m.back.Store(0)
			return m.ask(ctx, a)
		}},
	}
}

func (m *Machine) pass(ctx context.Context, a *agent.Agent, d time.Duration) error {
	m.moved.Add(int64(d))
	return m.ask(ctx, a)
}

// next moves time to just behind the next change of the decision, without an
// answer that would put it off.
func (m *Machine) next(_ context.Context, a *agent.Agent) error {
	at := a.Decision().Next.At
	if at.IsZero() {
		return fmt.Errorf("nothing changes by itself in this state")
	}
	m.moved.Add(int64(at.Sub(a.Now()) + time.Second))
	return nil
}

// ask has the application ask the server, as its schedule would before long. What
// the server says against it is what is to be shown, and no error of the act.
func (m *Machine) ask(ctx context.Context, a *agent.Agent) error {
	_, _ = a.Refresh(ctx)
	if a.License().Floating() && !a.Session().Held {
		_, _ = a.OpenSession(ctx, 0)
	}
	return nil
}

// takeSeats has a colleague take the only seat.
func (m *Machine) takeSeats(ctx context.Context, a *agent.Agent) error {
	if _, err := a.CloseSession(ctx); err != nil {
		return err
	}
	other, err := agent.New(m.Config("colleague"))
	if err != nil {
		return err
	}
	defer func() { _ = other.Close(ctx) }()
	if _, err := other.Activate(ctx, Key); err != nil {
		return err
	}
	m.Server.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionOpen, Kind: slasconetest.FaultConflict, Conflict: 1007})
	return m.ask(ctx, a)
}

func (m *Machine) conflict(id int) func(context.Context, *agent.Agent) error {
	return func(ctx context.Context, a *agent.Agent) error {
		if _, err := a.CloseSession(ctx); err != nil {
			return err
		}
		m.Server.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionOpen, Kind: slasconetest.FaultConflict, Conflict: id})
		return m.ask(ctx, a)
	}
}

// heal is the vendor's and the network's apology.
func (m *Machine) heal(ctx context.Context, a *agent.Agent) error {
	m.back.Store(0)
	m.Server.Outage(false)
	m.Server.ClearFaults()
	m.Server.UpdateLicense(Key, func(l *slasconetest.License) {
		l.Inactive, l.ReleaseLimit, l.Expires = false, "", m.Server.Now().AddDate(1, 0, 0)
	})
	return m.ask(ctx, a)
}

// Close ends the server.
func (m *Machine) Close() error { return m.Server.Close() }
