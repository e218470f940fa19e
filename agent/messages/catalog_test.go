package messages_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/messages"
	"github.com/leasehold-dev/leasehold/enforcement"
)

func parse(t *testing.T, text string) messages.Catalog {
	t.Helper()
	c, err := messages.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOverride(t *testing.T) {
	german := parse(t, `{"language": "de", "texts": {
		"title.expired": "Wartung abgelaufen",
		"title.expired.locked": "Wartung beendet",
		"text.expired.renew": "Der Wartungsvertrag für {app} {version} endete am {expires}.",
		"works.grace.expired": "Bis {until} läuft alles weiter."
	}}`)
	texts := textsIn(t, "de", german)
	d := enforcement.Decision{State: enforcement.Grace, Cause: enforcement.Expired, Remedy: enforcement.RenewLicense, Until: now.AddDate(0, 1, 0)}
	s := messages.Situation{App: "{until}", Version: "7", Now: now, Expires: now.AddDate(0, 0, -2)}
	if m := texts.Message(d, s); m.Title != "Wartung abgelaufen" || m.Text != "Der Wartungsvertrag für {until} 7 endete am 25. November 2026. Bis 27. Dezember 2026 läuft alles weiter." {
		t.Errorf("%q %q", m.Title, m.Text)
	}
	d.State = enforcement.Locked
	if m := texts.Message(d, s); m.Title != "Wartung beendet" || m.StateName != "Gesperrt" {
		t.Errorf("%q %q", m.Title, m.StateName)
	}
	d.Remedy = enforcement.EnterKey // a trial: its own words are more special than those of a state
	if m := texts.Message(d, s); m.Title != "Testzeit abgelaufen" {
		t.Errorf("%q", m.Title)
	}
	if m := textsIn(t, "de").Message(d, s); m.Title != "Testzeit abgelaufen" {
		t.Errorf("the built-in texts have changed: %q", m.Title)
	}
}

// A variant of a language says only what differs from it.
func TestVariant(t *testing.T) {
	austrian := parse(t, `{"language": "de-AT", "months": ["Jänner","Februar","März","April","Mai","Juni","Juli","August","September","Oktober","November","Dezember"], "texts": {}}`)
	d := enforcement.Decision{State: enforcement.Locked, Cause: enforcement.Expired}
	m := textsIn(t, "de-AT", austrian).Message(d, messages.Situation{Expires: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)})
	if want := "Die Lizenz endete am 2. Jänner 2026. Ihre Arbeit bleibt unverändert erhalten."; m.Text != want {
		t.Errorf("%q, want %q", m.Text, want)
	}
}

// An added language has the plural forms that it needs, each in its place.
func TestAddedLanguage(t *testing.T) {
	template, _ := messages.Template("en")
	polish := func(days string) string {
		text := strings.Replace(string(template), `"language": "en"`, `"language": "pl"`, 1)
		var c map[string]any
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			t.Fatal(err)
		}
		texts := c["texts"].(map[string]any)
		forms := map[string]any{"one": "{n} a", "few": "{n} b", "many": "{n} c", "other": "{n} d"}
		texts["left.hours"], texts["left.minutes"] = forms, forms
		var given any
		if err := json.Unmarshal([]byte(days), &given); err != nil {
			t.Fatal(err)
		}
		texts["left.days"] = given
		data, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	texts := textsIn(t, "pl", parse(t, polish(`{"one": "{n} dzień", "few": "{n} dni (few)", "many": "{n} dni (many)", "other": "{n} dnia"}`)))
	for days, want := range map[int]string{1: "1 dzień", 3: "3 dni (few)", 5: "5 dni (many)", 22: "22 dni (few)", 112: "112 dni (many)"} {
		d := enforcement.Decision{State: enforcement.Grace, Cause: enforcement.Unreachable, Until: now.AddDate(0, 0, days)}
		d.Then = enforcement.ReadOnly
		if got := texts.Message(d, messages.Situation{Now: now}).Deadline; !strings.HasPrefix(got, want+",") {
			t.Errorf("%d days: %q, want %q", days, got, want)
		}
	}
	_, err := messages.New(messages.Options{Catalogs: []messages.Catalog{parse(t, polish(`{"one": "{n} dzień", "many": "{n} dni", "other": "{n} dnia"}`))}})
	if err == nil || !strings.Contains(err.Error(), `pl: the text left.days lacks the plural form "few"`) {
		t.Errorf("a form is missing: %v", err)
	}
	_, err = messages.New(messages.Options{Catalogs: []messages.Catalog{parse(t, `{"language": "fi", "texts": {"title.expired": "Vanhentunut"}}`)}})
	if err == nil || !strings.Contains(err.Error(), "fi: months are missing") {
		t.Errorf("a language that is not complete: %v", err)
	}
	if _, err = messages.New(messages.Options{Catalogs: make([]messages.Catalog, 1)}); err == nil || !strings.Contains(err.Error(), "Parse") {
		t.Errorf("an empty catalog: %v", err)
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		``:                              "cannot be read",
		`[]`:                            "cannot be read",
		`{"language": "de"} x`:          "something after",
		`{"language": ""}`:              "no BCP 47 tag",
		`{"language": "de_DE_x_!"}`:     "no BCP 47 tag",
		`{"language": "de", "text": 1}`: "unknown field",
		`{"language": "de", "texts": {"title.expierd": "x"}}`:                        `no text "title.expierd"`,
		`{"language": "de", "texts": {"title.expired.sometimes": "x"}}`:              `no text "title.expired.sometimes"`,
		`{"language": "de", "texts": {"title.expired": "{aap}"}}`:                    "the placeholder {aap}",
		`{"language": "de", "texts": {"title.expired": "{n}"}}`:                      "the placeholder {n}",
		`{"language": "de", "texts": {"title.expired": {"one": "x", "other": "y"}}}`: "no plural forms",
		`{"language": "de", "texts": {"left.days": {"uno": "x"}}}`:                   "no plural form",
		`{"language": "de", "texts": {"left.days": 3}}`:                              "a text is a string",
		`{"language": "de", "months": ["Januar"]}`:                                   "1 months",
		`{"language": "de", "clock": "14 Uhr"}`:                                      "clock is",
		`{"language": "de", "date": "{day}.{month}."}`:                               "date lacks {year}",
	} {
		if _, err := messages.Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestTemplateCanBeParsed(t *testing.T) {
	for _, lang := range messages.Languages() {
		data, ok := messages.Template(lang)
		if !ok {
			t.Fatalf("%s has no template", lang)
		}
		parse(t, string(data))
	}
	if _, ok := messages.Template("xx"); ok {
		t.Error("there is a template of xx")
	}
}

func FuzzParse(f *testing.F) {
	for _, lang := range messages.Languages() {
		data, _ := messages.Template(lang)
		f.Add(data)
	}
	f.Add([]byte(`{"language": "de", "texts": {"left.days": {"one": "{n}"}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := messages.Parse(data)
		if err != nil {
			return
		}
		texts, err := messages.New(messages.Options{Languages: []string{"de"}, Catalogs: []messages.Catalog{c}})
		if err != nil {
			return
		}
		d := enforcement.Decision{State: enforcement.Grace, Cause: enforcement.Expired, Remedy: enforcement.RenewLicense, Until: now}
		if m := texts.Message(d, messages.Situation{App: "Sketch", Now: now}); m.Language == "" {
			t.Errorf("no language: %+v", m)
		}
	})
}
