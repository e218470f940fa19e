package messages_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/messages"
	"github.com/leasehold-dev/leasehold/enforcement"
)

var (
	now   = time.Date(2026, time.November, 27, 9, 30, 0, 0, time.UTC)
	pages = agent.Links{
		Buy: "https://vendor.example/buy", Renew: "https://vendor.example/renew", Manage: "https://vendor.example/seats",
		Support: "mailto:help@vendor.example", Download: "https://vendor.example/get",
	}
	states = []enforcement.State{enforcement.Active, enforcement.Grace, enforcement.ReadOnly, enforcement.Locked}
)

func textsIn(t *testing.T, lang string, catalogs ...messages.Catalog) *messages.Texts {
	t.Helper()
	texts, err := messages.New(messages.Options{Languages: []string{lang}, Catalogs: catalogs, Location: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	if texts.Language() != lang {
		t.Fatalf("asked for %s, got %s", lang, texts.Language())
	}
	return texts
}

// each calls f for every cause in every state, with every remedy, with and
// without a deadline and dates.
func each(f func(enforcement.Decision, messages.Situation)) {
	for _, cause := range append(enforcement.Causes(), enforcement.NoCause) {
		for _, state := range states {
			for _, remedy := range append(enforcement.Remedies(), enforcement.NoRemedy) {
				for _, dated := range []bool{true, false} {
					d := enforcement.Decision{State: state, Cause: cause, Remedy: remedy}
					s := messages.Situation{App: "Sketch Professional 2026", Version: "2026.11.4", Links: pages}
					if dated {
						d.Until = now.Add(99 * 24 * time.Hour)
						d.Then = min(state+1, enforcement.Locked)
						s.Now, s.Starts, s.Expires = now, now.Add(30*24*time.Hour), now.Add(-65*24*time.Hour) // September: long in most languages
					}
					f(d, s)
				}
			}
		}
	}
}

// columns counts what a text takes: a letter of Chinese or Japanese takes two.
func columns(s string) (n int) {
	for _, r := range s {
		n++
		if r >= 0x2e80 {
			n++
		}
	}
	return n
}

// What a banner takes, in columns.
const (
	titleRoom, textRoom, deadlineRoom, helpRoom, labelRoom, stateRoom = 50, 190, 60, 160, 30, 22
)

func TestEverythingIsSaid(t *testing.T) {
	for _, lang := range messages.Languages() {
		t.Run(lang, func(t *testing.T) {
			texts := textsIn(t, lang)
			each(func(d enforcement.Decision, s messages.Situation) {
				m := texts.Message(d, s)
				where := fmt.Sprintf("%s, %s, %s", d.Cause, d.State, d.Remedy)
				for _, part := range []struct {
					name, text string
					must       bool
					room       int
				}{
					{"title", m.Title, true, titleRoom},
					{"text", m.Text, true, textRoom},
					{"state", m.StateName, true, stateRoom},
					{"deadline", m.Deadline, d.State != enforcement.Active && !d.Until.IsZero(), deadlineRoom},
					{"help", m.Help, d.Remedy != enforcement.NoRemedy, helpRoom},
					{"label", m.Action.Label, m.Action.Kind != messages.None, labelRoom},
				} {
					switch {
					case part.must && part.text == "":
						t.Errorf("%s: no %s", where, part.name)
					case !part.must && part.text != "":
						t.Errorf("%s: %s %q where there is none", where, part.name, part.text)
					case columns(part.text) > part.room:
						t.Errorf("%s: the %s takes %d columns of %d: %s", where, part.name, columns(part.text), part.room, part.text)
					case strings.ContainsAny(part.text, "{}") || strings.Contains(part.text, "  ") || strings.TrimSpace(part.text) != part.text:
						t.Errorf("%s: the %s is not filled in: %q", where, part.name, part.text)
					}
				}
				if !slices.Contains(messages.Kinds(), m.Action.Kind) || m.Who != d.Remedy.Who() || m.Language != lang {
					t.Errorf("%s: %+v", where, m)
				}
				for _, a := range m.Others {
					if a.Label == "" || columns(a.Label) > labelRoom || a == m.Action {
						t.Errorf("%s: action %+v", where, a)
					}
				}
			})
		})
	}
}

// blame is what no text says to a user, by language: that they did wrong.
var blame = map[string]string{
	"en":      `(?i)\byou (failed|forgot|must|did not|didn't|have not|haven't|need to)\b|illegal|violat|invalid|wrong key|fault|pirat|cheat|manipulat|turned back|unauthori[sz]ed|forbidden`,
	"de":      `(?i)\bSie (haben|müssen|dürfen nicht)\b|illegal|verstoß|verletz|ungültig|falsch|schuld|raubkopi|manipul|zurückgestellt|verboten|unberechtigt`,
	"fr":      `(?i)\bvous (avez|devez|n'avez)\b|illégal|viol|invalide|erroné|faute|pirat|manipul|reculé|interdit|frauduleu`,
	"es":      `(?i)\b(usted ha|debe|ha olvidado)\b|ilegal|infring|inválid|incorrect|culpa|pirat|manipul|prohibid|fraudulen`,
	"it":      `(?i)\b(deve|hai|avete|ha dimenticato)\b|illegal|violaz|non valid|errat|colpa|pirat|manipol|vietat|fraudolent`,
	"pt-BR":   `(?i)\b(você deve|você não|esqueceu|você precisa)\b|ilegal|viola|inválid|incorret|culpa|pirat|manipul|proibid|fraudulent`,
	"ja":      `違法|違反|不正|海賊|あなた|間違|無効|しなければ|禁止`,
	"zh-Hans": `非法|违法|违反|盗版|错误|无效|必须|禁止|您没有|你`,
}

func TestNobodyIsBlamed(t *testing.T) {
	for _, lang := range messages.Languages() {
		pattern, ok := blame[lang]
		if lang == "en-GB" {
			pattern, ok = blame["en"], true
		}
		if !ok {
			t.Errorf("there is no list of words for %s", lang)
			continue
		}
		bad := regexp.MustCompile(pattern)
		texts := textsIn(t, lang)
		told := make(map[string]bool)
		each(func(d enforcement.Decision, s messages.Situation) {
			m := texts.Message(d, s)
			for _, part := range []string{m.Title, m.Text, m.Deadline, m.Help, m.Action.Label} {
				if told[part] {
					continue
				}
				told[part] = true
				if word := bad.FindString(part); word != "" {
					t.Errorf("%s, %s, %s: %q in %q", lang, d.Cause, d.State, word, part)
				}
				if strings.ContainsAny(part, "!！¡") {
					t.Errorf("%s, %s, %s shouts: %q", lang, d.Cause, d.State, part)
				}
			}
		})
	}
}

// The languages say the same things with the same placeholders.
func TestLanguagesHaveTheSameTexts(t *testing.T) {
	placeholders := regexp.MustCompile(`\{\w+\}`)
	read := func(lang string) map[string]string {
		data, ok := messages.Template(lang)
		if !ok {
			t.Fatalf("there is no template of %s", lang)
		}
		var c struct{ Texts map[string]json.RawMessage }
		if err := json.Unmarshal(data, &c); err != nil {
			t.Fatal(err)
		}
		used := make(map[string]string)
		for key, text := range c.Texts {
			found := placeholders.FindAllString(string(text), -1)
			slices.Sort(found)
			found = slices.Compact(found)
			// A sentence may do without the application's name.
			used[key] = strings.Join(slices.DeleteFunc(found, func(p string) bool { return p == "{app}" }), "")
		}
		return used
	}
	english := read("en")
	for _, lang := range messages.Languages() {
		got := read(lang)
		for key, used := range english {
			if other, ok := got[key]; !ok || other != used {
				t.Errorf("%s: %s has the placeholders %q, English has %q", lang, key, other, used)
			}
		}
		for key := range got {
			if _, ok := english[key]; !ok {
				t.Errorf("%s has %s, which English has not", lang, key)
			}
		}
	}
}

func TestBritishEnglish(t *testing.T) {
	american, _ := messages.Template("en")
	british, _ := messages.Template("en-GB")
	want := strings.NewReplacer("license", "licence", "License", "Licence", `"language": "en"`, `"language": "en-GB"`,
		`"{month} {day}, {year}"`, `"{day} {month} {year}"`, `"3:04 PM"`, `"15:04"`).Replace(string(american))
	if string(british) != want {
		t.Errorf("en-GB differs from en in more than spelling and dates:\n%s", british)
	}
}

func TestLeft(t *testing.T) {
	const day = 24 * time.Hour
	tests := []struct {
		lang string
		left time.Duration
		want string
	}{
		{"en", 3*day + 23*time.Hour, "3 days left, then read-only"},
		{"en", 47 * time.Hour, "1 day left, then read-only"},
		{"en", 23*time.Hour + 59*time.Minute, "23 hours left, then read-only"},
		{"en", time.Hour, "1 hour left, then read-only"},
		{"en", 90 * time.Second, "1 minute left, then read-only"},
		{"en", 59 * time.Second, "Less than a minute left, then read-only"},
		{"en", -time.Second, "Less than a minute left, then read-only"},
		{"de", 1 * day, "Noch 1 Tag, danach nur Lesezugriff"},
		{"de", 2 * day, "Noch 2 Tage, danach nur Lesezugriff"},
		{"fr", 1 * day, "1 jour restant, puis lecture seule"},
		{"fr", 2 * day, "2 jours restants, puis lecture seule"},
		{"pt-BR", 1 * day, "Resta 1 dia; depois, somente leitura"},
		{"pt-BR", 2 * day, "Restam 2 dias; depois, somente leitura"},
		{"ja", 1 * day, "残り1日、その後は読み取り専用"},
		{"ja", 2 * day, "残り2日、その後は読み取り専用"},
		{"zh-Hans", 5 * time.Hour, "剩余 5 小时，之后为只读"},
	}
	for _, tt := range tests {
		until := now.Add(tt.left)
		d := enforcement.Decision{
			State: enforcement.Grace, Cause: enforcement.Unreachable, Remedy: enforcement.GoOnline, Until: until,
			Then: enforcement.ReadOnly,
		}
		if got := textsIn(t, tt.lang).Message(d, messages.Situation{Now: now}).Deadline; got != tt.want {
			t.Errorf("%s, %v: %q, want %q", tt.lang, tt.left, got, tt.want)
		}
	}
}

// A deadline is told with what comes then, whatever else is wrong; a licence
// that is fine has none, though its next check has a date.
func TestDeadline(t *testing.T) {
	const day = 24 * time.Hour
	facts := enforcement.Facts{}.Yes(enforcement.License{
		Source: enforcement.FromActivation, Key: "key", ProvenAt: now, Due: now.Add(day), Expires: now.Add(2 * day), Freeride: 7 * day, FreerideSet: true,
	}, enforcement.Flags{})
	for _, tt := range []struct {
		after time.Duration
		want  string
	}{
		{0, ""},
		{4 * day, "3 days left, then read-only"},
		{8 * day, "13 days left, then locked"},
		{50 * day, ""},
	} {
		at := now.Add(tt.after)
		got := textsIn(t, "en").Message(enforcement.Decide(facts, nil, at), messages.Situation{Now: at})
		if got.Deadline != tt.want {
			t.Errorf("after %v: %q, want %q (%s)", tt.after, got.Deadline, tt.want, got)
		}
	}
}

func TestDates(t *testing.T) {
	first := time.Date(2026, time.May, 1, 0, 0, 0, 0, time.UTC)
	d := enforcement.Decision{State: enforcement.ReadOnly, Cause: enforcement.Expired}
	s := messages.Situation{App: "Sketch", Expires: first, Now: now}
	for lang, want := range map[string]string{
		"en": "May 1, 2026", "en-GB": "1 May 2026", "de": "1. Mai 2026", "fr": "1er mai 2026", "es": "1 de mayo de 2026", "it": "1º maggio 2026",
		"pt-BR": "1º de maio de 2026", "ja": "2026年5月1日", "zh-Hans": "2026年5月1日",
	} {
		if got := textsIn(t, lang).Message(d, s).Text; !strings.Contains(got, want) {
			t.Errorf("%s: %q lacks %q", lang, got, want)
		}
	}
	own, err := messages.New(messages.Options{Location: time.FixedZone("", 3600), Date: func(t time.Time) string { return t.Format("2/1/06 15h") }})
	if err != nil {
		t.Fatal(err)
	}
	if got := own.Message(d, s).Text; !strings.Contains(got, "1/5/26 01h") {
		t.Errorf("the user's own style: %q", got)
	}
	d = enforcement.Decision{State: enforcement.Grace, Cause: enforcement.Unreachable, Until: now.Add(20 * time.Hour)}
	if got := textsIn(t, "de").Message(d, s).Text; !strings.Contains(got, "bis 28. November 2026, 05:30 Uhr") {
		t.Errorf("a near deadline has its time of day: %q", got)
	}
	if got := textsIn(t, "en").Message(enforcement.Decision{State: enforcement.Grace, Cause: enforcement.Expired}, messages.Situation{Now: now, Expires: now.Add(time.Hour)}).Text; got != "The license has ended. You can keep working." {
		t.Errorf("an end that has not come is told: %q", got)
	}
}

func TestLanguageIsChosen(t *testing.T) {
	for _, tt := range []struct {
		wanted []string
		want   string
	}{
		{nil, "en"},
		{[]string{"de_CH.UTF-8"}, "de"},
		{[]string{"en_AU"}, "en-GB"},
		{[]string{"en-US"}, "en"},
		{[]string{"pt_PT"}, "pt-BR"},
		{[]string{"zh_CN.UTF-8"}, "zh-Hans"},
		{[]string{"es-MX"}, "es"},
		{[]string{"xx", "not a tag", "it-CH"}, "it"},
		{[]string{"fi", "fr"}, "fr"},
		{[]string{"fi"}, "en"},
		{[]string{"ja_JP@x"}, "ja"},
	} {
		texts, err := messages.New(messages.Options{Languages: tt.wanted})
		if err != nil || texts.Language() != tt.want {
			t.Errorf("%v: %v, %v, want %s", tt.wanted, texts.Language(), err, tt.want)
		}
	}
}

func TestGolden(t *testing.T) {
	for _, lang := range messages.Languages() {
		var b strings.Builder
		texts := textsIn(t, lang)
		for _, cause := range append([]enforcement.Cause{enforcement.NoCause}, enforcement.Causes()...) {
			for _, state := range states {
				if (cause == enforcement.NoCause) != (state == enforcement.Active) {
					continue
				}
				d := enforcement.Decision{State: state, Cause: cause, Remedy: causeRemedies[cause], Until: now.Add(10 * 24 * time.Hour)}
				d.Then = min(state+1, enforcement.Locked)
				if state == enforcement.Locked {
					d.Until, d.Then = time.Time{}, d.State
				}
				m := texts.Message(d, messages.Situation{App: "Sketch", Version: "1.4.2", Now: now, Starts: now.Add(48 * time.Hour), Expires: now.Add(-48 * time.Hour), Links: pages})
				fmt.Fprintf(&b, "%s %s [%s]\n  %s\n  %s\n", cause, state, m.StateName, m.Title, m.Text)
				for _, more := range []string{m.Deadline, m.Help} {
					if more != "" {
						fmt.Fprintf(&b, "  %s\n", more)
					}
				}
				for _, a := range append([]messages.Action{m.Action}, m.Others...) {
					fmt.Fprintf(&b, "  (%s) %s %s\n", a.Label, a.Kind, a.URL)
				}
			}
		}
		for _, remedy := range []enforcement.Remedy{enforcement.EnterKey, enforcement.CorrectClock} { // a trial; a clock that may be ahead
			for _, end := range []time.Time{now.Add(-48 * time.Hour), {}} {
				m := texts.Message(enforcement.Decision{State: enforcement.ReadOnly, Cause: enforcement.Expired, Remedy: remedy}, messages.Situation{App: "Sketch", Now: now, Expires: end})
				fmt.Fprintf(&b, "expired, %s: %s. %s\n", remedy, m.Title, m.Text)
			}
		}
		for _, remedy := range enforcement.Remedies() {
			m := texts.Message(enforcement.Decision{State: enforcement.Locked, Cause: enforcement.NotActivated, Remedy: remedy}, messages.Situation{App: "Sketch"})
			fmt.Fprintf(&b, "%s (%s): %s (%s) %s\n", remedy, m.Who, m.Help, m.Action.Label, m.Action.Kind)
		}
		path := "testdata/" + lang + ".golden"
		if *update {
			if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if b.String() != string(want) {
			t.Errorf("%s: the texts differ from %s; -update rewrites it\n%s", lang, path, b.String())
		}
	}
}

// A floating licence that has expired has a week left, whenever its seat would
// lapse if nobody renewed it.
func TestADeadlineIsOfACauseThatThereIs(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	f := enforcement.Facts{}.Yes(enforcement.License{Source: enforcement.FromHeartbeat, ProvenAt: now, Due: now.AddDate(0, 0, 1), Expires: now.Add(-time.Hour), FreerideSet: true, Freeride: 30 * 24 * time.Hour}, enforcement.Flags{Expired: true})
	f.Session.Required = true
	f = f.SessionYes(now, now.Add(time.Hour))
	d := enforcement.Decide(f, nil, now)
	texts, err := messages.New(messages.Options{Location: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	m := texts.Message(d, messages.Situation{App: "Sketch", Now: now})
	if want := "6 days left, then read-only"; m.Deadline != want || d.Until.After(now.Add(24*time.Hour)) {
		t.Errorf("%q, want %q; the decision changes at %v", m.Deadline, want, d.Until)
	}
}
