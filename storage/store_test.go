package storage

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestFileRoundTrip(t *testing.T) {
	ctx := context.Background()
	cfg := Config{Identity: Identity{"i", "p", "c"}, Dir: t.TempDir(), Kind: KindFile, Seal: "device"}
	s, err := Open(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load(ctx); !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
	now := time.Now()
	a, err := s.Commit(ctx, State{Data: []byte("hello"), HighWater: now})
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Load(ctx)
	if err != nil || string(b.Data) != "hello" || b.Sequence != a.Sequence || !b.HighWater.Equal(now) {
		t.Fatal(b, err)
	}
	if _, err := s.Commit(ctx, State{}); !errors.Is(err, ErrConflict) {
		t.Fatal(err)
	}
	if err := s.Delete(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load(ctx); !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
}
