package enforcement

import "testing"

func TestCompliant(t *testing.T) {
	tests := []struct {
		limit, version string
		want           bool
	}{
		{"24", "24", true},
		{"24", "24.0", true},
		{"24", "24.9.7", true},
		{"24", "23.9", true},
		{"24", "9.99", true},
		{"24", "25", false},
		{"24", "100", false},
		{"24.1", "24.1", true},
		{"24.1", "24.1.9", true},
		{"24.1", "24.0.3", true},
		{"24.1", "23.7", true},
		{"24.1", "24.2", false},
		{"24.1", "25.0", false},
		{"24.10", "24.9", true},
		{"24.9", "24.10", false},
		{"24.1", "24", false},
		{"24.1", "23", false},
		{"24.1", "23.", false},
		{"24.1", "", false},
		{"24", "v24.1", true},
		{"24", "24-beta", true},
		{"24.1", "24.1-rc", true},
		{"24.1", "24.1-rc2", false},
		{"24.1", "24.beta", false},
		{"24.1", "23.beta", false},
		{"24", "24.beta", true},
		{"24", "24_1", false},
		{"24", " 24", false},
		{"24", "release", false},
		{"24 LTS", "24", false},
		{"v24", "24", false},
		{"24.", "24.1", false},
		{".1", "0.1", false},
		{"", "whatever", true},
		{"", "", true},
		{"007", "7", true},
		{"7", "00008", false},
		{"18446744073709551615", "18446744073709551615", true},
		{"18446744073709551615", "18446744073709551616", false},
		{"24", "99999999999999999999999999", false},
	}
	for _, tt := range tests {
		if got := Compliant(tt.limit, tt.version); got != tt.want {
			t.Errorf("Compliant(%q, %q) = %v, want %v", tt.limit, tt.version, got, tt.want)
		}
	}
}

func FuzzCompliant(f *testing.F) {
	f.Add("24.1", "24.1-rc2")
	f.Add("", "1")
	f.Add("24 LTS", "v24..1")
	f.Fuzz(func(t *testing.T, limit, version string) {
		got := Compliant(limit, version)
		if limit == "" && !got {
			t.Error("no limit does not cover")
		}
		if limit != "" && version == "" && got {
			t.Error("a limit covers no version")
		}
		if got && limit != "" && !Compliant(limit, version+".0") {
			t.Error("a further component made it not compliant")
		}
	})
}
