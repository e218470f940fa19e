package storage

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/windows"

	"github.com/leasehold-dev/leasehold/storage/internal/durable"
)

// sharePatience bounds the wait for somebody else to close a file: a reader
// of ours, a virus scanner, the search indexer when it is to be replaced or
// removed; the one who replaces it when it is to be read.
const (
	sharePatience = 2 * time.Second
	sharePoll     = 5 * time.Millisecond
)

// patiently repeats f while somebody else has the file open.
func patiently(f func() error) error {
	for end := time.Now().Add(sharePatience); ; time.Sleep(sharePoll) {
		err := f()
		busy := errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_SHARING_VIOLATION)
		if !busy || time.Now().After(end) {
			return err
		}
	}
}

func (*osFS) Rename(from, to string) error {
	return patiently(func() error { return durable.Rename(from, to) })
}

func openToRead(path string) (f *os.File, size int64, err error) {
	err = patiently(func() error {
		f, size, err = durable.OpenSized(path, os.O_RDONLY)
		return err
	})
	return f, size, err
}

func (*osFS) Remove(path string) error {
	return patiently(func() error { return os.Remove(path) })
}
