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

// What the server has taken is not sent again while the disk is too full to
// write that down.
func TestDeliveryOnAFullDisk(t *testing.T) {
	const alone = "LEASEHOLD_TEST_FULL_DISK"
	if os.Getenv(alone) == "" {
		// The limit is one of the process.
		cmd := exec.Command(os.Args[0], "-test.run=^TestDeliveryOnAFullDisk$", "-test.v")
		cmd.Env = append(os.Environ(), alone+"=1")
		if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS")) {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	signal.Ignore(syscall.SIGXFSZ) // which a file that may not grow raises
	defer signal.Reset(syscall.SIGXFSZ)
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, gate := w.gated()
		for range 150 {
			w.use(a, "f")
		}
		other := w.open()
		journal, err := os.Stat(a.queuePath())
		if err != nil {
			t.Fatal(err)
		}
		var before syscall.Rlimit
		if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
			t.Fatal(err)
		}
		full := before
		full.Cur = uint64(journal.Size())
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &full); err != nil {
			t.Fatal(err)
		}
		restore := func() {
			if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
				t.Fatal(err)
			}
		}
		defer restore()
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
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, lic := w.counting()
		w.srv.Outage(true)
		w.consume(a, 6)
		w.srv.Outage(false)
		// As a delivery leaves it that cannot acknowledge.
		d := delivery{Agent: a, claim: w.claimed(a)}
		batch, err := d.batch(w.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, entries := nextRun(batch)
		if err := d.send(w.Context(), entries); err != nil {
			t.Fatal(err)
		}
		a.queue.taken, a.queue.claim = batch, d.claim
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
		if a.queue.claim != nil {
			t.Error("the claim is kept")
		}
	})
}

// When the journal is lost meanwhile, what takes the place of the report that
// could not be acknowledged is another.
func TestALostJournalAfterAFullDisk(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, _ := w.gated()
		w.use(a, "f")
		claim := w.claimed(a)
		var err error
		a.queue.taken, err = claim.Batch(w.Context(), 1)
		claim.Release()
		if err != nil || len(a.queue.taken) != 1 {
			t.Fatal(err)
		}
		if err := a.eraseQueue(); err != nil {
			t.Fatal(err)
		}
		w.use(a, "g")
		if err := a.Flush(w.Context()); err != nil {
			t.Fatal(err)
		}
		if got := totals(w.srv); got["g"] != "1" || len(got) != 1 {
			t.Errorf("the server knows of %v", got)
		}
	})
}
