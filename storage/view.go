package storage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// stored is what one slot holds.
type stored struct {
	slot  slot
	raw   []byte
	rec   *record
	state State
	spill string // name of a spill file that is there but damaged
	err   error  // why there is no state

	missing bool // the spill file is not there, which was written before rec
}

// view is all that can be seen of a record, and what follows from it.
type view struct {
	copies []stored
	mark   mark   // zero if there is none
	marked bool   // there is an authentic one
	spills uint64 // a commit with this sequence must have been, for a later spill file to be written
	files  bool   // there is a slot for a file
	spare  bool   // what cannot be written elsewhere is kept in memory

	newest      *stored   // the copy that counts, nil if err is set
	state       State     // its state, as the caller sees it
	err         error     // why there is none
	server      time.Time // newest server time that is known to have been stored
	unreachable error     // why the keyring did not answer
	unreadable  error     // why a file could not be read, and may be another time
}

// look reads every slot. It changes nothing.
func (l *Local) look(ctx context.Context) view {
	v := view{files: l.file != nil, spare: l.memory != nil}
	b, err := readFile(l.fsys, l.mark, markLen)
	if err == nil {
		v.mark, err = l.sealer.decodeMark(b)
	}
	switch {
	case err == nil:
		v.marked = true
	case errors.Is(err, ErrDamaged), errors.Is(err, errMarkDamaged):
		// What it said is lost, but most marks are about a keyring.
		v.mark = mark{inKeyring: l.keyring != nil}
	case errors.Is(err, ErrUnavailable):
		v.unreadable = err
	}
	// The file first: records move from there to the keyring, so a reader
	// without the lock finds them in one or the other.
	if l.file != nil {
		v.copies = append(v.copies, l.lookAt(ctx, l.file))
	}
	if l.keyring != nil {
		v.copies = append(v.copies, l.lookAt(ctx, l.keyring))
	}
	if l.memory != nil && l.memory.record.Load() != nil {
		v.copies = append(v.copies, l.lookAt(ctx, l.memory))
	}
	if l.copy != nil {
		// One that cannot be read is no copy, and nobody misses it.
		if c := l.lookAt(ctx, l.copy); c.rec != nil {
			v.copies = append(v.copies, c)
		}
	}
	l.witnessSpills(&v)
	v.judge()
	return v
}

func (l *Local) lookAt(ctx context.Context, s slot) stored {
	c := stored{slot: s}
	if c.raw, c.err = s.read(ctx); c.err != nil {
		return c
	}
	if c.rec, c.err = l.sealer.decode(c.raw, nil); c.err != nil {
		return c
	}
	c.state = c.rec.state
	if c.rec.form == formReference {
		l.openSpill(&c)
	}
	return c
}

// openSpill reads the state that the record of c refers to. If that is gone
// but an earlier one is there, a backup of the folder was restored.
func (l *Local) openSpill(c *stored) {
	want := spillName(l.base, c.rec.state.Sequence, c.rec.digest)
	b, err := readFile(l.fsys, filepath.Join(l.folder, want), maxRecord)
	switch {
	case errors.Is(err, ErrUnavailable):
		c.err = err
		return
	case err == nil && bytes.Equal(digestOf(b), c.rec.digest):
		r, err := l.sealer.decode(b, c.rec.keys)
		if err == nil {
			c.state.Data = r.state.Data
			return
		}
		c.err = err
	case err == nil:
		c.err = fmt.Errorf("%w: state file %s was edited", ErrDamaged, want)
	case errors.Is(err, ErrNotFound):
		c.missing = true
		c.err = fmt.Errorf("%w: state file %s is missing", ErrDamaged, want)
	default:
		c.err = err
	}
	if old := l.olderSpill(c.rec); old != nil {
		c.state, c.err = old.state, nil
		c.state.HighWater = latest(c.state.HighWater, c.rec.state.HighWater)
		return
	}
	if !errors.Is(err, ErrNotFound) {
		c.spill = want
	}
}

// olderSpill returns the newest authentic spill file that is older than what
// the record refers to.
func (l *Local) olderSpill(head *record) (newest *record) {
	l.eachSpill(func(name string) {
		r := l.decodeSpill(name, head.keys)
		if r != nil && r.state.Sequence < head.state.Sequence && (newest == nil || r.state.Sequence > newest.state.Sequence) {
			newest = r
		}
	})
	return newest
}

func (l *Local) eachSpill(f func(name string)) {
	names, err := l.fsys.List(l.folder)
	if err != nil {
		return
	}
	for _, name := range names {
		if strings.HasPrefix(name, l.base+".") && strings.HasSuffix(name, spillSuffix) {
			f(name)
		}
	}
}

// decodeSpill returns an authentic spill file, else nil.
func (l *Local) decodeSpill(name string, k *keys) *record {
	b, err := l.fsys.Read(filepath.Join(l.folder, name), maxRecord)
	if err != nil {
		return nil
	}
	r, err := l.sealer.decode(b, k)
	if err != nil {
		return nil
	}
	return r
}

// witnessSpills looks at the names of spill files for one that only a commit
// later than all that is known can have left: the sequence of a spill file is at
// most one more than what was stored when it was written.
func (l *Local) witnessSpills(v *view) {
	if l.keyring == nil {
		return
	}
	var k *keys
	for i := range v.copies {
		if c := &v.copies[i]; c.rec != nil {
			k = c.rec.keys // all copies of a record have the same
		}
	}
	if k == nil {
		return
	}
	known := v.last() + 1
	l.eachSpill(func(name string) {
		digits, _, _ := strings.Cut(name[len(l.base)+1:], "-")
		number, err := strconv.ParseUint(digits, 16, 64)
		if err != nil || number <= known {
			return
		}
		if r := l.decodeSpill(name, k); r != nil {
			v.spills = max(v.spills, r.state.Sequence-1)
		}
	})
}

