package clock

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestSpansAreKeptApartWhereTheyCanBe(t *testing.T) {
	four := []span{{10, 20}, {30, 40}, {52, 60}, {70, 80}}
	for _, tt := range []struct {
		name    string
		spans   []span
		another span
		want    []span
	}{
		{"the first", nil, span{10, 20}, []span{{10, 20}}},
		{"a later one", []span{{10, 20}}, span{30, 40}, []span{{10, 20}, {30, 40}}},
		{"an earlier one", []span{{30, 40}}, span{10, 20}, []span{{10, 20}, {30, 40}}},
		{"one that is known", []span{{10, 20}, {30, 40}}, span{30, 40}, []span{{10, 20}, {30, 40}}},
		{"one inside another", []span{{10, 20}}, span{12, 14}, []span{{10, 20}}},
		{"one around another", []span{{12, 14}}, span{10, 20}, []span{{10, 20}}},
		{"one that overlaps", []span{{10, 20}}, span{15, 25}, []span{{10, 25}}},
		{"one that begins where another ends", []span{{10, 20}}, span{20, 25}, []span{{10, 25}}},
		{"one that begins after another has ended", []span{{10, 20}}, span{21, 25}, []span{{10, 20}, {21, 25}}},
		{"one that joins two", []span{{10, 20}, {30, 40}}, span{15, 35}, []span{{10, 40}}},
		{"the fourth", four[:3], four[3], four},
		{"a fifth, and of those as near the first two are taken", four, span{90, 99}, []span{{10, 40}, {52, 60}, {70, 80}, {90, 99}}},
		{"a fifth, and the last two are nearest", four, span{81, 99}, []span{{10, 20}, {30, 40}, {52, 60}, {70, 99}}},
		{"a fifth, and the first two are nearest", four, span{5, 6}, []span{{5, 20}, {30, 40}, {52, 60}, {70, 80}}},
		{"a fifth, and it is nearest to the one after", four, span{47, 50}, []span{{10, 20}, {30, 40}, {47, 60}, {70, 80}}},
	} {
		if got := bounded(with(tt.spans, tt.another)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// Whatever is dropped stays within a span, and what is before all of them and after all of them does not.
func TestNothingDroppedIsForgotten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var spans []span
		var all []span
		for range rapid.IntRange(1, 12).Draw(t, "how many") {
			first := rapid.Int64Range(1, 100).Draw(t, "first")
			s := span{first, first + rapid.Int64Range(0, 10).Draw(t, "length")}
			all = append(all, s)
			before := slices.Clone(spans)
			next := bounded(with(spans, s))
			if !slices.Equal(spans, before) {
				t.Fatalf("the spans themselves were changed from %v to %v", before, spans)
			}
			spans = next
		}
		if len(spans) > maxSpans {
			t.Fatalf("%d spans", len(spans))
		}
		for i := 1; i < len(spans); i++ {
			if spans[i].first <= spans[i-1].last {
				t.Fatalf("not apart: %v", spans)
			}
		}
		least, most := all[0].first, all[0].last
		for _, s := range all {
			least, most = min(least, s.first), max(most, s.last)
			for _, at := range []int64{s.first, (s.first + s.last) / 2, s.last} {
				if end := within(spans, at); end < s.last {
					t.Fatalf("%d of %v is within a span that ends at %d: %v", at, s, end, spans)
				}
			}
		}
		if within(spans, least-1) != none || within(spans, most+1) != none {
			t.Fatalf("%v is more than was given, which is from %d to %d", spans, least, most)
		}
		for at := least; at <= most; at++ {
			for _, s := range after(spans, at) {
				if s.last <= at {
					t.Fatalf("%v is over at %d", s, at)
				}
			}
			if len(after(spans, at)) < len(spans) && within(spans, at+1) != within(after(spans, at), at+1) {
				t.Fatalf("after %d one of %v is lost that is not over", at, spans)
			}
		}
	})
}
