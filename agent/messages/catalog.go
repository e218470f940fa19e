package messages

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Catalog is the texts of one language, or some of them.
type Catalog struct {
	tag language.Tag
	catalogFile
}

// catalogFile is a catalog as it is written. Members that are left out are those
// of the language that it is based on.
type catalogFile struct {
	// Language is the BCP 47 tag.
	Language string `json:"language"`
	// Months are the names of the twelve months as they stand in a date.
	Months []string `json:"months,omitempty"`
	// FirstDay is the first day of a month where it is not "1".
	FirstDay string `json:"first_day,omitempty"`
	// Date is how a date is written, with {day}, {month} and {year}.
	Date string `json:"date,omitempty"`
	// Clock is "15:04" or "3:04 PM".
	Clock string `json:"clock,omitempty"`
	// DateTime is how a {date} and a {time} are written together.
	DateTime string `json:"date_time,omitempty"`
	// Space stands between two sentences.
	Space *string `json:"space,omitempty"`
	// Texts are the texts by key.
	Texts map[string]text `json:"texts"`
}

// text is a text by plural form; one that counts nothing has the form "other".
type text map[string]string

func (t *text) UnmarshalJSON(data []byte) error {
	var plain string
	if json.Unmarshal(data, &plain) == nil {
		*t = text{"other": plain}
		return nil
	}
	var forms map[string]string
	if err := json.Unmarshal(data, &forms); err != nil {
		return errors.New("a text is a string, or an object with a string for each plural form")
	}
	*t = forms
	return nil
}

func (t text) MarshalJSON() ([]byte, error) {
	if other, ok := t["other"]; ok && len(t) == 1 {
		return json.Marshal(other)
	}
	return json.Marshal(map[string]string(t))
}

// Parse reads a catalog from JSON:
//
//	{
//	  "language": "de",
//	  "texts": {
//	    "title.expired": "Wartungsvertrag abgelaufen",
//	    "left.days": {"one": "noch {n} Tag", "other": "noch {n} Tage"}
//	  }
//	}
//
// [Template] writes a complete one to start from. Errors name the key that is
// not known, or the placeholder.
func Parse(data []byte) (Catalog, error) {
	var c Catalog
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c.catalogFile); err != nil {
		return c, fmt.Errorf("messages: the catalog cannot be read: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return c, errors.New("messages: there is something after the catalog")
	}
	tag, err := language.Parse(c.Language)
	if err != nil || c.Language == "" {
		return c, fmt.Errorf("messages: the catalog's language %q is no BCP 47 tag, such as \"pl\" or \"pt-BR\"", c.Language)
	}
	c.tag = tag
	if err := c.check(); err != nil {
		return c, fmt.Errorf("messages: %s: %w", tag, err)
	}
	return c, nil
}

