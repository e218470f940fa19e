package heartbeat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// bench is a runner with what it did, on a clock that can be moved.
type bench struct {
	*Runner
	offset  atomic.Int64 // of the wall clock
	wakes   atomic.Int32 // of the loop, which asks for the time at each
	missed  []time.Duration
	panics  []string
	records []string

	mu sync.Mutex
}

func (b *bench) now() time.Time       { return time.Now().Add(time.Duration(b.offset.Load())) }
func (b *bench) move(d time.Duration) { b.offset.Add(int64(d)) }

// Handle and the rest make the bench a slog.Handler.
func (b *bench) Enabled(context.Context, slog.Level) bool { return true }
func (b *bench) WithAttrs([]slog.Attr) slog.Handler       { return b }
func (b *bench) WithGroup(string) slog.Handler            { return b }
func (b *bench) Handle(_ context.Context, r slog.Record) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.records = append(b.records, r.Level.String()+" "+r.Message)
	return nil
}

// start runs f beside a running runner in a bubble, and closes the runner afterwards.
func start(t *testing.T, jobs func(b *bench) []Job, f func(t *testing.T, b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bench{}
		var err error
		b.Runner, err = NewRunner(RunnerConfig{
			Now: func() time.Time {
				b.wakes.Add(1)
				return b.now()
			},
			Logger: slog.New(b),
			OnWake: func(now time.Time, missed time.Duration) {
				if !now.Equal(b.now()) {
					t.Errorf("woken at %v, told %v", b.now(), now)
				}
				b.missed = append(b.missed, missed)
			},
			OnPanic: func(job string, value any, stack []byte) {
				if !strings.Contains(string(stack), "heartbeat") {
					t.Errorf("stack %q", stack)
				}
				b.mu.Lock()
				defer b.mu.Unlock()
				b.panics = append(b.panics, job)
			},
		}, jobs(b)...)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		f(t, b)
		if err := b.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// pass lets time pass and everybody finish what that brings about.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// counter is a job that runs every so often after its last run.
type counter struct {
	every time.Duration // 0: never
	last  time.Time
	runs  int
	clock func() time.Time
	do    func(ctx context.Context)
	err   error // of every run
}

func (c *counter) job(name string) Job {
	return Job{
		Name: name,
		Next: func(time.Time) time.Time {
			if c.every == 0 {
				return time.Time{}
			}
			return c.last.Add(c.every)
		},
		Run: func(ctx context.Context) error {
			c.runs++
			c.last = c.clock()
			if c.do != nil {
				c.do(ctx)
			}
			return c.err
		},
	}
}

// one returns the jobs of a test with one counter.
func one(c *counter) func(*bench) []Job {
	return func(b *bench) []Job {
		c.clock, c.last = b.now, b.now()
		return []Job{c.job("job")}
	}
}

func TestRunnerRunsWhatIsDue(t *testing.T) {
	for _, every := range []time.Duration{time.Second, 61 * time.Second, time.Hour, 25 * time.Hour} {
		c := &counter{every: every}
		start(t, one(c), func(t *testing.T, b *bench) {
			begin := time.Now()
			pass(20*every + time.Millisecond)
			if c.runs != 20 {
				t.Errorf("%v: %d runs", every, c.runs)
			}
			if late := c.last.Sub(begin) - 20*every; late != 0 {
				t.Errorf("%v: %v late", every, late)
			}
			if per := time.Duration(b.wakes.Load()); every > time.Minute && per > 20*(every/time.Minute+2)+1 { // two more around each run
				t.Errorf("%v: %d wakes", every, per)
			}
			if b.missed != nil {
				t.Errorf("%v: woken %v", every, b.missed)
			}
		})
	}
}

// The end of a run kicks the runner while the tick that began it may not have ended: together they wake it once.
func TestRunnerWakesOnceForAKickDuringATick(t *testing.T) {
	for range 1000 {
		c := &counter{every: 61 * time.Second}
		start(t, one(c), func(t *testing.T, b *bench) {
			pass(20*c.every + time.Millisecond)
			if woken := b.wakes.Load(); woken > 20*3+1 || c.runs != 20 {
				t.Fatalf("%d wakes, %d runs", woken, c.runs)
			}
		})
	}
}

// A job that becomes due during a long look at the jobs runs when that is over.
func TestRunnerLooksAgainAfterALongLook(t *testing.T) {
	due, slow := &counter{every: 10 * time.Minute}, &counter{}
	var hold atomic.Bool
	start(t, func(b *bench) []Job {
		due.clock, due.last = b.now, b.now()
		held := slow.job("slow")
		next := held.Next
		held.Next = func(now time.Time) time.Time {
			if hold.Swap(false) {
				time.Sleep(2 * time.Second)
			}
			return next(now)
		}
		return []Job{due.job("due"), held}
	}, func(t *testing.T, b *bench) {
		begin := b.now()
		pass(10*time.Minute - time.Second)
		hold.Store(true)
		b.Changed()
		pass(3 * time.Second)
		if late := due.last.Sub(begin) - 10*time.Minute; due.runs != 1 || late > time.Second {
			t.Errorf("%d runs, %v late", due.runs, late)
		}
	})
}

func TestRunnerSleepsWhenNothingIsScheduled(t *testing.T) {
	c := &counter{}
	start(t, one(c), func(t *testing.T, b *bench) {
		synctest.Wait()
		before := b.wakes.Load()
		pass(365 * 24 * time.Hour)
		if woken := b.wakes.Load() - before; woken != 0 || c.runs != 0 {
			t.Errorf("%d wakes, %d runs", woken, c.runs)
		}
		c.last, c.every = b.now(), time.Hour
		b.Changed()
		pass(time.Hour + time.Second)
		if c.runs != 1 {
			t.Errorf("%d runs after the change", c.runs)
		}
		c.every = 0
		b.Changed()
		synctest.Wait()
		before = b.wakes.Load()
		pass(365 * 24 * time.Hour)
		if woken := b.wakes.Load() - before; woken > 1 || c.runs != 1 {
			t.Errorf("%d wakes, %d runs after the schedule ended", woken, c.runs)
		}
	})
}

func TestRunnerWakesOnceAMinuteForAllJobs(t *testing.T) {
	var jobs []*counter
	start(t, func(b *bench) (list []Job) {
		for i := range 3 {
			c := &counter{every: time.Duration(i+1) * 7 * time.Hour, clock: b.now, last: b.now().Add(time.Duration(i) * time.Second)}
			jobs, list = append(jobs, c), append(list, c.job(string(rune('a'+i))))
		}
		return list
	}, func(t *testing.T, b *bench) {
		pass(24 * time.Hour)
		if woken := b.wakes.Load(); woken > 24*60+10 {
			t.Errorf("%d wakes in %d minutes", woken, 24*60)
		}
		if jobs[0].runs != 3 || jobs[1].runs != 1 || jobs[2].runs != 1 {
			t.Errorf("%d, %d, %d runs", jobs[0].runs, jobs[1].runs, jobs[2].runs)
		}
	})
}

func TestRunnerChangedTakesEffectAtOnce(t *testing.T) {
	c := &counter{every: 24 * time.Hour}
	start(t, one(c), func(t *testing.T, b *bench) {
		pass(10*time.Minute + 17*time.Second)
		c.every = 10*time.Minute + 18*time.Second
		for range 100 {
			b.Changed()
		}
		pass(time.Second + time.Millisecond)
		if c.runs != 1 {
			t.Errorf("%d runs", c.runs)
		}
		c.every = time.Hour
		b.Changed()
		pass(time.Hour - 2*time.Millisecond)
		if c.runs != 1 {
			t.Errorf("%d runs after a change to later", c.runs)
		}
	})
}

func TestRunnerTrigger(t *testing.T) {
	c := &counter{every: 24 * time.Hour, do: func(context.Context) { time.Sleep(time.Second) }}
	start(t, one(c), func(t *testing.T, b *bench) {
		if err := b.Trigger("jbo"); err == nil || !strings.Contains(err.Error(), `"jbo"`) {
			t.Errorf("error %v", err)
		}
		pass(time.Hour)
		for range 5 {
			if err := b.Trigger("job"); err != nil {
				t.Error(err)
			}
		}
		synctest.Wait()
		if c.runs != 1 {
			t.Errorf("%d runs at once", c.runs)
		}
		b.Trigger("job") // while it runs
		b.Trigger("job")
		pass(time.Hour)
		if c.runs != 2 {
			t.Errorf("%d runs", c.runs)
		}
		c.every = 0
		b.Changed()
		pass(time.Hour)
		b.Trigger("job") // while nothing is scheduled
		synctest.Wait()
		if c.runs != 3 {
			t.Errorf("%d runs", c.runs)
		}
	})
}

func TestRunnerTriggerBeforeStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &counter{clock: time.Now}
		r, err := NewRunner(RunnerConfig{}, c.job("job"))
		if err != nil {
			t.Fatal(err)
		}
		r.Trigger("job")
		r.Changed()
		synctest.Wait()
		if c.runs != 0 {
			t.Error("ran before the start")
		}
		r.Start(t.Context())
		synctest.Wait()
		if c.runs != 1 {
			t.Errorf("%d runs", c.runs)
		}
		r.Close(t.Context())
		r.Trigger("job")
		pass(time.Hour)
		if c.runs != 1 {
			t.Errorf("%d runs", c.runs)
		}
	})
}

