//go:build !windows

package storage

import (
	"errors"
	"os"
	"syscall"
)

func (osFS) Rename(from, to string) error { return os.Rename(from, to) }

func openToRead(path string) (*os.File, error) { return os.Open(path) }

func (osFS) Remove(path string) error { return os.Remove(path) }

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

// restrict takes the rights of others off a folder of ours.
func restrict(path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	return os.Chmod(path, 0o700)
}
