package wire

import (
	"encoding/json"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

func TestEnumReadsIntegersAndNames(t *testing.T) {
	for in, want := range map[string]Enum{
		`0`: {}, `1`: {Number: 1}, `-7`: {Number: -7}, `42`: {Number: 42}, `null`: {},
		`"Floating"`: {Name: "Floating"}, `"some new name"`: {Name: "some new name"}, `""`: {},
	} {
		var got Enum
		if err := json.Unmarshal([]byte(in), &got); err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", in, got, err, want)
		}
	}
	for _, in := range []string{`1.5`, `1e3`, `true`, `[]`, `{}`, `99999999999999999999`} {
		var got Enum
		if err := json.Unmarshal([]byte(in), &got); err == nil {
			t.Errorf("%s was read as %+v", in, got)
		}
	}
}

func TestEnumOf(t *testing.T) {
	for _, test := range []struct {
		in   Enum
		want int
	}{
		{Enum{Number: 1}, 1}, {Enum{Number: 9}, 9}, {Enum{Name: "Named"}, 0}, {Enum{Name: "FLOATING"}, 1}, {Enum{Name: "Hovering"}, -1},
	} {
		if got := test.in.Of("named", "floating"); got != test.want {
			t.Errorf("%+v is %d; want %d", test.in, got, test.want)
		}
	}
}

func TestDecimalReadsNumbersAndStrings(t *testing.T) {
	for in, want := range map[string]string{
		`3`: "3", `-2.50`: "-2.5", `0.1`: "0.1", `1e3`: "1000", `"12.5"`: "12.5", `null`: "0",
		`12345678901234567890.123`: "12345678901234567890.123",
	} {
		var got Decimal
		if err := json.Unmarshal([]byte(in), &got); err != nil || got.Decimal.String() != want {
			t.Errorf("%s: %v, %v; want %s", in, got, err, want)
		}
	}
	for _, in := range []string{`1e999999999`, `true`, `"twelve"`, `""`, `{}`, `[1]`, `" 1"`} {
		var got Decimal
		if err := json.Unmarshal([]byte(in), &got); err == nil {
			t.Errorf("%s was read as %v", in, got)
		}
	}
}

func TestDecimalKeepsWhatItIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := decimal.New(rapid.Int64().Draw(t, "coefficient"), rapid.Int32Range(-15, 15).Draw(t, "exponent"))
		text, err := json.Marshal(Decimal{want})
		if err != nil {
			t.Fatal(err)
		}
		var got Decimal
		if err := json.Unmarshal(text, &got); err != nil || !got.Decimal.Equal(want) {
			t.Fatalf("%v became %s and %v, %v", want, text, got, err)
		}
	})
}

func FuzzEnum(f *testing.F) {
	for _, seed := range []string{`1`, `-1`, `"Named"`, `null`, `1.5`, `"\u0041"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var e Enum
		if json.Unmarshal(data, &e) != nil {
			return
		}
		if e.Number != 0 && e.Name != "" {
			t.Errorf("%q has two values: %+v", data, e)
		}
		if got := e.Of("named", "floating"); e.Name == "" && got != e.Number || e.Name != "" && got > 1 {
			t.Errorf("%q is %d", data, got)
		}
	})
}

func FuzzDecimal(f *testing.F) {
	for _, seed := range []string{`1`, `-0.5`, `1e30`, `"3"`, `null`, `1e999999999`, `"\""`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var d Decimal
		if json.Unmarshal(data, &d) != nil {
			return
		}
		text, err := json.Marshal(d)
		if err != nil {
			t.Fatalf("%q became %v, which cannot be written: %v", data, d, err)
		}
		if len(text) > 120 {
			t.Errorf("%q expands to %d characters", data, len(text))
		}
	})
}
