// Package enforcement decides what an application may do under its licence,
// and why. It is pure: no I/O, no goroutine, no clock. What is known comes in
// as [Facts], what the vendor wants as a [Policy], the time as an argument.
//
//	d := enforcement.Decide(facts, enforcement.Standard(), now)
//	if d.State >= enforcement.ReadOnly {
//		fmt.Println(d.Cause, d.Remedy.Sentence())
//	}
//
// The agent package does this for an application. Use this package by itself
// to look into a decision, to write a policy, or to see what is to come.
//
// # Who uses what
//
//   - An application reads a [Decision] and its [Finding] values: [State], [Cause], [Remedy],
//     [Change]; of the error of a call its [Code], with [Lookup] for the words.
//   - Whoever writes a policy uses [Policy], [Ladder], [Step], [After], [Mark], the
//     presets, [ParsePolicy], [Policy.Explain], and tries it out with [Decide] and
//     [Forecast].
//   - The agent makes the [Facts] that it decides from, by the methods of Facts. An
//     application has no need of them. They are exported because whoever writes a
//     policy tries it out with facts, and makes them as the agent does: an answer by
//     [Facts.Yes] from a [License] and [Flags], a refusal by [Facts.No] from a [No]
//     with its [Endpoint], a failed call by [Facts.Silent] with a [SilenceKind], a
//     seat by [Facts.WithSession], [Facts.SessionYes] and [Facts.SessionClosed]; and
//     reads them again: [Refusals], [Refusal], [Channel], [Session], [Silence],
//     [Clock], [Device], [Software] and [Source] are members of Facts.
//
// # Facts
//
// A server gives one of three answers. A Yes (a verified 200) is kept as
// evidence: [Facts.Yes]. A No (a verified conflict, or a verified 200 whose
// flags say no) is remembered and outranks any older Yes: [Facts.No]. Silence
// (everything else) only lets the evidence age: [Facts.Silent]. Order is by
// server time, not by arrival.
//
// # Causes and states
//
// The facts give causes: why the licence is not simply fine. Whether an
// expired licence was found out by a conflict, a flag or a date, the cause is
// [Expired]. The conflicts of the server are listed in the [Catalogue], which
// says what each of them means, whom it concerns, and what helps. A conflict
// that concerns one call, and one that the catalogue does not have, never
// changes the state.
//
// Every cause leads to a [State] by its [Ladder]: steps of rising severity,
// counted from an anchor.
//
//	cause                                      anchor
//	expired                                    the expiration date, or the first No if that came before it
//	not_yet_valid, inactive, suspended,
//	user_inactive, user_limit,
//	connection_limit, session_limit            the first No
//	version_not_covered                        the first No; by the rule of Compliant, when this version was first run
//	not_activated, device_mismatch,
//	clock_rolled_back                          when it was found
//	session_missing                            the end of the last session, or the first attempt to open one
//	unreachable, unauthorized,
//	signature_invalid                          the last Yes, or a No that shows the server to be there (see
//	                                           Unreachable); the cause begins when the next answer is overdue
//
// Before its first step a cause is reported and the state is Active. A step
// never begins before the one listed before it: with an answer due after 24
// hours and a freeride of none, the standard ladder goes from active straight
// to read_only after 24 hours.
//
// All causes are reported, as [Decision.Findings]. The most severe state is the
// state of the decision; of several causes that lead to it, the first in the
// order of the [Cause] constants is its cause. So a refused activation on a
// computer without a licence gives the reason of the refusal and not_activated:
// 1002 is inactive before not_activated, as both lock; 1001 is not_activated
// with code 1001, as expired has grace.
//
// # Policies
//
// [Standard] is the default; [Strict] grants no grace of its own, [Lenient]
// never locks, [Advisory] reports and never restricts. A policy is data:
// change its ladders in Go, or read it from JSON with [ParsePolicy].
//
// Freeride is how long a licence works without an answer of the server; the licence
// says it, else the policy. Under every policy Silence alone restricts nothing before
// it is over, counted in days of 24 hours from the same anchor: a step
// beyond grace that comes earlier waits until then. A floating seat is another
// matter: it is lent from a shared pool until the session ends, so freeride
// does not cover it, and session_missing has a ladder of its own.
//
// # Time
//
// A decision holds from [Decision.Since] until [Decision.Until], as far as its
// State goes. [Decision.Next] is the first instant at which anything in it
// changes, be it the state, the cause or a finding: until then the same facts
// give the same decision (==), and at that instant another. Set one timer for
// it; there is nothing to poll. [Forecast] follows it to the end.
//
// Without new facts a decision never becomes milder, with one exception: a
// licence becomes valid at its own start date. Time never goes back either:
// to [Decide], an instant earlier than one that the facts know to have passed counts
// as that one. Instants from the year 9999 on mean never.
package enforcement
