package storagetest

import (
	"os"
	"strings"
	"testing"
)

func TestUseMemoryDisk(t *testing.T) {
	t.Setenv("TMPDIR", os.TempDir()) // restores it
	if used := UseMemoryDisk(); used != strings.HasPrefix(t.TempDir(), "/dev/shm/") {
		t.Errorf("used %v, temporary folders are in %s", used, os.TempDir())
	}
}
