package armor

import (
	"crypto/x509"
	"errors"
	"fmt"
)

// Certificates returns the certificates in data, at least one when the error is
// nil. Other objects beside them are passed over.
func Certificates(data []byte) ([]*x509.Certificate, error) {
	blocks, err := Read(data)
	if err != nil {
		return nil, err
	}
	var certs []*x509.Certificate
	for i, block := range blocks {
		if block.Kind != Certificate {
			continue
		}
		cert, err := x509.ParseCertificate(block.DER)
		if err != nil {
			return nil, fmt.Errorf("certificate %d: %w", i+1, err)
		}
		certs = append(certs, cert)
	}
	switch {
	case len(certs) > 0:
		return certs, nil
	case blocks[0].Kind == Bundle:
		return nil, errors.New("it is a PKCS #7 bundle; 'openssl pkcs7 -print_certs' takes the certificates out of it")
	}
	return nil, fmt.Errorf("it is %s and no certificate", blocks[0].Kind)
}
