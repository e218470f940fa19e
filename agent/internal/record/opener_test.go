package record

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/grant"
	"github.com/leasehold-dev/leasehold/agent/internal/verified"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/licensefile"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// spring is when these tests take place.
var spring = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// answered is a licence by a heartbeat at spring.
func answered(t license.Terms) license.License {
	t.Key = "key"
	return grant.License(verified.By(verified.Heartbeat, spring), t)
}

// verdict makes a Verifier that says what the test wants of any evidence.
type verdict struct {
	license license.License
	err     error
	session slascone.Session
	seatErr error
}

func (v verdict) verifier() Verifier {
	return Verifier{
		Open:        func(slascone.Evidence, string) (license.License, error) { return v.license, v.err },
		OpenSession: func(slascone.Evidence) (slascone.Session, error) { return v.session, v.seatErr },
	}
}

var evidence = slascone.Evidence{Kind: "heartbeat", Body: []byte("{}")}

func TestOpen(t *testing.T) {
	damaged := errors.New("damaged")
	named := answered(license.Terms{ProvisioningMode: license.Named, Active: true, Valid: true, VersionValid: true})
	floating := answered(license.Terms{ProvisioningMode: license.Floating, Active: true, Valid: true, VersionValid: true})
	earlier := spring.Add(-time.Hour)
	nineHours := Given{At: spring, Length: time.Minute, Until: spring.Add(9 * time.Hour)}
	for name, tt := range map[string]struct {
		rec     Record
		says    verdict
		drifted bool
		problem error
		check   func(k Known) bool
	}{
		"nothing is kept": {check: func(k Known) bool {
			return k.License.IsZero() && !k.Facts.Held() && k.Facts.Device.MismatchSince.IsZero()
		}},
		"a licence": {rec: Record{Evidence: evidence, JudgedVersion: "2"}, says: verdict{license: named}, check: func(k Known) bool {
			return k.License.Key() == "key" && k.Facts.License.ProvenAt.Equal(spring) && k.Facts.License.JudgedVersion == "2" && !k.Facts.Session.Required
		}},
		"evidence that does not verify is kept and proves nothing": {
			rec: Record{Evidence: evidence, ReceivedAt: earlier}, says: verdict{err: damaged}, problem: damaged,
			check: func(k Known) bool {
				return k.License.IsZero() && !k.Evidence.IsZero() && k.ReceivedAt.Equal(earlier) && k.Facts.Device.MismatchSince.IsZero()
			},
		},
		"evidence of another device": {
			rec: Record{Evidence: evidence}, says: verdict{err: slascone.ErrForeignEvidence}, problem: slascone.ErrForeignEvidence,
			check: func(k Known) bool { return k.Facts.Device.MismatchSince.Equal(spring) },
		},
		"and it has been seen before": {
			rec:  Record{Evidence: evidence, Facts: enforcement.Facts{Device: enforcement.Device{MismatchSince: earlier}}},
			says: verdict{err: slascone.ErrForeignEvidence}, problem: slascone.ErrForeignEvidence,
			check: func(k Known) bool { return k.Facts.Device.MismatchSince.Equal(earlier) },
		},
		"the device changed, the licence is proven all the same": {
			rec: Record{Evidence: evidence}, says: verdict{license: named}, drifted: true,
			check: func(k Known) bool { return k.Facts.Device.MismatchSince.IsZero() },
		},
		"the device changed, and nothing is proven": {
			rec: Record{Evidence: evidence}, says: verdict{err: damaged}, drifted: true, problem: damaged,
			check: func(k Known) bool { return k.Facts.Device.MismatchSince.Equal(spring) },
		},
		"what is only vouched for stays readable and no more": {
			rec: Record{Vouched: earlier},
			check: func(k Known) bool {
				d := enforcement.Decide(k.Facts, enforcement.Standard(), spring)
				return k.License.IsZero() && d.State == enforcement.ReadOnly
			},
		},
		"a floating licence wants a seat, counted from now": {
			rec: Record{Evidence: evidence, Facts: enforcement.Facts{Session: enforcement.Session{Missing: time.Minute, CountedAt: earlier, Required: true}}}, says: verdict{license: floating},
			check: func(k Known) bool {
				s := k.Facts.Session
				return s.Required && s.CountedAt.Equal(spring) && s.Missing == time.Minute
			},
		},
		"a licence that is floating no longer wants none": {
			rec: Record{Evidence: evidence, Facts: enforcement.Facts{Session: enforcement.Session{Required: true}}}, says: verdict{license: named},
			check: func(k Known) bool { return !k.Facts.Session.Required },
		},
		"a seat lasts as long as its answer says": {
			rec:  Record{Evidence: evidence, Seat: Seat{SessionID: "s", Evidence: evidence}},
			says: verdict{license: floating, session: slascone.Session{ValidUntil: spring.Add(time.Minute)}},
			check: func(k Known) bool {
				return k.SeatedAt(spring) && !k.SeatedAt(spring.Add(time.Minute)) && k.Facts.Session.ValidUntil.Equal(spring.Add(time.Minute))
			},
		},
		"a seat of a server that was ahead ends as it was worked out": {
			rec:   Record{Evidence: evidence, Seat: Seat{SessionID: "s", Evidence: evidence, Given: nineHours}, Facts: enforcement.Facts{Session: enforcement.Session{ValidUntil: spring.Add(time.Minute)}}},
			says:  verdict{license: floating, session: slascone.Session{ValidUntil: spring.Add(9 * time.Hour)}},
			check: func(k Known) bool { return k.Facts.Session.ValidUntil.Equal(spring.Add(time.Minute)) },
		},
		"a seat does not last longer than its answer says": {
			rec:   Record{Evidence: evidence, Seat: Seat{SessionID: "s", Evidence: evidence, Given: nineHours}, Facts: enforcement.Facts{Session: enforcement.Session{ValidUntil: spring.Add(10 * time.Hour)}}},
			says:  verdict{license: floating, session: slascone.Session{ValidUntil: spring.Add(9 * time.Hour)}},
			check: func(k Known) bool { return k.Facts.Session.ValidUntil.Equal(spring.Add(9 * time.Hour)) },
		},
		"a seat whose answer does not verify is held no longer": {
			rec:  Record{Evidence: evidence, Seat: Seat{SessionID: "s", Evidence: evidence}, Facts: enforcement.Facts{Session: enforcement.Session{ValidUntil: spring.Add(time.Hour)}}},
			says: verdict{license: floating, seatErr: damaged}, problem: damaged,
			check: func(k Known) bool {
				return !k.License.IsZero() && !k.SeatedAt(spring) && k.Facts.Session.ValidUntil.IsZero() && k.Seat.SessionID == "s"
			},
		},
		"this version has run before": {
			rec:   Record{Facts: enforcement.Facts{Software: enforcement.Software{Version: "1.4.2", Since: earlier}}},
			check: func(k Known) bool { return k.Facts.Software.Since.Equal(earlier) },
		},
		"another version has": {
			rec:   Record{Facts: enforcement.Facts{Software: enforcement.Software{Version: "1.4.1", Since: earlier}}},
			check: func(k Known) bool { return k.Facts.Software == enforcement.Software{Version: "1.4.2", Since: spring} },
		},
	} {
		o := Opener{Verifier: tt.says.verifier(), Reader: LicenseFiles{}, ClientID: "device-1", Version: "1.4.2"}
		k, problem := o.Open(&tt.rec, tt.drifted, spring)
		if !errors.Is(problem, tt.problem) {
			t.Errorf("%s: problem %v, want %v", name, problem, tt.problem)
		}
		if !tt.check(k) {
			t.Errorf("%s: %+v", name, k.Facts)
		}
	}
}

