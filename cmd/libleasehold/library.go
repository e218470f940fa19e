//go:build cgo

package main

import (
	"context"
	"encoding/json"
	"math"
	"sync/atomic"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/protocol"
	"github.com/leasehold-dev/leasehold/cmd/libleasehold/internal/host"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Rejected, see docs/designs.md: //export for the C library.
// Rejected, see docs/designs.md: Callbacks from C.
// Rejected, see docs/designs.md: Last error per thread.

// caller is the one caller of the library: the process that it is loaded into.
var caller = library{protocol.NewServer(version, protocol.Hooks{Opened: host.Add, Changed: publish, Event: push, Closed: host.Remove})}

func init() { //nolint:gochecknoinits // a C library has no other place to begin
	pollerReady() // while there is room; each call asks again
	go caller.serve()
}

// library answers the host's calls.
type library struct{ server *protocol.Server }

func (l library) serve() {
	for {
		r := host.Take()
		go l.answer(r)
	}
}

func (l library) answer(r host.Request) {
	code, opened, result := l.call(r)
	if !r.Answer(code, opened, result) && opened != 0 {
		// Nobody will ever know of it.
		_, _ = l.server.Call(context.Background(), opened, "close", nil)
	}
}

// call carries a request out; a fault of ours must not end the host.
func (l library) call(r host.Request) (code int, opened uint64, result []byte) {
	defer func() {
		if recover() != nil {
			code, opened, result = protocol.Internal.Number(), 0, nil
		}
	}()
	switch r.Kind {
	case host.Allows:
		return l.allows(r), 0, nil
	case host.State:
		return l.state(r), 0, nil
	}
	if !pollerReady() {
		return failed(&protocol.Failure{Op: r.Method, Kind: protocol.Internal, Message: "the process has no file descriptors left", Hint: "close some, or raise their limit (ulimit -n)"})
	}
	ctx, cancel := context.WithTimeout(context.Background(), r.Timeout)
	defer cancel()
	done, failure := l.server.Call(ctx, r.Agent, r.Method, r.Params)
	if failure != nil {
		return failed(failure)
	}
	if r.Kind == host.New {
		var made protocol.Opened
		if json.Unmarshal(done, &made) == nil {
			opened = made.Agent
		}
	}
	return 0, opened, done
}

// failed is what a call returns that failed.
func failed(f *protocol.Failure) (code int, opened uint64, result []byte) {
	text, err := json.Marshal(f)
	if err != nil {
		text = nil
	}
	return f.Kind.Number(), 0, text
}

// allows answers a reader who came after the snapshot's next instant.
func (l library) allows(r host.Request) int {
	a := l.server.Agent(r.Agent)
	if a == nil {
		return protocol.NoAgent.Number()
	}
	allowed := a.Allows(r.Method)
	l.server.Republish(r.Agent)
	if allowed {
		return 1
	}
	return 0
}

func (l library) state(r host.Request) int {
	a := l.server.Agent(r.Agent)
	if a == nil {
		return protocol.NoAgent.Number()
	}
	l.server.Republish(r.Agent)
	return int(a.Decision().State)
}

// testClocks are what tests read the time from; nil: the host's clocks.
var testClocks atomic.Pointer[func() (monotonic, wall int64)]

func clocks() (monotonic, wall int64) {
	if read := testClocks.Load(); read != nil {
		return (*read)()
	}
	return host.Clocks()
}

// publish shows the host what the agent allows until the next instant at which it
// would allow something else.
func publish(handle uint64, a *agent.Agent) {
	for {
		s, ok := host.Begin(clocks())
		if !ok {
			return // no memory: readers ask, as long as the old one is not good
		}
		before, license := a.Decision(), a.License()
		now := a.Now().UnixNano()
		next := int64(math.MaxInt64)
		if at := before.Next.At; !at.IsZero() && at.Year() < 2262 {
			next = at.UnixNano()
		}
		for _, f := range license.Features() {
			if end := f.Expires; !end.IsZero() && end.Year() < 2262 && end.UnixNano() > now {
				next = min(next, end.UnixNano())
			}
			ok = ok && s.Set(f.ID, a.Allows(f.ID), true) && s.Set(f.Name, a.Allows(f.Name), false)
		}
		if !ok {
			s.Drop()
			return
		}
		if after := a.Decision(); same(before, after) && a.License() == license {
			s.Publish(handle, int(after.State), now, next)
			return
		}
		s.Drop() // it changed meanwhile
	}
}

func same(a, b enforcement.Decision) bool {
	return a.State == b.State && a.Cause == b.Cause && a.Next.At.Equal(b.Next.At)
}

func push(handle uint64, e protocol.Event) {
	if text, err := json.Marshal(e); err == nil {
		host.Push(handle, text)
	}
}
