package slasconetest

import "testing"

func TestCovers(t *testing.T) {
	for _, test := range []struct {
		limit, version string
		want           bool
	}{
		{"", "whatever", true},
		{"24", "24", true}, {"24", "24.0", true}, {"24", "24.9.7", true}, {"24", "23.5", true}, {"24", "25", false}, {"24", "25.0", false},
		{"24.1", "24.1.9", true}, {"24.1", "24.0.1", true}, {"24.1", "23.9", true}, {"24.1", "24.2", false}, {"24.1", "25.0", false},
		{"24", "v24.1-beta", true}, {"24", "v25-beta", false},
		{"24.1", "24", false}, {"24.1", "23", false}, {"24.1", "23.", false}, // fewer components cannot be compared
		{"24", "", false}, {"24", "new", false}, {"Spring", "24", false}, {"24.x", "24.1", false}, {"24", "-1", true},
	} {
		if got := covers(test.limit, test.version); got != test.want {
			t.Errorf("covers(%q, %q) = %v", test.limit, test.version, got)
		}
	}
}

func TestNewer(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"1.2", "1.1", true}, {"1.10", "1.9", true}, {"1.1", "1.1.0", false}, {"1.1.1", "1.1", true}, {"1", "2", false},
		{"", "1", false}, {"1", "", false}, {"v2", "1.9-beta", true}, {"new", "1", false},
	} {
		if got := newer(test.a, test.b); got != test.want {
			t.Errorf("newer(%q, %q) = %v", test.a, test.b, got)
		}
	}
}
