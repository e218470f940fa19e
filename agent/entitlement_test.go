package agent

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

func entitled(tb testing.TB) *Agent {
	tb.Helper()
	srv := slasconetest.New(slasconetest.Config{Key: signingKey()})
	tb.Cleanup(func() { srv.Close() })
	lic := srv.AddLicense(slasconetest.License{
		Limitations: []slasconetest.Limitation{
			{ID: "aaaaaaaa-0000-4000-8000-000000000001", Name: "pages", Value: "10.5", Reset: slasconetest.ResetMonthly},
			{Name: "rows", Reset: slasconetest.ResetNever},
			{Name: "cores", Value: "4"},
		},
		Variables: []slasconetest.Variable{{Name: "colour", Value: "blue"}},
		Choices:   []slasconetest.Choice{{Name: "language", Values: []string{"Deutsch", "English"}}},
	})
	cfg := Config{
		ServerURL: srv.URL, ISVID: srv.ISV(), ProductID: srv.Products()[0].ID, ProvisioningKey: srv.ProvisioningKey(),
		Signature: Signature{PublicKey: []byte(srv.PublicKeyPEM())}, DeviceID: testDevice, StateDir: tb.TempDir(), Store: "file",
		App: App{Name: "Sketch", Version: "1.4.2"},
	}
	a, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { a.Close(context.Background()) })
	if _, err := a.Activate(tb.Context(), lic.Key); err != nil {
		tb.Fatal(err)
	}
	return a
}

func TestEntitlements(t *testing.T) {
	a := entitled(t)
	pages, ok := a.Limit("pages")
	if !ok || pages.Unlimited || pages.Value.String() != "10.5" || pages.ResetMode != license.ResetFirstDayOfMonth {
		t.Errorf("pages: %+v, %v", pages, ok)
	}
	if !pages.RemainingKnown || pages.Remaining.String() != "10.5" {
		t.Errorf("of pages %v remain, known %v", pages.Remaining, pages.RemainingKnown)
	}
	now := a.Now()
	if next, ok := pages.NextReset(); !ok || next.Day() != 1 || next.Hour() != 0 || !next.After(now) || next.Sub(now) > 31*24*time.Hour {
		t.Errorf("pages start anew at %v", next)
	}
	if byID, ok := a.Limit("AAAAAAAA-0000-4000-8000-000000000001"); !ok || byID.Name != "pages" {
		t.Errorf("by ID: %+v, %v", byID, ok)
	}
	rows, ok := a.Limit("rows")
	if !ok || !rows.Unlimited {
		t.Errorf("rows: %+v, %v", rows, ok)
	}
	if next, ok := rows.NextReset(); ok {
		t.Errorf("rows start anew at %v", next)
	}
	if cores, ok := a.Limit("cores"); !ok || cores.Value.String() != "4" || cores.ResetMode != license.ResetDisabled {
		t.Errorf("cores: %+v, %v", cores, ok)
	}
	if v, ok := a.Variable("colour"); !ok || v != "blue" {
		t.Errorf("colour: %q, %v", v, ok)
	}
	if v, ok := a.Choice("language"); !ok || !slices.Equal(v, []string{"Deutsch", "English"}) {
		t.Errorf("language: %q, %v", v, ok)
	}
	for _, name := range []string{"", "Pages", "nothing"} {
		_, limit := a.Limit(name)
		_, variable := a.Variable(name)
		_, values := a.Choice(name)
		if limit || variable || values {
			t.Errorf("%q is known", name)
		}
	}
}

