package slascone

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

func TestSessionAgainstServer(t *testing.T) {
	s := realServer(t)
	s.AddLicense(slasconetest.License{Key: testLicense, Floating: true, FloatingTokenLimit: new(1), TokenLimit: new(9)})
	c := clientOf(t, s.URL)
	other := activation()
	other.ClientID = "another"
	for _, a := range []Activation{activation(), other} {
		if got := sound(t, c.Activate(t.Context(), a, Known{})); got.kind != Yes {
			t.Fatalf("%+v", got)
		}
	}
	opened := c.OpenFloating(t.Context(), sessionCall(), Known{NotBefore: noon})
	want := Session{ValidUntil: noon.Add(5 * time.Minute), Created: noon, Modified: noon, MaxSessions: 1, MaxClients: 9}
	if got := sound(t, opened); got != (outcome{kind: Yes}) || opened.Value != want || opened.Evidence.Kind != KindSession || !opened.At.Equal(noon) {
		t.Errorf("%+v: %+v", got, opened)
	}
	if kept, err := c.OpenSession(opened.Evidence); err != nil || kept != want {
		t.Errorf("%+v, %v", kept, err)
	}
	s.Advance(4 * time.Minute)
	renewed := c.OpenFloating(t.Context(), sessionCall(), Known{NotBefore: noon})
	if !renewed.Value.ValidUntil.Equal(noon.Add(9*time.Minute)) || !renewed.Value.Created.Equal(noon) {
		t.Errorf("%+v", renewed)
	}
	second := sessionCall()
	second.ClientID, second.SessionID = "another", "5f0e3a5e-6d0d-4c1b-8f2d-6f6f0f3b7a12"
	if got := sound(t, c.OpenFloating(t.Context(), second, Known{})); got != (outcome{kind: No, code: 1007}) {
		t.Errorf("%+v", got)
	}
	if got := sound(t, c.CloseFloating(t.Context(), sessionCall(), Known{})); got != (outcome{kind: Yes}) {
		t.Errorf("%+v", got)
	}
	second.Checkout = time.Hour
	if a := c.OpenFloating(t.Context(), second, Known{}); a.Kind != Yes || !a.Value.ValidUntil.Equal(noon.Add(64*time.Minute)) {
		t.Errorf("%+v", a)
	}
}

func TestReadSession(t *testing.T) {
	for name, test := range map[string]struct {
		edit  map[string]any
		valid bool
		until time.Time
	}{
		"whole":           {nil, true, noon.Add(5 * time.Minute)},
		"with a fraction": {map[string]any{"session_valid_until": "2026-03-10T12:05:00.1234567Z"}, true, noon.Add(5*time.Minute + 123456700)},
		"with a zone":     {map[string]any{"session_valid_until": "2026-03-10T14:05:00+02:00"}, true, noon.Add(5 * time.Minute)},
		"bare":            {map[string]any{"session_created_date": nil, "session_modified_date": null, "max_open_session_count": null}, true, noon.Add(5 * time.Minute)},
		"more than known": {map[string]any{"session_id": testSession}, true, noon.Add(5 * time.Minute)},
		"not valid":       {map[string]any{"is_session_valid": false}, false, noon.Add(5 * time.Minute)},
		"not valid, bare": {map[string]any{"is_session_valid": false, "session_valid_until": null}, false, time.Time{}},
	} {
		s, valid, fail := readSession([]byte(sessionBody(test.edit)))
		if fail != nil || valid != test.valid || !s.ValidUntil.Equal(test.until) {
			t.Errorf("%s: %+v, %v, %v", name, s, valid, fail)
		}
	}
	for name, text := range map[string]string{
		"no verdict":   sessionBody(map[string]any{"is_session_valid": nil}),
		"null verdict": sessionBody(map[string]any{"is_session_valid": null}),
		"no end":       sessionBody(map[string]any{"session_valid_until": nil}),
		"null end":     sessionBody(map[string]any{"session_valid_until": null}),
		"end of .NET":  sessionBody(map[string]any{"session_valid_until": "0001-01-01T00:00:00"}),
		"end is a sum": sessionBody(map[string]any{"session_valid_until": 1773144300}),
		"end is words": sessionBody(map[string]any{"session_valid_until": "tomorrow"}),
		"verdict is 1": sessionBody(map[string]any{"is_session_valid": 1}),
		"count is 1.5": sessionBody(map[string]any{"max_open_session_count": 1.5}),
		"null":         "null", "empty": "", "array": "[]", "text": ackBody, "licence": licenseBody(nil), "conflict": conflictBody,
		"deep": strings.Repeat(`{"is_session_valid":`, 20000), "trailing": sessionBody(nil) + "x",
	} {
		if s, valid, fail := readSession([]byte(text)); fail == nil || fail.Reason != BadShape || valid || s != (Session{}) {
			t.Errorf("%s: %+v, %v, %v", name, s, valid, fail)
		}
	}
}

