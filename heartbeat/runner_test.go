package heartbeat_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leasehold-dev/leasehold/heartbeat"
)

func TestRunnerSmoke(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		last := time.Now()
		r, err := heartbeat.NewRunner(heartbeat.RunnerConfig{}, heartbeat.Job{Name: "a",
			Next: func(time.Time) time.Time { return last.Add(time.Hour) },
			Run:  func(context.Context) { n++; last = time.Now() }})
		if err != nil {
			t.Fatal(err)
		}
		r.Start(t.Context())
		time.Sleep(24*time.Hour + time.Second)
		if n != 24 {
			t.Errorf("%d runs", n)
		}
		if err := r.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}
