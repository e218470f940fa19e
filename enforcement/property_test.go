package enforcement

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestMain has the properties tried harder where there is time for it.
func TestMain(m *testing.M) {
	flag.Parse()
	if os.Getenv("LEASEHOLD_HEAVY") != "" {
		if err := flag.Set("rapid.checks", "20000"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// Instants near t0, on and off whole seconds, with a liking for coincidence.
func drawTime() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		days := rapid.IntRange(-60, 60).Draw(t, "days")
		off := rapid.SampledFrom([]time.Duration{0, 0, 0, 1, hour, 4 * hour, 4*hour - 1, 1500 * time.Millisecond}).Draw(t, "off")
		return t0.Add(time.Duration(days)*day + off)
	})
}

func drawTimeOrZero() *rapid.Generator[time.Time] {
	return rapid.OneOf(rapid.Just(time.Time{}), drawTime())
}

func drawCause() *rapid.Generator[Cause] { return rapid.SampledFrom(Causes()) }

func drawLicense() *rapid.Generator[License] {
	return rapid.Custom(func(t *rapid.T) License {
		return License{
			Source:        Source(rapid.IntRange(0, len(sourceNames)-1).Draw(t, "source")),
			Key:           rapid.SampledFrom([]string{"key-a", "key-b"}).Draw(t, "key"),
			ProvenAt:      drawTime().Draw(t, "provenAt"),
			Due:           drawTimeOrZero().Draw(t, "due"),
			Freeride:      time.Duration(rapid.IntRange(-1, 30).Draw(t, "freeride")) * day,
			FreerideSet:   rapid.Bool().Draw(t, "freerideSet"),
			Starts:        drawTimeOrZero().Draw(t, "starts"),
			Expires:       drawTimeOrZero().Draw(t, "expires"),
			Temporary:     rapid.Bool().Draw(t, "temporary"),
			ReleaseLimit:  rapid.SampledFrom([]string{"", "24"}).Draw(t, "limit"),
			JudgedVersion: rapid.SampledFrom([]string{"", "24", "25"}).Draw(t, "judged"),
		}
	})
}

func drawRefusal() *rapid.Generator[Refusal] {
	return rapid.Custom(func(t *rapid.T) Refusal {
		return Refusal{
			Cause:   drawCause().Draw(t, "cause"),
			Code:    drawCode().Draw(t, "code"),
			Since:   drawTimeOrZero().Draw(t, "since"),
			At:      drawTime().Draw(t, "at"),
			Channel: Channel(rapid.IntRange(0, 1).Draw(t, "channel")),
			Version: rapid.SampledFrom([]string{"", "24", "25"}).Draw(t, "version"),
		}
	})
}

func drawCode() *rapid.Generator[Code] {
	return rapid.OneOf(rapid.SampledFrom(catalogueIDs()), rapid.Map(rapid.Int(), func(i int) Code { return Code(i) }))
}

// Facts of any kind, also such as no sequence of answers leads to.
func drawFacts() *rapid.Generator[Facts] {
	return rapid.Custom(func(t *rapid.T) Facts {
		f := Facts{
			License:        drawLicense().Draw(t, "licence"),
			NoLicenseSince: drawTimeOrZero().Draw(t, "noLicenseSince"),
			Silence:        Silence{Kind: SilenceKind(rapid.IntRange(0, 3).Draw(t, "kind"))},
			AnsweredAt:     drawTimeOrZero().Draw(t, "answeredAt"),
			Session: Session{
				Required:   rapid.Bool().Draw(t, "required"),
				ValidUntil: drawTimeOrZero().Draw(t, "validUntil"),
				Missing:    rapid.SampledFrom([]time.Duration{0, 0, minute, 3 * hour, 5 * day}).Draw(t, "missing"),
				CountedAt:  drawTime().Draw(t, "countedAt"),
				StartedAt:  drawTimeOrZero().Draw(t, "startedAt"),
			},
			Software: Software{
				Version: rapid.SampledFrom([]string{"", "24", "25"}).Draw(t, "version"),
				Since:   drawTimeOrZero().Draw(t, "versionSince"),
			},
			AwaitsActivation: rapid.Bool().Draw(t, "awaitsActivation"),
		}
		for _, no := range rapid.SliceOfN(drawRefusal(), 0, 4).Draw(t, "refusals") {
			f.Refusals.Set(no)
		}
		if rapid.Bool().Draw(t, "attempted") {
			f.Attempt = drawRefusal().Draw(t, "attempt")
		}
		if rapid.Bool().Draw(t, "rolledBack") {
			f.Clock.RolledBackSince = drawTime().Draw(t, "rolledBackSince")
		}
		if rapid.Bool().Draw(t, "mismatch") {
			f.Device.MismatchSince = drawTime().Draw(t, "mismatchSince")
		}
		return f
	})
}

