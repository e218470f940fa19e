package main

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/device"
	"github.com/leasehold-dev/leasehold/agent/protocol"
	"github.com/leasehold-dev/leasehold/storage"
)

func TestOpeningError(t *testing.T) {
	unavailable := fmt.Errorf("%w: keyring: no bus", storage.ErrUnavailable)
	for _, tt := range []struct {
		name       string
		store      storage.Kind
		err        error
		text, hint string
	}{
		{"keyring", storage.KindKeyring, fmt.Errorf("storage: open: %w", fmt.Errorf("%w (set Config.Kind)", unavailable)),
			"store is unavailable: keyring: no bus", "start or unlock the keyring, or use a file where there is none: --store auto"},
		{"no device ID", storage.KindAuto, fmt.Errorf("agent: device: %w: because of %w", device.ErrNoDeviceID, unavailable),
			"no stable device ID: because of store is unavailable: keyring: no bus", "name a folder that can be written with --state-dir DIR, or set device_id in the configuration file or as LEASEHOLD_DEVICE_ID"},
		{"device ID", storage.KindAuto, fmt.Errorf("agent: device: %w: it is blank", device.ErrConfig),
			"invalid configuration: it is blank", "correct device_id and user_id in the configuration file, or LEASEHOLD_DEVICE_ID and LEASEHOLD_USER_ID"},
		{"else", storage.KindAuto, errors.New("agent: the server URL is empty"),
			"the server URL is empty", "correct it in the configuration file or in the environment (LEASEHOLD_…)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := openingError(agent.Config{Store: tt.store}, tt.err)
			usage, ok := errors.AsType[*usageError](err)
			if !ok || protocol.Plain(err) != tt.text || usage.hint != tt.hint {
				t.Errorf("%#v: %q", err, protocol.Plain(err))
			}
		})
	}
	if err := openingError(agent.Config{}, fmt.Errorf("agent: %w", context.Canceled)); misuse(err) {
		t.Error("an interruption is told as a misuse")
	}
}
