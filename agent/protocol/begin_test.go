package protocol

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// listener takes events as a transport does.
type listener struct {
	mu     sync.Mutex
	events []Event
	news   chan struct{}
}

func (l *listener) hooks() Hooks {
	l.news = make(chan struct{}, 4*MaxCalls)
	return Hooks{Event: func(_ uint64, e Event) {
		l.mu.Lock()
		l.events = append(l.events, e)
		l.mu.Unlock()
		l.news <- struct{}{}
	}}
}

// ended waits for the calls that ended, until there are n.
func (l *listener) ended(n int) []Event {
	for {
		l.mu.Lock()
		var list []Event
		for _, e := range l.events {
			if e.Type == "call_ended" {
				list = append(list, e)
			}
		}
		l.mu.Unlock()
		if len(list) >= n {
			return list
		}
		<-l.news
	}
}

// beginning is an open agent of a server whose events l takes.
func beginning(t *testing.T, l *listener, config map[string]any) (s *Server, call func(method string, params any) (json.RawMessage, *Failure)) {
	t.Helper()
	s = NewServer("test", l.hooks())
	params, err := json.Marshal(map[string]any{"config": config, "state_dir": t.TempDir(), "store": "file", "start": false})
	if err != nil {
		t.Fatal(err)
	}
	if _, failure := s.Call(t.Context(), 0, "open", params); failure != nil {
		t.Fatal(failure)
	}
	return s, func(method string, params any) (json.RawMessage, *Failure) {
		text, err := json.Marshal(params)
		if err != nil {
			t.Fatal(err)
		}
		return s.Call(t.Context(), 1, method, text)
	}
}

// Many calls at once have an answer each, and their events come in order.
func TestBegunCallsEachEnd(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	srv, config := emulator(t)
	defer srv.Close()
	var l listener
	s, call := beginning(t, &l, config)
	defer s.Close(t.Context())
	const many = 100
	for range many {
		if _, failure := call("begin", map[string]any{"method": "status"}); failure != nil {
			t.Fatal(failure)
		}
	}
	seen := map[uint64]bool{}
	for _, e := range l.ended(many) {
		if e.Failure != nil || len(e.Result) == 0 || e.Method != "status" || e.Call == 0 || e.Call > many || seen[e.Call] {
			t.Errorf("%+v", e)
		}
		seen[e.Call] = true
	}
	for i, e := range l.events {
		if e.Seq != uint64(i)+1 {
			t.Fatalf("event %d has the number %d", i+1, e.Seq)
		}
	}
}

// A call that is begun has a deadline of its own, its number is bounded, and it
// ends with the agent.
func TestBegunCallsThatHang(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	srv, config := emulator(t)
	defer srv.Close()
	srv.Inject(slasconetest.Fault{Kind: slasconetest.FaultHang})
	var l listener
	s, call := beginning(t, &l, config)
	defer s.Close(t.Context())
	activation := beginParams{Method: "activate", Params: json.RawMessage(`{"key":"` + namedKey + `"}`), TimeoutMS: 100}
	if _, failure := call("begin", activation); failure != nil {
		t.Fatal(failure)
	}
	if e := l.ended(1)[0]; e.Call != 1 || e.Failure == nil || e.Failure.Kind != Silence && e.Failure.Kind != Timeout || e.Failure.Op != "activate" {
		t.Errorf("%+v: %v", e, e.Failure)
	}
	activation.TimeoutMS = MaxTimeout.Milliseconds()
	begun := 0
	for {
		_, failure := call("begin", activation)
		if failure != nil {
			// The one that has ended may still be counted.
			if failure.Kind != Usage || begun < MaxCalls-1 || begun > MaxCalls {
				t.Errorf("after %d calls: %v", begun, failure)
			}
			break
		}
		begun++
	}
	if _, failure := call("close", none{}); failure != nil {
		t.Error(failure)
	}
	if n := len(l.ended(1)); n != 1 {
		t.Errorf("%d calls of an agent that was closed have ended", n)
	}
}

// The deadline of a call that is begun is its own over stdio as well, where each
// call's is a parameter of the same name.
func TestBegunCallsDeadlineOverStdio(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	srv, config := emulator(t)
	defer srv.Close()
	c := connect(t)
	defer c.hangUp()
	a := openAgent(t, c, config, nil)
	srv.Inject(slasconetest.Fault{Kind: slasconetest.FaultHang})
	activation := map[string]any{"method": "activate", "params": map[string]any{"key": namedKey}, "timeout_ms": 100}
	if _, failure := c.call(a, "begin", activation, 0); failure != nil {
		t.Fatal(failure)
	}
	result, failure := c.call(a, "events", map[string]any{"after": 0, "wait_ms": 6000}, 20000)
	for failure == nil && !strings.Contains(fmt.Sprint(result), "call_ended") {
		if events := result.(map[string]any); len(events["events"].([]any)) == 0 {
			t.Fatal("the call that was begun did not end by its deadline")
		}
		result, failure = c.call(a, "events", map[string]any{"after": result.(map[string]any)["last"], "wait_ms": 6000}, 20000)
	}
	if failure != nil {
		t.Error(failure)
	}
}

// Who waits for events longer than the call may take is told that there were none.
func TestEventsWaitEndsWithTheDeadline(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	srv, config := emulator(t)
	defer srv.Close()
	c := connect(t)
	defer c.hangUp()
	a := openAgent(t, c, config, nil)
	result, failure := c.call(a, "events", map[string]any{"after": 1000, "wait_ms": 60000}, 50)
	if failure != nil || len(result.(map[string]any)["events"].([]any)) != 0 {
		t.Error(result, failure)
	}
}
