package slascone

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func sameEvidence(a, b Evidence) bool {
	return a.Kind == b.Kind && bytes.Equal(a.Body, b.Body) && a.Signature == b.Signature
}

func TestEvidenceComesBack(t *testing.T) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	for name, e := range map[string]Evidence{
		"zero":                {},
		"heartbeat":           {KindHeartbeat, []byte(licenseBody(nil)), signRSA(testKey(), []byte(licenseBody(nil)))},
		"unsigned":            {KindActivation, []byte(licenseBody(nil)), ""},
		"lines":               {KindSession, []byte("\n{\r\n}\n\n"), "x"},
		"every byte":          {KindSession, every, "x"},
		"not UTF-8":           {KindHeartbeat, []byte("{\"a\":\"\xff\xfe\"}"), "x"},
		"odd signature":       {KindHeartbeat, []byte("{}"), "\xff"},
		"line separators":     {KindHeartbeat, []byte("\u2028\u2029<&>\x00\ufffd\ufeff"), "x"},
		"looks encoded":       {"base64", []byte("{}"), "x"},
		"looks encoded twice": {"base64", []byte("base64\nAAAA"), "base64"},
	} {
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var got Evidence
		if err := json.Unmarshal(text, &got); err != nil || !sameEvidence(got, e) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// TestEvidenceIsSmall: what is kept must fit where space is short.
func TestEvidenceIsSmall(t *testing.T) {
	e := Evidence{KindHeartbeat, []byte(licenseBody(nil)), signRSA(testKey(), []byte("x"))}
	text, err := e.MarshalText()
	if err != nil || len(text) != len(e.Kind)+len(e.Signature)+len(e.Body)+2 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}

func TestEvidenceIsOwned(t *testing.T) {
	text := []byte("heartbeat\nsig\nbody")
	var e Evidence
	if err := e.UnmarshalText(text); err != nil {
		t.Fatal(err)
	}
	copy(text, bytes.Repeat([]byte("x"), len(text)))
	if string(e.Body) != "body" {
		t.Error("the body is the caller's memory")
	}
}

func TestEvidenceRefuses(t *testing.T) {
	for _, e := range []Evidence{{Kind: "a\nb"}, {Signature: "a\nb"}} {
		if text, err := e.MarshalText(); err == nil {
			t.Errorf("%+v became %q", e, text)
		}
	}
	for _, text := range []string{``, `heartbeat`, "heartbeat\nsignature", "base64\n", "base64\n!", "base64\nYWJj"} {
		e := Evidence{Kind: "kept"}
		if err := e.UnmarshalText([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), "slascone: ") || e.Kind != "kept" {
			t.Errorf("%q became %+v, %v", text, e, err)
		}
	}
	for _, text := range []string{`{}`, `7`, `[]`, `"x"`} {
		var e Evidence
		if err := json.Unmarshal([]byte(text), &e); err == nil {
			t.Errorf("%s became %+v", text, e)
		}
	}
}

// FuzzEvidence: every byte comes back, and reading never panics.
func FuzzEvidence(f *testing.F) {
	f.Add(KindHeartbeat, []byte(licenseBody(nil)), "c2ln")
	f.Add("base64", []byte("\xff\n"), "")
	f.Add("", []byte{}, "")
	f.Fuzz(func(t *testing.T, kind string, body []byte, signature string) {
		var odd Evidence
		_ = odd.UnmarshalText(body)
		_ = json.Unmarshal(body, &odd)

		e := Evidence{Kind: kind, Body: body, Signature: signature}
		text, err := json.Marshal(e)
		if err != nil {
			if !strings.Contains(kind+signature, "\n") {
				t.Fatal(err)
			}
			return
		}
		var got Evidence
		if err := json.Unmarshal(text, &got); err != nil || !sameEvidence(got, e) {
			t.Fatalf("%+v became %+v, %v", e, got, err)
		}
	})
}
