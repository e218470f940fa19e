package storage

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/leasehold-dev/leasehold/storage/internal/durable"
)

// fileSystem is what the store asks of a file system: few and small steps, so
// that tests can fail or stop the process at each of them.
type fileSystem interface {
	// MakeFolder makes sure that path is a folder that only its owner reads.
	MakeFolder(path string) error
	// Writable says why nothing can be written into the folder at path, or into
	// the one that it would be made in. It writes nothing.
	Writable(path string) error
	// Read returns the regular file, or an error if it is longer than limit.
	Read(path string, limit int64) ([]byte, error)
	// Create makes a new file that only its owner reads.
	Create(path string) (file, error)
	// Rename replaces to, if it exists, in one step.
	Rename(from, to string) error
	Remove(path string) error
	List(folder string) ([]string, error)
	// SyncFolder makes creations, renames and removals in it durable.
	SyncFolder(path string) error
	// Lock takes the lock that path stands for, waiting until ctx ends. A shared
	// one keeps no reader out, and makes no file. Any error but that of ctx means
	// that no lock is to be had.
	Lock(ctx context.Context, path string, shared bool) (unlock func(), err error)
}

type file interface {
	io.Writer
	Sync() error
	Close() error
}

var errTooLong = errors.New("file is longer than any record")

// writeAtomic replaces folder/name by data: whoever reads it, also after a
// power cut, finds the old content or the new.
func writeAtomic(fsys fileSystem, folder, name string, data []byte) (err error) {
	temp := filepath.Join(folder, name+"."+rand.Text()+tempSuffix)
	f, err := fsys.Create(temp)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = fsys.Remove(temp) // a later commit sweeps what stays
		}
	}()
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	if err = fsys.Rename(temp, filepath.Join(folder, name)); err != nil {
		return err
	}
	return fsys.SyncFolder(folder)
}

// osFS is the file system of the operating system.
type osFS struct{}

func (*osFS) MakeFolder(path string) error { return durable.MakeFolder(path) }

func (*osFS) Writable(path string) error { return durable.Writable(path) }

func (*osFS) Read(path string, limit int64) ([]byte, error) {
	f, size, err := openToRead(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if size > limit {
		return nil, &os.PathError{Op: "read", Path: path, Err: errTooLong}
	}
	b := make([]byte, size)
	n, err := io.ReadFull(f, b)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return b[:n], err
}

func (*osFS) Create(path string) (file, error) { return durable.Create(path) }

func (*osFS) List(folder string) ([]string, error) {
	f, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdirnames(-1)
}

func (*osFS) SyncFolder(path string) error { return durable.SyncFolder(path) }

// lockPoll is how often a taken lock is tried again.
const lockPoll = 2 * time.Millisecond

func (*osFS) Lock(ctx context.Context, path string, shared bool) (func(), error) {
	try := durable.TryLock
	if shared {
		try = durable.TryLockShared
	}
	for {
		unlock, ok, err := try(path)
		if ok {
			return unlock, nil
		}
		if err == nil {
			select {
			case <-time.After(lockPoll):
				continue
			case <-ctx.Done():
				err = ctx.Err()
			}
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
}