func TestRunnerNoticesSleep(t *testing.T) {
	c := &counter{every: 24 * time.Hour}
	start(t, one(c), func(t *testing.T, b *bench) {
		pass(time.Hour)
		b.move(8 * time.Hour) // asleep: the timer's clock stands still
		pass(time.Minute + time.Second)
		if len(b.missed) != 1 || b.missed[0] != 8*time.Hour || c.runs != 0 {
			t.Errorf("missed %v, %d runs", b.missed, c.runs)
		}
		b.move(80 * time.Hour) // many intervals
		pass(time.Minute + time.Second)
		if len(b.missed) != 2 || b.missed[1] != 80*time.Hour || c.runs != 1 {
			t.Errorf("missed %v, %d runs", b.missed, c.runs)
		}
		b.move(9 * time.Second) // NTP
		pass(time.Minute + time.Second)
		b.move(-time.Hour)
		pass(time.Minute + time.Second)
		if len(b.missed) != 2 || c.runs != 1 {
			t.Errorf("missed %v, %d runs", b.missed, c.runs)
		}
	})
}

func TestRunnerNoticesSleepDuringAJob(t *testing.T) {
	c := &counter{every: time.Hour, do: func(context.Context) { time.Sleep(10 * time.Minute) }}
	start(t, one(c), func(t *testing.T, b *bench) {
		pass(time.Hour + time.Minute)
		b.move(8 * time.Hour)
		pass(10 * time.Minute)
		if len(b.missed) != 1 || b.missed[0] != 8*time.Hour {
			t.Errorf("missed %v", b.missed)
		}
	})
}

