package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/device"
)

type deviceView struct {
	device.Identity
	ClientID     string `json:"client_id"`
	KeptDeviceID string `json:"kept_device_id,omitempty"` // when it differs: the ID that the licence was activated under
}

func (a *app) deviceIDCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "device-id",
		Short: "Tell this device's ID, where it comes from, and what is amiss with it",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			file, err := loadConfig(a.configPath, a.lookup)
			if err != nil {
				return err
			}
			if err := file.checkIDs(); err != nil {
				return err
			}
			if err := a.checkStateDir(); err != nil {
				return err
			}
			cfg := agent.Config{ISVID: file.ISVID, ProductID: file.ProductID, DeviceID: file.DeviceID, UserID: file.UserID}
			if err := a.complete(&cfg); err != nil {
				return err
			}
			found, err := agent.Identify(cmd.Context(), cfg)
			if err != nil {
				return openingError(cfg, err)
			}
			v := deviceView{Identity: found.Identity, ClientID: found.ClientID}
			if found.Drift != nil {
				v.KeptDeviceID = found.Drift.Kept
			}
			if v.Warnings == nil {
				v.Warnings = []device.Warning{}
			}
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

// checkIDs asks for the IDs that a device's ID depends on.
func (c configFile) checkIDs() error {
	const longest = 64 // in characters, which no UUID has in any form
	for _, id := range []struct{ name, value string }{{"isv_id", c.ISVID}, {"product_id", c.ProductID}} {
		hint := fmt.Sprintf("set %s in the configuration file, or LEASEHOLD_%s", id.name, strings.ToUpper(id.name))
		switch {
		case strings.TrimSpace(id.value) == "":
			return &usageError{fmt.Errorf("%s is missing, on which the device's ID depends", id.name), hint}
		case len(id.value) > longest || !utf8.ValidString(id.value):
			return &usageError{fmt.Errorf("%s %.40q is not a UUID", id.name, id.value), hint}
		}
	}
	return nil
}
