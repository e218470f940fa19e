package agent

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

const seatPeriod = 10 * time.Minute

// floatingForYears is a licence that outlasts what a server is ahead, with so many seats.
func floatingForYears(seats int) slasconetest.License {
	lic := withPeriod(int(seatPeriod / time.Minute))
	lic.FloatingTokenLimit, lic.Expires = new(seats), time.Now().AddDate(9, 0, 0)
	return lic
}

// The vendor's server runs ahead for an hour while floating seats are taken. Once it is
// right, who runs has a seat and is not restricted, and no seat is held for longer than
// its period, here or there.
func TestSeatsThatWereTakenWhileTheServerWasAhead(t *testing.T) {
	leads := []time.Duration{9 * time.Hour, 55 * day}
	if os.Getenv("LEASEHOLD_HEAVY") != "" {
		leads = append(leads, time.Hour, 2*day, 365*day)
	}
	for _, ahead := range leads {
		for _, way := range []string{"runs on", "is closed and started", "is killed and started", "starts while it is ahead"} {
			t.Run(fmt.Sprintf("%v, %s", ahead, way), func(t *testing.T) {
				playing(t, slasconetest.Config{}, func(t *testing.T, p *player) {
					p.lic = p.srv.AddLicense(floatingForYears(1))
					p.begin(false)
					p.sleep(time.Hour)
					if way == "starts while it is ahead" {
						p.end(false)
					}
					p.srv.Advance(ahead)
					p.run()
					p.sleep(time.Hour)
					if !p.agent.Session().Held {
						t.Errorf("while it is ahead: %v", p.agent.Decision())
					}
					if way == "is killed and started" {
						p.end(true)
					}
					if way == "is closed and started" {
						p.end(false)
					}
					p.srv.Advance(-ahead)
					p.run()
					for range 18 {
						p.sleep(10 * time.Minute)
						if d := p.agent.Decision(); d.State > enforcement.Active || !p.agent.Session().Held {
							t.Fatalf("%v after the server is right: %v, held %v until %v", time.Since(p.began), d, p.agent.Session().Held, p.agent.Session().ValidUntil)
						}
						if until := p.agent.Session().ValidUntil; time.Until(until) > seatPeriod+time.Minute {
							t.Fatalf("%v after: the seat is held until %v", time.Since(p.began), until)
						}
					}
					p.tape.block(true)
					p.sleep(seatPeriod + time.Minute)
					if p.agent.Session().Held {
						t.Errorf("held without an answer, until %v", p.agent.Session().ValidUntil)
					}
					p.end(true)
					if s := p.srv.Sessions(); len(s) != 0 {
						t.Errorf("on the server: %v", s)
					}
				})
			})
		}
	}
}

// What was given by a server that was ahead ends when it was to end, also where no
// answer about the seat comes once the server is right.
func TestASeatOfAServerThatWasAheadEndsInTime(t *testing.T) {
	leads := []time.Duration{55 * day}
	if os.Getenv("LEASEHOLD_HEAVY") != "" {
		leads = append(leads, 9*time.Hour, 365*day)
	}
	for _, ahead := range leads {
		for _, checkout := range []time.Duration{0, 2 * day} {
			for _, restart := range []bool{false, true} {
				t.Run(fmt.Sprintf("%v, checked out for %v, restart %v", ahead, checkout, restart), func(t *testing.T) {
					playing(t, slasconetest.Config{}, func(t *testing.T, p *player) {
						p.lic = p.srv.AddLicense(floatingForYears(1))
						p.begin(false)
						p.sleep(time.Hour)
						p.srv.Advance(ahead)
						promised := seatPeriod
						if checkout > 0 {
							promised = checkout
							if _, err := p.agent.OpenSession(p.Context(), checkout); err != nil {
								t.Fatal(err)
							}
						}
						p.sleep(time.Minute)
						if _, err := p.agent.Heartbeat(p.Context()); err != nil {
							t.Fatal(err)
						}
						given := time.Now()
						p.srv.Advance(-ahead)
						p.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.SessionOpen, Kind: slasconetest.FaultStatus})
						if restart {
							p.end(true)
							p.run()
						}
						p.sleep(time.Minute)
						if _, err := p.agent.Heartbeat(p.Context()); err != nil {
							t.Fatal(err)
						}
						if restart {
							p.end(true)
							p.run()
						}
						if !p.agent.Session().Held {
							t.Errorf("not held: %v", p.agent.Decision())
						}
						p.sleep(promised + 10*time.Minute)
						if s := p.agent.Session(); s.Held {
							t.Errorf("held for %v, until %v", time.Since(given), s.ValidUntil)
						}
						p.end(true)
					})
				})
			}
		}
	}
}

// Where the server was ahead for days, and is believed, what says why no seat is given
// names both times and the ways out, each of which is one.
func TestNoSeatAfterAServerThatWasAheadForDays(t *testing.T) {
	for name, out := range map[string]func(p *player) error{
		"deactivated": func(p *player) error { _, err := p.agent.Deactivate(p.Context()); return err },
		"erased":      func(p *player) error { return p.agent.Erase(p.Context()) },
	} {
		t.Run(name, func(t *testing.T) {
			playing(t, slasconetest.Config{}, func(t *testing.T, p *player) {
				// With a period of minutes there would be a thousand renewals in three days.
				lic := floatingForYears(1)
				period := longer(12*seatPeriod, seatPeriod)
				lic.SessionPeriod = new(int(period / time.Minute))
				p.lic = p.srv.AddLicense(lic)
				p.begin(false)
				const ahead = 55 * day
				p.srv.Advance(ahead)
				p.sleep(3 * day)
				was := p.srv.Now()
				p.srv.Advance(-ahead)
				p.sleep(time.Hour)
				_, err := p.agent.OpenSession(p.Context(), 0)
				p.takeWayOut(err, was, out)
				p.sleep(2 * period) // one that was erased may have to lapse
				expect(t, p.agent.Decision(), enforcement.Active, enforcement.NoCause)
				if s := p.agent.Session(); !s.Held || time.Until(s.ValidUntil) > period {
					t.Errorf("%+v", s)
				}
				p.end(false)
				if s := p.srv.Sessions(); len(s) != 0 {
					t.Errorf("on the server: %v", s)
				}
			})
		})
	}
}
