package world

import (
	"fmt"
	"strings"
	"time"

	"pgregory.net/rapid"
)

// setting is what a story begins with.
type setting struct {
	floating bool
	users    bool // the licence counts users, and people sign in
	machines int
	seats    int    // sessions of a floating licence, tokens of a named one
	freeride int    // days
	consume  int    // what may be consumed in all
	session  int    // minutes
	rsa      bool   // else HMAC, whose answers take a tenth of the time
	keyring  bool   // else state is kept in files
	offline  bool   // renders may be consumed off line
	talk     bool   // whatever is logged is looked at, else warnings only
	chance   uint64 // of the agent and the server
}

func (s setting) String() string {
	kind := "named licence"
	if s.floating {
		kind = "floating licence"
	}
	if s.users {
		kind += " for users"
	}
	return fmt.Sprintf("a %s of %d seats, freeride %d days, %d renders (off line %t), sessions of %d minutes, on %d machines, rsa %t, keyring %t, chance %d",
		kind, s.seats, s.freeride, s.consume, s.offline, s.session, s.machines, s.rsa, s.keyring, s.chance)
}

// step is one thing that happens. Its zero fields mean nothing to most kinds.
type step struct {
	do   verb
	on   int           // the machine
	span time.Duration // for how long, or by how much
	n    int           // how many, or which
}

// verb is a kind of step, in the words a failing story is told in.
type verb string

const (
	// Time.
	pass    verb = "time passes"
	suspend verb = "every machine sleeps"
	office  verb = "people work half an hour now and then"

	// The application and who uses it.
	open        verb = "a window opens"
	shut        verb = "a window closes"
	kill        verb = "the application is killed"
	killAsking  verb = "the application is killed while the server answers"
	killWriting verb = "the application is killed while it writes"
	activate    verb = "a person enters the key"
	mistype     verb = "a person enters a key that is wrong"
	refresh     verb = "a person asks the server again"
	use         verb = "a feature is used"
	measure     verb = "a value is measured"
	take        verb = "renders are consumed"
	deactivate  verb = "a person gives the seat back"
	update      verb = "the application is updated"
	downgrade   verb = "the application's former version is installed"
	signIn      verb = "somebody else signs in"
	importFile  verb = "a licence file is imported"
	checkOut    verb = "a person takes a seat"
	giveSeat    verb = "a person gives the session back"
	move        verb = "the licence is moved to the next machine"

	// The vendor.
	renew     verb = "the vendor renews the licence"
	expire    verb = "the licence expires"
	switchOff verb = "the vendor switches the licence off"
	switchOn  verb = "the vendor switches the licence on"
	forget    verb = "the vendor frees the machine's seat"
	ban       verb = "the vendor suspends the machine for two days"
	resize    verb = "the vendor changes the number of seats"
	raise     verb = "the vendor grants more renders"
	upgrade   verb = "the vendor changes the edition"
	release   verb = "the vendor limits the licence to release 1.4"
	unlimit   verb = "the vendor lets the licence cover all releases"
	rotate    verb = "the vendor signs with a new key"
	end       verb = "the vendor ends all sessions"

	// The server and the network.
	down       verb = "the network fails"
	up         verb = "the network is back"
	fault      verb = "answers go wrong"
	serverOff  verb = "the server's clock is wrong"
	serverFine verb = "the server's clock is right"
	node       verb = "every other answer comes from a node that is half an hour behind"
	twice      verb = "every request arrives twice"
	once       verb = "every request arrives once, at nodes that are right"
	panics     verb = "the application's HTTP client panics once"
	cross      verb = "an answer is overtaken by a newer one"

	// The machine.
	wallOff  verb = "the machine's clock is wrong"
	wallFine verb = "the machine's clock is right"
	restore  verb = "the machine's folder is put back to where it was"
	backup   verb = "the machine's folder is saved"
	diskGone verb = "the machine's folder is out of reach"
	diskFull verb = "every disk is full"
	readOnly verb = "the machine's folder can be read only"
	diskFine verb = "the disks are as they should be"
	ringBad  verb = "the keyring is not as it was"
	ringFine verb = "the keyring answers"
	former   verb = "the machine's state is what a former version of the agent wrote"
	later    verb = "the machine's state is what a later version of the agent wrote"
	rename   verb = "the machine's device ID changes"

	// Who wants more than was paid for.
	replay verb = "an old answer is played again"
	patch  verb = "some of the machine's files are put back to where they were"
	shred  verb = "one of the machine's files is spoilt"
)

func (s step) String() string {
	text := string(s.do)
	switch s.do {
	case pass, suspend, office, wallOff, serverOff, renew:
		text += " (" + s.span.String() + ")"
	case fault:
		text += " (" + faults[s.n].says + ")"
	case ringBad:
		text += " (" + ringSays(s.n) + ")"
	case take, resize, raise, use, replay, signIn, shred, patch, killWriting, checkOut:
		text += fmt.Sprintf(" (%d)", s.n)
	}
	switch s.do {
	case pass, suspend, office, renew, expire, switchOff, switchOn, resize, raise, upgrade, release, unlimit, rotate, end, down, up, fault,
		serverOff, serverFine, node, twice, once, panics, diskFull, diskFine, replay:
		return text
	}
	return fmt.Sprintf("%s, machine %d", text, s.on+1)
}

// ringSays is how the keyring is gone.
func ringSays(n int) string {
	return []string{"", "it hangs", "it is empty", "it is locked", "there is none"}[n]
}

// story is what a seed plays.
type story struct {
	setting
	steps []step
}

