package storage

import (
	"bytes"
	"compress/flate"
	"sync"
)

// Rejected, see docs/designs.md: A compressor of our own.

// press makes data shorter that does not fit its slot as it is. It takes what it
// works with from the pool.
type press func(data []byte, writers *sync.Pool) []byte

// pack returns data as a payload, pressed where it does not fit the slot as it
// is: what is not deflated is faster to read.
func (l *Local) pack(data []byte, fits func(n int) bool) (payload []byte, flags byte) {
	if l.cfg.press == nil || fits(overheadLen+len(data)) {
		return data, 0
	}
	if small := l.cfg.press(data, &l.writers); len(small) < len(data) {
		return small, flagDeflated
	}
	return data, 0
}

// deflate is the press of keyrings with little room. It returns b deflated, or b
// when that fails.
func deflate(b []byte, writers *sync.Pool) []byte {
	var out bytes.Buffer
	w, ok := writers.Get().(*flate.Writer)
	if !ok {
		var err error
		if w, err = flate.NewWriter(&out, flate.DefaultCompression); err != nil {
			return b
		}
	}
	defer writers.Put(w)
	w.Reset(&out)
	if _, err := w.Write(b); err != nil {
		return b
	}
	if err := w.Close(); err != nil {
		return b
	}
	return out.Bytes()
}
