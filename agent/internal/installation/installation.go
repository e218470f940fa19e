// Package installation keeps what belongs to the installation, and knows who it is
// to the server: the device ID, the client ID, and whether the device is still the
// one that the licence was activated on.
package installation

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/leasehold-dev/leasehold/agent/device"
	"github.com/leasehold-dev/leasehold/agent/internal/later"
	"github.com/leasehold-dev/leasehold/internal/logging"
	"github.com/leasehold-dev/leasehold/storage"
)

// kept is what belongs to the installation and must be readable before
// the device ID is known; it is not sealed to the device.
type kept struct {
	// ID is the random installation ID, created only when the machine has no
	// usable one.
	ID string `json:"installation_id,omitempty"`
	// DeviceID is the device ID that the licence was last activated under. It
	// is how a change of device is noticed and told to support.
	DeviceID string `json:"device_id,omitempty"`
	// Devices are all the device IDs that a licence was activated under, the latest
	// first: one home may be used on several machines.
	Devices []string `json:"devices,omitempty"`
	// Told are device IDs that were found to be new here, and told of.
	Told []string `json:"told,omitempty"`
	// Seeded marks the keys of a pre-seeded installation that were activated, so
	// that none is activated again once its user has given the seat back.
	Seeded []string `json:"seeded,omitempty"`
}

// Installation keeps the installation's record, and knows who the installation is; it
// is a [device.Keeper].
type Installation struct {
	Identity device.Identity // of the device; set by Identify, as is ClientID
	ClientID string          // the client_id of every call

	store storage.Store
	log   logging.Logger
	drift atomic.Pointer[device.Drift]
	told  bool                     // of the drift, by an earlier process
	seeds atomic.Pointer[[]string] // kept.Seeded
}

// New returns the installation whose record is in a store.
func New(store storage.Store, log logging.Logger) *Installation {
	return &Installation{store: store, log: logging.OrNone(log)}
}

// Whose is what a device ID is derived from.
type Whose struct {
	ProductID string
	DeviceID  string // the application's own; empty: derived from the machine
	UserID    string // of a named user; empty: none
}

// Identify finds the device ID and whether it is still the one that the licence
// was activated under.
func (k *Installation) Identify(ctx context.Context, w Whose) error {
	kept, keptErr := k.load(ctx)
	id, err := device.Derive(ctx, device.Config{
		AppID:    w.ProductID,
		Override: w.DeviceID,
		Known:    kept.DeviceID,
		Keeper:   k,
	})
	if err != nil {
		k.Identity = id // without an ID, but with what was found amiss
		return err
	}
	if keptErr != nil {
		// Not fatal: this ID did not need the record.
		k.log.Warn("installation record cannot be read", "err", keptErr)
	}
	k.seeds.Store(&kept.Seeded)
	k.drift.Store(kept.drift(id.ID))
	k.told = holds(kept.Told, id.ID)
	k.Identity, k.ClientID = id, id.ID
	if w.UserID != "" {
		k.ClientID, err = device.ClientID(id.ID, w.UserID)
	}
	return err
}

// Drift returns how the device ID changed since the licence was activated; nil
// when it did not.
func (k *Installation) Drift() *device.Drift { return k.drift.Load() }

// RememberDevice notes the device ID that is being activated, so that a later
// change of it can be told to support.
func (k *Installation) RememberDevice(ctx context.Context) error {
	_, err := k.change(ctx, func(in *kept) { in.remember(k.Identity.ID) })
	if errors.Is(err, storage.ErrOutOfReach) {
		// A record that nobody here has seen is not written over for this.
		k.log.Warn("the device ID is not kept", "err", err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("the device ID cannot be kept: %w", err)
	}
	k.drift.Store(nil)
	return nil
}

// Erase removes the record.
func (k *Installation) Erase(ctx context.Context) error { return k.store.Delete(ctx) }

func (k *Installation) load(ctx context.Context) (kept, error) {
	st, err := k.store.Load(ctx)
	if errors.Is(err, storage.ErrNotFound) {
		return kept{}, nil
	}
	if err != nil {
		return kept{}, err
	}
	return decode(st)
}

// errUnchanged ends an update that would write what is there.
var errUnchanged = errors.New("nothing to write")

// change edits the record, and writes it only if that makes a difference.
func (k *Installation) change(ctx context.Context, edit func(*kept)) (kept, error) {
	var done kept
	change := func(st storage.State) (storage.State, error) {
		in, err := decode(st)
		if err != nil {
			return st, err
		}
		edit(&in)
		done = in
		before := st.Data
		if st.Data, err = in.encode(before); err == nil && bytes.Equal(st.Data, before) {
			err = errUnchanged
		}
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
func (k *Installation) InstallationID(ctx context.Context) (string, error) {
	in, err := k.load(ctx)
	return in.ID, err
}

// KeepInstallationID implements device.Keeper.
func (k *Installation) KeepInstallationID(ctx context.Context, id string) (string, error) {
	in, err := k.change(ctx, func(in *kept) {
		// Another process may have been first; only what is no UUID is replaced.
		if had, err := uuid.Parse(in.ID); err != nil || had == uuid.Nil {
			in.ID = id
		}
	})
	if s, ok := k.store.(interface{ Unkept() error }); err == nil && ok {
		err = s.Unkept() // an ID that holds for one run is none
	}
	return in.ID, err
}

func decode(st storage.State) (in kept, err error) {
	if len(st.Data) == 0 {
		return in, nil
	}
	if err := json.Unmarshal(st.Data, &in); err != nil {
		return in, fmt.Errorf("%w: the installation's: %w", storage.ErrDamaged, err)
	}
	return in, nil
}

// encode writes the record in the place of one that was found, empty when there
// was none. What a later version has put there stays.
func (in kept) encode(found []byte) ([]byte, error) {
	now, err := json.Marshal(in)
	if err != nil || len(found) == 0 {
		return now, err
	}
	was, err := decode(storage.State{Data: found})
	if err != nil {
		return nil, err
	}
	read, err := json.Marshal(was)
	if err != nil {
		return nil, err
	}
	return later.Merge(now, read, found)
}
