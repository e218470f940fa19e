package agent

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/heartbeat"
)

// recordFormat is the version of the record's JSON. A new one is needed only
// when an old agent could misread what a new one wrote.
const recordFormat = 1

// record is what the agent keeps for one client, sealed by the store. The
// licence itself is kept only as evidence and is verified again on each load.
type record struct {
	Format int `json:"format"`
	// Evidence is the last 200 that was believed, byte for byte.
	Evidence slascone.Evidence `json:"evidence,omitzero"`
	// ReceivedAt is the trusted time at which Evidence came.
	ReceivedAt time.Time `json:"received_at,omitzero"`
	// JudgedVersion is the application's version that the evidence is about.
	JudgedVersion string `json:"judged_version,omitempty"`
	// Files are a licence file and its activation, instead of Evidence.
	Files files `json:"files,omitzero"`
	// Facts is what is known beside the evidence.
	Facts enforcement.Facts `json:"facts"`
	// Seen is the newest signed time that was believed, whatever became of what
	// it came with.
	Seen time.Time `json:"seen,omitzero"`
	// Vouched is the server time of the last Yes of a record that is out of
	// reach, as far as the store bears witness to it. It counts without Evidence.
	Vouched time.Time `json:"vouched,omitzero"`
	// Past is the licence that was given up, until there is another.
	Past past `json:"past,omitzero"`
	// Seat is the floating session, written before it is opened.
	Seat seat `json:"seat,omitzero"`
	// Windows are the seats of numbered windows, with Config.SeatPerProcess; Seat
	// is then this window's while the record is in use.
	Windows []windowSeat `json:"windows,omitempty"`
	// Contact is how the calls to the server have gone.
	Contact heartbeat.History `json:"contact,omitzero"`
	// ClockCorrection is what the last answer found to be missing from the wall
	// clock.
	ClockCorrection time.Duration `json:"clock_correction,omitempty"`
	// JournalKey seals the journal of what the vendor has not been told yet.
	JournalKey []byte `json:"journal_key,omitempty"`
	// Accounts is what is known of limitations beside the evidence.
	Accounts []account `json:"accounts,omitempty"`
	// Refused are entries of the journal that others may have to wait for, one of
	// a kind.
	Refused []refusal `json:"refused,omitempty"`
}

// seat is a floating session. The server's answer names neither licence nor
// client, so it is bound by being kept here.
type seat struct {
	SessionID  string            `json:"session_id"`
	LicenceKey string            `json:"licence_key"`
	Evidence   slascone.Evidence `json:"evidence,omitzero"`
	Checkout   time.Duration     `json:"checkout,omitempty"`
	Unwanted   bool              `json:"unwanted,omitempty"` // the server says that this licence takes no sessions
	Contact    heartbeat.History `json:"contact,omitzero"`
}

func (s seat) held() bool { return !s.Evidence.IsZero() }

// of reports whether the seat is one of l's. The service writes IDs in either
// case.
func (s seat) of(l license.License) bool { return strings.EqualFold(s.LicenceKey, l.Key()) }

// past is what is remembered of a licence that is held no longer, so that it
// does not come back by itself.
type past struct {
	LicenceKey string `json:"licence_key"`
	// Refusals are what the server has said against it; an older file of it does
	// not undo them.
	Refusals enforcement.Refusals `json:"refusals,omitzero"`
	// Body is the hash of the answer that it was held by, and At when it was
	// given up; that answer is not believed again.
	Body []byte    `json:"body,omitempty"`
	At   time.Time `json:"at,omitzero"`
}

func pastOf(k *knowledge, now time.Time) past {
	p := past{LicenceKey: k.licence.Key(), Refusals: lasting(k.Facts), At: now}
	if !k.Evidence.IsZero() {
		p.Body = digest(k.Evidence.Body)
	}
	return p
}

func digest(body []byte) []byte {
	sum := sha256.Sum256(body)
	return sum[:]
}

// lasting returns the refusals of f that are about the licence itself, and not
// about this client's seat of it.
func lasting(f enforcement.Facts) enforcement.Refusals {
	var about enforcement.Refusals
	for _, c := range []enforcement.Cause{enforcement.Suspended, enforcement.Inactive, enforcement.Expired, enforcement.VersionNotCovered} {
		if x, ok := f.Refusals.Of(c); ok {
			about.Set(x)
		}
	}
	return about
}

func decodeRecord(data []byte) (record, error) {
	var r record
	if len(data) == 0 {
		return record{Format: recordFormat}, nil
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return record{}, fmt.Errorf("the kept state cannot be read: %w", err)
	}
	if r.Format != recordFormat {
		return record{}, fmt.Errorf("the kept state has format %d and this version reads %d; update the application", r.Format, recordFormat)
	}
	return r, nil
}

func (r record) encode() ([]byte, error) {
	r.Format = recordFormat
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false) // nobody shows it as HTML, and a licence file would grow sixfold
	if err := e.Encode(r); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}
