package agent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// TestSoakOfFloatingSeats has many installations compete for few seats, with
// people who come and go, processes that are killed (some after the server has
// given a seat and before they hear of it), outages, clocks that are set somewhere
// for a while, and a server that now and then refuses reports for reasons that
// pass.
func TestSoakOfFloatingSeats(t *testing.T) {
	installations, seats, length, least := 12, 3, 6*time.Hour, 1
	if os.Getenv("LEASEHOLD_HEAVY") != "" {
		installations, seats, length, least = 50, 10, 24*time.Hour, 10
	}
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		s := newSoak(w, installations, seats)
		for end := time.Now().Add(length); time.Now().Before(end); {
			s.disturb()
			for range 6 { // shorter than a call may last
				w.sleep(10 * time.Second)
				s.bury()
				s.check()
			}
		}
		s.finish()
		t.Logf("%+v", s.did)
		for what, n := range map[string]int{"kills": s.did.Kills, "lost answers": s.did.LostAnswers, "outages": s.did.Outages, "refused reports": s.did.Refusals, "clock games": s.did.ClockGames, "new sessions": s.did.SeatsTaken} {
			if n < least {
				t.Errorf("only %d %s, want %d at least", n, what, least)
			}
		}
	})
}

const soakPeriod = 20 * time.Minute

type soak struct {
	*world
	rng     *rand.Rand
	weather *rand.Rand // of outages alone, so that their number does not depend on what else happens
	moods   *rand.Rand // of the server, likewise
	clocks  *rand.Rand // of the computers
	seats   int
	users   []*soakUser

	outage    time.Time            // until when; zero: none
	free      time.Time            // since when a seat is free that somebody waits for
	abandoned map[string]abandoned // sessions that nobody holds
	known     map[string]bool      // sessions seen

	did struct{ Kills, LostAnswers, Closes, Starts, Outages, Refusals, SeatsTaken, Uses, ClockGames int }
}

// abandoned is a session that the server has and nobody holds.
type abandoned struct {
	since   time.Time
	process *soakProcess // of its client; nil: none runs
}

// soakUser is an installation and the person before it.
type soakUser struct {
	name    string
	cfg     Config
	process *soakProcess // nil: not running
	used    decimal.Decimal

	shift atomic.Int64 // of the computer's clock
	odd   time.Time    // until when it is wrong, and what that leaves counts
}

// disturbClock sets the computer's clock somewhere for up to an hour, and right
// again. What a seat is worth to the server does not depend on it.
func (s *soak) disturbClock(u *soakUser) {
	now := time.Now()
	switch {
	case u.shift.Load() != 0 && now.After(u.odd.Add(-soakPeriod)):
		u.shift.Store(0)
	case u.shift.Load() == 0 && s.clocks.IntN(300) == 0:
		s.did.ClockGames++
		by := []time.Duration{-60 * day, -9 * time.Hour, -10 * time.Minute, 2 * time.Hour, 2 * day, 60 * day}[s.clocks.IntN(6)]
		u.shift.Store(int64(by))
		u.odd = now.Add(time.Duration(1+s.clocks.IntN(60))*time.Minute + soakPeriod)
	}
}

type soakProcess struct {
	*Agent
	stop  context.CancelFunc
	wire  *mortalWire
	since time.Time
}

// mortalWire is a network connection that ends with its process.
type mortalWire struct {
	line
	died chan struct{}

	mu   sync.Mutex
	lose bool // the answer to the next open is not heard: the process dies first
	lost bool
}

func (m *mortalWire) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := m.line.RoundTrip(r)
	if !strings.HasSuffix(r.URL.Path, "/session/open") || err != nil || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	m.mu.Lock()
	m.lost = m.lost || m.lose
	lost := m.lost
	m.mu.Unlock()
	if !lost {
		return resp, nil
	}
	<-m.died
	return nil, errors.New("the process is gone")
}

