package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/protocol"
	"github.com/leasehold-dev/leasehold/enforcement"
)

var errNoSubcommand = errors.New("the session command needs to know what to do")

func (a *app) activateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "activate KEY",
		Short: "Take a seat of the licence with this key",
		Long: `Take a seat of the licence with this key. With - the key is read from standard
input, where it shows neither in the list of processes nor in the shell's history.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			key := args[0]
			if key == "-" {
				var err error
				if key, err = readKey(cmd.InOrStdin()); err != nil {
					return err
				}
			}
			return a.withAgent(cmd.Context(), func(ag *agent.Agent) error {
				d, err := ag.Activate(cmd.Context(), key)
				return a.report(ag, activateOp, d, err, nil)
			})
		},
	}
}

func (a *app) heartbeatCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "heartbeat",
		Short: "Ask the server how the licence is",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withAgent(cmd.Context(), func(ag *agent.Agent) error {
				d, err := ag.Heartbeat(cmd.Context())
				return a.report(ag, heartbeatOp, d, err, nil)
			})
		},
	}
}

func (a *app) deactivateCommand() *cobra.Command {
	var abandon bool
	c := &cobra.Command{
		Use:   "deactivate",
		Short: "Give the seat back and forget the licence",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withAgent(cmd.Context(), func(ag *agent.Agent) error {
				call := ag.Deactivate
				if abandon {
					call = ag.Abandon
				}
				d, err := call(cmd.Context())
				switch {
				case err != nil:
				case abandon:
					a.tell("the licence is forgotten here; its seat stays taken until an administrator or the vendor frees it")
				default:
					a.tell("the seat is given back; 'leasehold activate KEY' takes one again")
				}
				return a.report(ag, deactivateOp, d, err, nil)
			})
		},
	}
	c.Flags().BoolVar(&abandon, "abandon", false, "forget the licence without asking the server; its seat stays taken")
	return c
}

func (a *app) sessionCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "session",
		Short: "Hold a seat of a floating licence",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return &usageError{errNoSubcommand, "one of: session open, renew, close, status"}
		},
	}
	var checkout time.Duration
	open := a.sessionCall("open", "Take a seat, or renew the one that is held", func(ctx context.Context, ag *agent.Agent) (enforcement.Decision, error) {
		return ag.OpenSession(ctx, checkout)
	})
	open.Flags().Var(spanFlag{&checkout, true}, "checkout", "hold the seat for `DURATION` (8h, 3d) without renewal, for work off line")
	c.AddCommand(
		open,
		a.sessionCall("renew", "Hold the seat for another period", func(ctx context.Context, ag *agent.Agent) (enforcement.Decision, error) {
			return ag.RenewSession(ctx)
		}),
		a.sessionCall("close", "Give the seat back", func(ctx context.Context, ag *agent.Agent) (enforcement.Decision, error) {
			return ag.CloseSession(ctx)
		}),
		a.sessionCall("status", "Tell whether a seat is held", func(_ context.Context, ag *agent.Agent) (enforcement.Decision, error) {
			return ag.Decision(), nil
		}),
	)
	return c
}

func (a *app) sessionCall(name, short string, call func(context.Context, *agent.Agent) (enforcement.Decision, error)) *cobra.Command {
	return &cobra.Command{
		Use:   name,
		Short: short,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withAgent(cmd.Context(), func(ag *agent.Agent) error {
				d, err := call(cmd.Context(), ag)
				return a.report(ag, "session "+name, d, err, func(v *protocol.Status) {
					v.Session = protocol.SessionOf(ag)
				})
			})
		},
	}
}
