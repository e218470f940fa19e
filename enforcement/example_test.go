package enforcement_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/leasehold-dev/leasehold/enforcement"
)

var noon = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)

// A licence that was confirmed at noon and is confirmed again every 24 hours.
func confirmed() enforcement.Facts {
	return enforcement.Facts{}.Yes(enforcement.License{
		Source:   enforcement.FromHeartbeat,
		Key:      "27180460-29df-4a5a-a0a1-78c85ab6cee0",
		ProvenAt: noon,
		Due:      noon.Add(24 * time.Hour),
		Expires:  time.Date(2026, time.December, 31, 0, 0, 0, 0, time.UTC),
	}, enforcement.Flags{})
}

func Example() {
	facts := confirmed()
	fmt.Println(enforcement.Decide(facts, nil, noon.Add(time.Hour)))

	// Two days without an answer.
	later := noon.Add(48 * time.Hour)
	facts = facts.Silent(enforcement.SilentNetwork, noon.Add(24*time.Hour))
	d := enforcement.Decide(facts, nil, later)
	fmt.Println(d)
	fmt.Println(d.Remedy.Sentence())

	// The server answers: the licence was switched off.
	facts = facts.No(enforcement.No{
		Endpoint: enforcement.EndpointHeartbeat,
		Code:     enforcement.LicenseInactive,
		At:       later,
	})
	// A day and a half later nothing more has come.
	d = enforcement.Decide(facts, nil, later.Add(36*time.Hour))
	for x := range d.Findings() {
		fmt.Println(x.State, x.Cause)
	}
	// Output:
	// active, until 2026-03-04T00:00:00Z
	// grace: unreachable, until 2026-03-05T12:00:00Z
	// go online so that the licence can be confirmed
	// locked inactive
	// grace unreachable
}

func ExampleForecast() {
	for _, t := range enforcement.Forecast(confirmed(), enforcement.Lenient(), noon) {
		fmt.Println(t.At.Format(time.DateOnly), t.State, t.Cause)
	}
	// Output:
	// 2026-03-09 grace unreachable
	// 2026-03-30 read_only unreachable
	// 2026-12-31 read_only unreachable
	// 2027-01-30 read_only expired
}

func ExampleParsePolicy() {
	p, err := enforcement.ParsePolicy([]byte(`{
		"base": "standard",
		"ladders": {
			"expired": [{"after": "0d", "state": "grace"}, {"after": "30d", "state": "read_only"}]
		},
		"features": {"print": "read_only"}
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Ladder(enforcement.Expired))
	fmt.Println(p.AllowsFeature("print", enforcement.ReadOnly), p.AllowsFeature("edit", enforcement.ReadOnly))

	_, err = enforcement.ParsePolicy([]byte(`{"ladders": {"expired": [{"after": "a week", "state": "locked"}]}}`))
	fmt.Println(err)
	// Output:
	// grace, read_only after 30d
	// true false
	// enforcement: policy.ladders.expired[0].after: "a week" is not a time, write something like 14d, 36h or 1d12h
}

func ExamplePolicy_Explain() {
	e := enforcement.Standard().Explain(enforcement.ConnectionsExhausted)
	fmt.Printf("%d %s: %s\n", e.Code, e.Name, e.Summary)
	fmt.Printf("%s: %s\n", e.Cause, e.Ladder)
	fmt.Printf("%s: %s\n", e.Remedy.Who(), e.Remedy.Sentence())
	// Output:
	// 1007 ConnectionsExhausted: all floating seats of the licence are taken
	// connection_limit: read_only
	// user: close another window of the application, here or on another computer, to free a seat, or add seats to the licence
}

func ExamplePolicy() {
	p := enforcement.Standard()
	p.DefaultFreeride = 7 * 24 * time.Hour
	p.Ladders[enforcement.Inactive] = enforcement.Ladder{{State: enforcement.ReadOnly}}
	fmt.Println(p.Validate(), p.Ladder(enforcement.Inactive))

	name, _ := json.Marshal(enforcement.Strict())
	fmt.Println(string(name))
	// Output:
	// <nil> read_only
	// "strict"
}

func ExampleCompliant() {
	fmt.Println(enforcement.Compliant("24.1", "24.1.9"), enforcement.Compliant("24.1", "24.2"))
	// Output: true false
}
