package protocol

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"go.uber.org/goleak"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

const (
	namedKey    = "0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978"
	floatingKey = "5b8f3c21-94d6-4e0b-a7c2-1f0e9d8c7b6a"
)

// serveLines plays lines to a server and returns its answers.
func serveLines(t *testing.T, in string) []rpcResponse {
	t.Helper()
	var out bytes.Buffer
	if err := NewServer("test", Hooks{}).Serve(t.Context(), strings.NewReader(in), &out); err != nil {
		t.Error(err)
	}
	var list []rpcResponse
	for line := range strings.Lines(out.String()) {
		var resp rpcResponse
		if err := json.Unmarshal([]byte(line), &resp); err != nil {
			t.Fatalf("an answer is %q: %v", line, err)
		}
		list = append(list, resp)
	}
	return list
}

func TestRequestsThatAreNone(t *testing.T) {
	const good = `{"jsonrpc":"2.0","id":"x","method":"version"}`
	for _, tt := range []struct {
		name, line string
		code       int
		id         string
	}{
		{"text", `hello`, parseError, "null"},
		{"cut off", `{"jsonrpc":"2.0","id":1,`, parseError, "null"},
		{"two in a line", good + good, parseError, "null"},
		{"batch", `[` + good + `]`, invalidRequest, "null"},
		{"number", `5`, invalidRequest, "null"},
		{"version", `{"jsonrpc":"1.0","id":1,"method":"version"}`, invalidRequest, "1"},
		{"no version", `{"id":1,"method":"version"}`, invalidRequest, "1"},
		{"no method", `{"jsonrpc":"2.0","id":1}`, invalidRequest, "1"},
		{"method is a number", `{"jsonrpc":"2.0","id":1,"method":2}`, invalidRequest, "1"},
		{"unknown member", `{"jsonrpc":"2.0","id":1,"method":"version","parms":{}}`, invalidRequest, "1"},
		{"unknown member first", `{"trace":{"id":5},"jsonrpc":"2.0","method":"version","id":"1"}`, invalidRequest, `"1"`},
		{"method twice", `{"jsonrpc":"2.0","id":-1,"method":"version","method":"version"}`, invalidRequest, "-1"},
		{"not UTF-8", `{"jsonrpc":"2.0","id":1,"method":"version","params":{"x":"` + "\xff" + `"}}`, invalidRequest, "1"},
		{"id is not UTF-8", `{"jsonrpc":"2.0","id":"` + "\xff" + `","method":"version"}`, invalidRequest, "null"},
		{"id is half of a character", `{"jsonrpc":"2.0","id":"\ud800","method":"version"}`, invalidRequest, `"\ud800"`},
		{"half of a character", `{"jsonrpc":"2.0","id":1,"method":"explain","params":{"code":"\ud800"}}`, invalidRequest, "1"},
		{"id is null", `{"jsonrpc":"2.0","id":null,"method":"opne"}`, unknownMethod, "null"},
		{"id is an object", `{"jsonrpc":"2.0","id":{},"method":"version"}`, invalidRequest, "null"},
		{"id is a fraction", `{"jsonrpc":"2.0","id":1.5,"method":"version"}`, invalidRequest, "null"},
		{"params is a list", `{"jsonrpc":"2.0","id":1,"method":"version","params":[]}`, invalidParams, "1"},
		{"params is a text", `{"jsonrpc":"2.0","id":1,"method":"version","params":"x"}`, invalidParams, "1"},
		{"agent is a text", `{"jsonrpc":"2.0","id":1,"method":"status","params":{"agent":"1"}}`, invalidParams, "1"},
		{"agent is below zero", `{"jsonrpc":"2.0","id":1,"method":"status","params":{"agent":-1}}`, invalidParams, "1"},
		{"agent twice", `{"jsonrpc":"2.0","id":1,"method":"status","params":{"agent":1,"agent":2}}`, invalidParams, "1"},
		{"deadline is below zero", `{"jsonrpc":"2.0","id":1,"method":"version","params":{"timeout_ms":-1}}`, invalidParams, "1"},
		{"deadline is too long", `{"jsonrpc":"2.0","id":1,"method":"version","params":{"timeout_ms":600001}}`, invalidParams, "1"},
		{"no such method", `{"jsonrpc":"2.0","id":"ä","method":"opne"}`, unknownMethod, `"ä"`},
		{"no agent", `{"jsonrpc":"2.0","id":1,"method":"status"}`, failedCall, "1"},
		{"too long", `{"jsonrpc":"2.0","id":1,"method":"` + strings.Repeat("x", MaxLine) + `"}`, invalidRequest, "1"},
		{"too long, id last", `{"jsonrpc":"2.0","method":"` + strings.Repeat("x", MaxLine) + `","id":1}`, invalidRequest, "null"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			// What follows is answered all the same; blank lines are nothing.
			answers := serveLines(t, tt.line+"\n \n\xef\xbb\xbf"+good+"\n")
			if len(answers) != 2 {
				t.Fatalf("answers: %v", answers)
			}
			for _, a := range answers {
				if string(a.ID) == `"x"` {
					if a.Error != nil || !strings.Contains(string(a.Result), `"protocol":1`) {
						t.Errorf("the good request is answered with %s, %v", a.Result, a.Error)
					}
				} else if a.Error == nil || a.Error.Code != tt.code || string(a.ID) != tt.id || a.Error.Message == "" {
					t.Errorf("id %s, %+v", a.ID, a.Error)
				}
			}
		})
	}
}

