package licensefile

import (
	"errors"
	"time"

	"github.com/leasehold-dev/leasehold/agent/license"
)

// A Report is what Inspect found out about a file.
type Report struct {
	// Kind is what the root element's name says the file is, whether signed or
	// not.
	Kind Kind

	// Terms is what the signed file says, for display; empty unless the
	// signature held. It grants nothing: only VerifyLicense and
	// VerifyActivation lead to a licence. Of an activation file it holds Key,
	// TokenKey and ClientID.
	Terms license.Terms

	// Issued is when the service made the file (modified_date_utc or
	// activation_date_utc); zero unless the signature held.
	Issued time.Time

	// Steps are the checks that apply to this kind of file, in order. After the
	// first failure among those up to CheckContent nothing more can be said and
	// the rest is left out; the checks after it are made one and all.
	Steps []Step
}

// A Step is one check's outcome.
type Step struct {
	Check   Check
	Err     error // why the check failed; nil when it passed or was skipped
	Skipped bool  // the Config lacks what the check compares with, or the file does; or it is none to have it
}

// Err returns the first failed check as an [*Error], or nil.
func (r Report) Err() error {
	for _, s := range r.Steps {
		if s.Err != nil {
			return &Error{r.Kind, s.Check, s.Err}
		}
	}
	return nil
}

// NeedsActivation reports whether the file is in order as far as it goes, but
// takes an activation file to be used: it names no client.
func (r Report) NeedsActivation() bool {
	return r.Kind == LicenseFile && !r.Issued.IsZero() && r.Terms.ClientID == "" && r.Err() == nil
}

// Inspect says what a file is, for whom and until when, and which checks it
// passes, without any consequence. Of cfg only Key is required; checks that
// need a field which is zero are skipped. Whether an activation belongs to a
// licence needs both files and is not among the checks: see VerifyActivation.
func Inspect(data []byte, cfg Config) (Report, error) { return inspect(data, cfg) }

// inspect is long because it is a list of the checks, in the order in which a file
// must pass them.
func inspect(data []byte, cfg Config) (Report, error) {
	if cfg.Key == nil {
		return Report{}, errNoKey
	}
	var r Report
	d, err := load(data)
	if r.through(CheckFormat, err) != nil {
		return r, nil
	}
	r.Kind = d.kind()
	if err := d.authenticate(cfg.Key); r.through(CheckSignature, err) != nil {
		if errors.Is(err, CheckRoot) {
			r.Steps[len(r.Steps)-2].Skipped = true // the signature, of a file that should have none
		}
		return r, nil
	}
	switch r.Kind {
	case UnknownFile:
		_ = r.through(CheckRoot, &Error{UnknownFile, CheckRoot, d.foreignRoot()})
	case LicenseFile:
		r.Terms, r.Issued, err = d.terms()
		if r.through(CheckContent, err) != nil {
			return r, nil
		}
		for _, s := range []Step{
			{Check: CheckProduct, Skipped: cfg.ProductID == ""},
			{Check: CheckStart, Skipped: cfg.Now.IsZero()},
			{Check: CheckExpiry, Skipped: cfg.Now.IsZero()},
			{Check: CheckRelease, Skipped: cfg.SoftwareVersion == ""},
			{Check: CheckClient, Skipped: cfg.ClientID == "" || r.Terms.ClientID == ""},
		} {
			if !s.Skipped {
				s.Err = cfg.judge(s.Check, &r.Terms)
			}
			r.Steps = append(r.Steps, s)
		}
	case ActivationFile:
		var a activation
		a, err = d.activation()
		if r.through(CheckContent, err) != nil {
			return r, nil
		}
		r.Terms = license.Terms{Key: a.licenseKey, TokenKey: a.tokenKey, ClientID: a.clientID}
		r.Issued = a.at
		s := Step{Check: CheckClient, Skipped: cfg.ClientID == ""}
		if !s.Skipped {
			s.Err = a.judgeClient(cfg.ClientID)
		}
		r.Steps = append(r.Steps, s)
	}
	return r, nil
}

// through records the checks up to last as passed, or up to the one that err
// names with that one failed, and returns err.
func (r *Report) through(last Check, err error) error {
	e, failed := errors.AsType[*Error](err)
	if failed {
		last = e.Check
	}
	for c := Check(len(r.Steps)) + CheckSize; c <= last; c++ {
		r.Steps = append(r.Steps, Step{Check: c})
	}
	if e != nil {
		r.Steps[len(r.Steps)-1].Err = e.Err
	}
	return err
}
