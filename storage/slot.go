package storage

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"

	"github.com/leasehold-dev/leasehold/storage/internal/durable"
)

// Names in the folder of a product: the record's own name and one of these.
const (
	recordSuffix = ".state" // the record, where it is kept in a file
	copySuffix   = ".copy"  // the record that the keyring holds, for when it does not answer
	spillSuffix  = ".spill" // the state of a keyring item that is too small for it
	markSuffix   = ".mark"
	lockSuffix   = ".lock"
	tempSuffix   = ".tmp"
)

const (
	// maxItem is what every keyring takes. The strictest is that of Windows, which counts the bytes
	// of the blob as they are given (CRED_MAX_CREDENTIAL_BLOB_SIZE, 5 * 512).
	// macOS takes a command line of 4,096 bytes with the item in base64: at
	// most 3,824 for this item and the longest service name, shell-quoted.
	maxItem = 2560

	maxService = 64
)

// slot is a place that holds one record, and replaces it in one step.
type slot interface {
	kind() Kind
	// read returns the record's bytes. Errors: ErrNotFound, ErrUnavailable,
	// and ErrDamaged with the bytes that are there.
	read(ctx context.Context) ([]byte, error)
	write(ctx context.Context, record []byte) error
	remove(ctx context.Context) error
	// fits says whether a record of this many bytes can be written.
	fits(n int) bool
}

type fileSlot struct {
	fsys fileSystem
	path string
}

func (s *fileSlot) kind() Kind      { return KindFile }
func (s *fileSlot) fits(n int) bool { return n <= maxRecord }

func (s *fileSlot) read(context.Context) ([]byte, error) {
	return readFile(s.fsys, s.path, maxRecord)
}

func (s *fileSlot) write(_ context.Context, record []byte) error {
	return unavailable(writeAtomic(s.fsys, filepath.Dir(s.path), filepath.Base(s.path), record))
}

func (s *fileSlot) remove(context.Context) error {
	return removeFile(s.fsys, filepath.Dir(s.path), filepath.Base(s.path))
}

// memorySlot keeps a record for as long as the process runs, where it can be
// written nowhere else.
type memorySlot struct {
	record atomic.Pointer[[]byte]
	reason atomic.Pointer[error] // why nowhere else
}

func (s *memorySlot) kind() Kind    { return KindMemory }
func (s *memorySlot) fits(int) bool { return true }

func (s *memorySlot) read(context.Context) ([]byte, error) {
	b := s.record.Load()
	if b == nil {
		return nil, ErrNotFound
	}
	return *b, nil
}

func (s *memorySlot) write(_ context.Context, record []byte) error {
	s.record.Store(&record)
	return nil
}

func (s *memorySlot) remove(context.Context) error {
	s.record.Store(nil)
	s.reason.Store(nil)
	return nil
}

func readFile(fsys fileSystem, path string, limit int64) ([]byte, error) {
	b, err := fsys.Read(path, limit)
	switch {
	case err == nil:
	case durable.Absent(err):
		return nil, ErrNotFound
	case errors.Is(err, errTooLong):
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	case durable.Unusable(err):
		// Of somebody else, or no file: as good as damaged, and treated so.
		return nil, fmt.Errorf("%w, or not ours: %w", ErrDamaged, err)
	}
	return b, unavailable(err)
}

func removeFile(fsys fileSystem, folder, name string) error {
	err := fsys.Remove(filepath.Join(folder, name))
	if durable.Absent(err) {
		return nil
	}
	if err == nil {
		err = fsys.SyncFolder(folder)
	}
	return unavailable(err)
}

func unavailable(err error) error {
	if err == nil || errors.Is(err, ErrUnavailable) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// keyringSlot keeps a record as base64 text: some keyrings (KWallet, KeePassXC) take
// secrets for text and change what is not.
type keyringSlot struct {
	guard         *guard
	service, user string
	longest       int // in base64
}

var itemText = base64.StdEncoding.Strict()

func (s *keyringSlot) kind() Kind      { return KindKeyring }
func (s *keyringSlot) fits(n int) bool { return itemText.EncodedLen(n) <= s.longest }

func (s *keyringSlot) read(ctx context.Context) ([]byte, error) {
	text, err := s.guard.Get(ctx, s.service, s.user)
	if errors.Is(err, ErrNotFound) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, s.unavailable(err)
	}
	b, err := itemText.DecodeString(text)
	if err != nil || itemText.EncodedLen(len(b)) != len(text) {
		return []byte(text), fmt.Errorf("%w: the keyring item is not in base64", ErrDamaged)
	}
	return b, nil
}

func (s *keyringSlot) write(ctx context.Context, record []byte) error {
	if !s.fits(len(record)) {
		return fmt.Errorf("%w: %d bytes do not fit a keyring item", ErrTooLarge, len(record))
	}
	return s.unavailable(s.guard.Set(ctx, s.service, s.user, itemText.EncodeToString(record)))
}

func (s *keyringSlot) remove(ctx context.Context) error {
	err := s.guard.Delete(ctx, s.service, s.user)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return s.unavailable(err)
}

func (s *keyringSlot) unavailable(err error) error {
	if err == nil || errors.Is(err, ErrUnavailable) {
		return err
	}
	return fmt.Errorf("%w: keyring: %w", ErrUnavailable, err)
}
