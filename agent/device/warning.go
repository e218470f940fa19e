package device

import "fmt"

// Warning is one weak point of the device ID or of what it is derived from.
type Warning struct {
	// Code is stable, for programs.
	Code WarningCode `json:"code"`
	// Text is a sentence or two for people: what was found, and what helps. It
	// holds no machine ID. The wording may change.
	Text string `json:"text"`
}

// String returns "code: text".
func (w Warning) String() string { return fmt.Sprintf("%s: %s", w.Code, w.Text) }

// WarningCode names a kind of [Warning].
type WarningCode string

// The kinds of warning.
const (
	// WarningContainer: the application runs in a container or in WSL, where
	// the machine ID often belongs to the image or to the host.
	WarningContainer WarningCode = "container"
	// WarningClonedImage: the machine ID is one that a disk image or a
	// mainboard is known to be shipped with, so that many machines share it.
	WarningClonedImage WarningCode = "cloned_image"
	// WarningReadOnly: the root file system is read-only, or the store of the
	// installation ID is.
	WarningReadOnly WarningCode = "read_only"
	// WarningMachineIDMissing: the operating system has no machine ID, or does
	// not let it be read.
	WarningMachineIDMissing WarningCode = "machine_id_missing"
	// WarningMachineIDEmpty: the machine ID is empty, as in many container
	// images.
	WarningMachineIDEmpty WarningCode = "machine_id_empty"
	// WarningMachineIDUninitialized: the machine ID says "uninitialized", as
	// systemd leaves it until the first boot is complete.
	WarningMachineIDUninitialized WarningCode = "machine_id_uninitialized"
	// WarningMachineIDMalformed: the machine ID is neither 32 hexadecimal
	// digits nor a GUID, or one digit repeated.
	WarningMachineIDMalformed WarningCode = "machine_id_malformed"
	// WarningMachineIDTransient: the machine ID is held in memory and renewed
	// at each boot.
	WarningMachineIDTransient WarningCode = "machine_id_transient"
	// WarningStaleCopy: the machine IDs of D-Bus and of systemd differ; one of
	// them is an old copy, often that of an image.
	WarningStaleCopy WarningCode = "stale_copy"
	// WarningIoregShadowed: on macOS, the ioreg found first in PATH is not the
	// one of the system, so that the machine ID may be made up.
	WarningIoregShadowed WarningCode = "ioreg_shadowed"
	// WarningInstallationIDReplaced: the installation ID that was kept could
	// not be understood and was replaced by a new one.
	WarningInstallationIDReplaced WarningCode = "installation_id_replaced"
	// WarningInstallationIDNotKept: the installation ID could not be read or
	// kept; there is no device ID.
	WarningInstallationIDNotKept WarningCode = "installation_id_not_kept"
)