func newSoak(w *world, installations, seats int) *soak {
	s := &soak{
		world: w, seats: seats,
		rng:       rand.New(rand.NewPCG(3, uint64(installations))),
		weather:   rand.New(rand.NewPCG(1, uint64(installations))),
		moods:     rand.New(rand.NewPCG(2, uint64(installations))),
		clocks:    rand.New(rand.NewPCG(4, uint64(installations))),
		abandoned: map[string]abandoned{}, known: map[string]bool{},
	}
	lic := w.srv.AddLicense(slasconetest.License{
		Floating: true, FloatingTokenLimit: new(seats), SessionPeriod: new(int(soakPeriod / time.Minute)), Freeride: new(7),
	})
	for i := range installations {
		u := &soakUser{name: fmt.Sprintf("device-%d", i), cfg: w.cfg}
		u.cfg.Now = func() time.Time { return time.Now().Add(time.Duration(u.shift.Load())) }
		u.cfg.DeviceID, u.cfg.StateDir, u.cfg.Heartbeat = u.name, stateDir(w.T), "@every 4h"
		s.users = append(s.users, u)
		s.start(u)
		if _, err := u.process.Activate(w.Context(), lic.Key); err != nil {
			w.Fatal(err)
		}
	}
	return s
}

// start has a person start the application.
func (s *soak) start(u *soakUser) {
	s.did.Starts++
	p := &soakProcess{wire: &mortalWire{line: line{srv: s.srv}, died: make(chan struct{})}, since: time.Now()}
	p.wire.set(func(l *line) { l.down = !s.outage.IsZero() })
	cfg := u.cfg
	cfg.HTTPClient = &http.Client{Transport: p.wire}
	p.Agent = newAgent(s.T, cfg)
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	s.Cleanup(stop)
	if err := p.Start(ctx); err != nil {
		s.Fatal(err)
	}
	u.process = p
}

// kill ends a process without notice.
func (s *soak) kill(u *soakUser) {
	s.did.Kills++
	p := u.process
	u.process = nil
	p.wire.set(func(l *line) { l.down = true })
	p.stop()
	close(p.wire.died)
	p.seat.Leave() // the operating system frees its locks
}

// bury ends the processes that were to die before they heard an answer.
func (s *soak) bury() {
	for _, u := range s.users {
		if u.process == nil {
			continue
		}
		u.process.wire.mu.Lock()
		lost := u.process.wire.lost
		u.process.wire.mu.Unlock()
		if lost {
			s.did.LostAnswers++
			s.kill(u)
		}
	}
}

// disturb is what may happen within a minute.
func (s *soak) disturb() {
	switch {
	case s.outage.IsZero() && s.weather.IntN(60) == 0:
		s.outage = time.Now().Add(time.Duration(5+s.weather.IntN(85)) * time.Minute)
		s.did.Outages++
		s.setDown(true)
	case !s.outage.IsZero() && !time.Now().Before(s.outage):
		s.outage = time.Time{}
		s.setDown(false)
	}
	if s.moods.IntN(20) == 0 && len(s.srv.Faults()) == 0 {
		s.did.Refusals++
		fault := slasconetest.Fault{Endpoint: slasconetest.UsageByNameReport, Kind: slasconetest.FaultConflict, Times: 1 + s.moods.IntN(3)}
		codes := []int{0, 1002, 2003, 2006, 6999}
		if fault.Conflict = codes[s.moods.IntN(len(codes))]; fault.Conflict == 0 {
			fault.Kind, fault.Status = slasconetest.FaultStatus, http.StatusBadRequest
		}
		s.srv.Inject(fault)
	}
	for _, u := range s.users {
		s.disturbClock(u)
		p := u.process
		if p == nil {
			if s.rng.IntN(30) == 0 {
				s.start(u)
			}
			continue
		}
		if s.rng.IntN(15) == 0 {
			amount := decimal.New(int64(1+s.rng.IntN(500)), -2)
			if err := p.UseAmount(s.Context(), "export", amount); err != nil {
				s.Fatal(err)
			}
			u.used = u.used.Add(amount)
			s.did.Uses++
		}
		switch n := s.rng.IntN(900); {
		case n < 3:
			s.kill(u)
		case n < 8:
			p.wire.mu.Lock()
			p.wire.lose = true
			p.wire.mu.Unlock()
		case n < 12:
			s.did.Closes++
			_ = p.Close(context.Background()) // which fails in an outage
			u.process = nil
		}
	}
}

func (s *soak) setDown(down bool) {
	for _, u := range s.users {
		if u.process != nil {
			u.process.wire.set(func(l *line) { l.down = down })
		}
	}
}

