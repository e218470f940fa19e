package messages_test

import (
	"flag"

	"github.com/leasehold-dev/leasehold/enforcement"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// causeRemedies is what usually helps against each cause.
var causeRemedies = map[enforcement.Cause]enforcement.Remedy{
	enforcement.Suspended:         enforcement.ContactVendor,
	enforcement.Inactive:          enforcement.ContactVendor,
	enforcement.Expired:           enforcement.RenewLicense,
	enforcement.NotYetValid:       enforcement.WaitForStart,
	enforcement.VersionNotCovered: enforcement.UpdateApplication,
	enforcement.UserInactive:      enforcement.AddUser,
	enforcement.UserLimit:         enforcement.RemoveUser,
	enforcement.DeviceMismatch:    enforcement.ActivateAgain,
	enforcement.NotActivated:      enforcement.EnterKey,
	enforcement.ConnectionLimit:   enforcement.FreeSeat,
	enforcement.SessionLimit:      enforcement.CloseWindow,
	enforcement.SessionMissing:    enforcement.GoOnline,
	enforcement.ClockRolledBack:   enforcement.CorrectClock,
	enforcement.SignatureInvalid:  enforcement.CheckNetwork,
	enforcement.Unauthorized:      enforcement.VendorAccess,
	enforcement.Unreachable:       enforcement.GoOnline,
}