func drawAfter(c Cause) *rapid.Generator[After] {
	return rapid.Custom(func(t *rapid.T) After {
		marks := []Mark{Anchor, HalfFreeride, Freeride}
		if c.Silent() {
			marks = append(marks, Due)
		}
		return After{
			From: rapid.SampledFrom(marks).Draw(t, "from"),
			Plus: rapid.SampledFrom([]time.Duration{0, 0, time.Second, hour, day, 7 * day, 36 * day}).Draw(t, "plus"),
		}
	})
}

func drawLadder(c Cause) *rapid.Generator[Ladder] {
	return rapid.Custom(func(t *rapid.T) Ladder {
		l := Ladder{}
		for s := Active; s <= Locked; s++ {
			if rapid.Bool().Draw(t, "step "+s.String()) {
				l = append(l, Step{drawAfter(c).Draw(t, "after"), s})
			}
		}
		for i := 1; i < len(l); i++ {
			if l[i].After.From == l[i-1].After.From {
				l[i].After.Plus = max(l[i].After.Plus, l[i-1].After.Plus)
			}
		}
		return l
	})
}

// Valid policies.
func drawPolicy() *rapid.Generator[*Policy] {
	own := rapid.Custom(func(t *rapid.T) *Policy {
		p := &Policy{DefaultFreeride: time.Duration(rapid.IntRange(0, 20).Draw(t, "defaultFreeride")) * day}
		for _, c := range Causes() {
			p.Ladders[c] = drawLadder(c).Draw(t, c.String())
		}
		if rapid.Bool().Draw(t, "features") {
			p.Features = map[string]State{"export": ReadOnly, "cloud": Active}
		}
		if err := p.Validate(); err != nil {
			t.Fatal(err)
		}
		return p
	})
	return rapid.OneOf(
		rapid.Map(rapid.SampledFrom(Presets()), func(name string) *Policy { p, _ := Preset(name); return p }),
		own,
	)
}

// Without new facts nothing becomes milder as time passes, except that a
// licence becomes valid at its own start date.
func TestTimeNeverMakesMilder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, p := drawFacts().Draw(t, "facts"), drawPolicy().Draw(t, "policy")
		early := drawTime().Draw(t, "early")
		late := early.Add(time.Duration(rapid.Int64Range(0, int64(90*day)).Draw(t, "later")))
		before, after := Decide(f, p, early), Decide(f, p, late)
		_, starting := before.Finding(NotYetValid)
		_, stillStarting := after.Finding(NotYetValid)
		started := starting && !stillStarting
		if after.State < before.State && !started {
			t.Errorf("%s, then %s", before, after)
		}
		for x := range before.Findings() {
			if y, ok := after.Finding(x.Cause); (!ok || y.State < x.State) && x.Cause != NotYetValid {
				t.Errorf("%s: %s, then %s (%v)", x.Cause, x.State, y.State, ok)
			}
		}
	})
}

// Turning the clock back never makes it milder than what was seen.
func TestTurningBackNeverMakesMilder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, p := drawFacts().Draw(t, "facts"), drawPolicy().Draw(t, "policy")
		seen, back := drawTime().Draw(t, "seen"), drawTime().Draw(t, "back")
		f.Clock.Mark = seen
		if back.After(seen) {
			back = seen
		}
		if got, want := Decide(f, p, back), Decide(f, p, seen); got != want {
			t.Errorf("%s at the mark, %s behind it", want, got)
		}
	})
}

