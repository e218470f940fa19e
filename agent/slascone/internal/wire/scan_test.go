package wire

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// sameAsJSON holds that the scan either gives up or reads what encoding/json
// reads, and returns which.
func sameAsJSON(t interface {
	Helper()
	Fatalf(string, ...any)
}, body []byte) (scanned bool) {
	t.Helper()
	var got, want LicenseInfo
	if !scanLicenseInfo(body, &got) {
		return false
	}
	if err := json.Unmarshal(body, &want); err != nil {
		t.Fatalf("scanned, but encoding/json says %v: %s", err, body)
	}
	if !reflect.DeepEqual(got, want) {
		g, _ := json.Marshal(got)
		w, _ := json.Marshal(want)
		t.Fatalf("%s\nis read as %s\nand not as %s", body, g, w)
	}
	return true
}

// odd has all that a JSON text can have.
const odd = "Größe \"L\" & ünï\n\U0001f600 "

// filled sets every field there is: texts to text, and lists to n elements.
func filled(v reflect.Value, text string, n int) {
	switch field := v.Addr().Interface().(type) {
	case *Time:
		field.Time = time.Date(2026, 3, 10, 12, 0, 0, 120, time.UTC)
		return
	case *Decimal:
		if err := field.UnmarshalJSON([]byte("-12.5")); err != nil {
			panic(err)
		}
		return
	case *Enum:
		field.Number = 2
		return
	case *json.RawMessage:
		*field = json.RawMessage(`{"a":[1,"\"",null,true,{}],"b":-1.5e3}`)
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int:
		v.SetInt(-7)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		filled(v.Elem(), text, n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			filled(v.Index(i), text, n)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			filled(v.Field(i), text, n)
		}
	default:
		panic(v.Type())
	}
}

// TestScanKnowsEveryField: one that the scan does not have would be skipped,
// and stay empty.
func TestScanKnowsEveryField(t *testing.T) {
	for _, n := range []int{0, 1, 30} {
		var info LicenseInfo
		filled(reflect.ValueOf(&info).Elem(), odd, n)
		for _, indent := range []string{"", "\r\n\t "} {
			body, err := json.MarshalIndent(info, "", indent)
			if err != nil {
				t.Fatal(err)
			}
			if !sameAsJSON(t, body) {
				t.Errorf("the scan gives up on %s", body)
			}
		}
	}
	if !sameAsJSON(t, []byte(`{"license_key":"x","new_member":{"a":[]},"other":-1e9}`)) {
		t.Error("the scan gives up on members that are new")
	}
}