func (s story) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v:\n", s.setting)
	for i, x := range s.steps {
		fmt.Fprintf(&b, "%3d. %v\n", i+1, x)
	}
	return b.String()
}

// weights say how often a kind of step is drawn, of about 150. The order is that
// of the draw: with it the same seed is the same story.
var weights = []struct {
	verb
	n int
}{
	{pass, 22}, {suspend, 8}, {office, 5},
	{open, 12}, {shut, 6}, {kill, 4}, {killAsking, 2}, {killWriting, 3}, {activate, 5}, {mistype, 1}, {refresh, 6}, {use, 6}, {measure, 2}, {take, 5},
	{deactivate, 1}, {update, 1}, {downgrade, 1}, {signIn, 2}, {importFile, 2}, {move, 1}, {checkOut, 1}, {giveSeat, 1},
	{renew, 3}, {expire, 1}, {switchOff, 2}, {switchOn, 3}, {forget, 1}, {ban, 1}, {resize, 2}, {raise, 1}, {upgrade, 1}, {release, 1}, {unlimit, 2}, {rotate, 1}, {end, 1},
	{down, 4}, {up, 6}, {fault, 6}, {serverOff, 2}, {serverFine, 3}, {node, 1}, {twice, 1}, {once, 2}, {cross, 2}, {panics, 1},
	{wallOff, 2}, {wallFine, 4}, {backup, 2}, {restore, 1}, {diskGone, 1}, {diskFull, 1}, {readOnly, 1}, {diskFine, 3}, {ringBad, 2}, {ringFine, 3}, {rename, 1}, {former, 1}, {later, 2},
	{replay, 2}, {patch, 1}, {shred, 1},
}

var spans = []time.Duration{
	time.Minute, 7 * time.Minute, 20 * time.Minute, time.Hour, 3 * time.Hour, 9 * time.Hour, 25 * time.Hour, 3 * day, 8 * day, 40 * day, 120 * day, 300 * day,
}

// awake is for how long time passes while the machines are awake, a day mostly at
// the longest: a year takes a minute.
var awake = []time.Duration{
	time.Minute, 7 * time.Minute, 20 * time.Minute, time.Hour, time.Hour, 3 * time.Hour, 3 * time.Hour, 9 * time.Hour, 9 * time.Hour, 25 * time.Hour, 3 * day,
}

// verbs lists each kind as often as it weighs.
func verbs() (list []verb) {
	for _, w := range weights {
		for range w.n {
			list = append(list, w.verb)
		}
	}
	return list
}

// uniform draws from [0, n), each number as often: rapid's own draws prefer small
// ones.
func uniform(t *rapid.T, n int, label string) int {
	const bits = 10
	drawn := 0
	for range bits {
		if drawn *= 2; rapid.Bool().Draw(t, label) {
			drawn++
		}
	}
	return drawn * n >> bits
}

func oneOf[T any](t *rapid.T, list []T, label string) T { return list[uniform(t, len(list), label)] }

func steps(machines int) *rapid.Generator[step] {
	kinds := verbs()
	return rapid.Custom(func(t *rapid.T) step {
		s := step{do: oneOf(t, kinds, "verb")}
		if machines > 1 {
			s.on = uniform(t, machines, "machine")
		}
		switch s.do {
		case pass, suspend, wallOff, serverOff, renew:
			list := spans
			if s.do == pass {
				list = awake
			}
			s.span = oneOf(t, list, "span")
			if (s.do == wallOff || s.do == serverOff) && rapid.Bool().Draw(t, "back") {
				s.span = -s.span
			}
		case office:
			s.span = oneOf(t, []time.Duration{10 * day, 30 * day, 120 * day, 360 * day, 720 * day}, "span")
		case killWriting:
			s.n = 1 + uniform(t, moments, "n")
		case take, use, resize, raise, replay, signIn, ringBad, shred, patch, checkOut:
			s.n = 1 + uniform(t, 4, "n")
		case fault:
			s.n = uniform(t, len(faults), "fault")
		}
		return s
	})
}

// bought is how most stories begin: the key is entered on every machine.
func bought(machines int) (list []step) {
	for i := range machines {
		list = append(list, step{do: open, on: i}, step{do: activate, on: i})
	}
	return list
}

func stories() *rapid.Generator[story] {
	return rapid.Custom(func(t *rapid.T) story {
		sometimes := func(n int, label string) bool { return uniform(t, n, label) == n-1 } // one time in n
		s := story{setting: setting{
			floating: rapid.Bool().Draw(t, "floating"),
			users:    sometimes(5, "users"),
			machines: 1 + uniform(t, 3, "machines"),
			seats:    1 + uniform(t, 3, "seats"),
			freeride: oneOf(t, []int{1, 3, 7, 30}, "freeride"),
			consume:  oneOf(t, []int{5, 10, 1000}, "renders"),
			session:  oneOf(t, []int{240, 60, 20}, "session period"),
			rsa:      sometimes(8, "rsa"),
			keyring:  sometimes(4, "keyring"),
			offline:  sometimes(3, "off line"),
			talk:     sometimes(4, "talk"),
			chance:   rapid.Uint64Range(0, 999).Draw(t, "chance"),
		}}
		// Of the lengths between two bounds rapid prefers the short ones.
		least := oneOf(t, []int{0, 5, 10, 20}, "at least")
		s.steps = rapid.SliceOfN(steps(s.machines), least, 60).Draw(t, "steps")
		if sometimes(2, "planned") {
			s.steps = withScheme(t, s.machines, s.steps)
		}
		if !sometimes(4, "not bought") {
			s.steps = append(bought(s.machines), s.steps...)
		}
		return s
	})
}