// Where the monotonic clock counts on during sleep, or the process was stopped, the wake itself is late.
func TestRunnerNoticesALateWake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var missed []time.Duration
		r := &Runner{now: time.Now, log: slog.New(slog.DiscardHandler), onWake: func(_ time.Time, d time.Duration) { missed = append(missed, d) }}
		r.noticeWake(time.Now())
		r.last.sleep = time.Minute
		pass(time.Hour)
		r.noticeWake(time.Now())
		r.last.sleep = 0 // nothing is scheduled
		pass(time.Hour)
		r.noticeWake(time.Now())
		if len(missed) != 1 || missed[0] != 59*time.Minute {
			t.Errorf("missed %v", missed)
		}
	})
}

func TestRunnerContainsPanics(t *testing.T) {
	bad := &counter{every: time.Second, do: func(context.Context) { panic("boom") }}
	contained := &counter{every: time.Second, err: fmt.Errorf("call: %w", &PanicError{Value: "boom", Stack: debug.Stack()})}
	failing := &counter{every: time.Second, err: errors.New("no network")}
	good := &counter{every: time.Second}
	start(t, func(b *bench) []Job {
		for _, c := range []*counter{bad, contained, failing, good} {
			c.clock, c.last = b.now, b.now()
		}
		next := Job{Name: "next", Next: func(time.Time) time.Time { panic("boom") }, Run: func(context.Context) error { return nil }}
		goexit := &counter{every: time.Second, clock: b.now, last: b.now(), do: func(context.Context) { runtime.Goexit() }}
		return []Job{bad.job("bad"), contained.job("contained"), failing.job("failing"), next, goexit.job("goexit"), good.job("good")}
	}, func(t *testing.T, b *bench) {
		pass(10*time.Minute + time.Millisecond)
		if bad.runs != 10 || contained.runs != 10 || failing.runs != 600 || good.runs != 600 {
			t.Errorf("%d, %d, %d and %d runs", bad.runs, contained.runs, failing.runs, good.runs)
		}
		count := map[string]int{}
		for _, name := range b.panics {
			count[name]++
		}
		if count["bad"] != 10 || count["contained"] != 10 || count["next"] == 0 || len(count) != 3 {
			t.Errorf("reported %v", count)
		}
	})
}

func TestRunnerSurvivesPanickingCallbacks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &counter{every: time.Minute, clock: time.Now, last: time.Now(), do: func(context.Context) { panic("job") }}
		var offset atomic.Int64
		r, err := NewRunner(RunnerConfig{
			Now:     func() time.Time { return time.Now().Add(time.Duration(offset.Load())) },
			Logger:  slog.New(panickingHandler{}),
			OnWake:  func(time.Time, time.Duration) { panic("wake") },
			OnPanic: func(string, any, []byte) { panic("panic") },
		}, c.job("job"))
		if err != nil {
			t.Fatal(err)
		}
		r.Start(t.Context())
		pass(10 * time.Minute)
		offset.Store(int64(time.Hour))
		pass(10*time.Minute + time.Second)
		if c.runs < 9 {
			t.Errorf("%d runs", c.runs)
		}
		if err := r.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

