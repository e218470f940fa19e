package journal

import (
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/leasehold-dev/leasehold/internal/given"
)

// MaxEntry is the length of the longest entry, in bytes.
const MaxEntry = 64 << 10

// Limits of [Options.MaxBytes].
const (
	DefaultMaxBytes = 4 << 20
	MinMaxBytes     = 2*MaxEntry + 1024
	MaxMaxBytes     = 64 << 20
)

var (
	// ErrFull is wrapped when a journal has no room for more entries. They were
	// not accepted; there is room again when others are acknowledged.
	ErrFull = errors.New("journal is full")
	// ErrClaimed is wrapped when entries are being delivered by another process
	// or goroutine.
	ErrClaimed = errors.New("another process is delivering")
	// ErrBusy is wrapped when another process holds the journal's lock too long.
	ErrBusy = errors.New("journal is locked by another process")
	// ErrNewerFormat is wrapped when a newer version has written the journal,
	// which is left as it is.
	ErrNewerFormat = errors.New("journal has a newer format")
	// ErrClosed is wrapped after Close or Release.
	ErrClosed = errors.New("closed")
)

// Options say how a journal behaves. The zero value is usable.
type Options struct {
	// MaxBytes bounds the size of the file, acknowledged parts included. Default
	// DefaultMaxBytes; at least MinMaxBytes, at most MaxMaxBytes. What says that
	// entries are acknowledged may take 128 KiB more. While a file is replaced
	// there are two of them for a moment.
	MaxBytes int64

	// Fold makes fewer entries of the pending ones when the journal is full,
	// oldest first. It returns what they amount to, at most as many entries as
	// it was given, each of 1 to MaxEntry bytes; it may return some of what it
	// was given, and must not keep it. An error, or more entries, leaves all as
	// it was. It is never called while entries are being delivered. It must not
	// use the journal. Nil: nothing is folded.
	Fold func(entries [][]byte) ([][]byte, error)

	// After is the position of the last entry that the caller knows of. Where the
	// file was lost, the journal goes on after it, so that no position is used for
	// two entries.
	After uint64

	// OnEvent is told what was lost or set aside. It is called without locks
	// held, by the operation that found it, Open included. It may use the
	// journal once Open has returned.
	OnEvent func(Event)

	// LockTimeout bounds the wait for other processes, which hold the lock for
	// the length of one write. Default 5 s.
	LockTimeout time.Duration
}

// EventType says what happened to a journal.
type EventType uint8

// The types of events.
const (
	// EventTorn: the end of the file was a write that had been cut short.
	// Nothing that Append had confirmed was in it.
	EventTorn EventType = iota + 1
	// EventDamaged: a part of the file, or all of it, could not be read.
	EventDamaged
)

// String returns "torn" or "damaged".
func (t EventType) String() string {
	switch t {
	case EventTorn:
		return "torn"
	case EventDamaged:
		return "damaged"
	}
	return fmt.Sprintf("EventType(%d)", uint8(t))
}

// Event is something that happened to a journal.
type Event struct {
	Type  EventType
	Bytes int64  // how many could not be read
	Path  string // where a copy is kept; empty for EventTorn
	Err   error  // what was wrong
}

// Entry is something that was appended.
type Entry struct {
	// Position numbers the entries of a journal, from 1. Positions rise by one
	// from entry to entry as they are appended. They begin anew, after
	// Options.After, where the file was lost, and what Options.Fold made has the
	// last positions of what it was made of.
	Position uint64
	Data     []byte
}

// Journal is a durable queue. Make it with [Open]. It is safe for concurrent
// use and starts no goroutine.
type Journal struct {
	path string
	key  [32]byte
	opts Options
	fsys fileSystem

	// turn is held while the file is looked at or changed. It guards what
	// follows.
	turn   chan struct{}
	closed bool
	st     state
	events []Event // to be told when the turn is given back

	mu    sync.Mutex // guards queue
	queue []*request
}

