package storage_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/leasehold-dev/leasehold/storage"
)

func Example() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	ctx := context.Background()
	s, err := storage.Open(ctx, storage.Config{
		Identity: storage.Identity{ISV: "my-isv-id", Product: "my-product-id", Client: "my-client-id"},
		Seal:     "device-id",
		Dir:      dir,
		Kind:     storage.KindFile,
		OnEvent:  func(e storage.Event) { fmt.Println(e.Type, e.Store) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = s.Load(ctx)
	fmt.Println("nothing stored yet:", errors.Is(err, storage.ErrNotFound))

	answered := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	state, err := storage.Update(ctx, s, func(st storage.State) (storage.State, error) {
		if answered.After(st.ServerTime) { // another process may have a newer answer
			st.Data, st.ServerTime = []byte("the server's answer"), answered
		}
		return st, nil
	})
	fmt.Println(state.Sequence, string(state.Data), err)
	// Output:
	// store_chosen file
	// nothing stored yet: true
	// 1 the server's answer <nil>
}
