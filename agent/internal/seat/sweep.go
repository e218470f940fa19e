package seat

import (
	"context"
	"slices"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/slascone"
)

// sweep gives back what windows that died have left; a seat that was taken
// by hand may be wanted. The caller has the turn.
func (h *Holder) sweep(ctx context.Context) {
	if h.Manual {
		return
	}
	for _, w := range h.Ledger.Known().Windows {
		if w.Window == h.window {
			continue
		}
		lock, dead, _ := h.lock(w.Window)
		if !dead {
			continue
		}
		err := h.sweepOne(ctx, w.Window)
		lock.Release()
		if err != nil {
			return // the next renewal tries again
		}
	}
}

// sweepOne does so for one window, whose lock the caller holds. It returns an
// error when the server could not be asked.
func (h *Holder) sweepOne(ctx context.Context, window int) error {
	h.Ledger.Refresh(ctx)
	k := h.Ledger.Known()
	i := slices.IndexFunc(k.Windows, func(w record.WindowSeat) bool { return w.Window == window })
	if i < 0 {
		return nil // it gave its seat back before it let go of its lock
	}
	left := k.Windows[i]
	if left.Seat.Checkout > 0 && h.Ledger.Now().Before(left.Session.ValidUntil) {
		return nil // checked out for work off line
	}
	if left.Seat.SessionID != "" {
		if err := h.tell(ctx, k, left.Seat); err != nil && !slascone.IsConflict(err) {
			return err
		}
	}
	return h.Ledger.Keep(ctx, func(k *record.Known) { k.Record = *k.WithoutWindow(window) })
}
