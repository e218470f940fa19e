package storage

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/leasehold-dev/leasehold/internal/given"
)

// Local is the [Store] of this machine: the keyring of the operating system,
// or a sealed file. Make one with [Open].
//
// Bytes that cannot be read as this record are replaced only after a copy was
// kept in [Local.Folder], under a name that ends in .damaged, .foreign or
// .newer; one copy of each is kept, the latest.
type Local struct {
	cfg     Config
	guard   *guard // nil with KindFile
	fsys    fileSystem
	folder  string
	base    string // first part of all file names of this record
	mark    string // path of the mark, which every operation reads
	sealer  sealer
	derived atomic.Pointer[keys] // of the sealer
	file    *fileSlot            // nil with KindKeyring
	keyring *keyringSlot         // nil with KindFile
	copy    *fileSlot            // of what the keyring holds; nil without Config.Copy
	memory  *memorySlot          // nil without Config.Memory
	turn    chan struct{}
	current atomic.Value          // Kind
	noFiles atomic.Pointer[error] // why nothing can be written into the folder, as far as that is known
	toldOf  atomic.Bool           // EventUnlocked was told
	lasting atomic.Bool           // a record was seen, or put, where it lasts
	writers sync.Pool             // of the press, each of which has a megabyte
}

var _ Updater = (*Local)(nil)

// Kind says where the record is kept: where the last commit put it, or the next
// one will, as far as is known. It is KindMemory, with Config.Memory, also while
// a record is in a file that cannot be replaced.
func (l *Local) Kind() Kind {
	k := l.current.Load().(Kind)
	if k == KindFile && l.noFiles.Load() != nil {
		return KindMemory
	}
	return k
}

// Unkept returns why what was committed last is only in memory, and nil when
// it is kept, or nothing was committed.
func (l *Local) Unkept() error {
	if l.memory == nil || l.memory.reason.Load() == nil {
		return nil
	}
	return *l.memory.reason.Load()
}

func (l *Local) setKind(k Kind) {
	if l.current.Load() != k {
		l.current.Store(k)
	}
}

// Outlived returns the error of [Local.Unkept] if an earlier state is stored where
// it lasts. That state cannot be replaced now, and will be found again when the
// process has ended, so what it holds must not be given away.
func (l *Local) Outlived() error {
	if !l.lasting.Load() {
		return nil
	}
	return l.Unkept()
}

// Folder is the folder that holds this product's files. It is made by the first commit, which may find that it cannot be made.
func (l *Local) Folder() string { return l.folder }