// judge decides which copy counts.
func (v *view) judge() {
	var trouble error // the copy that is there, but of no use
	v.server = v.mark.server
	for i := range v.copies {
		c := &v.copies[i]
		if c.err == nil && c.state.Sequence <= v.mark.deleted {
			c.err = ErrNotFound
		}
		if c.rec != nil {
			v.server = latest(v.server, c.rec.state.ServerTime)
		}
		switch {
		case c.err == nil:
			if v.newest == nil || newer(&c.state, &v.newest.state) {
				v.newest = c
			}
		case errors.Is(c.err, ErrUnavailable) && c.slot.kind() == KindKeyring:
			v.unreachable = c.err
		case errors.Is(c.err, ErrUnavailable):
			v.unreadable = c.err
		case !errors.Is(c.err, ErrNotFound) && trouble == nil:
			trouble = c.err
		}
	}
	switch hidden := v.hidden(); {
	case hidden != nil && (v.spare || v.files && v.unreadable == nil):
		v.err = fmt.Errorf("%w: %w", ErrOutOfReach, hidden)
	case hidden != nil:
		v.err = hidden
	case v.newest == nil && trouble != nil:
		v.err = trouble
	case v.newest == nil:
		v.err = ErrNotFound
	}
	if v.err != nil {
		v.newest = nil
		return
	}
	v.state = v.newest.state
	v.suspect()
	v.state.Sequence = v.last()
}

// hidden says why something that cannot be seen now may be newer than what can.
func (v *view) hidden() error {
	spare := v.newest != nil && v.newest.slot.kind() == KindMemory && v.newest.state.Sequence >= v.mark.sequence
	switch {
	case spare: // it was committed because of that
		return nil
	case v.unreadable != nil:
		return v.unreadable
	case v.unreachable != nil && v.keyringCounts():
		return v.unreachable
	}
	return nil
}

// suspect reports a state that is an older copy: an authentic header is newer
// than all that can be read, or something is missing that is always written
// before what is there.
func (v *view) suspect() {
	newest := v.newest.rec
	if newest.witnessed && !v.marked && v.newest.slot.kind() != KindMemory {
		v.state.RestoredCopy = true
	}
	highest := v.highest()
	if max(v.mark.sequence, v.spills) > highest {
		v.state.RestoredCopy = true
	}
	if v.mark.sequence > highest {
		v.state.HighWater = latest(v.state.HighWater, v.mark.highWater)
	}
	for i := range v.copies {
		c := &v.copies[i]
		if c.rec == nil {
			continue
		}
		head := &c.rec.state
		if head.Sequence > highest {
			v.state.RestoredCopy = true
			v.state.HighWater = latest(v.state.HighWater, head.HighWater)
		}
		if c.missing && head.Sequence == highest {
			v.state.RestoredCopy = true
		}
	}
}

// newer orders two copies of one record: by server time, which is the order
// of the server's answers, then by sequence. At a tie the first read, the
// file, stays: it was written because the keyring failed.
func newer(a, b *State) bool {
	if !a.ServerTime.Equal(b.ServerTime) {
		return a.ServerTime.After(b.ServerTime)
	}
	return a.Sequence > b.Sequence
}

// keyringCounts says whether a keyring that does not answer may hold a newer
// record than the file.
func (v *view) keyringCounts() bool {
	switch {
	case !v.files && v.newest == nil: // there is only the keyring
		return true
	case !v.mark.inKeyring:
		return false
	}
	return v.newest == nil || v.newest.state.Sequence < v.mark.sequence
}

// outOfReach says whether a commit on this base may go to the file although
// the newest record is in a keyring that does not answer: because the caller
// has seen that record, or starts anew.
func (v *view) outOfReach(base uint64) bool {
	return errors.Is(v.err, ErrOutOfReach) && (base == 0 || base >= v.mark.sequence)
}

// refuse makes the record one that cannot be read, because the caller cannot.
func (v *view) refuse(base string, why error) {
	v.newest.err = why
	if head := v.newest.rec; head.form == formReference {
		v.newest.spill = spillName(base, head.state.Sequence, head.digest)
	}
	v.newest, v.state, v.err = nil, State{}, why
}

// witness is what is known of a record that is out of reach.
func (v *view) witness() State {
	return State{Sequence: v.last(), HighWater: v.mark.highWater, ServerTime: v.mark.server}
}

// highest is the largest sequence of the copies that can be read, as they were
// committed: what an older spill file gives counts as that.
func (v *view) highest() (n uint64) {
	for i := range v.copies {
		if v.copies[i].err == nil {
			n = max(n, v.copies[i].state.Sequence)
		}
	}
	return n
}

// last is the largest sequence that is known to have existed.
func (v *view) last() uint64 {
	n := max(v.highest(), v.mark.sequence, v.mark.deleted, v.spills)
	for i := range v.copies {
		if c := &v.copies[i]; c.rec != nil {
			n = max(n, c.rec.state.Sequence)
		}
	}
	return n
}

// empty says that there is nothing to delete.
func (v *view) empty() bool {
	for i := range v.copies {
		c := &v.copies[i]
		if c.raw != nil || !errors.Is(c.err, ErrNotFound) && !errors.Is(c.err, v.unreachable) {
			return false
		}
	}
	return !v.mark.inKeyring && v.mark.sequence == v.mark.deleted
}

func digestOf(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:]
}
