package device

// Identity is a device ID and how far it can be trusted to be stable and
// unique. As JSON:
//
//	{"device_id": "…", "source": "machine", "quality": "strong", "warnings": []}
type Identity struct {
	// ID is what the server is told as client_id: 64 hexadecimal digits for
	// SourceMachine, a UUID for SourceInstallation, free text for
	// SourceApplication. Compare IDs without regard to case.
	ID string `json:"device_id"`

	// Source says where ID comes from.
	Source Source `json:"source"`

	// Quality says how far ID can be relied upon.
	Quality Quality `json:"quality"`

	// Warnings explain what was found amiss, in the order of discovery. They
	// are for a log or a help desk; none of them stops the application.
	Warnings []Warning `json:"warnings"`
}

// Source says where a device ID comes from.
type Source string

// The sources of a device ID, in the order in which they are tried.
const (
	// SourceApplication is the application's own ID, [Config.Override].
	SourceApplication Source = "application"
	// SourceMachine is the machine ID of the operating system, hashed. It
	// outlives a reinstallation of the application, not one of the system.
	SourceMachine Source = "machine"
	// SourceInstallation is a random ID that the [Keeper] holds. It lasts as
	// long as what the Keeper holds, and goes where that is copied.
	SourceInstallation Source = "installation"
)

// Quality says how far a device ID can be relied upon.
type Quality string

// The qualities of a device ID.
const (
	// QualityStrong is an ID tied to this installation of the operating system,
	// with nothing amiss.
	QualityStrong Quality = "strong"
	// QualityWeak is an ID that works, but may be shared with another device,
	// copied to one, or lost: the warnings or the source say which.
	QualityWeak Quality = "weak"
	// QualityUnrated is the application's own ID: the application answers for
	// it, this package cannot judge it.
	QualityUnrated Quality = "unrated"
)

// rate judges a machine ID that is in use by the warnings found beside it.
func rate(warnings []Warning) Quality {
	for _, w := range warnings {
		if w.Code != WarningReadOnly {
			return QualityWeak
		}
	}
	return QualityStrong
}
