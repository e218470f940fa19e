package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"path/filepath"
	"testing"
)

// The accounts and the key are in the file as soon as the emulator listens, and
// outlive it.
func TestEmulatorKeepsItsState(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	listen := func() emulatorView {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		r, w := io.Pipe()
		var complaints bytes.Buffer
		code := make(chan int, 1)
		go func() {
			code <- run(ctx, []string{"--json", "emulator", "--addr", "127.0.0.1:0", "--state", file}, func(string) (string, bool) { return "", false }, w, &complaints)
			_ = w.Close()
		}()
		var v emulatorView
		if err := json.NewDecoder(r).Decode(&v); err != nil {
			t.Fatalf("%v; %s", err, &complaints)
		}
		stop()
		if got := <-code; got != exitOK {
			t.Fatalf("exit code %d; %s", got, &complaints)
		}
		return v
	}
	first, second := listen(), listen()
	if first.PublicKey == "" || first.PublicKey != second.PublicKey || len(second.Licenses) != len(first.Licenses) {
		t.Errorf("the second run has another state: %+v, then %+v", first, second)
	}
}
