package protocol

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// stuck is a reader who has stopped reading, and lets go at the end.
type stuck chan struct{}

func (s stuck) Write([]byte) (int, error) {
	<-s
	return 0, io.ErrClosedPipe
}

// A caller who reads nothing is served, and left when he hangs up.
func TestCallerWhoNeverReads(t *testing.T) {
	for _, line := range []string{"nonsense\n", `{"jsonrpc":"2.0","id":1,"method":"version","params":[]}` + "\n", `{"jsonrpc":"2.0","id":null,"method":"codes"}` + "\n"} {
		synctest.Test(t, func(t *testing.T) {
			out := make(stuck)
			in, w := io.Pipe()
			served := make(chan error, 1)
			go func() { served <- NewServer("test", Hooks{}).Serve(t.Context(), in, out) }()
			for range 2000 {
				if _, err := io.WriteString(w, line); err != nil {
					t.Fatal(err)
				}
			}
			hungUp := time.Now()
			w.Close()
			if err := <-served; err != nil {
				t.Error(err)
			}
			if d := time.Since(hungUp); d > ending+closing {
				t.Errorf("Serve returns after %v", d)
			}
			close(out)
		})
	}
}

// What waits for a reader is bounded.
func TestTooMuchIsUnread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, gone := context.WithCancelCause(t.Context())
		out := make(stuck)
		o := newOutbox(out, gone)
		line := []byte(strings.Repeat("x", 1<<20))
		for range maxUnread >> 20 {
			o.put(line)
		}
		if ctx.Err() != nil {
			t.Error("the caller is given up too early")
		}
		for range 3 {
			o.put(line)
		}
		if ctx.Err() == nil || !strings.Contains(context.Cause(ctx).Error(), "not read") || len(o.lines) > 0 {
			t.Errorf("%v; %d lines wait", context.Cause(ctx), len(o.lines))
		}
		close(out)
		o.finish(time.Hour)
		if errors.Is(context.Cause(ctx), io.ErrClosedPipe) {
			t.Error("the first cause is lost")
		}
	})
}

// slow is a reader who takes his time before he reads everything.
type slow struct{ read bytes.Buffer }

func (s *slow) Write(line []byte) (int, error) {
	if s.read.Len() == 0 {
		time.Sleep(5 * time.Second)
	}
	return s.read.Write(line)
}

// Who hangs up and reads later, as the next program of a pipeline may, gets all answers.
func TestCallerWhoReadsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const calls = 100
		var out slow
		in := strings.NewReader(strings.Repeat(`{"jsonrpc":"2.0","id":null,"method":"version"}`+"\n", calls))
		if err := NewServer("test", Hooks{}).Serve(t.Context(), in, &out); err != nil {
			t.Error(err)
		}
		if n := bytes.Count(out.read.Bytes(), []byte("\n")); n != calls {
			t.Errorf("%d of %d answers are written", n, calls)
		}
	})
}
