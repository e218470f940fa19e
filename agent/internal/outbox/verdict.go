package outbox

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage/journal"
)

const (
	// RefusalPatience is how long an entry is offered, RefusalTimes how often at
	// least, that the server refuses without saying whether it is the entry's fault.
	RefusalPatience = 24 * time.Hour
	RefusalTimes    = 3
)

// blame says whether a call failed for the sake of what it carried.
type blame uint8

const (
	elsewhere blame = iota // no: what it carried stays queued
	suspected              // it may have
	carried                // yes
)

// reportEndpoints are those to which only reports go, and the vendor's back
// office, whose conflicts speak of the same things.
const reportEndpoints = enforcement.EndpointAnalytics | enforcement.EndpointUsage | enforcement.EndpointConsumption | enforcement.EndpointBackOffice

// blame judges a refused report by where else its conflict is known: one that a
// heartbeat or an activation can meet as well is about the licence, the seat or
// the device, and may be over when the report is sent again.
func (o *Outbox) blame(err error) blame {
	if refused, ok := errors.AsType[*slascone.ConflictError](err); ok {
		code := enforcement.Code(refused.ID)
		c, known := enforcement.Lookup(code)
		switch {
		case code == o.Suspended:
			return elsewhere
		case !known:
			return suspected
		case c.Endpoints&^reportEndpoints == 0:
			return carried
		}
		return elsewhere
	}
	e, ok := errors.AsType[*slascone.SilenceError](err)
	switch {
	case !ok:
		return elsewhere
	case e.Status == 0 && e.Reason == slascone.BadRequest:
		return carried // it was not even sent
	case e.Status == http.StatusBadRequest, e.Status == http.StatusRequestEntityTooLarge, e.Status == http.StatusUnprocessableEntity:
		return suspected
	}
	return elsewhere
}

// Blames reports whether a call may have failed for the sake of what it carried.
func (o *Outbox) Blames(err error) bool { return o.blame(err) != elsewhere }

// undecidedError says: it stays open whether an entry is at fault.
type undecidedError struct{ error }

func (e undecidedError) Unwrap() error { return e.error }

// verdict is what becomes of an entry that the server refuses by itself.
type verdict uint8

const (
	wornOut   verdict = iota // at fault, and no other was delivered to find that out
	convicted                // at fault: a later one was taken, the witness, and this one refused again
	acquitted                // taken after the witness was
)

// judge decides whether an entry is at fault, which the server has refused in words
// that leave it open: when it takes a later one of the kind, the witness, and then
// refuses this one again, or has refused this one often and for long. A witness
// that was taken is acknowledged. Where it stays open, the error is an
// undecidedError with the refusal.
func (d *delivery) judge(ctx context.Context, first journal.Entry, e Entry, later []journal.Entry, refused error) (verdict, error) {
	times, patient := d.countRefusal(ctx, first, e)
	if !patient {
		return wornOut, nil
	}
	candidates := witnesses(e, later)
	if len(candidates) == 0 {
		return 0, undecidedError{refused}
	}
	witness := candidates[times%len(candidates)] // another each time: this one may be at fault as well
	switch err := d.send(ctx, []Entry{witness.Entry}); {
	case err != nil && d.blame(err) == elsewhere:
		return 0, err
	case err != nil:
		return 0, undecidedError{refused}
	}
	// At once: if this is interrupted before the first one is settled, the witness
	// must not be sent again with it.
	if err := d.settleEach(ctx, []journal.Entry{witness.kept}); err != nil {
		return 0, err
	}
	switch again := d.send(ctx, []Entry{e}); {
	case again == nil:
		return acquitted, nil
	case d.blame(again) == elsewhere:
		return 0, again
	}
	return convicted, nil
}

// countRefusal counts one more refusal of an entry, and returns how many there were
// before. patient is false when there were enough, over a time long enough.
func (d *delivery) countRefusal(ctx context.Context, first journal.Entry, e Entry) (times int, patient bool) {
	now := d.Ledger.Now()
	k := d.Ledger.Known()
	known := k.Refusal(e.Kind)
	switch {
	case known.Position != first.Position,
		known.Since.After(now),                       // the clock ran ahead then
		known.Since.Before(e.At) && !e.At.After(now): // it is of a journal that was lost
		known = record.Refusal{Kind: e.Kind, Position: first.Position, Since: now}
	case now.Sub(known.Since) >= RefusalPatience && known.Times >= RefusalTimes:
		return known.Times, false
	}
	times = known.Times
	known.Times++
	// If that cannot be kept it is told by an event, and counts until the end of
	// the process.
	_ = d.Ledger.Keep(ctx, func(k *record.Known) { k.NoteRefusal(known) })
	return times, true
}

// witness is an entry that is sent before its turn.
type witness struct {
	kept journal.Entry
	Entry
}

// witnesses returns those of the later entries that are of the same kind: first
// one of each other name, as these are the least likely to share a fault, then
// those of the same name.
func witnesses(e Entry, later []journal.Entry) []witness {
	own := strings.ToLower(e.Name)
	seen := map[string]bool{own: true}
	var others, same []witness
	for _, entry := range later {
		q, ok := read(entry)
		if !ok || q.Kind != e.Kind {
			continue
		}
		switch name := strings.ToLower(q.Name); {
		case name == own:
			same = append(same, witness{entry, q})
		case !seen[name]:
			seen[name] = true
			others = append(others, witness{entry, q})
		}
	}
	return append(others, same...)
}
