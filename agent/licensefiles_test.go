package agent

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/lease"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/internal/seat"
	"github.com/leasehold-dev/leasehold/agent/licensefile"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

const (
	unbound = "" // a licence file that names no client
	aDay    = 24 * time.Hour
)

// offline returns a server with a licence, and an agent whose clock is the
// server's and which cannot reach it.
func offline(t *testing.T, l slasconetest.License) (*slasconetest.Server, slasconetest.License, *Agent, Config) {
	t.Helper()
	srv := newServer(t, slasconetest.Config{})
	lic := srv.AddLicense(l)
	cfg := configFor(t, srv)
	cfg.Now = srv.Now
	srv.Outage(true)
	return srv, lic, newAgent(t, cfg), cfg
}

func TestTwoFilesMakeALicense(t *testing.T) {
	ctx := t.Context()
	srv, lic, a, cfg := offline(t, slasconetest.License{Freeride: new(3), Features: []slasconetest.Feature{{Name: "pdf-export"}}, Expires: time.Now().Add(100 * aDay)})

	if _, err := a.ImportFile(ctx, srv.ActivationFile(lic.Key, testDevice)); err == nil {
		t.Error("an activation file without its licence file was taken over")
	}
	d, err := a.ImportFile(ctx, srv.LicenseFile(lic.Key, unbound))
	if err != nil {
		t.Fatal(err)
	}
	expect(t, d, enforcement.Locked, enforcement.NotActivated)
	a.Close(ctx)
	a = newAgent(t, cfg)
	if d = a.Decision(); d.Remedy != enforcement.ImportActivation {
		t.Errorf("the remedy is %v", d.Remedy)
	}
	if key, ok := a.NeedsActivationFile(); !ok || key != lic.Key {
		t.Errorf("waits for an activation of %q, %v", key, ok)
	}
	request, err := a.ActivationRequest(lic.Key)
	if err != nil {
		t.Fatal(err)
	}
	if url, err := request.URL(); err != nil || !strings.Contains(url, lic.Key) || !strings.Contains(url, testDevice) {
		t.Errorf("request %s, %v", url, err)
	}
	if d, err = a.ImportFile(ctx, srv.ActivationFile(lic.Key, testDevice)); err != nil {
		t.Fatal(err)
	}
	expect(t, d, enforcement.Active, enforcement.NoCause)
	if _, waiting := a.NeedsActivationFile(); waiting || !a.Allows("pdf-export") {
		t.Error("the licence is not complete")
	}
	a.Close(ctx)

	// It survives a restart; freeride does not apply to it, its end does.
	b := newAgent(t, cfg)
	expect(t, b.Decision(), enforcement.Active, enforcement.NoCause)
	expect(t, b.DecisionAt(srv.Now().Add(99*aDay)), enforcement.Active, enforcement.NoCause)
	expect(t, b.DecisionAt(srv.Now().Add(101*aDay)), enforcement.Grace, enforcement.Expired)
	if _, err := b.Heartbeat(ctx); !errors.Is(err, lease.ErrHeldInFile) {
		t.Errorf("a heartbeat of a licence from a file: %v", err)
	}
	if at := b.lease.Next(srv.Now()); !at.IsZero() {
		t.Errorf("a heartbeat is planned for %v", at)
	}
}

