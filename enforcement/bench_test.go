package enforcement

import "testing"

// A licence with five causes at once, now or to come.
func busy() Facts {
	l := proven()
	l.Expires = t0.Add(10 * day)
	return Facts{Software: Software{Version: "24.1"}}.Yes(l, Flags{Inactive: true, VersionNotCovered: true}).
		No(No{Endpoint: EndpointSessionOpen, Code: 1007, At: t0.Add(hour)})
}

func BenchmarkDecide(b *testing.B) {
	p := Standard()
	for _, bench := range []struct {
		name  string
		facts Facts
	}{
		{"healthy", holding(proven())},
		{"five causes", busy()},
		{"nothing held", Facts{}.No(No{Endpoint: EndpointActivation, Code: 1001, At: t0})},
	} {
		b.Run(bench.name, func(b *testing.B) {
			now := t0.Add(2 * hour)
			b.ReportAllocs()
			for b.Loop() {
				Decide(bench.facts, p, now)
			}
		})
	}
}

func TestDecideDoesNotAllocate(t *testing.T) {
	p, now := Standard(), t0.Add(2*hour)
	for _, f := range []Facts{{}, holding(proven()), busy()} {
		f.Software.Version = "25.0-rc1"
		f.License.ReleaseLimit = "24.1"
		if n := testing.AllocsPerRun(100, func() { Decide(f, p, now) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
		d := Decide(f, p, now)
		if n := testing.AllocsPerRun(100, func() {
			for x := range d.Findings() {
				_ = x
			}
		}); n != 0 {
			t.Errorf("%v allocations to read the findings", n)
		}
	}
}
