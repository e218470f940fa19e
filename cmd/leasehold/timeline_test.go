package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/protocol"
	"github.com/leasehold-dev/leasehold/enforcement"
)

func TestTimelineSVG(t *testing.T) {
	start := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	at := func(d time.Duration, s enforcement.State, causes ...enforcement.Cause) protocol.Transition {
		v := protocol.Transition{At: protocol.At(start.Add(d)), State: s}
		for _, c := range causes {
			v.Findings = append(v.Findings, protocol.Finding{Cause: c, State: s})
		}
		return v
	}
	const day = 24 * time.Hour
	for name, v := range map[string]protocol.Forecast{
		"one state for ever": {State: at(0, enforcement.Locked, enforcement.NotActivated)},
		"the usual": {State: at(0, enforcement.Active), Transitions: []protocol.Transition{
			at(day, enforcement.Grace, enforcement.Unreachable), at(7*day, enforcement.ReadOnly, enforcement.Unreachable), at(21*day, enforcement.Locked, enforcement.Unreachable),
		}},
		"at once and in centuries": {State: at(0, enforcement.Grace), Transitions: []protocol.Transition{
			at(time.Nanosecond, enforcement.ReadOnly), at(70*365*day, enforcement.Locked, enforcement.Expired),
		}},
		"every cause at once": {State: at(0, enforcement.Grace, enforcement.Causes()...), Transitions: []protocol.Transition{
			at(day, enforcement.Locked, enforcement.Expired),
		}},
	} {
		svg := timelineSVG(v, timelineHead{App: "Sketch 1.4.2", Customer: "Example & Sons <Ltd>"})
		dec := xml.NewDecoder(strings.NewReader(string(svg)))
		for {
			if _, err := dec.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: not well-formed: %v\n%s", name, err, svg)
			}
		}
		spans := append([]protocol.Transition{v.State}, protocol.ChangesOfState(v.State.State, v.Transitions)...)
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

var update = flag.Bool("update", false, "draw the README's picture anew")

// TestTimelineOfTheReadme keeps the picture in the README in step with the code:
// a licence for a year with a freeride of seven days, just activated. To draw it
// anew: go test ./cmd/leasehold -run Readme -update
func TestTimelineOfTheReadme(t *testing.T) {
	now := time.Date(2026, 11, 23, 4, 33, 0, 0, time.UTC)
	facts := enforcement.Facts{License: enforcement.License{
		Source: enforcement.FromActivation, ProvenAt: now, Due: now.AddDate(0, 0, 1), FreerideSet: true, Freeride: 7 * 24 * time.Hour, Expires: now.AddDate(1, 0, 0),
	}}
	got := timelineSVG(protocol.ForecastOf(now, enforcement.Decide(facts, nil, now), enforcement.Forecast(facts, nil, now)), timelineHead{App: "Sketch 1.4.2", Customer: "Example Ltd"})
	file := filepath.Join("..", "..", "examples", "headless", "forecast.svg")
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n")), got) {
		t.Error("the README's picture is not what 'leasehold forecast --svg' draws; draw it anew")
	}
}

// texts are the drawing's texts with the place where each begins or, for those
// on a coloured ground, has its middle.
var texts = regexp.MustCompile(`<text( class="(\w+)")? x="([0-9.]+)" y="([0-9.]+)">([^<]*)</text>`)

