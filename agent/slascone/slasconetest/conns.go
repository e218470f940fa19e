package slasconetest

import (
	"io"
	"log"
	"net"
	"net/http"
	"sync"
)

// connCount lets Close wait for the goroutines that net/http starts for
// connections, which http.Server.Close does not.
type connCount struct {
	mu   sync.Mutex
	open map[net.Conn]bool
	wg   sync.WaitGroup
}

func (c *connCount) track(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		if c.open == nil {
			c.open = map[net.Conn]bool{}
		}
		c.open[conn] = true
		c.wg.Add(1)
	case http.StateClosed, http.StateHijacked:
		if c.open[conn] {
			delete(c.open, conn)
			c.wg.Done()
		}
	}
}

// wait is called when Serve has returned, so that no connection is added.
func (c *connCount) wait() { c.wg.Wait() }

// silent keeps net/http from writing about connections that faults broke.
func silent() *log.Logger { return log.New(io.Discard, "", 0) }
