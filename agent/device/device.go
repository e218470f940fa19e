// Package device finds the device ID: the stable, unique ID under which this
// installation is known to the licence server (the client_id of every call).
//
// [Derive] is the one call most applications need, and the agent makes it for
// them. It tries, in this order:
//
//  1. the application's own ID ([Config.Override]), used as given;
//  2. the machine ID of the operating system, if it passes the checks below,
//     hashed for this application;
//  3. a random installation ID, created once and kept by the caller's
//     [Keeper].
//
// A device ID is never empty and never random per run: either would take a new
// seat at each start. Where neither source can give a stable ID, Derive fails
// and says what to do. MAC addresses, host names and disks are never read, as
// they change under honest users.
//
// # The machine ID
//
// It comes from github.com/denisbrodbeck/machineid: the machine-id file of
// D-Bus or systemd on Linux, MachineGuid from the registry on Windows,
// IOPlatformUUID on macOS. That package hands on whatever it finds, so the
// value is checked before it is believed: 32 hexadecimal digits or a GUID, not
// one digit repeated, not "uninitialized" (systemd before the first boot is
// complete), not renewed at each boot, and not an ID that is known to be
// shipped in disk images or firmware.
//
// The machine ID itself never leaves the package; systemd asks that it be
// treated as confidential (machine-id(5)). The device ID is
//
//	hex(HMAC-SHA256(key = machine ID, message = AppID))
//
// in 64 lower-case digits, the value machineid.ProtectedID(AppID) returns. It
// is computed here from the ID that was checked, so the two cannot differ, and
// so that macOS, where machineid starts the program ioreg, does so only once.
// machineid finds ioreg through PATH: a program of that name earlier in PATH
// can answer in its place, which is reported as [WarningIoregShadowed].
//
// # Stability
//
// The same machine ID and the same AppID give the same device ID in all
// versions of this package. The key of the HMAC is the machine ID exactly as
// the operating system reports it; the checks alone look at a lower-case copy
// without hyphens. Changing AppID changes the ID of every device.
//
// The list of shipped IDs may grow. [Config.Known] keeps a device whose ID is
// already in use on that ID.
//
// The machine ID comes first even where an installation ID is kept: one that
// becomes usable (the first boot is completed, a container is given the ID of
// its host) takes its place. Preferring the kept one would let a licence that
// began on such a machine be copied, with its installation ID, to any other.
// The change is a [Drift], and the licence is activated again.
//
// # Concurrency
//
// All functions are safe for concurrent use. The package keeps no state,
// writes nothing but what it gives to the Keeper, logs nothing, and leaves no
// goroutine behind unless the operating system never answers the question for
// the machine ID.
package device

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/leasehold-dev/leasehold/internal/given"
)

// ErrConfig is matched by errors that a change of [Config] mends: a missing
// AppID, an Override that is blank, too long or not printable.
var ErrConfig = errors.New("invalid configuration")

// ErrNoDeviceID is matched by the error of [Derive] when the machine ID cannot
// be used and the installation ID cannot be read or kept. The error says why
// for both, and what to do.
var ErrNoDeviceID = errors.New("no stable device ID")

// Config says how the device ID is found.
type Config struct {
	// AppID names the application, for example "com.example.editor". It
	// separates the IDs of different applications on one machine, so that they
	// cannot be correlated. Required unless Override is set; used exactly as
	// given. Choose it once: another AppID is another device.
	AppID string

	// Override is the application's own device ID, for example that of a cloud
	// instance or one that an administrator assigned. Outer blanks are trimmed.
	// At most [MaxIDLength] characters, all of them printable. Empty means that
	// the ID is derived.
	Override string

	// Known is the device ID under which the stored licence was activated,
	// empty if there is none. When the machine ID turns out to be on the list
	// of shipped IDs but gives this very device ID, it stays in use, with a
	// warning: a newer list must not take the licence from a running
	// installation. It has no other effect; see [Compare] for a device whose
	// ID has changed.
	Known string

	// Keeper reads and keeps the installation ID. It is asked only when the
	// machine ID cannot be used. Without one, Derive fails in that case.
	Keeper Keeper
}

// Derive finds the device ID of this installation.
//
// It takes a fraction of a millisecond; on macOS it runs one program, and the
// Keeper takes as long as its store does. ctx bounds the wait.
//
// The error matches [ErrConfig] for a bad configuration and [ErrNoDeviceID]
// when no stable ID can be had; it wraps the error of the Keeper or of ctx.
// With an error the Identity has an empty ID, which must not be sent, and the
// warnings found so far, which are worth reporting.
func Derive(ctx context.Context, cfg Config) (Identity, error) {
	ctx = given.Context(ctx)
	return host().derive(ctx, cfg)
}

func (p platform) derive(ctx context.Context, cfg Config) (Identity, error) {
	warnings := p.surroundings()

	if cfg.Override != "" {
		id, err := cleanID("device ID override", cfg.Override)
		if err != nil {
			return Identity{Warnings: warnings}, fmt.Errorf("device: %w: %w", ErrConfig, err)
		}
		return Identity{ID: id, Source: SourceApplication, Quality: QualityUnrated, Warnings: warnings}, nil
	}
	if strings.TrimSpace(cfg.AppID) == "" {
		return Identity{Warnings: warnings}, fmt.Errorf("device: %w: AppID is empty: name the application, for example com.example.editor", ErrConfig)
	}

	m, err := p.readMachine(ctx)
	if err != nil {
		return Identity{Warnings: warnings}, fmt.Errorf("device: read the machine ID: %w", err)
	}
	warnings = append(warnings, m.warnings...)

	id := protect(m.raw, cfg.AppID)
	if m.usable || m.shipped && strings.EqualFold(id, strings.TrimSpace(cfg.Known)) {
		return Identity{ID: id, Source: SourceMachine, Quality: rate(warnings), Warnings: warnings}, nil
	}

	id, more, err := p.installationID(ctx, cfg.Keeper)
	warnings = append(warnings, more...)
	if err != nil {
		return Identity{Warnings: warnings}, fmt.Errorf("device: %w: %s, and %w", ErrNoDeviceID, m.reason, err)
	}
	return Identity{ID: id, Source: SourceInstallation, Quality: QualityWeak, Warnings: warnings}, nil
}

// protect gives the value of machineid.ProtectedID for a machine ID that has
// been read already.
func protect(machineID, appID string) string {
	mac := hmac.New(sha256.New, []byte(machineID))
	mac.Write([]byte(appID))
	return hex.EncodeToString(mac.Sum(nil))
}
