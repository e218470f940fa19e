package world

import (
	"os"
	"runtime/debug"
	"testing"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // a fifth of the time of a story was the collector's
	os.Exit(m.Run())
}
