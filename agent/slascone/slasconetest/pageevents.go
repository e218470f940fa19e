package slasconetest

import (
	"bytes"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// pageSignal wakes the pages that are open.
type pageSignal struct {
	mu      sync.Mutex
	changed chan struct{}
	open    atomic.Int32 // pages that follow
}

// wait returns a channel that is closed at the next raise.
func (p *pageSignal) wait() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.changed == nil {
		p.changed = make(chan struct{})
	}
	return p.changed
}

func (p *pageSignal) raise() {
	if p.open.Load() == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.changed != nil {
		close(p.changed)
		p.changed = nil
	}
}

const (
	pageRest = 100 * time.Millisecond // between two looks, however much happens
	pageLook = time.Second            // between two looks at what is not signalled, such as the clock
)

// servePageEvents sends the parts of the page that changed, as server-sent
// events, for as long as the browser listens. It is no request in the sense of
// InFlight.
func (s *Server) servePageEvents(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		panic(http.ErrAbortHandler)
	}
	s.mu.Lock()
	s.active--
	s.mu.Unlock()
	defer s.running.Done()
	s.page.open.Add(1)
	defer s.page.open.Add(-1)

	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	control := http.NewResponseController(w)
	sent := map[string]string{}
	for {
		changed := s.page.wait()
		view := s.pageView()
		for _, part := range pageParts {
			var html bytes.Buffer
			if err := pageTemplates().ExecuteTemplate(&html, part, view); err != nil {
				panic("slasconetest: the page: " + err.Error())
			}
			if sent[part] == html.String() {
				continue
			}
			sent[part] = html.String()
			event := marshal(map[string]string{"name": part, "html": html.String()})
			if _, err := w.Write(append(append([]byte("event: part\ndata: "), event...), "\n\n"...)); err != nil {
				return
			}
		}
		if err := control.Flush(); err != nil {
			return
		}
		if !pause(r, s, changed) {
			return
		}
	}
}

// pause waits until it is time for another look, and reports whether there is
// somebody to look for.
func pause(r *http.Request, s *Server, changed <-chan struct{}) bool {
	timer := time.NewTimer(pageRest)
	defer timer.Stop()
	for _, c := range []<-chan struct{}{nil, changed} {
		select {
		case <-r.Context().Done():
			return false
		case <-s.closing.Done():
			return false
		case <-c:
		case <-timer.C:
		}
		timer.Reset(pageLook - pageRest)
	}
	return true
}
