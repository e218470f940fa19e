package device

import (
	"strings"
	"testing"
)

func TestCompare(t *testing.T) {
	tests := []struct {
		kept, current string
		drifted       bool
	}{
		{"", "a", false},
		{"  ", "a", false},
		{"a", "a", false},
		{"ABC-1", "abc-1", false},
		{" a", "a\n", false},
		{"a", "b", true},
		{"a", "", true},
		{"a/ann", "a/bob", true},
		{"a", "a/ann", true},
	}
	for _, tt := range tests {
		drift, drifted := Compare(tt.kept, tt.current)
		if drifted != tt.drifted {
			t.Errorf("Compare(%q, %q) = %v", tt.kept, tt.current, drifted)
		}
		if drifted && (drift.Kept != tt.kept || drift.Current != tt.current) {
			t.Errorf("Compare(%q, %q) = %+v", tt.kept, tt.current, drift)
		}
		if drifted && !strings.Contains(drift.String(), tt.kept) {
			t.Errorf("the old ID is not in %q", drift)
		}
	}
}
