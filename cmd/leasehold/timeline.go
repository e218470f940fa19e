package main

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/protocol"
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
	lineHeight     = 17
	labelLeft      = timelineMargin + 220
	labelWidth     = 54 // in characters
	widestLetter   = 10 // what a letter of a wide font takes when it is bold
)

// stateFills stand out from light and dark paper, and white text reads on them.
var stateFills = map[enforcement.State]string{
	enforcement.Active:   "#1a7f37",
	enforcement.Grace:    "#9a6700",
	enforcement.ReadOnly: "#8250df",
	enforcement.Locked:   "#cf222e",
}

// timelineStyle has no custom properties, which some viewers do not know.
const timelineStyle = `text{font:13px system-ui,sans-serif;fill:#1f2328}.paper{fill:#ffffff}.h{font-weight:600;font-size:15px}.d{fill:#59636e}` +
	`@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.paper{fill:#0d1117}.d{fill:#9198a1}}` +
	`.w{fill:#ffffff;font-weight:600;text-anchor:middle}`

// timelineSVG draws the states to come as coloured bars, with their dates
// below. The bars' widths grow with the square root of their time, so that
// hours and months fit in one picture; the last one has no end. The drawing
// brings its own paper, so that it reads wherever it is shown.
func timelineSVG(v protocol.Forecast) []byte {
	spans := append([]protocol.Transition{v.State}, protocol.ChangesOfState(v.State.State, v.Transitions)...)
	widths := barWidths(spans)
	var bars, legend bytes.Buffer
	x, y := float64(timelineMargin), barTop+barHeight+18
	for i, s := range spans {
		fill, lines := stateFills[s.State], spanLabel(s)
		fmt.Fprintf(&bars, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"><title>%s</title></rect>`+"\n",
			x, barTop, widths[i], barHeight, fill, html.EscapeString(strings.Join(lines, " ")))
		name := strconv.Itoa(i + 1)
		if long := name + " " + s.State.String(); widths[i] >= widestLetter*float64(len(long)) {
			name = long
		}
		fmt.Fprintf(&bars, `<text class="w" x="%.1f" y="%d">%s</text>`+"\n", x+widths[i]/2, barTop+barHeight/2+5, name)
		x += widths[i]

		fmt.Fprintf(&legend, `<rect x="%d" y="%d" width="18" height="18" rx="3" fill="%s"/><text class="w" x="%d" y="%d">%d</text>`, timelineMargin, y, fill, timelineMargin+9, y+14, i+1)
		fmt.Fprintf(&legend, `<text class="d" x="%d" y="%d">from %s</text>`, timelineMargin+30, y+14, s.At.UTC().Format("2006-01-02 15:04 UTC"))
		for n, line := range lines {
			fmt.Fprintf(&legend, `<text x="%d" y="%d">%s</text>`, labelLeft, y+14+lineHeight*n, html.EscapeString(line))
		}
		legend.WriteByte('\n')
		y += rowHeight + lineHeight*(len(lines)-1)
	}

	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="Licence states to come">`+"\n", timelineWidth, y)
	fmt.Fprintf(&b, "<style>%s</style>\n", timelineStyle)
	fmt.Fprintf(&b, `<rect class="paper" width="%d" height="%d"/>`+"\n", timelineWidth, y)
	fmt.Fprintf(&b, `<text class="h" x="%d" y="30">If nothing more is heard from the server</text>`+"\n", timelineMargin)
	_, _ = bars.WriteTo(&b)
	_, _ = legend.WriteTo(&b)
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// spanLabel says in lines of a bounded length what a state is due to. A cause
// that alone would lead to a milder state has that beside it.
func spanLabel(s protocol.Transition) []string {
	lines := []string{s.State.String()}
	mark := ":"
	for _, f := range s.Findings {
		word := f.Cause.String()
		if f.State != s.State {
			word += " (" + f.State.String() + ")"
		}
		last := &lines[len(lines)-1]
		*last += mark
		if mark = ","; len(*last)+len(" ,")+len(word) <= labelWidth {
			*last += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	return lines
}

// barWidths shares the width among the bars.
func barWidths(spans []protocol.Transition) []float64 {
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
