//go:build cgo && unix

package main

import (
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// poller is whether Go's runtime has the descriptors that it waits with. It takes
// them at its first timer or connection, and where there are none left it ends
// the process.
var poller struct {
	ready atomic.Bool
	mu    sync.Mutex
}

// pollerReady lets the runtime take them while there are some, and reports whether
// it has them: a host that has none left gets an error and lives on.
func pollerReady() bool {
	if poller.ready.Load() {
		return true
	}
	poller.mu.Lock()
	defer poller.mu.Unlock()
	if poller.ready.Load() {
		return true
	}
	if !room() {
		return false
	}
	time.AfterFunc(time.Hour, func() {}).Stop()
	poller.ready.Store(true)
	return true
}

// room reports whether there are descriptors left: the runtime needs two or three,
// by the system.
func room() bool {
	var pipes [2][2]int
	for i := range pipes {
		if syscall.Pipe(pipes[i][:]) != nil {
			return false
		}
		defer func() {
			_ = syscall.Close(pipes[i][0])
			_ = syscall.Close(pipes[i][1])
		}()
	}
	return true
}
