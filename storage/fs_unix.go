//go:build !windows

package storage

import (
	"os"

	"github.com/leasehold-dev/leasehold/storage/internal/durable"
)

func (osFS) Rename(from, to string) error { return durable.Rename(from, to) }

func openToRead(path string) (*os.File, error) { return os.Open(path) }

func (osFS) Remove(path string) error { return os.Remove(path) }

// restrict takes the rights of others off a folder of ours.
func restrict(path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	return os.Chmod(path, 0o700)
}
