package protocol

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/leasehold-dev/leasehold/agent/internal/strictjson"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

var signingKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// vector is a file in vectors, whose README says what it means.
type vector struct {
	About string `json:"about"`
	Steps []struct {
		Server  string          `json:"server"`
		Body    any             `json:"body"`
		Open    map[string]any  `json:"open"`
		Config  map[string]any  `json:"config"`
		Call    string          `json:"call"`
		Params  map[string]any  `json:"params"`
		Timeout int             `json:"timeout_ms"`
		Allows  *string         `json:"allows"`
		Is      bool            `json:"is"`
		State   string          `json:"state"`
		Event   string          `json:"event"`
		With    any             `json:"with"`
		Close   bool            `json:"close"`
		Agent   string          `json:"agent"`
		Result  any             `json:"result"`
		Failure any             `json:"failure"`
		Keep    json.RawMessage `json:"keep"`
	} `json:"steps"`
}

// The licences that the emulator starts with.
func emulated() []slasconetest.License {
	features := []slasconetest.Feature{{Name: "pdf-export"}, {Name: "batch"}, {Name: "beta", Disabled: true}}
	expires := time.Now().UTC().Truncate(24*time.Hour).AddDate(1, 0, 0)
	return []slasconetest.License{
		{Key: "0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978", Name: "Named", Expires: expires, Freeride: new(7), TokenLimit: new(3), Features: features},
		{Key: "5b8f3c21-94d6-4e0b-a7c2-1f0e9d8c7b6a", Name: "Floating", Floating: true, Expires: expires, Freeride: new(7), FloatingTokenLimit: new(2), SessionPeriod: new(5), Features: features},
	}
}

// emulator starts a licence server and returns it with the configuration of an
// application for it.
func emulator(t *testing.T) (*slasconetest.Server, map[string]any) {
	t.Helper()
	srv := slasconetest.New(slasconetest.Config{Key: signingKey(), Licenses: emulated()})
	t.Cleanup(func() { srv.Close() })
	return srv, map[string]any{
		"server_url":       srv.URL,
		"isv_id":           srv.ISV(),
		"product_id":       srv.Products()[0].ID,
		"provisioning_key": srv.ProvisioningKey(),
		"signature":        map[string]any{"mode": "rsa", "public_key": srv.PublicKeyPEM()},
		"app":              map[string]any{"name": "Sketch", "version": "1.4.2"},
	}
}

func TestVectors(t *testing.T) {
	files, err := filepath.Glob("vectors/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no vectors: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var v vector
			if err := strictjson.Decode(data, &v); err != nil {
				t.Fatal(err)
			}
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			srv, config := emulator(t)
			defer srv.Close()
			c := connect(t)
			defer c.hangUp()
			s := story{T: t, control: srv.URL + "/emulator", config: config, dir: t.TempDir(), device: t.Name(), c: c,
				agents: map[string]uint64{"none": 0, "never": 4711}, kept: map[string]any{}, seen: map[string]uint64{}}
			for i := range v.Steps {
				s.step(i, &v)
				if t.Failed() {
					return
				}
			}
		})
	}
}

// story is a vector that is being played.
type story struct {
	*testing.T
	control string
	config  map[string]any
	dir     string
	device  string
	c       *client
	agents  map[string]uint64
	kept    map[string]any
	seen    map[string]uint64 // the last event, by agent
}

