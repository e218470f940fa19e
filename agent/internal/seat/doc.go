// Package seat is the floating seat of this installation, and the windows that
// share it.
//
// Several windows (processes, or agents in one process) of an application
// share one record. Which of them still lives is told by file locks, because
// the operating system releases those however a process ends:
//
//   - A shared seat has one lock file. Every window that uses the seat holds it
//     shared; the last one, which gets it exclusively, gives the seat back and
//     holds up new windows until that is done.
//   - With Config.PerProcess windows are numbered, and each holds the lock
//     file of its number exclusively. Its seat is kept under that number. A
//     number with a seat and a free lock belonged to a window that died: the next
//     one to start takes the number and goes on with the seat; whatever else dead
//     windows left is closed before a window asks for its own.
package seat
