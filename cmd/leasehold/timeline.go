package main

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/enforcement"
)

// The drawing's measures, in its own units.
const (
	timelineWidth  = 860
	timelineMargin = 30
	barTop         = 58
	barHeight      = 34
	labelStep      = 34
	narrowestBar   = 26 // so that a short state can still be seen
)

// stateFills read on light and dark backgrounds; the labels beside them are
// drawn in the colour of the text around the picture.
var stateFills = map[enforcement.State]string{
	enforcement.Active:   "#2e9e5b",
	enforcement.Grace:    "#d99a1c",
	enforcement.ReadOnly: "#8b62c9",
	enforcement.Locked:   "#cf4340",
}

// timelineSVG draws the states to come as coloured bars with their dates. The
// bars' widths grow with the square root of their time, so that hours and
// months fit in one picture; the last one has no end.
func timelineSVG(v forecastView) []byte {
	spans := append([]transitionView{v.State}, v.Transitions...)
	widths := barWidths(spans)
	height := barTop + barHeight + 24 + labelStep*len(spans)

	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="Licence states to come">`+"\n", timelineWidth, height)
	b.WriteString(`<style>text{font:13px system-ui,sans-serif;fill:#222}.h{font-weight:600;font-size:15px}.d{fill:#666}.w{fill:#fff;font-weight:600}.t{stroke:#888}` +
		`@media(prefers-color-scheme:dark){text{fill:#eee}.d{fill:#aaa}}</style>` + "\n")
	fmt.Fprintf(&b, `<text class="h" x="%d" y="28">What happens if nothing more is heard from the server</text>`+"\n", timelineMargin)
	x := float64(timelineMargin)
	for i, s := range spans {
		fmt.Fprintf(&b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"><title>%s</title></rect>`+"\n", x, barTop, widths[i], barHeight, stateFills[s.State], label(s))
		if widths[i] >= 70 {
			fmt.Fprintf(&b, `<text class="w" x="%.1f" y="%d">%s</text>`+"\n", x+8, barTop+22, s.State)
		}
		y := barTop + barHeight + 30 + labelStep*i
		fmt.Fprintf(&b, `<path class="t" d="M%.1f %dV%d" fill="none"/>`+"\n", x+.5, barTop+barHeight, y-10)
		// A label that would leave the picture is set to the left of its line.
		at, anchor := x+6, "start"
		if x > timelineWidth*0.55 {
			at, anchor = x-6, "end"
		}
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="%s">%s <tspan class="d">%s</tspan></text>`+"\n", at, y, anchor, label(s), s.At.UTC().Format("2006-01-02 15:04 UTC"))
		x += widths[i]
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func label(s transitionView) string {
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
