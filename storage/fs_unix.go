//go:build !windows

package storage

import (
	"os"

	"github.com/leasehold-dev/leasehold/storage/internal/durable"
)

func (*osFS) Rename(from, to string) error { return durable.Rename(from, to) }

func openToRead(path string) (*os.File, int64, error) { return durable.OpenSized(path, os.O_RDONLY) }

func (*osFS) Remove(path string) error { return os.Remove(path) }