// check looks at what is there; what is missing is [Catalog.complete]'s matter.
func (c Catalog) check() error {
	if n := len(c.Months); n != 0 && n != 12 {
		return fmt.Errorf("there are %d months", n)
	}
	if c.Clock != "" && c.Clock != "15:04" && c.Clock != "3:04 PM" {
		return fmt.Errorf("clock is %q; it is \"15:04\" or \"3:04 PM\"", c.Clock)
	}
	for _, f := range []struct {
		name, text string
		parts      []string
	}{
		{"date", c.Date, []string{"day", "month", "year"}},
		{"date_time", c.DateTime, []string{"date", "time"}},
	} {
		if f.text == "" {
			continue
		}
		for _, part := range f.parts {
			if !strings.Contains(f.text, "{"+part+"}") {
				return fmt.Errorf("%s lacks {%s}", f.name, part)
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(c.Texts)) {
		if !known(key) {
			return fmt.Errorf("there is no text %q; Template lists the keys", key)
		}
		for form, s := range c.Texts[key] {
			if err := c.checkText(key, form, s); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c Catalog) checkText(key, form, s string) error {
	counted := strings.HasPrefix(key, "left.") && key != "left.moment"
	switch {
	case !counted && form != "other":
		return fmt.Errorf("%s counts nothing and has no plural forms", key)
	case counted && !slices.Contains(formNames[:], form):
		return fmt.Errorf("%s: %q is no plural form; they are %s", key, form, strings.Join(formNames[:], ", "))
	}
	for _, p := range braces.FindAllString(s, -1) {
		if !slices.Contains(placeholders, p) || p == "{n}" && !counted || p == "{left}" && !strings.HasPrefix(key, "deadline.") {
			return fmt.Errorf("%s: the placeholder %s is not known there", key, p)
		}
	}
	return nil
}

var (
	braces       = regexp.MustCompile(`\{[^}]*\}`)
	placeholders = []string{"{app}", "{version}", "{expires}", "{starts}", "{until}", "{left}", "{n}"}
)

// over returns c with what it does not say taken from base.
func (c Catalog) over(base Catalog) Catalog {
	if c.Months == nil {
		c.Months = base.Months
	}
	if c.Date == "" {
		c.Date, c.FirstDay = base.Date, base.FirstDay
	}
	if c.Clock == "" {
		c.Clock = base.Clock
	}
	if c.DateTime == "" {
		c.DateTime = base.DateTime
	}
	if c.Space == nil {
		c.Space = base.Space
	}
	texts := maps.Clone(base.Texts)
	if texts == nil {
		texts = make(map[string]text)
	}
	maps.Copy(texts, c.Texts)
	c.Texts = texts
	return c
}

// complete says what a language still needs.
func (c Catalog) complete() error {
	switch {
	case c.Months == nil:
		return errors.New("months are missing")
	case c.Date == "":
		return errors.New("date is missing")
	case c.DateTime == "":
		return errors.New("date_time is missing")
	case c.Clock == "":
		return errors.New("clock is missing")
	}
	for _, key := range required() {
		t, ok := c.Texts[key]
		if !ok {
			return fmt.Errorf("the text %s is missing", key)
		}
		if !strings.HasPrefix(key, "left.") || key == "left.moment" {
			continue
		}
		for _, form := range formsOf(c.tag) {
			if t[form] == "" {
				return fmt.Errorf("the text %s lacks the plural form %q", key, form)
			}
		}
	}
	return nil
}

var formNames = [...]string{plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many"}

// formOf is the plural form that a language uses for n things.
func formOf(tag language.Tag, n int) string {
	return formNames[plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0)]
}

// formsOf lists the forms that a language uses for the numbers up to 1,000,
// which are all that a deadline counts.
func formsOf(tag language.Tag) (forms []string) {
	for n := range 1000 {
		if f := formOf(tag, n); !slices.Contains(forms, f) {
			forms = append(forms, f)
		}
	}
	return forms
}

// day words a date.
func (c Catalog) day(t time.Time) string {
	day := strconv.Itoa(t.Day())
	if t.Day() == 1 && c.FirstDay != "" {
		day = c.FirstDay
	}
	return strings.NewReplacer("{day}", day, "{month}", c.Months[t.Month()-1], "{year}", strconv.Itoa(t.Year())).Replace(c.Date)
}

// moment words a date with its time of day.
func (c Catalog) moment(date string, t time.Time) string {
	return strings.NewReplacer("{date}", date, "{time}", t.Format(c.Clock)).Replace(c.DateTime)
}

// left words how much time there is. It counts whole units and so never
// promises more than there is.
func (c Catalog) left(d time.Duration) string {
	const day = 24 * time.Hour
	key, n := "left.moment", 0
	switch {
	case d >= day:
		key, n = "left.days", int(d/day)
	case d >= time.Hour:
		key, n = "left.hours", int(d/time.Hour)
	case d >= time.Minute:
		key, n = "left.minutes", int(d/time.Minute)
	}
	forms := c.Texts[key]
	s, ok := forms[formOf(c.tag, n)]
	if !ok {
		s = forms["other"]
	}
	return strings.ReplaceAll(s, "{n}", strconv.Itoa(n))
}
