package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/device"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/storage"
)

func TestProblemOf(t *testing.T) {
	const unusable = "what was kept of the licence cannot be used: "
	damaged := fmt.Errorf("storage: load: %w", fmt.Errorf("%w: seal is broken", storage.ErrDamaged))
	drift := &device.Drift{Kept: "a", Current: "b"}
	for _, tt := range []struct {
		name      string
		diagnosis agent.Diagnosis
		want      string
	}{
		{"nothing", agent.Diagnosis{}, ""},
		{"damaged", agent.Diagnosis{Problem: damaged}, unusable + "record is damaged: seal is broken"},
		{"joined with nothing", agent.Diagnosis{Problem: errors.Join(nil, damaged)}, unusable + "record is damaged: seal is broken"},
		{"bare", agent.Diagnosis{Problem: storage.ErrForeign}, unusable + "record belongs to another device or product"},
		{"evidence", agent.Diagnosis{Problem: fmt.Errorf("slascone: %w: edited", slascone.ErrBadEvidence)}, unusable + "the kept licence data does not verify: edited"},
		{"unknown", agent.Diagnosis{Problem: errors.New("agent: the moon")}, unusable + "the moon"},
		{"two", agent.Diagnosis{Problem: errors.Join(errors.New("agent: one"), errors.New("two"))}, unusable + "one; two"},
		{"another device", agent.Diagnosis{Drift: drift}, drift.String()},
		{"another device, activated since", agent.Diagnosis{Drift: drift, LicenceProvenAt: time.Unix(1, 0)}, ""},
		{"damaged, on another device", agent.Diagnosis{Problem: damaged, Drift: drift}, unusable + "record is damaged: seal is broken"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := problemOf(tt.diagnosis); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

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
		{"folder", storage.KindAuto, fmt.Errorf("storage: open: %w: %w", storage.ErrUnavailable, errors.New("mkdir")),
			"store is unavailable: mkdir", "choose another folder with --state-dir DIR"},
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
			if !ok || plain(err) != tt.text || usage.hint != tt.hint {
				t.Errorf("%#v: %q", err, plain(err))
			}
		})
	}
	if err := openingError(agent.Config{}, fmt.Errorf("agent: %w", context.Canceled)); misuse(err) {
		t.Error("an interruption is told as a misuse")
	}
}
