package fleet

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The drawing's measures in user units.
const (
	svgWidth    = 960
	svgHead     = 56
	panelHeight = 210
	plotLeft    = 72
	plotWidth   = svgWidth - plotLeft - 24
	plotTop     = 44
	plotHeight  = 120
)

// svgStyle has no custom properties, which some viewers do not know.
const svgStyle = `
text { font: 12px system-ui, sans-serif; fill: #59636e }
.paper { fill: #ffffff }
.h1 { font-size: 16px; font-weight: 600; fill: #1f2328 }
.h2 { font-size: 13px; font-weight: 600; fill: #1f2328 }
.grid { stroke: #d1d9e0; stroke-width: 1 }
.area { fill: #0969da; fill-opacity: .2 }
.rate { fill: none; stroke: #0969da; stroke-width: 1.2; stroke-linejoin: round }
.mean { stroke: #59636e; stroke-dasharray: 6 4 }
.bar { stroke: #bc4c00; stroke-dasharray: 2 3; stroke-width: 1.5 }
.bartext { fill: #bc4c00 }
.down { fill: #cf222e; fill-opacity: .25; stroke: #cf222e; stroke-width: 1 }
.downtext { fill: #cf222e }
@media (prefers-color-scheme: dark) {
  text { fill: #9198a1 }
  .paper { fill: #0d1117 }
  .h1, .h2 { fill: #f0f6fc }
  .grid { stroke: #3d444d }
  .area { fill: #4493f8 }
  .rate { stroke: #4493f8 }
  .mean { stroke: #9198a1 }
  .bar { stroke: #f0883e }
  .bartext { fill: #f0883e }
  .down { fill: #f85149; stroke: #f85149 }
  .downtext { fill: #f85149 }
}
`

// WriteSVG draws requests over time, one panel for each scenario. The drawing follows the reader's choice of light or dark.
func (r *Result) WriteSVG(w io.Writer) error {
	b := bufio.NewWriter(w)
	height := svgHead + panelHeight*len(r.Scenarios)
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-labelledby="title">`+"\n", svgWidth, height)
	fmt.Fprintf(b, "<title id=\"title\">Requests over time of %s installations, %s</title>\n", thousands(r.Installations), r.Schedule)
	fmt.Fprintf(b, "<style>%s</style>\n", svgStyle)
	fmt.Fprintf(b, `<rect class="paper" width="%d" height="%d"/>`+"\n", svgWidth, height)
	fmt.Fprintf(b, `<text class="h1" x="%d" y="32">%s installations, %s: requests per second</text>`+"\n", plotLeft, thousands(r.Installations), r.Schedule)
	for i, s := range r.Scenarios {
		fmt.Fprintf(b, `<g transform="translate(0 %d)">`+"\n", svgHead+i*panelHeight)
		s.draw(b, time.Duration(r.Days)*24*time.Hour)
		fmt.Fprintln(b, "</g>")
	}
	fmt.Fprintln(b, "</svg>")
	return b.Flush()
}

func (s *ScenarioResult) draw(w io.Writer, span time.Duration) {
	top := s.Peak
	if s.Bar > 0 {
		top = max(top, s.Bar*s.Mean)
	}
	tick := niceStep(top / 3)
	ticks := int(math.Ceil(top / tick))
	top = float64(ticks) * tick
	x := func(at time.Duration) float64 { return plotLeft + plotWidth*float64(at)/float64(span) }
	y := func(rate float64) float64 { return plotTop + plotHeight*(1-rate/top) }

	fmt.Fprintf(w, `<text class="h2" x="%d" y="18">%s</text><text x="%d" y="34">%s</text>`+"\n", plotLeft, s.title(), plotLeft, s.caption())
	for i := range ticks + 1 {
		rate := float64(i) * tick
		fmt.Fprintf(w, `<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>`, plotLeft, plotLeft+plotWidth, y(rate), y(rate))
		fmt.Fprintf(w, `<text x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n", plotLeft-8, y(rate)+4, axisLabel(rate))
	}
	s.drawDays(w, span, x)
	if s.DownTo > 0 {
		from, to := x(s.DownFrom.Duration()), x(s.DownTo.Duration())
		fmt.Fprintf(w, `<rect class="down" x="%.1f" y="%d" width="%.1f" height="%d"/>`, from, plotTop, to-from, plotHeight)
		drawLabel(w, "downtext", to, plotTop+12, "server down")
	}
	if s.RestartAt > 0 {
		at := x(s.RestartAt.Duration())
		fmt.Fprintf(w, `<line class="down" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>`, at, at, plotTop, plotTop+plotHeight)
		drawLabel(w, "downtext", at, plotTop+12, "all restart")
	}
	s.drawRates(w, y)
	fmt.Fprintf(w, `<line class="mean" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>`, plotLeft, plotLeft+plotWidth, y(s.Mean), y(s.Mean))
	drawLabel(w, "meantext", plotLeft, min(y(s.Mean)+18, plotTop+plotHeight-4), "mean")
	if s.Bar > 0 {
		fmt.Fprintf(w, `<line class="bar" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>`, plotLeft, plotLeft+plotWidth, y(s.Bar*s.Mean), y(s.Bar*s.Mean))
		fmt.Fprintf(w, `<text class="bartext" x="%d" y="%.1f" text-anchor="end">bar: %g × mean</text>`+"\n", plotLeft+plotWidth, y(s.Bar*s.Mean)+13, s.Bar)
	}
}

