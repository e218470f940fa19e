// Package clock tells the trusted time: a time that does not go back because somebody sets the computer's clock back.
//
// The trusted time is the later of the wall clock and a line. The line starts at the high-water mark, the latest time
// known to have been reached, and rises with the monotonic clock. It is raised whenever the wall clock is seen ahead of
// it, and set by the time in each fresh signed answer of the server, forward or back. The mark outlives the process, see
// [State].
//
// Each rule below has an attack that it is for, and an innocent twin that looks the same and must not suffer.
//
// # The wall clock is behind the line by more than the tolerance
//
// The clock counts as rolled back until the server answers with a signed time, which a Yes has and a conflict has not;
// the trusted time goes on with the monotonic clock.
//
//   - Attack: set the date back to before the licence ran out, while the application runs or before it starts.
//   - Twin: a dead CMOS battery. The computer starts in the year 2000. The next answer ends the rollback, and from then on
//     the clock may stay wrong: it is corrected by the difference, and only a further move back counts. At the next start
//     in the year 2000 that is so again, until the next answer.
//   - Twin: a clock that is wrong by the same minutes or hours all the time (dual boot, a time zone entered as a time).
//     The correction outlives the process, so that neither a restart nor a flight is taken for a rollback.
//   - Attack: have a wrong clock corrected by an answer, then set it right or otherwise. Corrected and uncorrected, the
//     clock must not be behind the line; which of the two readings counts is said below.
//   - Twin: an NTP step of seconds, or a clock that runs slow. The tolerance covers it.
//   - Twin: travel and daylight saving. Instants have no time zone, so nothing happens.
//
// # The wall clock is behind, and no server will ever be asked
//
// A licence from a file has no answers that could end a rollback. It ends when the wall clock is no longer behind the
// line, or with a signed file newer than all before it, from whose time the line starts anew. The line is at least at the
// time of each file.
//
//   - Attack: set the date back, and forward again for a moment whenever a deadline nears. The line goes on with the
//     monotonic clock and does not fall, so that this gains no more than keeping the clock at the line; see Limits.
//   - Attack: keep a newer file aside for the day on which it is useful to set the line back to its time. The vendor
//     issues each file, so it is rare and bounded.
//   - Twin: a dead CMOS battery, corrected by hand, and a clock that once stood at 2099, for which the user fetches a new
//     activation file.
//
// # The wall clock is stopped
//
// The monotonic clock counts on; once the wall clock has fallen behind by the tolerance, it is rolled back.
//
//   - Attack: a program that sets the clock to the same time again and again.
//   - Twin: none is known; a stopped process or machine stops both clocks.
//
// # The wall clock jumps forward
//
// The line is raised, because that is how the end of a sleep looks.
//
//   - Attack: set the date forward to draw usage into another period, then back. The way back is a rollback.
//   - Twin: a clock that once stood at 2099. The raised mark would make every licence look expired for ever. One answer
//     sets the line back to the server's time, and the difference corrects the clock in this process if it stays at 2099.
//     A new process believes the clock again until the next answer: evidence must not stay young because the clock was
//     set forward while it was fetched.
//
// # The wall clock is put right after an answer has shown it wrong
//
// When a corrected clock jumps, it is read both as it is and as corrected. A reading that is not behind the line counts
// before one that is; of two, the one nearer to the line.
//
//   - Attack: have the clock corrected by an answer, then set it. A move back beyond the tolerance by both readings is a
//     rollback; by neither reading does the line fall.
//   - Twin: NTP repairs the clock some time after the answer. Without this rule the correction would be added to a clock
//     that no longer needs it.
//
// # The machine goes back to a snapshot
//
//   - Attack: restore a virtual machine, mark and all, to use a licence's last day again and again. Nothing on the machine
//     can tell; what remains is the server, which gives no fresh evidence, so that the last answer grows old.
//   - Twin: restore a virtual machine for good reasons. Its clock is put forward by the host, which is a jump forward. If
//     the process runs on in the restored state, clock and line went back together and nothing is found.
//
// # Limits
//
// While no process of the application runs, only the mark remains: somebody who sets the clock to just after the mark
// before each start gains the time between. The mark raises the cost of clock games, no more; what bounds them is that
// evidence without a fresh answer is good for a limited time.
package clock