type panickingHandler struct{ slog.Handler }

func (panickingHandler) Enabled(context.Context, slog.Level) bool  { return true }
func (panickingHandler) Handle(context.Context, slog.Record) error { panic("log") }

func TestRunnerJobThatDoesNotMoveOn(t *testing.T) {
	var runs int
	start(t, func(*bench) []Job {
		return []Job{{Name: "job", Next: func(now time.Time) time.Time { return now.Add(-time.Hour) }, Run: func(context.Context) error { runs++; return nil }}}
	}, func(t *testing.T, b *bench) {
		pass(time.Minute)
		if runs > 241 {
			t.Errorf("%d runs in a minute", runs)
		}
	})
}

func TestRunnerFarFuture(t *testing.T) {
	for _, far := range []time.Time{
		time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(1<<63 - 1).Add(1<<63 - 1).Add(2), // the bubble's time again in 64-bit nanoseconds
	} {
		var runs int
		start(t, func(*bench) []Job {
			return []Job{{Name: "job", Next: func(time.Time) time.Time { return far }, Run: func(context.Context) error { runs++; return nil }}}
		}, func(t *testing.T, b *bench) {
			pass(time.Hour)
			if runs != 0 || b.wakes.Load() > 62 {
				t.Errorf("%d runs, %d wakes", runs, b.wakes.Load())
			}
		})
	}
}

func TestRunnerCloseWhileAJobHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var ended bool
		hang := &counter{every: time.Minute, clock: time.Now, last: time.Now(), do: func(ctx context.Context) {
			<-ctx.Done()
			ended = true
			<-release
		}}
		other := &counter{every: time.Minute, clock: time.Now, last: time.Now()}
		r, err := NewRunner(RunnerConfig{}, hang.job("hang"), other.job("other"))
		if err != nil {
			t.Fatal(err)
		}
		r.Start(t.Context())
		pass(time.Hour + time.Second)
		if hang.runs != 1 || other.runs != 60 {
			t.Errorf("%d and %d runs", hang.runs, other.runs)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		begin := time.Now()
		err = r.Close(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "jobs still running: 1") || time.Since(begin) != 3*time.Second {
			t.Errorf("error %v after %v", err, time.Since(begin))
		}
		synctest.Wait()
		if !ended {
			t.Error("the job's context did not end")
		}
		pass(time.Hour)
		if other.runs != 60 {
			t.Error("the other job ran after Close")
		}
		close(release)
		if err := r.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestRunnerEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &counter{every: time.Minute, clock: time.Now, last: time.Now()}
		r, err := NewRunner(RunnerConfig{}, c.job("job"))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		r.Start(ctx)
		pass(time.Minute + time.Second)
		cancel()
		pass(time.Hour)
		if c.runs != 1 {
			t.Errorf("%d runs", c.runs)
		}
		if err := r.Start(t.Context()); err == nil {
			t.Error("started twice")
		}
		for range 2 {
			if err := r.Close(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestRunnerCloseWithoutStart(t *testing.T) {
	r, err := NewRunner(RunnerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := r.Start(t.Context()); err == nil {
		t.Error("started after Close")
	}
}

func TestRunnerRejectsJobs(t *testing.T) {
	next, run := func(time.Time) time.Time { return time.Time{} }, func(context.Context) error { return nil }
	for _, jobs := range [][]Job{
		{{Next: next, Run: run}},
		{{Name: "a", Run: run}},
		{{Name: "a", Next: next}},
		{{Name: "a", Next: next, Run: run}, {Name: "a", Next: next, Run: run}},
	} {
		if _, err := NewRunner(RunnerConfig{}, jobs...); err == nil {
			t.Errorf("%+v accepted", jobs)
		}
	}
}

// Everything at once, for the race detector.
func TestRunnerConcurrentUse(t *testing.T) {
	var active, most, runs atomic.Int32
	r, err := NewRunner(RunnerConfig{}, Job{
		Name: "job",
		Next: func(now time.Time) time.Time { return now.Add(time.Hour) },
		Run: func(context.Context) error {
			runs.Add(1)
			if n := active.Add(1); n > most.Load() {
				most.Store(n)
			}
			runtime.Gosched()
			active.Add(-1)
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for range 200 {
				if i%2 == 0 {
					r.Changed()
				} else {
					r.Trigger("job")
				}
			}
		})
	}
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	before := runs.Load()
	r.Trigger("job")
	for runs.Load() == before {
		runtime.Gosched()
	}
	wg.Go(func() { r.Trigger("job") })
	if err := r.Close(t.Context()); err != nil {
		t.Error(err)
	}
	wg.Wait()
	if most.Load() > 1 {
		t.Errorf("%d runs at once", most.Load())
	}
}