// Load implements [Store]. Beside [ErrOutOfReach] it returns what bears witness
// to the record. It takes the lock only to make sure of bad news: a
// reader without it may see half of what another process is doing.
func (l *Local) Load(ctx context.Context) (State, error) {
	ctx = given.Context(ctx)
	v, err := l.peek(ctx)
	if err == nil && (v.err != nil || v.state.RestoredCopy) && !errors.Is(v.err, errHung) {
		err = l.locked(ctx, true, func() { v = l.look(ctx) })
	}
	if err != nil {
		return State{}, fmt.Errorf("storage: load: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return State{}, fmt.Errorf("storage: load: %w", err)
	}
	if errors.Is(v.err, ErrOutOfReach) {
		return v.witness(), fmt.Errorf("storage: load: %w", v.err)
	}
	if v.err != nil {
		return State{}, fmt.Errorf("storage: load: %w", v.err)
	}
	kind := v.newest.slot.kind()
	if kind == KindFile && l.Kind() == KindKeyring && v.unreachable == nil {
		kind = KindKeyring // the next commit moves it there
	}
	l.setKind(kind)
	l.seen(&v)
	return v.state, nil
}

// seen notes whether there is a record that lasts.
func (l *Local) seen(v *view) {
	for i := range v.copies {
		if c := &v.copies[i]; c.err == nil && c.slot.kind() != KindMemory {
			l.lasting.Store(true)
		}
	}
}

// peek looks at what is stored without the lock, where that is harmless.
func (l *Local) peek(ctx context.Context) (v view, err error) {
	if readUnderLock && l.keyring != nil {
		err = l.locked(ctx, true, func() { v = l.look(ctx) })
		return v, err
	}
	return l.look(ctx), nil
}

// Commit implements [Store].
func (l *Local) Commit(ctx context.Context, next State) (State, error) {
	return l.update(ctx, "commit", func(v *view) (State, error) {
		switch {
		case v.outOfReach(next.Sequence):
		case errors.Is(v.err, ErrUnavailable):
			return State{}, v.err
		case v.err != nil && next.Sequence != 0:
			return State{}, fmt.Errorf("%w: based on %d, but now: %s", ErrConflict, next.Sequence, v.err.Error())
		case v.err == nil && next.Sequence != v.state.Sequence:
			return State{}, fmt.Errorf("%w: based on %d, stored is %d", ErrConflict, next.Sequence, v.state.Sequence)
		}
		return next, nil
	})
}

// Update changes the record under one lock; see the function [Update]. Where
// change returns ErrDamaged or ErrNewerFormat, because it cannot read the Data,
// the record is set aside like one that the store cannot read, and change is
// called once more, with nothing but the Sequence.
func (l *Local) Update(ctx context.Context, change func(State) (State, error)) (State, error) {
	return l.update(ctx, "update", func(v *view) (State, error) {
		if v.err != nil && !errors.Is(v.err, ErrNotFound) {
			return State{}, v.err
		}
		next, err := change(v.state)
		if v.newest != nil && (errors.Is(err, ErrDamaged) || errors.Is(err, ErrNewerFormat)) {
			v.refuse(l.base, err)
			next, err = change(v.state)
		}
		next.Sequence = v.state.Sequence
		return next, err
	})
}

// update holds the lock while decide looks at what is stored and its answer
// is written.
func (l *Local) update(ctx context.Context, op string, decide func(*view) (State, error)) (done State, err error) {
	ctx = given.Context(ctx)
	var events []Event
	lerr := l.locked(ctx, false, func() {
		v := l.look(ctx)
		if err = ctx.Err(); err != nil {
			return
		}
		var next State
		if next, err = decide(&v); err == nil {
			done, events, err = l.write(ctx, &v, next)
		}
	})
	for _, e := range events {
		l.cfg.OnEvent(e)
	}
	if lerr != nil {
		err = lerr
	}
	if err != nil {
		return State{}, fmt.Errorf("storage: %s: %w", op, err)
	}
	return done, nil
}

// Delete implements [Store].
//
// A deleted record stays deleted: what is left of it, or comes back from a
// backup, is not found, as long as the mark in the folder exists. If the
// keyring holds the record and does not answer, Delete returns
// ErrUnavailable; the record is not found from then on, and its item is
// removed by the next Commit or Delete that reaches the keyring.
func (l *Local) Delete(ctx context.Context) error {
	ctx = given.Context(ctx)
	if v, err := l.peek(ctx); err == nil && v.empty() && ctx.Err() == nil {
		return nil // and no folder is made for that
	}
	var events []Event
	var err error
	lerr := l.locked(ctx, false, func() {
		v := l.look(ctx)
		if err = ctx.Err(); err == nil {
			events, err = l.erase(ctx, &v)
		}
	})
	for _, e := range events {
		l.cfg.OnEvent(e)
	}
	if lerr != nil {
		err = lerr
	}
	if err != nil {
		return fmt.Errorf("storage: delete: %w", err)
	}
	return nil
}

// locked runs f while no other goroutine or process writes this record; shared,
// it makes no file.
func (l *Local) locked(ctx context.Context, shared bool, f func()) error {
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, l.cfg.LockTimeout)
	defer cancel()
	unlock, err := l.lock(ctx, shared)
	if err != nil {
		if cerr := outer.Err(); cerr != nil {
			return cerr
		}
		return fmt.Errorf("%w: another process has held the lock for %v", ErrUnavailable, l.cfg.LockTimeout)
	}
	defer unlock()
	f()
	return nil
}

