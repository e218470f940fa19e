package licensefile

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/grant"
	"github.com/leasehold-dev/leasehold/agent/internal/verified"
	"github.com/leasehold-dev/leasehold/agent/license"
)

// NeedsActivation reports whether l came from a licence file that names no
// client, so that it takes an activation file to be used.
func NeedsActivation(l license.License) bool {
	return l.FromFile() && l.ClientID() == ""
}

// An Activation is what a verified activation file says: that a seat of a
// licence was assigned to this client. Its zero value is no activation.
type Activation struct {
	says    activation
	license license.License
}

type activation struct {
	licenseKey, tokenKey, clientID string
	at                             time.Time
}

// LicenseKey returns the key of the licence that was activated.
func (a Activation) LicenseKey() string { return a.says.licenseKey }

// TokenKey returns the seat that was assigned.
func (a Activation) TokenKey() string { return a.says.tokenKey }

// ClientID returns the client that the seat was assigned to, as the service
// wrote it.
func (a Activation) ClientID() string { return a.says.clientID }

// At returns the server time of the activation.
func (a Activation) At() time.Time { return a.says.at }

// License returns the licence that was activated, completed by the client and
// the seat.
func (a Activation) License() license.License { return a.license }

// VerifyActivation verifies the activation file that belongs to l, a licence
// from [VerifyLicense] or [ReverifyLicense]: signed with cfg.Key, for the
// client cfg.ClientID and for l's licence key. Every other outcome is an
// [*Error] that names the first failed [Check], or a plain error when cfg or l
// lacks what is required.
func VerifyActivation(data []byte, l license.License, cfg Config) (Activation, error) {
	if err := cfg.complete(); err != nil {
		return Activation{}, err
	}
	if !l.FromFile() {
		return Activation{}, errors.New("licensefile: an activation file needs the licence file it belongs to; import that first")
	}
	d, err := open(data, ActivationFile, cfg.Key)
	if err != nil {
		return Activation{}, err
	}
	says, err := d.activation()
	if err != nil {
		return Activation{}, err
	}
	t := l.Terms()
	if err := says.judgeClient(cfg.ClientID); err != nil {
		return Activation{}, &Error{ActivationFile, CheckClient, err}
	}
	if err := says.judgeKey(t.Key); err != nil {
		return Activation{}, &Error{ActivationFile, CheckLicenseKey, err}
	}
	t.ClientID, t.TokenKey = says.clientID, says.tokenKey
	return Activation{says, grant.License(verified.By(verified.LicenseFile, l.IssuedAt()), t)}, nil
}

// activation decodes a verified activation file.
func (d *document) activation() (activation, error) {
	r := reader{d: d}
	r.document()
	a := activation{
		licenseKey: r.text(root, "license_key", required),
		tokenKey:   r.text(root, "token_key", required),
		clientID:   r.text(root, "client_id", required),
		at:         r.time(root, "activation_date_utc", required),
	}
	if r.err != nil {
		return activation{}, &Error{ActivationFile, CheckContent, r.err}
	}
	return a, nil
}

func (a activation) judgeClient(clientID string) error {
	if !strings.EqualFold(a.clientID, clientID) {
		return fmt.Errorf("the activation is for the client %q, this one is %q; request an activation file for this client", a.clientID, clientID)
	}
	return nil
}

func (a activation) judgeKey(licenseKey string) error {
	if !strings.EqualFold(a.licenseKey, licenseKey) {
		return fmt.Errorf("the activation is for the licence %s, not for %s; import that licence's file, or request an activation file for this one", a.licenseKey, licenseKey)
	}
	return nil
}
