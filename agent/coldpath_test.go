package agent

import (
	"context"
	"fmt"
	"testing"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// coldLicenses are licences with ten features and two limitations.
func coldLicenses() map[string]slasconetest.License {
	plain := tenFeatures()
	plain.Name, plain.Edition = "Workstation", "Professional"
	plain.Customer, plain.Type = slasconetest.Customer{Name: "Ring Retail Ltd", Number: "87012"}, slasconetest.Type{Name: "Subscription"}
	plain.TokenLimit, plain.HeartbeatPeriod = new(5), new(1)
	for i := range 2 {
		plain.Limitations = append(plain.Limitations, slasconetest.Limitation{Name: fmt.Sprintf("limit-%d", i), Value: "1000"})
	}
	described := plain
	described.Features = nil
	for _, f := range plain.Features {
		f.Description = "what it does, in a line"
		described.Features = append(described.Features, f)
	}
	return map[string]slasconetest.License{"plain": plain, "described": described}
}

// coldPath returns what a start of the application does with a record that was
// committed to a file: read, verify, decode, decide.
func coldPath(tb testing.TB, l slasconetest.License) func() error {
	tb.Helper()
	srv := slasconetest.New(slasconetest.Config{Key: signingKey()})
	tb.Cleanup(func() { srv.Close() })
	a, err := New(Config{
		ServerURL: srv.URL, ISVID: srv.ISV(), ProductID: srv.Products()[0].ID, ProvisioningKey: srv.ProvisioningKey(),
		Signature: Signature{PublicKey: []byte(srv.PublicKeyPEM())}, App: App{Name: "Sketch", Version: "1.4.2"},
		DeviceID: testDevice, StateDir: tb.TempDir(), Store: "file",
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { a.Close(context.Background()) })
	if _, err := a.Activate(tb.Context(), srv.AddLicense(l).Key); err != nil {
		tb.Fatal(err)
	}
	return func() error {
		st, err := a.ledger.Store.Load(context.Background())
		if err != nil {
			return err
		}
		rec, err := record.Decode(st.Data)
		if err != nil {
			return err
		}
		k, err := a.ledger.Opener.Open(rec, false, a.Now())
		if err != nil {
			return err
		}
		if d := enforcement.Decide(k.Facts, a.set.Policy, a.Now()); d.State != enforcement.Active || len(k.License.Features()) != 10 {
			return fmt.Errorf("%d features, %v", len(k.License.Features()), d)
		}
		return nil
	}
}

func TestColdPathAllocations(t *testing.T) {
	for name, l := range coldLicenses() {
		start := coldPath(t, l)
		n := testing.AllocsPerRun(100, func() {
			if err := start(); err != nil {
				t.Fatal(err)
			}
		})
		if t.Logf("%s: %v allocations", name, n); n >= 100 {
			t.Errorf("%s: a start allocates %v times; want fewer than 100", name, n)
		}
	}
}

func BenchmarkColdPath(b *testing.B) {
	for name, l := range coldLicenses() {
		b.Run(name, func(b *testing.B) {
			start := coldPath(b, l)
			b.ReportAllocs()
			for b.Loop() {
				if err := start(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