// lock returns an error only when ctx has ended. Where no lock can be had, the
// store goes on without: one process at a time is the rule, and an answer of the
// server that is lost to another process comes again.
func (l *Local) lock(ctx context.Context, shared bool) (func(), error) {
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	giveTurn := func() { <-l.turn }
	if !shared && l.fsys.MakeFolder(l.folder) != nil {
		return giveTurn, nil // what is to be written there will say why
	}
	unlock, err := l.fsys.Lock(ctx, filepath.Join(l.folder, l.base+lockSuffix), shared)
	switch {
	case err == nil:
		return func() { unlock(); giveTurn() }, nil
	case ctx.Err() != nil:
		giveTurn()
		return nil, ctx.Err()
	case shared || l.fsys.Writable(l.folder) != nil || l.toldOf.Swap(true):
		return giveTurn, nil
	}
	return func() {
		giveTurn()
		l.cfg.Logger.Warn("no file lock can be had for the licence state", "err", err)
		l.cfg.OnEvent(Event{Type: EventUnlocked, Store: l.Kind(), Err: err})
	}, nil
}

// write commits next over what v shows. The order is what makes a crash
// harmless; see the package documentation.
func (l *Local) write(ctx context.Context, v *view, next State) (State, []Event, error) {
	if len(next.Data) > MaxData {
		return State{}, nil, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, len(next.Data), MaxData)
	}
	next = normal(next)
	next.Sequence = max(v.last(), next.Sequence) + 1
	next.RestoredCopy = v.state.RestoredCopy && !next.ServerTime.After(v.server)

	k, err := l.keysFor(v)
	if err != nil {
		return State{}, nil, err
	}
	from := l.Kind()
	if v.newest != nil {
		from = v.newest.slot.kind()
		if v.newest.slot == slot(l.copy) {
			from = KindKeyring
		}
	}
	l.seen(v)
	why := v.unreachable
	events, failed := l.setAside(v) // while that fails, nothing may be replaced
	for _, target := range l.targets(v) {
		if target.kind() != KindMemory && failed != nil {
			continue
		}
		if ctx.Err() != nil {
			return State{}, events, ctx.Err()
		}
		err := l.writeTo(ctx, target, v, k, next)
		if err != nil {
			v.unreachable, why = err, joinReasons(why, err)
			continue
		}
		why = joinReasons(joinReasons(why, failed), v.unreadable)
		if kind := target.kind(); kind != from {
			events = append(events, Event{Type: EventMoved, Store: kind, From: from, Err: why})
		}
		l.note(ctx, target.kind(), why)
		return next, events, nil
	}
	return State{}, events, joinReasons(why, failed)
}

// note keeps in mind where a commit went, and why not elsewhere.
func (l *Local) note(ctx context.Context, kind Kind, why error) {
	switch {
	case l.memory == nil:
	case kind == KindMemory:
		l.memory.reason.Store(&why)
	default:
		_ = l.memory.remove(ctx) // never fails
	}
	if kind != KindMemory {
		l.lasting.Store(true)
	}
	if kind == KindFile {
		l.noFiles.Store(nil)
	}
	l.setKind(kind)
}

// targets lists the slots to write to, the next one for when the one before
// fails: the keyring, if it answered just now, the file, and memory. A file that
// could not be read is not replaced: it may hold what is newer.
func (l *Local) targets(v *view) []slot {
	var t []slot
	if l.keyring != nil && v.unreadable == nil && (v.unreachable == nil || l.file == nil) {
		t = append(t, l.keyring)
	}
	if l.file != nil && v.unreadable == nil {
		t = append(t, l.file)
	}
	if l.memory != nil {
		t = append(t, l.memory)
	}
	return t
}

