package heartbeat

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"
)

const (
	firstRetry = time.Minute
	lastRetry  = time.Hour

	// workingHours is over how long contacts are spread that were missed because the machine was off: whoever is there for
	// a working day is met within it.
	workingHours = 8 * time.Hour

	// clockSlack is by how much an event may lie in the future before the plan stops waiting for it.
	clockSlack = 5 * time.Minute
)

// A Plan says when the next contact is to be made: a schedule and what has happened so far. It is a value; its methods
// return a changed copy and read no clock and no random source.
//
//	plan := heartbeat.Plan{Schedule: s, Seed: heartbeat.Seed(deviceID), Started: now, History: kept}
//	at := plan.Next(now)
//	plan = plan.Answered(now, true, rand.Float64())
type Plan struct {
	Schedule Schedule

	// Seed is the installation's place in the fleet, see [Seed].
	Seed uint64

	// Eager makes every failure count as urgent. It is for what is lost when it comes late, such as a floating seat.
	Eager bool

	// Freeride is for how long after the last answer the installation works without another; 0 if it does not. In its
	// first half nobody is in a hurry, see [Plan.Next].
	Freeride time.Duration

	// Started is when the process began.
	Started time.Time

	// LastWake is when the machine last woke or the network last came back.
	LastWake time.Time

	// History is how the contacts have gone so far.
	History
}

// Seed returns the place of an installation in the fleet. It depends on nothing but the parts, which should hold the
// device ID; different jobs of one device may add their name.
func Seed(parts ...string) uint64 {
	h := sha256.New()
	for _, part := range parts {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(part)))
		h.Write(size[:])
		h.Write([]byte(part))
	}
	return binary.BigEndian.Uint64(h.Sum(nil))
}

// Answered returns the plan after the server answered Yes or No.
func (p Plan) Answered(now time.Time, yes bool, random float64) Plan {
	missed := p.settled(now).missed()
	p.History = p.History.Answered(now, yes, random)
	p.Missed = missed
	return p
}

// Rejected, see docs/designs.md: Retry until it works.

// Failed returns the plan after a contact without an answer. RetryAfter is what the server asked for, or zero; it is
// bounded to [MaxRetryAfter].
func (p Plan) Failed(now time.Time, retryAfter time.Duration, random float64) Plan {
	if p.Failures == 0 {
		p.FailingSince = now
	}
	p.Failures++
	if p.FailedAt = now; p.settled(now).urgent() {
		p.Urgent++
	}
	p.RetryAfter = min(max(retryAfter, 0), MaxRetryAfter)
	p.Random = random
	return p
}

// Woken returns the plan after the machine woke or the network came back.
func (p Plan) Woken(now time.Time) Plan {
	p.LastWake = now
	return p
}

// Rejected, see docs/designs.md: A call at each start.

// Next returns when to make the next contact, not before now.
//
// After an answer it is the installation's next place in the schedule. If that was missed because the process was not
// running, it is the start if the answer is overdue or there is none, and otherwise shortly after the start. If it was
// missed because the machine slept, it is shortly after waking, whatever else was missed. Shortly is up to 30 s at
// random, or a twentieth of the interval if that is less. A sleep that leaves an answer older than a quarter of the
// interval is also followed by a contact.
//
// In the first half of [Plan.Freeride] a fleet that is switched on at one time of the day has no reason to call at that
// time: what was missed because the machine was off or asleep comes within a working day of 8 hours, or an interval if
// that is less. The instant within that day is the installation's own, the same
// each day and for each start, so that many starts a day do not put it off; it is never
// after the middle of freeride. Nothing else follows a start or waking then.
//
// After a failure it depends on whether an answer is urgent. It is when there is
// none to rely on (none at all, a No, an eager plan), or when the last one is overdue
// and either was so at the first failure or could not be renewed for an hour.
//
//   - Urgent: exponential backoff with full jitter. The wait is at random between nothing and a minute (or the interval,
//     if that is less), doubled with each such failure up to an hour, and never below a twelfth of the minute.
//   - Otherwise the contact was made ahead of time and there is time to repeat it: after half an hour to an hour at
//     random, so that an outage of an hour adds one request for each installation concerned. The first repetition comes
//     sooner where that brings it before the answer is overdue. Intervals below an hour begin with half to one interval,
//     doubled with each failure.
//
// What the server asks for with Retry-After is a lower bound, with up to half of it added at random, at most an hour.
// Waking allows one extra attempt, not within a minute of the last.
//
// An event in the future by more than five minutes means that the clock was turned back. The plan does not wait for it:
// the contact is due now.
func (p Plan) Next(now time.Time) time.Time {
	now, p = now.Round(0), p.settled(now)
	var at time.Time
	switch {
	case p.AnsweredAt.Sub(now) > clockSlack && p.Failures == 0, p.FailedAt.Sub(now) > clockSlack:
		return now
	case p.Failures > 0:
		at = p.retry()
	case p.AnsweredAt.IsZero():
		at = p.Started
	case p.Denied:
		at = p.reconsider()
	default:
		at = p.regular()
	}
	if at.Before(now) {
		return now
	}
	return at
}