func TestOpenFiles(t *testing.T) {
	srv, err := slasconetest.NewUnstarted(slasconetest.Config{Now: func() time.Time { return spring }})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	key, err := slascone.ParsePublicKeys([]byte(srv.PublicKeyPEM()))
	if err != nil {
		t.Fatal(err)
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	rotated := []*rsa.PublicKey{&other.PublicKey, key[0]}
	lic := srv.AddLicense(slasconetest.License{})
	bound, loose := string(srv.LicenseFile(lic.Key, "device-1")), string(srv.LicenseFile(lic.Key, ""))
	mine, foreign := string(srv.ActivationFile(lic.Key, "device-1")), string(srv.ActivationFile(lic.Key, "device-2"))
	for name, tt := range map[string]struct {
		keys  []*rsa.PublicKey
		files Files
		want  error // nil: granted
	}{
		"bound to this device":               {key, Files{License: bound}, nil},
		"by either of two keys":              {rotated, Files{License: bound}, nil},
		"with its activation":                {rotated, Files{License: loose, Activation: mine}, nil},
		"without its activation":             {key, Files{License: loose}, licensefile.CheckSize},
		"with the activation of another":     {key, Files{License: loose, Activation: foreign}, licensefile.CheckClient},
		"signed by a key that is not known":  {rotated[:1], Files{License: bound}, licensefile.CheckSignature},
		"where no key is configured":         {nil, Files{License: bound}, ErrNoFileKey},
		"damaged, which no other key mends":  {rotated, Files{License: bound[:len(bound)/2]}, licensefile.CheckFormat},
		"an activation in its place":         {key, Files{License: mine}, licensefile.CheckRoot},
		"with an activation that is no file": {key, Files{License: loose, Activation: "x"}, licensefile.CheckFormat},
	} {
		o := Opener{Reader: LicenseFiles{}, Keys: tt.keys, ProductID: srv.Products()[0].ID, ClientID: "device-1", Version: "1.4.2"}
		l, at, err := o.OpenFiles(tt.files)
		if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
			t.Errorf("%s: error %v, want %v", name, err, tt.want)
		}
		if granted := !l.IsZero() && l.Key() == lic.Key && !at.IsZero(); tt.want == nil && !granted {
			t.Errorf("%s: %v of %v", name, l.Key(), at)
		}
		k, problem := o.Open(&Record{Files: tt.files}, false, spring)
		if (problem == nil) != (tt.want == nil) || tt.want == nil && k.Facts.License.Source != enforcement.FromLicenseFile {
			t.Errorf("%s, opened: %v, %v", name, k.Facts.License.Source, problem)
		}
	}

	o := Opener{Reader: LicenseFiles{}, Keys: key, ProductID: srv.Products()[0].ID, ClientID: "device-1", Version: "1.4.2"}
	if _, err := o.VerifyFile([]byte(bound), spring); err != nil {
		t.Errorf("to be imported: %v", err)
	}
	why := errors.New("this application reads no files")
	o.Reader = &NoFiles{why}
	if _, err := o.VerifyFile([]byte(bound), spring); !errors.Is(err, why) {
		t.Errorf("without what reads files: %v", err)
	}
	if _, problem := o.Open(&Record{Files: Files{License: bound}}, false, spring); !errors.Is(problem, why) {
		t.Errorf("kept, and without what reads files: %v", problem)
	}
}

