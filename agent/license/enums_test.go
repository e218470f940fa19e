package license

import (
	"fmt"
	"testing"
)

func TestEnumNames(t *testing.T) {
	for v, want := range map[fmt.Stringer]string{
		Named:                "named",
		Floating:             "floating",
		ProvisioningMode(2):  "unknown(2)",
		ProvisioningMode(-1): "unknown(-1)",
		Devices:              "devices",
		Users:                "users",
		ClientType(9):        "unknown(9)",
		DateValid:            "valid",
		DateNotYetValid:      "not_yet_valid",
		DateExpired:          "expired",
		DateValidity(3):      "unknown(3)",
		ResetDisabled:        "disabled",
		ResetNever:           "never",
		ResetPeriodically:    "periodically",
		ResetFirstDayOfMonth: "monthly",
		ResetFirstOfQuarter:  "quarterly",
		ResetFirstOfYear:     "yearly",
		ResetMode(6):         "unknown(6)",
	} {
		if got := v.String(); got != want {
			t.Errorf("%T(%d) is called %q; want %q", v, v, got, want)
		}
	}
}

// The integers are the wire's and may not move.
func TestEnumNumbers(t *testing.T) {
	if Named != 0 || Floating != 1 || Devices != 0 || Users != 1 || DateValid != 0 || DateNotYetValid != 1 || DateExpired != 2 ||
		ResetDisabled != 0 || ResetNever != 1 || ResetPeriodically != 2 || ResetFirstDayOfMonth != 3 || ResetFirstOfQuarter != 4 || ResetFirstOfYear != 5 {
		t.Error("a number differs from the wire's")
	}
}