// Next and Until are exact: nothing changes before, everything announced
// changes at that instant.
func TestNextIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, p := drawFacts().Draw(t, "facts"), drawPolicy().Draw(t, "policy")
		now := drawTime().Draw(t, "now")
		d := Decide(f, p, now)
		end := now.Add(500 * day)
		if !d.Next.At.IsZero() {
			if !d.Next.At.After(now) {
				t.Fatalf("next %v is not after %v", d.Next.At, now)
			}
			next := Decide(f, p, d.Next.At)
			if next == d || next.State != d.Next.State || next.Cause != d.Next.Cause {
				t.Errorf("next is %s %s, then %s", d.Next.State, d.Next.Cause, next)
			}
			if causes(next) == causes(d) {
				t.Errorf("nothing that matters changes: %s", causes(d))
			}
			end = d.Next.At
		}
		if just := Decide(f, p, end.Add(-1)); just != d {
			t.Errorf("%s became %s before %v", d, just, end)
		}
		between := now.Add(time.Duration(rapid.Int64Range(0, int64(end.Sub(now))-1).Draw(t, "between")))
		if got := Decide(f, p, between); got != d {
			t.Errorf("%s became %s between", d, got)
		}
	})
}

func TestUntilIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, p := drawFacts().Draw(t, "facts"), drawPolicy().Draw(t, "policy")
		now := drawTime().Draw(t, "now")
		d := Decide(f, p, now)
		for _, x := range Forecast(f, p, now) {
			if x.State == d.State {
				if x.Until != d.Until || x.Since != d.Since {
					t.Errorf("%s from %v until %v became from %v until %v", d.State, d.Since, d.Until, x.Since, x.Until)
				}
				continue
			}
			if d.Then != x.State {
				t.Errorf("%s until %v, then %s, but %s came", d.State, d.Until, d.Then, x.State)
			}
			if d.Until != x.At || x.Since != x.At && x.State > Active {
				t.Errorf("%s until %v, but %s since %v at %v", d.State, d.Until, x.State, x.Since, x.At)
			}
			return
		}
		if !d.Until.IsZero() {
			t.Errorf("%s until %v, which never comes", d, d.Until)
		}
	})
}

func TestForecastIsTheDecisionsToCome(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, p := drawFacts().Draw(t, "facts"), drawPolicy().Draw(t, "policy")
		now := drawTime().Draw(t, "now")
		last, d := now, Decide(f, p, now)
		for _, x := range Forecast(f, p, now) {
			if x.At != d.Next.At || !x.At.After(last) || x.Decision != Decide(f, p, x.At) {
				t.Errorf("at %v: %s", x.At, x)
			}
			last, d = x.At, x.Decision
		}
		if !d.Next.At.IsZero() {
			t.Errorf("the forecast ends before %v", d.Next.At)
		}
	})
}

// harsher returns p with steps that come earlier or lead further.
func harsher(t *rapid.T, p *Policy) *Policy {
	q := p.Clone()
	for _, c := range Causes() {
		l := q.Ladders[c]
		for i := range l {
			if rapid.Bool().Draw(t, "earlier") {
				l[i].After.Plus = 0
				if i > 0 && l[i].After.From == l[i-1].After.From {
					l[i].After.Plus = l[i-1].After.Plus
				}
			}
			if from := l[i].After.From; (from == Freeride || from == HalfFreeride) && rapid.Bool().Draw(t, "from the anchor") {
				l[i].After.From = Anchor
			}
		}
		switch rapid.IntRange(0, 3).Draw(t, "further") {
		case 0:
			l = append(Ladder{{State: Grace}}, slices.DeleteFunc(l, func(s Step) bool { return s.State <= Grace })...)
		case 1:
			l = append(slices.DeleteFunc(l, func(s Step) bool { return s.State == Locked }), Step{State: Locked})
		}
		q.Ladders[c] = l
	}
	q.DefaultFreeride = min(q.DefaultFreeride, time.Duration(rapid.IntRange(0, 20).Draw(t, "freeride"))*day)
	return q
}

