package fleet

import (
	"slices"
	"strconv"
	"time"
)

// Result is what a simulation found. It marshals to JSON.
type Result struct {
	Installations int               `json:"installations"`
	Days          int               `json:"days"`
	Schedule      string            `json:"schedule"`
	Freeride      Seconds           `json:"freeride_seconds"`
	Outage        Seconds           `json:"outage_seconds"` // 0 without that scenario
	RetryAfter    Seconds           `json:"retry_after_seconds"`
	Seed          uint64            `json:"seed"`
	Scenarios     []*ScenarioResult `json:"scenarios"`
}

// ScenarioResult is what the server saw of one scenario. Rates are in requests per second, each the mean of one bucket.
type ScenarioResult struct {
	Scenario Scenario `json:"scenario"`

	// Requests counts all, Failed those during the outage.
	Requests int64 `json:"requests"`
	Failed   int64 `json:"failed"`

	// Bucket is the width of a bucket: a minute, or more for a fleet that makes few requests.
	Bucket Seconds `json:"bucket_seconds"`

	// Mean is over the whole time; P99 is reached or exceeded in one of a hundred buckets; Peak is that of the fullest,
	// which begins at PeakAt.
	Mean       float64 `json:"mean"`
	P99        float64 `json:"p99"`
	Peak       float64 `json:"peak"`
	PeakAt     Seconds `json:"peak_at_seconds"`
	PeakToMean float64 `json:"peak_to_mean"`

	// Recovery is only in the outage's result.
	Recovery *Recovery `json:"recovery,omitempty"`

	// Refreshed is the time until every installation had an answer: since the end of the outage, since the restart, or
	// since the beginning. Waiting counts those that had none at the end.
	Refreshed Seconds `json:"refreshed_after_seconds"`
	Waiting   int64   `json:"waiting"`

	// Overdue counts the installations that ran for more than a minute with an overdue answer, in the second half of
	// freeride if there is one.
	Overdue int64 `json:"overdue"`

	// Bar is the bound for PeakToMean, or for that of the recovery. There is one for the steady state, one for outages up
	// to an hour, and one for office hours where the interval is 8 to 24 h and half of freeride lasts 60 h longer; all for
	// intervals only. 0 means none. Met reports whether it was kept. TooFew tells that there is
	// none because fewer than [RequestsToJudge] requests are expected in a bucket.
	Bar    float64 `json:"bar,omitempty"`
	Met    bool    `json:"met"`
	TooFew bool    `json:"too_few,omitempty"`

	// Rates holds the rate in each bucket.
	Rates []float64 `json:"rates"`

	// DownFrom and DownTo tell when the server did not answer, RestartAt when all restarted; since the beginning.
	DownFrom  Seconds `json:"down_from_seconds,omitempty"`
	DownTo    Seconds `json:"down_to_seconds,omitempty"`
	RestartAt Seconds `json:"restart_at_seconds,omitempty"`
}

// Recovery is what the server saw from the end of the outage on.
type Recovery struct {
	// Peak is the highest rate, in the bucket that begins at PeakAt; PeakToMean is its ratio to the mean over the whole
	// time.
	Peak       float64 `json:"peak"`
	PeakAt     Seconds `json:"peak_at_seconds"`
	PeakToMean float64 `json:"peak_to_mean"`

	// Backlog counts the installations that had asked in vain, Cleared is the time until the last of them had an answer.
	Backlog int64   `json:"backlog"`
	Cleared Seconds `json:"cleared_after_seconds"`
}

// Seconds is a duration that marshals to JSON as a number of seconds.
type Seconds time.Duration

// Duration returns the duration.
func (s Seconds) Duration() time.Duration { return time.Duration(s) }

// String returns the duration to the second, such as 1h2m3s.
func (s Seconds) String() string { return time.Duration(s).Round(time.Second).String() }

// MarshalJSON implements [encoding/json.Marshaler].
func (s Seconds) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, time.Duration(s).Seconds(), 'f', -1, 64), nil
}

func (r *run) summarise() *ScenarioResult {
	s := &ScenarioResult{
		Scenario:  r.scenario,
		Requests:  r.requests,
		Failed:    r.failed,
		Bucket:    Seconds(r.width),
		Mean:      float64(r.requests) / r.end.Sub(monday).Seconds(),
		Refreshed: Seconds(r.refreshed),
		Waiting:   r.waiting,
		Overdue:   r.overdue,
		Rates:     make([]float64, len(r.buckets)),
	}
	for i, n := range r.buckets {
		s.Rates[i] = float64(n) / r.width.Seconds()
	}
	fullest := fullestOf(s.Rates)
	s.Peak, s.PeakAt = s.Rates[fullest], Seconds(time.Duration(fullest)*r.width)
	s.PeakToMean = s.Peak / s.Mean
	s.P99 = percentile(s.Rates, 0.99)
	s.Met = true
	switch r.scenario {
	case Steady:
		r.judge(s, s.PeakToMean, SteadyBar)
	case Outage:
		s.DownFrom, s.DownTo = Seconds(r.down.Sub(monday)), Seconds(r.back.Sub(monday))
		back := int(r.back.Sub(monday) / r.width)
		fullest := back + fullestOf(s.Rates[back:])
		s.Recovery = &Recovery{
			Peak: s.Rates[fullest], PeakAt: Seconds(time.Duration(fullest) * r.width), PeakToMean: s.Rates[fullest] / s.Mean,
			Backlog: r.backlog, Cleared: Seconds(r.cleared),
		}
		if r.Outage <= time.Hour {
			r.judge(s, s.Recovery.PeakToMean, RecoveryBar)
		}
	case Monday:
		if interval := r.Schedule.Interval(); mondayFrom <= interval && interval <= mondayTo && r.Freeride/2 >= interval+overWeekend {
			r.judge(s, s.PeakToMean, MondayBar)
		}
	case Release:
		s.RestartAt = Seconds(event)
	}
	return s
}

// The bar of office hours is for who calls about once a working day, and has not seen half of freeride go by on Monday.
const (
	mondayFrom, mondayTo = 8 * time.Hour, 24 * time.Hour
	overWeekend          = 60 * time.Hour // from Friday evening on
)

// judge holds a ratio against a bar, where one can be held.
func (r *run) judge(s *ScenarioResult, ratio, bar float64) {
	switch {
	case r.Schedule.Interval() == 0: // a calendar expression asks for peaks
	case expected(r.Config, r.width) < RequestsToJudge:
		s.TooFew = true
	default:
		s.Bar, s.Met = bar, ratio <= bar
	}
}

// fullestOf returns the index of the highest rate.
func fullestOf(rates []float64) int {
	return slices.Index(rates, slices.Max(rates))
}

// percentile returns the smallest rate that the given part of the buckets does not exceed.
func percentile(rates []float64, part float64) float64 {
	sorted := slices.Sorted(slices.Values(rates))
	return sorted[min(int(part*float64(len(sorted))), len(sorted)-1)]
}