// A licence file that waits for its activation file takes nothing away.
func TestAWaitingFileChangesNothing(t *testing.T) {
	ctx := t.Context()
	srv, held, a, cfg := offline(t, slasconetest.License{})
	other := srv.AddLicense(slasconetest.License{Features: []slasconetest.Feature{{Name: "other"}}})
	for _, data := range [][]byte{
		srv.LicenseFile(held.Key, unbound), srv.ActivationFile(held.Key, testDevice), srv.LicenseFile(other.Key, unbound),
	} {
		if _, err := a.ImportFile(ctx, data); err != nil {
			t.Fatal(err)
		}
	}
	check := func(a *Agent, holds, waits string) {
		t.Helper()
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		if key := a.License().Key(); key != holds {
			t.Errorf("the licence %s is held, want %s", key, holds)
		}
		if key, _ := a.NeedsActivationFile(); key != waits {
			t.Errorf("%q waits for its activation, want %q", key, waits)
		}
	}
	check(a, held.Key, other.Key)
	a.Close(ctx)
	a = newAgent(t, cfg)
	check(a, held.Key, other.Key)

	// Each activation file finds its licence file.
	if _, err := a.ImportFile(ctx, srv.ActivationFile(held.Key, testDevice)); err != nil {
		t.Fatal(err)
	}
	check(a, held.Key, other.Key)
	if _, err := a.ImportFile(ctx, srv.ActivationFile(other.Key, testDevice)); err != nil {
		t.Fatal(err)
	}
	check(a, other.Key, "")
	a.Close(ctx)
	a = newAgent(t, cfg)
	check(a, other.Key, "")
	if !a.Allows("other") {
		t.Error("the other licence does not count")
	}
}

func TestAWaitingFileCanBeDropped(t *testing.T) {
	ctx := t.Context()
	srv, lic, a, _ := offline(t, slasconetest.License{})
	if _, err := a.ImportFile(ctx, srv.LicenseFile(lic.Key, unbound)); err != nil {
		t.Fatal(err)
	}
	d, err := a.Deactivate(ctx)
	if _, waiting := a.NeedsActivationFile(); err != nil || waiting || d.Remedy != enforcement.EnterKey {
		t.Errorf("%v, %v, waiting: %v", d, err, waiting)
	}
}

func TestTheClockCountsForFiles(t *testing.T) {
	ctx := t.Context()
	srv, lic, a, cfg := offline(t, slasconetest.License{})
	if _, err := a.ImportFile(ctx, srv.LicenseFile(lic.Key, testDevice)); err != nil {
		t.Fatal(err)
	}
	a.Close(ctx)
	srv.Advance(-2 * aDay)
	b := newAgent(t, cfg)
	expect(t, b.Decision(), enforcement.Grace, enforcement.ClockRolledBack)
}

// skewed returns what offline does, and the shift of the computer's clock
// against the server's.
func skewed(t *testing.T, l slasconetest.License) (*slasconetest.Server, slasconetest.License, Config, *time.Duration) {
	t.Helper()
	srv, lic, a, cfg := offline(t, l)
	a.Close(t.Context())
	shift := new(time.Duration)
	cfg.Now = func() time.Time { return srv.Now().Add(*shift) }
	return srv, lic, cfg, shift
}

// There is no server that could say what time it is, so a clock that was put
// right is right.
func TestTheClockHealsOffLine(t *testing.T) {
	ctx := t.Context()
	srv, lic, cfg, shift := skewed(t, slasconetest.License{})
	a := newAgent(t, cfg)
	if _, err := a.ImportFile(ctx, srv.LicenseFile(lic.Key, testDevice)); err != nil {
		t.Fatal(err)
	}
	*shift = -3 * aDay
	expect(t, a.Decision(), enforcement.Grace, enforcement.ClockRolledBack)
	*shift = 0
	expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
	*shift = -3 * aDay
	expect(t, a.Decision(), enforcement.Grace, enforcement.ClockRolledBack)
	a.Close(ctx)
	a = newAgent(t, cfg)
	expect(t, a.Decision(), enforcement.Grace, enforcement.ClockRolledBack)
	a.Close(ctx)
	*shift = 0
	a = newAgent(t, cfg)
	expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
}

