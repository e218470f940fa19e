package heartbeat_test

import (
	"context"
	"fmt"
	"time"

	"github.com/leasehold-dev/leasehold/heartbeat"
)

// An answer at noon puts the next contact at this device's place in the interval, in time before the answer is overdue.
func ExamplePlan() {
	schedule, err := heartbeat.ParseSchedule("@every 4h")
	if err != nil {
		fmt.Println(err)
		return
	}
	noon := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	plan := heartbeat.Plan{Schedule: schedule, Seed: heartbeat.Seed("device-1"), Started: noon}
	fmt.Println("first:   ", plan.Next(noon).Format(time.TimeOnly))

	plan = plan.Answered(noon, true, 0.5)
	next := plan.Next(noon)
	fmt.Println("next:    ", next.Format(time.TimeOnly))
	fmt.Println("due:     ", schedule.Due(noon).Format(time.TimeOnly))

	plan = plan.Failed(next, 0, 0.5)
	fmt.Println("repeated:", plan.Next(next).Format(time.TimeOnly))
	// Output:
	// first:    12:00:00
	// next:     15:00:45
	// due:      16:00:00
	// repeated: 15:45:11
}

func ExampleRunner() {
	done := make(chan struct{})
	at := time.Now()
	runner, err := heartbeat.NewRunner(heartbeat.RunnerConfig{}, heartbeat.Job{
		Name: "heartbeat",
		Next: func(time.Time) time.Time { return at },
		Run: func(context.Context) error {
			fmt.Println("calling the server")
			at = time.Time{} // not again
			close(done)
			return nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := runner.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	<-done
	if err := runner.Close(ctx); err != nil {
		fmt.Println(err)
	}
	// Output: calling the server
}
