package slascone

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestTwice(t *testing.T) {
	type answer = Answer[struct{}]
	silent := func(r Reason, after time.Duration) answer {
		return answer{Err: &SilenceError{Reason: r, Detail: r.String()}, RetryAfter: after}
	}
	yes, no := answer{Kind: Yes}, answer{Kind: No, Conflict: Conflict{ID: 1001}}
	for name, test := range map[string]struct {
		first    answer
		takes    time.Duration // the first call
		calls    int
		least    time.Duration // before the second call begins
		most     time.Duration
		patience time.Duration // the caller's own deadline, 0: none
	}{
		"yes":                    {first: yes, calls: 1},
		"no":                     {first: no, calls: 1},
		"unreachable":            {first: silent(Unreachable, 0), calls: 2, least: 200 * time.Millisecond, most: 600 * time.Millisecond},
		"throttled":              {first: silent(Throttled, time.Second), calls: 2, least: time.Second, most: time.Second},
		"throttled for long":     {first: silent(Throttled, time.Minute), calls: 1},
		"throttled to the limit": {first: silent(Throttled, 2*time.Second), calls: 2, least: 2 * time.Second, most: 2 * time.Second},
		"failure":                {first: silent(ServerFailure, 0), calls: 2, least: 200 * time.Millisecond, most: 600 * time.Millisecond},
		"truncated":              {first: silent(Truncated, 0), calls: 2, least: 200 * time.Millisecond, most: 600 * time.Millisecond},
		"slow failure":           {first: silent(ServerFailure, 0), takes: 1900 * time.Millisecond, calls: 1},
		"slow and throttled":     {first: silent(Throttled, time.Second), takes: 1100 * time.Millisecond, calls: 1},
		"timed out":              {first: silent(TimedOut, 0), takes: 15 * time.Second, calls: 1},
		"timed out soon":         {first: silent(TimedOut, 0), calls: 1},
		"cancelled":              {first: silent(Cancelled, 0), calls: 1},
		"untrusted":              {first: silent(Untrusted, 0), calls: 1},
		"unauthorized":           {first: silent(Unauthorized, 0), calls: 1},
		"bad signature":          {first: silent(BadSignature, 0), calls: 1},
		"portal":                 {first: silent(NotJSON, 0), calls: 1},
		"caller leaves":          {first: silent(Throttled, time.Second), patience: 100 * time.Millisecond, calls: 1, most: 100 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				if test.patience > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, test.patience)
					defer cancel()
				}
				began, calls := time.Now(), 0
				var waited time.Duration
				got := Twice(ctx, func(context.Context) answer {
					calls++
					if calls == 1 {
						<-time.After(test.takes)
						return test.first
					}
					waited = time.Since(began)
					return silent(ServerFailure, 0) // a third call would follow if there were any
				})
				if calls != test.calls {
					t.Errorf("%d calls; want %d", calls, test.calls)
				}
				if calls == 2 && (waited < test.least || waited > test.most || waited > patience) {
					t.Errorf("the second call came after %v", waited)
				}
				if test.calls == 1 && got.Kind != test.first.Kind {
					t.Errorf("%v; want the first answer", got.Kind)
				}
				if limit := test.takes + test.most; time.Since(began) > limit {
					t.Errorf("took %v; want at most %v", time.Since(began), limit)
				}
			})
		})
	}
}

// TestTwiceRecovers: what the second call proves is the answer.
func TestTwiceRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		got := Twice(t.Context(), func(context.Context) Answer[int] {
			if calls++; calls == 1 {
				return Answer[int]{Err: &SilenceError{Reason: Unreachable}}
			}
			return Answer[int]{Kind: Yes, Value: 7}
		})
		if got.Kind != Yes || got.Value != 7 || calls != 2 {
			t.Errorf("%+v after %d calls", got, calls)
		}
	})
}
