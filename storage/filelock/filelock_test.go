package filelock

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder", "lock")
	l, ok, err := Take(path)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if _, ok, err := Take(path); ok || err != nil {
		t.Errorf("taken twice: %v, %v", ok, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := TakeShared(ctx, path); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("shared beside it: %v", err)
	}
	l.Release()
	l.Release()
	a, err := TakeShared(t.Context(), path)
	b, err2 := TakeShared(t.Context(), path)
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	a.Release()
	if _, ok, err := Take(path); ok || err != nil {
		t.Errorf("while one shares it: %v, %v", ok, err)
	}
	b.Release()
	(*Lock)(nil).Release()
}

func TestNoLock(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := Take(filepath.Join(file, "lock")); ok || err == nil {
		t.Errorf("%v, %v", ok, err)
	}
	if _, err := TakeShared(t.Context(), filepath.Join(file, "lock")); err == nil {
		t.Error("no error")
	}
}

// A nil context is context.Background: another's shared lock is no obstacle.
func TestSharedWithoutContext(t *testing.T) {
	var none context.Context
	l, err := TakeShared(none, filepath.Join(t.TempDir(), "lock"))
	if err != nil {
		t.Fatal(err)
	}
	l.Release()
}
