package agent

import (
	"errors"
	"strings"
	"testing"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

func TestCheckKey(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"abc", "abc"},
		{"  27180460-29df-4a5a-a0a1-78c85ab6cee0\r\n", "27180460-29df-4a5a-a0a1-78c85ab6cee0"},
		{"\ufeffABC-1\u200b", "ABC-1"},
		{"OLD KEY 7", "OLDKEY7"},
		{"a\nb", "ab"},
		{"a\x00b", "ab"},
		{"", ""},
		{" \n ", ""},
		{"a\ue000b", ""}, // for private use
		{"a\xffb", ""},
		{strings.Repeat("k", maxKey), strings.Repeat("k", maxKey)},
		{strings.Repeat("k", maxKey+1), ""},
	} {
		got, err := checkKey(tt.in)
		if (err == nil) != (tt.want != "") || err == nil && got.Text != tt.want || err != nil && !errors.Is(err, ErrInput) {
			t.Errorf("checkKey(%.20q) = %q, %v", tt.in, got.Text, err)
		}
	}
}

// A key as it comes out of a document is the licence's key everywhere.
func TestAPastedKeyIsTheKey(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		lic := w.srv.AddLicense(slasconetest.License{})
		a := w.open()
		pasted := "\u202aKey: “" + strings.ReplaceAll(lic.Key, "-", "\u2011") + "”\u202c"
		if _, err := a.Activate(w.Context(), pasted); err != nil {
			t.Fatal(err)
		}
		if !strings.EqualFold(a.License().Key(), lic.Key) {
			t.Error("another licence is held")
		}
		// The same key with other characters opens the licence that is held.
		if _, err := a.Activate(w.Context(), lic.Key[:7]+"\u00ad"+lic.Key[7:]); err != nil {
			t.Error(err)
		}
		request, err := a.ActivationRequest(pasted)
		if err != nil || !strings.EqualFold(request.LicenseKey, lic.Key) {
			t.Errorf("the request's key is not the licence's: %v", err)
		}
	})
}

func TestAnUnknownKeyIsAdvisedOn(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a := w.open()
		const key = "Oe9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978"
		_, err := a.Activate(w.Context(), key+"\u200b")
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Kind != KindConflict || e.Code != enforcement.LicenseKeyInvalid {
			t.Fatalf("error: %v", err)
		}
		for _, want := range []string{"conflict 1000", "U+200B zero width space", "perhaps the digit 0"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q is missing in %q", want, err)
			}
		}
		if strings.Contains(err.Error(), key) {
			t.Errorf("the key is in %q", err)
		}
	})
}
