package lease

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/licensefile"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
)

var (
	// ErrHeldOnline is returned for a file while a licence is held on line. Moving
	// off line is a step of its own, so that the seat is not lost.
	ErrHeldOnline = errors.New("a licence is held on line; deactivate it first, which gives its seat back (if the server is out of reach for good, abandon it)")

	// ErrHeldInFile keeps a heartbeat from replacing a file without being asked.
	ErrHeldInFile = errors.New("the licence is held from a file and takes no heartbeats; activate with the licence key to go on line")
)

// Import takes over a licence file, or the activation file that belongs to one.
func (l *Lease) Import(ctx context.Context, data []byte) error {
	k := l.Ledger.Known()
	if !k.Evidence.IsZero() && !k.License.FromFile() {
		return ErrHeldOnline
	}
	if l.isActivation(data) {
		return l.importActivation(ctx, k.Files, data)
	}
	return l.importLicense(ctx, k, data)
}

func (l *Lease) isActivation(data []byte) bool {
	opener := &l.Ledger.Opener
	if len(opener.Keys) == 0 {
		return false
	}
	kind, err := opener.Reader.Kind(data, licensefile.Config{Key: opener.Keys[0]})
	return err == nil && kind == licensefile.ActivationFile
}

func (l *Lease) importLicense(ctx context.Context, k *record.Known, data []byte) error {
	opener := &l.Ledger.Opener
	if lic, err := opener.ReverifyFile(string(data)); err == nil {
		l.Ledger.SetClockByFile(lic.IssuedAt())
	}
	lic, err := opener.VerifyFile(data, l.Ledger.Now())
	if err != nil {
		return err
	}
	if err := l.newerThanHeld(k.Files, lic); err != nil {
		return err
	}
	imported := record.Files{License: string(data)}
	if licensefile.NeedsActivation(lic) {
		if !strings.EqualFold(k.License.Key(), lic.Key()) || k.Files.Activation == "" {
			imported = k.Files
			imported.Waiting = string(data)
			return l.Ledger.Keep(ctx, func(k *record.Known) {
				k.Files, k.Seen = imported, record.Latest(k.Seen, lic.IssuedAt())
			})
		}
		// The activation binds the licence key, so it goes on with a newer file.
		imported.Activation = k.Files.Activation
	}
	return l.take(ctx, imported)
}

// newerThanHeld refuses a file of a licence of which a newer one is held.
func (l *Lease) newerThanHeld(held record.Files, lic license.License) error {
	for _, kept := range []string{held.License, held.Waiting} {
		if kept == "" {
			continue
		}
		old, err := l.Ledger.Opener.ReverifyFile(kept)
		if err == nil && strings.EqualFold(old.Key(), lic.Key()) && lic.IssuedAt().Before(old.IssuedAt()) {
			return fmt.Errorf("this licence file is of %s, the one held is of %s and newer; import the newest file", lic.IssuedAt().Format(time.DateTime), old.IssuedAt().Format(time.DateTime))
		}
	}
	return nil
}

func (l *Lease) importActivation(ctx context.Context, held record.Files, data []byte) error {
	err := errors.New("an activation file needs its licence file; import that first")
	for _, imported := range []record.Files{
		{License: held.License, Activation: string(data), Waiting: held.Waiting},
		{License: held.Waiting, Activation: string(data)},
	} {
		if imported.License == "" {
			continue
		}
		var signed time.Time
		if _, signed, err = l.Ledger.Opener.OpenFiles(imported); err == nil {
			l.Ledger.SetClockByFile(signed)
			return l.take(ctx, imported)
		}
	}
	return err
}

// take makes the licence of complete files the one that is held.
func (l *Lease) take(ctx context.Context, f record.Files) error {
	lic, signed, err := l.Ledger.Opener.OpenFiles(f)
	if err != nil {
		return err
	}
	if err := l.Remember(ctx); err != nil {
		return err
	}
	now := l.Ledger.Now()
	facts := l.Ledger.Opener.LicenseFacts(lic, "")
	return l.Ledger.Keep(ctx, func(k *record.Known) {
		// A file does not outrank what the server has refused of the same licence
		// since; what it refused otherwise was about another licence, or a seat.
		about := k.Past
		if !k.License.IsZero() {
			about = record.PastOf(k, now)
		}
		k.Files, k.Seen, k.Past = f, record.Latest(k.Seen, signed), nil
		k.Evidence, k.ReceivedAt, k.JudgedVersion, k.Seat = slascone.Evidence{}, time.Time{}, "", record.Seat{}
		k.License = lic
		k.Facts = k.Facts.Forget(now)
		if about.Was(lic.Key()) {
			k.Facts.Refusals = about.Refusals
		}
		k.Facts = k.Facts.Yes(facts, enforcement.Flags{})
	})
}

// Waiting returns the key of the licence whose file waits for its activation file;
// ok is false when none does.
func (l *Lease) Waiting() (licenseKey string, ok bool) {
	waiting := l.Ledger.Known().Files.Waiting
	if waiting == "" {
		return "", false
	}
	lic, err := l.Ledger.Opener.ReverifyFile(waiting)
	return lic.Key(), err == nil
}
