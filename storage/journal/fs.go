package journal

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/leasehold-dev/leasehold/storage/internal/durable"
)

// fileSystem is what the journal asks of a file system: few and small steps,
// so that tests can fail or stop the process at each of them.
type fileSystem interface {
	// MakeFolder makes sure that path is a folder.
	MakeFolder(path string) error
	// Open opens an existing regular file.
	Open(path string) (file, error)
	// Create makes a file that only its owner reads, in the place of the one there
	// is.
	Create(path string) (file, error)
	// Rename replaces to, if it exists, in one step.
	Rename(from, to string) error
	// SyncFolder makes creations and renames in it durable.
	SyncFolder(path string) error
	// TryLock takes the lock that path stands for, unless it is taken. An error
	// means that no lock is to be had.
	TryLock(path string) (unlock func(), ok bool, err error)
}

type file interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Size() (int64, error)
	Truncate(size int64) error
	Sync() error
}

// osFS is the file system of the operating system.
type osFS struct{}

type osFile struct{ *os.File }

func (f osFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (osFS) MakeFolder(path string) error { return durable.MakeFolder(path) }

func (osFS) Open(path string) (file, error) {
	f, err := durable.Open(path, os.O_RDWR)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (osFS) Create(path string) (file, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	f, err := durable.Create(path)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

// Rename fails on Windows while a virus scanner holds the old file; a
// compaction then waits for the next occasion.
func (osFS) Rename(from, to string) error { return durable.Rename(from, to) }

func (osFS) SyncFolder(path string) error { return durable.SyncFolder(path) }

func (osFS) TryLock(path string) (func(), bool, error) { return durable.TryLock(path) }
