package world

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/enforcement"
)

// A server that is ahead for long is believed. Once it is right its answers are
// older than what was accepted, and prove nothing until its time has passed, or a
// person takes the way out that the error names: the licence is given back, and
// the key entered again. What follows knows which answers those are, by their
// dates. Where it cannot know, after trouble with a clock, a folder or a store,
// it takes more answers for such than there are.

// accepted is what a client has accepted of the dates of answers.
type accepted struct {
	newest  date   // believed for good
	leads   []lead // far ahead, each of the one before, and not confirmed yet
	dropped []lead // likewise, of a server that was right again before it was believed
}

// A lead is the first and the last date of a server that is far ahead.
type lead struct{ first, last date }

// A date is one that the server has signed.
type date struct {
	time.Time
	heard time.Time // when; true time
	ran   time.Time // likewise, by a clock that stands still while the machine sleeps
	by    *wire
}

const (
	leadsFrom  = time.Hour // so far ahead is a lead
	confirming = day       // so far apart are two answers that make it the time
	slack      = 5 * time.Minute
)

// at is what the time is for who believes a date.
func (d date) at(now time.Time) time.Time {
	if d.IsZero() || d.Add(now.Sub(d.heard)).Before(now) {
		return now
	}
	return d.Add(now.Sub(d.heard))
}

// outdates reports whether an answer of a date is from before this one.
func (d date) outdates(next date) bool {
	least := d.Add(-time.Second)
	if d.by == next.by { // which knows how much time has passed
		ran := next.ran.Sub(d.ran)
		if then := d.Add(ran - ran/1000 - slack); then.After(least) {
			least = then
		}
	}
	return next.Before(least)
}

// under is how many leads a date does not end.
func (a *accepted) under(d date) int {
	n := len(a.leads)
	for n > 0 && d.Before(a.leads[n-1].first.Time) {
		n--
	}
	return n
}

// outdates reports whether an answer of a date is older than what was accepted.
func (a *accepted) outdates(d date) bool {
	n := a.under(d)
	known := []date{a.newest}
	if n > 0 {
		known = append(known, a.leads[n-1].last)
	}
	if slices.ContainsFunc(known, func(k date) bool { return k.outdates(d) || n < len(a.leads) && !d.After(k.Time) }) {
		return true
	}
	const remembered = 4
	spans := a.dropped
	if len(spans) > remembered { // some are one then
		all := spans[0]
		for _, s := range spans {
			if s.first.Before(all.first.Time) {
				all.first = s.first
			}
			if s.last.After(all.last.Time) {
				all.last = s.last
			}
		}
		spans = []lead{all}
	}
	return slices.ContainsFunc(spans, func(s lead) bool { return !d.Before(s.first.Time) && !d.After(s.last.Time) })
}

// hears takes in the date of an answer, and reports whether it is not from before.
// credulous: whatever the date is, it may be believed at once.
func (a *accepted) hears(d date, credulous bool) bool {
	if a.outdates(d) {
		return false
	}
	n := a.under(d)
	a.dropped, a.leads = append(slices.Clone(a.dropped), a.leads[n:]...), slices.Clone(a.leads[:n])
	switch {
	case credulous, n == 0 && !d.After(a.newest.at(d.heard).Add(leadsFrom)):
		a.believes(d)
	case n == 0 || d.After(a.leads[n-1].last.at(d.heard).Add(leadsFrom)):
		a.leads = append(a.leads, lead{d, d})
	case d.Sub(a.leads[n-1].first.Time) >= confirming-slack:
		a.believes(d)
	default:
		a.leads[n-1].last = d
	}
	return true
}

// believes makes a date the time.
func (a *accepted) believes(d date) {
	a.newest, a.leads = d, nil
	a.dropped = slices.DeleteFunc(slices.Clone(a.dropped), func(s lead) bool { return !s.last.After(d.Time) })
}

// dates takes in an answer about the licence that the process may believe, and
// reports whether it is not from before. It is called with the machine's lock held.
func (w *wire) dates(answer []byte) bool {
	var says struct {
		Created time.Time `json:"created_date_utc"`
	}
	if json.Unmarshal(answer, &says) != nil {
		return false
	}
	had, known := w.on.had, &w.of.accepted
	d := date{says.Created, w.world.now(), time.Now(), w}
	credulous := had.ahead || had.restored || had.troubled
	heard := known.hears(d, credulous)
	if !heard && w.anew && !w.on.unkept {
		*known = accepted{} // the key is entered where no licence is held: any date will do
		heard = known.hears(d, credulous)
	}
	w.on.hears(d, heard && !credulous)
	return heard
}

