package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/leasehold-dev/leasehold/storage"
)

// installation is what belongs to the installation and must be readable before
// the device ID is known; it is not sealed to the device.
type installation struct {
	// ID is the random installation ID, created only when the machine has no
	// usable one.
	ID string `json:"installation_id,omitempty"`
	// DeviceID is the device ID that the licence was last activated under. It
	// is how a change of device is noticed and told to support.
	DeviceID string `json:"device_id,omitempty"`
}

// keeper keeps the installation record; it is a device.Keeper.
type keeper struct {
	store storage.Store
}

func (k keeper) load(ctx context.Context) (installation, error) {
	st, err := k.store.Load(ctx)
	if errors.Is(err, storage.ErrNotFound) {
		return installation{}, nil
	}
	if err != nil {
		return installation{}, err
	}
	return decodeInstallation(st)
}

// errUnchanged ends an update that would write what is there.
var errUnchanged = errors.New("nothing to write")

// change edits the record, and writes it only if that makes a difference.
func (k keeper) change(ctx context.Context, edit func(*installation)) (installation, error) {
	var done installation
	change := func(st storage.State) (storage.State, error) {
		in, err := decodeInstallation(st)
		if err != nil {
			return st, err
		}
		before := in
		edit(&in)
		if done = in; in == before {
			return st, errUnchanged
		}
		st.Data, err = json.Marshal(in)
		return st, err
	}
	_, err := storage.Update(ctx, k.store, change)
	if errors.Is(err, errUnchanged) {
		return done, nil
	}
	if storage.Unreadable(err) {
		// The store sets the unreadable bytes aside before it replaces them.
		var st storage.State
		if st, err = change(storage.State{}); err == nil {
			_, err = k.store.Commit(ctx, st)
		}
	}
	return done, err
}

// InstallationID implements device.Keeper.
func (k keeper) InstallationID(ctx context.Context) (string, error) {
	in, err := k.load(ctx)
	return in.ID, err
}

// KeepInstallationID implements device.Keeper.
func (k keeper) KeepInstallationID(ctx context.Context, id string) (string, error) {
	in, err := k.change(ctx, func(in *installation) {
		// Another process may have been first; only what is no UUID is replaced.
		if had, err := uuid.Parse(in.ID); err != nil || had == uuid.Nil {
			in.ID = id
		}
	})
	return in.ID, err
}

func decodeInstallation(st storage.State) (in installation, err error) {
	if len(st.Data) == 0 {
		return in, nil
	}
	if err := json.Unmarshal(st.Data, &in); err != nil {
		return in, fmt.Errorf("agent: the installation record cannot be read: %w", err)
	}
	return in, nil
}
