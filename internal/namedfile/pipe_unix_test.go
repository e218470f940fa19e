//go:build unix

package namedfile

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func pipe(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Skip("no pipes here:", err)
	}
	return name
}

// Nobody waits for the other end of a pipe.
func TestReadOfAPipeWithoutWriter(t *testing.T) {
	if data, err := Read(pipe(t), 10); err == nil || !strings.Contains(err.Error(), "nobody writes") {
		t.Errorf("%q, %v", data, err)
	}
}

// Nor for long for what comes out of it.
func TestReadOfASilentPipe(t *testing.T) {
	name := pipe(t)
	w, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if data, err := read(name, 10, time.Millisecond); err == nil || !strings.Contains(err.Error(), "nobody writes") {
		t.Errorf("%q, %v", data, err)
	}
}

// The shell makes pipes of what other programs say.
func TestReadOfAPipe(t *testing.T) {
	name := pipe(t)
	w, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.WriteString("0123456789"); err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if data, err := Read(name, 10); err != nil || string(data) != "0123456789" {
		t.Errorf("%q, %v", data, err)
	}
}