func TestSessionThatIsNotValid(t *testing.T) {
	for name, edit := range map[string]map[string]any{
		"with an end":    {"is_session_valid": false},
		"without an end": {"is_session_valid": false, "session_valid_until": null, "session_modified_date": null},
	} {
		a := scripted(t, always(testKey(), 200, sessionBody(edit))).OpenFloating(t.Context(), sessionCall(), Known{NotBefore: noon, Latest: noon})
		if got := sound(t, a); got != (outcome{kind: No}) || a.Value != (Session{}) || !a.Evidence.IsZero() || !a.At.Equal(noon) {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

// TestSessionThatIsOver: an old answer, played again.
func TestSessionThatIsOver(t *testing.T) {
	c := scripted(t, always(testKey(), 200, sessionBody(nil)))
	end := noon.Add(5 * time.Minute)
	for notBefore, want := range map[time.Time]outcome{
		noon: {kind: Yes}, end: {kind: Yes}, end.Add(time.Second): {reason: Stale}, noon.AddDate(1, 0, 0): {reason: Stale},
	} {
		if got := sound(t, c.OpenFloating(t.Context(), sessionCall(), Known{NotBefore: notBefore})); got != want {
			t.Errorf("not before %v: %+v", notBefore, got)
		}
	}
}

func TestOpenSessionRefuses(t *testing.T) {
	c := clientOf(t, "https://host")
	signed := func(kind, body string) Evidence {
		return Evidence{Kind: kind, Body: []byte(body), Signature: signRSA(testKey(), []byte(body))}
	}
	edited := signed(KindSession, sessionBody(nil))
	edited.Body = []byte(sessionBody(map[string]any{"session_valid_until": "2099-01-01T00:00:00Z"}))
	for name, e := range map[string]Evidence{
		"nothing": {}, "a licence": signed(KindHeartbeat, licenseBody(nil)), "called a session": signed(KindSession, licenseBody(nil)),
		"not valid": signed(KindSession, sessionBody(map[string]any{"is_session_valid": false})), "edited": edited,
	} {
		s, err := c.OpenSession(e)
		if !errors.Is(err, ErrBadEvidence) || s != (Session{}) {
			t.Errorf("%s: %+v, %v", name, s, err)
			continue
		}
		readable(t, err)
	}
}

func FuzzReadSession(f *testing.F) {
	f.Add([]byte(sessionBody(nil)))
	f.Add([]byte(sessionBody(map[string]any{"is_session_valid": false, "session_valid_until": null})))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, valid, fail := readSession(data)
		switch {
		case fail != nil:
			readable(t, fail)
			if valid || s != (Session{}) {
				t.Fatalf("%+v beside %v", s, fail)
			}
		case valid && s.ValidUntil.IsZero():
			t.Fatal("a valid session without an end")
		}
	})
}
