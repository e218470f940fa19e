package benchmarks

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/Cryptolens/cryptolens-golang/cryptolens"
	"github.com/keygen-sh/keygen-go/v3"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

// TestTable prints the comparison of docs/comparison.md from one run. It takes a
// minute of a quiet machine:
//
//	LEASEHOLD_TABLE=1 go test -count 1 -v -run Table
func TestTable(t *testing.T) {
	if os.Getenv("LEASEHOLD_TABLE") == "" {
		t.Skip("takes a minute of a quiet machine; LEASEHOLD_TABLE=1 runs it")
	}
	file, keygenWork, cryptolensWork := measure(t, leaseholdFile), measure(t, keygenFile), measure(t, cryptolensKey)
	answer := measure(t, leaseholdEvidence)
	unit := float64(keygenWork.NsPerOp())
	ratio := func(r testing.BenchmarkResult) string { return fmt.Sprintf("%.2f", float64(r.NsPerOp())/unit) }
	count := func(r testing.BenchmarkResult) string { return fmt.Sprint(r.AllocsPerOp()) }
	size, modules := sizes(t)
	ours, keygens, cryptolenses := onOne503(t)
	oursGone, keygensGone, cryptolensesGone := onCancelled(t)

	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 1, ' ', tabwriter.Debug)
	for _, row := range [][]string{
		{"", "Leasehold", "keygen-go v3.2.1", "cryptolens-golang 2022-06-30"},
		{"verify and decode what is kept, time", ratio(answer) + " (a licence file " + ratio(file) + ")", "1", ratio(cryptolensWork)},
		{"… allocations", count(answer) + " (" + count(file) + ")", count(keygenWork), count(cryptolensWork)},
		{"added to a program of net/http and JSON, MB", size["leasehold"], size["keygen"], size["cryptolens"]},
		{"modules linked in", modules["leasehold"], modules["keygen"], modules["cryptolens"]},
		{"one 503 of the server", ours, keygens, cryptolenses},
		{"a context that is cancelled", oursGone, keygensGone, cryptolensesGone},
	} {
		fmt.Fprintln(w, "|", strings.Join(row, "\t"), "\t")
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + b.String())
}

func measure(t *testing.T, make maker) testing.BenchmarkResult {
	t.Helper()
	r := testing.Benchmark(func(b *testing.B) {
		job, _ := make(b)
		b.ReportAllocs()
		for b.Loop() {
			if err := job(); err != nil {
				b.Fatal(err)
			}
		}
	})
	if r.N == 0 {
		t.Fatal("nothing was measured")
	}
	return r
}

// sizes builds the programs below size/ and returns what each has over the base,
// and how many modules it links besides the standard library and its own.
func sizes(t *testing.T) (mb, modules map[string]string) {
	t.Helper()
	mb, modules = map[string]string{}, map[string]string{}
	var base int64
	for _, name := range []string{"base", "leasehold", "keygen", "cryptolens"} {
		size := fileSize(t, linked(t, runtime.GOOS, name, "-s -w"))
		if name == "base" {
			base = size
		}
		mb[name] = fmt.Sprintf("%.2f", float64(size-base)/1e6)
		out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "./size/"+name).Output()
		if err != nil {
			t.Fatal(err)
		}
		list := strings.Fields(string(out))
		slices.Sort(list)
		list = slices.DeleteFunc(slices.Compact(list), func(m string) bool { return strings.HasSuffix(m, "/examples/benchmarks") })
		modules[name] = fmt.Sprint(len(list))
	}
	return mb, modules
}

// broken answers every request with 503.
type broken struct{ calls int }

func (b *broken) RoundTrip(r *http.Request) (*http.Response, error) {
	b.calls++
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusServiceUnavailable, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

// onOne503 activates with each and then has the server answer 503: what does the
// program know then?
func onOne503(t *testing.T) (ours, keygens, cryptolenses string) {
	a, srv := activated(t)
	srv.Inject(slasconetest.Fault{Kind: slasconetest.FaultStatus, Status: http.StatusServiceUnavailable})
	d, err := a.Refresh(t.Context())
	ours = fmt.Sprintf("error of the call, and %s", d.State)
	if err == nil || d.State != enforcement.Active {
		t.Errorf("Leasehold: %v, %v", d, err)
	}
	keygen.HTTPClient = &http.Client{Transport: &broken{}}
	l, err := keygen.Validate(t.Context(), "fingerprint")
	keygens = fmt.Sprintf("error, licence %t", l != nil)
	if err == nil {
		keygens = "no error"
	}
	before := http.DefaultTransport
	http.DefaultTransport = &broken{}
	defer func() { http.DefaultTransport = before }()
	k, err := cryptolens.KeyActivate("token", cryptolens.KeyActivateArguments{ProductId: 1, Key: "AAAAA-BBBBB-CCCCC-DDDDD", MachineCode: "m"})
	cryptolenses = fmt.Sprintf("error, licence %t", k.Key != "")
	if err == nil {
		cryptolenses = "no error"
	}
	return ours, keygens, cryptolenses
}

// onCancelled cancels a call before it is made.
func onCancelled(t *testing.T) (ours, keygens, cryptolenses string) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a, _ := activated(t)
	d, err := a.Refresh(ctx)
	ours = fmt.Sprintf("context.Canceled %t, and %s", errors.Is(err, context.Canceled), d.State)
	keygen.HTTPClient = &http.Client{Transport: &broken{}}
	_, err = keygen.Validate(ctx, "fingerprint")
	keygens = fmt.Sprintf("context.Canceled %t", errors.Is(err, context.Canceled))
	return ours, keygens, "takes no context"
}

func activated(t *testing.T) (*agent.Agent, *slasconetest.Server) {
	t.Helper()
	srv := slasconetest.New(slasconetest.Config{})
	t.Cleanup(func() { _ = srv.Close() })
	lic := srv.AddLicense(slasconetest.License{Freeride: new(7)})
	u, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	a, err := agent.New(agent.Config{
		ServerURL: u.String(), ISVID: srv.ISV(), ProductID: srv.Products()[0].ID, ProvisioningKey: srv.ProvisioningKey(),
		Signature: agent.Signature{PublicKey: []byte(srv.PublicKeyPEM())}, App: agent.App{Name: "Sketch", Version: "1.4.2"},
		DeviceID: "bench", StateDir: t.TempDir(), Store: storage.KindFile,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = a.Close(ctx)
	})
	if _, err := a.Activate(t.Context(), lic.Key); err != nil {
		t.Fatal(err)
	}
	return a, srv
}
