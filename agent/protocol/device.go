package protocol

import (
	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/device"
)

// Device is who this installation is to the server.
type Device struct {
	device.Identity
	ClientID     string `json:"client_id"`
	KeptDeviceID string `json:"kept_device_id,omitempty"` // when it differs: the ID that the licence was activated under
}

// DeviceOf shows who an installation is.
func DeviceOf(found agent.Identification) Device {
	v := Device{Identity: found.Identity, ClientID: found.ClientID}
	if found.Drift != nil {
		v.KeptDeviceID = found.Drift.Kept
	}
	if v.Warnings == nil {
		v.Warnings = []device.Warning{}
	}
	return v
}
