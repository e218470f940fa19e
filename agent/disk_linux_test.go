package agent

import (
	"bytes"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// onAFullDisk runs a test in a process of its own, because the limit is one of the
// process: fill keeps files from growing beyond what the journal has, and restore
// lets them.
func onAFullDisk(t *testing.T, f func(t *testing.T, w *world, fill func(*Agent), restore func())) {
	const alone = "LEASEHOLD_TEST_FULL_DISK"
	if os.Getenv(alone) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		cmd.Env = append(os.Environ(), alone+"=1")
		if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS")) {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	signal.Ignore(syscall.SIGXFSZ) // which a file that may not grow raises
	defer signal.Reset(syscall.SIGXFSZ)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	limit := func(l syscall.Rlimit) {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &l); err != nil {
			t.Fatal(err)
		}
	}
	restore := func() { limit(before) }
	defer restore()
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		f(t, w, func(a *Agent) {
			journal, err := os.Stat(a.outbox.Path())
			if err != nil {
				t.Fatal(err)
			}
			full := before
			full.Cur = uint64(journal.Size())
			limit(full)
		}, restore)
	})
}

// What the server has taken is not sent again while the disk is too full to
// write that down.
func TestDeliveryOnAFullDisk(t *testing.T) {
	onAFullDisk(t, func(t *testing.T, w *world, fill func(*Agent), restore func()) {
		a, gate := w.gated()
		for range 150 {
			w.use(a, "f")
		}
		other := w.open()
		fill(a)
		w.start(a)
		w.start(other)
		w.sleep(10 * time.Hour)
		if got := totals(w.srv)["f"]; got != "150" || a.Queued() != 150 || gate.called() != 1 {
			t.Errorf("the server knows of %s in %d calls, %d are queued", got, gate.called(), a.Queued())
		}
		if err := a.Use(w.Context(), "g"); err == nil {
			t.Error("a use is accepted that cannot be written")
		}
		restore()
		w.use(a, "h")
		w.sleep(2 * time.Hour)
		if got := totals(w.srv); got["f"] != "150" || got["h"] != "1" || len(got) != 2 || a.Queued() != 0 {
			t.Errorf("the server knows of %v, %d are queued", got, a.Queued())
		}
	})
}

// What is booked is counted without what the server has already.
func TestBookingOnAFullDisk(t *testing.T) {
	onAFullDisk(t, func(t *testing.T, w *world, fill func(*Agent), restore func()) {
		a, lic := w.counting()
		w.srv.Outage(true)
		w.consume(a, 6)
		for range 150 { // so that the journal is larger than the record
			w.use(a, "f")
		}
		w.srv.Outage(false)
		fill(a)
		if err := a.Flush(w.Context()); err == nil {
			t.Error("what cannot be acknowledged is no error")
		}
		restore()
		w.left(a, 4)

		w.srv.Outage(true)
		w.consume(a, 3)
		w.left(a, 1)
		w.srv.Outage(false)
		if err := a.Flush(w.Context()); err != nil {
			t.Error(err)
		}
		w.left(a, 1)
		if got := w.srv.Consumptions(lic.Key)[0]; got.Consumed != "9" || got.Transactions != 2 || a.Queued() != 0 {
			t.Errorf("the server knows of %+v, %d are queued", got, a.Queued())
		}
		w.claimed(w.open()).Release() // else the claim is kept
	})
}

// When the journal is lost meanwhile, what takes the place of the report that
// could not be acknowledged is another.
func TestALostJournalAfterAFullDisk(t *testing.T) {
	onAFullDisk(t, func(t *testing.T, w *world, fill func(*Agent), restore func()) {
		a, _ := w.gated()
		w.use(a, "f")
		fill(a)
		if err := a.Flush(w.Context()); err == nil {
			t.Error("what cannot be acknowledged is no error")
		}
		restore()
		if err := a.outbox.Erase(); err != nil {
			t.Fatal(err)
		}
		w.use(a, "g")
		if err := a.Flush(w.Context()); err != nil {
			t.Fatal(err)
		}
		if got := totals(w.srv); got["f"] != "1" || got["g"] != "1" || len(got) != 2 {
			t.Errorf("the server knows of %v", got)
		}
	})
}
