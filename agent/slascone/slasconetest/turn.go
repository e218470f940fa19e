package slasconetest

import (
	"bytes"
	"runtime"
	"sync"
)

// turn lets one goroutine at a time do something, and panics where one that has
// the turn asks for it again: a plain lock would hang there for ever.
type turn struct {
	mu     sync.Mutex
	holder sync.Map // the goroutine that has the turn
}

// begin waits for the turn and returns what ends it.
func (t *turn) begin() (end func()) {
	me := goroutine()
	if _, mine := t.holder.Load(me); mine {
		panic("slasconetest: a function that changes a licence or a product updates one in turn; call UpdateLicense and UpdateProduct one after the other")
	}
	t.mu.Lock()
	t.holder.Store(me, nil)
	return func() {
		t.holder.Delete(me)
		t.mu.Unlock()
	}
}

// goroutine names the running goroutine: the first line of its stack does.
func goroutine() string {
	var stack [64]byte
	line := stack[:runtime.Stack(stack[:], false)]
	name, _, _ := bytes.Cut(line, []byte(" ["))
	return string(name)
}
