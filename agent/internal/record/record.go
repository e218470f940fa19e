package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/clock"
	"github.com/leasehold-dev/leasehold/agent/internal/later"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/heartbeat"
)

// Files is the evidence of a machine that is never on line, as text exactly as
// it was imported.
type Files struct {
	License    string `json:"licence,omitempty"`
	Activation string `json:"activation,omitempty"`
	// Waiting is a licence file that takes an activation file. Until that comes
	// it changes nothing.
	Waiting string `json:"waiting,omitempty"`
}

// Format is the version of the record's JSON. A new one is needed only
// when an old agent could misread what a new one wrote.
const Format = 1

// Rejected, see docs/designs.md: The decoded licence in a file.

// Record is what the agent keeps for one client, sealed by the store. The
// licence itself is kept only as evidence and is verified again on each load.
type Record struct {
	Format int `json:"format"`
	// Evidence is the last 200 that was believed, byte for byte.
	Evidence slascone.Evidence `json:"evidence,omitzero"`
	// ReceivedAt is the trusted time at which Evidence came.
	ReceivedAt time.Time `json:"received_at,omitzero"`
	// JudgedVersion is the application's version that the evidence is about.
	JudgedVersion string `json:"judged_version,omitempty"`
	// Files are a licence file and its activation, instead of Evidence.
	Files Files `json:"files,omitzero"`
	// Facts is what is known beside the evidence.
	Facts enforcement.Facts `json:"facts"`
	// Seen is what records before Clock had of the newest signed time that was
	// believed, and that of a file until the record is kept.
	Seen time.Time `json:"seen,omitzero"`
	// Vouched is the server time of the last Yes of a record that is out of
	// reach, as far as the store bears witness to it. It counts without Evidence.
	Vouched time.Time `json:"vouched,omitzero"`
	// Past is the licence that was given up, until there is another; nil: none was.
	// It is never changed, only replaced.
	Past *Past `json:"past,omitempty"`
	// Seat is the floating session, written before it is opened.
	Seat Seat `json:"seat,omitzero"`
	// Windows are the seats of numbered windows, with Config.SeatPerProcess; Seat
	// is then this window's while the record is in use.
	Windows []WindowSeat `json:"windows,omitempty"`
	// Contact is how the calls to the server have gone.
	Contact heartbeat.History `json:"contact,omitzero"`
	// LastError is what the last call without an answer met, for a help desk; empty
	// after an answer.
	LastError string `json:"last_error,omitempty"`
	// Clock is the condition of the trusted time, without its Mark: the store has
	// that.
	Clock clock.State `json:"clock,omitzero"`
	// Run is the mark of processes that run.
	Run Run `json:"run,omitzero"`
	// ClockCorrection is what records before Clock had of it.
	ClockCorrection time.Duration `json:"clock_correction,omitempty"`
	// JournalKey seals the journal of what the vendor has not been told yet.
	JournalKey []byte `json:"journal_key,omitempty"`
	// Accounts is what is known of limitations beside the evidence.
	Accounts []Account `json:"accounts,omitempty"`
	// Transactions are the latest of consumption, oldest first, as short hashes: one
	// that comes again was played again.
	Transactions []string `json:"transactions,omitempty"`
	// Refused are entries of the journal that others may have to wait for, one of
	// a kind.
	Refused []Refusal `json:"refused,omitempty"`

	// found is what the record was decoded from. What a later version has put there,
	// and this one does not know, goes back with Encode.
	found []byte
}

// Run says that a process began to run and has not ended, or was killed.
type Run struct {
	Open bool          `json:"open"`
	Kept time.Duration `json:"kept,omitzero"` // running time when the record was last written
}

// Past is what is remembered of a licence that is held no longer, so that it
// does not come back by itself.
type Past struct {
	LicenseKey string `json:"licence_key"`
	// Refusals are what the server has said against it; an older file of it does
	// not undo them.
	Refusals enforcement.Refusals `json:"refusals,omitzero"`
	// Body is the hash of the answer that it was held by, and At when it was
	// given up; that answer is not believed again.
	Body []byte    `json:"body,omitempty"`
	At   time.Time `json:"at,omitzero"`
}

// PastOf is what to remember of the licence that is given up now.
func PastOf(k *Known, now time.Time) *Past {
	p := &Past{LicenseKey: k.License.Key(), Refusals: lasting(k.Facts), At: now}
	if !k.Evidence.IsZero() {
		p.Body = Digest(k.Evidence.Body)
	}
	return p
}

// Was reports whether p is of the licence with that key; nil is of none.
func (p *Past) Was(licenseKey string) bool {
	return p != nil && strings.EqualFold(p.LicenseKey, licenseKey)
}

// Digest is the hash that an answer is remembered by.
func Digest(body []byte) []byte {
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

// Decode reads what [Record.Encode] wrote; nothing at all is an empty record, which is
// also returned beside an error.
func Decode(data []byte) (*Record, error) {
	if len(data) == 0 {
		return &Record{Format: Format}, nil
	}
	r := new(Record)
	if err := json.Unmarshal(data, r); err != nil {
		return new(Record), fmt.Errorf("the kept state cannot be read: %w", err)
	}
	if r.Format != Format {
		return new(Record), fmt.Errorf("the kept state was written by a newer version: it has format %d, this one reads %d", r.Format, Format)
	}
	r.found = data
	return r, nil
}

// Encode writes the record as JSON, as it is to be kept. What a later version has
// put into the record that this one was decoded from, and this version does not
// know, is still there: beside the fields, and in what is known of the server and
// the clock. What it has put into the evidence, a seat or a file goes when that
// is replaced.
func (r *Record) Encode() ([]byte, error) {
	text, err := r.encode()
	if err != nil || len(r.found) == 0 {
		return text, err
	}
	was, err := Decode(r.found)
	if err != nil {
		return nil, err
	}
	read, err := was.encode()
	if err != nil {
		return nil, err
	}
	return later.Merge(text, read, r.found, "facts", "contact", "clock", "run")
}

// encode writes what this version knows.
func (r *Record) encode() ([]byte, error) {
	r = r.clone()
	r.Format = Format
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false) // nobody shows it as HTML, and a licence file would grow sixfold
	if err := e.Encode(r); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}
