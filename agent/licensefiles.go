package agent

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/device"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/licensefile"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// ErrHeldOnline is wrapped when a file is imported while a licence is held on
// line. Moving off line is a step of its own, so that the seat is not lost:
// [Agent.Deactivate] or, where the server is out of reach for good,
// [Agent.Abandon].
var ErrHeldOnline = errors.New("a licence is held on line; deactivate it first, which gives its seat back (if the server is out of reach for good, abandon it)")

// ImportFile takes over a licence file, or the activation file that belongs to
// one, and returns the decision that follows; its root element tells which it is.
// A licence file that names this client is complete. Any other waits for its
// activation file, and nothing changes until that is imported; see
// [Agent.ActivationRequest] for how to get it.
//
// A licence file replaces an older one of the same licence, or the file of another
// licence. It does not replace a licence held on line: see [ErrHeldOnline]. The
// way back on line is [Agent.Activate].
//
// The error is nil when the file was taken over, else an *[Error] that wraps a
// *[licensefile.Error] when the file did not pass a check.
func (a *Agent) ImportFile(ctx context.Context, data []byte) (enforcement.Decision, error) {
	if a.unmade() {
		return nobody, errNotMade
	}
	take := a.importLicense
	if a.isActivationFile(data) {
		take = a.importActivation
	}
	err := a.call(ctx, "license import", func(ctx context.Context) error { return take(ctx, data) })
	a.changed()
	return a.Decision(), err
}

func (a *Agent) isActivationFile(data []byte) bool {
	if len(a.set.keys) == 0 {
		return false
	}
	report, err := licensefile.Inspect(data, licensefile.Config{Key: a.set.keys[0]})
	return err == nil && report.Kind == licensefile.ActivationFile
}

// NeedsActivationFile returns the key of the licence whose file was imported
// and still waits for its activation file; ok is false when none does.
func (a *Agent) NeedsActivationFile() (licenseKey string, ok bool) {
	if a.unmade() {
		return "", false
	}
	waiting := a.knowledge().Files.Waiting
	if waiting == "" {
		return "", false
	}
	lic, err := a.ledger.Opener.ReverifyFile(waiting)
	return lic.Key(), err == nil
}

// ActivationRequest tells how to get an activation file for the licence with this
// key: the address of a page that any device with a network can open, as text or
// as a QR code. It holds the licence key.
func (a *Agent) ActivationRequest(key string) (licensefile.Request, error) {
	if a.unmade() {
		return licensefile.Request{}, errNotMade
	}
	if a.unnamed != nil {
		return licensefile.Request{}, wrap("license request", a.unnamed)
	}
	read, err := checkKey(key)
	if err != nil {
		return licensefile.Request{}, wrap("license request", err)
	}
	return licensefile.Request{
		Server:            a.set.ServerURL,
		ISV:               a.set.ISVID,
		ProductID:         a.set.ProductID,
		LicenseKey:        read.Text,
		ClientID:          a.install.ClientID,
		ClientDescription: a.set.App.Name,
		SoftwareVersion:   a.set.App.Version,
	}, nil
}

func (a *Agent) importLicense(ctx context.Context, data []byte) error {
	k := a.knowledge()
	if !k.Evidence.IsZero() && !k.License.FromFile() {
		return ErrHeldOnline
	}
	if lic, err := a.ledger.Opener.ReverifyFile(string(data)); err == nil {
		a.ledger.SetClockByFile(lic.IssuedAt())
	}
	lic, err := a.ledger.Opener.VerifyFile(data, a.ledger.Now())
	if err != nil {
		return err
	}
	imported := record.Files{License: string(data)}
	for _, kept := range []string{k.Files.License, k.Files.Waiting} {
		if kept == "" {
			continue
		}
		old, err := a.ledger.Opener.ReverifyFile(kept)
		if err == nil && strings.EqualFold(old.Key(), lic.Key()) && lic.IssuedAt().Before(old.IssuedAt()) {
			return fmt.Errorf("this licence file is of %s, the one held is of %s and newer; import the newest file", lic.IssuedAt().Format(time.DateTime), old.IssuedAt().Format(time.DateTime))
		}
	}
	if licensefile.NeedsActivation(lic) {
		if !strings.EqualFold(k.License.Key(), lic.Key()) || k.Files.Activation == "" {
			imported = k.Files
			imported.Waiting = string(data)
			return a.ledger.Keep(ctx, func(k *record.Known) {
				k.Files, k.Seen = imported, record.Latest(k.Seen, lic.IssuedAt())
			})
		}
		// The activation binds the licence key, so it goes on with a newer file.
		imported.Activation = k.Files.Activation
	}
	return a.takeFiles(ctx, imported)
}