func TestEntitlementsDoNotAllocate(t *testing.T) {
	a := entitled(t)
	if n := testing.AllocsPerRun(100, func() {
		a.Limit("pages")
		a.Variable("colour")
		a.Choice("language")
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// A look-up allocates nothing in whatever letters, also in a long licence.
func TestLookingUpDoesNotAllocate(t *testing.T) {
	id := func(kind, i int) string { return fmt.Sprintf("aabbccdd-000%d-4000-8000-0000000000%02d", kind, i) }
	for _, n := range []int{10, 20} {
		inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
			l := slasconetest.License{}
			for i := range n {
				l.Features = append(l.Features, slasconetest.Feature{ID: id(1, i), Name: fmt.Sprintf("Feature%d", i)})
				l.Limitations = append(l.Limitations, slasconetest.Limitation{ID: id(2, i), Name: fmt.Sprintf("Pages%d", i), Value: "10"})
				l.Variables = append(l.Variables, slasconetest.Variable{ID: id(3, i), Name: fmt.Sprintf("Colour%d", i), Value: "x"})
				l.Choices = append(l.Choices, slasconetest.Choice{ID: id(4, i), Name: fmt.Sprintf("Language%d", i), Values: []string{"a", "b"}})
			}
			a, _ := w.activated(l)
			reads := map[string]func(string) bool{
				"Allows":   a.Allows,
				"Feature":  func(name string) bool { _, ok := a.Feature(name); return ok },
				"Limit":    func(name string) bool { _, ok := a.Limit(name); return ok },
				"Variable": func(name string) bool { _, ok := a.Variable(name); return ok },
				"Choice":   func(name string) bool { _, ok := a.Choice(name); return ok },
			}
			for read, of := range map[string]struct {
				kind int
				name string
			}{"Allows": {1, "Feature3"}, "Feature": {1, "Feature3"}, "Limit": {2, "Pages3"}, "Variable": {3, "Colour3"}, "Choice": {4, "Language3"}} {
				for name, known := range map[string]bool{
					of.name: true, id(of.kind, 3): true, strings.ToUpper(id(of.kind, 3)): true,
					strings.ToUpper(of.name): false, "nothing": false, "Überhaupt nichts, in vielen Worten und mit Buchstaben wie ÄÖÜ": false, "": false,
				} {
					if got := reads[read](name); got != known {
						t.Errorf("%d entries: %s(%q) is %v", n, read, name, got)
					}
					if allocs := testing.AllocsPerRun(100, func() { reads[read](name) }); allocs != 0 {
						t.Errorf("%d entries: %s(%q) allocates %v times", n, read, name, allocs)
					}
				}
			}
		})
	}
}

// What can be looked up by name can be listed.
func TestLists(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, lic := w.activated(slasconetest.License{
			Features:    []slasconetest.Feature{{Name: "edit"}, {Name: "off", Disabled: true}},
			Limitations: []slasconetest.Limitation{{Name: "pages", Value: "10"}, {Name: "seats"}},
			Variables:   []slasconetest.Variable{{Name: "colour", Value: "blue"}},
		})
		if list := a.Features(); len(list) != 2 || !list[0].Allowed || list[1].Allowed || list[1].Name != "off" {
			t.Errorf("features: %+v", list)
		}
		list := a.Limits()
		if len(list) != len(lic.Limitations) {
			t.Fatalf("limits: %+v", list)
		}
		for _, l := range list {
			if one, known := a.Limit(l.Name); !known || one.ID != l.ID || one.Value.Cmp(l.Value) != 0 {
				t.Errorf("%s is %+v in the list and %+v by its name", l.Name, l, one)
			}
		}
		if list := a.Variables(); len(list) != 1 || list[0].Value != "blue" {
			t.Errorf("variables: %+v", list)
		}
		if list := a.Choices(); len(list) != 0 {
			t.Errorf("choices: %+v", list)
		}
	})
}

func BenchmarkLimit(b *testing.B) {
	a := entitled(b)
	b.ReportAllocs()
	for b.Loop() {
		a.Limit("pages")
	}
}

func BenchmarkVariable(b *testing.B) {
	a := entitled(b)
	b.ReportAllocs()
	for b.Loop() {
		a.Variable("colour")
	}
}
