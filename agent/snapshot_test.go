package agent

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

func tenFeatures() slasconetest.License {
	l := slasconetest.License{Freeride: new(7), Expires: time.Now().Add(365 * 24 * time.Hour)}
	for i := range 10 {
		l.Features = append(l.Features, slasconetest.Feature{Name: fmt.Sprintf("feature-%d", i)})
	}
	return l
}

// licensed returns an agent that holds a licence with ten features.
func licensed(tb testing.TB) (*Agent, Config) {
	tb.Helper()
	srv := slasconetest.New(slasconetest.Config{Key: signingKey()})
	tb.Cleanup(func() { srv.Close() })
	lic := srv.AddLicense(tenFeatures())
	cfg := Config{
		ServerURL: srv.URL, ISVID: srv.ISV(), ProductID: srv.Products()[0].ID, ProvisioningKey: srv.ProvisioningKey(),
		Signature: Signature{PublicKey: []byte(srv.PublicKeyPEM())}, App: App{Name: "Sketch", Version: "1.4.2"},
		DeviceID: testDevice, StateDir: tb.TempDir(), Store: "file",
	}
	a, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { a.Close(context.Background()) })
	if _, err := a.Activate(tb.Context(), lic.Key); err != nil {
		tb.Fatal(err)
	}
	return a, cfg
}

func TestReadingDoesNotAllocate(t *testing.T) {
	a, _ := licensed(t)
	for name, read := range map[string]func(){
		"Decision": func() { _ = a.Decision() },
		"Allows":   func() { _ = a.Allows("feature-7") },
		"unknown":  func() { _ = a.Allows("no-such-feature") },
		"Feature":  func() { _, _ = a.Feature("feature-7") },
		"License":  func() { _ = a.License() },
		"Session":  func() { _ = a.Session() },
	} {
		if n := testing.AllocsPerRun(1000, read); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

// Whoever reads sees decisions in the order they were made, while others learn
// and time passes.
func TestReadersBesideAWriter(t *testing.T) {
	a, _ := licensed(t)
	var stop atomic.Bool
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for !stop.Load() {
				if d := a.Decision(); d.State == enforcement.Active != (d.Cause == enforcement.NoCause) {
					t.Errorf("torn decision %v", d)
					return
				}
				_ = a.Allows("feature-3")
			}
		})
	}
	changes := 50
	if os.Getenv("LEASEHOLD_HEAVY") != "" {
		changes = 200
	}
	for i := range changes {
		if err := a.ledger.Keep(t.Context(), answerIsNo(i%2 == 0)); err != nil {
			t.Fatal(err)
		}
	}
	stop.Store(true)
	all.Wait()
	expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
}

func answerIsNo(no bool) func(*record.Known) {
	return func(k *record.Known) {
		if no {
			k.Facts = k.Facts.No(enforcement.No{Endpoint: enforcement.EndpointHeartbeat, Code: 1002, At: k.Facts.License.ProvenAt})
		} else {
			k.Facts = k.Facts.Yes(k.Facts.License, enforcement.Flags{})
		}
	}
}

// The last event always tells of the snapshot that stays, however readers and
// writers take turns at replacing it.
func TestLastEventIsTheLatest(t *testing.T) {
	a, _ := licensed(t)
	var mu sync.Mutex
	last := a.Decision()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	events := a.Changes(ctx)
	var listening sync.WaitGroup
	listening.Go(func() {
		for e := range events {
			if c, ok := e.(StateChanged); ok {
				mu.Lock()
				if c.From.State != last.State || c.From.Cause != last.Cause {
					t.Errorf("from %v, but the event before led to %v", c.From, last)
				}
				last = c.To
				mu.Unlock()
			}
		}
	})
	changes := 40
	if os.Getenv("LEASEHOLD_HEAVY") != "" {
		changes = 200
	}
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for n := range changes {
				if err := a.ledger.Keep(t.Context(), answerIsNo((n+i)%2 == 0)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	want := a.Decision()
	a.events.Close()
	listening.Wait()
	if last.State != want.State {
		t.Errorf("the last event led to %v, the decision is %v", last, want)
	}
}

// Beyond what the clock can say, nothing changes; and reading stays cheap.
func TestDistantExpiry(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.activated(slasconetest.License{
			Expires:  time.Date(2900, 1, 1, 0, 0, 0, 0, time.UTC),
			Freeride: new(7), HeartbeatPeriod: new(30),
			Features: []slasconetest.Feature{{Name: "pdf-export", Expires: time.Date(2800, 1, 1, 0, 0, 0, 0, time.UTC)}},
		})
		if !a.Allows("pdf-export") {
			t.Error("a feature until 2800 is not allowed")
		}
		before := a.ledger.View()
		_ = a.Decision()
		if a.ledger.View() != before {
			t.Error("a decision that holds was made anew")
		}
	})
}

func BenchmarkSnapshot(b *testing.B) {
	a, _ := licensed(b)
	var state enforcement.State
	for b.Loop() {
		state = a.ledger.View().Decision.State
	}
	_ = state
}

func BenchmarkCurrent(b *testing.B) {
	a, _ := licensed(b)
	var state enforcement.State
	for b.Loop() {
		s, _ := a.ledger.Current()
		state = s.Decision.State
	}
	_ = state
}

func BenchmarkDecision(b *testing.B) {
	a, _ := licensed(b)
	b.ReportAllocs()
	var state enforcement.State
	for b.Loop() {
		state = a.Decision().State
	}
	_ = state
}

func BenchmarkAllows(b *testing.B) {
	a, _ := licensed(b)
	b.ReportAllocs()
	for b.Loop() {
		if !a.Allows("feature-7") {
			b.Fatal("not allowed")
		}
	}
}

func BenchmarkFeature(b *testing.B) {
	a, _ := licensed(b)
	b.ReportAllocs()
	for b.Loop() {
		if f, _ := a.Feature("feature-7"); !f.Allowed {
			b.Fatal("not allowed")
		}
	}
}

// BenchmarkReadersBesideAWriter has 16 readers for each processor, and somebody
// who learns something each millisecond.
func BenchmarkReadersBesideAWriter(b *testing.B) {
	for name, read := range map[string]func(*Agent){
		"Decision": func(a *Agent) { _ = a.Decision() },
		"Allows":   func(a *Agent) { _ = a.Allows("feature-7") },
	} {
		b.Run(name, func(b *testing.B) {
			a, _ := licensed(b)
			stop, done := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(done)
				tick := time.NewTicker(time.Millisecond)
				defer tick.Stop()
				for {
					select {
					case <-stop:
						return
					case <-tick.C:
						_ = a.ledger.Keep(context.Background(), answerIsNo(false))
					}
				}
			}()
			b.ReportAllocs()
			b.ResetTimer() // an agent and its server for tests are costly to make
			b.SetParallelism(16)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					read(a)
				}
			})
			close(stop)
			<-done
		})
	}
}

// BenchmarkNew is the start of an application up to its first decision.
func BenchmarkNew(b *testing.B) {
	first, cfg := licensed(b)
	if err := first.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		a, err := New(cfg)
		if err != nil {
			b.Fatal(err)
		}
		if d := a.Decision(); d.State != enforcement.Active {
			b.Fatal(d)
		}
		b.StopTimer()
		a.Close(b.Context())
		b.StartTimer()
	}
}
