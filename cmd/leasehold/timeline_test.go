package main

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/enforcement"
)

func TestTimelineSVG(t *testing.T) {
	start := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	at := func(d time.Duration, s enforcement.State, causes ...enforcement.Cause) transitionView {
		return transitionView{At: moment{start.Add(d)}, State: s, Causes: causes}
	}
	const day = 24 * time.Hour
	for name, v := range map[string]forecastView{
		"one state for ever": {State: at(0, enforcement.Locked, enforcement.NotActivated)},
		"the usual": {State: at(0, enforcement.Active), Transitions: []transitionView{
			at(day, enforcement.Grace, enforcement.Unreachable), at(7*day, enforcement.ReadOnly, enforcement.Unreachable), at(21*day, enforcement.Locked, enforcement.Unreachable),
		}},
		"at once and in centuries": {State: at(0, enforcement.Grace), Transitions: []transitionView{
			at(time.Nanosecond, enforcement.ReadOnly), at(70*365*day, enforcement.Locked, enforcement.Expired),
		}},
	} {
		svg := timelineSVG(v)
		dec := xml.NewDecoder(strings.NewReader(string(svg)))
		for {
			if _, err := dec.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: not well-formed: %v\n%s", name, err, svg)
			}
		}
		spans := stateSpans(v)
		var sum float64
		for _, w := range barWidths(spans) {
			if w < narrowestBar {
				t.Errorf("%s: a bar of width %.1f cannot be seen", name, w)
			}
			sum += w
		}
		if sum > timelineWidth-2*timelineMargin+1 {
			t.Errorf("%s: the bars are %.1f wide and leave the picture", name, sum)
		}
		for _, s := range spans {
			if !strings.Contains(string(svg), stateFills[s.State]) || !strings.Contains(string(svg), s.At.Format("2006-01-02 15:04")) {
				t.Errorf("%s: %v from %v is missing", name, s.State, s.At)
			}
		}
	}
}

func TestStateSpansLeavesOutWhatChangesNoState(t *testing.T) {
	v := forecastView{State: transitionView{State: enforcement.Grace}, Transitions: []transitionView{{State: enforcement.Grace}, {State: enforcement.Locked}, {State: enforcement.Locked}}}
	if got := stateSpans(v); len(got) != 2 {
		t.Errorf("%d spans, want grace and locked", len(got))
	}
}
