package agent

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// A past is what has become of an installation before it is at rest.
type past struct {
	Floating, Killed, Charged bool
	Freeride                  int
	Server                    [2]time.Duration // by how much it is ahead at the last answers
	Wall                      time.Duration    // by how much the clock is
	Right                     bool             // it is put right again
	Expires                   time.Duration
}

// TestForesight: what is said of a later instant is what is decided then if nothing
// more is learned, whatever leads or charges there are.
func TestForesight(t *testing.T) {
	checks(t, 12, 300)
	rapid.Check(t, func(rt *rapid.T) {
		ahead := rapid.SampledFrom([]time.Duration{0, 0, 9 * time.Hour, 2 * day, 55 * day})
		x := past{
			Floating: rapid.Bool().Draw(rt, "floating"), Killed: rapid.Bool().Draw(rt, "killed"), Charged: rapid.Bool().Draw(rt, "charged"),
			Freeride: rapid.SampledFrom([]int{0, 1, 3, 30}).Draw(rt, "freeride"),
			Server:   [2]time.Duration{ahead.Draw(rt, "server"), ahead.Draw(rt, "server, then")},
			Wall:     rapid.SampledFrom([]time.Duration{0, 0, -2 * time.Hour, 9 * time.Hour, 2 * day, 55 * day, 400 * day}).Draw(rt, "wall"),
			Right:    rapid.Bool().Draw(rt, "right"),
			Expires:  rapid.SampledFrom([]time.Duration{time.Hour, 3 * day, 20 * day, 3650 * day}).Draw(rt, "expires"),
		}
		waits := rapid.SliceOfN(rapid.SampledFrom([]time.Duration{0, time.Second, time.Minute, 3 * time.Hour, 23 * time.Hour, day, 2 * day, 9 * day}), 1, 8).Draw(rt, "waits")
		if wrong := x.foresee(t, waits); wrong != "" {
			rt.Fatalf("%s, after %+v", wrong, x)
		}
	})
}

// The clock was ahead by less than a day for a minute: a day of running later it is trusted again, whatever else is amiss.
func TestForesightOfAClockThatWasALittleAhead(t *testing.T) {
	for _, freeride := range []int{0, 1, 3, 30} {
		for _, expires := range []time.Duration{time.Hour, 3650 * day} {
			for _, server := range []time.Duration{0, 2 * day} {
				x := past{Freeride: freeride, Wall: 9 * time.Hour, Right: true, Expires: expires, Server: [2]time.Duration{server, 0}}
				if wrong := x.foresee(t, []time.Duration{0, 3 * time.Hour, 15 * time.Hour, day}); wrong != "" {
					t.Errorf("%s, after %+v", wrong, x)
				}
			}
		}
	}
}

func (x past) foresee(t *testing.T, waits []time.Duration) (wrong string) {
	t.Helper()
	playing(t, slasconetest.Config{}, func(t *testing.T, p *player) {
		lic := slasconetest.License{Freeride: &x.Freeride, Expires: time.Now().Add(day + x.Expires)}
		if x.Floating {
			lic.Floating, lic.FloatingTokenLimit, lic.SessionPeriod = true, new(1), new(30)
		}
		p.lic = p.srv.AddLicense(lic)
		p.begin(false)
		for _, by := range x.Server {
			p.srv.Advance(by)
			p.sleep(time.Minute)
			_, _ = p.agent.Heartbeat(p.Context())
			p.sleep(10 * time.Minute)
			p.srv.Advance(-by)
		}
		p.tape.block(true)
		p.set(p.now().Add(x.Wall))
		p.sleep(time.Minute)
		p.end(x.Killed)
		if x.Right {
			p.set(p.now())
		}
		if x.Charged {
			p.run()
			p.sleep(3 * time.Minute)
			p.end(false)
		}
		a := p.open() // which is not started, so that nothing is learned
		from, charge := a.Now(), a.ledger.Reading().Charge
		coming := a.Forecast()
		for _, c := range coming {
			waits = append(waits, c.At.Add(-charge).Sub(from), c.At.Add(-charge).Sub(from)-time.Nanosecond)
		}
		for _, step := range waits {
			at := a.Now().Add(max(step, 0))
			if step > 100*day || time.Until(at) > 0 && step <= 0 {
				continue
			}
			said := a.DecisionAt(at)
			for _, end := range []enforcement.Change{{At: said.Until, State: said.Then}, said.Next} {
				if then := a.DecisionAt(end.At.Add(-charge)); !end.At.IsZero() && then.State != end.State {
					wrong = fmt.Sprintf("%v is to come at %v, and then it is %v; before it is %+v", end.State, end.At, then, said)
					return
				}
			}
			p.sleep(step)
			if got := a.Decision(); fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", said) {
				wrong = fmt.Sprintf("%v later it is %+v\n, and %+v was said", step, got, said)
				return
			}
		}
	})
	return wrong
}
