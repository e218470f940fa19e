package enforcement

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// golden compares got with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Fatalf("%s:%d:\ngot  %s\nwant %s\n(-update rewrites the file)", path, i+1, g[i], w[i])
		}
	}
	t.Fatalf("%s has %d lines, got %d (-update rewrites the file)", path, len(w), len(g))
}

// Every conflict from every endpoint under every preset, for a client that
// holds a licence and for one that does not. Endpoints with the same outcome
// share a paragraph.
func TestEveryCodeFromEveryEndpoint(t *testing.T) {
	var b strings.Builder
	b.WriteString(`What each conflict leads to, by the endpoint that answers with it and by policy.
"held": a licence without other faults is held. "none": no licence is held.
Times count from the conflict. A client without a licence is always not_activated.

`)
	codes := append(catalogueIDs(), 99999)
	for _, c := range codes {
		x, known := Lookup(c)
		name := x.Name
		if !known {
			name = "(outside the catalogue)"
		}
		fmt.Fprintf(&b, "%d %s: %s\n", c, name, x.Summary)
		var outcomes []string
		at := map[string]Endpoint{}
		for _, e := range allEndpoints() {
			o := outcome(c, e)
			if at[o] == 0 {
				outcomes = append(outcomes, o)
			}
			at[o] |= e
		}
		slices.SortStableFunc(outcomes, func(x, y string) int { return len(y) - len(x) })
		for _, o := range outcomes {
			where := at[o].String()
			if at[o] == endpointEnd-1 {
				where = "any endpoint"
			} else if len(at[o].Names()) > 6 {
				where = "any other endpoint"
			}
			fmt.Fprintf(&b, "  %s\n%s", where, o)
		}
	}
	golden(t, "conflicts.golden", b.String())
}

func outcome(c Code, e Endpoint) string {
	var b strings.Builder
	no := No{Endpoint: e, Code: c, Key: "key-a", At: t0}
	for _, from := range []struct {
		name  string
		facts Facts
	}{
		{"held", holding(once())},
		{"none", Facts{NoLicenseSince: t0}},
	} {
		f := from.facts.No(no)
		if f == from.facts {
			fmt.Fprintf(&b, "    %s: nothing changes\n", from.name)
			continue
		}
		list := causes(Decide(f, Advisory(), t0))
		fmt.Fprintf(&b, "    %s: %s\n", from.name, strings.ReplaceAll(list, " active", ""))
		for _, name := range Presets() {
			p, _ := Preset(name)
			fmt.Fprintf(&b, "      %-9s %s\n", name, timeline(f, p, t0))
		}
	}
	return b.String()
}
