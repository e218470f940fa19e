package journal

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
)

var benchEntry = []byte(strings.Repeat("x", 120))

func benchJournal(b *testing.B) *Journal {
	b.Helper()
	j, err := Open(filepath.Join(b.TempDir(), "journal"), testKey, Options{MaxBytes: MaxMaxBytes})
	if err != nil {
		b.Fatal(err)
	}
	return j
}

func BenchmarkAppend(b *testing.B) {
	j := benchJournal(b)
	b.ReportAllocs()
	for b.Loop() {
		if err := j.Append(context.Background(), benchEntry); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAppendTogether has 64 goroutines that append.
func BenchmarkAppendTogether(b *testing.B) {
	j := benchJournal(b)
	b.SetParallelism(64)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if err := j.Append(context.Background(), benchEntry); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkOpen10k(b *testing.B) {
	j := benchJournal(b)
	for range 10_000 {
		if err := j.Append(context.Background(), benchEntry); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		again, err := Open(j.path, testKey, Options{MaxBytes: MaxMaxBytes})
		if err != nil {
			b.Fatal(err)
		}
		if n, err := again.Pending(context.Background()); n != 10_000 {
			b.Fatal(n, err)
		}
	}
}

func BenchmarkDeliver(b *testing.B) {
	j := benchJournal(b)
	c, err := j.Claim()
	if err != nil {
		b.Fatal(err)
	}
	defer c.Release()
	batch := make([][]byte, 100)
	for i := range batch {
		batch[i] = benchEntry
	}
	for b.Loop() {
		if err := j.Append(context.Background(), batch...); err != nil {
			b.Fatal(err)
		}
		got, err := c.Batch(context.Background(), 100)
		if err == nil {
			err = c.Acknowledge(context.Background(), got[len(got)-1].Position)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
