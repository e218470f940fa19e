package ledger

import (
	"context"
	"sync"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/clock"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
)

// run is the mark of this process. Its lock is never held while the store works.
type run struct {
	mu      sync.Mutex
	running bool
	began   time.Time     // when; it has a monotonic reading
	kept    time.Duration // how long after that the line was last kept, or that was tried
}

// keeps notes that the line is kept now.
func (r *run) keeps() (kept time.Duration, running bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running {
		r.kept = time.Since(r.began)
	}
	return r.kept, r.running
}

func (r *run) set(running bool) (before bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before, r.running = r.running, running
	if running {
		r.began, r.kept = time.Now(), 0
	}
	return before
}

// Begin says that a process runs, and from when on the line is to be kept. alone:
// no other one does. Then a run that did not end was killed, and is charged until
// the line would have been kept next. An older copy of the record says nothing of
// the run after it, whose line is moved on by the most there can be: a charge would
// be put back with the next copy. Nothing is kept as
// long as there is nothing that it protects.
func (l *Ledger) Begin(ctx context.Context, alone bool) error {
	l.Refresh(ctx)
	run, restored := l.Known().Run, l.Restored()
	switch before := l.run.set(true); {
	case !alone || before:
	case restored:
		l.clock.Age(clock.KeptEvery)
	case run.Open:
		l.clock.Charge(clock.NextKept(run.Kept) - run.Kept)
	}
	return l.Flush()
}

// Restored reports whether what is stored is an older copy, which an answer ends.
func (l *Ledger) Restored() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state.RestoredCopy
}

// NextKept is in how long the line is to be kept.
func (l *Ledger) NextKept() time.Duration {
	l.run.mu.Lock()
	defer l.run.mu.Unlock()
	return clock.NextKept(l.run.kept) - time.Since(l.run.began)
}

// KeepLine keeps the line. When that fails, the next try is when the line is to be
// kept next.
func (l *Ledger) KeepLine() error {
	l.run.keeps()
	return l.Flush()
}

// Finish says that the process ends. last: no other one runs. It keeps what was
// observed.
func (l *Ledger) Finish(last bool) error {
	ran := l.run.set(false)
	if l.Idle() {
		return nil
	}
	return l.Keep(context.Background(), func(k *record.Known) {
		if ran && last {
			k.Run = record.Run{}
		}
	})
}
