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

// What the vendor wants to know, and where a user may be sent, reach the agent.
func TestWhatTheVendorSets(t *testing.T) {
	f, err := Decode([]byte(`{"client_name": "desk 7", "group_id": "g", "tags": ["lab"],
		"heartbeat_types": {"start": "0d7a8f3e-6d0d-4c1b-8f2d-6f6f0f3b7a11", "exit": "1e7a8f3e-6d0d-4c1b-8f2d-6f6f0f3b7a11"},
		"links": {"manage": "https://vendor.example/seats?key={license}"}, "signature": {"mode": "none"}}`), "")
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := f.Config()
	if err != nil {
		t.Fatal(err)
	}
	if cfg.ClientName != "desk 7" || cfg.GroupID != "g" || len(cfg.Tags) != 1 || cfg.Links.Manage == "" ||
		cfg.HeartbeatTypes.Start[0] != '0' || cfg.HeartbeatTypes.Exit[0] != '1' {
		t.Errorf("%+v", cfg)
	}
	if _, err := Decode([]byte(`{"links": {"shop": "https://vendor.example"}}`), ""); err == nil {
		t.Error("an unknown link is taken")
	}
}