// A clock that once stood far ahead leaves a mark there only after a day of
// running; a new file says better then, and one that is known already does not.
func TestANewFileHealsTheClock(t *testing.T) {
	inBubble(t, slasconetest.Config{Signing: slasconetest.SigningRSA}, func(t *testing.T, w *world) {
		lic := w.srv.AddLicense(slasconetest.License{})
		a := w.open()
		file := w.srv.LicenseFile(lic.Key, unbound)
		for _, data := range [][]byte{file, w.srv.ActivationFile(lic.Key, testDevice)} {
			if _, err := a.ImportFile(w.Context(), data); err != nil {
				t.Fatal(err)
			}
		}
		w.moveClock(300 * aDay)
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		w.moveClock(0)
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		w.moveClock(300 * aDay)
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		w.sleep(25 * time.Hour)
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		w.moveClock(0)
		expect(t, a.Decision(), enforcement.Grace, enforcement.ClockRolledBack)
		if _, err := a.ImportFile(w.Context(), file); err != nil {
			t.Fatal(err)
		}
		expect(t, a.Decision(), enforcement.Grace, enforcement.ClockRolledBack)
		if _, err := a.ImportFile(w.Context(), w.srv.LicenseFile(lic.Key, unbound)); err != nil {
			t.Fatal(err)
		}
		expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		w.close(a)
		expect(t, w.open().Decision(), enforcement.Active, enforcement.NoCause)
	})
}

// It is at least as late as when the file was signed.
func TestAFileTellsTheTime(t *testing.T) {
	ctx := t.Context()
	srv, lic, cfg, shift := skewed(t, slasconetest.License{Starts: time.Now().Add(-aDay)})
	*shift = -100 * aDay
	a := newAgent(t, cfg)
	d, err := a.ImportFile(ctx, srv.LicenseFile(lic.Key, testDevice))
	if err != nil {
		t.Fatal(err)
	}
	expect(t, d, enforcement.Grace, enforcement.ClockRolledBack)
}

// What the server has refused is not undone by a file that is older.
func TestAFileDoesNotUndoARefusal(t *testing.T) {
	ctx := t.Context()
	for _, online := range []bool{false, true} {
		srv, lic, a, cfg := offline(t, slasconetest.License{})
		old := srv.LicenseFile(lic.Key, testDevice)
		if !online {
			if _, err := a.ImportFile(ctx, old); err != nil {
				t.Fatal(err)
			}
		}
		srv.Outage(false)
		if online {
			if _, err := a.Activate(ctx, lic.Key); err != nil {
				t.Fatal(err)
			}
		}
		srv.Advance(aDay)
		srv.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.Inactive = true })
		d, err := a.Activate(ctx, lic.Key)
		if err == nil {
			t.Error("an inactive licence was activated")
		}
		expect(t, d, enforcement.Locked, enforcement.Inactive)
		if online {
			if _, err := a.Deactivate(ctx); err != nil {
				t.Fatal(err)
			}
		}
		a.Close(ctx)
		a = newAgent(t, cfg)
		if d, err = a.ImportFile(ctx, old); err != nil {
			t.Fatal(err)
		}
		expect(t, d, enforcement.Locked, enforcement.Inactive)

		srv.Advance(aDay)
		srv.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.Inactive = false })
		if d, err = a.ImportFile(ctx, srv.LicenseFile(lic.Key, testDevice)); err != nil {
			t.Fatal(err)
		}
		expect(t, d, enforcement.Active, enforcement.NoCause)
	}
}

// Where the server cannot be reached, the seat cannot be given back, and a
// person may choose to go off line all the same.
func TestOffLineWithoutTheServer(t *testing.T) {
	ctx := t.Context()
	srv, lic, a, cfg := offline(t, slasconetest.License{})
	if _, err := a.Abandon(ctx); !errors.Is(err, ErrNotActivated) {
		t.Errorf("abandoning nothing: %v", err)
	}
	srv.Outage(false)
	if _, err := a.Activate(ctx, lic.Key); err != nil {
		t.Fatal(err)
	}
	file := srv.LicenseFile(lic.Key, testDevice)
	srv.Outage(true)
	if _, err := a.ImportFile(ctx, file); !errors.Is(err, ErrHeldOnline) {
		t.Errorf("a file over a licence held on line: %v", err)
	}
	d, err := a.Abandon(ctx)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, d, enforcement.Locked, enforcement.NotActivated)
	if d, err = a.ImportFile(ctx, file); err != nil {
		t.Fatal(err)
	}
	expect(t, d, enforcement.Active, enforcement.NoCause)
	a.Close(ctx)
	b := newAgent(t, cfg)
	expect(t, b.Decision(), enforcement.Active, enforcement.NoCause)
}

