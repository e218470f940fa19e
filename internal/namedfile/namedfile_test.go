package namedfile

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name       string
		most       int64
		want, fail string
	}{
		{file, 100, "0123456789", ""},
		{file, 10, "0123456789", ""},
		{file, 4, "0123", ""},
		{filepath.Join(dir, "none"), 10, "", "none"},
		{dir, 10, "", "it is a folder"},
		{os.DevNull, 10, "", "it is a device"},
	} {
		data, err := Read(tt.name, tt.most)
		if string(data) != tt.want || (err == nil) != (tt.fail == "") || err != nil && !strings.Contains(err.Error(), tt.fail) {
			t.Errorf("%s: %q, %v; want %q, %q", tt.name, data, err, tt.want, tt.fail)
		}
	}
}

// What has no end is read no further than asked for.
func TestReadOfSomethingLong(t *testing.T) {
	name := filepath.Join(t.TempDir(), "long")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, 1<<30); err != nil {
		t.Skip("no such long files here:", err)
	}
	if data, err := Read(name, 1000); err != nil || !bytes.Equal(data, make([]byte, 1000)) {
		t.Errorf("%d bytes, %v", len(data), err)
	}
}
