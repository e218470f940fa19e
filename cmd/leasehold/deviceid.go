package main

import (
	"github.com/spf13/cobra"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/protocol"
)

func (a *app) deviceIDCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "device-id",
		Short: "Tell this device's ID, where it comes from, and its weak points",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			file, err := loadConfig(a.configPath, a.lookup)
			if err != nil {
				return err
			}
			if err := file.CheckIDs(); err != nil {
				return misconfigured(err)
			}
			cfg := agent.Config{ISVID: file.ISVID, ProductID: file.ProductID, DeviceID: file.DeviceID, UserID: file.UserID}
			if err := a.complete(&cfg); err != nil {
				return err
			}
			found, err := agent.Identify(cmd.Context(), cfg)
			if err != nil {
				return openingError(cfg, err)
			}
			v := protocol.DeviceOf(found)
			if a.json {
				a.printJSON(v)
				return nil
			}
			a.printf("%s\n%s\n", v.ID, a.style.dim("source "+string(v.Source)+", quality "+string(v.Quality)))
			for _, w := range v.Warnings {
				a.printf("warning: %s\n", w)
			}
			if found.Drift != nil {
				a.printf("warning: %s\n", found.Drift)
			}
			return nil
		},
	}
}