func TestHarsherPolicyIsNotMilder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, now := drawFacts().Draw(t, "facts"), drawTime().Draw(t, "now")
		p := drawPolicy().Draw(t, "policy")
		q := harsher(t, p)
		if mild, hard := Decide(f, p, now), Decide(f, q, now); hard.State < mild.State {
			t.Errorf("%s under the milder policy, %s under the harsher", mild, hard)
		}
	})
}

func TestPresetsRiseInSeverity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, now := drawFacts().Draw(t, "facts"), drawTime().Draw(t, "now")
		list := []Decision{
			Decide(f, Advisory(), now), Decide(f, Lenient(), now), Decide(f, Standard(), now), Decide(f, Strict(), now),
		}
		for i := 1; i < len(list); i++ {
			if list[i].State < list[i-1].State {
				t.Errorf("%s is milder than %s (%d)", list[i], list[i-1], i)
			}
		}
		if list[0].State != Active {
			t.Errorf("advisory restricts: %s", list[0])
		}
		if list[1].State > ReadOnly {
			t.Errorf("lenient locks: %s", list[1])
		}
		for i := range list {
			if causesOnly(list[i]) != causesOnly(list[0]) {
				t.Errorf("the presets report different causes: %s, %s", causes(list[i]), causes(list[0]))
			}
		}
	})
}

// causesOnly is the set of causes, but for the silent ones: each policy has them
// begin with its own first step.
func causesOnly(d Decision) (set [causeCount]bool) {
	for x := range d.Findings() {
		set[x.Cause] = !x.Cause.Silent()
	}
	return set
}

// Whatever Silence there is, and however much of it, nothing is restricted
// before freeride ends: under any policy, on line, for a licence with no other fault.
func TestSilenceAloneNeverRestrictsBeforeFreerideEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPolicy().Draw(t, "policy")
		l := proven()
		l.Due = t0.Add(time.Duration(rapid.IntRange(0, 40*24).Draw(t, "due")) * hour)
		l.FreerideSet = rapid.Bool().Draw(t, "set")
		l.Freeride = time.Duration(rapid.IntRange(0, 40).Draw(t, "freeride")) * day
		f := holding(l)
		contact := time.Duration(rapid.IntRange(0, 40*24).Draw(t, "contact")) * hour
		f = f.No(No{Endpoint: EndpointHeartbeat, Code: 99999, At: t0.Add(contact)})
		for range rapid.IntRange(0, 20).Draw(t, "calls") {
			f = f.Silent(SilenceKind(rapid.IntRange(0, 3).Draw(t, "kind")), drawTime().Draw(t, "at"))
		}
		freeride := p.DefaultFreeride
		if l.FreerideSet {
			freeride = l.Freeride
		}
		due := l.Due.Add(contact)
		end := t0.Add(contact + max(freeride, l.Due.Sub(t0)))
		now := t0.Add(time.Duration(rapid.Int64Range(int64(contact), int64(end.Sub(t0))).Draw(t, "now")))
		if d := Decide(f, p, now); d.State > Grace && now.Before(end) {
			t.Errorf("%s at %v, before freeride ends at %v", d, now, end)
		}
		for _, x := range Forecast(f, p, now) {
			if x.State > Grace && x.At.Before(end) {
				t.Errorf("%s is to come at %v, before freeride ends at %v", x, x.At, end)
			}
		}
		if d := Decide(f, p, due.Add(-1)); l.Due.After(t0) && d.Cause != NoCause {
			t.Errorf("%s before an answer is due", d)
		}
	})
}