// drawRates draws what was asked for: an area, and a line over it. The line is
// open, so that the edges of the time that is shown do not look like steps, and
// both go from edge to edge.
func (s *ScenarioResult) drawRates(w io.Writer, y func(float64) float64) {
	rates := columns(s.Rates)
	if len(rates) == 0 {
		return
	}
	var line strings.Builder
	for column, rate := range rates {
		at := 0.5
		if len(rates) > 1 {
			at = float64(column) / float64(len(rates)-1)
		}
		fmt.Fprintf(&line, " %.1f,%.1f", plotLeft+plotWidth*at, y(rate))
	}
	fmt.Fprintf(w, `<polygon class="area" points="%d,%.1f%s %d,%.1f"/>`, plotLeft, y(0), line.String(), plotLeft+plotWidth, y(0))
	fmt.Fprintf(w, `<polyline class="rate" points="%s"/>`+"\n", strings.TrimSpace(line.String()))
}

// drawLabel names what begins at x: to the right of it, or to the left where the
// drawing ends.
func drawLabel(w io.Writer, class string, x, y float64, text string) {
	anchor, at := "start", x+5
	const room = 90
	if x+room > plotLeft+plotWidth {
		anchor, at = "end", x-5
	}
	fmt.Fprintf(w, `<text class="%s" x="%.1f" y="%.1f" text-anchor="%s">%s</text>`+"\n", class, at, y, anchor, text)
}

// drawDays marks each midnight, as far as there is room for labels.
func (s *ScenarioResult) drawDays(w io.Writer, span time.Duration, x func(time.Duration) float64) {
	days := int(span / (24 * time.Hour))
	every := max(1, int(math.Ceil(float64(days)/14)))
	for day := 0; day <= days; day += every {
		at := time.Duration(day) * 24 * time.Hour
		fmt.Fprintf(w, `<line class="grid" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>`, x(at), x(at), plotTop+plotHeight, plotTop+plotHeight+5)
		if day < days {
			label := monday.Add(at).Weekday().String()[:3]
			if every > 1 {
				label = "day " + strconv.Itoa(day+1)
			}
			fmt.Fprintf(w, `<text x="%.1f" y="%d">%s</text>`+"\n", x(at)+4, plotTop+plotHeight+17, label)
		}
	}
}

func (s *ScenarioResult) title() string {
	switch s.Scenario {
	case Steady:
		return "Steady state"
	case Monday:
		return "Office hours, Monday-morning start"
	case Outage:
		return "Server outage of " + duration(s.DownTo-s.DownFrom) + " and recovery"
	default:
		return "A release that restarts all"
	}
}

func (s *ScenarioResult) caption() string {
	text := fmt.Sprintf("mean %s, 99 %% up to %s, ", figure(s.Mean), figure(s.P99))
	if r := s.Recovery; r != nil {
		return text + fmt.Sprintf("recovery up to %s = %.2f × mean, backlog of %s cleared in %s", figure(r.Peak), r.PeakToMean, thousands(int(r.Backlog)), duration(r.Cleared))
	}
	return text + fmt.Sprintf("peak %s = %.2f × mean", figure(s.Peak), s.PeakToMean)
}

// columns reduces the rates to at most one for each unit of width, keeping the peaks.
func columns(rates []float64) []float64 {
	n := min(plotWidth, len(rates))
	reduced := make([]float64, n)
	for i := range reduced {
		reduced[i] = slices.Max(rates[i*len(rates)/n : (i+1)*len(rates)/n])
	}
	return reduced
}

// niceStep returns 1, 2 or 5 times a power of ten, not below about d.
func niceStep(d float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(cmp.Or(d, 1))))
	for _, f := range []float64{1, 2, 5} {
		if f*power >= d {
			return f * power
		}
	}
	return 10 * power
}

// figure returns a rate to three digits, or to the unit.
func figure(rate float64) string {
	if rate >= 100 {
		return strconv.FormatFloat(rate, 'f', 0, 64)
	}
	return strconv.FormatFloat(rate, 'g', 3, 64)
}

// axisLabel returns a multiple of a nice step. The precision of 32 bits is more than those have, and free of the noise
// that 3 × 0.1 has in 64.
func axisLabel(rate float64) string { return strconv.FormatFloat(rate, 'f', -1, 32) }

// duration returns a duration to the minute, such as 1 h, 59 min or 1 h 5 min.
func duration(s Seconds) string {
	d := s.Duration().Round(time.Minute)
	switch h, m := int(d.Hours()), int(d.Minutes())%60; {
	case h == 0:
		return fmt.Sprintf("%d min", m)
	case m == 0:
		return fmt.Sprintf("%d h", h)
	default:
		return fmt.Sprintf("%d h %d min", h, m)
	}
}

// thousands returns n with separators.
func thousands(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