func (l *Local) keysFor(v *view) (*keys, error) {
	if v.newest != nil {
		return v.newest.rec.keys, nil
	}
	return l.sealer.newKeys()
}

func (l *Local) writeTo(ctx context.Context, target slot, v *view, k *keys, next State) error {
	if target.kind() == KindMemory {
		return target.write(ctx, l.sealer.encode(k, formState, next, next.Data, 0))
	}
	toKeyring := target.kind() == KindKeyring
	if err := l.announce(v, toKeyring, next.Sequence); err != nil {
		return err
	}
	spill, err := l.put(ctx, target, v, k, next)
	if err != nil {
		return err
	}

	// The commit is done. What follows is tidying, and bearing witness.
	var behind error // the copy stays behind the item
	if toKeyring && l.copy != nil {
		if behind = l.writeCopy(ctx, v, k, next); behind != nil {
			l.cfg.Logger.Warn("the copy of the licence state could not be written", "err", behind)
		}
	}
	if v.marked {
		m := mark{inKeyring: v.mark.inKeyring, sequence: next.Sequence, deleted: v.mark.deleted, highWater: next.HighWater, server: next.ServerTime}
		if next.RestoredCopy {
			m.highWater, m.server = latest(m.highWater, v.mark.highWater), latest(m.server, v.server)
		}
		if err := l.writeMark(m); err != nil {
			l.cfg.Logger.Warn("the mark of the licence state could not be written", "err", err)
			if behind != nil {
				return behind // and nothing would tell
			}
		}
	}
	if toKeyring && l.file != nil {
		if err := l.file.remove(ctx); err != nil {
			l.cfg.Logger.Warn("a state file that was moved to the keyring could not be removed", "err", err)
		}
	}
	// An item out of reach may still name a spill file.
	l.sweep(spill, toKeyring || v.unreachable == nil && !v.mark.inKeyring)
	return nil
}

// announce writes a mark before the first record: from then on a keyring that
// does not answer must not look like one that holds nothing, and a record without
// a mark is one that was put back. Where the mark was lost, it says at once that
// there is something newer, so that an interruption does not make an older copy
// look like the newest.
func (l *Local) announce(v *view, toKeyring bool, sequence uint64) error {
	if v.marked && (v.mark.inKeyring || !toKeyring) {
		return nil
	}
	m := v.mark
	m.inKeyring = m.inKeyring || toKeyring
	if v.state.RestoredCopy {
		m.sequence = max(m.sequence, sequence)
		m.highWater, m.server = latest(m.highWater, v.state.HighWater), latest(m.server, v.server)
	}
	err := l.writeMark(m)
	switch {
	case err == nil:
		v.mark, v.marked = m, true
	case toKeyring && l.fsys.Writable(l.folder) != nil:
		err = nil // the keyring does without files, and the record says so
	}
	return err
}

// put writes the record into a slot, and what does not fit into a spill file.
func (l *Local) put(ctx context.Context, target slot, v *view, k *keys, next State) (spill string, err error) {
	payload, flags := l.pack(next.Data, target.fits)
	if target.fits(overheadLen + len(payload)) {
		return "", target.write(ctx, l.sealer.encode(k, formState, next, payload, flags|v.flags()))
	}
	body := l.sealer.encode(k, formSpill, next, payload, flags|v.flags())
	digest := digestOf(body)
	spill = spillName(l.base, next.Sequence, digest)
	if err := unavailable(writeAtomic(l.fsys, l.folder, spill, body)); err != nil {
		return "", err
	}
	return spill, target.write(ctx, l.sealer.encode(k, formReference, next, digest, v.flags()))
}

// flags are those of a record that is written now.
func (v *view) flags() byte {
	if v.marked {
		return flagWitnessed
	}
	return 0
}

// writeCopy writes the copy of what was committed to the keyring. An error means
// that an older one is still there.
func (l *Local) writeCopy(ctx context.Context, v *view, k *keys, st State) error {
	payload, flags := l.pack(st.Data, l.copy.fits)
	return l.copy.write(ctx, l.sealer.encode(k, formState, st, payload, flags|v.flags()))
}

