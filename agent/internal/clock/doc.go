// Package clock tells the trusted time: a time that does not go back because somebody sets the computer's clock back, and
// that a clock or a server which is far ahead for a while does not spoil.
//
// The trusted time is a line. It moves with the monotonic clock while the process runs, forward with the wall clock, and to
// the times of signed answers. [State] outlives the process; [NextKept] says when to keep it.
//
// Each rule has an attack that it is for, and an innocent twin that looks the same and must not suffer. The model in
// model_test.go plays both against it; the tests of package agent play them against the whole, and write what each game
// yields into SECURITY.md.
//
// # Leads
//
// What puts the line far ahead at once leads it and is provisional: a signed time by more than an hour, the wall clock by
// 24 hours. While a lead stands it counts, but it outdates nothing. A signed lead is settled by another answer at least 24
// hours, and no less than the running time in between, after its first; a lead of the wall clock by 24 hours of running.
// Before that, the wall clock or the server coming back drops it, and the line is what it was, moved on by running time.
//
//   - Attack: set the clock ahead and back. The line goes on with running time in any case.
//   - Attack: play again what a server that was ahead had signed. Spans of signed times that were dropped are remembered,
//     and all signed leads since the last confirmed answer grant no more than one freeride of running time. Spans that a
//     confirmed answer has passed are forgotten, and a lead that is confirmed is none of them.
//   - Twin: one start with the clock in 2099; a server that is ahead for an hour; a person who works once a week.
//
// A wall clock behind a signed lead, and not behind what is confirmed, may be right, and the lead wrong. It is then read with
// the difference, but that it goes forward by 24 hours with it means nothing until it is at the lead by itself.
//
//   - Attack: set the clock back and ahead under a lead. That is setting it to where it stopped.
//   - Twin: off line after a server that was ahead, the clock is wrong for a moment.
//
// A server that is ahead while the wall clock is wrong too cannot be told from one that is right: that is not promised.
//
// # The wall clock is behind the line by more than the tolerance
//
// It counts as turned back until it is at the line again, or until an answer newer than every confirmed one; from then on
// it is read with the difference, which is kept where the clock was slow. The ladder counts running time.
//
//   - Attack: set the date back. The line goes on with running time.
//   - Twin: a dead battery, put right a minute later or corrected by an answer; two systems on one machine.
//
// Where it is behind by less than 24 hours, and by no more than wall clocks have put the line forward since the last signed
// time, it was most likely that clock which was wrong. After 24 hours of running it is read with the difference, as after an
// answer. The line does not go back.
//
//   - Attack: turn the clock back by less than a day. That the suspicion ends then gives no time: the line goes on.
//   - Twin: a clock nine hours ahead at one start, then right, on a machine that is never off. The line would be ahead of it
//     for ever, as long as no answer comes.
//
// # A run that did not end
//
// It is charged until the line would have been kept next. The charge ages what is granted ([Reading.Aged]), is never
// compared with the wall clock, and ends when that has passed it or with a confirmed answer. A wall clock that leads has
// passed it for as long as it leads.
//
//   - Attack: kill the process before the line is kept. Who holds the lock of running processes besides, so that it looks
//     like a second window, gains what the tries to reach the server, each of which keeps the line, leave of that.
//   - Twin: an application that crashes often, with a clock that is right; a second window.
//
// # An older copy of the state
//
// Only an answer newer than every confirmed one ends that suspicion. The line is that of the newest witness, and each start
// moves it on by the most that a run could have left unkept ([Clock.Age]): a charge would be put back with the next copy.
//
//   - Attack: put the record back each time, but not the mark, and kill the process before the line is kept.
//   - Twin: a backup that was restored. Its wall clock has moved the line on by more than that, or an answer ends it.
//
// # A machine that nothing is known of
//
// An answer more than 24 hours behind the wall clock sets no clock until another, at the distance of the time that passed,
// confirms it.
//
//   - Attack: erase everything and play an old answer. It grants by its own date.
//   - Twin: a new machine whose clock is a year ahead.
package clock
