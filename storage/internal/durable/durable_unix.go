//go:build !windows

package durable

import (
	"errors"
	"os"
	"syscall"
)

// Rename replaces to, if it exists, in one step.
func Rename(from, to string) error { return os.Rename(from, to) }

// SyncFolder makes creations, renames and removals in the folder durable.
func SyncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	err = d.Sync()
	// Some network file systems cannot sync a folder; then their rename is
	// all the promise there is.
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		return nil
	}
	return err
}
