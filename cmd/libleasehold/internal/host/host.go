//go:build cgo

// Package host is the C side of the library: what the host's threads run, and how
// Go answers them. They never enter Go. See the C files for how, and
// leasehold.h for what is promised.
package host

/*
#cgo CFLAGS: -std=gnu11 -O2 -fvisibility=hidden -Wall -Wextra -Werror
#cgo linux LDFLAGS: -lpthread
#include <stdlib.h>
#include "host.h"
*/
import "C"

import (
	"strings"
	"time"
	"unsafe"
)

// Kind says what a request asks for.
type Kind int32

// What the host asks for.
const (
	Call   = Kind(C.LH_CALL)
	New    = Kind(C.LH_NEW)
	Close  = Kind(C.LH_CLOSE)
	Allows = Kind(C.LH_ALLOWS) // whether the feature named by Method may be used
	State  = Kind(C.LH_STATE)
)

// Request is a call of a thread of the host, who waits for it.
type Request struct {
	Kind    Kind
	Agent   uint64
	Method  string
	Params  []byte
	Timeout time.Duration

	c *C.lh_request
}

// Take waits for the next request.
func Take() Request {
	r := C.lh_take()
	return Request{
		Kind:    Kind(r.kind),
		Agent:   uint64(r.agent),
		Method:  C.GoString(r.method),
		Params:  []byte(C.GoString(r.params)),
		Timeout: time.Duration(r.timeout_ms) * time.Millisecond,
		c:       r,
	}
}

// Answer answers a request, once. It reports whether somebody waited for the
// answer; else what was opened is nobody's.
func (r Request) Answer(code int, opened uint64, result []byte) bool {
	var out *C.char
	if result != nil {
		out = C.CString(string(result))
	}
	return C.lh_answer(r.c, C.int32_t(code), C.uint64_t(opened), out) != 0
}

// Add makes an agent known; it reports whether there was room. Remove is not to
// run beside Publish for the same agent.
func Add(agent uint64) bool { return C.lh_agent_add(C.uint64_t(agent)) != 0 }

// Remove forgets an agent; who waits for its events is told.
func Remove(agent uint64) { C.lh_agent_remove(C.uint64_t(agent)) }

// Push hands an event to whoever asks next.
func Push(agent uint64, event []byte) {
	C.lh_event_push(C.uint64_t(agent), C.CString(string(event)))
}

// Clocks reads the clocks that readers compare with, in nanoseconds.
func Clocks() (monotonic, wall int64) {
	return int64(C.lh_monotonic_ns()), int64(C.lh_wall_ns())
}

// Snapshot is what an agent allows, on its way into C memory.
type Snapshot struct{ c *C.lh_snapshot }

// Begin begins a snapshot of what is found out after the clocks were read; false:
// there is no memory.
func Begin(monotonic, wall int64) (Snapshot, bool) {
	c := C.lh_snapshot_begin(C.int64_t(monotonic), C.int64_t(wall))
	return Snapshot{c}, c != nil
}

// Set says whether a feature is allowed, under its ID or its name.
func (s Snapshot) Set(name string, allowed, isID bool) bool {
	if strings.IndexByte(name, 0) >= 0 {
		return true // which C cannot ask for
	}
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	return C.lh_snapshot_add(s.c, text, number(allowed), number(isID)) != 0
}

func number(b bool) C.int32_t {
	if b {
		return 1
	}
	return 0
}

// Drop ends a snapshot that is not published.
func (s Snapshot) Drop() { C.lh_snapshot_drop(s.c) }

// Publish shows the snapshot to readers. now is the trusted time, and next the
// instant from which on it may be wrong; both are Unix nanoseconds, and next is
// math.MaxInt64 when nothing will change by itself.
func (s Snapshot) Publish(agent uint64, state int, now, next int64) {
	C.lh_snapshot_publish(C.uint64_t(agent), s.c, C.int32_t(state), C.int64_t(now), C.int64_t(next))
}

// AllowsAt and StateAt are leasehold_allows and leasehold_state at an instant of
// both clocks, in nanoseconds, for tests.
func AllowsAt(agent uint64, feature string, monotonic, wall int64) int {
	text := C.CString(feature)
	defer C.free(unsafe.Pointer(text))
	return int(C.lh_allows_at(C.uint64_t(agent), text, C.int64_t(monotonic), C.int64_t(wall)))
}

// StateAt is leasehold_state at an instant, see [AllowsAt].
func StateAt(agent uint64, monotonic, wall int64) int {
	return int(C.lh_state_at(C.uint64_t(agent), C.int64_t(monotonic), C.int64_t(wall)))
}

// Asked is how often a reader had to ask Go, for tests.
func Asked() int64 { return int64(C.lh_asked) }