func TestAFileTakesNoFloatingSeat(t *testing.T) {
	ctx := t.Context()
	srv, lic, a, _ := offline(t, floating)
	if _, err := a.ImportFile(ctx, srv.LicenseFile(lic.Key, testDevice)); err != nil {
		t.Fatal(err)
	}
	srv.Outage(false)
	d, err := a.OpenSession(ctx, 0)
	if !errors.Is(err, seat.ErrFile) {
		t.Errorf("a seat for a licence from a file: %v", err)
	}
	expect(t, d, enforcement.Active, enforcement.NoCause)
	if n := len(srv.Sessions()); n != 0 {
		t.Errorf("%d sessions are open", n)
	}
}

func TestWhichFilesAreRefused(t *testing.T) {
	ctx := t.Context()
	srv, lic, a, _ := offline(t, slasconetest.License{ReleaseLimit: "2"})
	other := srv.AddLicense(slasconetest.License{})
	later := srv.AddLicense(slasconetest.License{Starts: time.Now().Add(2 * aDay)})
	over := srv.AddLicense(slasconetest.License{Expires: time.Now().Add(-aDay)})
	small := srv.AddLicense(slasconetest.License{ReleaseLimit: "1.3"})
	product := srv.AddProduct(slasconetest.Product{Name: "another"})
	foreign := srv.AddLicense(slasconetest.License{ProductID: product.ID})
	edited := []byte(strings.Replace(string(srv.LicenseFile(lic.Key, unbound)), lic.Key, other.Key, 1))
	for name, c := range map[string]struct {
		data  []byte
		check licensefile.Check
		kind  ErrorKind
	}{
		"edited":          {edited, licensefile.CheckSignature, KindIntegrity},
		"nothing":         {nil, licensefile.CheckSize, KindUsage},
		"no file":         {[]byte("hello"), licensefile.CheckFormat, KindUsage},
		"another product": {srv.LicenseFile(foreign.Key, unbound), licensefile.CheckProduct, KindUsage},
		"another client":  {srv.LicenseFile(lic.Key, "device-9"), licensefile.CheckClient, KindUsage},
		"not yet valid":   {srv.LicenseFile(later.Key, unbound), licensefile.CheckStart, KindUsage},
		"expired":         {srv.LicenseFile(over.Key, unbound), licensefile.CheckExpiry, KindUsage},
		"another release": {srv.LicenseFile(small.Key, unbound), licensefile.CheckRelease, KindUsage},
	} {
		d, err := a.ImportFile(ctx, c.data)
		e, ok := errors.AsType[*Error](err)
		if !ok || !errors.Is(err, c.check) || e.Kind != c.kind {
			t.Errorf("%s: %v", name, err)
		}
		expect(t, d, enforcement.Locked, enforcement.NotActivated)
	}
	if _, err := a.ImportFile(ctx, srv.LicenseFile(lic.Key, unbound)); err != nil {
		t.Fatal(err)
	}
	_, err := a.ImportFile(ctx, srv.ActivationFile(other.Key, testDevice))
	if !errors.Is(err, licensefile.CheckLicenseKey) {
		t.Errorf("the activation of another licence: %v", err)
	}
	_, err = a.ImportFile(ctx, srv.ActivationFile(lic.Key, "device-9"))
	if !errors.Is(err, licensefile.CheckClient) {
		t.Errorf("the activation of another client: %v", err)
	}
}

func TestAFileDoesNotReplaceANewerOne(t *testing.T) {
	ctx := t.Context()
	srv, lic, a, _ := offline(t, slasconetest.License{})
	old := srv.LicenseFile(lic.Key, unbound)
	if _, err := a.ImportFile(ctx, old); err != nil {
		t.Fatal(err)
	}
	if _, err := a.ImportFile(ctx, srv.ActivationFile(lic.Key, testDevice)); err != nil {
		t.Fatal(err)
	}
	srv.Advance(aDay)
	srv.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.Features = []slasconetest.Feature{{Name: "new"}} })
	renewed := srv.LicenseFile(lic.Key, unbound)
	d, err := a.ImportFile(ctx, renewed)
	if err != nil {
		t.Fatal(err)
	}
	// The activation is of the licence, so it goes on with the newer file.
	expect(t, d, enforcement.Active, enforcement.NoCause)
	if !a.Allows("new") {
		t.Error("the newer file does not count")
	}
	if _, err := a.ImportFile(ctx, old); err == nil || !strings.Contains(err.Error(), "newer") {
		t.Errorf("an older file: %v", err)
	}
	if _, err := a.ImportFile(ctx, renewed); err != nil {
		t.Errorf("the same file again: %v", err)
	}
	if !a.Allows("new") {
		t.Error("the older file replaced the newer one")
	}
}

