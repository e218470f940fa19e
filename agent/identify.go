package agent

import (
	"context"
	"fmt"

	"github.com/leasehold-dev/leasehold/agent/device"
	"github.com/leasehold-dev/leasehold/agent/internal/installation"
	"github.com/leasehold-dev/leasehold/internal/given"
	"github.com/leasehold-dev/leasehold/storage"
)

// Identification is who this installation is to the server.
type Identification struct {
	device.Identity
	ClientID string        // the client_id of every call
	Drift    *device.Drift // nil unless a licence was activated here under another device ID, and none under this one
}

// Identify finds the device ID as [New] would, without a server. Of the
// configuration it needs ISVID, ProductID and, where they are used, DeviceID,
// UserID, StateDir and Store.
func Identify(ctx context.Context, c Config) (Identification, error) {
	ctx = given.Context(ctx)
	c, _, err := c.tidy().preseeded()
	if err != nil {
		return Identification{}, err
	}
	local, err := c.openInstallation(ctx, nil)
	if err != nil {
		return Identification{}, err
	}
	k := installation.New(local, c.Logger)
	if err := k.Identify(ctx, c.whose()); err != nil {
		return Identification{}, fmt.Errorf("agent: %w", err)
	}
	return Identification{Identity: k.Identity, ClientID: k.ClientID, Drift: k.Drift()}, nil
}

// openInstallation opens the record of the installation; the client's is opened
// beside it once the device ID is known.
//
// Nothing about files makes it fail: what can be kept nowhere is kept in memory.
func (c Config) openInstallation(ctx context.Context, onEvent func(storage.Event)) (*storage.Local, error) {
	local, err := storage.Open(ctx, storage.Config{
		Identity: storage.Identity{ISV: c.ISVID, Product: c.ProductID},
		Dir:      c.StateDir,
		Kind:     c.Store,
		Copy:     true,
		Memory:   true,
		Keyring:  c.Keyring,
		Logger:   c.Logger,
		OnEvent:  onEvent,
	})
	if err != nil {
		return nil, fmt.Errorf("agent: %w", err)
	}
	return local, nil
}

// whose is who the device ID is derived for.
func (c Config) whose() installation.Whose {
	return installation.Whose{ProductID: c.ProductID, DeviceID: c.DeviceID, UserID: c.UserID}
}

// Device returns the device ID, where it comes from, and its weak points.
func (a *Agent) Device() device.Identity {
	if a.unmade() {
		return device.Identity{}
	}
	return a.install.Identity
}

// DeviceDrift returns how the device ID changed since the licence was
// activated; ok is false when it did not.
func (a *Agent) DeviceDrift() (d device.Drift, ok bool) {
	if a.unmade() {
		return device.Drift{}, false
	}
	drift := a.install.Drift()
	if drift == nil {
		return device.Drift{}, false
	}
	return *drift, true
}

// ClientID returns the client_id of every call: the device ID, or
// "device/user" for a named user.
func (a *Agent) ClientID() string {
	if a.unmade() {
		return ""
	}
	return a.install.ClientID
}
