package clock

import (
	"testing"
	"time"
)

// BenchmarkTimeNow is what to compare with.
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

// BenchmarkUnixNanoContended has readers on all processors beside a writer.
func BenchmarkUnixNanoContended(b *testing.B) {
	c := New(Config{})
	b.SetParallelism(8)
	b.ReportAllocs()
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for tick := time.Tick(time.Millisecond); ; {
			select {
			case <-done:
				return
			case now := <-tick:
				c.ServerTime(now)
			}
		}
	}()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			c.UnixNano()
		}
	})
	close(done)
	<-ended
}
