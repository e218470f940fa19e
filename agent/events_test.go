package agent

import (
	"context"
	"runtime"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

func stateChange(from, to enforcement.State) StateChanged {
	return StateChanged{From: enforcement.Decision{State: from}, To: enforcement.Decision{State: to}}
}

func TestSlowReaderLearnsTheLatestState(t *testing.T) {
	var h hub
	r := h.subscribe()
	states := []enforcement.State{enforcement.Active, enforcement.Grace, enforcement.ReadOnly, enforcement.Locked}
	for i := range 1000 {
		h.publish(stateChange(states[i%4], states[(i+1)%4]))
		if i%3 == 0 {
			h.publish(UpdateAvailable{Version: strconv.Itoa(i)})
		}
	}
	events, _ := h.take(r)
	if len(events) > backlog {
		t.Errorf("%d events are queued, at most %d", len(events), backlog)
	}
	at := enforcement.Active
	for _, e := range events {
		if c, ok := e.(StateChanged); ok {
			if c.From.State != at {
				t.Errorf("from %v, the reader knows of %v", c.From.State, at)
			}
			at = c.To.State
		}
	}
	if want := states[1000%4]; at != want {
		t.Errorf("the reader ends at %v, want %v", at, want)
	}
}

// A flood of other events does not wash a change of state away.
func TestFloodKeepsTheState(t *testing.T) {
	var h hub
	r := h.subscribe()
	h.publish(stateChange(enforcement.Active, enforcement.Locked))
	for i := range 10 * backlog {
		h.publish(UpdateAvailable{Version: strconv.Itoa(i)})
	}
	events, _ := h.take(r)
	if _, ok := events[0].(StateChanged); !ok || len(events) != backlog {
		t.Errorf("%d events, the first a %T", len(events), events[0])
	}
	if last := events[len(events)-1].(UpdateAvailable); last.Version != strconv.Itoa(10*backlog-1) {
		t.Errorf("the last is %v", last)
	}
}

func TestSeveralReaders(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		lic := w.srv.AddLicence(slasconetest.Licence{})
		a := w.open()
		one, two := w.listen(a), w.listen(a)
		if _, err := a.Activate(w.Context(), lic.Key); err != nil {
			t.Fatal(err)
		}
		for i, e := range []*ear{one, two} {
			if got, _ := take[StateChanged](e); len(got) != 1 || got[0].To.State != enforcement.Active {
				t.Errorf("reader %d: %v", i, got)
			}
		}
		// Only the first is told where the licence is kept.
		for i, e := range []*ear{one, two} {
			if got, _ := take[StoreChosen](e); len(got) != 1-i {
				t.Errorf("reader %d: %v", i, got)
			} else if i == 0 && got[0].Kind != storage.KindFile {
				t.Errorf("store: %v", got)
			}
		}
	})
}

// A reader may call the agent, break out of its loop, and come back.
func TestReaderCallsAndBreaks(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		lic := w.srv.AddLicence(slasconetest.Licence{})
		a := w.open()
		events := a.Changes(w.Context())
		if _, err := a.Activate(w.Context(), lic.Key); err != nil {
			t.Fatal(err)
		}
		for e := range events {
			if _, ok := e.(StateChanged); !ok {
				continue
			}
			if _, err := a.Deactivate(w.Context()); err != nil {
				t.Error(err)
			}
			break
		}
		if n := len(a.events.readers); n != 0 {
			t.Errorf("%d readers after break", n)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			for e := range events {
				if c, ok := e.(StateChanged); ok && c.To.State == enforcement.Active {
					break
				}
			}
		}()
		synctest.Wait()
		if _, err := a.Activate(w.Context(), lic.Key); err != nil {
			t.Fatal(err)
		}
		<-done
	})
}

func TestChangesEnd(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a := w.open()
		ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		for range a.Changes(ctx) {
		}
		if took := time.Since(began); took != time.Minute {
			t.Errorf("the loop ended after %v, its context after a minute", took)
		}
		time.AfterFunc(time.Minute, func() { a.Close(context.Background()) })
		for range a.Changes(w.Context()) {
		}
		if took := time.Since(began); took != 2*time.Minute {
			t.Errorf("the loop ended after %v, the agent after two minutes", took)
		}
		for range a.Changes(w.Context()) {
		}
	})
}

func TestUnusedReadersAreForgotten(t *testing.T) {
	var h hub
	for range 100 {
		h.each(context.Background(), h.subscribe())
	}
	for range 10 {
		runtime.GC()
		h.publish(ClockTrusted{})
		if len(h.readers) == 0 {
			return
		}
	}
	t.Errorf("%d readers are kept that nobody can range over", len(h.readers))
}
