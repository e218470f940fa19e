// Package world plays whole worlds against the agent, from a seed, and checks
// after every step what must always hold. It has tests only.
//
// A world is a licence server, a vendor behind it, a few machines with windows
// of an application and people on them, a network, and time; all in one
// testing/synctest bubble, so that years take seconds. A story is a list of steps
// that are drawn by rapid: what the application calls, what the vendor does, what
// happens to the server, the network, the machine, its clock, disk and keyring,
// and what somebody does who wants more than he paid for. rapid shortens a story
// that fails, and says how it is played again.
//
//	go test ./agent/internal/world                       8 seconds of stories
//	.ci/world                                            2 minutes on two cores, with coverage
//	LEASEHOLD_WORLD=2h go test -timeout 3h ./agent/internal/world
//	LEASEHOLD_WORLD_SEED=$RANDOM go test ./agent/internal/world    others
//	go test ./agent/internal/world -run Stories -rapid.seed=N      one story again
//
// The agent draws its jitter anew each time, so that a story may fail in one of
// several plays only.
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
// free for the new one, as if the system had taken them back. So a kill is between
// two writes or while the server answers; what a kill in the middle of a write
// leaves is tried at each write by the crash tests of package storage and its
// journal.
package world
