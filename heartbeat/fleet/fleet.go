// Package fleet simulates what a licence server sees of many installations, by running the schedule of package heartbeat
// itself for each of them.
//
// Installations do not influence one another, so they are simulated one after the other and only the requests in each
// bucket of time are kept. The result depends on the [Config] alone.
package fleet

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/leasehold-dev/leasehold/heartbeat"
	"github.com/leasehold-dev/leasehold/internal/given"
)

// A Scenario is what happens to a fleet.
type Scenario string

const (
	// Steady: every installation runs all the time.
	Steady Scenario = "steady"

	// Monday: every machine is used in office hours of one time zone and is off at night and over the weekend. One half
	// is put to sleep, the other is shut down. The working day begins around 08:30, the machine is off 9 h later.
	Monday Scenario = "monday"

	// Outage: every installation runs all the time, and the server does not answer for a while on Wednesday at noon.
	Outage Scenario = "outage"

	// Release: every installation runs all the time, and all restart in the same instant, on Wednesday at noon.
	Release Scenario = "release"
)

// Scenarios returns all scenarios.
func Scenarios() []Scenario { return []Scenario{Steady, Monday, Outage, Release} }

// Bars of what the schedule promises, as multiples of the mean.
const (
	// SteadyBar bounds the peak in the steady state.
	SteadyBar = 1.5

	// RecoveryBar bounds the peak after an outage of an hour.
	RecoveryBar = 3.0

	// MondayBar bounds the peak of office hours for who calls about once a day, with a freeride of a week. Spread evenly over
	// the hours in which machines are on, the calls of a week would make 3.3 to 3.7.
	MondayBar = 5.0
)

// RequestsToJudge is how many requests have to be expected in a bucket for a bar to be judged: the fullest of some
// thousand emptier buckets is well above the mean by chance alone.
const RequestsToJudge = 100

// Config describes a simulation. Zero fields have defaults.
type Config struct {
	// Installations is the size of the fleet; 0 means 1,000,000.
	Installations int

	// Days is how long to simulate, from a Monday at midnight; 0 means 7. At least 4, at most 366.
	Days int

	// Schedule is that of the heartbeat; the zero schedule is every 24 h.
	Schedule heartbeat.Schedule

	// Freeride is that of the licences, see [heartbeat.Plan]; 0 means none.
	Freeride time.Duration

	// Outage is how long the server does not answer in the scenario of that name; 0 means an hour. At most a day.
	Outage time.Duration

	// RetryAfter is what the server asks for during the outage, as with status 429 or 503; 0 means that it does not.
	RetryAfter time.Duration

	// Seed makes another fleet of the same kind.
	Seed uint64

	// Scenarios are those to simulate; none means all.
	Scenarios []Scenario
}

const (
	maxInstallations = 100_000_000

	// The noise of random arrivals would hide the shape in narrower or emptier buckets.
	narrowBucket    = time.Minute
	wideBucket      = time.Hour
	requestsAtLeast = 400
)

// monday is when simulations begin.
var monday = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// event is when, after the beginning, outages and releases begin.
const event = 2*24*time.Hour + 12*time.Hour

func (c Config) withDefaults() (Config, error) {
	if c.Installations == 0 {
		c.Installations = 1_000_000
	}
	if c.Days == 0 {
		c.Days = 7
	}
	if c.Outage == 0 {
		c.Outage = time.Hour
	}
	if len(c.Scenarios) == 0 {
		c.Scenarios = Scenarios()
	}
	switch {
	case c.Installations < 1 || c.Installations > maxInstallations:
		return c, fmt.Errorf("fleet: %d installations: want 1 to %d", c.Installations, maxInstallations)
	case c.Days < 4 || c.Days > 366:
		return c, fmt.Errorf("fleet: %d days: want 4 to 366", c.Days)
	case c.Outage < 0 || c.Outage > 24*time.Hour:
		return c, fmt.Errorf("fleet: outage of %v: want up to 24h", c.Outage)
	case c.Freeride < 0:
		return c, fmt.Errorf("fleet: freeride of %v: want a positive time", c.Freeride)
	case c.RetryAfter < 0:
		return c, fmt.Errorf("fleet: retry after %v: want a positive time", c.RetryAfter)
	}
	for _, s := range c.Scenarios {
		if !slices.Contains(Scenarios(), s) {
			return c, fmt.Errorf("fleet: scenario %q is unknown, want one of %q", s, Scenarios())
		}
	}
	return c, nil
}

