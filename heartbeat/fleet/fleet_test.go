package fleet

import (
	"context"
	"testing"
	"time"
	"os"
	"strconv"

	"github.com/leasehold-dev/leasehold/heartbeat"
)

func TestQuick(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("N"))
	if n == 0 { n = 20000 }
	s, err := heartbeat.ParseSchedule(os.Getenv("SPEC"))
	if err != nil { s = heartbeat.Schedule{} }
	ra, _ := time.ParseDuration(os.Getenv("RA"))
	start := time.Now()
	r, err := Simulate(context.Background(), Config{Installations: n, Schedule: s, RetryAfter: ra})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(start))
	for _, s := range r.Scenarios {
		s.Rates = nil
		t.Logf("%+v", *s)
		if s.Recovery != nil { t.Logf("%+v", *s.Recovery) }
	}
}