// check holds what must be true at every moment.
func (s *soak) check() {
	s.Helper()
	now := time.Now()
	open, owner := map[string]bool{}, map[string]string{}
	for _, session := range s.srv.Sessions() {
		if owner[session.ClientID] != "" {
			s.Errorf("%s has two seats", session.ClientID)
		}
		open[session.ID], owner[session.ClientID] = true, session.ID
		if !s.known[session.ID] {
			s.known[session.ID] = true
			s.did.SeatsTaken++
		}
	}
	if len(open) > s.seats {
		s.Errorf("%d sessions are open, %d are allowed", len(open), s.seats)
	}

	held, waiting := map[string]bool{}, 0
	for _, u := range s.users {
		p := u.process
		if p == nil {
			continue
		}
		seat, d := p.Session(), p.Decision()
		switch {
		case now.Before(u.odd):
			// By a clock that stood still while the computer was off the seat may
			// still be held, and by one that is ahead it is over.
			if seat.Held && open[seat.ID] {
				held[seat.ID] = true
			}
		case !seat.Held && now.Sub(p.since) < 3*time.Minute:
			// It may not have asked yet.
		case seat.Held:
			held[seat.ID] = true
			if !open[seat.ID] {
				s.Errorf("%s works under a session that the server does not have", u.name)
			}
			if d.State > enforcement.Grace {
				s.Errorf("%s has a seat and is %v", u.name, d)
			}
		case d.Cause == enforcement.SessionMissing && d.State == enforcement.Active && !d.Until.After(p.ledger.Aged().Add(2*time.Minute)):
			// It may not have asked again.
		case d.State == enforcement.Active || d.State == enforcement.Locked:
			s.Errorf("%s has no seat and is %v (now %v, trusted %v, up %v)", u.name, d, now, p.Now(), now.Sub(p.since))
		default:
			waiting++
		}
	}
	if len(held) > s.seats {
		s.Errorf("%d agents hold seats, %d are allowed", len(held), s.seats)
	}

	for _, u := range s.users {
		id := owner[u.name]
		if id == "" {
			continue
		}
		// The server ends what nobody renews, so what lasts longer than its period is
		// renewed by somebody who does not hold it: as it is where seat.Holder.learn
		// drops the evidence of a Yes. Who takes a session back and is killed, or has a
		// clock that is ahead, renews it without ever being seen with it: the time is
		// counted of one process with a clock that is right, or of none.
		lost, seen := s.abandoned[id]
		switch {
		case held[id]:
			delete(s.abandoned, id)
		case !seen || lost.process != u.process || now.Before(u.odd):
			s.abandoned[id] = abandoned{since: now, process: u.process}
		case now.Sub(lost.since) > soakPeriod:
			s.Errorf("session %s of %s is lost for %v", id, u.name, now.Sub(lost.since))
		}
	}
	maps.DeleteFunc(s.abandoned, func(id string, _ abandoned) bool { return !open[id] }) // lapsed, though they may be taken again
	if len(open) == s.seats || waiting == 0 || !s.outage.IsZero() {
		s.free = time.Time{}
	} else if s.free.IsZero() {
		s.free = now
	} else if now.Sub(s.free) > soakPeriod {
		s.Errorf("a seat is free for %v and %d wait", now.Sub(s.free), waiting)
	}
	if s.Failed() {
		s.FailNow()
	}
}

// finish lets everybody deliver what they have and go home.
func (s *soak) finish() {
	s.outage = time.Time{}
	s.setDown(false)
	s.srv.ClearFaults()
	for _, u := range s.users {
		u.shift.Store(0)
		if u.process == nil {
			s.start(u)
		}
		u.process.wire.mu.Lock()
		u.process.wire.lose = false
		u.process.wire.mu.Unlock()
	}
	s.sleep(soakPeriod)
	s.check()
	for _, u := range s.users {
		if err := u.process.Flush(s.Context()); err != nil {
			s.Error(err)
		}
		s.close(u.process.Agent)
	}
	if left := s.srv.Sessions(); len(left) != 0 {
		s.Errorf("sessions after everybody has left: %v", left)
	}
	got := map[string]decimal.Decimal{}
	for _, use := range s.srv.Usages() {
		got[use.ClientID] = got[use.ClientID].Add(decimal.RequireFromString(use.Value))
	}
	for _, u := range s.users {
		if !got[u.name].Equal(u.used) {
			s.Errorf("%s has used %s, the server knows of %s", u.name, u.used, got[u.name])
		}
	}
}