// fileReader accepts files by the one key that has signed them.
type fileReader struct {
	key     *rsa.PublicKey
	license license.License
	why     error // why a file is refused that the key has signed
}

func (r fileReader) VerifyLicense(_ []byte, c licensefile.Config) (license.License, error) {
	if c.Key != r.key {
		return license.License{}, &licensefile.Error{Check: licensefile.CheckSignature, Err: errors.New("another key")}
	}
	return r.license, r.why
}

func (r fileReader) ReverifyLicense(file []byte, c licensefile.Config) (license.License, error) {
	return r.VerifyLicense(file, c)
}

func (r fileReader) VerifyActivation([]byte, license.License, licensefile.Config) (licensefile.Activation, error) {
	return licensefile.Activation{}, nil
}

func (r fileReader) Kind([]byte, licensefile.Config) (licensefile.Kind, error) { return 0, nil }

// Any of the keys may have signed a file; why it is refused is what the key says that fits.
func TestFilesAreTriedWithEachKey(t *testing.T) {
	keys := []*rsa.PublicKey{{N: big.NewInt(1)}, {N: big.NewInt(2)}, {N: big.NewInt(3)}}
	file := grant.License(verified.By(verified.LicenseFile, spring), license.Terms{Key: "f"})
	expired := &licensefile.Error{Check: licensefile.CheckExpiry, Err: errors.New("over")}
	for _, tt := range []struct {
		name string
		keys []*rsa.PublicKey
		by   *rsa.PublicKey
		why  error
		want error
	}{
		{"no key", nil, keys[0], nil, ErrNoFileKey},
		{"the first", keys, keys[0], nil, nil},
		{"the last", keys, keys[2], nil, nil},
		{"none of them", keys[:2], keys[2], nil, licensefile.CheckSignature},
		{"the first, and it is over", keys, keys[0], expired, licensefile.CheckExpiry},
		{"the last, and it is over", keys, keys[2], expired, licensefile.CheckExpiry},
	} {
		o := &Opener{Reader: fileReader{key: tt.by, license: file, why: tt.why}, Keys: tt.keys}
		for name, verify := range map[string]func() (license.License, error){
			"import": func() (license.License, error) { return o.VerifyFile(nil, spring) },
			"again":  func() (license.License, error) { return o.ReverifyFile("") },
		} {
			lic, err := verify()
			if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
				t.Errorf("%s, %s: %v, want %v", tt.name, name, err, tt.want)
			}
			if err == nil && lic.Key() != "f" {
				t.Errorf("%s, %s: licence %q", tt.name, name, lic.Key())
			}
		}
	}
}
