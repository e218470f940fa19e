// Package heartbeat decides when an installation calls its licence server, and wakes up to do it.
//
// It has three parts, from the bottom up:
//
//   - [Schedule] is what the vendor or the licence asks for: an interval or a calendar expression, which
//     robfig/cron/v3 reads and computes. [Schedule.Due] says from when on the next answer counts as overdue.
//   - [Plan] is a value: the schedule and what has happened so far. [Plan.Next] is a pure function of it, so the same
//     code runs in an application, in a test and in a simulation of a million installations (package fleet).
//   - [Runner] is the thin engine: it wakes up, asks each job whether it is due by the wall clock, and runs it.
//
// [Contact] lets a manual refresh join the contact that is already under way.
//
// # How a fleet spreads
//
// An installation has a fixed place in the interval, computed from its device ID, and returns to it after every
// disturbance. So neither a Monday morning nor an outage nor a release that restarts every application leaves a lasting
// wave behind. Each contact comes before the previous answer is overdue, with a twentieth of the interval to spare:
// a failed contact is repeated before anybody has to notice.
//
// Machines that are off at night miss their place, and all come back at one time of the day. While there is time, in
// the first half of freeride, each is met at a place of its own within the next 8 hours: see [Plan.Freeride]. Simulated
// office hours (leasehold fleet --scenario monday) peak at 4.6 times the mean with a freeride of 7 days, and at 21
// times without.
//
// # Failures
//
// Exponential backoff with full jitter, from a minute to an hour, is for an answer that is due. Contacts are made ahead of
// that, so an outage finds most installations with an answer that is still good; nothing is at stake then, and a failed
// contact is repeated calmly, because an outage of an hour would otherwise end in a stampede. See [Plan.Next].
//
// # Sleep
//
// Timers count monotonic time, which stands still on most systems while the machine sleeps. The runner therefore never
// sleeps longer than a minute and compares due times by the wall clock whenever it wakes. It sleeps without limit when
// nothing is scheduled.
//
// Everything in the package takes the time from its caller or from time.Now, so that it can be tested with
// testing/synctest. A Plan and a Schedule are values; a Runner and a Contact are safe for concurrent use.
package heartbeat
