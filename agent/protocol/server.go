package protocol

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/internal/strictjson"
	"github.com/leasehold-dev/leasehold/agent/messages"
	"github.com/leasehold-dev/leasehold/internal/given"
)

// The bounds of a [Server].
const (
	MaxAgents      = 64               // open at a time
	DefaultTimeout = 30 * time.Second // of a call that names none
	MaxTimeout     = 10 * time.Minute // of a call
	Backlog        = 256              // events of an agent that are kept for a caller who is behind

	// grace is how much longer than its deadline a call may take: the agent waits
	// 2 s for the answer to an amount that the server may have taken.
	grace = 3 * time.Second
)

// Hooks tell a transport what happens to agents. Each may be nil; none may call
// the Server.
type Hooks struct {
	// Opened is called before the others; false says that there is no room.
	Opened func(handle uint64) bool
	// Changed is called after whatever may have changed what the agent with this
	// handle allows, before the call that did so is answered. Calls for one agent
	// come one at a time.
	Changed func(handle uint64, a *agent.Agent)
	// Event is called for each event, in order.
	Event func(handle uint64, e Event)
	// Closed is called once, after the last call of the others for this handle.
	Closed func(handle uint64)
}

// Server answers the calls of one caller: it holds the agents that the caller
// has opened. Make it with [NewServer]; it must be closed. It is safe for
// concurrent use.
type Server struct {
	version string
	hooks   Hooks
	preset  *agent.Config

	mu     sync.Mutex
	agents map[uint64]*entry
	last   uint64 // handles are never used again
	closed bool
}

// NewServer returns a server without agents. version is the module's, as
// diagnoses tell it.
func NewServer(version string, hooks Hooks) *Server {
	return &Server{version: version, hooks: hooks, agents: make(map[uint64]*entry)}
}

// Preset sets the configuration of agents that are opened without one. It is to
// be called before the first call.
func (s *Server) Preset(cfg agent.Config) { s.preset = &cfg }

// entry is one open agent.
type entry struct {
	handle uint64
	agent  *agent.Agent
	config agent.Config
	texts  *messages.Texts // in the user's language

	life   context.Context // ends when the agent is closed
	end    context.CancelFunc
	pumped chan struct{} // closed when the last event was taken
	events ring

	changing sync.Mutex // held while hooks.Changed runs
	telling  sync.Mutex // held while hooks.Event runs
	gone     bool       // guarded by telling: hooks.Closed was called, or is about to be

	begun atomic.Int64  // calls of begin under way
	calls atomic.Uint64 // the number of the last one

	seated atomic.Bool // session.open took a seat here that is not checked out
}

// Call answers one call. handle is 0 for methods that need no agent. The
// deadline is ctx's, and [DefaultTimeout] where that has none. params is a JSON
// object, or empty or null for one without members.
func (s *Server) Call(ctx context.Context, handle uint64, method string, params []byte) (json.RawMessage, *Failure) {
	ctx = given.Context(ctx)
	result, err := s.dispatch(ctx, handle, method, params)
	if err != nil {
		f := failureOf(err)
		if f.Op == "" {
			f.Op = method
		}
		return nil, f
	}
	return result, nil
}

func (s *Server) dispatch(ctx context.Context, handle uint64, name string, params []byte) (json.RawMessage, error) {
	m, ok := methodNamed(name)
	if !ok {
		return nil, noMethod(name)
	}
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, DefaultTimeout)
		defer cancel()
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var e *entry
	if m.needs == needsAgent || handle != 0 && m.needs != needsNone {
		if e = s.find(handle); e == nil {
			return nil, noAgent(handle)
		}
		if !m.ends {
			defer context.AfterFunc(e.life, cancel)()
		}
	}
	if text := bytes.TrimSpace(params); len(text) == 0 || string(text) == "null" {
		params = []byte("{}")
	}
	call := &pending{done: make(chan outcome, 1)}
	go func() {
		result, opened, err := s.run(ctx, m, e, params)
		if !call.settle() && opened != 0 {
			_ = s.remove(context.WithoutCancel(ctx), opened) // nobody will ever know of it
			return
		}
		call.done <- outcome{result, err}
	}()
	return call.wait(ctx)
}

type outcome struct {
	result json.RawMessage
	err    error
}

// pending is a call that somebody waits for. What hangs beyond its deadline,
// such as a dead network file system, ends by itself some time; its caller does
// not wait for that.
type pending struct {
	done    chan outcome
	settled atomic.Bool
}

// settle reports whether the caller of settle is the first: either the call is
// done or its caller has given up.
func (p *pending) settle() bool { return p.settled.CompareAndSwap(false, true) }

func (p *pending) wait(ctx context.Context) (json.RawMessage, error) {
	select {
	case out := <-p.done:
		return out.result, out.err
	case <-ctx.Done():
	}
	late := time.NewTimer(grace)
	defer late.Stop()
	select {
	case out := <-p.done:
		return out.result, out.err
	case <-late.C:
	}
	if !p.settle() {
		out := <-p.done
		return out.result, out.err
	}
	return nil, &Failure{Kind: Timeout, Message: "the deadline passed, and what was asked for is not done yet", Hint: "ask for the status before trying again"}
}

