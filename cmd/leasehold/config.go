package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/leasehold-dev/leasehold/agent/settings"
)

// loadConfig reads the file, if one is named, and lets the environment
// override its top-level scalars.
func loadConfig(path string, lookup func(string) (string, bool)) (settings.File, error) {
	var file settings.File
	if path != "" {
		data, err := os.ReadFile(path)
		if err != nil {
			return file, &usageError{fmt.Errorf("the configuration file cannot be read: %w", err), "check the path given with --config"}
		}
		if file, err = settings.Decode(data, filepath.Dir(path)); err != nil {
			return file, &usageError{fmt.Errorf("the configuration file %s: %w", path, err), "the README lists the fields"}
		}
	}
	return file, file.Override(lookup)
}

// misconfigured makes a mistake in the configuration one of usage.
func misconfigured(err error) error {
	if mistake, ok := errors.AsType[*settings.Error](err); ok {
		return &usageError{mistake.Err, mistake.Hint}
	}
	return err
}
