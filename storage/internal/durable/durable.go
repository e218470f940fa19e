// Package durable holds the steps on files that storage and its journal are
// built from: each does one thing, and what it has done survives a power cut.
package durable

import (
	"errors"
	"os"

	"github.com/gofrs/flock"
)

// TryLock takes the lock that the file at path stands for, unless it is taken.
// The operating system frees it when the process dies.
func TryLock(path string) (unlock func(), ok bool, err error) {
	// A new descriptor each time: locks exclude descriptors, so this holds
	// between the goroutines of one process too.
	l := flock.New(path, flock.SetPermissions(0o600))
	ok, err = l.TryLock()
	if err != nil || !ok {
		_ = l.Close()
		return nil, false, err
	}
	return func() { _ = l.Close() }, true, nil
}

// Regular returns an error unless path is a regular file. It is to be asked
// before opening: opening a pipe would wait for its other end.
func Regular(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = &os.PathError{Op: "open", Path: path, Err: errors.New("not a regular file")}
	}
	return err
}
