package heartbeat

import (
	"testing"
	"time"
)

func TestHistory(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	plan := func(h History) Plan { return Plan{History: h} }
	c := History{}.Failed(plan(History{}), at, time.Minute, 0.5)
	c = c.Failed(plan(c), at.Add(time.Hour), 0, 0.5)
	if c.Failures != 2 || c.Urgent != 2 || !c.FailingSince.Equal(at) || !c.FailedAt.Equal(at.Add(time.Hour)) || c.RetryAfter != 0 {
		t.Errorf("two failures: %+v", c)
	}
	c = c.Answered(at.Add(2*time.Hour), false, 0.5).Answered(at.Add(3*time.Hour), false, 0.5)
	if c.Failures != 0 || c.Urgent != 0 || !c.Denied || c.Denials != 2 || !c.AnsweredAt.Equal(at.Add(3*time.Hour)) {
		t.Errorf("two Noes: %+v", c)
	}
	if c = c.Answered(at, true, 0.5); c.Denied || c.Denials != 0 {
		t.Errorf("a Yes: %+v", c)
	}
	// What a plan counts for nothing is not forgotten.
	doubted := plan(c)
	doubted.AnsweredAt = time.Time{}
	if got := c.Failed(doubted, at, 0, 0.5); !got.AnsweredAt.Equal(at) || got.Urgent != 1 {
		t.Errorf("a failure of a plan that doubts the answer: %+v", got)
	}
}
