package enforcement

// Remedy is what would help: a token for programs, a sentence for people, and
// who can do it.
type Remedy uint8

const (
	// NoRemedy: nothing needs to be done.
	NoRemedy Remedy = iota
	// EnterKey: enter a licence key.
	EnterKey
	// CheckKey: compare the licence key with the one that the vendor sent.
	CheckKey
	// ImportActivation: import the activation file that belongs to the licence file.
	ImportActivation
	// ActivateAgain: enter the licence key again, for the device as it is now.
	ActivateAgain
	// RenewLicense: extend the licence's term.
	RenewLicense
	// UpdateApplication: run a release that the licence covers.
	UpdateApplication
	// GoOnline: let the application reach the licence server.
	GoOnline
	// CloseWindow: close another running copy of the application.
	CloseWindow
	// FreeSeat: close the application elsewhere to give a floating seat back, or buy one.
	FreeSeat
	// FreeDevice: deactivate another device, or buy room for more.
	FreeDevice
	// DeactivateThere: the key belongs to one other device; deactivate that one, or
	// enter another key.
	DeactivateThere
	// AddUser: put the user on the licence.
	AddUser
	// RemoveUser: take a user off the licence, or buy room for more.
	RemoveUser
	// WaitForStart: wait for the licence's first day.
	WaitForStart
	// WaitForReset: wait until the consumption limit is reset, or raise it.
	WaitForReset
	// CorrectClock: set the computer's clock, then go online.
	CorrectClock
	// CorrectInput: correct what was entered.
	CorrectInput
	// ContactVendor: only the vendor can help.
	ContactVendor
	// VendorAccess: the vendor must correct the application's access to the server.
	VendorAccess
	// CheckNetwork: something alters the server's answers.
	CheckNetwork
	// VendorConfiguration: the vendor must correct the product's set-up on the server.
	VendorConfiguration
	// VendorBackOffice: a matter of the vendor's back office, not of this client.
	VendorBackOffice
	// FixApplication: the application makes a wrong call.
	FixApplication

	remedyCount
)

// Actor is who can apply a remedy.
type Actor uint8

const (
	// Nobody: nothing needs to be done.
	Nobody Actor = iota
	// User: whoever sits before the application.
	User
	// Administrator: whoever buys and manages licences for the user.
	Administrator
	// Vendor: whoever sells the application.
	Vendor
	// Developer: whoever wrote the application.
	Developer
)

var actorNames = [...]string{"", "user", "administrator", "vendor", "developer"}

// String returns user, administrator, vendor, developer, or the empty string for Nobody.
func (a Actor) String() string { return nameOf(actorNames[:], a, "Actor") }

// MarshalText writes the actor as String does, and fails for a value that is not an actor.
func (a Actor) MarshalText() ([]byte, error) { return marshalName(actorNames[:], a, "actor") }

// UnmarshalText reads what MarshalText writes.
func (a *Actor) UnmarshalText(text []byte) error {
	return unmarshalName(actorNames[:], a, "actor", text)
}

// Remedies returns every remedy but NoRemedy.
func Remedies() []Remedy {
	list := make([]Remedy, 0, remedyCount-1)
	for r := NoRemedy + 1; r < remedyCount; r++ {
		list = append(list, r)
	}
	return list
}

var remedyNames = [remedyCount]string{
	NoRemedy:            "",
	EnterKey:            "enter_key",
	CheckKey:            "check_key",
	ImportActivation:    "import_activation",
	ActivateAgain:       "activate_again",
	RenewLicense:        "renew",
	UpdateApplication:   "update",
	GoOnline:            "go_online",
	CloseWindow:         "close_window",
	FreeSeat:            "free_seat",
	FreeDevice:          "free_device",
	DeactivateThere:     "deactivate_there",
	AddUser:             "add_user",
	RemoveUser:          "remove_user",
	WaitForStart:        "wait_for_start",
	WaitForReset:        "wait_for_reset",
	CorrectClock:        "correct_clock",
	CorrectInput:        "correct_input",
	ContactVendor:       "contact_vendor",
	VendorAccess:        "vendor_access",
	CheckNetwork:        "check_network",
	VendorConfiguration: "vendor_configuration",
	VendorBackOffice:    "vendor_back_office",
	FixApplication:      "fix_application",
}

var remedyText = [remedyCount]struct {
	sentence string
	who      Actor
}{
	EnterKey:            {"enter a licence key", User},
	CheckKey:            {"check the licence key: compare it with the one that the vendor sent, and enter it again", User},
	ImportActivation:    {"import the activation file that belongs to the licence file", User},
	ActivateAgain:       {"enter a licence key again: this is not the device that was activated", User},
	RenewLicense:        {"renew the licence", Administrator},
	UpdateApplication:   {"update the application to a release that the licence covers, or extend the licence to this one", Administrator},
	GoOnline:            {"go online so that the licence can be confirmed", User},
	CloseWindow:         {"close another window of the application, here or wherever else this user has it open; it recovers by itself", User},
	FreeSeat:            {"close another window of the application, here or on another computer, to free a seat, or add seats to the licence", User},
	FreeDevice:          {"deactivate the application on another device that no longer needs it, or add devices to the licence", User},
	DeactivateThere:     {"this key is already in use on another device: deactivate the application there, or enter another key", User},
	AddUser:             {"ask the administrator to add this user to the licence", Administrator},
	RemoveUser:          {"ask the administrator to remove a user from the licence, or to add users to it", Administrator},
	WaitForStart:        {"wait until the licence starts", User},
	WaitForReset:        {"wait until the limit is reset, or ask the administrator to raise it", Administrator},
	CorrectClock:        {"correct the computer's clock, then go online", User},
	CorrectInput:        {"correct what was entered", User},
	ContactVendor:       {"contact the vendor", Vendor},
	VendorAccess:        {"contact the vendor: the licence server refuses the application's access key", Vendor},
	CheckNetwork:        {"go online without a proxy that alters answers, or contact the vendor: the licence server's signature does not match", Administrator},
	VendorConfiguration: {"contact the vendor: the product is not set up on the licence server as the application expects", Vendor},
	VendorBackOffice:    {"contact the vendor: this is a matter of the vendor's back office", Vendor},
	FixApplication:      {"contact the vendor: the application's developer must correct this call", Developer},
}

// String returns the token, such as enter_key, and the empty string for NoRemedy.
func (r Remedy) String() string { return nameOf(remedyNames[:], r, "Remedy") }

// Sentence returns what would help in plain words: lower case, without a
// full stop, empty for NoRemedy.
func (r Remedy) Sentence() string {
	if r < remedyCount {
		return remedyText[r].sentence
	}
	return ""
}

// Who returns who can do it.
func (r Remedy) Who() Actor {
	if r < remedyCount {
		return remedyText[r].who
	}
	return Nobody
}

// MarshalText writes the token, and fails for a value that is not a remedy.
func (r Remedy) MarshalText() ([]byte, error) { return marshalName(remedyNames[:], r, "remedy") }

// UnmarshalText reads what MarshalText writes.
func (r *Remedy) UnmarshalText(text []byte) error {
	return unmarshalName(remedyNames[:], r, "remedy", text)
}