// Simulate runs the scenarios. It uses all processors and a few megabytes of memory, whatever the size of the fleet.
func Simulate(ctx context.Context, config Config) (*Result, error) {
	ctx = given.Context(ctx)
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	result := &Result{
		Installations: config.Installations,
		Days:          config.Days,
		Schedule:      config.Schedule.String(),
		Freeride:      Seconds(config.Freeride),
		RetryAfter:    Seconds(config.RetryAfter),
		Seed:          config.Seed,
	}
	if slices.Contains(config.Scenarios, Outage) {
		result.Outage = Seconds(config.Outage)
	}
	for _, scenario := range config.Scenarios {
		run := newRun(config, scenario)
		if err := run.simulate(ctx); err != nil {
			return nil, fmt.Errorf("fleet: %s: %w", scenario, err)
		}
		result.Scenarios = append(result.Scenarios, run.summarise())
	}
	return result, nil
}

// run is one scenario of one simulation.
type run struct {
	Config
	scenario   Scenario
	end        time.Time
	down, back time.Time // when the server does not answer
	since      time.Time // from when on installations count as refreshed
	width      time.Duration
	tally
}

// tally is what is counted of installations. Tallies add up in any order.
type tally struct {
	buckets   []int64
	requests  int64
	failed    int64
	overdue   int64         // installations
	backlog   int64         // installations that met the outage
	cleared   time.Duration // until the last of them had an answer
	refreshed time.Duration // until the last installation had an answer
	waiting   int64         // installations without an answer since
}

func newRun(c Config, scenario Scenario) *run {
	r := &run{Config: c, scenario: scenario, end: monday.AddDate(0, 0, c.Days), since: monday}
	switch scenario {
	case Outage:
		r.down = monday.Add(event)
		r.back = r.down.Add(c.Outage)
		r.since = r.back
	case Release:
		r.since = monday.Add(event)
	}
	r.width = bucketWidth(c)
	r.buckets = make([]int64, int(math.Ceil(float64(r.end.Sub(monday))/float64(r.width))))
	return r
}

// bucketWidth returns a minute, or as many minutes as are needed to expect enough requests.
func bucketWidth(c Config) time.Duration {
	width := narrowBucket * time.Duration(math.Ceil(requestsAtLeast/expected(c, narrowBucket)))
	return min(max(width, narrowBucket), wideBucket)
}

// expected returns how many requests there are in the given time when they are spread evenly.
func expected(c Config, width time.Duration) float64 {
	pace := c.Schedule.Due(monday).Sub(monday)
	return float64(c.Installations) * float64(width) / float64(pace)
}

// simulate shares the installations out among the processors.
func (r *run) simulate(ctx context.Context) error {
	const batch = 1000
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		next int
	)
	take := func() (from, to int) {
		mu.Lock()
		defer mu.Unlock()
		from = next
		next = min(next+batch, r.Installations)
		return from, next
	}
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			part := tally{buckets: make([]int64, len(r.buckets))}
			for from, to := take(); from < to && ctx.Err() == nil; from, to = take() {
				for i := from; i < to; i++ {
					r.installation(i, &part)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			r.add(&part)
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if r.requests == 0 {
		return errors.New("no installation called the server; simulate more days or installations")
	}
	return nil
}

func (t *tally) add(part *tally) {
	for i, n := range part.buckets {
		t.buckets[i] += n
	}
	t.requests += part.requests
	t.failed += part.failed
	t.overdue += part.overdue
	t.backlog += part.backlog
	t.waiting += part.waiting
	t.cleared = max(t.cleared, part.cleared)
	t.refreshed = max(t.refreshed, part.refreshed)
}
