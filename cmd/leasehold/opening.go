package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/device"
	"github.com/leasehold-dev/leasehold/agent/protocol"
	"github.com/leasehold-dev/leasehold/storage"
)

// open makes the agent. What prevents it is a matter of configuration: the
// licence itself is never the reason.
func (a *app) open() (*agent.Agent, error) {
	cfg, err := a.config()
	if err != nil {
		return nil, err
	}
	ag, err := agent.New(cfg)
	if err != nil {
		return nil, openingError(cfg, err)
	}
	a.tellTrouble(ag.Trouble())
	return ag, nil
}

// tellTrouble says what is wrong with what is kept, or with where.
func (a *app) tellTrouble(d agent.Diagnosis) {
	switch {
	case errors.Is(d.Problem, device.ErrNoDeviceID):
		a.complain(d.Problem, noDeviceIDHint)
	case d.Problem != nil:
		a.complain(errors.New(d.ProblemText()), "'leasehold heartbeat' or 'leasehold activate KEY' gets it again from the server")
	}
	if d.Store == storage.KindMemory {
		a.complain(fmt.Errorf("nothing can be kept here: %s", d.Reason), "name a folder that can be written with --state-dir DIR; until then the licence holds for one command")
	}
}

const noDeviceIDHint = "name a folder that can be written with --state-dir DIR, or set device_id in the configuration file or as LEASEHOLD_DEVICE_ID"

// withAgent runs do with an agent that is closed afterwards.
func (a *app) withAgent(ctx context.Context, do func(*agent.Agent) error) error {
	ag, err := a.open()
	if err != nil {
		return err
	}
	wasMemory := ag.Trouble().Store == storage.KindMemory // which was told
	done := do(ag)
	if err := ag.Close(context.WithoutCancel(ctx)); err != nil && done == nil && !wasMemory {
		a.complain(err, "free disk space, or choose another place with --state-dir or --store")
	}
	return done
}

// openingError says in the words of the command line why an agent cannot be
// made, or a device ID be found, with a configuration.
func openingError(cfg agent.Config, err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, device.ErrNoDeviceID):
		return &usageError{err, noDeviceIDHint}
	case errors.Is(err, storage.ErrUnavailable) && cfg.Store == storage.KindKeyring:
		return &usageError{protocol.Within(err, storage.ErrUnavailable), "start or unlock the keyring, or use a file where there is none: --store auto"}
	case errors.Is(err, device.ErrConfig):
		return &usageError{err, "correct device_id and user_id in the configuration file, or LEASEHOLD_DEVICE_ID and LEASEHOLD_USER_ID"}
	}
	return &usageError{err, "correct it in the configuration file or in the environment (LEASEHOLD_…)"}
}
