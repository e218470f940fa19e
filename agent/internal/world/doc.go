// Package world plays whole worlds against the agent, from a seed, and checks
// after every step what must always hold. It has tests only.
//
// A world is a licence server, a vendor behind it, a few machines with windows
// of an application and people on them, a network, and time; all in one
// testing/synctest bubble, so that years take seconds. A story is a list of steps
// that are drawn by rapid: what the application calls, what the vendor does, what
// happens to the server, the network, the machine, its clock, disk and keyring,
// and what somebody does who wants more than he paid for. A story that fails is made
// as short as it can be, and the report says how it is played again.
//
//	go test ./agent/internal/world                       a minute of stories, the named ones among them, half of it in each of two processes
//	LEASEHOLD_WORLD=6s go test ./agent/internal/world    6 seconds in one process
//	.ci/world                                            10 minutes on two cores, with coverage
//	LEASEHOLD_WORLD=2h .ci/world                         a night
//	LEASEHOLD_WORLD_SEED=$RANDOM go test ./agent/internal/world    others
//	go test ./agent/internal/world -count=1 -run Stories -rapid.seed=N      one story again
//
// README.md lists what is played, where each promise is checked, and how far one
// seed is one story.
//
// # What must hold
//
// The functions whose names begin with must, in truths_test.go, say it one by
// one. They look at the agent through its public methods and its record, and
// compare with what the world itself knows: what the vendor has done, which answer
// reached which machine, and what the server has in its books. That no goroutine
// is left behind synctest itself wants: a bubble whose goroutines do not end is a
// panic.
//
// # Whether it notices
//
// mutants_test.go lists rules of the code, each broken on purpose.
// LEASEHOLD_MUTANTS=1 breaks one after the other and wants the stories, or the
// model of package clock, to notice within two minutes.
//
// # What a killed process is
//
// A process cannot be killed inside a test. Instead its network ends, the folder
// of its state and its keyring are copied as they are at that moment, and the next
// process of that machine starts from the copy; the old one goes on with a folder
// that nobody looks at. Its locks are on the files of the old folder, so they are
// free for the new one, as if the system had taken them back. The moment is between
// two steps, or while the server answers, or in the middle of a call: before a file
// is written, a request sent or the keyring changed, or after that. Then what the old
// process goes on to write is half there, as a temporary file or at the end of the
// journal. That every single step on a disk can be the last, with a power cut as
// well, is tried by the crash tests of package storage and its journal.
package world
