package storage

import (
	"context"
	"errors"
	"time"

	"github.com/leasehold-dev/leasehold/internal/given"
)

// MaxData is the largest [State.Data] a store takes, in bytes: 16 MiB. Two
// answers of a server that are of 4 MiB each fit, however JSON quotes them.
const MaxData = 16 << 20

// Errors that every [Store] returns; match them with [errors.Is].
//
// Only ErrNotFound says that nothing is stored. A caller that reads
// ErrUnavailable as "no licence" locks out its users whenever a keyring
// daemon restarts.
var (
	// ErrNotFound: nothing is stored under this identity.
	ErrNotFound = errors.New("nothing is stored")

	// ErrUnavailable: the place where the record is kept does not answer
	// (keyring locked, absent or hanging; disk full or unreadable; lock held
	// by another process for too long). Nothing is known about what is
	// stored; try again later.
	ErrUnavailable = errors.New("store is unavailable")

	// ErrOutOfReach: an ErrUnavailable that need not stop the caller. The record
	// is in a keyring that does not answer, and there is no copy of it (see
	// Config.Copy), or in a file that cannot be read now, but another place can be
	// written. What [Local.Load] returns beside it bears witness to the record
	// without its Data: Sequence, HighWater and ServerTime, as far as they are
	// known. A Commit based on that Sequence goes to the other place, and counts as
	// long as the record that is out of reach has no newer ServerTime.
	ErrOutOfReach = errors.New("the record is in a place that does not answer")

	// ErrDamaged: a record is stored, but it was edited, truncated or
	// corrupted, or what is in its place is not ours to read. Its bytes stay where they are until the next Commit, which
	// keeps a copy for support before it writes; see [Local].
	ErrDamaged = errors.New("record is damaged")

	// ErrForeign: an intact record is stored, but it was sealed for another
	// device, product or client. It is kept like a damaged one.
	ErrForeign = errors.New("record belongs to another device or product")

	// ErrNewerFormat: an intact record is stored in a format that only a
	// newer version of this library reads. It is kept like a damaged one.
	ErrNewerFormat = errors.New("record was written by a newer version")

	// ErrConflict: the state given to Commit is not based on the stored one,
	// because somebody else committed first. Nothing was written; load again.
	ErrConflict = errors.New("stored state has changed in the meantime")

	// ErrTooLarge: State.Data is longer than [MaxData]. Nothing was written.
	ErrTooLarge = errors.New("state is too large")
)

// Kind says what sort of place a store writes to.
type Kind string

const (
	KindAuto    Kind = "auto"    // the keyring, or a file where there is none; only in [Config]
	KindKeyring Kind = "keyring" // the keyring of the operating system
	KindFile    Kind = "file"    // a sealed file in the user's configuration folder
	KindMemory  Kind = "memory"  // this process only; see [NewMemory]
)

// State is what one commit keeps. The zero State is the base of a first
// commit.
type State struct {
	// Sequence numbers the commits of one record. The store manages it: Load
	// and Commit return it, Commit takes it as the proof of what the caller
	// has seen, and each commit makes it grow (by one, or by more where a
	// newer number is known to have existed). 0 means that nothing is stored.
	Sequence uint64

	// HighWater is the latest moment that is known to have passed, the
	// caller's guard against a clock that is set back. To the nanosecond, UTC.
	HighWater time.Time

	// ServerTime is the newest time of the server that the caller accepted.
	// Of two copies of a record, the one with the newer ServerTime counts.
	ServerTime time.Time

	// RestoredCopy reports that this state is an older copy: something else that
	// is found of the record (a mark, a keyring item, a copy, a spill file) proves
	// that a newer one was committed, or something is missing that was written
	// before it. It stays true over commits until one brings a ServerTime newer than
	// any that was seen. Commit ignores it.
	RestoredCopy bool

	// Data is the caller's own, at most [MaxData] bytes. It is compressed
	// where that helps, so plain JSON text is stored smaller than the same in
	// base64.
	Data []byte
}

// Store keeps one record: the state of one installation of one product.
//
// A Store is safe for concurrent use, by goroutines and (except
// [KindMemory]) by processes. Each method returns when its context ends, with
// an error that wraps the context's; a Commit cut off in this way left either
// the old or the new state. The conformance suite in package storagetest
// holds implementations to this contract.
type Store interface {
	// Load returns the state of the last commit. It writes nothing. Errors:
	// ErrNotFound, ErrUnavailable, ErrDamaged, ErrForeign, ErrNewerFormat.
	Load(ctx context.Context) (State, error)

	// Commit replaces the stored state by next, provided that next.Sequence is
	// that of the stored state (0 if nothing intact is stored), and returns it
	// with its new Sequence. When Commit returns nil, the state survives a
	// power cut; when the process dies inside, the old or the new state is
	// stored, never a mixture and never none. A record that is damaged,
	// foreign or of a newer format is replaced by a Commit with Sequence 0,
	// after its bytes were set aside. Errors: ErrConflict, ErrTooLarge,
	// ErrUnavailable.
	Commit(ctx context.Context, next State) (State, error)

	// Delete removes the record. Deleting what is not there is not an error.
	Delete(ctx context.Context) error

	// Kind says where the last operation found or put the record.
	Kind() Kind
}

// Updater is a [Store] that can change its record under one lock, which
// spares [Update] the retries.
type Updater interface {
	Store
	Update(ctx context.Context, change func(State) (State, error)) (State, error)
}

// Update loads the state, applies change to it and commits the result, so
// that no update of another process is lost. If nothing is stored, change
// gets the zero State. Its error ends Update with nothing written. change
// must be quick and free of side effects: other processes may wait for it,
// and it runs again if another process came first. The Sequence of what it
// returns is ignored.
//
// Update does not replace a record that cannot be read: it returns
// ErrUnavailable, ErrDamaged, ErrForeign or ErrNewerFormat, and the caller
// that wants to start anew commits a State with Sequence 0.
func Update(ctx context.Context, s Store, change func(State) (State, error)) (State, error) {
	ctx = given.Context(ctx)
	if u, ok := s.(Updater); ok {
		return u.Update(ctx, change)
	}
	for {
		base, err := s.Load(ctx)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return State{}, err
		}
		next, err := change(base)
		if err != nil {
			return State{}, err
		}
		next.Sequence = base.Sequence
		done, err := s.Commit(ctx, next)
		if !errors.Is(err, ErrConflict) {
			return done, err
		}
		if err := ctx.Err(); err != nil {
			return State{}, err
		}
	}
}

// Unreadable reports whether an error says that a record is there and cannot be
// read by this version on this machine, now or later.
func Unreadable(err error) bool {
	return errors.Is(err, ErrDamaged) || errors.Is(err, ErrForeign) || errors.Is(err, ErrNewerFormat)
}