func TestTimelineSVGHoldsItsText(t *testing.T) {
	// A wide font of 13 units: no sentence of ours takes more than this a character.
	const widest = 8.5
	v := protocol.Transition{State: enforcement.Locked}
	for _, c := range enforcement.Causes() {
		v.Findings = append(v.Findings, protocol.Finding{Cause: c, State: enforcement.ReadOnly})
	}
	svg := string(timelineSVG(protocol.Forecast{State: v, Transitions: []protocol.Transition{{State: enforcement.Grace}}}, timelineHead{App: strings.Repeat("W", 90), Customer: strings.Repeat("M", 90), Zone: time.FixedZone("", 14*3600)}))
	var height float64
	if _, err := fmt.Sscanf(svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 %g"`, &height); err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	rows := map[string]bool{}
	for _, m := range texts.FindAllStringSubmatch(svg, -1) {
		x, _ := strconv.ParseFloat(m[3], 64)
		y, _ := strconv.ParseFloat(m[4], 64)
		if m[2] != "w" && x+widest*float64(len(m[5])) > timelineWidth || y+4 > height {
			t.Errorf("%q at %v, %v leaves the picture, which is %v high", m[5], x, y, height)
		}
		const widestDigit = 7.5
		if m[2] == "d" && strings.HasPrefix(m[5], "from ") && x+widestDigit*float64(len(m[5])) > labelLeft {
			t.Errorf("%q runs into the label beside it", m[5])
		}
		if rows[m[3]+" "+m[4]] {
			t.Errorf("%q is written over another text", m[5])
		}
		rows[m[3]+" "+m[4]] = true
		for cause, words := range causeWords {
			if strings.Contains(m[5], words) {
				told[cause.String()] = true
			}
		}
		told["milder"] = told["milder"] || strings.Contains(m[5], "(Read-only)")
	}
	for _, c := range enforcement.Causes() {
		if !told[c.String()] {
			t.Errorf("%v is not told", c)
		}
	}
	if !told["milder"] {
		t.Error("it is not told that the causes alone would lead to a milder state")
	}
}

// TestTimelineColours holds the contrasts of the Web Content Accessibility
// Guidelines 2.2: 4.5 for text, 3 for what has to be seen.
func TestTimelineColours(t *testing.T) {
	for _, paper := range []string{"#ffffff", "#0d1117"} {
		if !strings.Contains(timelineStyle, ".paper{fill:"+paper+"}") {
			t.Errorf("there is no paper of %s", paper)
		}
		for state, fill := range stateFills {
			if c := contrast(t, fill, paper); c < 3 {
				t.Errorf("%v on %s: a contrast of %.2f", state, paper, c)
			}
		}
	}
	for state, fill := range stateFills {
		if c := contrast(t, "#ffffff", fill); c < 4.5 {
			t.Errorf("white on %v: a contrast of %.2f", state, c)
		}
	}
	light, dark, _ := strings.Cut(timelineStyle, "@media(prefers-color-scheme:dark)")
	dark, _, _ = strings.Cut(dark, "}}")
	for paper, style := range map[string]string{"#ffffff": light, "#0d1117": dark} {
		for _, class := range []string{"text", ".d"} {
			m := regexp.MustCompile(regexp.QuoteMeta(class) + `{[^}]*fill:(#[0-9a-f]{6})`).FindStringSubmatch(style)
			if m == nil {
				t.Errorf("%s has no colour on %s", class, paper)
			} else if c := contrast(t, m[1], paper); c < 4.5 {
				t.Errorf("%s on %s: a contrast of %.2f", class, paper, c)
			}
		}
	}
}

// contrast is the ratio of two colours' relative luminances, from 1 to 21.
func contrast(t *testing.T, a, b string) float64 {
	luminance := func(colour string) float64 {
		var rgb [3]uint8
		if _, err := fmt.Sscanf(colour, "#%02x%02x%02x", &rgb[0], &rgb[1], &rgb[2]); err != nil {
			t.Fatalf("%s: %v", colour, err)
		}
		sum := 0.0
		for i, weight := range []float64{.2126, .7152, .0722} {
			c := float64(rgb[i]) / 255
			if c <= .04045 {
				c /= 12.92
			} else {
				c = math.Pow((c+.055)/1.055, 2.4)
			}
			sum += weight * c
		}
		return sum
	}
	x, y := luminance(a), luminance(b)
	return (max(x, y) + .05) / (min(x, y) + .05)
}

func TestChangesOfState(t *testing.T) {
	list := []protocol.Transition{{State: enforcement.Grace}, {State: enforcement.Locked}, {State: enforcement.Locked}, {State: enforcement.Grace}}
	got := protocol.ChangesOfState(enforcement.Grace, list)
	if len(got) != 2 || got[0].State != enforcement.Locked || got[1].State != enforcement.Grace {
		t.Errorf("%+v, want locked and grace", got)
	}
}
