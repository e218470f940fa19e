package main

import (
	"github.com/spf13/cobra"

	"github.com/leasehold-dev/leasehold/agent"
)

func (a *app) doctorCommand() *cobra.Command {
	var online bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Print one report for the help desk; it holds no key",
		Long: `Print one report for the help desk, from what is kept on this machine: what the
state is and why, the licence, the device, the settings, the last error, and the
one most likely cause. It holds no key and no token, and nothing is written.

With --online it also tries, step by step, what the licence needs: the server's
name, the proxy, the connection, who signed the TLS certificate, the server, the
provisioning key, the signature, the clock, the keyring and the folder. The
licence is left as it is.

Exit code: that of the state; 1 when a check failed while it is active or grace.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withAgent(cmd.Context(), func(ag *agent.Agent) error {
				var checks []agent.CheckResult
				if online {
					checks = ag.Check(cmd.Context())
				}
				d := ag.Diagnose()
				d.Checks = checks
				if a.json {
					a.printJSON(d)
				} else {
					a.printf("%s", d)
				}
				for _, c := range checks {
					if c.Result == agent.Failed && exitOf(d.Decision.State, nil) == exitOK {
						return exitError(exitFailed)
					}
				}
				if code := exitOf(d.Decision.State, nil); code != exitOK {
					return exitError(code)
				}
				return nil
			})
		},
	}
	c.Flags().BoolVar(&online, "online", false, "try everything that the licence needs, step by step")
	return c
}
