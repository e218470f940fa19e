package agent

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

func TestSeveralReaders(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		lic := w.srv.AddLicense(slasconetest.License{})
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
		lic := w.srv.AddLicense(slasconetest.License{})
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

// A slow reader learns the latest state, whatever else happens.
func TestSlowReaderLearnsTheLatestState(t *testing.T) {
	h := newHub()
	r := h.Subscribe()
	states := []enforcement.State{enforcement.Active, enforcement.Grace, enforcement.ReadOnly, enforcement.Locked}
	for i := range 1000 {
		h.Publish(stateChange(states[i%4], states[(i+1)%4]))
		if i%3 == 0 {
			h.Publish(UpdateAvailable{Version: strconv.Itoa(i)})
		}
	}
	h.Close()
	at := enforcement.Active
	for e := range h.Each(t.Context(), r) {
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

func stateChange(from, to enforcement.State) StateChanged {
	return StateChanged{From: enforcement.Decision{State: from}, To: enforcement.Decision{State: to}}
}
