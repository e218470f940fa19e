package main

import (
	"math"
	"testing"
)

func TestRate(t *testing.T) {
	for x, want := range map[float64]string{
		0:           "0",
		0.000123456: "0.000123",
		0.0057871:   "0.00579",
		0.9996:      "1.00",
		1:           "1.00",
		9.996:       "10.0",
		11.574:      "11.6",
		123.4:       "123",
		1234.5:      "1234",
		694444.4:    "694444",
		math.Inf(1): "+Inf",
	} {
		if got := rate(x); got != want {
			t.Errorf("rate(%v) = %s, want %s", x, got, want)
		}
	}
}
