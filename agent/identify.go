package agent

import (
	"context"
	"fmt"

	"github.com/leasehold-dev/leasehold/agent/device"
	"github.com/leasehold-dev/leasehold/storage"
)

// Identification is who this installation is to the server.
type Identification struct {
	device.Identity
	ClientID string        // the client_id of every call
	Drift    *device.Drift // nil unless the device ID changed since the last activation
}

// Identify finds the device ID as [New] would, without a server: of the
// configuration it needs ISVID, ProductID and, where they are used, DeviceID,
// UserID, StateDir and Store.
func Identify(ctx context.Context, c Config) (Identification, error) {
	local, err := c.openInstallation(ctx, nil)
	if err != nil {
		return Identification{}, err
	}
	return c.identify(ctx, keeper{store: local})
}

// openInstallation opens the record of the installation; the client's is opened
// beside it once the device ID is known.
func (c Config) openInstallation(ctx context.Context, onEvent func(storage.Event)) (*storage.Local, error) {
	local, err := storage.Open(ctx, storage.Config{
		Identity: storage.Identity{ISV: c.ISVID, Product: c.ProductID},
		Dir:      c.StateDir,
		Kind:     c.Store,
		Copy:     true,
		Keyring:  c.keyring,
		Logger:   c.Logger,
		OnEvent:  onEvent,
	})
	if err != nil {
		return nil, fmt.Errorf("agent: %w", err)
	}
	return local, nil
}

// identify finds the device ID and whether it is still the one that the
// licence was activated under.
func (c Config) identify(ctx context.Context, install keeper) (id Identification, err error) {
	kept, keptErr := install.load(ctx)
	id.Identity, err = device.Derive(ctx, device.Config{
		AppID:    c.ProductID,
		Override: c.DeviceID,
		Known:    kept.DeviceID,
		Keeper:   install,
	})
	if err != nil {
		return id, fmt.Errorf("agent: %w", err)
	}
	if keptErr != nil && c.Logger != nil {
		// Not fatal: this ID did not need the record.
		c.Logger.Warn("installation record cannot be read", "err", keptErr)
	}
	if drift, changed := device.Compare(kept.DeviceID, id.ID); changed {
		id.Drift = &drift
	}
	id.ClientID = id.ID
	if c.UserID != "" {
		if id.ClientID, err = device.ClientID(id.ID, c.UserID); err != nil {
			return id, fmt.Errorf("agent: %w", err)
		}
	}
	return id, nil
}
