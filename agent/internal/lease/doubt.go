package lease

import (
	"bytes"
	"context"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// An answer is what the server said about the licence.
type answer = slascone.Answer[license.License]

// secondOpinion asks again, with a new nonce, before a conflict that restricts
// replaces evidence that is not overdue. A conflict names neither client nor time:
// it may have been meant for somebody else, or be one from before.
func (l *Lease) secondOpinion(ctx context.Context, endpoint enforcement.Endpoint, key string, a answer, ask func(context.Context) answer) answer {
	if a.Kind != slascone.No || !l.doubts(endpoint, key, a) {
		return a
	}
	return ask(ctx)
}

// doubts reports whether a refusal is to be heard twice.
func (l *Lease) doubts(endpoint enforcement.Endpoint, key string, a answer) bool {
	k, now := l.Ledger.Known(), l.Ledger.Now()
	overdue := !k.Facts.License.Due.IsZero() && !now.Before(k.Facts.License.Due)
	if a.Conflict.ID == 0 || overdue || !k.Facts.Held() || !l.Ledger.Restricts(l.refusal(endpoint, key, a, now)) {
		return false
	}
	l.Logger.Info("the licence server is asked again before its refusal counts", "code", a.Conflict.ID)
	return true
}

// refusal is what a conflict about the licence with a key means to the policy
// engine.
func (l *Lease) refusal(endpoint enforcement.Endpoint, key string, a answer, now time.Time) enforcement.No {
	no := enforcement.No{Endpoint: endpoint, Code: enforcement.Code(a.Conflict.ID), Key: key, At: a.At}
	if a.Undated {
		no.ReceivedAt = now
	}
	if no.Code == l.Suspended && no.Code != 0 {
		no.Cause = enforcement.Suspended
	}
	return no
}

// fresh refuses an answer that was given before, played again: the very one
// that is held, or that was given up with its licence. An answer tells the
// server's time, so the same one cannot be a new one, unless the server writes
// whole seconds and it comes within the same.
func (l *Lease) fresh(k *record.Known, a answer) answer {
	if a.Value.IsZero() {
		return a
	}
	now := l.Ledger.Now()
	old := func(since time.Time) bool { return now.Sub(since).Abs() >= 2*time.Second }
	refused := func(detail string) answer {
		return answer{Err: &slascone.SilenceError{Reason: slascone.Stale, Status: 200, Detail: detail}}
	}
	fraction := a.At.Nanosecond() != 0
	if k.Past != nil && bytes.Equal(record.Digest(a.Evidence.Body), k.Past.Body) && (fraction || old(k.Past.At)) {
		return refused("the response is one that was given before the licence was given back")
	}
	if !bytes.Equal(a.Evidence.Body, k.Evidence.Body) {
		return a
	}
	if old(k.ReceivedAt) {
		return refused("the response is one that was given before")
	}
	for refusal := range k.Facts.Refusals.All() {
		if fraction && refusal.Code != 0 && refusal.Channel == enforcement.LicenseChannel {
			return refused("the response is one that was given before the licence was refused")
		}
	}
	return a
}