// state is what this process knows of the file.
type state struct {
	id    [idLen]byte // zero: nothing is known
	aead  cipher.AEAD
	next  point  // where the next frame goes
	done  point  // the first frame that is not wholly acknowledged
	acked uint64 // position through which entries are acknowledged

	// settled are the positions after acked that are acknowledged.
	settled map[uint64]struct{}
}

// acknowledge notes that entries are acknowledged through a position.
func (st *state) acknowledge(through uint64) {
	if through > st.acked {
		st.acked = through
		for p := range st.settled {
			if p <= st.acked {
				delete(st.settled, p)
			}
		}
	}
	for st.isSettled(st.acked + 1) {
		st.acked++
		delete(st.settled, st.acked)
	}
}

// settle notes that one entry is acknowledged, whatever is before it.
func (st *state) settle(position uint64) {
	if position <= st.acked {
		return
	}
	if st.settled == nil {
		st.settled = make(map[uint64]struct{})
	}
	st.settled[position] = struct{}{}
	st.acknowledge(st.acked)
}

func (st *state) isSettled(position uint64) bool {
	_, settled := st.settled[position]
	return settled
}

// Open opens the journal at path, or begins one. The folder is made when it is
// missing. Beside the file there are path.lock and path.claim, and for a moment
// path.new. key seals the entries: 32 random bytes, kept where others do not
// read them.
//
// Damage does not make Open fail; see the package's documentation. Errors match
// [ErrNewerFormat], [ErrBusy], or what the file system gave.
func Open(path string, key [32]byte, opts Options) (*Journal, error) {
	return open(path, key, opts, osFS{})
}

func open(path string, key [32]byte, opts Options, fsys fileSystem) (*Journal, error) {
	if opts.MaxBytes == 0 {
		opts.MaxBytes = DefaultMaxBytes
	}
	if opts.MaxBytes < MinMaxBytes || opts.MaxBytes > MaxMaxBytes {
		return nil, fmt.Errorf("journal: open: MaxBytes is %d; set it to 0, for %d, or between %d and %d", opts.MaxBytes, DefaultMaxBytes, MinMaxBytes, MaxMaxBytes)
	}
	if opts.LockTimeout <= 0 {
		opts.LockTimeout = 5 * time.Second
	}
	if path == "" {
		return nil, errors.New("journal: open: the path is empty; name a file")
	}
	j := &Journal{path: path, key: key, opts: opts, fsys: fsys, turn: make(chan struct{}, 1)}
	if err := fsys.MakeFolder(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("journal: open: %w", err)
	}
	err := j.exclusively(context.Background(), func(*session) error { return nil })
	if err != nil {
		return nil, fmt.Errorf("journal: open: %w", err)
	}
	return j, nil
}

// Pending returns how many entries are not acknowledged.
func (j *Journal) Pending(ctx context.Context) (int, error) {
	e, err := j.Extent(ctx)
	return e.Pending, err
}

// Extent returns what the journal says of itself.
func (j *Journal) Extent(ctx context.Context) (e Extent, err error) {
	ctx = given.Context(ctx)
	err = j.exclusively(ctx, func(*session) error {
		e = j.st.extent()
		return nil
	})
	if err != nil {
		return Extent{}, fmt.Errorf("journal: pending: %w", err)
	}
	return e, nil
}

// Close waits for the operation under way and makes further ones fail with
// [ErrClosed]. Nothing is lost by not closing.
func (j *Journal) Close() error {
	j.turn <- struct{}{}
	defer j.giveTurn()
	j.closed = true
	return nil
}

func (j *Journal) takeTurn(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case j.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (j *Journal) giveTurn() {
	events := j.events
	j.events = nil
	<-j.turn
	if j.opts.OnEvent != nil {
		for _, e := range events {
			j.opts.OnEvent(e)
		}
	}
}

// exclusively runs work while nobody else uses the file.
func (j *Journal) exclusively(ctx context.Context, work func(*session) error) error {
	if err := j.takeTurn(ctx); err != nil {
		return err
	}
	defer j.giveTurn()
	s, err := j.begin(ctx)
	if err != nil {
		return err
	}
	defer s.end()
	return work(s)
}