// TestScanGivesUp at what means something only to encoding/json, or nothing.
func TestScanGivesUp(t *testing.T) {
	for _, body := range []string{
		``, `[]`, `{`, `{}x`, `{},`, `{"a":1,}`, `{,}`, `{"a"}`, `{"a":}`, `{"a":1 "b":2}`, `{"a" 1}`, `{"license_key" "x"}`, "\xef\xbb\xbf{}", "{}\x00", `{a:1}`, `{"a":01}`, `{"a":+1}`, `{"a":.5}`,
		`{"a":nul}`, `{"a":[1,]}`, `{"a":[1 2]}`, `{"a":"` + "\n" + `"}`, `{"a":"\x"}`, `{"a":"`, `{"a":"\`, `{"a":truefalse}`, `{"a":{"b"}}`, `{"a":-}`, `{"a":1e}`,
		`{"license_key":"a","license_key":"b"}`, `{"License_Key":"a"}`, "{\"license_\u212aey\":\"a\"}", `{"license_key":1}`, `{"features":{}}`, `{"features":[[]]}`,
		`{"freeride":1.5}`, `{"freeride":"1"}`, `{"freeride":99999999999999999999}`, `{"is_temporary":0}`, `{"customer":[]}`, `{"limitations":[{"value":"1.5"}]}`,
		`{"limitations":[{"value":1e999999999}]}`, `{"created_date_utc":"today"}`, `{"created_date_utc":1}`, `{"date_validity":1.5}`, `{"customer":{},"customer":{}}`,
		`{"constrained_variables":[{"customlistid":"x"}]}`, `{"a":` + strings.Repeat("[", 17) + strings.Repeat("]", 17) + `}`, `{"features":[],"features":null}`,
	} {
		if sameAsJSON(t, []byte(body)) {
			t.Errorf("scanned: %s", body)
		}
	}
}

// TestReadLicenseInfo gives the same answer on both ways.
func TestReadLicenseInfo(t *testing.T) {
	for _, body := range []string{`{"license_key":"K"}`, `{"License_Key":"K"}`} {
		if info, err := ReadLicenseInfo([]byte(body)); err != nil || info.LicenseKey != "K" {
			t.Errorf("%s: %+v, %v", body, info, err)
		}
	}
	for _, body := range []string{`{"license_key":1}`, `{"license_key":"a","license_key":"K"}`, `{"license_key":"a","License_Key":"K"}`} {
		if info, err := ReadLicenseInfo([]byte(body)); err == nil {
			t.Errorf("%s is read as %+v", body, info)
		}
	}
}

// TestScanReadsTheService: what the real service writes is not left to
// encoding/json.
func TestScanReadsTheService(t *testing.T) {
	dir := os.Getenv("LEASEHOLD_VECTORS")
	if dir == "" {
		dir = "../../../../../shared/vectors"
	}
	body, err := os.ReadFile(filepath.Join(dir, "heartbeat-2023.json"))
	if err != nil {
		t.Skip("the answers of the real service are not here; LEASEHOLD_VECTORS names their folder")
	}
	if !sameAsJSON(t, body) {
		t.Error("the scan gives up on a body of the real service")
	}
}

// TestScanIsJSON generates bodies out of right and wrong values, in any order,
// with members missing, twice and in other cases.
func TestScanIsJSON(t *testing.T) {
	var info LicenseInfo
	filled(reflect.ValueOf(&info).Elem(), odd, 2)
	text, err := json.Marshal(info)
	if err != nil {
		t.Fatal(err)
	}
	var whole map[string]any
	if err := json.Unmarshal(text, &whole); err != nil {
		t.Fatal(err)
	}
	leaf := rapid.SampledFrom([]string{`null`, `true`, `false`, `0`, `-0`, `7`, `1.50`, `1e3`, `-1E-2`, `""`, `"x"`, `"a\u0041\ud800"`, `"Floating"`, `"2026-03-10T12:00:00Z"`,
		`"2026-03-10T12:00:00\u002B02:00"`, `"9999-12-31T23:59:59.9999999"`, `[]`, `{}`, `[null]`, `[{}]`, `[null,{"id":"x"}]`, `{"id":null}`, `"`, `01`, "\"\xff\""})
	blank := rapid.SampledFrom([]string{"", "", " ", "\r\n\t"})
	scanned := 0
	rapid.Check(t, func(rt *rapid.T) {
		var write func(b *strings.Builder, v any)
		write = func(b *strings.Builder, v any) {
			b.WriteString(blank.Draw(rt, "blank"))
			defer func() { b.WriteString(blank.Draw(rt, "blank")) }()
			if rapid.IntRange(0, 40).Draw(rt, "other") == 0 {
				b.WriteString(leaf.Draw(rt, "value"))
				return
			}
			switch v := v.(type) {
			case map[string]any:
				names := slices.Sorted(maps.Keys(v))
				if len(names) > 0 {
					names = rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, len(names), rapid.ID[string]).Draw(rt, "members")
				}
				if len(names) > 0 && rapid.IntRange(0, 30).Draw(rt, "twice") == 0 {
					names = append(names, names[0])
				}
				b.WriteByte('{')
				for i, name := range names {
					if i > 0 {
						b.WriteByte(',')
					}
					spelt := name
					switch rapid.IntRange(0, 60).Draw(rt, "spelling") {
					case 0:
						spelt = strings.ToUpper(name)
					case 1:
						spelt = strings.Replace(name, "i", `\u0069`, 1)
					case 2:
						spelt = name + "_2"
					}
					fmt.Fprintf(b, `%s"%s"%s:`, blank.Draw(rt, "blank"), spelt, blank.Draw(rt, "blank"))
					write(b, v[name])
				}
				b.WriteByte('}')
			case []any:
				b.WriteByte('[')
				for i, e := range v {
					if i > 0 {
						b.WriteByte(',')
					}
					write(b, e)
				}
				b.WriteByte(']')
			default:
				text, err := json.Marshal(v)
				if err != nil {
					rt.Fatal(err)
				}
				b.Write(text)
			}
		}
		var b strings.Builder
		write(&b, whole)
		if sameAsJSON(rt, []byte(b.String())) {
			scanned++
		}
	})
	if scanned == 0 {
		t.Error("nothing was scanned")
	}
}

func FuzzScanLicenseInfo(f *testing.F) {
	var info LicenseInfo
	filled(reflect.ValueOf(&info).Elem(), odd, 1)
	body, err := json.Marshal(info)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	f.Add([]byte(`{"license_key":"x","limitations":[{"value":1.5}],"created_date_utc":"2023-01-12T15:21:55Z","provisioning_mode":"Floating"}`))
	f.Add([]byte(`{"license_users":[{"active_sessions":[null,1,"\u0000"]},null],"constrained_variables":[{"customListId":"x","value":["a",null]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) { sameAsJSON(t, data) })
}

// BenchmarkReadLicenseInfo reads a licence with ten features.
func BenchmarkReadLicenseInfo(b *testing.B) {
	var info LicenseInfo
	filled(reflect.ValueOf(&info).Elem(), "0b8e7a52-64b1-4c1d-9b0d-5a0b5b1f7a10", 2)
	info.Features = slices.Repeat(info.Features, 5)
	body, err := json.Marshal(info)
	if err != nil {
		b.Fatal(err)
	}
	for name, read := range map[string]func() error{
		"scan":          func() error { _, err := ReadLicenseInfo(body); return err },
		"encoding-json": func() error { return json.Unmarshal(body, new(LicenseInfo)) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := read(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