func TestNotificationsHaveNoAnswer(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	answers := serveLines(t, `{"jsonrpc":"2.0","method":"version"}`+"\n"+`{"jsonrpc":"2.0","method":"cancel","params":{"id":5}}`+"\n"+
		`{"jsonrpc":"2.0","method":"status"}`+"\n"+`{"jsonrpc":"2.0","id":9,"method":"cancel","params":{"id":5}}`)
	if len(answers) != 1 || string(answers[0].ID) != "9" || answers[0].Error != nil {
		t.Errorf("%v", answers)
	}
}

// An ID that is null is one, and two may be under way.
func TestNullIsAnID(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	const null = `{"jsonrpc":"2.0","id":null,"method":"version"}` + "\n"
	for _, a := range serveLines(t, null+null) {
		if string(a.ID) != "null" || a.Error != nil {
			t.Errorf("%s %+v", a.ID, a.Error)
		}
	}
}

func openAgent(t *testing.T, c *client, config map[string]any, more map[string]any) uint64 {
	t.Helper()
	params := map[string]any{"config": config, "state_dir": t.TempDir(), "store": "file", "start": false}
	for k, v := range more {
		params[k] = v
	}
	result, failure := c.call(0, "open", params, 0)
	if failure != nil {
		t.Fatal(failure, failure.Hint)
	}
	return uint64(result.(map[string]any)["agent"].(float64))
}

// A call that hangs holds up no other, and ends when it is canceled.
func TestCallsRunSideBySideAndCanBeCanceled(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	srv, config := emulator(t)
	defer srv.Close()
	c := connect(t)
	defer c.hangUp()
	a := openAgent(t, c, config, nil)
	srv.Inject(slasconetest.Fault{Kind: slasconetest.FaultHang})
	id, hanging := c.send("activate", map[string]any{"agent": a, "key": namedKey})
	for len(srv.Requests()) == 0 { // the server has it
		if _, failure := c.call(a, "status", nil, 0); failure != nil {
			t.Fatal(failure)
		}
	}
	c.line(`{"jsonrpc":"2.0","id":` + id + `,"method":"version"}`)
	if resp := <-hanging; resp.Error == nil || !strings.Contains(resp.Error.Message, "under way") {
		t.Errorf("a second call with the same id: %+v", resp)
	}
	c.mu.Lock()
	answer := make(chan rpcResponse, 1)
	c.waiting[id] = answer
	c.mu.Unlock()
	c.line(`{"jsonrpc":"2.0","method":"cancel","params":{"id":` + id + `}}`)
	if resp := <-answer; resp.Error == nil || resp.Error.Data == nil || resp.Error.Data.Kind != Canceled {
		t.Errorf("a canceled call: %+v", resp.Error)
	}
}

// An ID is the same however it is written.
func TestCancelByAnIDInOtherLetters(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	srv, config := emulator(t)
	defer srv.Close()
	c := connect(t)
	defer c.hangUp()
	a := openAgent(t, c, config, nil)
	c.mu.Lock()
	answer := make(chan rpcResponse, 1)
	c.waiting[`"\u0061"`] = answer
	c.mu.Unlock()
	c.line(fmt.Sprintf(`{"jsonrpc":"2.0","id":"\u0061","method":"events","params":{"agent":%d,"after":1000,"wait_ms":60000,"timeout_ms":60000}}`, a))
	c.line(`{"jsonrpc":"2.0","method":"cancel","params":{"id":"a"}}`)
	if resp := <-answer; resp.Error == nil || resp.Error.Data == nil || resp.Error.Data.Kind != Canceled || resp.Error.Message != "the call was canceled" {
		t.Errorf("%+v", resp.Error)
	}
}