func TestBetweenOnLineAndOffLine(t *testing.T) {
	ctx := t.Context()
	srv, lic, a, _ := offline(t, slasconetest.License{TokenLimit: new(1)})
	seats := func() (n int) {
		for _, token := range srv.Tokens(lic.Key) {
			if token.ClientID != "" {
				n++
			}
		}
		return n
	}
	srv.Outage(false)
	if _, err := a.Activate(ctx, lic.Key); err != nil {
		t.Fatal(err)
	}
	file := srv.LicenseFile(lic.Key, unbound)

	// Off line takes two steps, the first of which gives the seat back.
	d, err := a.ImportFile(ctx, file)
	if !errors.Is(err, ErrHeldOnline) {
		t.Errorf("a file over a licence held on line: %v", err)
	}
	expect(t, d, enforcement.Active, enforcement.NoCause)
	if _, err := a.Deactivate(ctx); err != nil || seats() != 0 {
		t.Fatalf("%d seats after giving it back: %v", seats(), err)
	}
	if _, err := a.ImportFile(ctx, file); err != nil {
		t.Fatal(err)
	}
	if d, err = a.ImportFile(ctx, srv.ActivationFile(lic.Key, testDevice)); err != nil || seats() != 1 {
		t.Fatalf("%d seats off line: %v", seats(), err)
	}
	expect(t, d, enforcement.Active, enforcement.NoCause)

	// Back on line is an activation, which keeps the one seat.
	if d, err = a.Activate(ctx, lic.Key); err != nil || seats() != 1 {
		t.Fatalf("%d seats back on line: %v", seats(), err)
	}
	expect(t, d, enforcement.Active, enforcement.NoCause)
	if a.License().FromFile() {
		t.Error("the file still counts")
	}
	if _, err := a.Heartbeat(ctx); err != nil {
		t.Error(err)
	}

	// A seat from a file is given back as well, and not forgotten while the
	// server cannot be asked.
	if _, err := a.Deactivate(ctx); err != nil {
		t.Fatal(err)
	}
	for _, data := range [][]byte{file, srv.ActivationFile(lic.Key, testDevice)} {
		if _, err := a.ImportFile(ctx, data); err != nil {
			t.Fatal(err)
		}
	}
	srv.Outage(true)
	if d, err = a.Deactivate(ctx); err == nil {
		t.Error("a seat was forgotten that the server still counts")
	}
	expect(t, d, enforcement.Active, enforcement.NoCause)
	srv.Outage(false)
	if d, err = a.Deactivate(ctx); err != nil || seats() != 0 {
		t.Fatalf("%d seats at the end: %v", seats(), err)
	}
	expect(t, d, enforcement.Locked, enforcement.NotActivated)
}

func TestFilesNeedTheAccountsKey(t *testing.T) {
	srv, lic, _, cfg := offline(t, slasconetest.License{})
	cfg.Signature = Signature{SharedKey: "secret"}
	cfg.StateDir = t.TempDir()
	a := newAgent(t, cfg)
	if _, err := a.ImportFile(t.Context(), srv.LicenseFile(lic.Key, unbound)); !errors.Is(err, record.ErrNoFileKey) {
		t.Errorf("without a public key: %v", err)
	}
	if _, err := InspectFile(t.Context(), cfg, nil, srv.Now()); !errors.Is(err, record.ErrNoFileKey) {
		t.Errorf("looking without a public key: %v", err)
	}
}
