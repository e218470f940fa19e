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
	barTop         = 84
	barHeight      = 40
	tickHeight     = 6
	rowHeight      = 28
	narrowestBar   = 30 // so that a short state can still be seen
	lineHeight     = 17
	labelLeft      = timelineMargin + 330
	labelWidth     = 42 // in characters
	headWidth      = 62 // in characters of the title
	widestLetter   = 10 // what a letter of a wide font takes when it is bold
	widestDate     = 70 // what a date takes under its tick
)

// timelineHead is what a drawing is of, and for whom.
type timelineHead struct {
	App      string // name and version
	Customer string
	Zone     *time.Location // of the reader; with UTC no second time is told
}

// stateWords are the states as people say them.
var stateWords = map[enforcement.State]string{
	enforcement.Active:   "Active",
	enforcement.Grace:    "Grace period",
	enforcement.ReadOnly: "Read-only",
	enforcement.Locked:   "Locked",
}

// causeWords are the causes as people say them.
var causeWords = map[enforcement.Cause]string{
	enforcement.Suspended:         "suspended by the vendor",
	enforcement.Inactive:          "switched off by the vendor",
	enforcement.Expired:           "expired",
	enforcement.NotYetValid:       "not started yet",
	enforcement.VersionNotCovered: "release not covered",
	enforcement.UserInactive:      "user not on the licence",
	enforcement.UserLimit:         "no room for a further user",
	enforcement.NotActivated:      "not activated",
	enforcement.DeviceMismatch:    "activated on another device",
	enforcement.ConnectionLimit:   "all seats taken",
	enforcement.SessionLimit:      "open elsewhere",
	enforcement.SessionMissing:    "no floating seat",
	enforcement.ClockRolledBack:   "clock turned back",
	enforcement.SignatureInvalid:  "answers not signed",
	enforcement.Unauthorized:      "application refused",
	enforcement.Unreachable:       "no answer from the server",
}

// stateFills stand out from light and dark paper, and white text reads on them.
var stateFills = map[enforcement.State]string{
	enforcement.Active:   "#1a7f37",
	enforcement.Grace:    "#9a6700",
	enforcement.ReadOnly: "#8250df",
	enforcement.Locked:   "#cf222e",
}

// timelineStyle has no custom properties, which some viewers do not know.
const timelineStyle = `text{font:13px system-ui,sans-serif;fill:#1f2328}.paper{fill:#ffffff}.h{font-weight:600;font-size:15px}.d{fill:#59636e}.t{stroke:#59636e}` +
	`@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.paper{fill:#0d1117}.d{fill:#9198a1}.t{stroke:#9198a1}}` +
	`.w{fill:#ffffff;font-weight:600;text-anchor:middle}`

