package agent

import (
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/settling"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// What an answer ends within seconds of the start is not announced.
func TestGraceIsNotAnnouncedBeforeTheFirstAnswer(t *testing.T) {
	// The grace of the strict policy begins when an answer is due: 24 h after it.
	begin := func(t *testing.T, w *world) (a *Agent, e *ear) {
		t.Helper()
		w.cfg.Policy = enforcement.Strict()
		a, _ = w.activated(slasconetest.License{Freeride: new(7)})
		w.close(a)
		w.sleep(day - time.Second)
		a = w.open()
		return a, w.listen(a)
	}
	t.Run("an answer is on its way", func(t *testing.T) {
		inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
			a, e := begin(t, w)
			w.line.set(func(l *line) { l.hang = true }) // the network is slow
			w.start(a)
			w.sleep(10 * time.Second)
			expect(t, a.Decision(), enforcement.Grace, enforcement.Unreachable)
			if changes, _ := take[StateChanged](e); len(changes) != 0 {
				t.Errorf("announced before an answer: %v", changes)
			}
		})
	})
	t.Run("it does not come", func(t *testing.T) {
		inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
			a, e := begin(t, w)
			w.line.set(func(l *line) { l.hang = true })
			w.start(a)
			start := time.Now()
			w.sleep(3 * time.Minute)
			changes, at := take[StateChanged](e)
			if len(changes) != 1 || changes[0].To.State != enforcement.Grace || changes[0].From.State != enforcement.Active {
				t.Fatalf("changes: %v", changes)
			}
			if after := at[0].Sub(start); after > settling.Time+time.Second {
				t.Errorf("announced after %v", after)
			}
		})
	})
	t.Run("a call fails", func(t *testing.T) {
		inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
			a, e := begin(t, w)
			w.line.set(func(l *line) { l.down = true })
			w.start(a)
			w.sleep(30 * time.Second)
			changes, _ := take[StateChanged](e)
			if len(changes) != 1 || changes[0].To.State != enforcement.Grace {
				t.Errorf("changes: %v", changes)
			}
		})
	})
	t.Run("it is more than grace", func(t *testing.T) {
		inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
			a, _ := w.activated(slasconetest.License{Freeride: new(1)})
			w.close(a)
			w.sleep(day - time.Second)
			a = w.open()
			e := w.listen(a)
			w.line.set(func(l *line) { l.hang = true })
			w.start(a)
			w.sleep(5 * time.Second)
			changes, at := take[StateChanged](e)
			if len(changes) != 1 || changes[0].To.State != enforcement.ReadOnly || time.Since(at[0]) > 5*time.Second {
				t.Errorf("changes: %v", changes)
			}
		})
	})
	t.Run("it is over before it was told", func(t *testing.T) {
		inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
			a, _ := w.activated(floating)
			w.close(a)
			a = w.open()
			e := w.listen(a)
			w.start(a)
			w.sleep(3 * time.Minute)
			expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
			changes, _ := take[StateChanged](e)
			for _, c := range changes {
				if c.To.State != enforcement.Active || c.To.Cause != enforcement.NoCause {
					t.Errorf("announced: %v", c.To)
				}
			}
			w.close(a)
		})
	})
}