// Under the standard and the lenient policy nobody is told of Silence in the
// first half of freeride, nor before an answer is due.
func TestSilenceIsNotToldInTheFirstHalfOfFreeride(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, _ := Preset(rapid.SampledFrom([]string{"standard", "lenient"}).Draw(t, "preset"))
		l := proven()
		due := time.Duration(rapid.IntRange(1, 40*24).Draw(t, "due")) * hour
		l.Due = t0.Add(due)
		l.Freeride, l.FreerideSet = time.Duration(rapid.IntRange(0, 40*24).Draw(t, "freeride"))*hour, true
		f := holding(l).Silent(SilenceKind(rapid.IntRange(0, 3).Draw(t, "kind")), t0.Add(hour))
		begins := max(due, l.Freeride/2)
		if d := Decide(f, p, t0.Add(begins-1)); d.Cause != NoCause || d.State != Active || d.Next.At != t0.Add(begins) {
			t.Errorf("%s, next %+v, before %v", d, d.Next, begins)
		}
		want := Grace
		if l.Freeride <= due && p.Ladders[Unreachable].String() == Standard().Ladders[Unreachable].String() {
			want = ReadOnly // the freeride is over when the answer is due
		}
		if d := Decide(f, p, t0.Add(begins)); d.Cause != f.Silence.Kind.cause() || d.State != want || d.Since != t0.Add(begins) {
			t.Errorf("%s at %v, want %s", d, begins, want)
		}
	})
}

// However an application is started, stopped, put to sleep and its state kept,
// the time without a session ends as it would in one run; only each start, and
// each wake, has the first step's patience once more.
func TestRestartsGiveNoTimeWithoutASession(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, f := drawPolicy().Draw(t, "policy"), holding(once()).WithSession(t0)
		now, ran := t0, time.Duration(0)
		for range rapid.IntRange(0, 12).Draw(t, "runs") {
			d := time.Duration(rapid.IntRange(0, 90*60).Draw(t, "runs for")) * time.Second
			now, ran = now.Add(d), ran+d
			f.Session = f.Session.counted(now)
			now = now.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "off for")) * hour)
			f.Session = resumed(f.Session, now)
		}
		once := holding(once()).WithSession(t0)
		once.Session.StartedAt = t0.Add(ran)
		d := time.Duration(rapid.IntRange(0, 10*60*60).Draw(t, "then")) * time.Second
		got, want := Decide(f, p, now.Add(d)), Decide(once, p, t0.Add(ran+d))
		if got.State != want.State || causes(got) != causes(want) {
			t.Errorf("%s, in one run %s", got, want)
		}
	})
}

// To count the time without a session, in order to keep it, changes no decision.
func TestCountingChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, p, now := drawFacts().Draw(t, "facts"), drawPolicy().Draw(t, "policy"), drawTime().Draw(t, "now")
		now = notBefore(&f, at(now)).time()
		before := Decide(f, p, now)
		f.Session = f.Session.counted(now)
		if after := Decide(f, p, now); before != after {
			t.Errorf("%s became %s", before, after)
		}
	})
}

// Contact with the server puts off the silent causes, and them alone, as much as
// a Yes at that instant would have done. It never brings them forward.
func TestContactCountsAsAYesForSilence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, p := drawFacts().Draw(t, "facts"), drawPolicy().Draw(t, "policy")
		without, asYes := f, f
		without.AnsweredAt, asYes.AnsweredAt = time.Time{}, time.Time{}
		if lead := f.AnsweredAt.Sub(f.License.ProvenAt); lead > 0 {
			asYes.License.ProvenAt = f.AnsweredAt
			if !f.License.Due.IsZero() {
				asYes.License.Due = f.License.Due.Add(lead)
			}
		}
		now := drawTime().Draw(t, "now")
		if f.AnsweredAt.After(now) {
			now = f.AnsweredAt
		}
		got, plain, want := Decide(f, p, now), Decide(without, p, now), Decide(asYes, p, now)
		for _, c := range Causes() {
			x, ok := got.Finding(c)
			y, had := plain.Finding(c)
			if !c.Silent() {
				if x != y || ok != had {
					t.Errorf("contact made %+v of %+v", x, y)
				}
				continue
			}
			if _, refused := f.Refusals.Of(c); refused {
				continue
			}
			if z, would := want.Finding(c); x != z || ok != would {
				t.Errorf("contact gives %+v (%v), a Yes %+v (%v)", x, ok, z, would)
			}
			if ok && (!had || x.State > y.State) {
				t.Errorf("contact made %s %s of %s", c, x.State, y.State)
			}
		}
	})
}