func (s *story) step(i int, v *vector) {
	step := v.Steps[i]
	name := step.Agent
	if name == "" {
		name = "a"
	}
	fail := func(format string, args ...any) {
		s.Helper()
		s.Errorf("step %d: %s", i+1, fmt.Sprintf(format, args...))
	}
	params := s.fill(step.Params)
	var result any
	var failure *Failure
	switch {
	case step.Server != "":
		result = s.ask(step.Server, s.fill(step.Body))
	case step.Open != nil:
		result, failure = s.open(name, step.Open, step.Config)
	case step.Call != "":
		result, failure = s.c.call(s.agents[name], step.Call, params, step.Timeout)
	case step.Close:
		result, failure = s.c.call(s.agents[name], "close", nil, 0)
		s.agents["closed"] = s.agents[name]
	case step.Allows != nil:
		feature, _ := s.fill(*step.Allows).(string)
		got := false
		if feature != "" {
			result, failure := s.c.call(s.agents[name], "feature", map[string]any{"name": feature}, 0)
			if failure != nil {
				fail("%v", failure)
				return
			}
			got = result.(map[string]any)["allowed"].(bool)
		}
		if got != step.Is {
			fail("%s is allowed: %v", feature, got)
		}
		return
	case step.State != "":
		result, failure := s.c.call(s.agents[name], "status", nil, 0)
		if failure != nil || result.(map[string]any)["state"] != step.State {
			fail("%v, %v", result, failure)
		}
		return
	case step.Event != "":
		s.event(fail, name, step.Event, s.fill(step.With))
		return
	}
	switch {
	case step.Failure != nil:
		if failure == nil {
			fail("it did not fail: %v", result)
		} else if !holds(toAny(s.T, failure), s.fill(step.Failure)) {
			fail("it failed with %s", must(json.Marshal(failure)))
		}
	case failure != nil:
		fail("%s", must(json.Marshal(failure)))
	case step.Result != nil && !holds(result, s.fill(step.Result)):
		fail("the result is %s", must(json.Marshal(result)))
	}
	if !s.Failed() {
		s.keep(step.Keep, result)
	}
}

func (s *story) open(name string, params, more map[string]any) (any, *Failure) {
	config := map[string]any{"device_id": s.device}
	for _, part := range []map[string]any{s.config, more} {
		for k, v := range part {
			config[k] = v
		}
	}
	full := map[string]any{"config": config, "state_dir": filepath.Join(s.dir, fmt.Sprint(config["device_id"])), "store": "file"}
	for k, v := range params {
		full[k] = v
	}
	result, failure := s.c.call(0, "open", full, 0)
	if failure == nil {
		s.agents[name] = uint64(result.(map[string]any)["agent"].(float64))
		s.seen[name] = 0
	}
	return result, failure
}

func (s *story) event(fail func(string, ...any), name, typ string, with any) {
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		result, failure := s.c.call(s.agents[name], "events", map[string]any{"after": s.seen[name], "wait_ms": 2000}, 0)
		if failure != nil {
			fail("%v", failure)
			return
		}
		for _, e := range result.(map[string]any)["events"].([]any) {
			event := e.(map[string]any)
			s.seen[name] = uint64(event["seq"].(float64))
			if event["type"] != typ {
				continue
			}
			if !holds(event, with) && with != nil {
				fail("the event is %v", event)
			}
			return
		}
	}
	fail("there was no event %s", typ)
}

func (s *story) ask(line string, body any) any {
	method, path, _ := strings.Cut(line, " ")
	var in io.Reader
	if body != nil {
		in = bytes.NewReader(must(json.Marshal(body)))
	}
	req, err := http.NewRequestWithContext(s.Context(), method, s.control+path, in)
	if err != nil {
		s.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		s.Fatalf("%s: %s: %s %v", line, resp.Status, text, err)
	}
	return map[string]any{"$body": string(text)}
}

func (s *story) keep(names json.RawMessage, result any) {
	if len(names) == 0 {
		return
	}
	var list map[string]string
	if err := json.Unmarshal(names, &list); err != nil {
		s.Fatal(err)
	}
	for name, member := range list {
		s.kept[name] = result.(map[string]any)[member]
	}
}

// fill puts what was kept where its names stand.
func (s *story) fill(v any) any {
	switch v := v.(type) {
	case string:
		if name, ok := strings.CutPrefix(v, "$"); ok && v != "$any" {
			kept, known := s.kept[name]
			if !known {
				s.Fatalf("nothing was kept as %s", v)
			}
			return kept
		}
	case map[string]any:
		filled := map[string]any{}
		for k, x := range v {
			filled[k] = s.fill(x)
		}
		return filled
	case []any:
		var filled []any
		for _, x := range v {
			filled = append(filled, s.fill(x))
		}
		return filled
	}
	return v
}

