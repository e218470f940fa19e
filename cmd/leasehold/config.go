package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/leasehold-dev/leasehold/agent/settings"
)

// loadConfig reads the file, if one is named, and lets the environment
// override its top-level scalars.
func loadConfig(path string, lookup func(string) (string, bool)) (settings.File, error) {
	var file settings.File
	if path != "" {
		data, err := settings.ReadFile(path)
		if err != nil {
			return file, &usageError{fmt.Errorf("the configuration file cannot be read: %w", err), "check the path given with --config"}
		}
		if file, err = settings.Decode(data, filepath.Dir(path)); err != nil {
			return file, &usageError{fmt.Errorf("the configuration file %s: %w", path, err), "the README lists the fields"}
		}
	}
	return file, file.Override(lookup)
}

// tellUnknown names the variables that were meant to override something and do
// not.
func tellUnknown(w io.Writer, environ []string) {
	for _, v := range settings.UnknownVariables(environ) {
		advice := "the README lists the variables"
		if v.Like != "" {
			advice = v.Like + " is"
		}
		fmt.Fprintf(w, "warning: the environment variable %s is none that leasehold knows; %s\n", clean(v.Name), advice)
	}
}

// misconfigured makes a mistake in the configuration one of usage.
func misconfigured(err error) error {
	if mistake, ok := errors.AsType[*settings.Error](err); ok {
		return &usageError{mistake.Err, mistake.Hint}
	}
	return err
}
