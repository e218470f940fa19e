package journal

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/leasehold-dev/leasehold/internal/given"
)

// request is an Append that waits. Its answer is guarded by the turn.
type request struct {
	entries  [][]byte
	size     int
	answered bool
	err      error
}

// Append adds entries, in this order, all of them or none. When it returns nil
// they are on the disk. Each has 1 to [MaxEntry] bytes, and together they have
// less than 1 MiB. Appends that come while another is being written are
// written together, with one wait for the disk.
//
// Errors match [ErrFull], [ErrBusy], [ErrClosed], ctx's, or what the file
// system gave. After the latter the entries were taken back; where the file
// system refused that as well, they may be delivered all the same. ctx bounds
// the wait for others, not for the disk.
func (j *Journal) Append(ctx context.Context, entries ...[]byte) error {
	ctx = given.Context(ctx)
	if len(entries) == 0 {
		return nil
	}
	r := &request{entries: entries, size: 1}
	for _, e := range entries {
		if len(e) == 0 || len(e) > MaxEntry {
			return fmt.Errorf("journal: append: an entry has %d bytes; it must have 1 to %d", len(e), MaxEntry)
		}
		r.size += entrySize(e)
	}
	if r.size > maxContent {
		return fmt.Errorf("journal: append: %d entries are too long together; append fewer at a time", len(entries))
	}
	if err := j.append(ctx, r); err != nil {
		return fmt.Errorf("journal: append: %w", err)
	}
	return nil
}

func (j *Journal) append(ctx context.Context, r *request) error {
	j.mu.Lock()
	j.queue = append(j.queue, r)
	j.mu.Unlock()
	if err := j.takeTurn(ctx); err != nil {
		if j.withdraw(r) {
			return err
		}
		j.turn <- struct{}{} // r is being written
	}
	defer j.giveTurn()
	if r.answered {
		return r.err
	}
	s, err := j.begin(ctx)
	if err != nil {
		j.withdraw(r)
		return err
	}
	defer s.end()
	s.commit(j.group(r))
	return r.err
}

// withdraw takes r out of the queue, and reports whether it was there.
func (j *Journal) withdraw(r *request) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	i := slices.Index(j.queue, r)
	if i >= 0 {
		j.queue = slices.Delete(j.queue, i, i+1)
	}
	return i >= 0
}

// group takes from the queue r and as many others as fit one frame.
func (j *Journal) group(r *request) []*request {
	j.mu.Lock()
	defer j.mu.Unlock()
	group, size := []*request{r}, r.size
	rest := j.queue[:0]
	for _, other := range j.queue {
		switch {
		case other == r:
		case size+other.size <= maxContent:
			group, size = append(group, other), size+other.size
		default:
			rest = append(rest, other)
		}
	}
	clear(j.queue[len(rest):])
	j.queue = rest
	return group
}

// commit writes a group and answers it. Where there is no room for all, there
// may be for some.
func (s *session) commit(group []*request) {
	err := s.append(group)
	one := len(group) > 1 && errors.Is(err, ErrFull)
	for _, r := range group {
		if one {
			err = s.append([]*request{r})
			one = err == nil || errors.Is(err, ErrFull)
		}
		r.answered, r.err = true, err
	}
}

func (s *session) append(group []*request) error {
	var entries [][]byte
	for _, r := range group {
		entries = append(entries, r.entries...)
	}
	content := entriesContent(entries)
	if err := s.makeRoom(int64(len(content) + frameBounds)); err != nil {
		return err
	}
	if err := s.write(content); err != nil {
		return err
	}
	s.j.st.next.position += uint64(len(entries))
	return nil
}

// write adds a frame and waits until it is on the disk.
func (s *session) write(content []byte) error {
	st := &s.j.st
	b := sealFrame(nil, st.aead, st.next.frame, content)
	_, err := s.f.WriteAt(b, st.next.offset)
	if err == nil {
		err = s.f.Sync()
	}
	if err != nil {
		// What could not be made durable must not come back later.
		return errors.Join(err, s.f.Truncate(st.next.offset))
	}
	st.next.offset += int64(len(b))
	st.next.frame++
	return nil
}
