package world

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// diary is what happens in a story, line by line: each request and what it was
// answered, each event, and how each step left the windows.
type diary struct {
	mu    sync.Mutex
	began time.Time
	lines []string
}

// note writes a line; a nil diary writes nothing.
func (d *diary) note(format string, args ...any) {
	if d == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, fmt.Sprintf("%19d ", time.Since(d.began))+fmt.Sprintf(format, args...))
}

// story is the diary with what happens at one instant sorted: its order is nobody's.
func (d *diary) story() string {
	slices.Sort(d.lines)
	return strings.Join(d.lines, "\n")
}

// step notes how a step has left the windows.
func (w *world) noteStep(s step) {
	if w.diary == nil {
		return
	}
	var states []string
	for _, m := range w.machines {
		for _, win := range m.windows {
			d := win.Decision()
			states = append(states, fmt.Sprint(m.name, " ", d.State, " ", d.Cause, " ", d.Next.At.Sub(w.diary.began), " ", win.Queued()))
		}
	}
	w.diary.note("%v: %s", s, strings.Join(states, ", "))
}

// one has one thread run Go code, so that what is ready at one instant runs in the
// same order each time, mostly.
func one(t *testing.T) {
	before := runtime.GOMAXPROCS(1)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
}

// One seed is one story: played again, it is the same to the last request. The system
// may take the processor away in the middle of an instant, and another goroutine goes
// on then. So a play that differs is repeated: what is really left to chance differs
// again.
func TestOneSeedIsOneStory(t *testing.T) {
	seeds, plays := 2, 3
	if os.Getenv("LEASEHOLD_HEAVY") != "" {
		seeds, plays = 4, 20
	}
	one(t)
	signingKeys()
	bothKeys()
	differ := 0
	for seed := range seeds {
		s := stories().Example(seed)
		first := ""
		for n := range plays {
			text := diaryOf(t, s)
			if n == 0 {
				if first = text; strings.Count(text, "\n") < len(s.steps) {
					t.Errorf("the diary of %d steps is\n%s", len(s.steps), text)
				}
				continue
			}
			if text == first {
				continue
			}
			if text = diaryOf(t, s); text != first {
				differ++
				t.Errorf("seed %d, play %d of %d: %s", seed, n+1, plays, difference(first, text))
				break
			}
		}
	}
	t.Logf("%d of %d stories were not the same in %d plays", differ, seeds, plays)
}

// diaryOf plays a story and returns its diary.
func diaryOf(t *testing.T, s story) string {
	t.Helper()
	d := &diary{}
	if failure := play(t, s, d); failure != "" {
		t.Fatalf("%s\n%v", failure, s)
	}
	return d.story()
}

// difference shows the first lines in which two diaries differ.
func difference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range x {
		if i >= len(y) || x[i] != y[i] {
			other := "(the end)"
			if i < len(y) {
				other = y[i]
			}
			return fmt.Sprintf("line %d of %d:\n\t%s\n\t%s", i+1, len(x), x[i], other)
		}
	}
	return fmt.Sprintf("%d more lines", len(y)-len(x))
}
