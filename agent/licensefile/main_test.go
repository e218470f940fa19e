package licensefile

import (
	"os"
	"runtime/debug"
	"testing"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // a quarter of the time of these tests was the collector's
	os.Exit(m.Run())
}
