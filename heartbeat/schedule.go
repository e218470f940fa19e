package heartbeat

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

const (
	// DefaultInterval applies where neither the vendor nor the licence names an interval.
	DefaultInterval = 24 * time.Hour

	// MinInterval is the shortest interval; it is meant for tests and demonstrations.
	MinInterval = time.Second

	// MaxInterval is the longest interval.
	MaxInterval = 366 * 24 * time.Hour

	maxSpecLength = 256
)

// Rejected, see docs/designs.md: @every 4h as cron has it.

// A Schedule says how often an installation is to call the server. The zero Schedule is every [DefaultInterval].
//
// An interval is measured from the last answer. A calendar expression names instants in UTC; since a whole fleet cannot
// call in one instant, the contact comes within a window that begins there and lasts a quarter of the time to the
// following instant, at most an hour.
type Schedule struct {
	every    time.Duration      // 0: DefaultInterval, unless calendar is set
	calendar *cron.SpecSchedule // never changed after parsing
	spec     string             // of a calendar expression
}

// Every returns the schedule with interval d, such as a licence's heartbeat period. The interval must be a whole number
// of seconds from [MinInterval] to [MaxInterval].
func Every(d time.Duration) (Schedule, error) {
	if err := checkInterval(d); err != nil {
		return Schedule{}, fmt.Errorf("heartbeat: %w", err)
	}
	return Schedule{every: d}, nil
}

func checkInterval(d time.Duration) error {
	switch {
	case d < MinInterval:
		return fmt.Errorf("interval %v is too short, the shortest is %v", d, MinInterval)
	case d > MaxInterval:
		return fmt.Errorf("interval %v is too long, the longest is %v", d, MaxInterval)
	case d%time.Second != 0:
		return fmt.Errorf("interval %v is not a whole number of seconds", d)
	}
	return nil
}

// ParseSchedule reads a schedule in the notation of cron:
//
//	@every 4h               an interval, as for [Every]
//	@hourly @daily @weekly  the same as @every 1h, 24h and 168h
//	0 3 * * *               minute, hour, day of month, month, day of week, in UTC
//	@midnight @monthly @yearly @annually
//
// What cron would bend without a word is an error here: negative, fractional and oversized intervals, empty list items,
// "*" as the start of a range, steps beyond the range, and expressions that do not occur in every year. A time zone
// (TZ=, CRON_TZ=) and a seconds field are not accepted.
func ParseSchedule(spec string) (Schedule, error) {
	s, err := parseSchedule(strings.TrimSpace(spec))
	if err != nil {
		if len(spec) > maxSpecLength {
			spec = spec[:maxSpecLength]
		}
		return Schedule{}, fmt.Errorf("heartbeat: schedule %q: %w", spec, err)
	}
	return s, nil
}

func parseSchedule(spec string) (Schedule, error) {
	if spec == "" {
		return Schedule{}, errors.New(`is empty, want something like "@every 4h" or "0 3 * * *"`)
	}
	if len(spec) > maxSpecLength {
		return Schedule{}, fmt.Errorf("is longer than %d characters", maxSpecLength)
	}
	switch spec {
	case "@hourly":
		return Schedule{every: time.Hour}, nil
	case "@daily":
		return Schedule{every: 24 * time.Hour}, nil
	case "@weekly":
		return Schedule{every: 7 * 24 * time.Hour}, nil
	}
	if word, rest, _ := strings.Cut(spec, " "); word == "@every" {
		d, err := time.ParseDuration(strings.TrimSpace(rest))
		if err != nil {
			return Schedule{}, errors.New(`the interval cannot be read, want something like "@every 4h"`)
		}
		return Schedule{every: d}, checkInterval(d)
	}
	return parseCalendar(spec)
}

// fieldRange bounds one field of a calendar expression.
type fieldRange struct {
	name     string
	min, max int
}

func parseCalendar(spec string) (Schedule, error) {
	// cron/v3.0.1 panics on "TZ=UTC" without a space, and schedules are in UTC anyway.
	if strings.HasPrefix(spec, "TZ=") || strings.HasPrefix(spec, "CRON_TZ=") {
		return Schedule{}, errors.New("time zones are not accepted, schedules are in UTC")
	}
	if !strings.HasPrefix(spec, "@") {
		if err := checkFields(strings.Fields(spec)); err != nil {
			return Schedule{}, err
		}
	}
	parsed, err := cron.ParseStandard(spec)
	if err != nil {
		return Schedule{}, err
	}
	calendar, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return Schedule{}, errors.New("is not a calendar expression")
	}
	calendar.Location = time.UTC

	// Eleven years around a century's missing leap day tell 29 February and 30 February from a date of every year.
	for year := 2095; year <= 2105; year++ {
		first := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Add(-time.Second)
		if next := calendar.Next(first); next.IsZero() || next.Year() != year {
			return Schedule{}, errors.New("does not occur in every year")
		}
	}
	return Schedule{calendar: calendar, spec: spec}, nil
}