// A caller that goes away in the middle of a call leaves nothing behind: its
// seat is free and its state can be opened by the next.
func TestCallerGoesAway(t *testing.T) {
	for _, how := range []string{"hangs up", "reads no more", "is interrupted"} {
		t.Run(how, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			srv, config := emulator(t)
			defer srv.Close()
			dir := t.TempDir()
			more := map[string]any{"manual_sessions": true, "state_dir": dir}
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			requests, in := io.Pipe()
			answers, out := io.Pipe()
			server := NewServer("test", Hooks{})
			served := make(chan error, 1)
			go func() { served <- server.Serve(ctx, requests, out) }()
			dec := json.NewDecoder(answers)
			ask := func(line string) rpcResponse {
				t.Helper()
				if _, err := io.WriteString(in, line+"\n"); err != nil {
					t.Fatal(err)
				}
				var resp rpcResponse
				if err := dec.Decode(&resp); err != nil || resp.Error != nil {
					t.Fatal(err, resp.Error)
				}
				return resp
			}
			open := map[string]any{"jsonrpc": "2.0", "id": 1, "method": "open", "params": map[string]any{"config": config, "state_dir": dir, "store": "file", "manual_sessions": true}}
			ask(string(must(json.Marshal(open))))
			ask(`{"jsonrpc":"2.0","id":2,"method":"activate","params":{"agent":1,"key":"` + floatingKey + `"}}`)
			ask(`{"jsonrpc":"2.0","id":3,"method":"session.open","params":{"agent":1}}`)
			if n := len(srv.Sessions()); n != 1 {
				t.Fatalf("%d sessions are open", n)
			}
			// A long poll is under way.
			if _, err := io.WriteString(in, `{"jsonrpc":"2.0","id":4,"method":"events","params":{"agent":1,"after":1000,"wait_ms":600000,"timeout_ms":600000}}`+"\n"); err != nil {
				t.Fatal(err)
			}
			go io.Copy(io.Discard, answers)
			switch how {
			case "hangs up":
				in.Close()
			case "reads no more":
				answers.CloseWithError(errors.New("gone"))
				io.WriteString(in, `{"jsonrpc":"2.0","id":5,"method":"version"}`+"\n")
			case "is interrupted":
				interrupt()
			}
			select {
			case err := <-served:
				if (err != nil) != (how == "reads no more") {
					t.Errorf("Serve returns %v", err)
				}
			case <-time.After(20 * time.Second):
				t.Fatal("Serve does not return")
			}
			in.Close()
			requests.Close()
			answers.Close()
			for _, s := range srv.Sessions() {
				t.Errorf("a seat is still held: %+v", s)
			}
			c := connect(t)
			defer c.hangUp()
			again := openAgent(t, c, config, more)
			if _, failure := c.call(again, "session.open", nil, 0); failure != nil {
				t.Errorf("the next to come: %v", failure)
			}
		})
	}
}

// A seat that the agent took by itself is given back as well.
func TestSeatIsGivenBackAtHangUp(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	srv, config := emulator(t)
	defer srv.Close()
	c := connect(t)
	a := openAgent(t, c, config, map[string]any{"start": true})
	if _, failure := c.call(a, "activate", map[string]any{"key": floatingKey}, 0); failure != nil {
		t.Fatal(failure)
	}
	for seen := 0.0; len(srv.Sessions()) == 0; {
		result, failure := c.call(a, "events", map[string]any{"after": seen, "wait_ms": 10000}, 0)
		if failure != nil {
			t.Fatal(failure)
		}
		seen = result.(map[string]any)["last"].(float64)
	}
	c.hangUp()
	if n := len(srv.Sessions()); n != 0 {
		t.Errorf("%d seats are still held", n)
	}
}

func TestInputThatBreaks(t *testing.T) {
	err := NewServer("test", Hooks{}).Serve(t.Context(), iotest.ErrReader(errors.New("broken")), io.Discard)
	if err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("Serve returns %v", err)
	}
}

