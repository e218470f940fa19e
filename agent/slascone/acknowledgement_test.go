package slascone

import (
	"strings"
	"testing"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

func TestAcknowledgements(t *testing.T) {
	for text, ok := range map[string]bool{
		ackBody: true, `""`: true, ` "Erfolgreich."` + "\n": true, "\"\xff\"": true,
		"": false, "null": false, "true": false, "0": false, "[]": false, `["Success."]`: false, "{}": false, `"Success."x`: false,
		`"Success.`: false, `Success.`: false, licenseBody(nil): false, sessionBody(nil): false, conflictBody: false, strings.Repeat("[", 20000): false,
	} {
		c := scripted(t, always(testKey(), 200, text))
		want := outcome{kind: Yes}
		if !ok {
			want = outcome{reason: BadShape}
		}
		for name, got := range map[string]outcome{
			"unassign": sound(t, c.Unassign(t.Context(), testToken, Known{})),
			"close":    sound(t, c.CloseFloating(t.Context(), sessionCall(), Known{})),
		} {
			if got != want {
				t.Errorf("%s, %.40q: %+v", name, text, got)
			}
		}
	}
}

func TestUnassign(t *testing.T) {
	s, c, token := seated(t)
	if got := sound(t, c.Unassign(t.Context(), token, Known{})); got != (outcome{kind: Yes}) {
		t.Errorf("%+v", got)
	}
	for _, held := range s.Tokens(testLicense) {
		if held.ClientID != "" {
			t.Error("the seat is still held")
		}
	}
	for key, code := range map[string]int{token: 2004, slasconetest.DemoISV: 2003} {
		if got := sound(t, c.Unassign(t.Context(), key, Known{})); got != (outcome{kind: No, code: code}) {
			t.Errorf("%+v; want %d", got, code)
		}
	}
	if got := sound(t, c.Unassign(t.Context(), "no UUID", Known{})); got != (outcome{reason: BadRequest}) {
		t.Errorf("%+v", got)
	}
}