// Further calls without an answer change no decision for the better.
func TestMoreSilenceIsNotMilder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, now := drawFacts().Draw(t, "facts"), drawTime().Draw(t, "now")
		p, _ := Preset(rapid.SampledFrom(Presets()).Draw(t, "preset"))
		kind := SilenceKind(rapid.IntRange(0, 3).Draw(t, "kind"))
		g := f.Silent(kind, now)
		if before, after := Decide(f, p, now), Decide(g, p, now); after.State < before.State {
			t.Errorf("%s became %s", before, after)
		}
	})
}

// Of the refusals of a seat that session calls met, in any order, the newest
// stands alone.
func TestNewestSeatRefusalStands(t *testing.T) {
	codes := []Code{ConnectionsExhausted, UsersExhausted, LicenseUserUnknown, SessionsPerClientExhausted, UserHasSession}
	rapid.Check(t, func(t *rapid.T) {
		f := holding(once())
		var newest No
		for range rapid.IntRange(1, 8).Draw(t, "refusals") {
			n := No{
				Endpoint: EndpointSessionOpen,
				Code:     rapid.SampledFrom(codes).Draw(t, "code"),
				At:       t0.Add(time.Duration(rapid.IntRange(0, 9).Draw(t, "at")) * time.Second),
			}
			if rapid.Bool().Draw(t, "undated") {
				n.At, n.ReceivedAt = t0, n.At
			}
			f = f.No(n)
			if !n.ReceivedAt.IsZero() && n.At.Before(newest.At) {
				n.At = newest.At
			}
			if !n.At.Before(newest.At) {
				newest = n
			}
		}
		d := Decide(f, Advisory(), t0.Add(minute))
		cause := newest.Code.CauseAt(EndpointSessionOpen, true)
		if got, want := causes(d), fmt.Sprintf("%s %d active", cause, newest.Code); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// Answers in any order, told with any delay: what counts is the newest by
// server time, in whole seconds, and the later arrival within one.
func TestNewestAnswerCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := Facts{}
		var yes, no time.Time
		for range rapid.IntRange(1, 12).Draw(t, "answers") {
			at := t0.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "at")) * 400 * time.Millisecond)
			if f.License.Source == NoSource || rapid.Bool().Draw(t, "yes") {
				l := once()
				l.ProvenAt = at
				f = f.Yes(l, Flags{})
				if !at.Before(yes) {
					yes = at
				}
				if no.Unix() <= yes.Unix() && yes.Equal(at) {
					no = time.Time{}
				}
			} else {
				f = f.No(No{Endpoint: EndpointHeartbeat, Code: 1002, At: at})
				if at.Unix() >= yes.Unix() && !at.Before(no) {
					no = at
				}
			}
			want := Active
			if !no.IsZero() {
				want = Locked
			}
			if d := Decide(f, nil, t0.Add(hour)); d.State != want {
				t.Fatalf("%s, want %s: newest Yes %v, newest No %v", d, want, yes, no)
			}
		}
	})
}

// Any number can be a conflict's ID; outside the catalogue it never restricts.
func TestAnyCode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCode().Draw(t, "code")
		e := rapid.SampledFrom(allEndpoints()).Draw(t, "endpoint")
		p := drawPolicy().Draw(t, "policy")
		f := holding(once()).No(No{Endpoint: e, Code: c, At: t0})
		d := Decide(f, p, t0)
		if d.State > Locked {
			t.Errorf("state %d", d.State)
		}
		if _, known := Lookup(c); !known && (d.State != Active || d.Cause != NoCause) {
			t.Errorf("the unknown conflict %d gives %s", c, d)
		}
		refused := Facts{}.No(No{Endpoint: EndpointActivation, Code: c, At: t0})
		if d := Decide(refused, p, t0); d.Code != c {
			t.Errorf("an activation refused with %d is told as %d", c, d.Code)
		}
	})
}

