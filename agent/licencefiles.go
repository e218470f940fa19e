package agent

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/device"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/licensefile"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// files is the evidence of a machine that is never on line, as text exactly as
// it was imported.
type files struct {
	Licence    string `json:"licence,omitempty"`
	Activation string `json:"activation,omitempty"`
	// Waiting is a licence file that takes an activation file. Until that comes
	// it changes nothing.
	Waiting string `json:"waiting,omitempty"`
}

// ErrHeldOnline is wrapped when a file is imported while a licence is held on
// line. Moving off line is a step of its own, so that the seat is not lost:
// [Agent.Deactivate] or, where the server is out of reach for good,
// [Agent.Abandon].
var ErrHeldOnline = errors.New("a licence is held on line; deactivate it first, which gives its seat back (if the server is out of reach for good, abandon it)")

// ImportLicenseFile takes over a licence file and returns the decision that
// follows. A file that names this client is complete; any other waits for its
// activation file, and nothing changes until that is imported. See
// [Agent.ActivationRequest] for the way to one.
//
// A file replaces an older one of the same licence, or the file of another
// licence. It does not replace a licence held on line: see [ErrHeldOnline]. The way back is [Agent.Activate].
//
// The error is nil when the file was taken over, else an *[Error] that wraps a
// *[licensefile.Error] when the file did not pass a check.
func (a *Agent) ImportLicenseFile(ctx context.Context, data []byte) (enforcement.Decision, error) {
	err := a.call(ctx, "license import", func(ctx context.Context) error { return a.importLicence(ctx, data) })
	a.changed()
	return a.Decision(), err
}

// ImportActivationFile takes over the activation file that belongs to the
// licence file imported before, and returns the decision that follows. Errors
// are those of [Agent.ImportLicenseFile].
func (a *Agent) ImportActivationFile(ctx context.Context, data []byte) (enforcement.Decision, error) {
	err := a.call(ctx, "license import", func(ctx context.Context) error { return a.importActivation(ctx, data) })
	a.changed()
	return a.Decision(), err
}

// ImportFile takes over a file of either kind, as its root element tells.
func (a *Agent) ImportFile(ctx context.Context, data []byte) (enforcement.Decision, error) {
	if len(a.set.keys) > 0 {
		report, err := licensefile.Inspect(data, licensefile.Config{Key: a.set.keys[0]})
		if err == nil && report.Kind == licensefile.ActivationFile {
			return a.ImportActivationFile(ctx, data)
		}
	}
	return a.ImportLicenseFile(ctx, data)
}

// NeedsActivationFile returns the key of the licence whose file was imported
// and still waits for its activation file; ok is false when none does.
func (a *Agent) NeedsActivationFile() (licenceKey string, ok bool) {
	waiting := a.knowledge().Files.Waiting
	if waiting == "" {
		return "", false
	}
	lic, err := a.set.reverify(waiting, a.clientID)
	return lic.Key(), err == nil
}

// ActivationRequest returns the way to an activation file for the licence with
// this key: an address to open on any device that is on line, as text or as a
// QR code. It holds the licence key.
func (a *Agent) ActivationRequest(key string) (licensefile.Request, error) {
	read, err := checkKey(key)
	if err != nil {
		return licensefile.Request{}, &Error{Op: "license request", Kind: UsageKind, Err: err}
	}
	return licensefile.Request{
		Server:            a.set.ServerURL,
		ISV:               a.set.ISVID,
		ProductID:         a.set.ProductID,
		LicenceKey:        read.Text,
		ClientID:          a.clientID,
		ClientDescription: a.set.App.Name,
		SoftwareVersion:   a.set.App.Version,
	}, nil
}

func (a *Agent) importLicence(ctx context.Context, data []byte) error {
	const op = "license import"
	k := a.knowledge()
	if !k.Evidence.IsZero() && !k.licence.FromFile() {
		return &Error{Op: op, Kind: UsageKind, Err: ErrHeldOnline}
	}
	if lic, err := a.set.reverify(string(data), a.clientID); err == nil {
		a.readFileTime(&k, lic.IssuedAt())
	}
	lic, err := withKey(a.set.keys, func(key *rsa.PublicKey) (license.License, error) {
		return licensefile.VerifyLicence(data, a.set.fileConfig(key, a.clientID, a.clock.Now().Time))
	})
	if err != nil {
		return &Error{Op: op, Kind: kindOfFile(err), Err: err}
	}
	imported := files{Licence: string(data)}
	for _, kept := range []string{k.Files.Licence, k.Files.Waiting} {
		if kept == "" {
			continue
		}
		old, err := a.set.reverify(kept, a.clientID)
		if err == nil && strings.EqualFold(old.Key(), lic.Key()) && lic.IssuedAt().Before(old.IssuedAt()) {
			return &Error{Op: op, Kind: UsageKind, Err: fmt.Errorf("this licence file is of %s, the one held is of %s and newer; import the newest file", lic.IssuedAt().Format(time.DateTime), old.IssuedAt().Format(time.DateTime))}
		}
	}
	if licensefile.NeedsActivation(lic) {
		if !strings.EqualFold(k.licence.Key(), lic.Key()) || k.Files.Activation == "" {
			imported = k.Files
			imported.Waiting = string(data)
			return a.keep(ctx, op, func(k *knowledge) {
				k.Files, k.Seen = imported, latest(k.Seen, lic.IssuedAt())
			})
		}
		// The activation binds the licence key, so it goes on with a newer file.
		imported.Activation = k.Files.Activation
	}
	return a.takeFiles(ctx, op, imported)
}

