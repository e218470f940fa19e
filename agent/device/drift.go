package device

import (
	"fmt"
	"strings"
)

// Drift says that this device is no longer the one the stored licence was
// activated on: the system was reinstalled, the machine ID renewed, or the
// data came from another device. It is a condition to report, with the old ID
// for the help desk, and calls for another activation; it is not an error.
type Drift struct {
	// Kept is the ID that was stored with the licence.
	Kept string `json:"kept_device_id"`
	// Current is the ID of this device now.
	Current string `json:"device_id"`
}

// Compare reports whether the ID kept with the stored licence differs from the
// current one. The case of letters does not count, as some systems report
// their IDs in upper case; an empty kept ID, when nothing is stored yet, is no
// drift. The IDs are device IDs, or both client IDs of [ClientID].
func Compare(kept, current string) (Drift, bool) {
	kept, current = strings.TrimSpace(kept), strings.TrimSpace(current)
	if kept == "" || strings.EqualFold(kept, current) {
		return Drift{}, false
	}
	return Drift{Kept: kept, Current: current}, true
}

// String describes the drift for a log or a help desk.
func (d Drift) String() string {
	return fmt.Sprintf("the licence was activated on device %s, this is device %s: activate it again here", d.Kept, d.Current)
}
