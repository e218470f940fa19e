package main

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/enforcement"
)

// The drawing's measures, in its own units.
const (
	timelineWidth  = 720
	timelineMargin = 24
	barTop         = 52
	barHeight      = 36
	rowHeight      = 26
	narrowestBar   = 30 // so that a short state can still be seen
)

// stateFills read on light and dark backgrounds.
var stateFills = map[enforcement.State]string{
	enforcement.Active:   "#2e9e5b",
	enforcement.Grace:    "#c78a0f",
	enforcement.ReadOnly: "#8b62c9",
	enforcement.Locked:   "#cf4340",
}

// timelineSVG draws the states to come as coloured bars, with their dates
// below. The bars' widths grow with the square root of their time, so that
// hours and months fit in one picture; the last one has no end.
func timelineSVG(v forecastView) []byte {
	spans := stateSpans(v)
	widths := barWidths(spans)
	height := barTop + barHeight + 18 + rowHeight*len(spans)

	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="Licence states to come">`+"\n", timelineWidth, height)
	b.WriteString(`<style>text{font:13px system-ui,sans-serif;fill:#222}.h{font-weight:600;font-size:15px}.d{fill:#666}.w{fill:#fff;font-weight:600;text-anchor:middle}` +
		`@media(prefers-color-scheme:dark){text{fill:#eee}.d{fill:#aaa}.w{fill:#fff}}</style>` + "\n")
	fmt.Fprintf(&b, `<text class="h" x="%d" y="30">If nothing more is heard from the server</text>`+"\n", timelineMargin)
	x := float64(timelineMargin)
	for i, s := range spans {
		fill, label := stateFills[s.State], spanLabel(s)
		fmt.Fprintf(&b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"><title>%s</title></rect>`+"\n", x, barTop, widths[i], barHeight, fill, label)
		name := strconv.Itoa(i + 1)
		if widths[i] > 90 {
			name += " " + s.State.String()
		}
		fmt.Fprintf(&b, `<text class="w" x="%.1f" y="%d">%s</text>`+"\n", x+widths[i]/2, barTop+barHeight/2+5, name)
		y := barTop + barHeight + 18 + rowHeight*i
		fmt.Fprintf(&b, `<rect x="%d" y="%d" width="18" height="18" rx="3" fill="%s"/><text class="w" x="%d" y="%d">%d</text>`, timelineMargin, y, fill, timelineMargin+9, y+14, i+1)
		fmt.Fprintf(&b, `<text class="d" x="%d" y="%d">from %s</text><text x="%d" y="%d">%s</text>`+"\n", timelineMargin+30, y+14, s.At.UTC().Format("2006-01-02 15:04 UTC"), timelineMargin+220, y+14, label)
		x += widths[i]
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// stateSpans is the forecast without the changes that leave the state as it is.
func stateSpans(v forecastView) []transitionView {
	spans := []transitionView{v.State}
	for _, t := range v.Transitions {
		if t.State != spans[len(spans)-1].State {
			spans = append(spans, t)
		}
	}
	return spans
}

func spanLabel(s transitionView) string {
	text := s.State.String()
	var causes []string
	for _, c := range s.Causes {
		causes = append(causes, c.String())
	}
	if len(causes) > 0 {
		text += ": " + strings.Join(causes, ", ")
	}
	return html.EscapeString(text)
}

// barWidths shares the width among the bars.
func barWidths(spans []transitionView) []float64 {
	weights := make([]float64, len(spans))
	var longest, sum float64
	for i := range spans[:len(spans)-1] {
		weights[i] = math.Sqrt(max(spans[i+1].At.Sub(spans[i].At.Time), time.Minute).Hours())
		longest = max(longest, weights[i])
	}
	weights[len(spans)-1] = max(longest/2, 1)
	for _, w := range weights {
		sum += w
	}
	room := float64(timelineWidth-2*timelineMargin) - narrowestBar*float64(len(spans))
	for i := range weights {
		weights[i] = narrowestBar + max(room, 0)*weights[i]/sum
	}
	return weights
}
