package enforcement

import (
	"strings"
	"testing"
	"time"
)

func TestAfterText(t *testing.T) {
	for text, want := range map[string]After{
		"0d":             {},
		"14d":            {Plus: 14 * day},
		"36h":            {Plus: 36 * hour},
		"1d12h":          {Plus: 36 * hour},
		"90m":            {Plus: 90 * minute},
		"1d2h3m4s":       {Plus: day + 2*hour + 3*minute + 4*time.Second},
		"0s":             {},
		"007d":           {Plus: 7 * day},
		"36500d":         {Plus: 36500 * day},
		"due":            {From: Due},
		"due+1h":         {From: Due, Plus: hour},
		"freeride":       {From: Freeride},
		"freeride/2":     {From: HalfFreeride},
		"freeride/2+3h":  {From: HalfFreeride, Plus: 3 * hour},
		"freeride+14d":   {From: Freeride, Plus: 14 * day},
		"freeride+1d12h": {From: Freeride, Plus: 36 * hour},
		"freeride+0d":    {From: Freeride},
	} {
		var got After
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%q is %+v, %v", text, got, err)
		}
		if again, err := want.MarshalText(); err != nil || string(again) != want.String() {
			t.Errorf("%q is written %q, %v", text, again, err)
		}
		var back After
		if err := back.UnmarshalText([]byte(want.String())); err != nil || back != want {
			t.Errorf("%q comes back as %+v, %v", want.String(), back, err)
		}
	}
	for want, a := range map[string]After{
		"0d": {}, "1d12h": {Plus: 36 * hour}, "1h30m": {Plus: 90 * minute}, "5s": {Plus: 5 * time.Second},
		"due": {From: Due}, "freeride+14d": {From: Freeride, Plus: 14 * day},
		"-1h0m0s": {Plus: -hour}, "1.5s": {Plus: 1500 * time.Millisecond}, "Mark(9)+1d": {From: 9, Plus: day},
	} {
		if got := a.String(); got != want {
			t.Errorf("%+v is %q, want %q", a, got, want)
		}
	}
}

func TestAfterTextIsStrict(t *testing.T) {
	for _, text := range []string{
		"", "14", "d", "14 d", " 14d", "14d ", "-1d", "+1d", "1.5d", "1w", "14D", "1h1d", "1d1d", "1d12", "now", "Due", "due+", "due+due",
		"due14d", "freeride-1d", "freeride+", "freeride+freeride", "freerides", "freeride/", "freeride/3", "freeride/2d", "freeride/2/2", "due/2", "36501d", "36500d1s", "99999999999999999999d", "876001h", "1d\x00",
	} {
		kept := After{From: Due, Plus: hour}
		err := kept.UnmarshalText([]byte(text))
		if err == nil || kept != (After{From: Due, Plus: hour}) {
			t.Errorf("%q is %+v, %v", text, kept, err)
		} else if !strings.HasPrefix(err.Error(), "enforcement: ") {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, a := range []After{{Plus: -1}, {Plus: 36501 * day}, {Plus: time.Millisecond}, {From: 9}} {
		if text, err := a.MarshalText(); err == nil {
			t.Errorf("%+v marshals as %q", a, text)
		}
	}
}

func FuzzAfter(f *testing.F) {
	for _, s := range []string{"14d", "1d12h", "due", "freeride+14d", "36500d1s", "1h1d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var a, back After
		if a.UnmarshalText([]byte(text)) != nil {
			return
		}
		again, err := a.MarshalText()
		if err != nil {
			t.Fatalf("%q is read and not written: %v", text, err)
		}
		if err := back.UnmarshalText(again); err != nil || back != a {
			t.Errorf("%q is %+v, written %q and read as %+v, %v", text, a, again, back, err)
		}
	})
}
