package storage_test

import (
	"context"
	"testing"

	"github.com/leasehold-dev/leasehold/storage"
)

// A nil context is context.Background, for every call of every store.
func TestNoContext(t *testing.T) {
	var none context.Context
	local, err := storage.Open(none, storage.Config{Identity: someone, Seal: "device", Dir: t.TempDir(), Kind: storage.KindFile})
	if err != nil {
		t.Fatal(err)
	}
	sibling, err := local.Sibling(none, storage.Identity{ISV: someone.ISV, Product: someone.Product, Client: "another"}, "device")
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]storage.Store{"file": local, "sibling": sibling, "memory": storage.NewMemory()} {
		if _, err := s.Commit(none, storage.State{Data: []byte("first")}); err != nil {
			t.Errorf("%s: commit: %v", name, err)
		}
		if _, err := storage.Update(none, s, func(st storage.State) (storage.State, error) {
			st.Data = []byte("second")
			return st, nil
		}); err != nil {
			t.Errorf("%s: update: %v", name, err)
		}
		if st, err := s.Load(none); err != nil || string(st.Data) != "second" {
			t.Errorf("%s: load: %q, %v", name, st.Data, err)
		}
		if err := s.Delete(none); err != nil {
			t.Errorf("%s: delete: %v", name, err)
		}
	}
}