// checkFields rejects what cron accepts but reads otherwise than it is written.
func checkFields(fields []string) error {
	ranges := [...]fieldRange{{"minute", 0, 59}, {"hour", 0, 23}, {"day of month", 1, 31}, {"month", 1, 12}, {"day of week", 0, 6}}
	if len(fields) != len(ranges) {
		return fmt.Errorf("has %d fields, want 5: minute, hour, day of month, month, day of week", len(fields))
	}
	for i, field := range fields {
		for item := range strings.SplitSeq(field, ",") {
			if err := ranges[i].check(item); err != nil {
				return fmt.Errorf("%s %q: %w", ranges[i].name, field, err)
			}
		}
	}
	return nil
}

func (r fieldRange) check(item string) error {
	if item == "" {
		return errors.New("empty list item")
	}
	base, step, stepped := strings.Cut(item, "/")
	if from, _, isRange := strings.Cut(base, "-"); isRange && (from == "*" || from == "?") {
		return fmt.Errorf("%q cannot begin a range", from)
	}
	if stepped {
		if n, err := strconv.Atoi(step); err == nil && n > r.max-r.min {
			return fmt.Errorf("step %d leaves the range from %d to %d", n, r.min, r.max)
		}
	}
	return nil
}

// String returns the schedule in the notation of [ParseSchedule].
func (s Schedule) String() string {
	if s.calendar != nil {
		return s.spec
	}
	text := s.Interval().String()
	if short, ok := strings.CutSuffix(text, "m0s"); ok {
		text = short + "m"
	}
	if short, ok := strings.CutSuffix(text, "h0m"); ok {
		text = short + "h"
	}
	return "@every " + text
}

// Interval returns the interval, or 0 for a calendar expression.
func (s Schedule) Interval() time.Duration {
	switch {
	case s.calendar != nil:
		return 0
	case s.every == 0:
		return DefaultInterval
	}
	return s.every
}

// Due returns the instant from which the next answer counts as overdue, given when the last Yes was received. For an
// interval it is one interval later. For a calendar expression it is the end of the window that begins at the next
// instant, plus the same again for repeating a failed contact. The planned contact always comes before it.
func (s Schedule) Due(lastYes time.Time) time.Time {
	return s.turn(lastYes, 0).due
}

// A turn is what follows an answer.
type turn struct {
	at   time.Time     // of the next contact
	due  time.Time     // from when on it is overdue
	pace time.Duration // the time between two contacts, which scales waits and jitters
}

// turn returns what follows an answer at after. The place in the interval or window comes from seed. A small part differs
// from one answer to the next, but not from one start of the process to the next: otherwise a restart of the whole fleet
// would bring forward everybody whose turn is near.
func (s Schedule) turn(after time.Time, seed uint64) turn {
	after = after.Round(0)    // an interval counts the time asleep
	nanos := after.UnixNano() // any number will do for times that it cannot represent
	small := fraction(mix(seed ^ uint64(nanos)))
	if s.calendar != nil {
		from := s.calendar.Next(after.UTC())
		gap := s.calendar.Next(from).Sub(from)
		window := min(gap/4, time.Hour)
		return turn{
			at:   from.Add(portion(window, 0.9*fraction(seed)+0.1*small)),
			due:  from.Add(2 * window),
			pace: gap,
		}
	}
	// Slots are 0.9 of an interval apart and at a fixed place on the time line, so exactly one of them lies in
	// (after, after + 0.9 interval]. The small part adds up to 0.05, which leaves 0.05 until the answer is overdue.
	interval := s.Interval()
	period := interval / 10 * 9
	return turn{
		at:   after.Add(untilPlace(after, period, seed) + portion(interval/20, small)),
		due:  after.Add(interval),
		pace: interval,
	}
}

// untilPlace returns the time from after to the next of the places of seed, which are a period apart and fixed on the
// time line. It is above 0 and at most the period.
func untilPlace(after time.Time, period time.Duration, seed uint64) time.Duration {
	since := (time.Duration(after.UnixNano())%period - time.Duration(seed%uint64(period))) % period
	if since < 0 {
		since += period
	}
	return period - since
}

// mix scrambles a number so that close ones have nothing in common (the finaliser of SplitMix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// fraction maps a number to [0, 1).
func fraction(x uint64) float64 { return float64(x>>11) / (1 << 53) }

// portion returns the given part, in [0, 1], of d.
func portion(d time.Duration, part float64) time.Duration {
	return time.Duration(float64(d) * part)
}

// Nearest returns the schedule with the interval nearest to d.
func Nearest(d time.Duration) Schedule {
	d = min(max(d.Truncate(time.Second), MinInterval), MaxInterval)
	schedule, _ := Every(d) // which has no objection left
	return schedule
}
