package protocol

import "github.com/leasehold-dev/leasehold/agent/license"

// Coverage says whether a licence covers a release of the application.
type Coverage struct {
	Version      string `json:"version"`
	Covered      bool   `json:"covered"`
	ReleaseLimit string `json:"release_limit"` // the highest release covered, such as 24 or 24.1; empty for every release
	Held         bool   `json:"held"`          // false: no licence is held, so none is covered
}

// CoverageOf shows whether l covers a release.
func CoverageOf(l license.License, version string) Coverage {
	return Coverage{Version: version, Covered: l.Covers(version), ReleaseLimit: l.ReleaseLimit(), Held: !l.IsZero()}
}
