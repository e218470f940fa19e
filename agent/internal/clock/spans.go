package clock

// A span is from the oldest to the newest signed time of a lead that was dropped. An answer whose time is in one was most
// likely shown before, and does not count again. The twin is an honest answer when that time comes: until the server's
// time has passed the span it is Silence, for as long as the server was ahead.
type span struct{ first, last int64 }

// maxSpans bounds what is remembered. The two that are nearest to one another become one when there are more.
const maxSpans = 4

// with returns the spans, in their order, and another. They may be more than are remembered, see bounded. Like the rest of
// this file it has loops where package slices would link what is made for this one type: see docs/size.md.
func with(spans []span, another span) []span {
	merged := make([]span, 0, len(spans)+1)
	add := func(s span) {
		if n := len(merged); n > 0 && s.first <= merged[n-1].last {
			merged[n-1].last = max(merged[n-1].last, s.last)
		} else {
			merged = append(merged, s)
		}
	}
	earlier := 0
	for earlier < len(spans) && spans[earlier].first < another.first {
		add(spans[earlier])
		earlier++
	}
	add(another)
	for _, s := range spans[earlier:] {
		add(s)
	}
	return merged
}

// bounded returns as many spans as are remembered. It comes last, when those that are over have gone: what is made one
// with the span beside it refuses the time between as well.
func bounded(spans []span) []span {
	for len(spans) > maxSpans {
		nearest := 1
		for i := 2; i < len(spans); i++ {
			if spans[i].first-spans[i-1].last < spans[nearest].first-spans[nearest-1].last {
				nearest = i
			}
		}
		fewer := append(make([]span, 0, len(spans)-1), spans[:nearest]...)
		fewer[nearest-1].last = spans[nearest].last
		spans = append(fewer, spans[nearest+1:]...)
	}
	return spans
}

// within returns the end of the span that t is in, or none.
func within(spans []span, t int64) int64 {
	for _, s := range spans {
		if s.first <= t && t <= s.last {
			return s.last
		}
	}
	return none
}

// after returns the spans that are not over at t.
func after(spans []span, t int64) (rest []span) {
	for _, s := range spans {
		if s.last > t {
			rest = append(rest, s)
		}
	}
	return rest
}

func spansOf(list []Span) (spans []span) {
	for _, s := range list {
		if first, last := nanos(s.First), nanos(s.Last); first != none && last >= first {
			spans = with(spans, span{first, last})
		}
	}
	return bounded(spans)
}

func dates(spans []span) (list []Span) {
	for _, s := range spans {
		list = append(list, Span{fromNanos(s.first), fromNanos(s.last)})
	}
	return list
}