// timelineSVG draws the states to come as coloured bars, with what each lasts,
// and what it is due to below. The bars' widths grow with the square root of
// their time, so that hours and months fit in one picture, and the picture says
// that it is not to scale; the last bar has no end. The drawing brings its own
// paper, so that it reads wherever it is shown.
func timelineSVG(v protocol.Forecast, head timelineHead) []byte {
	if head.Zone == nil {
		head.Zone = time.UTC
	}
	spans := append([]protocol.Transition{v.State}, protocol.ChangesOfState(v.State.State, v.Transitions)...)
	widths := barWidths(spans)
	var bars, legend bytes.Buffer
	x, y := float64(timelineMargin), barTop+barHeight+tickHeight+34
	free := 0.0 // from where on a date has room
	for i, s := range spans {
		fill, lines, lasts := stateFills[s.State], spanLabel(s), ""
		if i+1 < len(spans) {
			lasts = protocol.Span(max(spans[i+1].At.Sub(s.At.Time), 0))
		}
		drawBar(&bars, i+1, s, x, widths[i], lasts)
		fmt.Fprintf(&bars, `<line class="t" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>`, x, x, barTop+barHeight, barTop+barHeight+tickHeight)
		if x >= free && x+widestDate <= timelineWidth {
			fmt.Fprintf(&bars, `<text class="d" x="%.1f" y="%d">%s</text>`, x, barTop+barHeight+tickHeight+14, s.At.In(head.Zone).Format(time.DateOnly))
			free = x + widestDate + 8
		}
		bars.WriteByte('\n')
		x += widths[i]

		fmt.Fprintf(&legend, `<rect x="%d" y="%d" width="18" height="18" rx="3" fill="%s"/><text class="w" x="%d" y="%d">%d</text>`, timelineMargin, y, fill, timelineMargin+9, y+14, i+1)
		fmt.Fprintf(&legend, `<text class="d" x="%d" y="%d">from %s</text>`, timelineMargin+30, y+14, localTime(s.At.Time, head.Zone))
		for n, line := range lines {
			fmt.Fprintf(&legend, `<text x="%d" y="%d">%s</text>`, labelLeft, y+14+lineHeight*n, html.EscapeString(line))
		}
		legend.WriteByte('\n')
		y += rowHeight + lineHeight*(len(lines)-1)
	}

	var b bytes.Buffer
	title := head.title()
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s">`+"\n", timelineWidth, y, html.EscapeString("Licence states to come: "+title))
	fmt.Fprintf(&b, "<style>%s</style>\n", timelineStyle)
	fmt.Fprintf(&b, `<rect class="paper" width="%d" height="%d"/>`+"\n", timelineWidth, y)
	fmt.Fprintf(&b, `<text class="h" x="%d" y="30">%s</text>`+"\n", timelineMargin, html.EscapeString(title))
	fmt.Fprintf(&b, `<text x="%d" y="52">What the user may do if nothing more is heard from the server</text>`+"\n", timelineMargin)
	fmt.Fprintf(&b, `<text class="d" x="%d" y="70">Not to scale: each bar says how long it lasts.</text>`+"\n", timelineMargin)
	_, _ = bars.WriteTo(&b)
	_, _ = legend.WriteTo(&b)
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// title names the application and the customer; neither crowds out the other.
func (h timelineHead) title() string {
	customer := shortened(h.Customer, max(headWidth/3, headWidth-len([]rune(h.App))-3))
	return strings.Join(nonEmpty(shortened(h.App, headWidth-len([]rune(customer))-3), customer), " – ")
}

// drawBar draws a state; its name and what it lasts stand in it where they fit,
// its number always.
func drawBar(w *bytes.Buffer, number int, s protocol.Transition, x, width float64, lasts string) {
	fmt.Fprintf(w, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"><title>%s</title></rect>`,
		x, barTop, width, barHeight, stateFills[s.State], html.EscapeString(strings.Join(nonEmpty(stateWords[s.State], lasts), ", ")))
	fits := func(text string) bool { return width >= widestLetter*float64(len(text)) }
	name := strconv.Itoa(number)
	if long := name + " " + stateWords[s.State]; fits(long) {
		name = long
	}
	if lasts == "" || !fits(lasts) {
		fmt.Fprintf(w, `<text class="w" x="%.1f" y="%d">%s</text>`, x+width/2, barTop+barHeight/2+5, name)
		return
	}
	fmt.Fprintf(w, `<text class="w" x="%.1f" y="%d">%s</text>`, x+width/2, barTop+barHeight/2-3, name)
	fmt.Fprintf(w, `<text class="w" x="%.1f" y="%d">%s</text>`, x+width/2, barTop+barHeight/2+14, lasts)
}

// localTime words an instant in the reader's time, with UTC beside it where that
// differs.
func localTime(t time.Time, zone *time.Location) string {
	local, utc := t.In(zone), t.UTC()
	if _, offset := local.Zone(); offset == 0 {
		return utc.Format(protocol.Layout)
	}
	layout := "15:04 UTC"
	if local.Day() != utc.Day() {
		layout = "01-02 15:04 UTC"
	}
	return local.Format("2006-01-02 15:04") + " (" + utc.Format(layout) + ")"
}

// shortened cuts a text that has no room, and shows that it was cut.
func shortened(text string, most int) string {
	if letters := []rune(text); len(letters) > most {
		return strings.TrimSpace(string(letters[:most-1])) + "…"
	}
	return text
}

// spanLabel says in lines of a bounded length what a state is due to. A cause
// that alone would lead to a milder state has that beside it.
func spanLabel(s protocol.Transition) []string {
	lines := []string{stateWords[s.State]}
	mark := ":"
	for _, f := range s.Findings {
		word := causeWords[f.Cause]
		if f.State != s.State {
			word += " (" + stateWords[f.State] + ")"
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
