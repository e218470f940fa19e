//go:build !windows

package journal

import (
	"errors"
	"os"
	"syscall"
)

func (osFS) Rename(from, to string) error { return os.Rename(from, to) }

func (osFS) SyncFolder(path string) error {
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