// Garbage in gives a decision all the same, always the same, in order.
func TestDecideIsTotal(t *testing.T) {
	anyTime := rapid.Custom(func(t *rapid.T) time.Time {
		return rapid.SampledFrom([]time.Time{
			{}, t0, time.Unix(rapid.Int64().Draw(t, "sec"), rapid.Int64().Draw(t, "nsec")),
			time.Date(9998, 12, 31, 23, 59, 59, 999999999, time.UTC), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC),
			time.Date(-5000, 1, 1, 0, 0, 0, 0, time.UTC), time.Now(),
		}).Draw(t, "time")
	})
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts().Draw(t, "facts")
		f.License.Source = Source(rapid.Uint8().Draw(t, "source"))
		f.License.ProvenAt, f.License.Due = anyTime.Draw(t, "provenAt"), anyTime.Draw(t, "due")
		f.License.Starts, f.License.Expires = anyTime.Draw(t, "starts"), anyTime.Draw(t, "expires")
		f.AnsweredAt = anyTime.Draw(t, "answeredAt")
		f.License.Freeride = time.Duration(rapid.Int64().Draw(t, "freeride"))
		f.Silence.Kind = SilenceKind(rapid.Uint8().Draw(t, "kind"))
		f.Attempt.Cause = Cause(rapid.Uint8().Draw(t, "attempt"))
		f.Clock = Clock{Mark: anyTime.Draw(t, "mark"), AheadOf: anyTime.Draw(t, "aheadOf"), RolledBackSince: anyTime.Draw(t, "rolledBack")}
		f.Session.ValidUntil, f.Device.MismatchSince = anyTime.Draw(t, "validUntil"), anyTime.Draw(t, "mismatch")
		p := drawPolicy().Draw(t, "policy").Clone()
		c := drawCause().Draw(t, "cause")
		for range rapid.IntRange(0, 6).Draw(t, "steps") {
			p.Ladders[c] = append(p.Ladders[c], Step{
				After{Mark(rapid.Uint8().Draw(t, "mark")), time.Duration(rapid.Int64().Draw(t, "plus"))},
				State(rapid.Uint8().Draw(t, "state")),
			})
		}
		now := anyTime.Draw(t, "now")
		d := Decide(f, p, now)
		if again := Decide(f, p, now); again != d {
			t.Errorf("%s, then %s", d, again)
		}
		if d.State > Locked {
			t.Errorf("state %d", d.State)
		}
		first, last := true, Finding{}
		for x := range d.Findings() {
			if first && (x.State != d.State || x.Cause != d.Cause || x.Code != d.Code || x.Remedy != d.Remedy) {
				t.Errorf("%s, but the first finding is %+v", d, x)
			}
			if !first && (x.State > last.State || x.State == last.State && x.Cause <= last.Cause) {
				t.Errorf("%+v after %+v", x, last)
			}
			first, last = false, x
		}
		if first != (d.Cause == NoCause) {
			t.Errorf("cause %q, findings %q", d.Cause, causes(d))
		}
		if _, err := json.Marshal([]time.Time{d.Next.At, d.Until}); err != nil {
			t.Errorf("a change that JSON cannot tell: %v", err)
		}
		Forecast(f, p, now)
	})
}

func TestFactsSurviveJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts().Draw(t, "facts")
		data, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		back := Facts{License: f.License, AwaitsActivation: f.AwaitsActivation}
		back.Session.StartedAt = f.Session.StartedAt
		if err := decodeStrict(data, &back); err != nil || back != f {
			t.Errorf("%v: %s", err, data)
		}
	})
}

func TestPoliciesSurviveJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPolicy().Draw(t, "policy")
		data, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := ParsePolicy(data); err != nil || !back.equal(p) {
			t.Errorf("%v: %s", err, data)
		}
	})
}
