package messages

import (
	"embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/language"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/enforcement"
)

//go:embed lang/*.json
var files embed.FS

// builtIn are the languages of this package, English first. A catalog is read when
// it is wanted: one takes a few milliseconds of an application's start.
var builtIn = func() (list []builtInCatalog) {
	for _, tag := range []string{"en", "en-GB", "de", "fr", "es", "it", "pt-BR", "ja", "zh-Hans"} {
		list = append(list, builtInCatalog{language.MustParse(tag), sync.OnceValue(func() Catalog {
			data, err := files.ReadFile("lang/" + tag + ".json")
			if err != nil {
				return Catalog{} // a test sees that all are there
			}
			c, _ := Parse(data)
			return c
		})})
	}
	return list
}()

type builtInCatalog struct {
	tag  language.Tag
	read func() Catalog
}

// Languages returns the BCP 47 tags of the languages that come with the package.
func Languages() (tags []string) {
	for _, c := range builtIn {
		tags = append(tags, c.tag.String())
	}
	return tags
}

// Template returns the catalog of a built-in language as JSON for [Parse], to
// change or to translate; ok is false when there is none with that tag.
func Template(tag string) (catalog []byte, ok bool) {
	for _, c := range builtIn {
		if strings.EqualFold(c.tag.String(), tag) {
			data, err := json.MarshalIndent(c.read().catalogFile, "", "  ")
			return data, err == nil
		}
	}
	return nil, false
}

// Options say how to word things. The zero value words them in English.
type Options struct {
	// Languages are the user's, the most wanted first: BCP 47 tags, or locales
	// such as "de_CH.UTF-8". See [UserLanguages]. Default: English.
	Languages []string
	// Catalogs replace texts of the built-in languages, and add languages. A
	// language that is added must be complete.
	Catalogs []Catalog
	// Location is the time zone of dates. Default: the system's.
	Location *time.Location
	// Date words a date in the user's own style. Default: the language's.
	Date func(time.Time) string
}

// Texts words messages in one language. It is safe for concurrent use.
type Texts struct {
	catalog  Catalog
	location *time.Location
	date     func(time.Time) string
}

// New chooses the language and checks the catalogs. An error names the language
// and the text.
func New(o Options) (*Texts, error) {
	list := slices.Clone(builtIn)
	for _, c := range o.Catalogs {
		if c.Language == "" {
			return nil, fmt.Errorf("messages: a catalog is empty; make it with Parse")
		}
		i := slices.IndexFunc(list, func(had builtInCatalog) bool { return had.tag == c.tag })
		if i < 0 {
			// A variant such as de-AT says only what differs from its language.
			if base := slices.IndexFunc(list, func(had builtInCatalog) bool { return had.tag == c.tag.Parent() }); base >= 0 {
				c = c.over(list[base].read())
			}
			i, list = len(list), append(list, builtInCatalog{})
		} else {
			c = c.over(list[i].read())
		}
		if err := c.complete(); err != nil {
			return nil, fmt.Errorf("messages: %s: %w", c.tag, err)
		}
		list[i] = builtInCatalog{c.tag, func() Catalog { return c }}
	}
	t := &Texts{catalog: list[match(list, o.Languages)].read(), location: o.Location, date: o.Date}
	if t.location == nil {
		t.location = time.Local
	}
	if t.date == nil {
		t.date = t.catalog.day
	}
	return t, nil
}

// match returns the index of the catalog that suits the user best.
func match(list []builtInCatalog, wanted []string) int {
	tags := make([]language.Tag, len(list))
	for i, c := range list {
		tags[i] = c.tag
	}
	matcher := language.NewMatcher(tags)
	for _, w := range wanted {
		tag, err := language.Parse(bcp47(w))
		if err != nil {
			continue
		}
		if _, i, confidence := matcher.Match(tag); confidence > language.No {
			return i
		}
	}
	return 0
}

// bcp47 makes a tag of a locale such as de_DE.UTF-8@euro.
func bcp47(locale string) string {
	locale, _, _ = strings.Cut(locale, ".")
	locale, _, _ = strings.Cut(locale, "@")
	return strings.ReplaceAll(locale, "_", "-")
}

// Language returns the BCP 47 tag of the language that was chosen.
func (t *Texts) Language() string { return t.catalog.tag.String() }

// Situation is what the words depend on besides the decision. Its zero value is
// worded without dates and links.
type Situation struct {
	App     string    // the application's name as the user knows it; empty: that of the program's file
	Version string    // the application's version
	Now     time.Time // trusted time; zero: no deadline is told
	Starts  time.Time // the licence's first instant; zero: not known
	Expires time.Time // the licence's end; zero: not known
	Links   agent.Links
}

// Of words the decision of an agent as it is now.
func (t *Texts) Of(a *agent.Agent) Message {
	l := a.License()
	end, _ := l.Expires()
	s := Situation{App: a.App().Name, Version: a.App().Version, Now: a.Now(), Starts: l.Starts(), Expires: end, Links: a.Links()}
	d := a.Decision()
	if d.Remedy == enforcement.UpdateApplication {
		for _, release := range l.Terms().Releases { // those that the licence covers
			if release.DownloadLink != "" {
				s.Links.Download = release.DownloadLink
			}
		}
	}
	return t.Message(d, s)
}

// programName is what the user started.
func programName() string {
	path, err := os.Executable()
	if err != nil {
		path = os.Args[0]
	}
	return strings.TrimSuffix(filepath.Base(path), ".exe")
}

// Message words a decision.
func (t *Texts) Message(d enforcement.Decision, s Situation) Message {
	w := wording{t: t, d: near(d), s: s}
	if s.App == "" {
		w.s.App = programName()
	}
	m := Message{
		Language:  t.Language(),
		State:     d.State,
		Cause:     d.Cause,
		StateName: w.say("state." + d.State.String()),
		Title:     w.about("title"),
		Text:      w.sentences(),
		Deadline:  w.deadline(),
		Who:       d.Remedy.Who(),
	}
	if d.Remedy != enforcement.NoRemedy {
		m.Help = w.say("help." + d.Remedy.String())
	}
	m.Action, m.Others = w.actions()
	if m.Others == nil {
		m.Others = []Action{} // a list in JSON, never null
	}
	return m
}
