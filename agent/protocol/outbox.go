package protocol

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// maxUnread is how many bytes of answers wait for a caller who does not read.
const maxUnread = 64 << 20

// outbox writes answers in the order in which they come, and lets nobody wait for a
// caller who does not read: else the end of the input would not be noticed, and a
// child process would outlive its host.
type outbox struct {
	out  io.Writer
	gone context.CancelCauseFunc // called when nobody can be answered any more

	mu    sync.Mutex
	lines [][]byte
	size  int  // of lines, in bytes
	over  bool // nothing comes any more, or nothing can go

	news chan struct{} // holds one element when something changed
	done chan struct{} // closed when nothing is written any more
}

func newOutbox(out io.Writer, gone context.CancelCauseFunc) *outbox {
	o := &outbox{out: out, gone: gone, news: make(chan struct{}, 1), done: make(chan struct{})}
	go o.writeAll()
	return o
}

// put hands over a line. Once nobody can be answered it is dropped.
func (o *outbox) put(line []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.over {
		return
	}
	o.lines = append(o.lines, line)
	if o.size += len(line); o.size > maxUnread {
		o.over, o.lines = true, nil
		o.gone(errors.New("the answers are not read"))
	}
	o.wake()
}

func (o *outbox) wake() {
	select {
	case o.news <- struct{}{}:
	default:
	}
}

// writeAll writes until everything is written after finish, or cannot be.
func (o *outbox) writeAll() {
	defer close(o.done)
	for {
		o.mu.Lock()
		lines, over := o.lines, o.over
		o.lines = nil
		o.mu.Unlock()
		for _, line := range lines {
			if _, err := o.out.Write(line); err != nil {
				o.mu.Lock()
				o.over, o.lines = true, nil
				o.mu.Unlock()
				o.gone(fmt.Errorf("the answers cannot be written: %w", err))
				return
			}
			o.mu.Lock()
			o.size -= len(line)
			o.mu.Unlock()
		}
		switch {
		case len(lines) > 0:
		case over:
			return
		default:
			<-o.news
		}
	}
}

// finish waits for what is still to be written, but not for long.
func (o *outbox) finish(patience time.Duration) {
	o.mu.Lock()
	o.over = true
	o.wake()
	o.mu.Unlock()
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-o.done:
	case <-late.C:
	}
}
