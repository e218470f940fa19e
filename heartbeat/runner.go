package heartbeat

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/leasehold-dev/leasehold/internal/given"
	"github.com/leasehold-dev/leasehold/internal/logging"
)

const (
	// longestSleep bounds how long the runner sleeps while anything is scheduled.
	longestSleep = time.Minute

	// restAfterRun and restAfterPanic keep a job whose Next does not move on from running in a tight loop.
	restAfterRun   = 250 * time.Millisecond
	restAfterPanic = time.Minute

	// wakeSlack is by how much a wake may be late, or the wall clock ahead of the monotonic one, before it counts as
	// the end of a sleep.
	wakeSlack = 10 * time.Second
)

// A Job is something a [Runner] does from time to time.
type Job struct {
	// Name identifies the job in logs and for [Runner.Trigger].
	Name string

	// Next returns when the job is to run: an instant not after now means at once, the zero time not at all. It is asked
	// at each wake, after each run, and after [Runner.Changed]; it must be quick, and must neither call the runner nor
	// end its goroutine. It is not asked while the job runs.
	Next func(now time.Time) time.Time

	// Run does it. The context ends when the runner closes. A job never runs twice at the same time, but different jobs
	// do run side by side. An error that is or wraps a [*PanicError] counts as a panic of the job; any
	// other the runner ignores, because Next takes it into account.
	Run func(ctx context.Context) error
}

// Logger is what this package needs of a logger: four methods of [log/slog.Logger], which is one.
type Logger interface {
	Debug(msg string, args ...any)
	Info(msg string, args ...any)
	Warn(msg string, args ...any)
	Error(msg string, args ...any)
}

// RunnerConfig configures a [Runner]. The zero value is usable.
type RunnerConfig struct {
	// Now is the clock that due times are compared with; nil means time.Now. A clock that never goes back is best.
	Now func() time.Time

	// Logger receives reports; nil means none.
	Logger Logger

	// OnWake is called when the machine has slept (or the process was stopped, or the clock set forward), before any job
	// is asked for its time. It is given the time by the clock and how much of it was missed.
	OnWake func(now time.Time, missed time.Duration)

	// OnPanic is called when a job or a callback panicked, by several goroutines at once if need be. The job is next
	// considered after a minute.
	OnPanic func(job string, value any, stack []byte)
}

// A Runner runs jobs when they are due by the wall clock.
//
// It wakes when a job is due, and at least once a minute while any job has a time to wait for, because a timer does not
// count the time asleep. While no job has one, it does not wake at all.
//
// It has one goroutine of its own, and one for each job while that runs. [Runner.Close] stops them.
//
// Rejected, see docs/designs.md: Cron's own loop.
type Runner struct {
	now     func() time.Time
	log     Logger
	onWake  func(time.Time, time.Duration)
	onPanic func(string, any, []byte)
	jobs    []*job
	stirred chan struct{} // a look at the jobs is owed; holds one
	last    readings      // of the loop

	mu      sync.Mutex
	ctx     context.Context // nil until started
	cancel  context.CancelFunc
	closed  bool
	running int
	idle    chan struct{} // closed when closed and nothing is running
	stopped chan struct{} // closed when the loop has ended
}

type job struct {
	Job
	// Guarded by Runner.mu.
	running   bool
	triggered bool
	notBefore time.Time // monotonic
}

// readings are those of the clocks at a look at the jobs.
type readings struct {
	wall  time.Time     // by the clock, without a monotonic reading
	real  time.Time     // from time.Now, with one
	sleep time.Duration // the longest until the next look; 0 if none is planned
}

// NewRunner returns a runner for the jobs. It does nothing until [Runner.Start].
func NewRunner(config RunnerConfig, jobs ...Job) (*Runner, error) {
	r := &Runner{
		now:     config.Now,
		log:     logging.OrNone(config.Logger),
		onWake:  config.OnWake,
		onPanic: config.OnPanic,
		idle:    make(chan struct{}),
		stopped: make(chan struct{}),
		stirred: make(chan struct{}, 1),
	}
	if r.now == nil {
		r.now = time.Now
	}
	names := make(map[string]bool)
	for _, j := range jobs {
		if j.Name == "" || j.Next == nil || j.Run == nil || names[j.Name] {
			return nil, fmt.Errorf("heartbeat: job %q: want a unique name, Next and Run", j.Name)
		}
		names[j.Name] = true
		r.jobs = append(r.jobs, &job{Job: j})
	}
	return r, nil
}

// Start begins to run jobs, until ctx ends or [Runner.Close] is called. It can be called once.
func (r *Runner) Start(ctx context.Context) error {
	ctx = given.Context(ctx)
	r.mu.Lock()
	if r.ctx != nil || r.closed {
		r.mu.Unlock()
		return errors.New("heartbeat: the runner was started or closed before")
	}
	r.ctx, r.cancel = context.WithCancel(ctx)
	go r.loop(r.ctx)
	r.mu.Unlock()
	context.AfterFunc(r.ctx, r.shutDown)
	return nil
}

// Trigger makes a job run at once, whatever its Next says. If it is running, it runs once more afterwards. Before Start
// the run is put off until then.
func (r *Runner) Trigger(name string) error {
	r.mu.Lock()
	for _, j := range r.jobs {
		if j.Name == name {
			j.triggered = true
			r.mu.Unlock()
			r.stir()
			return nil
		}
	}
	r.mu.Unlock()
	return fmt.Errorf("heartbeat: there is no job %q", name)
}

