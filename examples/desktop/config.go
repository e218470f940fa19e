package main

import (
	"os"
	"path/filepath"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/settings"
)

// load reads the command line tool's configuration. A proxy that was entered in
// the window comes before the file's.
func load(path, proxy string) (agent.Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return agent.Config{}, err
	}
	file, err := settings.Decode(data, filepath.Dir(path))
	if err != nil {
		return agent.Config{}, err
	}
	if proxy != "" {
		file.ProxyURL = proxy
	}
	return file.Config()
}
