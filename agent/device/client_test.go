package device

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestClientID(t *testing.T) {
	tests := []struct {
		device, user, want string
	}{
		{"dev", "ann@example.com", "dev/ann@example.com"},
		{" dev ", "\tann ", "dev/ann"},
		{"dev", "DOMAIN/ann", "dev/DOMAIN/ann"},
		{"dev", "Ännchen Müller", "dev/Ännchen Müller"},
		{"", "ann", ""},
		{"dev", " ", ""},
		{"a/b", "ann", ""},
		{"dev", "ann\n", "dev/ann"},
		{"dev", "an\nn", ""},
		{"dev", strings.Repeat("x", MaxIDLength), "dev/" + strings.Repeat("x", MaxIDLength)},
		{"dev", strings.Repeat("x", MaxIDLength+1), ""},
	}
	for _, tt := range tests {
		got, err := ClientID(tt.device, tt.user)
		if got != tt.want || errors.Is(err, ErrConfig) != (tt.want == "") {
			t.Errorf("ClientID(%q, %q) = %q, %v; want %q", tt.device, tt.user, got, err, tt.want)
		}
	}
}

// No two pairs of device and user share a client.
func TestClientIDIsUnique(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.StringMatching(`[a-b/ ]{1,4}`)
		d1, u1 := part.Draw(t, "device 1"), part.Draw(t, "user 1")
		d2, u2 := part.Draw(t, "device 2"), part.Draw(t, "user 2")
		c1, err1 := ClientID(d1, u1)
		c2, err2 := ClientID(d2, u2)
		if err1 != nil || err2 != nil || c1 != c2 {
			return
		}
		if strings.TrimSpace(d1) != strings.TrimSpace(d2) || strings.TrimSpace(u1) != strings.TrimSpace(u2) {
			t.Fatalf("%q, %q and %q, %q are both %q", d1, u1, d2, u2, c1)
		}
	})
}
