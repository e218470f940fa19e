package clock

import (
	"testing"
	"time"
)

func BenchmarkTimeNow(b *testing.B) {
	for b.Loop() {
		_ = time.Now()
	}
}

func BenchmarkNow(b *testing.B) {
	c := New(Config{})
	b.ReportAllocs()
	for b.Loop() {
		c.Now()
	}
}

func BenchmarkUnixNano(b *testing.B) {
	c := New(Config{})
	b.ReportAllocs()
	for b.Loop() {
		c.UnixNano()
	}
}
