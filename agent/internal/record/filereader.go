package record

import (
	"github.com/leasehold-dev/leasehold/agent/license"
	"github.com/leasehold-dev/leasehold/agent/licensefile"
)

// A FileReader reads licence files, as the functions of package licensefile do.
// It is handed in so that only applications that use files link in what reads them.
type FileReader interface {
	VerifyLicense(file []byte, c licensefile.Config) (license.License, error)
	ReverifyLicense(file []byte, c licensefile.Config) (license.License, error)
	VerifyActivation(file []byte, l license.License, c licensefile.Config) (licensefile.Activation, error)
	// Kind tells which kind a file is of, without verifying it.
	Kind(file []byte, c licensefile.Config) (licensefile.Kind, error)
}

// LicenseFiles is the FileReader of package licensefile.
type LicenseFiles struct{}

// VerifyLicense implements FileReader.
func (LicenseFiles) VerifyLicense(file []byte, c licensefile.Config) (license.License, error) {
	return licensefile.VerifyLicense(file, c)
}

// ReverifyLicense implements FileReader.
func (LicenseFiles) ReverifyLicense(file []byte, c licensefile.Config) (license.License, error) {
	return licensefile.ReverifyLicense(file, c)
}

// VerifyActivation implements FileReader.
func (LicenseFiles) VerifyActivation(file []byte, l license.License, c licensefile.Config) (licensefile.Activation, error) {
	return licensefile.VerifyActivation(file, l, c)
}

// Kind implements FileReader.
func (LicenseFiles) Kind(file []byte, c licensefile.Config) (licensefile.Kind, error) {
	report, err := licensefile.Inspect(file, c)
	return report.Kind, err
}

// NoFiles is a FileReader that reads none, and says why.
type NoFiles struct{ Why error }

// VerifyLicense implements FileReader.
func (n *NoFiles) VerifyLicense([]byte, licensefile.Config) (license.License, error) {
	return license.License{}, n.Why
}

// ReverifyLicense implements FileReader.
func (n *NoFiles) ReverifyLicense([]byte, licensefile.Config) (license.License, error) {
	return license.License{}, n.Why
}

// VerifyActivation implements FileReader.
func (n *NoFiles) VerifyActivation([]byte, license.License, licensefile.Config) (licensefile.Activation, error) {
	return licensefile.Activation{}, n.Why
}

// Kind implements FileReader.
func (n *NoFiles) Kind([]byte, licensefile.Config) (licensefile.Kind, error) { return 0, n.Why }