// run runs a method; opened is the handle of an agent that it made. A fault in
// it is told to the caller: it must not end a process that is not ours.
func (s *Server) run(ctx context.Context, m *method, e *entry, params []byte) (result json.RawMessage, opened uint64, err error) {
	defer func() {
		if v := recover(); v != nil {
			result, err = nil, &Failure{Kind: Internal, Message: fmt.Sprintf("%v\n%s", v, debug.Stack())}
		}
	}()
	value, err := m.call(ctx, s, e, params)
	if e != nil && m.changes {
		s.changed(e)
	}
	if err != nil {
		return nil, 0, err
	}
	if made, ok := value.(Opened); ok {
		opened = made.Agent
	}
	result, err = encode(value)
	return result, opened, err
}

// encode writes a value as the command line does.
func encode(v any) (json.RawMessage, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, &Failure{Kind: Internal, Message: err.Error()}
	}
	return bytes.TrimRight(buf.Bytes(), "\n"), nil
}

func noMethod(name string) *Failure {
	return &Failure{Kind: NoMethod, Message: fmt.Sprintf("there is no method %.40q", name), Hint: "REFERENCE.md lists the methods"}
}

func noAgent(handle uint64) *Failure {
	if handle == 0 {
		return &Failure{Kind: NoAgent, Message: "the call does not say for which agent", Hint: "open one first, and pass what open returned"}
	}
	return &Failure{Kind: NoAgent, Message: fmt.Sprintf("there is no agent %d: it was closed, or never opened", handle)}
}

// Agent returns the open agent with this handle, nil when there is none.
func (s *Server) Agent(handle uint64) *agent.Agent {
	if e := s.find(handle); e != nil {
		return e.agent
	}
	return nil
}

func (s *Server) find(handle uint64) *entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.agents[handle]
}

// add gives an agent a handle. What it lacks afterwards is only its events.
func (s *Server) add(a *agent.Agent, cfg agent.Config) (*entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, &Failure{Kind: Canceled, Message: "the caller is going away"}
	case len(s.agents) >= MaxAgents:
		return nil, misuse("%d agents are open already; close one", len(s.agents))
	}
	if s.hooks.Opened != nil && !s.hooks.Opened(s.last+1) {
		return nil, &Failure{Kind: Internal, Message: "there is no room for another agent"}
	}
	s.last++
	e := &entry{handle: s.last, agent: a, config: cfg, pumped: make(chan struct{})}
	e.life, e.end = context.WithCancel(context.Background())
	e.events.init()
	s.agents[e.handle] = e
	return e, nil
}

// pump takes the agent's events until it is closed.
func (s *Server) pump(e *entry) {
	events := e.agent.Changes(context.Background()) // they end with the agent
	go func() {
		defer close(e.pumped)
		for event := range events {
			switch event.(type) {
			case agent.StateChanged, agent.LicenseChanged:
				s.changed(e)
			}
			s.tell(e, viewEvent(event))
		}
	}()
}

// tell numbers an event and hands it out, one at a time.
func (s *Server) tell(e *entry, event Event) {
	e.telling.Lock()
	defer e.telling.Unlock()
	told := e.events.push(e.agent.Now(), event)
	if s.hooks.Event != nil && !e.gone {
		s.hooks.Event(e.handle, told)
	}
}

// Republish calls the hook Changed of an open agent.
func (s *Server) Republish(handle uint64) {
	if e := s.find(handle); e != nil {
		s.changed(e)
	}
}

func (s *Server) changed(e *entry) {
	if s.hooks.Changed == nil {
		return
	}
	e.changing.Lock()
	defer e.changing.Unlock()
	if e.life.Err() == nil {
		s.hooks.Changed(e.handle, e.agent)
	}
}

// remove closes an agent. Only the first caller finds it.
func (s *Server) remove(ctx context.Context, handle uint64) error {
	s.mu.Lock()
	e := s.agents[handle]
	delete(s.agents, handle)
	s.mu.Unlock()
	if e == nil {
		return noAgent(handle)
	}
	e.end() // calls under way are canceled
	if e.seated.Load() {
		// The agent leaves a seat that it did not take itself to who did; that one
		// goes away. When the server cannot be asked, the seat lapses.
		_, _ = e.agent.CloseSession(ctx)
	}
	err := e.agent.Close(ctx)
	e.events.close()
	select {
	case <-e.pumped:
	case <-ctx.Done():
	}
	e.telling.Lock()
	e.gone = true
	e.telling.Unlock()
	if s.hooks.Closed != nil {
		e.changing.Lock()
		s.hooks.Closed(handle)
		e.changing.Unlock()
	}
	return err
}

// Close closes all agents, side by side, and refuses new ones. Floating seats
// are given back.
func (s *Server) Close(ctx context.Context) error {
	ctx = given.Context(ctx)
	s.mu.Lock()
	s.closed = true
	var handles []uint64
	for h := range s.agents {
		handles = append(handles, h)
	}
	s.mu.Unlock()
	errs := make([]error, len(handles))
	var wg sync.WaitGroup
	for i, h := range handles {
		wg.Go(func() { errs[i] = s.remove(ctx, h) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// decodeParams reads a method's parameters.
func decodeParams[P any](data []byte) (P, error) {
	var p P
	if err := strictjson.Decode(data, &p); err != nil {
		return p, &Failure{Kind: Usage, Message: "the parameters: " + err.Error(), Hint: "REFERENCE.md lists them"}
	}
	return p, nil
}
