package agent

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/clock"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
	"github.com/leasehold-dev/leasehold/storage/filelock"
	"github.com/leasehold-dev/leasehold/storage/storagetest"
)

// tape is a wire that somebody intercepts: who records the answers, holds them
// back, and plays them again. The nonce is signed by the real server each time,
// as that signs one for whoever asks.
type tape struct {
	line *line

	mu      sync.Mutex
	blocked bool // nothing that the server says arrives
	held    bool // likewise, but it is recorded
	answers []recorded
	play    *recorded // instead of what the server says to such calls
}

// recorded is a 200 of the server with its signature.
type recorded struct {
	path, signature string
	body            []byte
}

const signatureHeader = "X-Slascone-Signature"

func (p *tape) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	play := p.play
	if play != nil && !strings.HasSuffix(r.URL.Path, play.path) {
		play = nil
	}
	if p.blocked && play == nil && !p.held {
		return nil, errors.New("connection refused")
	}
	resp, err := p.line.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if play != nil {
		resp.StatusCode = http.StatusOK
		resp.Header.Set(signatureHeader, play.signature)
		resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(play.body)), int64(len(play.body))
		return resp, nil
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode == http.StatusOK {
		call := r.URL.Path[strings.LastIndex(r.URL.Path, "/"):]
		p.answers = append(p.answers, recorded{call, resp.Header.Get(signatureHeader), body})
	}
	if p.held {
		return nil, io.ErrUnexpectedEOF
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// block cuts the line, or mends it.
func (p *tape) block(blocked bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.blocked = blocked
}

// hold has what the server says recorded, and lost.
func (p *tape) hold(held bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = held
}

// last is the newest answer to calls whose path ends so.
func (p *tape) last(t *testing.T, path string) recorded {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.answers) - 1; i >= 0; i-- {
		if p.answers[i].path == path {
			return p.answers[i]
		}
	}
	t.Fatalf("no answer to %s was recorded", path)
	return recorded{}
}

// replay plays an answer from now on, nil none.
func (p *tape) replay(a *recorded) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.play = a
}

// player is somebody who controls the computer: its clock, its network and what
// is kept on it.
type player struct {
	*world
	tape *tape
	ring *storagetest.Keyring
	lic  slasconetest.License
	lock *filelock.Lock // of running processes; nil: not held

	frozen atomic.Int64  // what the computer's clock is held at, Unix nanoseconds; 0 if it runs
	asleep time.Duration // for how long the computer has been suspended
	agent  *Agent        // nil: not running
	cancel context.CancelFunc
	began  time.Time // when it was started, really
	ended  time.Time // what the computer's clock showed when the application ended
	kept   time.Time // and when it kept the line last
}

// playing runs a test with a player in a bubble.
func playing(t *testing.T, cfg slasconetest.Config, f func(*testing.T, *player)) {
	t.Helper()
	inBubble(t, cfg, func(t *testing.T, w *world) {
		p := &player{world: w, tape: &tape{line: w.line}, ring: &storagetest.Keyring{}, ended: time.Now()}
		w.cfg.HTTPClient = &http.Client{Transport: p.tape}
		w.cfg.Store, w.cfg.Keyring = storage.KindAuto, p.ring
		running := w.cfg.Now
		w.cfg.Now = func() time.Time {
			if at := p.frozen.Load(); at != 0 {
				return time.Unix(0, at)
			}
			return running()
		}
		f(t, p)
	})
}

// set sets the computer's clock.
func (p *player) set(at time.Time) {
	p.frozen.Store(0)
	p.moveClock(time.Until(at))
}

// now is the real time. The time of the bubble is that of the monotonic clock, which
// does not run while the computer is suspended.
func (p *player) now() time.Time { return time.Now().Add(p.asleep) }

// suspend has the computer sleep: nothing runs and the monotonic clock stands still,
// while the wall clock and the server go on.
func (p *player) suspend(d time.Duration) {
	p.asleep += d
	p.shift.Add(int64(d))
	p.srv.Advance(d)
}

// freeze holds the computer's clock.
func (p *player) freeze(at time.Time) { p.frozen.Store(at.UnixNano()) }

// run starts the application, unless it runs.
func (p *player) run() {
	p.Helper()
	if p.agent != nil {
		return
	}
	a, err := New(p.cfg)
	if err != nil {
		p.Fatal(err)
	}
	a.network.addresses = func() string { return "" }
	ctx, cancel := context.WithCancel(p.Context())
	p.agent, p.cancel, p.began = a, cancel, time.Now()
	if err := a.Start(ctx); err != nil {
		p.Fatal(err)
	}
}

// end closes the application, or kills it: then it keeps nothing.
func (p *player) end(kill bool) {
	p.Helper()
	if p.agent == nil {
		return
	}
	a := p.agent
	p.agent, p.ended = nil, p.cfg.Now()
	p.kept = p.ended
	if ran, kept := time.Since(p.began), time.Duration(0); kill {
		for next := clock.NextKept(kept); next <= ran; next = clock.NextKept(kept) {
			kept = next
		}
		p.kept = p.ended.Add(kept - ran)
	}
	if kill {
		p.cancel()
		p.sleep(0)
		p.Cleanup(func() { _ = a.Close(context.Background()) })
		return
	}
	_ = a.Close(context.Background()) // which cannot deliver, without the server
	p.cancel()
}

// works lets the application work for a time, and reports whether the user was
// never restricted, as far as a look every half an hour finds.
func (p *player) works(d time.Duration) (usable bool) {
	usable = true
	for ; d > 0; d -= 30 * time.Minute {
		p.sleep(min(d, 30*time.Minute))
		usable = usable && p.agent.Decision().State <= enforcement.Grace
	}
	return usable
}

// parts are all that is kept: files by their path, and the keyring's items.
type parts struct {
	files map[string][]byte
	items map[string]string
}

// copyParts copies what is kept now.
func (p *player) copyParts() parts {
	p.Helper()
	k := parts{files: map[string][]byte{}, items: p.ring.Items()}
	for _, path := range filesBelow(p.T, p.cfg.StateDir) {
		data, err := os.ReadFile(path)
		if err != nil {
			p.Fatal(err)
		}
		k.files[path] = data
	}
	return k
}

// putBack puts all parts back to one moment; the zero parts are none.
func (p *player) putBack(k parts) {
	p.Helper()
	if _, err := os.Stat(p.cfg.StateDir); err == nil {
		for _, path := range filesBelow(p.T, p.cfg.StateDir) {
			p.removeFile(path)
		}
	}
	for path, data := range k.files {
		p.writeFile(path, data)
	}
	p.ring.Restore(k.items)
}

// putBackFiles puts back, or removes where they were not, those files whose name
// ends so.
func (p *player) putBackFiles(k parts, ending string) {
	p.Helper()
	for _, path := range filesBelow(p.T, p.cfg.StateDir) {
		if strings.HasSuffix(path, ending) {
			p.removeFile(path)
		}
	}
	for path, data := range k.files {
		if strings.HasSuffix(path, ending) {
			p.writeFile(path, data)
		}
	}
}

// putBackItems puts the keyring back.
func (p *player) putBackItems(k parts) { p.ring.Restore(maps.Clone(k.items)) }

func (p *player) removeFile(path string) {
	p.Helper()
	if err := os.Remove(path); err != nil {
		p.Fatal(err)
	}
}

func (p *player) writeFile(path string, data []byte) {
	p.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, data, 0o600)); err != nil {
		p.Fatal(err)
	}
}
