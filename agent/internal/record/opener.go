package record

import (
	"crypto/rsa"
	"errors"
	"time"

	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/licensefile"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/heartbeat"
)

// A Verifier verifies kept answers of the server, with the methods of a
// [slascone.Client]. It is no interface: as that a client would link in whatever can
// be reached from it by reflection, to the text of a cookie.
type Verifier struct {
	Open        func(e slascone.Evidence, clientID string) (license.License, error)
	OpenSession func(e slascone.Evidence) (slascone.Session, error)
}

// VerifiedBy is the Verifier that a client is.
func VerifiedBy(c *slascone.Client) Verifier { return Verifier{c.Open, c.OpenSession} }

// An Opener finds out what a record proves: for whom, and to what application.
type Opener struct {
	Verifier  Verifier
	Reader    FileReader       // of licence files
	Keys      []*rsa.PublicKey // of licence files; any one of them may have signed
	ProductID string
	ClientID  string
	UserID    string // of the named user; empty: none
	Version   string // of the application
	// Schedule is the vendor's choice of when to send heartbeats; nil: the
	// licence's.
	Schedule *heartbeat.Schedule
}

// Open verifies a record's evidence, at the trusted time now. A record whose
// evidence does not verify is kept, but proves nothing; the reason is returned
// beside it. drifted says that the device ID is not the one that the licence was
// activated under.
func (o *Opener) Open(rec *Record, drifted bool, now time.Time) (Known, error) {
	k := Known{Record: *rec}
	var problem error
	switch {
	case !rec.Evidence.IsZero():
		k.License, problem = o.Verifier.Open(rec.Evidence, o.ClientID)
	case rec.Files.License != "":
		k.License, _, problem = o.OpenFiles(rec.Files)
	}
	k.Facts.License = o.LicenseFacts(k.License, rec.JudgedVersion)
	if k.OnlyVouched() {
		k.Facts.License = vouchedFacts(rec.Vouched)
	}
	if k.MissesSession() {
		k.Facts = k.Facts.WithSession(now)
		k.Facts.Session.CountedAt = now // what is kept was counted to its last write
	} else {
		k.Facts.Session.Required = false
	}
	if k.Seat.Held() {
		session, err := o.Verifier.OpenSession(k.Seat.Evidence)
		if err != nil {
			k.Seat.Evidence, problem = slascone.Evidence{}, errors.Join(problem, err)
		}
		if kept := k.Facts.Session.ValidUntil; k.Seat.Given == (Given{}) || !kept.Before(session.ValidUntil) || err != nil {
			k.Facts.Session.ValidUntil = session.ValidUntil
		}
	}
	foreign := errors.Is(problem, slascone.ErrForeignEvidence) || drifted && k.License.IsZero()
	if foreign && k.Facts.Device.MismatchSince.IsZero() {
		k.Facts.Device.MismatchSince = now
	}
	if k.Facts.Software.Version != o.Version {
		k.Facts.Software = enforcement.Software{Version: o.Version, Since: now}
	}
	return k, problem
}

// OpenFiles verifies kept files and returns the licence that they grant and the
// time of the newer of them.
func (o *Opener) OpenFiles(f Files) (license.License, time.Time, error) {
	lic, err := o.ReverifyFile(f.License)
	if err != nil || f.Activation == "" && !licensefile.NeedsActivation(lic) {
		return lic, lic.IssuedAt(), err
	}
	activation, err := withKey(o.Keys, func(key *rsa.PublicKey) (licensefile.Activation, error) {
		return o.Reader.VerifyActivation([]byte(f.Activation), lic, o.fileConfig(key, time.Time{}))
	})
	if err != nil {
		return license.License{}, time.Time{}, err
	}
	return activation.License(), Latest(lic.IssuedAt(), activation.At()), nil
}

// VerifyFile verifies a licence file that is to be imported at the trusted time now.
func (o *Opener) VerifyFile(file []byte, now time.Time) (license.License, error) {
	return withKey(o.Keys, func(key *rsa.PublicKey) (license.License, error) {
		return o.Reader.VerifyLicense(file, o.fileConfig(key, now))
	})
}

// ReverifyFile verifies a licence file that was imported.
func (o *Opener) ReverifyFile(file string) (license.License, error) {
	return withKey(o.Keys, func(key *rsa.PublicKey) (license.License, error) {
		return o.Reader.ReverifyLicense([]byte(file), o.fileConfig(key, time.Time{}))
	})
}

func (o *Opener) fileConfig(key *rsa.PublicKey, now time.Time) licensefile.Config {
	return licensefile.Config{Key: key, ProductID: o.ProductID, ClientID: o.ClientID, Now: now, SoftwareVersion: o.Version}
}

// ErrNoFileKey is returned for a licence file where no key is configured that could verify it.
var ErrNoFileKey = errors.New("licence files are signed with the account's RSA key, and no public key is configured")

// withKey tries the configured keys in turn. The last error is returned when
// none fits; one that is not about the signature ends the search.
func withKey[T any](keys []*rsa.PublicKey, try func(*rsa.PublicKey) (T, error)) (T, error) {
	var none T
	err := ErrNoFileKey
	for _, key := range keys {
		var got T
		if got, err = try(key); err == nil {
			return got, nil
		}
		if !errors.Is(err, licensefile.CheckSignature) {
			return none, err
		}
	}
	return none, err
}
