package installation

import (
	"context"
	"slices"
	"strings"

	"github.com/leasehold-dev/leasehold/agent/device"
)

// maxDevices bounds how many devices are remembered.
const maxDevices = 16

// remember notes that the licence is activated under a device ID.
func (in *kept) remember(id string) {
	if in.DeviceID != "" {
		in.Devices = putFirst(in.Devices, in.DeviceID)
	}
	in.DeviceID, in.Devices = id, putFirst(in.Devices, id)
}

// drift returns how a device ID differs from what is known here; nil when it is
// one of those that a licence was activated under.
func (in *kept) drift(id string) *device.Drift {
	drift, changed := device.Compare(in.DeviceID, id)
	if !changed || holds(in.Devices, id) {
		return nil
	}
	return &drift
}

// SettleDrift decides whether the device has changed, once it is known whether
// its own record proves a licence: that is then not another's, whatever the home
// says that it is kept in. It returns the change if nobody was told of it yet.
func (k *Installation) SettleDrift(proven bool) (news *device.Drift) {
	if proven {
		k.drift.Store(nil)
	}
	if k.told {
		return nil
	}
	return k.drift.Load()
}

// NoteDrift keeps that the change of the device was told, so that it is told
// once.
func (k *Installation) NoteDrift(ctx context.Context) {
	if k.told || k.drift.Load() == nil {
		return
	}
	_, err := k.change(ctx, func(in *kept) {
		if !holds(in.Told, k.Identity.ID) {
			in.Told = putFirst(in.Told, k.Identity.ID)
		}
	})
	if err != nil {
		k.log.Debug("that the device has changed will be told again", "err", err)
	}
}

func holds(list []string, id string) bool {
	return slices.ContainsFunc(list, func(had string) bool { return strings.EqualFold(had, id) })
}

func putFirst(list []string, id string) []string {
	rest := slices.DeleteFunc(slices.Clone(list), func(had string) bool { return strings.EqualFold(had, id) })
	rest = append([]string{id}, rest...)
	return rest[:min(len(rest), maxDevices)]
}
