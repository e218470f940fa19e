package lease

import (
	"context"
	"errors"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Heartbeat sends one heartbeat and learns from the answer. patient is for a
// person who waits: a transient failure is then tried once more. An answer that
// another must confirm is confirmed.
func (l *Lease) Heartbeat(ctx context.Context, patient bool) error {
	err := l.beat(ctx, patient)
	l.confirm(ctx)
	return err
}

// beat sends one heartbeat. The first of the process has the vendor's type for it.
func (l *Lease) beat(ctx context.Context, patient bool) error {
	if l.begun.Load() {
		return l.beatAs(ctx, "", patient)
	}
	err := l.beatAs(ctx, l.Types.Start, patient)
	if _, silent := errors.AsType[*slascone.SilenceError](err); !silent {
		l.begun.Store(true)
	}
	return err
}

// beatAs sends a heartbeat of a type, or of none.
func (l *Lease) beatAs(ctx context.Context, typeID string, patient bool) error {
	k := l.Ledger.Known()
	if k.License.FromFile() {
		return ErrHeldInFile
	}
	call := l.call(k.License)
	call.TypeID = typeID
	send := func(ctx context.Context) slascone.Answer[license.License] {
		return l.Client.Heartbeat(ctx, call, l.Ledger.ServerTime())
	}
	answer := slascone.Try(ctx, patient, send)
	if call.TypeID != "" && enforcement.Code(answer.Conflict.ID) == enforcement.HeartbeatTypeUnknown {
		l.Logger.Warn("the licence server does not know a heartbeat type", "type", call.TypeID)
		call.TypeID = ""
		answer = send(ctx)
	}
	if again, ok := reseated(call, k, enforcement.Code(answer.Conflict.ID)); ok {
		call = again
		answer = send(ctx)
	}
	answer = l.secondOpinion(ctx, enforcement.EndpointHeartbeat, call.LicenseKey, answer, send)
	answer = l.fresh(k, answer)
	kept := l.learn(ctx, enforcement.EndpointHeartbeat, call.LicenseKey, answer)
	if err := answer.AsError(); err != nil {
		return err
	}
	return kept
}

// call is a heartbeat about a licence, or about whatever licence this client has
// if that is none.
func (l *Lease) call(about license.License) slascone.Heartbeat {
	return slascone.Heartbeat{
		ClientID:        l.Self.ClientID,
		LicenseKey:      about.Key(),
		TokenKey:        about.TokenKey(),
		SoftwareVersion: l.Self.Version,
		OperatingSystem: l.Self.OperatingSystem,
		UserID:          l.Self.UserID,
		GroupID:         l.Self.GroupID,
	}
}

// reseated returns the heartbeat to send instead of one that was refused
// because the server has this client on another seat now.
func reseated(call slascone.Heartbeat, k *record.Known, code enforcement.Code) (slascone.Heartbeat, bool) {
	switch code {
	case enforcement.ClientHasOtherToken:
		// "Use the right or no token": without one the server tells the right one.
		if call.TokenKey != "" {
			call.TokenKey = ""
			return call, true
		}
	case enforcement.TokenUnassigned, enforcement.TokenKeyUnknown:
		// At its end a temporary licence releases its seat, and the client falls
		// back to its normal licence, if it has one (SLASCONE help centre
		// 360016992278).
		if k.License.Temporary() {
			call.TokenKey, call.LicenseKey = "", ""
			return call, true
		}
	}
	return call, false
}

// confirm asks again when an answer was so far behind the wall clock that another
// must confirm it: a second later, as some servers write whole seconds.
func (l *Lease) confirm(ctx context.Context) {
	if !l.Ledger.Unconfirmed() {
		return
	}
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
		_ = l.beat(ctx, false) // the answer before it counts in any case
	}
}

// Exit sends the last heartbeat, if the vendor wants one. It is for statistics, so
// that it does not arrive is no error, and a server that was silent is not waited
// for.
func (l *Lease) Exit(ctx context.Context) {
	k := l.Ledger.Known()
	exit := l.Types.Exit
	if exit == "" || k.License.IsZero() || k.License.FromFile() || k.Contact.Failures > 0 {
		return
	}
	if err := l.beatAs(ctx, exit, false); err != nil {
		l.Logger.Info("the last heartbeat was not answered", "err", err)
	}
}
