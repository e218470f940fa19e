package enforcement

import (
	"fmt"
	"testing"
	"time"
)

func TestYesOutranksOlderNos(t *testing.T) {
	no := t0.Add(hour + 500*time.Millisecond)
	f := holding(once()).No(No{Endpoint: EndpointHeartbeat, Code: 1002, At: no})
	tests := []struct {
		name  string
		yesAt time.Time
		want  string
	}{
		{"older by a second", no.Add(-time.Second), "inactive 1002 locked"},
		{"the same second, later arrival", no.Truncate(time.Second), ""},
		{"the same instant, later arrival", no, ""},
		{"newer", no.Add(time.Minute), ""},
		{"older than the evidence", t0.Add(-time.Second), "inactive 1002 locked"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := once()
			l.ProvenAt = tt.yesAt
			if got := causes(Decide(f.Yes(l, Flags{}), nil, no)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	t.Run("a conflict's time is whole seconds", func(t *testing.T) {
		l := once()
		l.ProvenAt = no
		g := holding(l).No(No{Endpoint: EndpointHeartbeat, Code: 1002, At: no.Truncate(time.Second)})
		if got := causes(Decide(g, nil, no)); got != "inactive 1002 locked" {
			t.Errorf("a No that came after a Yes of the same second: %q", got)
		}
	})
}

func TestNoOutranksOlderYes(t *testing.T) {
	f := holding(once())
	if got := f.No(No{Endpoint: EndpointHeartbeat, Code: 1002, At: t0.Add(-time.Second)}); got != f {
		t.Error("a No from before the Yes counts")
	}
	g := f.No(No{Endpoint: EndpointHeartbeat, Code: 1002, At: t0.Add(time.Second)})
	if d := Decide(g, nil, t0.Add(hour)); d.State != Locked {
		t.Errorf("a No from after the Yes gives %s", d)
	}
	if g.License != f.License {
		t.Error("the No changed the evidence")
	}
}

func TestRepeatedNosKeepTheFirst(t *testing.T) {
	f := refusing(EndpointHeartbeat, 1002)
	for i := range 5 {
		f = f.No(No{Endpoint: EndpointHeartbeat, Code: 1002, At: t0.Add(time.Duration(i+2) * day)})
	}
	if no, ok := f.Refusals.Of(Inactive); !ok || no.Since != t0.Add(minute) || no.At != t0.Add(6*day) {
		t.Errorf("got %+v, %v", no, ok)
	}
	if g := f.No(No{Endpoint: EndpointHeartbeat, Code: 1002, At: t0.Add(day)}); g != f {
		t.Error("an older No replaced a newer one")
	}
	l := once()
	l.ProvenAt = t0.Add(7 * day)
	f = f.Yes(l, Flags{Inactive: true, VersionNotCovered: true})
	if no, _ := f.Refusals.Of(Inactive); no != (Refusal{Cause: Inactive, Since: t0.Add(minute), At: l.ProvenAt}) {
		t.Errorf("the flag after the conflict: %+v", no)
	}
	if no, _ := f.Refusals.Of(VersionNotCovered); no.Since != l.ProvenAt || no.Version != "24.1" {
		t.Errorf("a new flag: %+v", no)
	}
}

func TestNoForAnotherKey(t *testing.T) {
	f := holding(once())
	for _, c := range []Code{1000, 1001, 1002, 1003, 2000, 2006, 99999} {
		for _, e := range allEndpoints() {
			if got := f.No(No{Endpoint: e, Code: c, Key: "key-b", At: t0.Add(hour)}); got != f {
				t.Errorf("%d at %s for another key touches the licence", c, e)
			}
		}
	}
	if f.No(No{Endpoint: EndpointActivation, Code: 1002, Key: "KEY-A", At: t0.Add(hour)}) == f {
		t.Error("a No for the held key, in another case, does not touch the licence")
	}
	// The mistyped key is not remembered either: once the seat is gone, it explains nothing.
	f = f.No(No{Endpoint: EndpointActivation, Code: 1000, Key: "key-b", At: t0.Add(hour)}).
		No(No{Endpoint: EndpointHeartbeat, Code: 2002, At: t0.Add(2 * hour)})
	if got := causes(Decide(f, nil, t0.Add(day))); got != "not_activated 2002 locked" {
		t.Errorf("got %q", got)
	}
}

func TestCallScopedConflictsChangeNothing(t *testing.T) {
	f := holding(once())
	for _, x := range Catalogue() {
		for _, e := range allEndpoints() {
			if x.Cause != NoCause && e&judging != 0 {
				continue
			}
			if got := f.No(No{Endpoint: e, Code: x.Code, At: t0.Add(hour)}); got != f {
				t.Errorf("%d at %s changes the facts", x.Code, e)
			}
		}
	}
	for _, none := range []Cause{causeCount, 200} {
		if got := f.No(No{Endpoint: EndpointHeartbeat, Cause: none, Code: 1000, At: t0.Add(hour)}); got != f {
			t.Errorf("cause %d, which is none, changes the facts", none)
		}
	}
}

// Which Nos show that the server is there, so that nothing is overdue.
func TestNosThatAreContact(t *testing.T) {
	then := t0.Add(6 * day)
	gone := refusing(EndpointHeartbeat, 2006)
	gone.AnsweredAt = time.Time{}
	earlier := holding(proven()).No(No{Endpoint: EndpointHeartbeat, Code: 99999, At: t0.Add(5 * day)})
	tests := []struct {
		name  string
		facts Facts
		no    No
		want  time.Time
	}{
		{"an unknown ID to a heartbeat", holding(proven()), No{Endpoint: EndpointHeartbeat, Code: 99999, Key: "key-a", At: then}, then},
		{"an unknown ID to an activation", holding(proven()), No{Endpoint: EndpointActivation, Code: 99999, Key: "KEY-A", At: then}, then},
		{"an ID with a cause", holding(proven()), No{Endpoint: EndpointHeartbeat, Code: 1003, Key: "key-a", At: then}, then},
		{"a cause by the caller's word", holding(proven()), No{Endpoint: EndpointHeartbeat, Code: 4000, Cause: Suspended, At: then}, then},
		{"once the seat is gone", gone, No{Endpoint: EndpointHeartbeat, Code: 2006, Key: "key-a", At: then}, then},
		{"an activation once the seat is gone", gone, No{Endpoint: EndpointActivation, Code: 1001, Key: "key-a", At: then}, then},
		{"after another", earlier, No{Endpoint: EndpointHeartbeat, Code: 1003, At: then}, then},
		{"before another", earlier, No{Endpoint: EndpointHeartbeat, Code: 1003, At: t0.Add(4 * day)}, t0.Add(5 * day)},
		{"without a time", holding(proven()), No{Endpoint: EndpointHeartbeat, Code: 1003, At: t0, ReceivedAt: then}, then},
		{"without a time, repeated", earlier.No(No{Endpoint: EndpointHeartbeat, Code: 1003, At: t0.Add(5 * day)}),
			No{Endpoint: EndpointHeartbeat, Code: 1003, At: t0, ReceivedAt: then}, then},
		{"at the time of the Yes", holding(proven()), No{Endpoint: EndpointHeartbeat, Code: 99999, At: t0}, time.Time{}},
		{"from before the Yes", holding(proven()), No{Endpoint: EndpointHeartbeat, Code: 1003, At: t0.Add(-time.Second)}, time.Time{}},
		{"from before the Yes, received after it", holding(proven()), No{Endpoint: EndpointHeartbeat, Code: 1003, At: t0.Add(-time.Second), ReceivedAt: then}, time.Time{}},
		{"another key", holding(proven()), No{Endpoint: EndpointActivation, Code: 1001, Key: "key-b", At: then}, time.Time{}},
		{"another key once the seat is gone", gone, No{Endpoint: EndpointActivation, Code: 1001, Key: "key-b", At: then}, time.Time{}},
		{"no licence", Facts{}, No{Endpoint: EndpointHeartbeat, Code: 2006, At: then}, time.Time{}},
		{"a key that is not valid", holding(proven()), No{Endpoint: EndpointHeartbeat, Code: 1000, At: then}, time.Time{}},
		{"a seat that is not known", holding(proven()), No{Endpoint: EndpointHeartbeat, Code: 2003, At: then}, time.Time{}},
		{"a product that is not known", holding(proven()), No{Endpoint: EndpointHeartbeat, Code: 3000, At: then}, time.Time{}},
		{"a session", holding(proven()), No{Endpoint: EndpointSessionOpen, Code: 1007, At: then}, time.Time{}},
		{"an unknown ID to a session", holding(proven()), No{Endpoint: EndpointSessionOpen, Code: 99999, At: then}, time.Time{}},
		{"an unknown ID to a report", holding(proven()), No{Endpoint: EndpointUsage, Code: 99999, At: then}, time.Time{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.facts.No(tt.no).AnsweredAt; got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
	yes := func(key string, at time.Time) License {
		l := proven()
		l.Key, l.ProvenAt = key, at
		return l
	}
	for name, tt := range map[string]struct {
		facts Facts
		want  time.Time
	}{
		"a newer Yes":                {earlier.Yes(yes("key-a", then), Flags{}), time.Time{}},
		"a Yes of the same second":   {earlier.Yes(yes("key-a", t0.Add(5*day)), Flags{}), time.Time{}},
		"an older Yes that is late":  {earlier.Yes(yes("key-a", t0.Add(4*day)), Flags{}), t0.Add(5 * day)},
		"an older Yes to other keys": {earlier.Yes(yes("key-b", t0.Add(4*day)), Flags{}), time.Time{}},
		"the licence is given back":  {earlier.Forget(then), time.Time{}},
	} {
		if got := tt.facts.AnsweredAt; got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

// A server that answers every day is never unreachable: what it says has its
// own ladder, and what this release does not know has none.
func TestAnsweredEveryDay(t *testing.T) {
	for _, tt := range []struct {
		code             Code
		want, thenSilent string
	}{
		{99999, "active", "active, grace +1d12h, read_only +3d, locked +17d"},
		{1003, "grace, read_only +14d", "read_only, locked +17d"},
		{1009, "read_only", "read_only, locked +17d"},
		{1000, "active, grace +1d, read_only +2d, locked +16d", "locked"},
	} {
		f, got, state := holding(proven()), "", State(0)
		for i := 1; i <= 22; i++ {
			now := t0.Add(time.Duration(i) * day)
			f = f.No(No{Endpoint: EndpointHeartbeat, Code: tt.code, Key: "key-a", At: now})
			switch d := Decide(f, nil, now); {
			case i == 1:
				got, state = d.State.String(), d.State
			case d.State != state:
				got, state = fmt.Sprintf("%s, %s +%s", got, d.State, formatDuration(now.Sub(t0.Add(day)))), d.State
			}
		}
		if got != tt.want {
			t.Errorf("%d: got %q, want %q", tt.code, got, tt.want)
		}
		if got := timeline(f, nil, t0.Add(22*day)); got != tt.thenSilent {
			t.Errorf("%d, then silence: got %q, want %q", tt.code, got, tt.thenSilent)
		}
	}
}

// A No without a time of its own counts from when it came, but for order it is
// no newer than what its caller is sure of.
func TestUndatedNos(t *testing.T) {
	came := t0.Add(20 * day)
	undated := func(c Code, bound time.Time) No {
		return No{Endpoint: EndpointHeartbeat, Code: c, At: bound, ReceivedAt: came}
	}
	t.Run("dated to its arrival", func(t *testing.T) {
		f := holding(once()).No(undated(1001, t0))
		if got, want := timeline(f, nil, came), "grace, read_only +7d, locked +37d"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		later := undated(1001, t0)
		later.ReceivedAt = came.Add(day)
		f = f.No(later)
		if no, _ := f.Refusals.Of(Expired); no.Since != came || no.At != t0 {
			t.Errorf("repeated: %+v", no)
		}
	})
	t.Run("outranked by a newer Yes", func(t *testing.T) {
		l := once()
		l.ProvenAt = t0.Add(time.Second)
		if got := holding(once()).No(undated(1002, t0)).Yes(l, Flags{}); causes(Decide(got, nil, came)) != "" {
			t.Errorf("a Yes that came after it: %+v", got.Refusals)
		}
		if got := holding(l).No(undated(1002, t0)); causes(Decide(got, nil, came)) != "" {
			t.Errorf("a Yes that came before it: %+v", got.Refusals)
		}
	})
	t.Run("newer than the refusals that stand", func(t *testing.T) {
		dated := t0.Add(5 * day)
		f := holding(once()).No(No{Endpoint: EndpointHeartbeat, Code: 2000, At: dated}).No(undated(1007, t0))
		if no, _ := f.Refusals.Of(ConnectionLimit); no != (Refusal{Cause: ConnectionLimit, Code: 1007, Since: dated, At: dated}) {
			t.Errorf("the same cause: %+v", no)
		}
		gone := holding(once()).No(No{Endpoint: EndpointHeartbeat, Code: 2006, At: dated}).
			No(No{Endpoint: EndpointActivation, Code: 1000, At: t0, ReceivedAt: came})
		if d := Decide(gone, nil, came); d.Code != 1000 {
			t.Errorf("an attempt after the seat was taken back: %s", d)
		}
	})
	t.Run("a licence file", func(t *testing.T) {
		f := holding(fromFile()).No(No{Endpoint: EndpointActivation, Code: 1002, Key: "key-a", ReceivedAt: came})
		if no, ok := f.Refusals.Of(Inactive); !ok || no.Since != came || no.At != t0 {
			t.Errorf("%+v, %v", no, ok)
		}
	})
	t.Run("no licence", func(t *testing.T) {
		f := Facts{NoLicenseSince: t0}.No(No{Endpoint: EndpointActivation, Code: 1001, Key: "key-a", ReceivedAt: came})
		if f.Attempt != (Refusal{Cause: Expired, Code: 1001, Since: came}) {
			t.Errorf("%+v", f.Attempt)
		}
		d := Decide(f, nil, came)
		if got := causes(d); got != "not_activated 1001 locked; expired 1001 grace" {
			t.Errorf("got %q", got)
		}
		if g := f.No(No{Endpoint: EndpointActivation, Code: 1002, At: t0.Add(19 * day)}); g.Attempt.Code != 1002 {
			t.Errorf("a dated attempt after it: %+v", g.Attempt)
		}
		dated := f.No(No{Endpoint: EndpointActivation, Code: 1002, At: came.Add(day)})
		if g := dated.No(No{Endpoint: EndpointActivation, Code: 1000, ReceivedAt: came.Add(2 * day)}); g.Attempt.Code != 1000 {
			t.Errorf("one without a time after a dated one: %+v", g.Attempt)
		}
	})
	t.Run("a clock that ran ahead", func(t *testing.T) {
		ahead := undated(1003, t0)
		ahead.ReceivedAt = time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
		f := holding(once()).No(ahead)
		l := once()
		l.ProvenAt = came
		f = f.Yes(l, Flags{VersionNotCovered: true})
		if no, _ := f.Refusals.Of(VersionNotCovered); no.Since != came {
			t.Errorf("the flag of a Yes counts from %v", no.Since)
		}
	})
}

// The server's newest word about the seat stands, in place of an older one.
func TestSeatRefusalsReplaceEachOther(t *testing.T) {
	open := func(f Facts, c Code, at time.Time) Facts {
		return f.No(No{Endpoint: EndpointSessionOpen, Code: c, At: at})
	}
	limit := open(holding(once()), 12006, t0.Add(hour))
	tests := []struct {
		name  string
		facts Facts
		want  string
	}{
		{"a newer one", open(limit, 1007, t0.Add(2*hour)), "connection_limit 1007 read_only"},
		{"the same second, later arrival", open(limit, 1007, t0.Add(hour)), "connection_limit 1007 read_only"},
		{"an older one that is late", open(limit, 1007, t0.Add(hour-time.Second)), "session_limit 12006 locked"},
		{"without a time", limit.No(No{Endpoint: EndpointSessionOpen, Code: 1007, At: t0, ReceivedAt: t0.Add(2 * hour)}),
			"connection_limit 1007 read_only"},
		{"about the licence", open(limit, 1002, t0.Add(2*hour)), "inactive 1002 locked; session_limit 12006 locked"},
		{"after one about the licence", open(open(holding(once()), 1002, t0.Add(hour)), 1007, t0.Add(2*hour)),
			"inactive 1002 locked; connection_limit 1007 read_only"},
		{"after one of a heartbeat", open(refusing(EndpointHeartbeat, 1009), 1007, t0.Add(2*hour)),
			"user_limit 1009 read_only; connection_limit 1007 read_only"},
		{"a heartbeat's after it", limit.No(No{Endpoint: EndpointHeartbeat, Code: 1009, At: t0.Add(2 * hour)}),
			"session_limit 12006 locked; user_limit 1009 read_only"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := causes(Decide(tt.facts, nil, t0.Add(3*hour))); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAttempts(t *testing.T) {
	f := Facts{NoLicenseSince: t0}
	try := func(f Facts, c Code, at time.Time) Facts {
		return f.No(No{Endpoint: EndpointActivation, Code: c, Key: "key-b", At: at})
	}
	f = try(try(f, 1001, t0.Add(minute)), 1001, t0.Add(hour))
	if f.Attempt != (Refusal{Cause: Expired, Code: 1001, Since: t0.Add(minute), At: t0.Add(hour)}) {
		t.Errorf("repeated: %+v", f.Attempt)
	}
	if g := try(f, 1002, t0.Add(30*minute)); g != f {
		t.Error("an older attempt replaced a newer one")
	}
	if g := try(f, 1002, t0.Add(2*hour)); g.Attempt.Cause != Inactive || g.Attempt.Since != t0.Add(2*hour) {
		t.Errorf("another: %+v", g.Attempt)
	}
	l := once()
	l.ProvenAt = t0.Add(3 * hour)
	if g := f.Yes(l, Flags{}); g.Attempt != (Refusal{}) || !g.NoLicenseSince.IsZero() || !g.Held() {
		t.Errorf("after the Yes: %+v", g)
	}
}

func TestHeld(t *testing.T) {
	held := holding(once())
	mismatched := held
	mismatched.Device.MismatchSince = t0
	tests := []struct {
		name  string
		facts Facts
		want  bool
	}{
		{"nothing", Facts{}, false},
		{"evidence", held, true},
		{"evidence, refused", refusing(EndpointHeartbeat, 1002), true},
		{"seat taken back", refusing(EndpointHeartbeat, 2002), false},
		{"another device", mismatched, false},
		{"given back", held.Forget(t0), false},
	}
	for _, tt := range tests {
		if got := tt.facts.Held(); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func TestChannels(t *testing.T) {
	open := func(f Facts, c Code, at time.Time) Facts {
		return f.No(No{Endpoint: EndpointSessionOpen, Code: c, At: at})
	}
	later := once()
	later.ProvenAt = t0.Add(2 * hour)
	full := open(holding(once()), 1007, t0.Add(hour))
	off := open(holding(once()), 1002, t0.Add(hour))
	beat := refusing(EndpointHeartbeat, 1002)
	tests := []struct {
		name  string
		facts Facts
		want  string
	}{
		{"a heartbeat says nothing about the seat", full.Yes(later, Flags{}), "connection_limit 1007 read_only"},
		{"a session does", full.SessionYes(t0.Add(2*hour), t0.Add(9*day)), ""},
		{"an older session does not", full.SessionYes(t0.Add(30*minute), t0.Add(9*day)), "connection_limit 1007 read_only"},
		{"a heartbeat overrules what a session said of the licence", off.Yes(later, Flags{}), ""},
		{"so does a session", off.SessionYes(t0.Add(2*hour), t0.Add(9*day)), ""},
		{"a session does not overrule a heartbeat", beat.SessionYes(t0.Add(2*hour), t0.Add(9*day)), "inactive 1002 locked"},
		{"a heartbeat newer than the session's No", open(holding(later), 1002, t0.Add(hour)), ""},
		{"a heartbeat newer than the session's No about the seat", open(holding(later), 1007, t0.Add(hour)), "connection_limit 1007 read_only"},
		{"a session newer than the session's No", open(holding(once()).SessionYes(t0.Add(2*hour), t0.Add(9*day)), 1007, t0.Add(hour)), ""},
		{"a session newer than the session's No about the licence", open(holding(once()).SessionYes(t0.Add(2*hour), t0.Add(9*day)), 1002, t0.Add(hour)), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := causes(Decide(tt.facts, nil, t0.Add(3*hour))); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestSessionAnswers(t *testing.T) {
	f := holding(once()).SessionYes(t0, t0.Add(hour))
	if f.Session != (Session{Required: true, ProvenAt: t0, ValidUntil: t0.Add(hour), CountedAt: t0}) {
		t.Errorf("opened: %+v", f.Session)
	}
	if g := f.SessionYes(t0.Add(-minute), t0.Add(9*hour)); g != f {
		t.Error("an older answer replaced a newer one")
	}
	gone := f.No(No{Endpoint: EndpointSessionOpen, Code: 1007, At: t0.Add(minute)})
	if gone.Session != (Session{Required: true, ProvenAt: t0, CountedAt: t0.Add(minute)}) {
		t.Errorf("refused: %+v", gone.Session)
	}
	if g := f.No(No{Endpoint: EndpointSessionOpen, Code: 12004, At: t0}).No(No{Endpoint: EndpointSessionOpen, Code: 1007, At: t0.Add(minute)}); g.Session.Refused != 0 {
		t.Errorf("refused for another reason since: %+v", g.Session)
	}
	if g := gone.SessionClosed(t0.Add(hour)); g.Refusals != gone.Refusals {
		t.Error("closing forgot that there was no seat")
	}
	if g := gone.WithoutSession(); g.Session != (Session{}) || g.Refusals != (Refusals{}) {
		t.Errorf("without: %+v", g)
	}
	for name, tt := range map[string]struct{ got, want Session }{
		"closed":           {f.SessionClosed(t0.Add(minute)).Session, Session{Required: true, ProvenAt: t0, CountedAt: t0.Add(minute)}},
		"closed too late":  {f.SessionClosed(t0.Add(3 * hour)).Session, Session{Required: true, ProvenAt: t0, CountedAt: t0.Add(3 * hour), Missing: 2 * hour}},
		"needed from here": {holding(once()).WithSession(t0.Add(hour)).Session, Session{Required: true, CountedAt: t0.Add(hour)}},
		"needed already":   {gone.WithSession(t0.Add(hour)).Session, gone.Session},
		"another licence": {func() Facts {
			l := once()
			l.Key, l.ProvenAt = "key-b", t0.Add(day)
			return f.Yes(l, Flags{})
		}().Session, Session{Required: true, CountedAt: t0.Add(day)}},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %+v", name, tt.got)
		}
	}
}

// Running time without a session counts across starts, and neither the time in
// between nor what the machine slept does.
func TestSessionTimeIsRunningTime(t *testing.T) {
	s := holding(once()).WithSession(t0).Session
	s = s.counted(t0.Add(hour))   // an hour, then off for a week
	s = resumed(s, t0.Add(7*day)) // 30 minutes, then asleep for a night
	s = resumed(s.counted(t0.Add(7*day+30*minute)), t0.Add(8*day))
	s = s.counted(t0.Add(8*day + minute))
	if s.Missing != hour+31*minute {
		t.Errorf("missing for %v", s.Missing)
	}
	held := Session{Required: true, ValidUntil: t0.Add(hour), CountedAt: t0}
	if got := held.counted(t0.Add(minute)); got.Missing != 0 {
		t.Errorf("missing for %v while there is one", got.Missing)
	}
	if got := resumed(held, t0.Add(3*hour)).counted(t0.Add(4 * hour)); got.Missing != hour {
		t.Errorf("missing for %v after it ran out while the machine was off", got.Missing)
	}
}

func TestSilence(t *testing.T) {
	f := holding(proven())
	if got := f.Silent(NoSilence, t0); got != f {
		t.Error("no silence changed the facts")
	}
	s := f.Silent(SilentNetwork, t0.Add(hour)).Silent(SilentSignature, t0.Add(2*hour))
	if s.Silence != (Silence{t0.Add(hour), SilentSignature}) {
		t.Errorf("got %+v", s.Silence)
	}
	if got := s.No(No{Endpoint: EndpointConsumption, Code: 6008, At: t0.Add(3 * hour)}); got != f {
		t.Error("a conflict about one call did not end the silence, or did more")
	}
	l := proven()
	l.ProvenAt = t0.Add(3 * hour)
	if got := s.Yes(l, Flags{}); got.Silence != (Silence{}) {
		t.Errorf("after the Yes: %+v", got.Silence)
	}
}

func TestYesHeals(t *testing.T) {
	f := holding(once())
	f.Clock = Clock{Mark: time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC), RolledBackSince: t0}
	f.Device.MismatchSince = t0
	l := once()
	l.ProvenAt = t0.Add(hour)
	if g := f.Yes(l, Flags{}); g.Clock != (Clock{Mark: l.ProvenAt}) || g.Device != (Device{}) {
		t.Errorf("an answer: %+v %+v", g.Clock, g.Device)
	}
	file := fromFile()
	if g := f.Yes(file, Flags{}); g.Clock != f.Clock || g.Device != (Device{}) || g.License != file {
		t.Errorf("a file, which proves nothing about the time: %+v", g)
	}
}

func TestYesForAnotherKey(t *testing.T) {
	f := refusing(EndpointHeartbeat, 1002).SessionYes(t0, t0.Add(hour))
	other := fromFile()
	other.Key, other.ProvenAt = "key-b", t0.Add(-30*day)
	g := f.Yes(other, Flags{})
	if g.License != other || g.Refusals != (Refusals{}) || g.Session != (Session{Required: true, CountedAt: other.ProvenAt}) {
		t.Errorf("got %+v", g)
	}
	stale := once()
	stale.Key, stale.ProvenAt = "key-b", t0.Add(-minute)
	if got := f.Yes(stale, Flags{}); got != f {
		t.Error("a late answer about another key replaced the evidence")
	}
}

func TestLicenseFiles(t *testing.T) {
	off := refusing(EndpointHeartbeat, 1002)
	if got := off.Yes(fromFile(), Flags{}); causes(Decide(got, nil, t0.Add(hour))) != "inactive 1002 locked" {
		t.Error("a file from before the No overrules it")
	}
	older := fromFile()
	older.ProvenAt = t0.Add(-day)
	f := holding(fromFile())
	if got := f.Yes(older, Flags{}); got != f {
		t.Error("an older file replaced a newer one of the same licence")
	}
	older.Key = "key-b"
	if got := f.Yes(older, Flags{}); got.License != older {
		t.Error("a file of another licence was refused for its age")
	}
	late := fromFile()
	late.ProvenAt = t0.Add(day)
	if got := holding(late).Yes(once(), Flags{}); got.License != once() {
		t.Error("an answer on line was refused because a file is newer")
	}
	l := fromFile()
	l.Due, l.Freeride, l.FreerideSet = t0.Add(day), 0, true
	if got := timeline(holding(l), nil, t0); got != "active" {
		t.Errorf("a file ages: %s", got)
	}
}

func TestYesWithoutSource(t *testing.T) {
	f := holding(once())
	if got := f.Yes(License{ProvenAt: t0.Add(day)}, Flags{Inactive: true}); got != f {
		t.Error("nothing proves nothing")
	}
}

// To give a licence back and take it again begins no time without a session anew.
func TestForgetKeepsTheTimeWithoutASession(t *testing.T) {
	f := holding(once()).WithSession(t0).Forget(t0.Add(3 * hour))
	l := once()
	l.ProvenAt = t0.Add(9 * day)
	f = f.Yes(l, Flags{}).WithSession(l.ProvenAt)
	if got, want := timeline(f, nil, l.ProvenAt), "grace, read_only +1h"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if f := holding(once()).SessionYes(t0, t0.Add(hour)).Forget(t0.Add(minute)); f.Session != (Session{}) {
		t.Errorf("after a session that was held: %+v", f.Session)
	}
}

func TestForget(t *testing.T) {
	f := refusing(EndpointHeartbeat, 1002).SessionYes(t0, t0.Add(hour)).Silent(SilentNetwork, t0)
	f.Clock.RolledBackSince = t0
	want := Facts{NoLicenseSince: t0.Add(hour), Clock: f.Clock, Software: f.Software}
	if got := f.Forget(t0.Add(hour)); got != want {
		t.Errorf("got %+v", got)
	}
}

// Facts are equal whatever the zone and the clock reading of the times they
// were told, so that they can be compared and survive JSON.
func TestFactsAreCanonical(t *testing.T) {
	local := time.Now().In(time.FixedZone("elsewhere", 5400))
	tell := func(now time.Time) Facts {
		l := once()
		l.ProvenAt, l.Due, l.Expires, l.Starts = now, now.Add(day), now.Add(2*day), now
		return Facts{}.Yes(l, Flags{Expired: true}).
			No(No{Endpoint: EndpointSessionOpen, Code: 1007, At: now}).
			SessionYes(now, now.Add(hour)).
			Silent(SilentNetwork, now)
	}
	if tell(local) != tell(local.UTC().Round(0)) {
		t.Error("the zone of a time makes a difference")
	}
	if (Facts{}).Forget(local) != (Facts{}).Forget(local.UTC().Round(0)) {
		t.Error("the zone of a time makes a difference to Forget")
	}
}

// The time without a session begins when one is first required, whatever was
// counted before, and requiring it again does not begin it anew.
func TestTheTimeWithoutASessionBeginsOnce(t *testing.T) {
	f := holding(once())
	f.Session.CountedAt = t0 // of a licence that took sessions, once
	f = f.WithSession(t0.Add(day))
	if at := f.Session.CountedAt; !at.Equal(t0.Add(day)) {
		t.Errorf("counted from %v", at)
	}
	if got := f.WithSession(t0.Add(2 * day)); got != f {
		t.Errorf("required again: %+v", got.Session)
	}
}
