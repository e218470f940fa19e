package device

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/google/uuid"
)

// Keeper keeps the installation ID, a UUID of 36 characters, for as long as
// the application is installed. It is not a secret, and it must not be sealed
// with the device ID, which is derived from it.
//
// Two processes of one application may ask at the same moment; see
// KeepInstallationID.
type Keeper interface {
	// InstallationID returns the ID that is kept. It returns "" or an error
	// matching [fs.ErrNotExist] if none is, and any other error if that cannot
	// be told, as when a keyring is locked: no new ID is created then.
	InstallationID(ctx context.Context) (string, error)

	// KeepInstallationID keeps id durably, and returns the ID that is kept
	// from now on: id, or the one another process kept since InstallationID
	// was called. What is kept but no UUID is replaced. It is an error if the
	// ID would not survive a restart.
	KeepInstallationID(ctx context.Context, id string) (string, error)
}

const keepAdvice = "; make the place where the application keeps its data writable and lasting (in a container: mount a volume), " +
	"or give the application a device ID of its own"

// installationID returns the ID that k keeps, creating it the first time. The
// error completes a sentence that began with why there is no machine ID.
func (p platform) installationID(ctx context.Context, k Keeper) (string, []Warning, error) {
	if k == nil {
		return "", []Warning{notKept("No store was given to keep one in.")},
			errors.New("there is no store to keep an installation ID in; give the application a device ID of its own")
	}

	var warnings []Warning
	switch kept, err := k.InstallationID(ctx); {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return "", []Warning{notKept(fmt.Sprintf("It could not be read: %v.", err))},
			fmt.Errorf("the installation ID cannot be read: %w; unlock or repair the place where it is kept, or give the application a device ID of its own", err)
	case err == nil && kept != "":
		if id, ok := installationUUID(kept); ok {
			return id, nil, nil
		}
		warnings = append(warnings, Warning{Code: WarningInstallationIDReplaced,
			Text: "The installation ID that was kept is damaged and was replaced. The licence must be activated again on this device."})
	}

	created, err := uuid.NewRandomFromReader(p.random)
	if err != nil {
		return "", append(warnings, notKept("It could not be created.")), fmt.Errorf("no installation ID can be created: %w", err)
	}
	kept, err := k.KeepInstallationID(ctx, created.String())
	if err != nil {
		if errors.Is(err, syscall.EROFS) || errors.Is(err, fs.ErrPermission) {
			warnings = append(warnings, Warning{Code: WarningReadOnly, Text: "The place where the application keeps its data cannot be written."})
		}
		return "", append(warnings, notKept(fmt.Sprintf("It could not be kept: %v.", err))),
			fmt.Errorf("the installation ID cannot be kept: %w%s", err, keepAdvice)
	}
	id, ok := installationUUID(kept)
	if !ok {
		return "", append(warnings, notKept("What is kept in its place is no UUID.")),
			errors.New("what is kept as the installation ID is no UUID; remove it" + keepAdvice)
	}
	return id, warnings, nil
}

// installationUUID reads a kept ID in any form of a UUID and returns its
// canonical one.
func installationUUID(kept string) (string, bool) {
	id, err := uuid.Parse(kept)
	if err != nil || id == uuid.Nil {
		return "", false
	}
	return id.String(), true
}

func notKept(why string) Warning {
	return Warning{Code: WarningInstallationIDNotKept, Text: "This installation has no ID. " + why}
}
