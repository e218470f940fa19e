package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/protocol"
)

func (a *app) licenseCoversCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "covers VERSION",
		Short: "Tell whether the licence covers a release, before an update is installed; exit 0 or 1",
		Long: `Tell whether the licence that is held covers a release of the application, so that
an installer or updater can ask before it replaces what runs: exit 0 when it does,
1 when it does not or no licence is held. The server is not asked; a heartbeat
before tells of a licence that was extended.`,
		Example: "  leasehold license covers 2.0.1",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			version := strings.TrimSpace(args[0])
			if version == "" {
				return &usageError{errors.New("the release is empty"), "give a release such as 2.0.1"}
			}
			return a.withAgent(cmd.Context(), func(ag *agent.Agent) error {
				v := protocol.CoverageOf(ag.License(), version)
				switch {
				case a.json:
					a.printJSON(v)
				case !v.Held:
					a.printf("no licence is held, so no release is covered\n")
				case v.Covered && v.ReleaseLimit == "":
					a.printf("the licence covers every release, so %s too\n", clean(version))
				case v.Covered:
					a.printf("the licence covers releases up to %s, so %s too\n", clean(v.ReleaseLimit), clean(version))
				default:
					a.printf("the licence covers releases up to %s, so not %s\n", clean(v.ReleaseLimit), clean(version))
				}
				if !v.Covered {
					return exitError(exitFailed)
				}
				return nil
			})
		},
	}
}
