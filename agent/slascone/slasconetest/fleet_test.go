package slasconetest_test

import (
	"bufio"
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// fleetBody is the heartbeat of a client of a fleet; fleetClient its ID.
func fleetBody(i int) string {
	return `{"product_id":"` + slasconetest.DemoProduct + `","client_id":"` + fleetClient(i) + `","software_version":"25.2.0","operating_system":"Linux"}`
}

func fleetClient(i int) string { return fmt.Sprintf("%08x-3674-4b19-a95f-047c160137e5", i) }

// fleetRequest is the heartbeat as it travels.
func fleetRequest(s *slasconetest.Server, i int) []byte {
	body := fleetBody(i)
	return fmt.Appendf(nil, "POST %s%s HTTP/1.1\r\nHost: fleet\r\nContent-Type: application/json\r\nProvisioningKey: %s\r\nX-Nonce: AAECAwQFBgcICQoLDA0ODw==\r\nContent-Length: %d\r\n\r\n%s",
		wire.Prefix(s.ISV()), pathHeartbeat, s.ProvisioningKey(), len(body), body)
}

// possible is how many answers with two signatures a second this machine could
// give at most, with nothing else to do.
func possible(span time.Duration) float64 {
	digest := sha256.Sum256([]byte("body"))
	return rate(span, func(int) {
		for range 2 {
			if _, err := rsa.SignPKCS1v15(nil, testKey(), crypto.SHA256, digest[:]); err != nil {
				panic(err)
			}
		}
	})
}

// rate is how often a second all processors together do something.
func rate(span time.Duration, do func(worker int)) float64 {
	var done atomic.Int64
	var all sync.WaitGroup
	start := time.Now()
	for worker := range runtime.GOMAXPROCS(0) * 2 {
		all.Go(func() {
			for time.Since(start) < span {
				do(worker)
				done.Add(1)
			}
		})
	}
	all.Wait()
	return float64(done.Load()) / time.Since(start).Seconds()
}

// line is a connection of a client that asks again and again.
type line struct {
	net.Conn
	in   *bufio.Reader
	next int
}

// heartbeat asks for one of the clients and reads the answer.
func (l *line) heartbeat(requests [][]byte) error {
	if _, err := l.Write(requests[l.next%len(requests)]); err != nil {
		return err
	}
	l.next += 7
	resp, err := http.ReadResponse(l.in, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK || resp.Header.Get(wire.HeaderSignature) == "" || resp.Header.Get(wire.HeaderNonceSignature) == "" {
		return fmt.Errorf("status %d, %v", resp.StatusCode, resp.Header)
	}
	return nil
}

// shareOfPossible measures the heartbeats that a server answers a second, with
// its clients on the same machine, and their share of what two RSA-2048
// signatures an answer leave possible: 1 would be an HTTP server that costs
// nothing. Both are measured in turns, so that whatever else the machine does
// meets both.
func shareOfPossible(t testing.TB, more func() bool) (perSecond, share float64) {
	t.Helper()
	s := server(t)
	lic := s.AddLicense(slasconetest.License{})
	c := call(t, s)
	requests := make([][]byte, 64)
	for i := range requests {
		c.want(c.activate(lic.Key, fleetClient(i)), 200)
		requests[i] = fleetRequest(s, i)
	}
	lines := make([]line, runtime.GOMAXPROCS(0)*2)
	for i := range lines {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		lines[i] = line{conn, bufio.NewReader(conn), i}
	}
	const turn = 250 * time.Millisecond
	var signed, answered float64
	turns := 0
	for more() {
		turns++
		signed += possible(turn)
		answered += rate(turn, func(worker int) {
			if err := lines[worker].heartbeat(requests); err != nil {
				panic(err)
			}
		})
	}
	return answered / float64(turns), answered / signed
}

// BenchmarkHeartbeatsOfSignatures tells the share.
func BenchmarkHeartbeatsOfSignatures(b *testing.B) {
	perSecond, share := shareOfPossible(b, b.Loop)
	b.ReportMetric(perSecond, "heartbeats/s")
	b.ReportMetric(share, "of-possible")
}

// TestHeartbeatsReachWhatSignaturesLeave holds the bar.
func TestHeartbeatsReachWhatSignaturesLeave(t *testing.T) {
	if os.Getenv("LEASEHOLD_HEAVY") == "" {
		t.Skip("LEASEHOLD_HEAVY is not set: it takes ten seconds of the whole machine")
	}
	turns := 0
	perSecond, share := shareOfPossible(t, func() bool { turns++; return turns <= 20 })
	t.Logf("%.0f heartbeats a second, %.2f of what two signatures leave possible", perSecond, share)
	if share < 0.8 {
		t.Errorf("%.2f of what two signatures leave possible, want 0.8", share)
	}
}

// statusOnly is a response of which only the status is kept.
type statusOnly struct {
	header http.Header
	status int
}

func (w *statusOnly) Header() http.Header            { return w.header }
func (w *statusOnly) WriteHeader(status int)         { w.status = status }
func (w *statusOnly) Write(data []byte) (int, error) { return len(data), nil }

// TestFleetIsKeptSmall activates a million clients and hears each twice more:
// that costs a bounded number of bytes each, once, and saving them does not keep
// the others waiting.
func TestFleetIsKeptSmall(t *testing.T) {
	fleet, most := 20_000, 600
	if os.Getenv("LEASEHOLD_HEAVY") != "" {
		fleet, most = 1_000_000, 450 // what is kept of the last requests counts less
	}
	s := server(t, func(cfg *slasconetest.Config) {
		cfg.Signing, cfg.StateFile = slasconetest.SigningNone, filepath.Join(t.TempDir(), "state.json")
	})
	lic := s.AddLicense(slasconetest.License{})
	ask := func(path, body string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+wire.Prefix(s.ISV())+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"Content-Type": {"application/json"}, "Provisioningkey": {s.ProvisioningKey()}}
		w := &statusOnly{header: http.Header{}}
		if s.Handler().ServeHTTP(w, r); w.status != http.StatusOK {
			t.Fatalf("%s: %d", body, w.status)
		}
	}
	heap := func() float64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	// The logs of the last requests and answers are full before it begins.
	for range 12_000 {
		ask(pathActivation, `{"product_id":"`+slasconetest.DemoProduct+`","license_key":"`+lic.Key+`","client_id":"first","software_version":"25.2.0"}`)
	}
	empty := heap()
	activated := strings.NewReplacer(`"operating_system":"Linux"`, `"client_name":"PC","license_key":"`+lic.Key+`"`)
	for i := range fleet {
		ask(pathActivation, activated.Replace(fleetBody(i)))
	}
	for i := range fleet {
		ask(pathHeartbeat, fleetBody(i))
	}
	full := heap()
	if each := (full - empty) / float64(fleet); each > float64(most) {
		t.Errorf("%.0f bytes for each of %d clients", each, fleet)
	} else {
		t.Logf("%.0f bytes for each of %d clients", each, fleet)
	}
	for i := range fleet {
		ask(pathHeartbeat, fleetBody(i))
	}
	if grown := heap() / full; grown > 1.02 {
		t.Errorf("another heartbeat of each made it %.2f times as large", grown)
	}

	saved := make(chan error, 1)
	go func() { saved <- s.SaveState() }()
	answered, slowest := 0, time.Duration(0)
	for i := 0; ; i = (i + 1) % fleet {
		select {
		case err := <-saved:
			if err != nil {
				t.Fatal(err)
			}
			// A server that stood still meanwhile would have answered none.
			if answered < fleet/100 {
				t.Errorf("%d heartbeats were answered while %d clients were saved", answered, fleet)
			}
			t.Logf("%d heartbeats were answered meanwhile, the slowest in %v", answered, slowest)
			return
		default:
			before := time.Now()
			ask(pathHeartbeat, fleetBody(i))
			slowest = max(slowest, time.Since(before))
			answered++
		}
	}
}

// What clients do while the state is written leaves it whole.
func TestStateIsWholeWhateverHappensMeanwhile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	cfg := slasconetest.Config{Key: testKey(), Signing: slasconetest.SigningNone, StateFile: file, Now: func() time.Time { return start }}
	s := slasconetest.New(cfg)
	lic := s.AddLicense(slasconetest.License{TokenLimit: new(3000)})
	c := call(t, s)
	for i := range 2000 {
		if r := c.activate(lic.Key, fleetClient(i)); r.status != 200 {
			t.Fatal(r.status)
		}
	}
	var all sync.WaitGroup
	stop := make(chan struct{})
	for worker := range 2 {
		all.Go(func() {
			for i := worker; ; i += 2 {
				select {
				case <-stop:
					return
				default:
				}
				s.ForgetClient(fleetClient(i * 7 % 2000))
				if r := c.activate(lic.Key, fleetClient(2000+i)); r.err != nil {
					t.Error(r.err)
					return
				}
			}
		})
	}
	for range 5 {
		if err := s.SaveState(); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		copied := cfg
		copied.StateFile = filepath.Join(t.TempDir(), "copy.json")
		if err := os.WriteFile(copied.StateFile, bytes.Clone(data), 0o600); err != nil {
			t.Fatal(err)
		}
		again, err := slasconetest.NewUnstarted(copied)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, cl := range again.Clients() {
			if seen[cl.ID] {
				t.Errorf("%s is there twice", cl.ID)
			}
			seen[cl.ID] = true
		}
		_ = again.Close()
	}
	close(stop)
	all.Wait()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
