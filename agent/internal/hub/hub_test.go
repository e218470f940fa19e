package hub

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// keepK keeps events that begin with "k"; two of them become one, "k" and the
// first of the one and the last of the other.
func keepK() *Hub[string] {
	return &Hub[string]{
		Keep: func(e string) bool { return strings.HasPrefix(e, "k") },
		Merge: func(older, newer string) string {
			return strings.Split(older, "-")[0] + "-" + strings.Split(newer, "-")[1]
		},
	}
}

// A flood of other events does not wash away what is to be kept.
func TestFloodKeepsWhatIsToBeKept(t *testing.T) {
	h := keepK()
	r := h.Subscribe()
	h.Publish("k0-k1")
	for i := range 10 * backlog {
		h.Publish(fmt.Sprint(i))
	}
	events, _ := h.take(r)
	if len(events) != backlog || events[0] != "k0-k1" || events[backlog-1] != fmt.Sprint(10*backlog-1) {
		t.Errorf("%d events: %v", len(events), events)
	}
}

func TestEventsToBeKeptBecomeOne(t *testing.T) {
	h := keepK()
	r := h.Subscribe()
	for i := range 10 * backlog {
		h.Publish(fmt.Sprintf("k%d-k%d", i, i+1))
	}
	events, _ := h.take(r)
	if len(events) != backlog || !strings.HasPrefix(events[0], "k0-") {
		t.Fatalf("%d events: %v", len(events), events)
	}
	for i, e := range events[1:] {
		if _, to, _ := strings.Cut(events[i], "-"); !strings.HasPrefix(e, to+"-") {
			t.Errorf("after %s comes %s", events[i], e)
		}
	}
}

// The first reader is told what was before there was one, and a reader that
// breaks out of its loop can come back.
func TestFirstAndBreak(t *testing.T) {
	var h Hub[string]
	h.First([]string{"a", "b"})
	one, two := h.Subscribe(), h.Subscribe()
	h.Publish("c")
	h.Close()
	var heard []string
	for e := range h.Each(t.Context(), one) {
		heard = append(heard, e)
		if e == "c" {
			break
		}
	}
	if !slices.Equal(heard, []string{"a", "b", "c"}) || len(h.readers) != 1 {
		t.Errorf("heard %v, %d readers are left", heard, len(h.readers))
	}
	if got := slices.Collect(h.Each(t.Context(), two)); !slices.Equal(got, []string{"c"}) {
		t.Errorf("the second hears %v", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var open Hub[string]
	for range open.Each(ctx, open.Subscribe()) {
		t.Error("an event after the end")
	}
}

func TestUnusedReadersAreForgotten(t *testing.T) {
	var h Hub[string]
	for range 100 {
		h.Each(t.Context(), h.Subscribe())
	}
	for range 10 {
		runtime.GC()
		h.Publish("x")
		if len(h.readers) == 0 {
			return
		}
	}
	t.Errorf("%d readers are kept that nobody can range over", len(h.readers))
}
