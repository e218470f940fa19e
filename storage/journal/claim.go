package journal

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/leasehold-dev/leasehold/internal/given"
)

// Rejected, see docs/designs.md: One journal for each process.

// Claim is the right to deliver entries, which one process has at a time. It
// is for one goroutine, and must be released.
type Claim struct {
	j      *Journal
	unlock func() // nil when released
}

// Claim takes the right to deliver entries. It does not wait: the error
// matches [ErrClaimed] when somebody else is delivering. A process that ends
// gives the right back.
func (j *Journal) Claim() (*Claim, error) {
	unlock, ok, err := j.fsys.TryLock(j.claimPath())
	switch {
	case err != nil:
		unlock = func() {} // no lock is to be had; see lock
	case !ok:
		return nil, fmt.Errorf("journal: claim: %w", ErrClaimed)
	}
	return &Claim{j: j, unlock: unlock}, nil
}

// Release gives the right back. What was not acknowledged stays pending.
func (c *Claim) Release() {
	if c.unlock != nil {
		c.unlock()
		c.unlock = nil
	}
}

// Batch returns the oldest pending entries, at most that many; none when none
// are pending. It returns the same ones until they are acknowledged.
func (c *Claim) Batch(ctx context.Context, most int) ([]Entry, error) {
	ctx = given.Context(ctx)
	if most < 1 {
		return nil, errors.New("journal: batch: ask for one entry or more")
	}
	var list []Entry
	err := c.exclusively(ctx, func(s *session) (err error) {
		list, err = s.pending(most)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("journal: batch: %w", err)
	}
	return list, nil
}

// Acknowledge says that the entries up to and including this position are
// delivered. When it returns nil they never come back; after an error, or a
// crash before it returns, they may.
func (c *Claim) Acknowledge(ctx context.Context, through uint64) error {
	ctx = given.Context(ctx)
	return c.acknowledge(ctx, frame{acked: through})
}

// AcknowledgeEach says that these entries are delivered, whatever becomes of
// those before and between them. It promises what Acknowledge does, of all of
// them or, after an error, of none. There may be up to 100,000.
func (c *Claim) AcknowledgeEach(ctx context.Context, positions ...uint64) error {
	ctx = given.Context(ctx)
	const most = 100_000 // so that they fit one frame
	if len(positions) > most {
		return fmt.Errorf("journal: acknowledge: there are %d positions; name %d at a time", len(positions), most)
	}
	return c.acknowledge(ctx, frame{ackedEach: positions})
}

// acknowledge writes what a frame says that is not known yet.
func (c *Claim) acknowledge(ctx context.Context, f frame) error {
	err := c.exclusively(ctx, func(s *session) error {
		st := &s.j.st
		if last := f.furthest(); last >= st.next.position {
			return fmt.Errorf("position %d was not appended yet; the last one is %d", last, st.next.position-1)
		}
		f.ackedEach = slices.DeleteFunc(slices.Clone(f.ackedEach), func(p uint64) bool { return p <= st.acked || st.isSettled(p) })
		content := ackEachContent(f.ackedEach)
		switch {
		case f.acked > st.acked:
			content = ackContent(f.acked)
		case len(f.ackedEach) == 0:
			return nil
		}
		if err := s.write(content); err != nil {
			return err
		}
		st.add(f, st.next.position)
		if err := s.passAcked(); err != nil {
			return err
		}
		worthIt := st.done.offset > st.next.offset/2 || st.next.offset > c.j.opts.MaxBytes
		if worthIt && st.done.offset > compactAfter || st.next.offset > c.j.opts.MaxBytes+compactAfter {
			// It only saves room: what fails now is done another time.
			_ = s.compact()
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("journal: acknowledge: %w", err)
	}
	return nil
}

func (c *Claim) exclusively(ctx context.Context, work func(*session) error) error {
	if c.unlock == nil {
		return fmt.Errorf("claim is %w", ErrClosed)
	}
	return c.j.exclusively(ctx, work)
}
