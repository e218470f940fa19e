package settings

import "testing"

func TestSignature(t *testing.T) {
	const pem, file, secret = "-----BEGIN PUBLIC KEY-----", "vendor.pem", "secret"
	for _, tt := range []struct {
		name   string
		config Signature
		want   string // empty: accepted
	}{
		{"rsa", Signature{Mode: "rsa", PublicKey: pem}, ""},
		{"hmac", Signature{Mode: "hmac", SharedKey: secret}, ""},
		{"none", Signature{Mode: "none"}, ""},

		{"rsa, secret", Signature{Mode: "rsa", PublicKey: pem, SharedKey: secret}, ""},
		{"hmac, key", Signature{Mode: "hmac", SharedKey: secret, PublicKey: pem}, ""},
		{"none, file", Signature{Mode: "none", PublicKeyFile: file}, ""},

		{"rsa, two keys", Signature{Mode: "rsa", PublicKey: pem, PublicKeyFile: file}, "signature.public_key and signature.public_key_file exclude one another"},
		{"rsa, no key", Signature{Mode: "rsa"}, "signature.mode is rsa but there is neither signature.public_key_file nor signature.public_key"},
		{"hmac, no secret", Signature{Mode: "hmac"}, "signature.mode is hmac but signature.shared_key is empty"},
		{"no mode", Signature{PublicKey: pem}, "signature.mode is missing; it is rsa, hmac or none"},
		{"another mode", Signature{Mode: "RSA"}, `signature.mode is "RSA"; it is rsa, hmac or none`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tt.config.agentSignature()
			if got := errorText(err); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