// Changed makes the runner ask the jobs for their times again. It does not wait, and may be called from anywhere.
func (r *Runner) Changed() { r.stir() }

// Close ends the contexts of the running jobs, starts no more, and waits for them until ctx ends. If one still runs
// then, the error says so; its goroutine ends when the job returns. Close may be called more than once.
func (r *Runner) Close(ctx context.Context) error {
	ctx = given.Context(ctx)
	r.shutDown()
	for _, done := range []chan struct{}{r.idle, r.stopped} {
		select {
		case <-done:
		case <-ctx.Done():
			r.mu.Lock()
			defer r.mu.Unlock()
			return fmt.Errorf("heartbeat: close: jobs still running: %d: %w", r.running, ctx.Err())
		}
	}
	return nil
}

// shutDown ends everything without waiting.
func (r *Runner) shutDown() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	r.closed = true
	if r.cancel != nil {
		r.cancel()
	} else {
		close(r.stopped) // there is no loop
	}
	if r.running == 0 {
		close(r.idle)
	}
}

// stir has the jobs looked at in a moment.
func (r *Runner) stir() {
	select {
	case r.stirred <- struct{}{}:
	default: // that is owed already
	}
}

// loop looks at the jobs now, whenever one is due, and when it is stirred.
func (r *Runner) loop(ctx context.Context) {
	defer close(r.stopped)
	timer := time.NewTimer(longestSleep)
	defer timer.Stop()
	for ctx.Err() == nil {
		sleep, planned := longestSleep, true // also after a panic of the clock or the logger
		r.guard("wake", func() { sleep, planned = r.look() })
		if timer.Stop(); planned {
			timer.Reset(sleep)
		}
		select {
		case <-timer.C:
		case <-r.stirred:
		case <-ctx.Done():
		}
	}
}

// look starts the jobs that are due, and returns how long to sleep then. Nothing is planned while no job has a time to
// wait for.
func (r *Runner) look() (sleep time.Duration, planned bool) {
	now := r.now().Round(0)
	r.noticeWake(now)

	var due time.Time
	for _, j := range r.jobs {
		if at := r.consider(j, now); !at.IsZero() && (due.IsZero() || at.Before(due)) {
			due = at
		}
	}
	if due.IsZero() {
		return 0, false
	}
	r.last.sleep = longestSleep
	spent := time.Since(r.last.real) // a job's Next may have taken its time
	return min(due.Sub(now)-spent, longestSleep), true
}

// noticeWake compares the clocks with the last look at them. Where timers stand still during sleep, the wall clock has
// gained on the monotonic one; where they do not, or the process was stopped, the wake is late.
func (r *Runner) noticeWake(now time.Time) {
	last := r.last
	r.last = readings{wall: now, real: time.Now()}
	if last.real.IsZero() {
		return
	}
	elapsed := r.last.real.Sub(last.real)
	missed := now.Sub(last.wall) - elapsed
	if last.sleep > 0 {
		missed = max(missed, elapsed-last.sleep)
	}
	if missed <= wakeSlack {
		return
	}
	r.log.Info("heartbeat: the machine slept or the clock was set forward", "missed", missed)
	if r.onWake != nil {
		r.guard("wake", func() { r.onWake(now, missed) })
	}
}

// consider starts the job if it is due. Otherwise it returns when to consider it again, or zero.
func (r *Runner) consider(j *job, now time.Time) time.Time {
	r.mu.Lock()
	busy, triggered, rest := j.running, j.triggered, time.Until(j.notBefore)
	r.mu.Unlock()
	if busy {
		return time.Time{} // considered when it ends
	}
	if !triggered {
		var at time.Time
		if r.guard(j.Name, func() { at = j.Next(now).Round(0) }) {
			at = now.Add(restAfterPanic)
		}
		if at.IsZero() {
			return at
		}
		if earliest := now.Add(rest); rest > 0 && at.Before(earliest) {
			at = earliest
		}
		if at.After(now) {
			return at
		}
	}
	r.begin(j)
	return time.Time{}
}

// begin runs the job in a goroutine.
func (r *Runner) begin(j *job) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	j.running, j.triggered = true, false
	r.running++
	go func() {
		rest := restAfterPanic // also for a job that ends its goroutine
		defer func() { r.ended(j, rest) }()
		var err error
		panicked := r.guard(j.Name, func() { err = j.Run(r.ctx) })
		if p, ok := errors.AsType[*PanicError](err); ok {
			panicked = true
			r.reportPanic(j.Name, p.Value, p.Stack)
		}
		if !panicked {
			rest = restAfterRun
		}
	}()
}

// ended books the end of a run.
func (r *Runner) ended(j *job, rest time.Duration) {
	r.mu.Lock()
	j.running = false
	j.notBefore = time.Now().Add(rest)
	if r.running--; r.running == 0 && r.closed {
		close(r.idle)
	}
	r.mu.Unlock()
	r.stir()
}

// guard calls f, contains its panic, and reports whether there was one.
func (r *Runner) guard(name string, f func()) (panicked bool) {
	defer func() {
		if v := recover(); v != nil {
			panicked = true
			r.reportPanic(name, v, debug.Stack())
		}
	}()
	f()
	return false
}

// reportPanic must not panic itself, whatever the host's logger and callback do.
func (r *Runner) reportPanic(name string, value any, stack []byte) {
	defer func() { _ = recover() }()
	if r.onPanic != nil {
		defer r.onPanic(name, value, stack)
	}
	r.log.Error("heartbeat: a job panicked", "job", name, "panic", value, "stack", string(stack))
}