// holds reports whether got holds what is wanted.
func holds(got, want any) bool {
	switch want := want.(type) {
	case string:
		if want == "$any" {
			return got != nil
		}
	case map[string]any:
		object, ok := got.(map[string]any)
		for k, x := range want {
			value, there := object[k]
			ok = ok && there && holds(value, x)
		}
		return ok
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			return false
		}
		for i, x := range want {
			ok = ok && holds(list[i], x)
		}
		return ok
	}
	return reflect.DeepEqual(got, want)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func toAny(t *testing.T, v any) (out any) {
	t.Helper()
	if err := json.Unmarshal(must(json.Marshal(v)), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// client is an application at the other end of Serve.
type client struct {
	*testing.T
	in      *io.PipeWriter
	server  *Server
	served  chan error
	writing sync.Mutex

	mu      sync.Mutex
	last    int
	waiting map[string]chan rpcResponse
	strange []rpcResponse // answers to nobody's request
	told    *sync.Cond    // strange has grown
}

func connect(t *testing.T) *client {
	in, requests := io.Pipe()
	answers, out := io.Pipe()
	c := &client{T: t, in: requests, server: NewServer("test", Hooks{}), served: make(chan error, 1), waiting: map[string]chan rpcResponse{}}
	c.told = sync.NewCond(&c.mu)
	go func() {
		c.served <- c.server.Serve(context.Background(), in, out)
		out.Close()
	}()
	go func() {
		lines := bufio.NewScanner(answers)
		lines.Buffer(nil, MaxLine+1000)
		for lines.Scan() {
			var resp rpcResponse
			if err := json.Unmarshal(lines.Bytes(), &resp); err != nil || resp.Version != "2.0" {
				t.Errorf("an answer is %q: %v", lines.Text(), err)
				continue
			}
			c.mu.Lock()
			if w := c.waiting[string(resp.ID)]; w != nil {
				w <- resp
				delete(c.waiting, string(resp.ID))
			} else {
				c.strange = append(c.strange, resp)
				c.told.Broadcast()
			}
			c.mu.Unlock()
		}
	}()
	return c
}

// send sends a request and returns where its answer will come.
func (c *client) send(method string, params any) (id string, answer chan rpcResponse) {
	c.Helper()
	c.mu.Lock()
	c.last++
	id = fmt.Sprint(c.last)
	answer = make(chan rpcResponse, 1)
	c.waiting[id] = answer
	c.mu.Unlock()
	c.line(string(must(json.Marshal(map[string]any{"jsonrpc": "2.0", "id": c.last, "method": method, "params": params}))))
	return id, answer
}

func (c *client) line(text string) {
	c.Helper()
	c.writing.Lock()
	defer c.writing.Unlock()
	if _, err := io.WriteString(c.in, text+"\n"); err != nil {
		c.Error(err)
	}
}

func (c *client) call(agent uint64, method string, params any, timeout int) (any, *Failure) {
	c.Helper()
	full := map[string]any{}
	if p, ok := params.(map[string]any); ok {
		for k, v := range p {
			full[k] = v
		}
	}
	if agent != 0 {
		full["agent"] = agent
	}
	if timeout != 0 {
		full["timeout_ms"] = timeout
	}
	_, answer := c.send(method, full)
	select {
	case resp := <-answer:
		c.held(method, resp)
		if resp.Error != nil {
			if resp.Error.Data == nil {
				c.Fatalf("%s: %v", method, resp.Error)
			}
			return nil, resp.Error.Data
		}
		var result any
		if err := json.Unmarshal(resp.Result, &result); err != nil {
			c.Fatal(err)
		}
		return result, nil
	case <-time.After(40 * time.Second):
		c.Fatalf("%s was not answered", method)
	}
	return nil, nil
}

// hangUp goes away, and sees that nothing stays behind.
func (c *client) hangUp() {
	c.Helper()
	c.in.Close()
	select {
	case err := <-c.served:
		if err != nil && !errors.Is(err, context.Canceled) {
			c.Error(err)
		}
	case <-time.After(30 * time.Second):
		c.Error("Serve does not return")
	}
	if n := len(c.server.agents); n != 0 {
		c.Errorf("%d agents are still open", n)
	}
}
