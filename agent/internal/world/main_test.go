package world

import (
	"os"
	"runtime/debug"
	"testing"
	"time"
)

// started is when this process began: the named stories come first, and are a part
// of the minute that go test plays.
var started = time.Now()

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // a fifth of the time of a story was the collector's
	os.Exit(m.Run())
}