// hears takes in the date of an answer that may set the trusted time, also back: one
// that is older than what was accepted too, as that may have been a lead, such as the
// first answer after weeks. certain: it does so. It is called with the lock held.
func (m *machine) hears(d date, certain bool) {
	switch behind := d.Before(d.heard.Add(-slack)); {
	case behind:
		m.slow = true
	case certain:
		m.slow = false
	}
	if d.Before(m.line) {
		m.line = d.Time
	}
}

// behind reports whether what the server says now is older than what a client has
// accepted, as the server was ahead.
func (w *world) behind(c *client, by *wire) bool {
	by.on.mu.Lock()
	defer by.on.mu.Unlock()
	return c.accepted.outdates(date{w.srv.Now(), w.now(), time.Now(), by})
}

// Who asks a server that is ahead, by more each time, is served on line and off line,
// and no less when it is right again.
func TestServedByAServerThatIsAhead(t *testing.T) {
	s := story{setting: simple()}
	s.steps = append(bought(1), step{do: serverOff, span: 8 * day}, step{do: refresh}, step{do: pass, span: 3 * time.Hour}, step{do: serverOff, span: 40 * day}, step{do: refresh},
		step{do: shut}, step{do: open}, step{do: down}, step{do: pass, span: 9 * time.Hour}, step{do: suspend, span: 3 * day}, step{do: pass, span: time.Hour},
		step{do: up}, step{do: serverFine}, step{do: refresh}, step{do: pass, span: time.Hour})
	watched(t, s, func(w *world, at int) {
		m := w.machines[0]
		win := m.any()
		if win == nil {
			return
		}
		if d := win.Decision(); at > 0 && d.State > enforcement.Grace {
			t.Errorf("after step %d it is %v, %v", at+1, d.State, d.Cause)
		}
		if leads := len(m.client.accepted.leads); at == len(s.steps)-4 && leads != 2 || at == len(s.steps)-1 && leads != 0 {
			t.Errorf("after step %d the server has led %d times", at+1, leads)
		}
	})
}

// A No of a server that was ahead for days, and was believed, holds when it is right
// again: an older Yes ends none. The story is one that failed, made shorter.
func TestNoOfAServerThatWasAheadForDays(t *testing.T) {
	s := story{setting: simple()}
	s.steps = append(bought(1), step{do: serverOff, span: 3 * day}, step{do: refresh}, step{do: suspend, span: 25 * time.Hour}, step{do: refresh}, step{do: pass, span: time.Hour},
		step{do: switchOff}, step{do: refresh}, step{do: serverFine}, step{do: switchOn}, step{do: refresh}, step{do: pass, span: time.Hour},
		step{do: deactivate}, step{do: activate}, step{do: pass, span: time.Hour})
	watched(t, s, func(w *world, at int) {
		m := w.machines[0]
		switch state := m.any().Decision().State; {
		case at == len(s.steps)-4 && (state != enforcement.Locked || !w.behind(m.client, m.any().wire)):
			t.Errorf("the older Yes came, and it is %v", state)
		case at >= len(s.steps)-2 && (state != enforcement.Active || w.behind(m.client, m.any().wire)):
			t.Errorf("after the way out it is %v", state)
		}
	})
}

// The way out is one beside another window as well, which knows of the server's
// time as it was.
func TestWayOutBesideAnotherWindow(t *testing.T) {
	for _, floating := range []bool{false, true} {
		s := story{setting: simple()}
		s.floating, s.seats = floating, 2
		s.steps = append(bought(1), step{do: open}, step{do: serverOff, span: 40 * day}, step{do: refresh}, step{do: suspend, span: 25 * time.Hour}, step{do: refresh}, step{do: pass, span: time.Hour},
			step{do: serverFine}, step{do: refresh}, step{do: deactivate}, step{do: activate}, step{do: pass, span: time.Minute}, step{do: pass, span: time.Hour}, step{do: refresh},
			step{do: suspend, span: day}, step{do: pass, span: time.Hour})
		watched(t, s, func(w *world, at int) {
			if m := w.machines[0]; at == len(s.steps)-7 && !w.behind(m.client, m.any().wire) {
				t.Error("the server was not believed")
			}
			if at < len(s.steps)-4 { // the other window hears of it with its own next call
				return
			}
			for i, win := range w.machines[0].windows {
				if off := win.Now().Sub(w.now()).Abs(); off > time.Minute || win.Decision().State != enforcement.Active {
					t.Errorf("floating %v, after step %d window %d is %v, and its time is off by %v", floating, at+1, i+1, win.Decision().State, off)
				}
			}
		})
	}
}
