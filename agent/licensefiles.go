package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/leasehold-dev/leasehold/agent/device"
	"github.com/leasehold-dev/leasehold/agent/internal/lease"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/licensefile"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/internal/given"
)

// ErrHeldOnline is wrapped when a file is imported while a licence is held on
// line. Moving off line is a step of its own, so that the seat is not lost:
// [Agent.Deactivate] or, where the server is out of reach for good,
// [Agent.Abandon].
var ErrHeldOnline = lease.ErrHeldOnline

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
// The part [LicenseFiles] must be in [Config.Parts].
//
// The error is nil when the file was taken over, else an *[Error] that wraps a
// *[licensefile.Error] when the file did not pass a check.
func (a *Agent) ImportFile(ctx context.Context, data []byte) (enforcement.Decision, error) {
	if a.unmade() {
		return nobody, errNotMade
	}
	if _, none := a.set.files.(*record.NoFiles); none {
		return a.Decision(), opImport.failed(errNoFiles)
	}
	err := opImport.call(ctx, a, func(ctx context.Context) error { return a.lease.Import(ctx, data) })
	a.changed()
	return a.Decision(), err
}

// NeedsActivationFile returns the key of the licence whose file was imported
// and still waits for its activation file; ok is false when none does.
func (a *Agent) NeedsActivationFile() (licenseKey string, ok bool) {
	if a.unmade() {
		return "", false
	}
	return a.lease.Waiting()
}

// ActivationRequest tells how to get an activation file for the licence with this
// key: the address of a page that any device with a network can open, as text or
// as a QR code. It holds the licence key.
func (a *Agent) ActivationRequest(key string) (licensefile.Request, error) {
	if a.unmade() {
		return licensefile.Request{}, errNotMade
	}
	if a.unnamed != nil {
		return licensefile.Request{}, opRequest.failed(a.unnamed)
	}
	read, err := checkKey(key)
	if err != nil {
		return licensefile.Request{}, opRequest.failed(err)
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

// InspectFile reports what a licence or activation file is, for whom and until
// when, and which checks it passes, without touching any state. Of the
// configuration it needs Signature.PublicKey; checks that compare with
// something else that is missing are skipped. The dates are judged at now.
func InspectFile(ctx context.Context, c Config, data []byte, now time.Time) (licensefile.Report, error) {
	ctx, c = given.Context(ctx), c.tidy()
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
