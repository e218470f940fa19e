package messages

import (
	"slices"
	"strings"

	"github.com/leasehold-dev/leasehold/enforcement"
)

// The keys of the texts:
//
//	title.CAUSE, text.CAUSE       what is the matter; "fine" when nothing is
//	  ….REMEDY, ….STATE           the same where it needs other words: after that remedy, in that state
//	  ….undated                   the same where the date that it names is not known
//	works.STATE                   what still works
//	  ….CAUSE, ….undated          the same with other words
//	deadline.STATE                how much time is left until that state
//	left.days, hours, minutes     how much time, by plural form; left.moment: less than a minute
//	help.REMEDY                   what can be done and by whom
//	action.KIND                   a button; action.open_url.LINK for each link
//	state.STATE                   the state's name

const fine = "fine"

// nothing is wrong: what a key has for the zero cause.
func causeKey(c enforcement.Cause) string {
	if c == enforcement.NoCause {
		return fine
	}
	return c.String()
}

var (
	states = []enforcement.State{enforcement.Active, enforcement.Grace, enforcement.ReadOnly, enforcement.Locked}
	links  = []string{"buy", "renew", "manage"}
)

// required lists the keys that a complete language has.
func required() (keys []string) {
	for _, c := range append([]enforcement.Cause{enforcement.NoCause}, enforcement.Causes()...) {
		keys = append(keys, "title."+causeKey(c), "text."+causeKey(c))
	}
	for _, s := range states {
		keys = append(keys, "state."+s.String(), "works."+s.String(), "deadline."+s.String())
	}
	keys = append(keys, "text.expired.undated", "text.not_yet_valid.undated", "works.grace.undated",
		"left.days", "left.hours", "left.minutes", "left.moment")
	for _, r := range enforcement.Remedies() {
		keys = append(keys, "help."+r.String())
	}
	for _, k := range Kinds() {
		if k != None && k != OpenURL {
			keys = append(keys, "action."+string(k))
		}
	}
	for _, l := range links {
		keys = append(keys, "action.open_url."+l)
	}
	slices.Sort(keys)
	return keys
}

// known reports whether there can be a text with that key.
func known(key string) bool {
	if slices.Contains(required(), key) {
		return true
	}
	base, undated := strings.CutSuffix(key, ".undated")
	kind, rest, _ := strings.Cut(base, ".")
	first, second, qualified := strings.Cut(rest, ".")
	isCause := func(s string) bool {
		return s == fine || slices.ContainsFunc(enforcement.Causes(), func(c enforcement.Cause) bool { return c.String() == s })
	}
	isState := func(s string) bool {
		return slices.ContainsFunc(states, func(x enforcement.State) bool { return x.String() == s })
	}
	isRemedy := func(s string) bool {
		return slices.ContainsFunc(enforcement.Remedies(), func(r enforcement.Remedy) bool { return r.String() == s })
	}
	switch {
	case !qualified && !undated:
		return false
	case kind == "title" || kind == "text":
		return isCause(first) && (!qualified || isState(second) || isRemedy(second))
	case kind == "works":
		return isState(first) && (!qualified || isCause(second))
	}
	return false
}
