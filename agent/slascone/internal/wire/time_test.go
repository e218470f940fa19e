package wire

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestTimeReadsDates(t *testing.T) {
	for in, want := range map[string]string{
		`"2025-12-31T00:00:00Z"`:         "2025-12-31T00:00:00Z",
		`"2022-12-23T13:12:50.3029826Z"`: "2022-12-23T13:12:50.3029826Z",
		`"2025-12-31T02:00:00+02:00"`:    "2025-12-31T00:00:00Z",
		`"2025-12-31T00:00:00"`:          "2025-12-31T00:00:00Z",
		`null`:                           "0001-01-01T00:00:00Z",
	} {
		var got Time
		if err := json.Unmarshal([]byte(in), &got); err != nil || got.Time.Format(time.RFC3339Nano) != want {
			t.Errorf("%s: %v, %v; want %s", in, got, err, want)
		}
	}
	for _, in := range []string{`0`, `1735603200`, `""`, `"yesterday"`, `"2025-12-31"`, `true`, `{}`, `[]`} {
		var got Time
		if err := json.Unmarshal([]byte(in), &got); err == nil {
			t.Errorf("%s was read as %v", in, got)
		}
	}
}

func TestTimeKeepsWhatItIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := time.FixedZone("", rapid.IntRange(-14*3600, 14*3600).Draw(t, "zone"))
		want := time.Unix(rapid.Int64Range(-60_000_000_000, 250_000_000_000).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).In(zone)
		text, err := json.Marshal(Time{want})
		if err != nil {
			t.Fatal(err)
		}
		var got Time
		if err := json.Unmarshal(text, &got); err != nil || !got.Time.Equal(want) || got.Time.Location() != time.UTC {
			t.Fatalf("%v became %s and %v, %v", want, text, got, err)
		}
	})
}

func FuzzTime(f *testing.F) {
	for _, seed := range []string{`"2025-12-31T00:00:00Z"`, `"9999-12-31T23:59:59-12:00"`, `null`, `"0000-01-01T00:00:00+01:00"`, `"`, `""`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var at Time
		if json.Unmarshal(data, &at) != nil {
			return
		}
		if at.Time.Location() != time.UTC {
			t.Errorf("%q is not in UTC", data)
		}
		if y := at.Time.Year(); y < 0 || y > 9999 {
			return // an offset has pushed it beyond what RFC 3339 can write
		}
		text, err := json.Marshal(at)
		if err != nil {
			t.Fatalf("%q became %v, which cannot be written: %v", data, at, err)
		}
		var again Time
		if err := json.Unmarshal(text, &again); err != nil || !again.Time.Equal(at.Time) {
			t.Errorf("%q became %s and %v, %v", data, text, again, err)
		}
	})
}