func (l *Local) writeMark(m mark) error {
	return unavailable(writeAtomic(l.fsys, l.folder, l.base+markSuffix, l.sealer.encodeMark(m)))
}

// sweep removes what crashes and earlier commits left behind. It runs under
// the lock, so no temporary file is in use.
func (l *Local) sweep(keep string, spills bool) {
	names, err := l.fsys.List(l.folder)
	if err != nil {
		l.cfg.Logger.Warn("the folder of the licence state could not be listed", "err", err)
		return
	}
	for _, name := range names {
		ours := strings.HasPrefix(name, l.base+".")
		stale := strings.HasSuffix(name, tempSuffix) || spills && strings.HasSuffix(name, spillSuffix) && name != keep ||
			l.copy == nil && l.keyring != nil && strings.HasSuffix(name, copySuffix) // of an earlier configuration
		if ours && stale {
			if err := l.fsys.Remove(filepath.Join(l.folder, name)); err != nil {
				l.cfg.Logger.Debug("a file that is no longer needed could not be removed", "file", name, "err", err)
			}
		}
	}
}

// setAside keeps copies of all bytes in v that could not be read.
func (l *Local) setAside(v *view) ([]Event, error) {
	var events []Event
	for i := range v.copies {
		c := &v.copies[i]
		var ending string
		switch {
		case errors.Is(c.err, ErrDamaged):
			ending = ".damaged"
		case errors.Is(c.err, ErrForeign):
			ending = ".foreign"
		case errors.Is(c.err, ErrNewerFormat):
			ending = ".newer"
		default:
			continue
		}
		kept := l.base + "." + string(c.slot.kind()) + ending
		if err := l.keep(c, kept); err != nil {
			return nil, fmt.Errorf("keeping a copy of what is replaced: %w", unavailable(err))
		}
		l.cfg.Logger.Warn("a licence state that could not be read was set aside", "file", kept, "err", c.err)
		events = append(events, Event{
			Type: EventSetAside, Store: c.slot.kind(),
			Err: fmt.Errorf("%w; kept as %s", c.err, filepath.Join(l.folder, kept)),
		})
	}
	return events, nil
}

func (l *Local) keep(c *stored, as string) error {
	if c.spill != "" {
		err := l.fsys.Rename(filepath.Join(l.folder, c.spill), filepath.Join(l.folder, l.base+spillSuffix+".damaged"))
		if err != nil {
			return err
		}
	}
	if c.raw == nil { // longer than any record: too long to copy
		return l.fsys.Rename(l.file.path, filepath.Join(l.folder, as))
	}
	return writeAtomic(l.fsys, l.folder, as, c.raw)
}

// erase writes the mark that makes the record deleted, then removes it.
func (l *Local) erase(ctx context.Context, v *view) ([]Event, error) {
	if v.empty() {
		return nil, l.removeCopy(ctx) // from a Delete that was cut off
	}
	events, err := l.setAside(v)
	if err != nil {
		return nil, err
	}
	end := v.last() + 1
	if err := l.writeMark(mark{sequence: end, deleted: end}); err != nil {
		return events, err
	}
	if l.memory != nil {
		_ = l.memory.remove(ctx) // never fails
	}
	l.lasting.Store(false)
	err = l.removeCopy(ctx)
	if l.file != nil {
		err = errors.Join(err, l.file.remove(ctx))
	}
	if l.keyring != nil {
		switch {
		case v.unreachable == nil:
			err = errors.Join(err, l.keyring.remove(ctx))
		case v.mark.inKeyring:
			err = errors.Join(err, v.unreachable)
		}
	}
	if err != nil {
		return events, err
	}
	l.sweep("", true)
	return events, nil
}

func (l *Local) removeCopy(ctx context.Context) error {
	if l.copy == nil {
		return nil
	}
	return l.copy.remove(ctx)
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