// settled returns the plan without monotonic clock readings, which would hide the time asleep, and without a start or a
// waking that the clock has been turned back behind.
func (p Plan) settled(now time.Time) Plan {
	p.Started, p.LastWake = p.Started.Round(0), p.LastWake.Round(0)
	p.AnsweredAt, p.FailingSince, p.FailedAt = p.AnsweredAt.Round(0), p.FailingSince.Round(0), p.FailedAt.Round(0)
	if p.Started.Sub(now) > clockSlack {
		p.Started = time.Time{}
	}
	if p.LastWake.Sub(now) > clockSlack {
		p.LastWake = time.Time{}
	}
	return p
}

// regular returns the contact after a Yes.
func (p Plan) regular() time.Time {
	next := p.Schedule.turn(p.AnsweredAt, p.Seed)
	if half := p.AnsweredAt.Add(p.Freeride / 2); latest(next.due, p.on()).Before(half) {
		return p.unhurried(next, half)
	}
	at := next.at
	if p.Started.After(at) {
		if !p.Started.Before(next.due) {
			return p.Started
		}
		at = p.Started.Add(p.shortly(next.pace))
	}
	wake := p.LastWake.Add(p.shortly(next.pace))
	old := p.LastWake.Sub(p.AnsweredAt) >= next.pace/4
	if p.LastWake.After(at) || old && wake.Before(at) {
		return wake
	}
	return at
}

// unhurried returns the contact after a Yes that there is time for until half. A machine that is off at times is met at
// the installation's places, which are a gap apart: a day is a number of gaps, so whoever is there every day calls at
// the same time every day. A machine that is always on keeps to the schedule, in which a fleet spreads evenly by itself.
func (p Plan) unhurried(next turn, half time.Time) time.Time {
	gap := min(workingHours, next.pace)
	place := mix(p.Seed)
	at := next.at
	if p.Missed && p.Schedule.calendar == nil {
		after := p.AnsweredAt.Add(next.pace - gap)
		at = after.Add(untilPlace(after, gap, place))
	}
	if on := p.on(); on.After(at) {
		at = on.Add(untilPlace(on, gap, place))
	}
	if at.After(half) {
		return half
	}
	return at
}

// on is since when the machine is on.
func (p Plan) on() time.Time { return latest(p.Started, p.LastWake) }

// missed reports whether the machine was off when a contact was to be made, since the last answer or, if it was off since
// then as well, before.
func (p Plan) missed() bool {
	on := p.on()
	return !p.AnsweredAt.IsZero() && on.After(p.AnsweredAt) && (p.Missed || on.After(p.Schedule.turn(p.AnsweredAt, p.Seed).at))
}

// reconsider returns the contact after a No.
func (p Plan) reconsider() time.Time {
	if p.Started.After(p.AnsweredAt) {
		return p.Started
	}
	pace := p.Schedule.turn(p.AnsweredAt, p.Seed).pace
	at := p.AnsweredAt.Add(upperHalf(doubled(lastRetry, p.Denials-1, pace), p.Random))
	if p.LastWake.After(at) {
		return p.LastWake.Add(p.shortly(pace))
	}
	return at
}

// retry returns the contact after a failure.
func (p Plan) retry() time.Time {
	pace := p.Schedule.turn(p.FailedAt, p.Seed).pace
	wait := p.backoff(pace)
	if p.LastWake.After(p.FailedAt) {
		extra := p.LastWake.Sub(p.FailedAt) + p.shortly(pace)
		wait = min(wait, max(extra, min(firstRetry, pace)))
	}
	if p.RetryAfter > 0 {
		spread := min(lastRetry, max(p.RetryAfter/2, min(firstRetry, pace)))
		wait = max(wait, p.RetryAfter+portion(spread, p.Random))
	}
	return p.FailedAt.Add(wait)
}

// backoff returns the wait after the last failure.
func (p Plan) backoff(pace time.Duration) time.Duration {
	if p.urgent() {
		first := min(firstRetry, pace)
		return max(portion(doubled(first, p.Urgent-1, lastRetry), p.Random), first/12)
	}
	limit := doubled(min(lastRetry, pace), p.Failures-1, lastRetry)
	if p.Failures == 1 {
		left := p.Schedule.Due(p.AnsweredAt).Sub(p.FailedAt)
		limit = min(limit, max(left, min(firstRetry, pace)))
	}
	return upperHalf(limit, p.Random)
}

// urgent reports whether an answer was urgent at the last failure.
func (p Plan) urgent() bool {
	if p.Eager || p.AnsweredAt.IsZero() || p.Denied {
		return true
	}
	due := p.Schedule.Due(p.AnsweredAt)
	return !p.FailedAt.Before(due) && (!p.FailingSince.Before(due) || p.FailedAt.Sub(p.FailingSince) >= lastRetry)
}

// shortly returns the delay after waking.
func (p Plan) shortly(pace time.Duration) time.Duration {
	return portion(min(30*time.Second, pace/20), p.Random)
}

// latest returns the last of some instants.
func latest(instants ...time.Time) time.Time { return slices.MaxFunc(instants, time.Time.Compare) }

// doubled returns d doubled n times, at most limit.
func doubled(d time.Duration, n int, limit time.Duration) time.Duration {
	for ; n > 0 && d < limit; n-- {
		d *= 2
	}
	return min(d, limit)
}

// upperHalf returns a duration in [d/2, d).
func upperHalf(d time.Duration, random float64) time.Duration {
	return d/2 + portion(d/2, random)
}
