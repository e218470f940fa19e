package record

import "testing"

// One refusal of a kind is remembered, the latest, and a record that shares the
// list keeps its own.
func TestNoteRefusal(t *testing.T) {
	var k Known
	k.NoteRefusal(Refusal{Kind: "usage", Position: 1, Times: 1})
	k.NoteRefusal(Refusal{Kind: "measure", Position: 2, Times: 1})
	before := k
	k.NoteRefusal(Refusal{Kind: "usage", Position: 3, Times: 2})
	for _, tt := range []struct {
		k    *Known
		kind string
		want uint64
	}{{&k, "usage", 3}, {&k, "measure", 2}, {&k, "consumption", 0}, {&before, "usage", 1}, {&before, "measure", 2}} {
		if got := tt.k.Refusal(tt.kind); got.Position != tt.want {
			t.Errorf("%s: position %d, want %d", tt.kind, got.Position, tt.want)
		}
	}
	if len(k.Refused) != 2 {
		t.Errorf("%v are remembered", k.Refused)
	}
}
