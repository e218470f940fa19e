package agent

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

func entitled(tb testing.TB) *Agent {
	tb.Helper()
	srv := slasconetest.New(slasconetest.Config{Key: signingKey()})
	tb.Cleanup(func() { srv.Close() })
	lic := srv.AddLicence(slasconetest.Licence{
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
	if v, ok := a.Values("language"); !ok || !slices.Equal(v, []string{"Deutsch", "English"}) {
		t.Errorf("language: %q, %v", v, ok)
	}
	for _, name := range []string{"", "Pages", "nothing"} {
		_, limit := a.Limit(name)
		_, variable := a.Variable(name)
		_, values := a.Values(name)
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
		a.Values("language")
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
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
