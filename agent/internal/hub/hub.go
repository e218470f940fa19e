// Package hub hands events to readers that may be slow.
package hub

import (
	"context"
	"iter"
	"slices"
	"sync"
	"weak"
)

// backlog is how many events a slow reader can be behind before the oldest are
// dropped.
const backlog = 64

// A Hub hands events to any number of readers without ever waiting for one. It
// does not keep a reader alive that nobody can range over any more. The zero Hub
// is ready for use; it is safe for concurrent use.
type Hub[E any] struct {
	// Keep says of which events the latest must reach a slow reader, nil of none;
	// Merge makes one of two of those.
	Keep  func(E) bool
	Merge func(older, newer E) E

	mu      sync.Mutex
	closed  bool
	first   []E // from before there could be a reader; the first one gets them
	readers map[weak.Pointer[Reader[E]]]struct{}
}

// A Reader is who listens; see [Hub.Subscribe].
type Reader[E any] struct {
	queue []E
	ready chan struct{} // holds a token while queue is not empty or the hub is closed
}

func (r *Reader[E]) wake() {
	select {
	case r.ready <- struct{}{}:
	default:
	}
}

func (h *Hub[E]) push(r *Reader[E], e E) {
	if len(r.queue) >= backlog {
		h.makeRoom(r)
	}
	r.queue = append(r.queue, e)
	r.wake()
}

// makeRoom drops the oldest event that need not be kept. If all must be, the
// two oldest become one.
func (h *Hub[E]) makeRoom(r *Reader[E]) {
	drop := slices.IndexFunc(r.queue, func(e E) bool { return h.Keep == nil || !h.Keep(e) })
	if drop < 0 {
		r.queue[1] = h.Merge(r.queue[0], r.queue[1])
		drop = 0
	}
	r.queue = slices.Delete(r.queue, drop, drop+1)
}

// First leaves events for the first reader, from before there could be one.
func (h *Hub[E]) First(events []E) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.first = events
}

// Publish hands events to all readers.
func (h *Hub[E]) Publish(events ...E) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for w := range h.readers {
		r := w.Value()
		if r == nil {
			delete(h.readers, w)
			continue
		}
		for _, e := range events {
			h.push(r, e)
		}
	}
}

// Close ends the loops of all readers, once they have had what there was.
func (h *Hub[E]) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for w := range h.readers {
		if r := w.Value(); r != nil {
			r.wake()
		}
	}
}

// Subscribe registers a reader before its loop begins, so that nothing between
// the two is missed.
func (h *Hub[E]) Subscribe() *Reader[E] {
	r := &Reader[E]{ready: make(chan struct{}, 1)}
	h.mu.Lock()
	defer h.mu.Unlock()
	r.queue, h.first = h.first, nil
	if len(r.queue) > 0 {
		r.wake()
	}
	h.add(r)
	return r
}

// resume registers a reader whose earlier loop has ended.
func (h *Hub[E]) resume(r *Reader[E]) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.add(r)
}

func (h *Hub[E]) add(r *Reader[E]) {
	if h.readers == nil {
		h.readers = make(map[weak.Pointer[Reader[E]]]struct{})
	}
	h.readers[weak.Make(r)] = struct{}{}
	if h.closed {
		r.wake()
	}
}

func (h *Hub[E]) drop(r *Reader[E]) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.readers, weak.Make(r))
}

func (h *Hub[E]) take(r *Reader[E]) (events []E, open bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	events, r.queue = r.queue, nil
	return events, !h.closed
}

// Each yields a reader's events until ctx ends, the hub closes or the reader
// has enough. It runs in the caller's goroutine.
func (h *Hub[E]) Each(ctx context.Context, r *Reader[E]) iter.Seq[E] {
	return func(yield func(E) bool) {
		h.resume(r)
		defer h.drop(r)
		for {
			select {
			case <-ctx.Done():
				return
			case <-r.ready:
			}
			events, open := h.take(r)
			for _, e := range events {
				if ctx.Err() != nil || !yield(e) {
					return
				}
			}
			if !open {
				return
			}
		}
	}
}
