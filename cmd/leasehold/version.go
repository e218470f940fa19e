package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// build is what this program was made of.
type build struct {
	Version  string `json:"version"`            // of the module, (devel) when it was built from a folder
	Commit   string `json:"commit,omitempty"`   // where the version control is known
	Time     string `json:"time,omitempty"`     // of the commit
	Modified bool   `json:"modified,omitempty"` // the folder had changes beside the commit
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// version and commit are set when an archive is built, with -ldflags -X; there
// the module's own version is not known.
var version, commit string

func thisBuild() build {
	b := build{Version: "(unknown)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if info.Main.Version != "" {
		b.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	b.Version, b.Commit = cmp.Or(version, b.Version), cmp.Or(commit, b.Commit)
	return b
}

func (b build) String() string {
	s := "leasehold " + b.Version
	if b.Commit != "" {
		s += fmt.Sprintf(" (commit %.12s", b.Commit)
		if b.Time != "" {
			s += " of " + b.Time
		}
		if b.Modified {
			s += ", with changes"
		}
		s += ")"
	}
	return fmt.Sprintf("%s, %s, %s", s, b.Go, b.Platform)
}

func (a *app) printVersion() {
	if b := thisBuild(); a.json {
		a.printJSON(b)
	} else {
		a.printf("%s\n", b)
	}
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Tell the version, the commit, Go and the platform of this program",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			a.printVersion()
			return nil
		},
	}
}
