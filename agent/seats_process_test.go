package agent

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// seatChild makes the test binary a window of its own, which can be killed. Its
// value is the configuration as JSON.
const seatChild = "LEASEHOLD_TEST_SEAT_CHILD"

type childConfig struct {
	ServerURL, ISVID, ProductID, ProvisioningKey, DeviceID, StateDir string
	PublicKey                                                        []byte
	SeatPerProcess                                                   bool
}

// TestKilledProcess kills real processes that hold seats.
func TestKilledProcess(t *testing.T) {
	if conf := os.Getenv(seatChild); conf != "" {
		runSeatChild(t, conf)
		return
	}
	for name, perProcess := range map[string]bool{"shared": false, "each its own": true} {
		t.Run(name, func(t *testing.T) {
			srv := newServer(t, slasconetest.Config{})
			cfg := configFor(t, srv)
			cfg.SeatPerProcess = perProcess
			a := newAgent(t, cfg)
			lic := srv.AddLicense(floating)
			if _, err := a.Activate(t.Context(), lic.Key); err != nil {
				t.Fatal(err)
			}
			a.Close(context.Background())

			first, second := startSeatChild(t, cfg), startSeatChild(t, cfg)
			want := 2
			if !perProcess {
				want = 1
			}
			if n := len(srv.Sessions()); n != want {
				t.Fatalf("%d sessions, want %d", n, want)
			}
			first.kill()
			b := newAgent(t, cfg)
			if s := b.Session(); s.ID != first.id || !s.Held {
				t.Errorf("after the kill the next start has %+v, want %s", s, first.id)
			}
			if _, err := b.OpenSession(t.Context(), 0); err != nil {
				t.Error(err)
			}
			if n := len(srv.Sessions()); n != want {
				t.Errorf("%d sessions after the kill, want %d", n, want)
			}
			if err := b.Close(context.Background()); err != nil {
				t.Error(err)
			}
			if s := srv.Sessions(); len(s) != 1 || s[0].ID != second.id {
				t.Errorf("while the second process lives the sessions are %v, want only %s", s, second.id)
			}
			second.kill()
			c := newAgent(t, cfg)
			if _, err := c.OpenSession(t.Context(), 0); err != nil {
				t.Error(err)
			}
			if err := c.Close(context.Background()); err != nil {
				t.Error(err)
			}
			if s := srv.Sessions(); len(s) != 0 {
				t.Errorf("at the end: %v", s)
			}
		})
	}
}

type seatProcess struct {
	id   string // of its session
	kill func()
}

// startSeatChild starts a process and waits until it holds a seat.
func startSeatChild(t *testing.T, cfg Config) seatProcess {
	t.Helper()
	conf, err := json.Marshal(childConfig{
		cfg.ServerURL, cfg.ISVID, cfg.ProductID, cfg.ProvisioningKey, cfg.DeviceID, cfg.StateDir, cfg.Signature.PublicKey, cfg.SeatPerProcess,
	})
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^TestKilledProcess$")
	cmd.Env = append(os.Environ(), seatChild+"="+string(conf))
	in, err := cmd.StdinPipe() // it ends when this process does
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := seatProcess{kill: func() {
		cmd.Process.Kill()
		cmd.Wait()
		in.Close()
	}}
	t.Cleanup(p.kill)
	said, err := bufio.NewReader(out).ReadString('\n')
	id, ok := strings.CutPrefix(strings.TrimSpace(said), "session ")
	if !ok {
		t.Fatalf("the child said %q: %v", said, err)
	}
	p.id = id
	return p
}

func runSeatChild(t *testing.T, conf string) {
	var c childConfig
	if err := json.Unmarshal([]byte(conf), &c); err != nil {
		t.Fatal(err)
	}
	a := newAgent(t, Config{
		ServerURL: c.ServerURL, ISVID: c.ISVID, ProductID: c.ProductID, ProvisioningKey: c.ProvisioningKey,
		Signature: Signature{PublicKey: c.PublicKey}, App: App{Name: "Sketch", Version: "1.4.2"},
		DeviceID: c.DeviceID, StateDir: c.StateDir, Store: "file", Parts: []Part{Usage(), LicenseFiles()}, SeatPerProcess: c.SeatPerProcess, Timeout: 5 * time.Second,
	})
	if _, err := a.OpenSession(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	os.Stdout.WriteString("session " + a.Session().ID + "\n")
	io.Copy(io.Discard, os.Stdin) // until it is killed
}
