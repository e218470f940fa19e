package outbox

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/leasehold-dev/leasehold/agent/slascone"
)

// TestAddUp: whatever is added up, no total changes and each sum can be sent.
func TestAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		exponent := rapid.Int32Range(-30, 30)
		entries := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Entry {
			return Entry{
				Kind:   rapid.SampledFrom([]string{UsageEntry, UsageEntry, ConsumptionEntry}).Draw(t, "kind"),
				Name:   rapid.SampledFrom([]string{"a", "b"}).Draw(t, "name"),
				Amount: decimal.New(rapid.Int64Range(1, 999).Draw(t, "digits"), exponent.Draw(t, "exponent")),
				At:     time.Unix(rapid.Int64Range(0, 3*3600).Draw(t, "at"), 0).UTC(),
			}
		}), 0, 30).Draw(t, "entries")
		total := func(list []Entry) string {
			sums, count := map[string]decimal.Decimal{}, 0
			for _, e := range list {
				key := fmt.Sprint(e.Kind, e.Name, e.At.Truncate(usageInterval).Unix())
				sums[key] = sums[key].Add(e.Amount)
				count += max(e.Count, 1)
			}
			return fmt.Sprint(count, sums)
		}
		sum := addUp(entries, usageInterval)
		if got, want := total(sum), total(entries); got != want {
			t.Fatalf("%s became %s", want, got)
		}
		for _, e := range sum {
			if slascone.CheckAmount(e.Amount) != nil && e.Count > 1 {
				t.Fatalf("%s cannot be sent", e.Amount)
			}
		}
	})
}

// Making room changes nothing that a later version has written.
func TestFoldLeavesWhatALaterVersionWrote(t *testing.T) {
	use := func(more string) []byte {
		return []byte(`{"kind":"usage","name":"a","amount":"1","at":"2026-01-01T00:00:00Z"` + more + `}`)
	}
	later := []string{`{"kind":"heat","x":1.50}`, string(use(`,"x":2`)), `[]`}
	folded, err := foldEntries([][]byte{use(""), []byte(later[0]), use(""), []byte(later[1]), []byte(later[2]), use("")})
	if err != nil {
		t.Fatal(err)
	}
	got := string(bytes.Join(folded, []byte("\n")))
	want := `{"kind":"usage","name":"a","amount":"3","at":"2026-01-01T00:00:00Z","count":3}` + "\n" + strings.Join(later, "\n")
	if got != want {
		t.Errorf("folded:\n%s\nwant:\n%s", got, want)
	}
}
