package protocol

import (
	"errors"

	"github.com/leasehold-dev/leasehold/agent/internal/phrase"
	"github.com/leasehold-dev/leasehold/agent/licensefile"
)

// File is what became of one file.
type File struct {
	File        string  `json:"file"`
	Kind        string  `json:"kind"`
	OK          bool    `json:"ok"`
	FailedCheck string  `json:"failed_check"` // empty when OK
	Message     string  `json:"message"`      // empty when OK
	Issued      Moment  `json:"issued"`
	LicenseKey  string  `json:"key"` // masked
	LicenseName string  `json:"name"`
	ProductID   string  `json:"product_id"`
	Product     string  `json:"product"`
	Customer    string  `json:"customer"`
	ClientID    string  `json:"client_id"`
	Expires     Moment  `json:"expires"`
	Release     string  `json:"release_limit"`
	Checks      []Check `json:"checks"`
	// NeedsActivation: the file is in order, but cannot be used without the
	// activation file that binds it to a device.
	NeedsActivation bool `json:"needs_activation"`
}

// Check is one of the checks that a file has to pass.
type Check struct {
	Check   string `json:"check"`
	Result  string `json:"result"` // passed, failed or skipped
	Message string `json:"message,omitempty"`
}

// ActivationRequest tells how to get an activation file.
type ActivationRequest struct {
	URL      string `json:"url"`
	ClientID string `json:"client_id"`
	PNG      string `json:"png,omitempty"` // the file that holds the QR code
}

// FileOf shows a report on the file with this name.
func FileOf(name string, report licensefile.Report) File {
	v := File{File: name, Checks: []Check{}}
	t := report.Terms
	v.Kind, v.Issued = report.Kind.String(), At(report.Issued)
	v.LicenseKey, v.LicenseName, v.ProductID, v.Product = phrase.Masked(t.Key), t.Name, t.ProductID, t.ProductName
	v.Customer, v.ClientID, v.Expires, v.Release = t.Customer.Company, t.ClientID, At(t.Expires), t.ReleaseLimit
	for _, s := range report.Steps {
		step := Check{Check: s.Check.String(), Result: "passed"}
		switch {
		case s.Skipped:
			step.Result = "skipped"
		case s.Err != nil:
			step.Result, step.Message = "failed", s.Err.Error()
		}
		v.Checks = append(v.Checks, step)
	}
	if failed, ok := errors.AsType[*licensefile.Error](report.Err()); ok {
		v.FailedCheck, v.Message = failed.Check.String(), failed.Err.Error()
	}
	v.OK, v.NeedsActivation = report.Err() == nil, report.NeedsActivation()
	return v
}
