package slascone

import (
	"strings"
	"testing"
	"time"
)

func TestReadConflict(t *testing.T) {
	for text, want := range map[string]Conflict{
		`{"id":2006,"message":"Unknown client","help":null}`: {2006, "Unknown client"},
		`{"id":2006}`: {2006, ""},
		`{"id":2006,"message":null,"help":"x","expectedErrors":[{"id":1}],"x":1}`: {2006, ""},
		`{"message":"a\r\n\u001b[31mb\u202e","id":1}`:                             {1, "a   [31mb"},
		`{"id":1,"message":"` + strings.Repeat("é", 600) + `"}`:                   {1, strings.Repeat("é", 500) + "…"},
		"{\"id\":1,\"message\":\"\xff\"}":                                         {1, "\ufffd"},
	} {
		got, fail := readConflict([]byte(text), "")
		if fail != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, fail)
		}
	}
	for _, text := range []string{
		"", "null", "[]", "{}", "1001", `"1001"`, `{"id":0}`, `{"id":-1}`, `{"id":null}`, `{"id":"1001"}`, `{"id":1001.5}`, `{"id":1e999}`,
		`{"id":99999999999999999999}`, `{"id":1001}{}`, `{"id":1001`, `{"id":1001,"message":7}`, `{"id":[1001]}`, strings.Repeat("[", 20000),
		licenseBody(nil), sessionBody(nil), ackBody, `{"id":"` + testLicense + `","is_active":true}`,
	} {
		if got, fail := readConflict([]byte(text), ""); fail == nil || fail.Reason != BadShape || fail.Status != 409 {
			t.Errorf("%.60s: %+v, %v", text, got, fail)
		}
	}
}

func TestConflictTime(t *testing.T) {
	known := Known{NotBefore: noon, Latest: noon.Add(time.Hour)}
	for name, test := range map[string]struct {
		date    string
		want    time.Time
		undated bool
	}{
		"believed":        {noon.Add(30 * time.Minute).Format(time.RFC1123), noon.Add(30 * time.Minute), false},
		"the same second": {noon.Format(time.RFC1123), noon, false},
		"ahead":           {noon.AddDate(50, 0, 0).Format(time.RFC1123), noon.Add(time.Hour), false},
		"behind":          {noon.AddDate(-1, 0, 0).Format(time.RFC1123), noon, true},
		"missing":         {"", noon, true},
		"nonsense":        {"soon", noon, true},
		"local of RFC2":   {"Tue Mar 10 12:30:00 2026", noon.Add(30 * time.Minute), false},
	} {
		test.date = strings.Replace(test.date, "UTC", "GMT", 1)
		a := scripted(t, always(testKey(), 409, conflictBody, header("Date", test.date))).Heartbeat(t.Context(), heartbeat(), known)
		if got := sound(t, a); got != (outcome{kind: No, code: 1001}) || !a.At.Equal(test.want) || a.Undated != test.undated || !a.Value.IsZero() || !a.Evidence.IsZero() {
			t.Errorf("%s: %+v at %v, undated %v", name, got, a.At, a.Undated)
		}
	}
}

func FuzzReadConflict(f *testing.F) {
	f.Add([]byte(conflictBody))
	f.Add([]byte(`{"id":2006,"message":null,"help":null,"expectedErrors":[{"id":1,"message":"x","help":null}]}`))
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, fail := readConflict(data, "")
		if (fail == nil) != (c.ID > 0) {
			t.Fatalf("%+v, %v", c, fail)
		}
		if fail != nil {
			readable(t, fail)
			return
		}
		if len(c.Message) > 4*maxConflictMessage+len("…") {
			t.Fatalf("a message of %d bytes", len(c.Message))
		}
	})
}
