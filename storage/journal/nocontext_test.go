package journal

import (
	"context"
	"path/filepath"
	"testing"
)

// A nil context is context.Background.
func TestNoContext(t *testing.T) {
	var none context.Context
	j, err := Open(filepath.Join(t.TempDir(), "journal"), [32]byte{1}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	if err := j.Append(none, []byte("one"), []byte("two")); err != nil {
		t.Error(err)
	}
	c, err := j.Claim()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Release()
	batch, err := c.Batch(none, 2)
	if err != nil || len(batch) != 2 {
		t.Fatalf("%v, %v", batch, err)
	}
	if err := c.Acknowledge(none, batch[0].Position); err != nil {
		t.Error(err)
	}
	if n, err := j.Pending(none); n != 1 || err != nil {
		t.Errorf("%d pending, %v", n, err)
	}
	if err := c.AcknowledgeEach(none, batch[1].Position); err != nil {
		t.Error(err)
	}
	if e, err := j.Extent(none); e.Pending != 0 || err != nil {
		t.Errorf("%+v, %v", e, err)
	}
}
