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
	machines int
	seats    int  // sessions of a floating licence, tokens of a named one
	freeride int  // days
	consume  int  // what may be consumed in all
	session  int  // minutes
	rsa      bool // else HMAC, whose answers take a tenth of the time
}

func (s setting) String() string {
	kind := "named licence"
	if s.floating {
		kind = "floating licence"
	}
	return fmt.Sprintf("a %s of %d seats, freeride %d days, %d renders, sessions of %d minutes, on %d machines, rsa %t", kind, s.seats, s.freeride, s.consume, s.session, s.machines, s.rsa)
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

	// The application and who uses it.
	open       verb = "a window opens"
	shut       verb = "a window closes"
	kill       verb = "the application is killed"
	killAsking verb = "the application is killed while the server answers"
	activate   verb = "a person enters the key"
	mistype    verb = "a person enters a key that is wrong"
	refresh    verb = "a person asks the server again"
	use        verb = "a feature is used"
	take       verb = "renders are consumed"
	deactivate verb = "a person gives the seat back"
	update     verb = "the application is updated"

	// The vendor.
	renew     verb = "the vendor renews the licence"
	expire    verb = "the licence expires"
	switchOff verb = "the vendor switches the licence off"
	switchOn  verb = "the vendor switches the licence on"
	forget    verb = "the vendor frees the machine's seat"
	resize    verb = "the vendor changes the number of seats"
	upgrade   verb = "the vendor changes the edition"

	// The server and the network.
	down       verb = "the network fails"
	up         verb = "the network is back"
	fault      verb = "answers go wrong"
	serverOff  verb = "the server's clock is wrong"
	serverFine verb = "the server's clock is right"

	// The machine.
	wallOff  verb = "the machine's clock is wrong"
	wallFine verb = "the machine's clock is right"
	restore  verb = "the machine's folder is put back to where it was"
	backup   verb = "the machine's folder is saved"

	// Who wants more than was paid for.
	replay verb = "an old answer is played again"
)

func (s step) String() string {
	text := string(s.do)
	switch s.do {
	case pass, suspend, wallOff, serverOff, renew:
		text += " (" + s.span.String() + ")"
	case take, resize, use, fault, replay:
		text += fmt.Sprintf(" (%d)", s.n)
	}
	switch s.do {
	case pass, suspend, renew, expire, switchOff, switchOn, resize, upgrade, down, up, fault, serverOff, serverFine:
		return text
	}
	return fmt.Sprintf("%s, machine %d", text, s.on+1)
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

// weights say how often a kind of step is drawn.
var weights = map[verb]int{
	pass: 24, suspend: 8,
	open: 10, shut: 6, kill: 4, killAsking: 2, activate: 4, mistype: 1, refresh: 5, use: 6, take: 4, deactivate: 1, update: 1,
	renew: 2, expire: 1, switchOff: 1, switchOn: 2, forget: 1, resize: 1, upgrade: 1,
	down: 4, up: 5, fault: 4, serverOff: 1, serverFine: 2,
	wallOff: 2, wallFine: 4, backup: 2, restore: 1,
	replay: 1,
}

var spans = []time.Duration{
	time.Minute, 7 * time.Minute, 20 * time.Minute, time.Hour, 3 * time.Hour, 9 * time.Hour, 25 * time.Hour, 3 * 24 * time.Hour, 8 * 24 * time.Hour, 40 * 24 * time.Hour, 120 * 24 * time.Hour, 300 * 24 * time.Hour,
}

// verbs lists each kind as often as it weighs, in a fixed order.
func verbs() (list []verb) {
	for _, v := range []verb{
		pass, suspend, open, shut, kill, killAsking, activate, mistype, refresh, use, take, deactivate, update,
		renew, expire, switchOff, switchOn, forget, resize, upgrade, down, up, fault, serverOff, serverFine,
		wallOff, wallFine, backup, restore, replay,
	} {
		for range weights[v] {
			list = append(list, v)
		}
	}
	return list
}

func steps(machines int) *rapid.Generator[step] {
	kinds := rapid.SampledFrom(verbs())
	return rapid.Custom(func(t *rapid.T) step {
		s := step{do: kinds.Draw(t, "verb")}
		if machines > 1 {
			s.on = rapid.IntRange(0, machines-1).Draw(t, "machine")
		}
		switch s.do {
		case pass, suspend, wallOff, serverOff, renew:
			s.span = rapid.SampledFrom(spans).Draw(t, "span")
			if s.do == pass {
				s.span = min(s.span, 3*24*time.Hour) // longer times pass asleep: a year awake takes seconds
			}
			if (s.do == wallOff || s.do == serverOff) && rapid.Bool().Draw(t, "back") {
				s.span = -s.span
			}
		case take, use, resize, replay:
			s.n = rapid.IntRange(1, 4).Draw(t, "n")
		case fault:
			s.n = rapid.IntRange(0, len(faults)-1).Draw(t, "fault")
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
		s := story{setting: setting{
			floating: rapid.Bool().Draw(t, "floating"),
			machines: rapid.IntRange(1, 3).Draw(t, "machines"),
			seats:    rapid.IntRange(1, 3).Draw(t, "seats"),
			freeride: rapid.SampledFrom([]int{1, 3, 7, 30}).Draw(t, "freeride"),
			consume:  rapid.SampledFrom([]int{5, 10, 1000}).Draw(t, "renders"),
			session:  rapid.SampledFrom([]int{240, 60, 20}).Draw(t, "session period"),
			rsa:      rapid.IntRange(0, 9).Draw(t, "rsa") == 9,
		}}
		// Of the lengths between two bounds rapid prefers the short ones.
		least := rapid.SampledFrom([]int{0, 10, 20, 30}).Draw(t, "at least")
		s.steps = rapid.SliceOfN(steps(s.machines), least, 90).Draw(t, "steps")
		if rapid.Bool().Draw(t, "bought") {
			s.steps = append(bought(s.machines), s.steps...)
		}
		return s
	})
}
