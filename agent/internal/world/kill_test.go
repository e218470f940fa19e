package world

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing/synctest"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/storage/storagetest"
)

// cut is the end of a machine's processes in the middle of what they write.
type cut struct {
	on *machine

	mu     sync.Mutex
	left   int // moments until it comes
	folder string
	items  map[string]string
	err    error
}

// moments are about as many as a call has at most.
const moments = 24

// over reports whether the processes are gone.
func (c *cut) over() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.left <= 0
}

// moment is a point between two things that the agent does: before a file is
// written, before and after each call to the keyring, before a request.
func (w *world) moment() {
	c := w.cut.Load()
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left--; c.left != 0 {
		return
	}
	for _, win := range c.on.windows {
		win.wire.die()
	}
	c.items, c.err = c.on.snapshot(c.folder)
}

// snapshot copies a machine's folder and keyring as they are at one moment.
func (m *machine) snapshot(to string) (items map[string]string, err error) {
	const tries = 20
	for range tries {
		before := m.seen()
		if err := os.RemoveAll(to); err != nil {
			return nil, err
		}
		if _, err := os.Stat(m.folder); err == nil {
			if err := os.CopyFS(to, os.DirFS(m.folder)); err != nil {
				continue // a file is gone meanwhile
			}
		}
		if m.ring != nil {
			items = m.ring.Items()
		}
		if m.seen() == before {
			return items, nil
		}
	}
	return nil, fmt.Errorf("%s never rests", m.folder)
}

// seen is what changes when anything is written: the files' lengths and times, and
// the keyring.
func (m *machine) seen() string {
	var b strings.Builder
	_ = filepath.WalkDir(m.folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil {
			if info, err := d.Info(); err == nil {
				fmt.Fprintln(&b, path, info.Size(), info.ModTime())
			}
		}
		return nil
	})
	if m.ring != nil {
		fmt.Fprint(&b, m.ring.Items())
	}
	return b.String()
}

// killWriting kills a machine's processes at the n-th moment of what they do: they
// ask the server, use a feature, consume, and ask again. What is on the disk and in
// the keyring then is what the next process finds, with a file half written.
func (w *world) killWriting(m *machine, n int) {
	if len(m.windows) == 0 || m.troubledNow() || w.full {
		w.kill(m)
		return
	}
	m.copies++
	c := &cut{on: m, left: n, folder: filepath.Join(w.folder, fmt.Sprintf("%s.%d", m.name, m.copies))}
	m.mu.Lock()
	before := *m.client
	m.mu.Unlock()
	w.cut.Store(c)
	win := m.windows[0]
	one := decimal.NewFromInt(1)
	for _, call := range []struct {
		name  string
		make  func(context.Context) error
		acked func()
	}{
		{"Heartbeat", func(ctx context.Context) error { _, err := win.Heartbeat(ctx); return err }, func() {}},
		{"Use", func(ctx context.Context) error { return win.UseAmount(ctx, "export", one) }, func() { m.used = m.used.Add(one) }},
		{"Consume", func(ctx context.Context) error { _, err := win.Consume(ctx, "renders", one); return err }, func() { m.consumed = m.consumed.Add(one) }},
		{"Heartbeat", func(ctx context.Context) error { _, err := win.Heartbeat(ctx); return err }, func() {}},
	} {
		if c.over() {
			break
		}
		if w.within(m, call.name, callLimit, call.make) == nil && !c.over() {
			call.acked()
			m.spent = w.now()
		}
	}
	w.cut.Store(nil)
	if !c.over() {
		w.kill(m)
		return
	}
	if c.err != nil {
		w.failf("%s: %v", m.name, c.err)
	}
	w.lost.Add(1) // an answer may not have been heard
	m.mu.Lock()
	if m.client.kept != before.kept { // it may not be kept
		m.client.kept, m.client.answered = before.kept, before.answered
	}
	m.client.offKept = m.client.offKept && before.offKept
	m.mu.Unlock()
	old := m.folder
	w.kill(m)
	m.folder = c.folder
	if m.ring != nil {
		m.ring = &storagetest.Keyring{}
		m.ring.Restore(c.items)
	}
	w.tear(old, m.folder, n)
	synctest.Wait()
}

// tear leaves a file half written: what the process that went on has made of it is
// in a folder that nobody looks at.
func (w *world) tear(later, now string, n int) {
	for _, name := range files(later) {
		full, err := os.ReadFile(filepath.Join(later, name))
		if err != nil || len(full) == 0 {
			continue
		}
		was, err := os.ReadFile(filepath.Join(now, name))
		changed := err != nil || !bytes.Equal(was, full)
		if _, err := os.Stat(filepath.Dir(filepath.Join(now, name))); err != nil || !changed {
			continue
		}
		half := len(full) * (n % 5) / 4 // also of nothing, and of all
		switch {
		case strings.HasSuffix(name, ".journal"):
			if len(was) > 0 && bytes.HasPrefix(full, was) {
				w.write(filepath.Join(now, name), full[:len(was)+(len(full)-len(was))*(n%5)/5])
			}
		case strings.HasSuffix(name, ".state"), strings.HasSuffix(name, ".copy"), strings.HasSuffix(name, ".spill"), strings.HasSuffix(name, ".mark"):
			w.write(filepath.Join(now, name+".TORN.tmp"), full[:half])
			return // one at a time is written
		}
	}
}

func (w *world) write(path string, data []byte) {
	const mode = 0o600
	if err := os.WriteFile(path, data, mode); err != nil {
		w.failf("%v", err)
	}
}

// ring is the keyring of a machine's processes.
type ring struct {
	*storagetest.Keyring
	world *world
}

func (r ring) Set(service, user, secret string) error {
	r.world.moment()
	defer r.world.moment()
	return r.Keyring.Set(service, user, secret)
}

func (r ring) Delete(service, user string) error {
	r.world.moment()
	defer r.world.moment()
	return r.Keyring.Delete(service, user)
}

// die ends the network of a process.
func (w *wire) die() { w.ended.Do(func() { close(w.dead) }) }
