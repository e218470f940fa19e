package licensefile

import (
	"bytes"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/grant"
	"github.com/leasehold-dev/leasehold/agent/internal/verified"
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// Config says what files are measured against.
type Config struct {
	// Key is the vendor's public key. Required. A key that a file brings along
	// is never used.
	Key *rsa.PublicKey

	// ProductID is the product's UUID. Required except by Inspect.
	ProductID string

	// ClientID is this installation's client ID. Required except by Inspect.
	// It is compared without regard to case.
	ClientID string

	// Now is the trusted time at which start and expiry are judged. Required by
	// VerifyLicense.
	Now time.Time

	// SoftwareVersion is the running application's release, such as "24.1.3". A
	// licence that is limited to a release is refused by VerifyLicense when it
	// is empty, because nothing shows that the licence covers the application.
	SoftwareVersion string
}

// VerifyLicense verifies a licence file that a user brings. The licence is for
// this product, valid at cfg.Now, covers this release and is not bound to
// another client. Every other outcome is an [*Error] that names the first
// failed [Check], or a plain error when cfg lacks what is required.
//
// A licence without a client ID (see [license.License.ClientID]) is not yet
// complete: it takes an activation file, see [VerifyActivation].
func VerifyLicense(data []byte, cfg Config) (license.License, error) {
	if cfg.Now.IsZero() {
		return license.License{}, errors.New("licensefile: Config.Now is required to judge a licence file's dates")
	}
	return cfg.license(data, CheckProduct, CheckStart, CheckExpiry, CheckRelease, CheckClient)
}

// ReverifyLicense verifies a licence file that VerifyLicense accepted before
// and that was kept since as evidence. Dates and release are left out: what
// follows from them is now the policy engine's to say.
func ReverifyLicense(data []byte, cfg Config) (license.License, error) {
	return cfg.license(data, CheckProduct, CheckClient)
}

func (cfg *Config) license(data []byte, checks ...Check) (license.License, error) {
	if err := cfg.complete(); err != nil {
		return license.License{}, err
	}
	d, err := open(data, LicenseFile, cfg.Key)
	if err != nil {
		return license.License{}, err
	}
	t, modified, err := d.terms()
	if err != nil {
		return license.License{}, err
	}
	for _, check := range checks {
		if err := cfg.judge(check, &t); err != nil {
			return license.License{}, &Error{LicenseFile, check, err}
		}
	}
	return grant.License(verified.By(verified.LicenseFile, modified), t), nil
}

var errNoKey = errors.New("licensefile: Config.Key is required")

// complete reports what a verification with consequences may not lack.
func (cfg *Config) complete() error {
	switch {
	case cfg.Key == nil:
		return errNoKey
	case cfg.ProductID == "":
		return errors.New("licensefile: Config.ProductID is required")
	case cfg.ClientID == "":
		return errors.New("licensefile: Config.ClientID is required")
	}
	return nil
}

// judge puts one check to what a licence file says.
func (cfg *Config) judge(check Check, t *license.Terms) error {
	const layout = "2006-01-02 15:04 UTC"
	switch check {
	case CheckProduct:
		if !strings.EqualFold(t.ProductID, cfg.ProductID) {
			return fmt.Errorf("the licence is for the product %q (%s), not for %s; ask for a licence file for this product", t.ProductName, t.ProductID, cfg.ProductID)
		}
	case CheckStart:
		if cfg.Now.Before(t.Starts) {
			return fmt.Errorf("the licence is valid from %s on; wait until then, or correct the computer's clock", t.Starts.Format(layout))
		}
	case CheckExpiry:
		if !t.Expires.IsZero() && !cfg.Now.Before(t.Expires) {
			return fmt.Errorf("the licence expired at %s; ask for a renewed licence file", t.Expires.Format(layout))
		}
	case CheckRelease:
		if !enforcement.Compliant(t.ReleaseLimit, cfg.SoftwareVersion) {
			return fmt.Errorf("the licence covers releases up to %s, this is %q; run a release that it covers, or ask for a licence file that covers this one", t.ReleaseLimit, cfg.SoftwareVersion)
		}
	case CheckClient:
		if t.ClientID != "" && !strings.EqualFold(t.ClientID, cfg.ClientID) {
			return fmt.Errorf("the licence is bound to the client %q, this one is %q; ask for a licence file for this client", t.ClientID, cfg.ClientID)
		}
	}
	return nil
}

// Read reads a file to be verified from r, never more than [MaxSize] and a
// byte. Verify what it returns and keep that, rather than read the file again:
// it might have changed. A larger file is an [*Error] with CheckSize.
func Read(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("licensefile: read: %w", err)
	}
	if err := checkSize(data); err != nil {
		return nil, err
	}
	return data, nil
}

func checkSize(data []byte) error {
	switch {
	case len(data) == 0:
		return &Error{UnknownFile, CheckSize, errors.New("the file is empty; transfer it again")}
	case len(data) > MaxSize:
		return &Error{UnknownFile, CheckSize, fmt.Errorf("the file is larger than %d bytes; choose another file", MaxSize)}
	}
	return nil
}

// open reads a file up to and with its root's name, which must be that of the
// wanted kind.
func open(data []byte, want Kind, key *rsa.PublicKey) (*document, error) {
	d, err := load(data)
	if err == nil {
		err = d.authenticate(key)
	}
	if err == nil && d.kind() != want {
		err = &Error{want, CheckRoot, fmt.Errorf("<%.40s> is not the root element of %s; choose another file", d.nodes[root].name, want.article())}
	}
	if err != nil {
		if e, ok := errors.AsType[*Error](err); ok {
			e.File = want
		}
		return nil, err
	}
	return d, nil
}

// load reads a file. Nothing is verified yet.
func load(data []byte) (*document, error) {
	if err := checkSize(data); err != nil {
		return nil, err
	}
	d, err := parse(data)
	if err != nil {
		if !ours(data) {
			err = fmt.Errorf("%w; it is not a licence or activation file", err)
		}
		return nil, &Error{UnknownFile, CheckFormat, err}
	}
	return d, nil
}

// ours reports whether a file that cannot be read may be one of ours all the
// same, which something has damaged.
func ours(data []byte) bool {
	for _, unit := range []string{"", "\x00"} { // UTF-8, UTF-16
		for _, name := range []string{"slascone_license_file", "slascone_activation_file"} {
			if bytes.Contains(data, []byte(strings.Join(strings.Split(name, ""), unit))) {
				return true
			}
		}
	}
	return false
}

func (d *document) foreignRoot() error {
	return fmt.Errorf("it is not a licence or activation file: <%.40s> is the root element of neither; choose another file", d.nodes[root].name)
}

// kind tells the kind by the root's name, which says nothing unless the
// signature holds.
func (d *document) kind() Kind {
	switch d.nodes[root].name {
	case "slascone_license_file":
		return LicenseFile
	case "slascone_activation_file":
		return ActivationFile
	}
	return UnknownFile
}

// authenticate checks the signature. A file of another kind that has none is
// called what it is.
func (d *document) authenticate(key *rsa.PublicKey) error {
	if err := d.verify(key); err != nil {
		if d.kind() == UnknownFile && errors.Is(err, errUnsigned) {
			return &Error{UnknownFile, CheckRoot, d.foreignRoot()}
		}
		return &Error{d.kind(), CheckSignature, err}
	}
	return nil
}
