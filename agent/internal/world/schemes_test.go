package world

import (
	"slices"
	"time"

	"pgregory.net/rapid"
)

// schemes are steps in a row that chance alone seldom brings together: what
// somebody does who has a plan. on is the machine, n which of the plan's variants.
var schemes = []func(on, n int) []step{
	// Whoever is given wrong answers asks.
	func(on, n int) []step {
		return []step{
			{do: open, on: on}, {do: activate, on: on}, {do: pass, span: 7 * time.Minute},
			{do: fault, n: n % len(faults)}, {do: refresh, on: on}, {do: refresh, on: on}, {do: pass, span: 3 * time.Hour},
		}
	},
	// The last answer is played again as if it were new, at once and later.
	func(on, n int) []step {
		later := []time.Duration{time.Minute, 3 * time.Minute, time.Hour}[n%3]
		return []step{
			{do: open, on: on}, {do: activate, on: on}, {do: refresh, on: on}, {do: pass, span: later}, {do: replay, n: 1}, {do: refresh, on: on},
		}
	},
	// The licence is given back, taken again and moved on.
	func(on, n int) []step {
		back := deactivate
		if n%3 == 2 {
			back = move
		}
		return []step{
			{do: open, on: on}, {do: activate, on: on}, {do: use, on: on, n: 2}, {do: pass, span: time.Minute}, {do: back, on: on},
			{do: pass, span: time.Hour}, {do: refresh, on: on}, {do: activate, on: on}, {do: pass, span: time.Minute},
		}
	},
	// Off line, the clock is set back between two starts, and again.
	func(on, n int) []step {
		back := -[]time.Duration{time.Hour, 9 * time.Hour, 25 * time.Hour, 8 * day, 40 * day}[n%5]
		return []step{
			{do: open, on: on}, {do: activate, on: on}, {do: pass, span: 3 * time.Hour}, {do: down}, {do: shut, on: on}, {do: shut, on: on},
			{do: wallOff, on: on, span: back}, {do: open, on: on}, {do: pass, span: time.Hour}, {do: shut, on: on}, {do: shut, on: on},
			{do: wallOff, on: on, span: 2 * back}, {do: open, on: on}, {do: pass, span: time.Hour},
		}
	},
	// The vendor switches off, and whoever has heard it restarts off line.
	func(on, n int) []step {
		list := []step{{do: open, on: on}, {do: activate, on: on}, {do: switchOff}, {do: refresh, on: on}, {do: down}}
		if n%2 == 0 {
			list = append(list, step{do: shut, on: on}, step{do: shut, on: on}, step{do: open, on: on})
		}
		return append(list, step{do: pass, span: time.Hour})
	},
	// Two windows, of which one hears what the other does not.
	func(on, n int) []step {
		list := []step{{do: open, on: on}, {do: activate, on: on}, {do: open, on: on}, {do: pass, span: 20 * time.Minute}, {do: take, on: on, n: 2}, {do: use, on: on, n: 3}}
		if n%2 == 0 {
			list = append(list, step{do: cross, on: on})
		}
		return append(list, step{do: shut, on: on}, step{do: pass, span: 3 * time.Hour})
	},
}

// withScheme puts one of the schemes somewhere into a story.
func withScheme(t *rapid.T, machines int, list []step) []step {
	scheme := oneOf(t, schemes, "scheme")(uniform(t, machines, "machine"), uniform(t, 60, "variant"))
	return slices.Insert(list, uniform(t, len(list)+1, "at"), scheme...)
}
