package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/leasehold-dev/leasehold/agent/protocol"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// TestCodesDocument keeps the documented catalogue in step with the code. To
// write it anew: go run ./cmd/leasehold codes --markdown > enforcement/CODES.md
func TestCodesDocument(t *testing.T) {
	want, err := os.ReadFile(filepath.Join("..", "..", "enforcement", "CODES.md"))
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	writeCodesMarkdown(&got, enforcement.Standard(), protocol.CodesOf(enforcement.Standard()))
	if !bytes.Equal(bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n")), got.Bytes()) {
		t.Error("enforcement/CODES.md is not what 'leasehold codes --markdown' prints; write it anew")
	}
}
