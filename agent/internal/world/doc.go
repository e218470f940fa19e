// Package world plays whole worlds against the agent, from a seed, and checks
// after every step what must always hold. It has tests only.
//
// A world is a licence server, a vendor behind it, a few machines with windows
// of an application on them, a network, and time; all in one testing/synctest
// bubble, so that years take seconds. A story is a list of steps that are drawn
// by rapid: what the application calls, what the vendor does, what happens to
// the server, the network, the machine and its clock, and what somebody does who
// wants more than he paid for. rapid shortens a story that fails.
//
//	go test ./agent/internal/world                       20 seconds of stories
//	LEASEHOLD_WORLD=2h go test -timeout 3h ./agent/internal/world
//	LEASEHOLD_WORLD_SEED=$RANDOM go test ./agent/internal/world    others
//	go test ./agent/internal/world -rapid.seed=N         one story again
//
// # What must hold
//
// The functions whose names begin with must, in truths_test.go, say it one by
// one. They look at the agent only through its public methods, and compare with
// what the world itself knows: what the vendor has done, which answer reached
// which machine, and what the server has in its books.
//
// # What a killed process is
//
// A process cannot be killed inside a test. Instead its network ends, the folder
// of its state is copied as it is at that moment, and the next process of that
// machine starts from the copy; the old one goes on with a folder that nobody
// looks at. Its locks are on the files of the old folder, so they are free for
// the new one, as if the system had taken them back.
package world