func (a *Agent) importActivation(ctx context.Context, data []byte) error {
	const op = "license import"
	k := a.knowledge()
	if !k.Evidence.IsZero() && !k.licence.FromFile() {
		return &Error{Op: op, Kind: UsageKind, Err: ErrHeldOnline}
	}
	err := errors.New("an activation file needs its licence file; import that first")
	for _, imported := range []files{
		{Licence: k.Files.Licence, Activation: string(data), Waiting: k.Files.Waiting},
		{Licence: k.Files.Waiting, Activation: string(data)},
	} {
		if imported.Licence == "" {
			continue
		}
		var signed time.Time
		if _, signed, err = a.set.openFiles(imported, a.clientID); err == nil {
			a.readFileTime(&k, signed)
			return a.takeFiles(ctx, op, imported)
		}
	}
	return &Error{Op: op, Kind: kindOfFile(err), Err: err}
}

// takeFiles makes the licence of complete files the one that is held.
func (a *Agent) takeFiles(ctx context.Context, op string, f files) error {
	lic, signed, err := a.set.openFiles(f, a.clientID)
	if err != nil {
		return &Error{Op: op, Kind: kindOfFile(err), Err: err}
	}
	if err := a.rememberDevice(ctx); err != nil {
		return &Error{Op: op, Kind: UsageKind, Err: err}
	}
	now := a.clock.Now().Time
	facts := a.set.licenceFacts(lic, "")
	return a.keep(ctx, op, func(k *knowledge) {
		// A file does not outrank what the server has refused of the same licence
		// since; what it refused otherwise was about another licence, or a seat.
		about := k.Past
		if !k.licence.IsZero() {
			about = pastOf(k, now)
		}
		k.Files, k.Seen, k.Past = f, latest(k.Seen, signed), past{}
		k.Evidence, k.ReceivedAt, k.JudgedVersion, k.Seat = slascone.Evidence{}, time.Time{}, "", seat{}
		k.licence = lic
		k.Facts = k.Facts.Forget(now)
		if strings.EqualFold(about.LicenceKey, lic.Key()) {
			k.Facts.Refusals = about.Refusals
		}
		k.Facts = k.Facts.Yes(facts, enforcement.Flags{})
	})
}

// readFileTime sets the clock by the time at which an imported file was signed.
// That it was signed shows that the time has been reached, but not that it is
// now, unless nothing newer was ever seen.
func (a *Agent) readFileTime(k *knowledge, signed time.Time) {
	fresh := signed.After(latest(k.Seen, k.provenOnline()))
	a.mu.Lock()
	defer a.mu.Unlock()
	if fresh && a.clock.Now().RolledBack() {
		a.settled, a.clockSet = signed, true
	}
	a.clock.SignedTime(signed, fresh)
}

// openFiles verifies kept files and returns the licence that they grant and the
// time of the newer of them.
func (s *settings) openFiles(f files, clientID string) (license.License, time.Time, error) {
	lic, err := s.reverify(f.Licence, clientID)
	if err != nil || f.Activation == "" && !licensefile.NeedsActivation(lic) {
		return lic, lic.IssuedAt(), err
	}
	activation, err := withKey(s.keys, func(key *rsa.PublicKey) (licensefile.Activation, error) {
		return licensefile.VerifyActivation([]byte(f.Activation), lic, s.fileConfig(key, clientID, time.Time{}))
	})
	if err != nil {
		return license.License{}, time.Time{}, err
	}
	return activation.License(), latest(lic.IssuedAt(), activation.At()), nil
}

func (s *settings) reverify(file, clientID string) (license.License, error) {
	return withKey(s.keys, func(key *rsa.PublicKey) (license.License, error) {
		return licensefile.ReverifyLicence([]byte(file), s.fileConfig(key, clientID, time.Time{}))
	})
}

func (s *settings) fileConfig(key *rsa.PublicKey, clientID string, now time.Time) licensefile.Config {
	return licensefile.Config{Key: key, ProductID: s.ProductID, ClientID: clientID, Now: now, SoftwareVersion: s.App.Version}
}

// errHeldInFile keeps a heartbeat from replacing a file without being asked.
var errHeldInFile = errors.New("the licence is held from a file and takes no heartbeats; activate with the licence key to go on line")

var errNoFileKey = errors.New("licence files are signed with the account's RSA key, and no public key is configured")

// withKey tries the configured keys in turn. The last error is returned when
// none fits; one that is not about the signature ends the search.
func withKey[T any](keys []*rsa.PublicKey, try func(*rsa.PublicKey) (T, error)) (T, error) {
	var none T
	err := errNoFileKey
	for _, key := range keys {
		var got T
		if got, err = try(key); err == nil {
			return got, nil
		}
		if !errors.Is(err, licensefile.CheckSignature) {
			return none, err
		}
	}
	return none, err
}

// kindOfFile sorts what can be wrong with a file.
func kindOfFile(err error) ErrorKind {
	if errors.Is(err, licensefile.CheckSignature) {
		return IntegrityKind
	}
	return UsageKind
}

// InspectFile reports what a licence or activation file is, for whom and until
// when, and which checks it passes, without touching any state. Of the
// configuration it needs Signature.PublicKey; checks that compare with
// something else that is missing are skipped. The dates are judged at now.
func InspectFile(ctx context.Context, c Config, data []byte, now time.Time) (licensefile.Report, error) {
	c = c.tidy()
	if len(c.Signature.PublicKey) == 0 {
		return licensefile.Report{}, fmt.Errorf("agent: %w", errNoFileKey)
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
