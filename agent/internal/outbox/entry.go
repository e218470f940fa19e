package outbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/slascone"
)

// The kinds of queued entries.
const (
	UsageEntry       = "usage"
	MeasureEntry     = "measure"
	ConsumptionEntry = "consumption"
)

// Entry is an entry of the journal.
type Entry struct {
	Kind string `json:"kind"`
	// Name is the usage feature, the ID of the analytical field, or the ID of the
	// limitation.
	Name   string          `json:"name"`
	Value  string          `json:"value,omitempty"` // measure
	Amount decimal.Decimal `json:"amount,omitzero"` // usage, consumption
	ID     string          `json:"id,omitempty"`    // consumption: what the server recognises a repetition by
	At     time.Time       `json:"at"`              // of the first, where several were added up
	Count  int             `json:"count,omitempty"` // how many were added up; 0 is one
}

// known reports whether this version can deliver the entry.
func (e Entry) known() bool {
	return e.Kind == UsageEntry || e.Kind == MeasureEntry || e.Kind == ConsumptionEntry
}

const (
	// usageInterval is the time within which uses of one feature are added up.
	usageInterval = time.Hour
	// foldInterval is the same for a journal that is full.
	foldInterval = 24 * time.Hour
)

// foldEntries makes room in a full journal: uses of one feature on one day
// become one entry, so that detail is lost but no total. What a later version has
// written stays as it is.
func foldEntries(data [][]byte) ([][]byte, error) {
	entries := make([]Entry, len(data))
	for i, text := range data {
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&entries[i]); err != nil || !entries[i].known() {
			entries[i] = Entry{Kind: untouched, Name: strconv.Itoa(i)}
		}
	}
	folded := addUp(entries, foldInterval)
	if len(folded) == len(data) {
		return nil, errors.New("there is nothing to add up")
	}
	out := make([][]byte, len(folded))
	for i, e := range folded {
		var err error
		if e.Kind == untouched {
			var at int
			if at, err = strconv.Atoi(e.Name); err == nil {
				out[i] = data[at]
			}
		} else {
			out[i], err = json.Marshal(e)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// untouched stands for the kind of an entry that is not folded; Name is then its
// place.
const untouched = ""

// addUp makes one entry of all uses of one feature within an interval of the
// clock, or several where one would be more than can be sent. What is not usage
// stays as it is; the order is that of the first of each.
func addUp(entries []Entry, interval time.Duration) []Entry {
	type slot struct {
		name string
		from int64
	}
	first := make(map[slot]int)
	var sum []Entry
	for _, e := range entries {
		if e.Kind != UsageEntry {
			sum = append(sum, e)
			continue
		}
		at := slot{e.Name, e.At.Truncate(interval).Unix()}
		i, seen := first[at]
		total := e.Amount
		if seen {
			total = total.Add(sum[i].Amount)
		}
		if !seen || slascone.CheckAmount(total) != nil {
			first[at] = len(sum)
			sum = append(sum, e)
			continue
		}
		sum[i].Amount = total
		sum[i].Count = max(sum[i].Count, 1) + max(e.Count, 1)
	}
	return sum
}
