package main

import "testing"

func TestSignatureConfig(t *testing.T) {
	const pem, file, secret = "-----BEGIN PUBLIC KEY-----", "vendor.pem", "secret"
	for _, tt := range []struct {
		name   string
		config signatureConfig
		want   string // empty: accepted
	}{
		{"rsa", signatureConfig{Mode: "rsa", PublicKey: pem}, ""},
		{"hmac", signatureConfig{Mode: "hmac", SharedKey: secret}, ""},
		{"none", signatureConfig{Mode: "none"}, ""},

		{"rsa, secret", signatureConfig{Mode: "rsa", PublicKey: pem, SharedKey: secret}, ""},
		{"hmac, key", signatureConfig{Mode: "hmac", SharedKey: secret, PublicKey: pem}, ""},
		{"none, file", signatureConfig{Mode: "none", PublicKeyFile: file}, ""},

		{"rsa, two keys", signatureConfig{Mode: "rsa", PublicKey: pem, PublicKeyFile: file}, "signature.public_key and signature.public_key_file exclude one another"},
		{"rsa, no key", signatureConfig{Mode: "rsa"}, "signature.mode is rsa but there is neither signature.public_key_file nor signature.public_key"},
		{"hmac, no secret", signatureConfig{Mode: "hmac"}, "signature.mode is hmac but signature.shared_key is empty"},
		{"no mode", signatureConfig{PublicKey: pem}, "signature.mode is missing; it is rsa, hmac or none"},
		{"another mode", signatureConfig{Mode: "RSA"}, `signature.mode is "RSA"; it is rsa, hmac or none`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tt.config.agentSignature()
			if got := errorText(err); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
