package fleet

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"reflect"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/leasehold-dev/leasehold/heartbeat"
)

func simulate(t *testing.T, c Config) *Result {
	t.Helper()
	r, err := Simulate(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func every(t *testing.T, d time.Duration) heartbeat.Schedule {
	t.Helper()
	s, err := heartbeat.Every(d)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// check holds what is promised of a fleet with an interval.
func check(t *testing.T, r *Result) {
	t.Helper()
	for _, s := range r.Scenarios {
		t.Logf("%-8s %9d requests, mean %.2f/s, p99 %.2f, peak %.2f = %.2f × mean, refreshed after %v, %d overdue",
			s.Scenario, s.Requests, s.Mean, s.P99, s.Peak, s.PeakToMean, s.Refreshed, s.Overdue)
		if !s.Met || s.Waiting > 0 {
			t.Errorf("%s: bar %v met %v, %d waiting", s.Scenario, s.Bar, s.Met, s.Waiting)
		}
		switch s.Scenario {
		case Steady:
			if s.Bar != SteadyBar || s.PeakToMean > SteadyBar || s.Overdue > 0 || s.Failed > 0 {
				t.Errorf("steady: %+v", s)
			}
		case Release:
			if s.PeakToMean > SteadyBar || s.Overdue > 0 {
				t.Errorf("a release makes a wave of %.2f × mean, %d overdue", s.PeakToMean, s.Overdue)
			}
		case Monday:
			// The machines arrive with a standard deviation of half an hour; the schedule must not add more to that than
			// its usual rate.
			arrivals := float64(r.Installations) / (1800 * math.Sqrt(2*math.Pi))
			if limit := 1.25 * (arrivals + r.Scenarios[0].Mean); s.Peak > limit {
				t.Errorf("monday: peak %.2f/s, want at most %.2f/s", s.Peak, limit)
			}
		case Outage:
			if s.Bar != RecoveryBar || s.Recovery.PeakToMean > RecoveryBar || s.Recovery.Backlog == 0 || s.Failed < s.Recovery.Backlog {
				t.Errorf("outage: %+v, recovery %+v", s, s.Recovery)
			}
			t.Logf("         recovery %.2f × mean, backlog %d cleared after %v", s.Recovery.PeakToMean, s.Recovery.Backlog, s.Recovery.Cleared)
		}
	}
}

func TestFleet(t *testing.T) {
	check(t, simulate(t, Config{Installations: 10_000}))
}

// A week's freeride is time to spread a Monday morning over its working hours.
func TestMondayWithFreeride(t *testing.T) {
	fleet, intervals := 10_000, []time.Duration{24 * time.Hour, 8 * time.Hour}
	if os.Getenv("LEASEHOLD_HEAVY") != "" {
		fleet, intervals = 20_000, append(intervals, 12*time.Hour)
	}
	for _, interval := range intervals {
		r := simulate(t, Config{Installations: fleet, Days: 14, Schedule: every(t, interval), Freeride: 7 * 24 * time.Hour})
		for _, s := range r.Scenarios {
			t.Logf("%v: %-8s %.2f × mean, %d overdue", interval, s.Scenario, s.PeakToMean, s.Overdue)
			if !s.Met || s.Waiting > 0 || s.Overdue > 0 {
				t.Errorf("%v, %s: bar %v met %v, %d waiting, %d overdue", interval, s.Scenario, s.Bar, s.Met, s.Waiting, s.Overdue)
			}
			if s.Scenario == Monday && s.Bar != MondayBar {
				t.Errorf("the bar is %v", s.Bar)
			}
			if s.Scenario == Release && s.PeakToMean > SteadyBar {
				t.Errorf("a release makes a wave of %.2f × mean", s.PeakToMean)
			}
		}
	}
	for name, c := range map[string]Config{
		"no freeride":      {},
		"a short freeride": {Freeride: 6 * 24 * time.Hour},
		"a long interval":  {Freeride: 30 * 24 * time.Hour, Schedule: every(t, 48*time.Hour)},
		"a short interval": {Freeride: 7 * 24 * time.Hour, Schedule: every(t, 4*time.Hour)},
	} {
		c.Installations, c.Days, c.Scenarios = 10_000, 4, []Scenario{Monday}
		if s := simulate(t, c).Scenarios[0]; s.Bar != 0 || !s.Met {
			t.Errorf("%s: bar %v met %v", name, s.Bar, s.Met)
		}
	}
}

func TestShorterIntervals(t *testing.T) {
	for _, d := range []time.Duration{4 * time.Hour, time.Hour} {
		check(t, simulate(t, Config{Installations: 2_000, Days: 4, Schedule: every(t, d)}))
	}
}

func TestServerAsksToBeLeftAlone(t *testing.T) {
	for _, d := range []time.Duration{time.Second, 10 * time.Minute} {
		r := simulate(t, Config{Installations: 10_000, Days: 4, RetryAfter: d, Scenarios: []Scenario{Outage}})
		check(t, r)
	}
}

func TestSameSeedSameResult(t *testing.T) {
	c := Config{Installations: 2_500, Days: 4, Seed: 7}
	a := simulate(t, c)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if b := simulate(t, c); !reflect.DeepEqual(a, b) {
		t.Error("the same seed gave different results")
	}
	c.Seed = 8
	if b := simulate(t, c); reflect.DeepEqual(a.Scenarios, b.Scenarios) {
		t.Error("another seed gave the same result")
	}
}

func TestRequestsAddUp(t *testing.T) {
	r := simulate(t, Config{Installations: 1_000, Days: 4})
	for _, s := range r.Scenarios {
		var sum float64
		for _, rate := range s.Rates {
			sum += rate * s.Bucket.Duration().Seconds()
		}
		if math.Abs(sum-float64(s.Requests)) > 0.5 {
			t.Errorf("%s: buckets hold %.1f requests of %d", s.Scenario, sum, s.Requests)
		}
		if s.Scenario == Steady {
			// One contact in 0.9 of the interval.
			if perDay := float64(s.Requests) / 1000 / 4; math.Abs(perDay-1/0.9) > 0.03 {
				t.Errorf("%.3f contacts a day", perDay)
			}
		}
	}
}

func TestCalendar(t *testing.T) {
	s, err := heartbeat.ParseSchedule("0 3 * * *")
	if err != nil {
		t.Fatal(err)
	}
	r := simulate(t, Config{Installations: 500, Days: 4, Schedule: s, Scenarios: []Scenario{Steady}})
	if got := r.Scenarios[0]; got.Requests != 4*500 || got.Bar != 0 || !got.Met || got.Overdue != 0 {
		t.Errorf("%+v", got)
	}
}

func TestConfigErrors(t *testing.T) {
	for name, c := range map[string]Config{
		"-1 installations":     {Installations: -1},
		"100000001 install":    {Installations: maxInstallations + 1},
		"3 days":               {Days: 3},
		"367 days":             {Days: 367},
		"outage of -1s":        {Outage: -time.Second},
		"freeride of -1s":      {Freeride: -time.Second},
		"outage of 25h":        {Outage: 25 * time.Hour},
		"retry after -1s":      {RetryAfter: -time.Second},
		`scenario "holiday" i`: {Scenarios: []Scenario{"holiday"}},
	} {
		if _, err := Simulate(t.Context(), c); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Simulate(ctx, Config{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestJSON(t *testing.T) {
	r := simulate(t, Config{Installations: 100, Days: 4, Outage: 90 * time.Minute})
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Installations int
		Schedule      string
		Outage        float64 `json:"outage_seconds"`
		Scenarios     []struct {
			Scenario string
			Rates    []float64
			Recovery *struct {
				PeakToMean float64 `json:"peak_to_mean"`
			}
		}
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got.Installations != 100 || got.Schedule != "@every 24h" || got.Outage != 5400 || len(got.Scenarios) != 4 {
		t.Errorf("%+v", got)
	}
	for _, s := range got.Scenarios {
		if len(s.Rates) == 0 || (s.Recovery != nil) != (s.Scenario == "outage") {
			t.Errorf("%+v", s)
		}
	}
}

func TestSVG(t *testing.T) {
	r := simulate(t, Config{Installations: 2_400, Days: 4})
	var b bytes.Buffer
	if err := r.WriteSVG(&b); err != nil {
		t.Fatal(err)
	}
	drawing := b.String()
	for _, want := range []string{"prefers-color-scheme: dark", `class="paper"`, ".paper { fill: #0d1117 }", "Steady state", "Monday-morning", "outage of 1 h", "restarts all", "bar: 1.5 × mean", "bar: 3 × mean"} {
		if !strings.Contains(drawing, want) {
			t.Errorf("lacks %q", want)
		}
	}
	for _, bad := range []string{"NaN", "Inf", "%!"} {
		if strings.Contains(drawing, bad) {
			t.Errorf("holds %q", bad)
		}
	}
	d := xml.NewDecoder(&b)
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if err := r.WriteSVG(failingWriter{}); err == nil {
		t.Error("a failing writer goes unnoticed")
	}
}

func TestSVGAxis(t *testing.T) {
	tick := regexp.MustCompile(`text-anchor="end">([^<]*)</text>`)
	for _, n := range []int{1, 100, 2_400, 20_000} {
		r := simulate(t, Config{Installations: n, Days: 4, Scenarios: []Scenario{Release}})
		var b bytes.Buffer
		if err := r.WriteSVG(&b); err != nil {
			t.Fatal(err)
		}
		var rates []float64
		for _, m := range tick.FindAllStringSubmatch(b.String(), -1) {
			if strings.HasPrefix(m[1], "bar") {
				continue
			}
			rate, err := strconv.ParseFloat(m[1], 64)
			if err != nil || len(m[1]) > 7 {
				t.Errorf("%d installations: %q stands at the axis", n, m[1])
			}
			rates = append(rates, rate)
		}
		if len(rates) < 3 || rates[0] != 0 || rates[len(rates)-1] < r.Scenarios[0].Peak {
			t.Errorf("%d installations: %v stand at the axis, the peak is %v", n, rates, r.Scenarios[0].Peak)
		}
	}
	step := 0.1 // not a constant, whose multiples are exact
	for rate, want := range map[float64]string{3 * step: "0.3", 7 * step / 1000: "0.0007", 100_000_000: "100000000"} {
		if got := axisLabel(rate); got != want {
			t.Errorf("%v is labelled %q", rate, got)
		}
	}
}

// The longest caption has to end before the drawing does: 7.4 is what a letter of a wide font of 12 units takes.
func TestSVGCaptionFits(t *testing.T) {
	s := ScenarioResult{Mean: 115740.7, P99: 123456.7, Recovery: &Recovery{Peak: 345678.9, PeakToMean: 2.99, Backlog: 99_999_999, Cleared: Seconds(23*time.Hour + 59*time.Minute)}}
	if c := s.caption(); plotLeft+7.4*float64(utf8.RuneCountInString(c)) > svgWidth {
		t.Errorf("%q leaves the drawing", c)
	}
}

func TestNoBarForFewRequests(t *testing.T) {
	for n, tooFew := range map[int]bool{100: true, 500: true, 2_399: true, 2_400: false} {
		r := simulate(t, Config{Installations: n, Scenarios: []Scenario{Steady, Monday, Outage}})
		for _, s := range r.Scenarios {
			barred := s.Scenario != Monday
			if !s.Met || s.TooFew != (barred && tooFew) || (s.Bar > 0) != (barred && !tooFew) {
				t.Errorf("%d installations, %s: too few %v, bar %v, met %v", n, s.Scenario, s.TooFew, s.Bar, s.Met)
			}
		}
	}
	// Many installations that rarely call make few requests, few that often call make enough.
	if r := simulate(t, Config{Installations: 2_400, Schedule: every(t, 100*24*time.Hour), Days: 120, Scenarios: []Scenario{Steady}}); !r.Scenarios[0].TooFew {
		t.Error("a request in an hour is enough")
	}
	if r := simulate(t, Config{Installations: 100, Schedule: every(t, time.Hour), Days: 4, Scenarios: []Scenario{Steady}}); r.Scenarios[0].TooFew {
		t.Error("a hundred requests in an hour are too few")
	}
}

func TestRecoveryPeak(t *testing.T) {
	r := simulate(t, Config{Installations: 5_000, Days: 4, Scenarios: []Scenario{Outage}})
	s := r.Scenarios[0]
	at := int(s.Recovery.PeakAt / s.Bucket)
	if s.Rates[at] != s.Recovery.Peak || s.Recovery.Peak/s.Mean != s.Recovery.PeakToMean || s.Recovery.PeakAt+s.Bucket <= s.DownTo {
		t.Errorf("%+v of %+v", s.Recovery, s)
	}
	if r.Outage != Seconds(time.Hour) {
		t.Errorf("an outage of %v", r.Outage)
	}
	if r := simulate(t, Config{Installations: 100, Days: 4, Scenarios: []Scenario{Steady}}); r.Outage != 0 {
		t.Errorf("an outage of %v in a simulation without one", r.Outage)
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