func (a *Agent) importActivation(ctx context.Context, data []byte) error {
	k := a.knowledge()
	if !k.Evidence.IsZero() && !k.License.FromFile() {
		return ErrHeldOnline
	}
	err := errors.New("an activation file needs its licence file; import that first")
	for _, imported := range []record.Files{
		{License: k.Files.License, Activation: string(data), Waiting: k.Files.Waiting},
		{License: k.Files.Waiting, Activation: string(data)},
	} {
		if imported.License == "" {
			continue
		}
		var signed time.Time
		if _, signed, err = a.ledger.Opener.OpenFiles(imported); err == nil {
			a.ledger.SetClockByFile(signed)
			return a.takeFiles(ctx, imported)
		}
	}
	return err
}

// takeFiles makes the licence of complete files the one that is held.
func (a *Agent) takeFiles(ctx context.Context, f record.Files) error {
	lic, signed, err := a.ledger.Opener.OpenFiles(f)
	if err != nil {
		return err
	}
	if err := a.install.RememberDevice(ctx); err != nil {
		return err
	}
	now := a.ledger.Now()
	facts := a.ledger.Opener.LicenseFacts(lic, "")
	return a.ledger.Keep(ctx, func(k *record.Known) {
		// A file does not outrank what the server has refused of the same licence
		// since; what it refused otherwise was about another licence, or a seat.
		about := k.Past
		if !k.License.IsZero() {
			about = record.PastOf(k, now)
		}
		k.Files, k.Seen, k.Past = f, record.Latest(k.Seen, signed), record.Past{}
		k.Evidence, k.ReceivedAt, k.JudgedVersion, k.Seat = slascone.Evidence{}, time.Time{}, "", record.Seat{}
		k.License = lic
		k.Facts = k.Facts.Forget(now)
		if strings.EqualFold(about.LicenseKey, lic.Key()) {
			k.Facts.Refusals = about.Refusals
		}
		k.Facts = k.Facts.Yes(facts, enforcement.Flags{})
	})
}

// errHeldInFile keeps a heartbeat from replacing a file without being asked.
var errHeldInFile = errors.New("the licence is held from a file and takes no heartbeats; activate with the licence key to go on line")

// InspectFile reports what a licence or activation file is, for whom and until
// when, and which checks it passes, without touching any state. Of the
// configuration it needs Signature.PublicKey; checks that compare with
// something else that is missing are skipped. The dates are judged at now.
func InspectFile(ctx context.Context, c Config, data []byte, now time.Time) (licensefile.Report, error) {
	c = c.tidy()
	if len(c.Signature.PublicKey) == 0 {
		return licensefile.Report{}, fmt.Errorf("agent: %w", record.ErrNoFileKey)
	}
	keys, err := slascone.ParsePublicKeys(c.Signature.PublicKey)
	if err != nil {
		return licensefile.Report{}, fmt.Errorf("agent: %w", err)
	}
	clientID := ""
	// Without a Keeper nothing is created: this only looks.
	if id, err := device.Derive(ctx, device.Config{AppID: c.ProductID, Override: c.DeviceID}); err == nil {
		clientID = id.ID
		if c.UserID != "" {
			if clientID, err = device.ClientID(id.ID, c.UserID); err != nil {
				return licensefile.Report{}, fmt.Errorf("agent: %w", err)
			}
		}
	}
	var report licensefile.Report
	for _, key := range keys {
		report, err = licensefile.Inspect(data, licensefile.Config{Key: key, ProductID: c.ProductID, ClientID: clientID, Now: now, SoftwareVersion: c.App.Version})
		if err != nil {
			return report, fmt.Errorf("agent: %w", err)
		}
		if !errors.Is(report.Err(), licensefile.CheckSignature) {
			break
		}
	}
	return report, nil
}
