package agent

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Whatever answers to activations are played again to an installation, and
// wherever the server's clock was: once the server is right and has said Yes, the
// installation works.
func TestActivationsPlayedAgain(t *testing.T) {
	checks(t, 8, 300)
	rapid.Check(t, func(rt *rapid.T) {
		steps := rapid.SliceOfN(rapid.SampledFrom([]string{"activate", "give back", "heartbeat", "behind", "ahead", "right", "replay 1", "replay 2", "replay 3", "replay 4", "close", "day"}), 1, 12).Draw(rt, "steps")
		if wrong := playActivations(t, steps); wrong != "" {
			rt.Fatal(wrong)
		}
	})
}

func playActivations(t *testing.T, steps []string) (wrong string) {
	t.Helper()
	const far = 960 * time.Hour
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, lic := w.activated(slasconetest.License{Freeride: new(7)})
		off, story := time.Duration(0), ""
		set := func(to time.Duration) { w.srv.Advance(to - off); off = to }
		tell := func(what string, d enforcement.Decision, err error) {
			story += fmt.Sprintf("%s: %v %v, %v\n", what, d.State, d.Cause, err)
		}
		for _, step := range append(steps, "right", "activate") {
			w.sleep(5 * time.Minute)
			var d enforcement.Decision
			var err error
			switch step {
			case "activate":
				d, err = a.Activate(w.Context(), lic.Key)
			case "give back":
				d, err = a.Deactivate(w.Context())
			case "heartbeat":
				d, err = a.Heartbeat(w.Context())
			case "behind":
				set(-far)
			case "ahead":
				set(far)
			case "right":
				set(0)
			case "close":
				w.close(a)
				a = w.open()
			case "day":
				w.sleep(24 * time.Hour)
			default:
				w.srv.ClearFaults()
				w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.Activation, Kind: slasconetest.FaultReplay, Back: int(step[len(step)-1] - '0'), Times: 1})
				d, err = a.Activate(w.Context(), lic.Key)
			}
			tell(step, d, err)
		}
		w.srv.ClearFaults()
		w.sleep(5 * time.Minute)
		d, err := a.Activate(w.Context(), lic.Key)
		tell("activate", d, err)
		if err != nil {
			if _, err = a.Deactivate(w.Context()); err == nil {
				d, err = a.Activate(w.Context(), lic.Key)
				tell("deactivate, activate", d, err)
			}
		}
		if err == nil {
			w.sleep(5 * time.Minute)
			if d := a.Decision(); d.State != enforcement.Active {
				wrong = fmt.Sprintf("%safter all of it: %v %v", story, d.State, d.Cause)
			}
		} else {
			wrong = fmt.Sprintf("%safter all of it: %v", story, err)
		}
		w.close(a)
	})
	return wrong
}
