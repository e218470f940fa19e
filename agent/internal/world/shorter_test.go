package world

import (
	"slices"
	"testing"
	"time"
)

// shorter finds the shortest story that fails as s does, or as short a one as can be
// found in that time: it leaves out steps, half of them at first and in the end each
// one, and then whatever is special about the setting. rapid makes the numbers
// smaller that a story is drawn from, which takes many more plays.
func shorter(s story, failure string, patience time.Duration, play func(story) string) (story, string) {
	began := time.Now()
	try := func(less story) bool {
		if time.Since(began) >= patience { // some clocks tick seldom
			return false
		}
		why := play(less)
		if why != "" {
			s, failure = less, why
		}
		return why != ""
	}
	for size := len(s.steps) / 2; size > 0; {
		before := len(s.steps)
		for at := len(s.steps) - size; at >= 0; at -= size {
			less := s
			less.steps = slices.Delete(slices.Clone(s.steps), at, at+size)
			try(less)
			at = min(at, len(s.steps))
		}
		if size > 1 || len(s.steps) == before {
			size /= 2
		}
	}
	for _, plain := range []func(*setting){
		func(s *setting) { s.chance = 0 },
		func(s *setting) { s.rsa = false },
		func(s *setting) { s.keyring = false },
		func(s *setting) { s.users = false },
		func(s *setting) { s.floating = false },
		func(s *setting) { s.offline = false },
		func(s *setting) { s.talk = false },
		func(s *setting) { s.machines = 1 },
	} {
		less := s
		plain(&less.setting)
		if less.setting != s.setting && !slices.ContainsFunc(less.steps, func(x step) bool { return x.on >= less.machines }) {
			try(less)
		}
	}
	return s, failure
}

func TestShorter(t *testing.T) {
	s := story{setting: setting{machines: 3, rsa: true, keyring: true, chance: 7}}
	for i := range 40 {
		s.steps = append(s.steps, step{do: pass, n: i})
	}
	s.steps[11].do, s.steps[29].do = switchOff, refresh
	plays := 0
	short, why := shorter(s, "at first", time.Hour, func(s story) string {
		plays++
		var kinds []verb
		for _, x := range s.steps {
			if x.do != pass {
				kinds = append(kinds, x.do)
			}
		}
		if s.keyring && slices.Equal(kinds, []verb{switchOff, refresh}) {
			return "at last"
		}
		return ""
	})
	if why != "at last" || len(short.steps) != 2 || short.rsa || short.chance != 0 || !short.keyring || short.machines != 1 {
		t.Errorf("%s in %d plays: %v", why, plays, short)
	}
	if short, why := shorter(s, "at first", 0, func(story) string { t.Error("there is no time to play"); return "" }); why != "at first" || len(short.steps) != len(s.steps) {
		t.Error("without time it changes")
	}
}