func TestTooManyAgentsAndCalls(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	srv, config := emulator(t)
	defer srv.Close()
	c := connect(t)
	defer c.hangUp()
	var first uint64
	for i := range MaxAgents {
		if a := openAgent(t, c, config, nil); i == 0 {
			first = a
		}
	}
	if _, failure := c.call(0, "open", map[string]any{"config": config, "state_dir": t.TempDir(), "store": "file"}, 0); failure == nil || failure.Kind != Usage {
		t.Errorf("one agent too many: %v", failure)
	}
	if _, failure := c.call(first, "close", nil, 0); failure != nil {
		t.Error(failure)
	}
	if a := openAgent(t, c, config, nil); a <= uint64(MaxAgents) {
		t.Errorf("the handle %d was used before", a)
	}
	// Long polls use up the calls.
	for range MaxCalls {
		c.send("events", map[string]any{"agent": first + 1, "after": 1000, "wait_ms": 60000})
	}
	_, refused := c.send("version", nil)
	if resp := <-refused; resp.Error == nil || resp.Error.Code != invalidRequest {
		t.Errorf("one call too many: %+v", resp)
	}
}

// The last events are kept for a caller who is behind, who is told how many
// were not.
func TestBacklog(t *testing.T) {
	var r ring
	r.init()
	for range Backlog + 10 {
		r.push(time.Unix(1, 0), Event{})
	}
	for _, tt := range []struct{ after, missed, first uint64 }{{0, 10, 11}, {3, 7, 11}, {10, 0, 11}, {20, 0, 21}, {Backlog + 9, 0, Backlog + 10}} {
		got, _, _ := r.after(tt.after)
		if got.Missed != tt.missed || got.Events[0].Seq != tt.first || got.Last != Backlog+10 || uint64(len(got.Events)) != got.Last-tt.first+1 {
			t.Errorf("after %d: missed %d, %d events from %d on, last %d", tt.after, got.Missed, len(got.Events), got.Events[0].Seq, got.Last)
		}
	}
	for _, after := range []uint64{Backlog + 10, 1 << 60} {
		if got, _, _ := r.after(after); len(got.Events) != 0 || got.Missed != 0 {
			t.Errorf("after %d: %v", after, got)
		}
	}
}

// A panic in a call is its caller's answer and nobody's end.
func TestPanicIsAnAnswer(t *testing.T) {
	s := NewServer("test", Hooks{})
	defer s.Close(t.Context())
	m := &method{name: "x", call: func(context.Context, *Server, *entry, []byte) (any, error) { panic("boom") }}
	_, _, err := s.run(t.Context(), m, nil, nil)
	if f := failureOf(err); f.Kind != Internal || !strings.Contains(f.Message, "boom") {
		t.Errorf("%+v", f)
	}
}

func FuzzRequest(f *testing.F) {
	f.Add([]byte(`{"jsonrpc":"2.0","id":1,"method":"status","params":{"agent":1,"timeout_ms":5}}`))
	f.Add([]byte(`{"jsonrpc":"2.0","id":"a\u0000","method":"open","params":{"config":{"app":{}}}}`))
	f.Add([]byte(`[]`))
	f.Add([]byte("\xff\n{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.Contains(data, []byte("config")) {
			return // agents are not opened here
		}
		var out bytes.Buffer
		s := NewServer("test", Hooks{})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		err := s.Serve(ctx, bytes.NewReader(data), &out)
		if err != nil || ctx.Err() != nil {
			t.Fatalf("%v, %v", err, ctx.Err())
		}
		for line := range bytes.Lines(out.Bytes()) {
			var resp rpcResponse
			if err := json.Unmarshal(line, &resp); err != nil || (resp.Error == nil) == (resp.Result == nil) {
				t.Errorf("%q is answered with %q", data, line)
			}
		}
	})
}

// A nil context is context.Background.
func TestServeWithoutContext(t *testing.T) {
	var none context.Context
	s := NewServer("test", Hooks{})
	var out bytes.Buffer
	if err := s.Serve(none, strings.NewReader("{}\n"), &out); err != nil || out.Len() == 0 {
		t.Errorf("%q, %v", out.String(), err)
	}
	if _, failure := s.Call(none, 0, "version", nil); failure != nil {
		t.Error(failure)
	}
	if err := s.Close(none); err != nil {
		t.Error(err)
	}
}
