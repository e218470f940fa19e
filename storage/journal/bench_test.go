package journal

import (
	"context"
	"path/filepath"
	"strconv"
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

// BenchmarkOpenPastOne opens a journal whose oldest entry waits while all after
// it are delivered: twice as many must cost about twice as much.
func BenchmarkOpenPastOne(b *testing.B) {
	for _, n := range []int{10_000, 20_000, 40_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			d := newDisk(0)
			j := mustOpen(b, d, Options{})
			mustAppend(b, j, "the one that waits")
			batch := make([]string, 200)
			for i := range batch {
				batch[i] = strings.Repeat("x", 50)
			}
			c := mustClaim(b, j)
			for next := uint64(2); next < uint64(n); next += uint64(len(batch)) {
				mustAppend(b, j, batch...)
				positions := make([]uint64, len(batch))
				for i := range positions {
					positions[i] = next + uint64(i)
				}
				if err := c.AcknowledgeEach(b.Context(), positions...); err != nil {
					b.Fatal(err)
				}
			}
			c.Release()
			for b.Loop() {
				mustOpen(b, d, Options{})
			}
		})
	}
}
