package enforcement

import (
	"fmt"
	"testing"
	"time"
)

// The default policy, row by row: what the states are and when, counted from
// the instant at which the case begins.
func TestStandardTable(t *testing.T) {
	expiring := func(l License, at time.Time) License { l.Expires = at; return l }
	riding := func(l License, d time.Duration) License { l.Freeride, l.FreerideSet = d, true; return l }
	dueIn := func(l License, d time.Duration) License { l.Due = l.ProvenAt.Add(d); return l }
	floating := func(validUntil time.Time) Facts {
		f := holding(once())
		if validUntil.IsZero() {
			return f.WithSession(t0)
		}
		return f.SessionYes(t0, validUntil)
	}
	no := t0.Add(minute)
	tests := []struct {
		name  string
		facts Facts
		start time.Time
		want  string
		cause Cause
	}{
		{"nothing is wrong", holding(once()), t0, "active", NoCause},
		{"expired by its date", holding(expiring(once(), t0.Add(time.Second))), t0, "active, grace +1s, read_only +7d1s, locked +37d1s", NoCause},
		{"expired by the flag, at the expiration date", Facts{}.Yes(expiring(once(), t0.Add(-6*day)), Flags{Expired: true}), t0,
			"grace, read_only +1d, locked +31d", Expired},
		{"expired by 1001, date unknown", refusing(EndpointHeartbeat, 1001), no, "grace, read_only +7d, locked +37d", Expired},
		{"expired by 1001 before its date", holding(expiring(once(), t0.Add(day))).No(No{Endpoint: EndpointHeartbeat, Code: 1001, At: no}), no,
			"grace, read_only +7d, locked +37d", Expired},
		{"expired by its date in a file", holding(expiring(fromFile(), t0)), t0, "grace, read_only +7d, locked +37d", Expired},
		{"inactive by 1002", refusing(EndpointHeartbeat, 1002), no, "locked", Inactive},
		{"inactive by the flag", Facts{}.Yes(once(), Flags{Inactive: true}), t0, "locked", Inactive},
		{"not valid, no flag says why", Facts{}.Yes(once(), Flags{Invalid: true}), t0, "locked", Inactive},
		{"not yet valid by the flag", Facts{}.Yes(once(), Flags{NotYetValid: true}), t0, "locked", NotYetValid},
		{"version by 1003", refusing(EndpointActivation, 1003), no, "grace, read_only +14d", VersionNotCovered},
		{"version by the flag", Facts{}.Yes(once(), Flags{VersionNotCovered: true}), t0, "grace, read_only +14d", VersionNotCovered},
		{"connections by 1007", refusing(EndpointSessionOpen, 1007), no, "read_only", ConnectionLimit},
		{"users by 1009", refusing(EndpointSessionOpen, 1009), no, "read_only", UserLimit},
		{"user by 1010", refusing(EndpointSessionOpen, 1010), no, "locked", UserInactive},
		{"sessions by 12002", refusing(EndpointSessionOpen, 12002), no, "locked", SessionLimit},
		{"sessions by 12006", refusing(EndpointSessionOpen, 12006), no, "locked", SessionLimit},
		{"session runs out", floating(t0.Add(hour)), t0, "active, grace +1h2m, read_only +5h", NoCause},
		{"session never opened", floating(time.Time{}), t0, "active, grace +2m, read_only +4h", SessionMissing},
		{"started without a session that ran out", func() Facts {
			f := floating(t0.Add(-3 * hour))
			f.Session = resumed(f.Session, t0)
			return f
		}(), t0, "active, grace +2m, read_only +4h", SessionMissing},
		{"started again, an hour is used up", func() Facts {
			f := floating(time.Time{})
			f.Session.Missing = hour
			f.Session = resumed(f.Session, t0)
			return f
		}(), t0, "active, grace +2m, read_only +3h", SessionMissing},
		{"started again, all is used up", func() Facts {
			f := floating(time.Time{})
			f.Session.Missing = 5 * hour
			f.Session = resumed(f.Session, t0)
			return f
		}(), t0, "active, read_only +2m", SessionMissing},
		{"a file of a floating licence", holding(fromFile()).WithSession(t0.Add(-day)), t0, "active", NoCause},
		{"no evidence", Facts{NoLicenseSince: t0}, t0, "locked", NotActivated},
		{"2006", refusing(EndpointHeartbeat, 2006), no, "locked", NotActivated},
		{"2002", refusing(EndpointHeartbeat, 2002), no, "locked", NotActivated},
		{"another device", Facts{License: once(), Device: Device{MismatchSince: t0}}, t0, "locked", DeviceMismatch},
		{"suspended", holding(once()).No(No{Endpoint: EndpointHeartbeat, Cause: Suspended, At: no}), no, "locked", Suspended},
		{"silence, freeride 3 d by default", holding(proven()), t0, "active, grace +1d12h, read_only +3d, locked +17d", NoCause},
		{"silence, freeride 1 d 12 h", holding(riding(proven(), 36*hour)), t0, "active, grace +1d, read_only +1d12h, locked +15d12h", NoCause},
		{"silence, freeride 10 d", holding(riding(proven(), 10*day)), t0, "active, grace +5d, read_only +10d, locked +24d", NoCause},
		{"silence, freeride 0", holding(riding(proven(), 0)), t0, "active, read_only +1d, locked +15d", NoCause},
		{"silence, due after freeride", holding(dueIn(proven(), 30*day)), t0, "active, read_only +30d, locked +44d", NoCause},
		{"silence, not authorised", holding(proven()).Silent(SilentUnauthorized, no), t0.Add(36 * hour), "grace, read_only +1d12h, locked +15d12h", Unauthorized},
		{"silence, wrong signatures", holding(proven()).Silent(SilentSignature, no), t0.Add(36 * hour), "grace, read_only +1d12h, locked +15d12h", SignatureInvalid},
		{"silence, no network", holding(proven()).Silent(SilentNetwork, no), t0.Add(36 * hour), "grace, read_only +1d12h, locked +15d12h", Unreachable},
		{"clock turned back", Facts{License: once(), Clock: Clock{RolledBackSince: t0}}, t0, "grace, read_only +1d", ClockRolledBack},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := timeline(tt.facts, Standard(), tt.start); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if d := Decide(tt.facts, nil, tt.start); d.Cause != tt.cause {
				t.Errorf("cause %q, want %q", d.Cause, tt.cause)
			}
		})
	}
}

func TestDecisionSaysEverything(t *testing.T) {
	l := proven()
	l.Expires = t0.Add(2 * day)
	f := Facts{}.Yes(l, Flags{})
	tests := []struct {
		name string
		now  time.Time
		want Decision // without the findings
		list string
	}{
		{"fine", t0.Add(hour), Decision{
			State: Active, Since: t0, Until: t0.Add(36 * hour), Then: Grace, Next: Change{t0.Add(36 * hour), Grace, Unreachable},
		}, ""},
		{"due, in the first half of freeride", t0.Add(30 * hour), Decision{
			State: Active, Since: t0, Until: t0.Add(36 * hour), Then: Grace, Next: Change{t0.Add(36 * hour), Grace, Unreachable},
		}, ""},
		{"overdue", t0.Add(36 * hour), Decision{
			State: Grace, Cause: Unreachable, Remedy: GoOnline, Since: t0.Add(36 * hour), Until: t0.Add(3 * day), Then: ReadOnly,
			Next: Change{t0.Add(2 * day), Grace, Expired},
		}, "unreachable grace"},
		{"overdue and expired", t0.Add(2 * day), Decision{
			State: Grace, Cause: Expired, Remedy: RenewLicense, Since: t0.Add(36 * hour), Until: t0.Add(3 * day), Then: ReadOnly,
			Next: Change{t0.Add(3 * day), ReadOnly, Unreachable},
		}, "expired grace; unreachable grace"},
		{"freeride is over", t0.Add(3 * day), Decision{
			State: ReadOnly, Cause: Unreachable, Remedy: GoOnline, Since: t0.Add(3 * day), Until: t0.Add(17 * day), Then: Locked,
			Next: Change{t0.Add(9 * day), ReadOnly, Expired},
		}, "unreachable read_only; expired grace"},
		{"at the end", t0.Add(400 * day), Decision{
			State: Locked, Cause: Expired, Remedy: RenewLicense, Since: t0.Add(17 * day), Then: Locked,
		}, "expired locked; unreachable locked"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Decide(f, nil, tt.now)
			if list := causes(got); list != tt.list {
				t.Errorf("findings %q, want %q", list, tt.list)
			}
			got.count, got.findings = 0, [causeCount - 1]packedFinding{}
			if got != tt.want {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestFindings(t *testing.T) {
	f := refusing(EndpointHeartbeat, 1001)
	d := Decide(f, nil, t0.Add(hour))
	want := Finding{
		Cause: Expired, Code: 1001, State: Grace, Remedy: RenewLicense,
		Since: t0.Add(minute), Until: t0.Add(minute + 7*day), Then: ReadOnly,
	}
	for got := range d.Findings() {
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		break
	}
	for range (&Decision{}).Findings() {
		t.Error("the zero decision has a finding")
	}
}

func TestFindingOfACauseThatIsNotThere(t *testing.T) {
	d := Decide(refusing(EndpointHeartbeat, 1002), nil, t0.Add(hour))
	if x, ok := d.Finding(Inactive); !ok || x.Code != 1002 {
		t.Errorf("found: %+v, %v", x, ok)
	}
	if x, ok := d.Finding(Expired); ok || x != (Finding{}) {
		t.Errorf("not there: %+v, %v", x, ok)
	}
}

func TestSeveralCauses(t *testing.T) {
	attempt := func(codes ...Code) Facts {
		f := Facts{NoLicenseSince: t0}
		for i, c := range codes {
			f = f.No(No{Endpoint: EndpointActivation, Code: c, Key: "key-b", At: t0.Add(time.Duration(i) * minute)})
		}
		return f
	}
	awaiting := func(f Facts) Facts {
		f.AwaitsActivation = true
		return f
	}
	tests := []struct {
		name   string
		facts  Facts
		want   string
		remedy Remedy
	}{
		{"1002 and nothing held", attempt(1002), "inactive 1002 locked; not_activated 1002 locked", ContactVendor},
		{"1001 and nothing held", attempt(1001), "not_activated 1001 locked; expired 1001 grace", RenewLicense},
		{"1000 and nothing held", attempt(1000), "not_activated 1000 locked", CheckKey},
		{"2000 and nothing held", attempt(2000), "not_activated 2000 locked; connection_limit 2000 read_only", FreeDevice},
		{"2001 and nothing held", attempt(2001), "not_activated 2001 locked", DeactivateThere},
		{"3000 and nothing held", attempt(3000), "not_activated 3000 locked", VendorConfiguration},
		{"2004 and nothing held", attempt(2004), "not_activated 2004 locked", EnterKey},
		{"an unknown code and nothing held", attempt(99999), "not_activated 99999 locked", EnterKey},
		{"the newest attempt counts", attempt(1002, 1000), "not_activated 1000 locked", CheckKey},
		{"2006 and nothing held", Facts{}.No(No{Endpoint: EndpointHeartbeat, Code: 2006, At: t0}), "not_activated 2006 locked", EnterKey},
		{"1000, then 2006", attempt(1000).No(No{Endpoint: EndpointHeartbeat, Code: 2006, At: t0.Add(hour)}), "not_activated 2006 locked", EnterKey},
		{"seat taken back, then 1001", refusing(EndpointHeartbeat, 2006).No(No{Endpoint: EndpointActivation, Code: 1001, At: t0.Add(hour)}),
			"not_activated 1001 locked; expired 1001 grace", RenewLicense},
		{"inactive outranks a full licence", refusing(EndpointHeartbeat, 1002).No(No{Endpoint: EndpointSessionOpen, Code: 1007, At: t0.Add(hour)}),
			"inactive 1002 locked; connection_limit 1007 read_only", ContactVendor},
		{"a licence file without its activation file", Facts{AwaitsActivation: true}, "not_activated locked", ImportActivation},
		{"a licence file without its activation file, and 1000", awaiting(attempt(1000)), "not_activated 1000 locked", ImportActivation},
		{"a licence file without its activation file, and 2000", awaiting(attempt(2000)), "not_activated 2000 locked; connection_limit 2000 read_only", FreeDevice},
		{"a No that says silence", func() Facts {
			f := holding(proven()).No(No{Endpoint: EndpointHeartbeat, Cause: Unreachable, At: t0.Add(hour)})
			f.Refusals.Set(Refusal{Cause: Unauthorized, Since: t0, At: t0})
			return f
		}(), "", NoRemedy},
		{"in the order of causes", func() Facts {
			f := refusing(EndpointHeartbeat, 2006)
			for _, c := range []Cause{SessionLimit, UserInactive, Inactive, Suspended} {
				f = f.No(No{Endpoint: EndpointHeartbeat, Cause: c, At: t0.Add(hour)})
			}
			f.Device.MismatchSince = t0
			return f
		}(), "suspended locked; inactive locked; user_inactive locked; not_activated 2006 locked; device_mismatch locked; session_limit locked", ContactVendor},
		{"a trial that has expired", func() Facts {
			l := once()
			l.Temporary, l.Expires = true, t0
			return holding(l).Yes(l, Flags{Expired: true})
		}(), "expired grace", EnterKey},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := Decide(tt.facts, nil, t0.Add(2*hour))
			if got := causes(d); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if d.Remedy != tt.remedy {
				t.Errorf("remedy %s, want %s", d.Remedy, tt.remedy)
			}
		})
	}
}

func TestExpirationDate(t *testing.T) {
	year := func(y int) time.Time { return time.Date(y, time.December, 31, 23, 59, 59, 0, time.UTC) }
	dated := func(l License, at time.Time) Facts { l.Expires = at; return holding(l) }
	tests := []struct {
		name  string
		facts Facts
		now   time.Time
		want  string
	}{
		{"perpetual", dated(once(), time.Time{}), year(2900), ""},
		{"perpetual as the server writes it", dated(once(), year(9999)), year(9999), ""},
		{"perpetual, and a moment more", dated(once(), neverTime.Add(hour/2+1)), year(9999), ""},
		{"the year before", dated(once(), year(9998)), year(9999), "expired grace"},
		{"the instant before", dated(once(), t0.Add(day)), t0.Add(day - 1), ""},
		{"the instant", dated(once(), t0.Add(day)), t0.Add(day), "expired grace"},
		{"overruled by a Yes given after it", dated(once(), t0.Add(-hour)), t0.Add(90 * day), ""},
		{"in a file, nothing overrules it", dated(fromFile(), t0.Add(-hour)), t0, "expired grace"},
		{"nothing held", Facts{License: License{Expires: t0}}, t0, "not_activated locked"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := causes(Decide(tt.facts, nil, tt.now)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// A licence that has ended by a clock that is ahead only is not to be renewed: the clock is to be put right. What the
// server itself has refused, and other causes, call for what they always do.
func TestRemedyOfAClockThatIsAhead(t *testing.T) {
	l := once()
	l.Expires = t0.Add(day)
	temporary, later := l, l
	temporary.Temporary, later.Expires = true, t0.Add(9*day)
	with := func(f Facts, ahead time.Time) Facts { f.Clock.AheadOf = ahead; return f }
	for _, tt := range []struct {
		name  string
		facts Facts
		want  Remedy
	}{
		{"the clock is not ahead", holding(l), RenewLicense},
		{"the clock is ahead of a time before the end", with(holding(l), t0.Add(hour)), CorrectClock},
		{"of the end", with(holding(l), t0.Add(day)), RenewLicense},
		{"of a time after the end", with(holding(l), t0.Add(day+hour)), RenewLicense},
		{"a temporary licence", holding(temporary), EnterKey},
		{"a temporary licence by a clock ahead", with(holding(temporary), t0.Add(hour)), CorrectClock},
		{"the server says so", with(holding(l).No(No{Endpoint: EndpointActivation, Code: LicenseExpired, At: t0.Add(minute)}), t0.Add(hour)), RenewLicense},
		{"the server says so without a code", with(holding(l).No(No{Endpoint: EndpointActivation, Cause: Expired, At: t0.Add(minute)}), t0.Add(hour)), RenewLicense},
		{"no seat is held", with(holding(later).WithSession(t0), t0.Add(hour)), GoOnline},
		{"nothing is held", with(Facts{}, t0.Add(hour)), EnterKey},
		{"switched off", with(Facts{Software: Software{Version: "24.1"}}.Yes(l, Flags{Inactive: true}), t0.Add(hour)), ContactVendor},
	} {
		if d := Decide(tt.facts, nil, t0.Add(2*day)); d.Remedy != tt.want {
			t.Errorf("%s: %s (%s), want %s", tt.name, d.Remedy, d.Cause, tt.want)
		}
	}
}

// A finding that never changes has no end, and one that was there since ever no beginning.
func TestFindingsWithoutAnEnd(t *testing.T) {
	for _, tt := range []struct {
		name  string
		facts Facts
		now   time.Time
		ends  bool
	}{
		{"switched off", Facts{}.Yes(once(), Flags{Inactive: true}), t0.Add(hour), false},
		{"ended", refusing(EndpointHeartbeat, 1001), t0.Add(hour), true},
		{"ended for long", refusing(EndpointHeartbeat, 1001), t0.Add(400 * day), false},
	} {
		d, n := Decide(tt.facts, nil, tt.now), 0
		for x := range d.Findings() {
			if n++; x.Until.IsZero() == tt.ends {
				t.Errorf("%s: %+v", tt.name, x)
			}
		}
		if n == 0 {
			t.Errorf("%s: nothing is found", tt.name)
		}
	}
}

func TestStartDate(t *testing.T) {
	starts := t0.Add(5 * day)
	file, onLine := fromFile(), once()
	file.Starts, onLine.Starts = starts, starts
	past := onLine
	past.Starts = t0.Add(-day)
	tests := []struct {
		name  string
		facts Facts
		now   time.Time
		want  string
	}{
		{"a file before its start", holding(file), starts.Add(-1), "not_yet_valid locked"},
		{"a file from its start", holding(file), starts, ""},
		{"a flag before the start", Facts{}.Yes(onLine, Flags{NotYetValid: true}), starts.Add(-1), "not_yet_valid locked"},
		{"a flag from the start", Facts{}.Yes(onLine, Flags{NotYetValid: true}), starts, ""},
		{"a flag after the start", Facts{}.Yes(past, Flags{NotYetValid: true}), starts, "not_yet_valid locked"},
		{"a flag and no start", Facts{}.Yes(once(), Flags{NotYetValid: true}), starts, "not_yet_valid locked"},
		{"on line without the flag", holding(onLine), t0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := causes(Decide(tt.facts, nil, tt.now)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	d := Decide(holding(file), nil, t0)
	if d.Until != starts || d.Next != (Change{At: starts}) || d.Remedy != WaitForStart {
		t.Errorf("before the start: until %v, next %+v, remedy %s", d.Until, d.Next, d.Remedy)
	}
	if d := Decide(holding(file), nil, starts); d.Since != starts {
		t.Errorf("active since %v, want the start %v", d.Since, starts)
	}
}

// The end of not_yet_valid does not end the state when another cause leads to
// the same one.
func TestStartDateUnderAnotherCause(t *testing.T) {
	file := fromFile()
	file.Starts, file.Expires = t0.Add(5*day), t0.Add(-365*day)
	f := holding(file)
	d := Decide(f, nil, t0)
	if d.State != Locked || !d.Until.IsZero() || d.Next != (Change{t0.Add(5 * day), Locked, Expired}) {
		t.Errorf("got %s until %v, next %+v", d.State, d.Until, d.Next)
	}
}

func TestReleaseCompliance(t *testing.T) {
	limited := func(l License) License { l.ReleaseLimit = "24"; return l }
	running := func(f Facts, v string, since time.Time) Facts {
		f.Software = Software{Version: v, Since: since}
		return f
	}
	flagged := Facts{Software: Software{Version: "25.0"}}.Yes(func() License {
		l := limited(once())
		l.JudgedVersion = "25.0"
		return l
	}(), Flags{VersionNotCovered: true})
	updated := t0.Add(3 * day)
	covering := once()
	covering.ReleaseLimit = "26"
	tests := []struct {
		name  string
		facts Facts
		want  string
		since time.Time
	}{
		{"the server judged this version", running(holding(limited(once())), "24.1", t0), "", t0},
		{"the server accepted what the rule does not", running(holding(func() License {
			l := limited(once())
			l.JudgedVersion = "25.0"
			return l
		}()), "25.0", t0), "", t0},
		{"updated to a covered release", running(holding(limited(once())), "24.9", updated), "", t0},
		{"updated beyond the limit", running(holding(limited(once())), "25.0", updated), "version_not_covered grace", updated},
		{"updated, no limit known", running(holding(once()), "25.0", updated), "", t0},
		{"a file that covers it", running(holding(limited(fromFile())), "24.9", t0), "", t0},
		{"a file that does not", running(holding(limited(fromFile())), "25.0", time.Time{}), "version_not_covered grace", t0},
		{"a file, version not known", running(holding(limited(fromFile())), "", t0), "", t0},
		{"refused by the server", flagged, "version_not_covered grace", t0},
		{"refused, then updated further", running(flagged, "26.0", updated), "version_not_covered grace", t0},
		{"refused, then taken back to a covered release", running(flagged, "24.9", updated), "", t0},
		{"refused, then the version is not known", running(flagged, "", updated), "version_not_covered grace", t0},
		{"refused, changed, no limit known", func() Facts {
			f := running(flagged, "24.9", updated)
			f.License.ReleaseLimit = ""
			return f
		}(), "version_not_covered grace", t0},
		{"refused by 1003, which knows more than the limit", running(refusingVersion(covering), "25.0", t0), "version_not_covered 1003 grace", t0.Add(minute)},
		{"refused by 1003 when the version was not known", running(Facts{}.Yes(covering, Flags{}).No(No{
			Endpoint: EndpointActivation, Code: 1003, Key: covering.Key, At: t0.Add(minute),
		}), "25.0", updated), "version_not_covered 1003 grace", t0.Add(minute)},
		{"refused by 1003, then taken back", running(refusingVersion(limited(once())), "24.9", updated), "", t0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := Decide(tt.facts, nil, t0.Add(4*day))
			if got := causes(d); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if d.Since != tt.since {
				t.Errorf("since %v, want %v", d.Since, tt.since)
			}
		})
	}
}

func refusingVersion(l License) Facts {
	f := Facts{Software: Software{Version: "25.0"}}.Yes(l, Flags{})
	return f.No(No{Endpoint: EndpointActivation, Code: 1003, Key: l.Key, At: t0.Add(minute)})
}

func TestSession(t *testing.T) {
	needed := holding(once()).WithSession(t0)
	held := needed.SessionYes(t0, t0.Add(hour))
	tests := []struct {
		name  string
		facts Facts
		now   time.Time
		want  string
	}{
		{"needed and not yet asked for", needed, t0, "session_missing active"},
		{"needed, a moment before patience ends", needed, t0.Add(2*minute - 1), "session_missing active"},
		{"needed, nobody asks", needed, t0.Add(2 * minute), "session_missing grace"},
		{"needed, nobody asks for long", needed, t0.Add(4 * hour), "session_missing read_only"},
		{"asked wrongly", needed.No(No{Endpoint: EndpointSessionOpen, Code: 12004, At: t0}), t0.Add(2 * minute), "session_missing 12004 grace"},
		{"asked wrongly, then refused", needed.No(No{Endpoint: EndpointSessionOpen, Code: 12004, At: t0}).
			No(No{Endpoint: EndpointSessionOpen, Code: 1007, At: t0.Add(minute)}), t0.Add(2 * minute), "connection_limit 1007 read_only"},
		{"asked wrongly, then held", needed.No(No{Endpoint: EndpointSessionOpen, Code: 12004, At: t0}).SessionYes(t0, t0.Add(hour)), t0.Add(hour), "session_missing active"},
		{"refused in words of a newer server", needed.No(No{Endpoint: EndpointSessionOpen, Code: 99999, At: t0}), t0.Add(day), ""},
		{"held", held, t0.Add(hour - 1), ""},
		{"ran out", held, t0.Add(hour), "session_missing active"},
		{"ran out, nobody asked", held, t0.Add(5 * hour), "session_missing read_only"},
		{"renewal is silent, session still good", held.Silent(SilentNetwork, t0.Add(30*minute)), t0.Add(45 * minute), ""},
		{"renewal is silent, counts from the end of the session", held.Silent(SilentNetwork, t0.Add(30*minute)), t0.Add(5 * hour), "session_missing read_only"},
		{"opening is silent", needed.Silent(SilentNetwork, t0.Add(3*hour)), t0.Add(4 * hour), "session_missing read_only"},
		{"closed", held.SessionClosed(t0.Add(minute)), t0.Add(3*minute - 1), "session_missing active"},
		{"closed, nobody asked again", held.SessionClosed(t0.Add(minute)), t0.Add(3 * minute), "session_missing grace"},
		{"refused", held.No(No{Endpoint: EndpointSessionOpen, Code: 1007, At: t0.Add(30 * minute)}), t0.Add(day), "connection_limit 1007 read_only"},
		{"refused for the licence's sake", held.No(No{Endpoint: EndpointSessionOpen, Code: 1002, At: t0.Add(30 * minute)}), t0.Add(day), "inactive 1002 locked"},
		{"refused, then silent", held.No(No{Endpoint: EndpointSessionOpen, Code: 1007, At: t0.Add(30 * minute)}).
			Silent(SilentNetwork, t0.Add(hour)), t0.Add(day), "connection_limit 1007 read_only"},
		{"refused, then given", held.No(No{Endpoint: EndpointSessionOpen, Code: 1007, At: t0.Add(30 * minute)}).
			SessionYes(t0.Add(hour), t0.Add(2*hour)), t0.Add(hour), ""},
		{"no longer needed", held.No(No{Endpoint: EndpointSessionOpen, Code: 1007, At: t0.Add(30 * minute)}).WithoutSession(), t0.Add(day), ""},
		{"nothing held", Facts{NoLicenseSince: t0, Session: held.Session}, t0.Add(day), "not_activated locked"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := causes(Decide(tt.facts, nil, tt.now)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestTimeNeverGoesBack(t *testing.T) {
	l := once()
	l.Expires = t0.Add(10 * day)
	f := holding(l)
	f.Clock.Mark = t0.Add(20 * day)
	want := Decide(f, nil, f.Clock.Mark)
	if want.State != ReadOnly {
		t.Fatalf("state %s at the mark", want.State)
	}
	for _, now := range []time.Time{{}, t0.Add(-365 * day), t0, t0.Add(20*day - 1)} {
		if got := Decide(f, nil, now); got != want {
			t.Errorf("at %v: %s %s", now, got.State, got.Cause)
		}
	}
	// Nor behind a No that leaves no refusal.
	f = holding(l).No(No{Endpoint: EndpointHeartbeat, Code: 99999, At: t0.Add(20 * day)})
	if got := causes(Decide(f, nil, t0)); got != "expired read_only" {
		t.Errorf("behind an answer: %q", got)
	}
	// A No counts at once, even if the computer's clock is behind the server's.
	behind := refusing(EndpointHeartbeat, 1002)
	if d := Decide(behind, nil, t0.Add(-day)); d.State != Locked {
		t.Errorf("a No from the future gives %s", d.State)
	}
}

func TestDecideWithoutPolicyIsStandard(t *testing.T) {
	f := holding(proven())
	for _, now := range []time.Time{t0, t0.Add(2 * day), t0.Add(10 * day), t0.Add(100 * day)} {
		if Decide(f, nil, now) != Decide(f, Standard(), now) {
			t.Errorf("they differ at %v", now)
		}
	}
}

// A policy that Validate refuses still gives a decision.
func TestDecideWithBrokenPolicies(t *testing.T) {
	f := refusing(EndpointHeartbeat, 1001)
	at := t0.Add(minute)
	for name, tt := range map[string]struct {
		ladder Ladder
		want   string
	}{
		"missing":            {nil, "active"},
		"falling":            {Ladder{{State: Locked}, {State: Grace}}, "locked"},
		"active in between":  {Ladder{{State: Grace}, {After{Plus: day}, Active}, {After{Plus: 2 * day}, Locked}}, "grace, locked +2d"},
		"earlier":            {Ladder{{After{Plus: day}, Grace}, {After{}, Locked}}, "active, locked +1d"},
		"unknown state":      {Ladder{{State: 200}}, "locked"},
		"unknown mark":       {Ladder{{After{From: 200, Plus: day}, Locked}}, "active, locked +1d"},
		"due where none is":  {Ladder{{After{From: Due, Plus: day}, Locked}}, "locked"},
		"negative":           {Ladder{{After{Plus: -day}, Locked}}, "locked"},
		"longer than states": {Ladder{{State: Grace}, {State: ReadOnly}, {State: Locked}, {State: Locked}, {State: Grace}, {State: Locked}}, "locked"},
	} {
		t.Run(name, func(t *testing.T) {
			p := Standard()
			p.Ladders[Expired] = tt.ladder
			if got := timeline(f, p, at); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// A step that counts from the last Yes and comes before the answer is due
// begins when it is due; one listed later does not begin before.
func TestStepsWaitForTheCause(t *testing.T) {
	p := Standard()
	p.DefaultFreeride = 0
	p.Ladders[Unreachable] = Ladder{{After{Plus: hour}, Grace}, {After{From: Due, Plus: 2 * hour}, ReadOnly}, {After{Plus: 25 * hour}, Locked}}
	f := holding(proven())
	if got, want := timeline(f, p, t0), "active, grace +1d, locked +1d2h"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	due := t0.Add(24 * hour)
	if d := Decide(f, p, due); d.Since != due || d.Next != (Change{due.Add(2 * hour), Locked, Unreachable}) {
		t.Errorf("since %v, next %+v", d.Since, d.Next)
	}
}

// Whatever a ladder says, Silence takes nothing away before freeride ends.
func TestSilenceWaitsForFreeride(t *testing.T) {
	riding := proven()
	riding.Freeride, riding.FreerideSet = 7*day, true
	tests := []struct {
		name   string
		ladder Ladder
		want   string
	}{
		{"locked at once", Ladder{{State: Locked}}, "active, locked +7d"},
		{"all at once", Ladder{{State: Grace}, {State: ReadOnly}, {State: Locked}}, "active, grace +1d, locked +7d"},
		{"from the due time", Ladder{overdue(ReadOnly), {After{From: Due, Plus: 9 * day}, Locked}}, "active, read_only +7d, locked +10d"},
		{"later than freeride", Ladder{after(8*day, ReadOnly)}, "active, read_only +8d"},
		{"grace only", Ladder{at0(Grace)}, "active, grace +1d"},
		{"from half of freeride", Ladder{halfFreeride(Grace), {After{From: HalfFreeride, Plus: day}, Locked}}, "active, grace +3d12h, locked +7d"},
		{"restricted from half of freeride", Ladder{halfFreeride(ReadOnly)}, "active, read_only +7d"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := Standard()
			for _, c := range []Cause{Unreachable, Unauthorized, SignatureInvalid} {
				p.Ladders[c] = tt.ladder
			}
			if err := p.Validate(); err != nil {
				t.Fatal(err)
			}
			for _, k := range []SilenceKind{NoSilence, SilentUnauthorized, SilentSignature} {
				if got := timeline(holding(riding).Silent(k, t0.Add(hour)), p, t0); got != tt.want {
					t.Errorf("silence %q: got %q, want %q", k, got, tt.want)
				}
			}
		})
	}
}

func TestFreerideInOtherLadders(t *testing.T) {
	l := once()
	l.Expires, l.Freeride, l.FreerideSet = t0.Add(day), 5*day, true
	p := Standard()
	p.Ladders[Expired] = Ladder{{State: Grace}, {After{From: Freeride}, ReadOnly}, {After{From: Freeride, Plus: day}, Locked}}
	if got, want := timeline(holding(l), p, t0), "active, grace +1d, read_only +6d, locked +7d"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDecisionInALine(t *testing.T) {
	l := once()
	l.Expires = t0
	for want, f := range map[string]Facts{
		"active":                                     holding(once()),
		"locked: inactive (conflict 1002)":           refusing(EndpointHeartbeat, 1002),
		"active, until 2026-03-04T00:00:00Z":         holding(proven()),
		"grace: expired, until 2026-03-09T12:00:00Z": holding(l).Yes(l, Flags{Expired: true}),
	} {
		if got := Decide(f, nil, t0).String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A transition keeps its instant when it is printed.
func TestTransitionString(t *testing.T) {
	x := Transition{At: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Decision: Decision{State: ReadOnly, Cause: Expired}}
	if got, want := fmt.Sprint(x), "from 2026-03-01T12:00:00Z read_only: expired"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestForecastEnds(t *testing.T) {
	if list := Forecast(Facts{}, nil, t0); list != nil {
		t.Errorf("nothing held: %d transitions", len(list))
	}
	l := proven()
	l.Expires = t0.Add(2 * day)
	list := Forecast(holding(l), nil, t0)
	if len(list) != 6 {
		t.Fatalf("%d transitions", len(list))
	}
	last := list[len(list)-1]
	if !last.Next.At.IsZero() || last.State != Locked || last.At != t0.Add(39*day) {
		t.Errorf("the last is %s at %v, next %v", last.State, last.At, last.Next.At)
	}
}

// The year 9999 is no end, at any instant of it.
func TestPerpetual(t *testing.T) {
	for _, of := range []time.Duration{0, 500 * time.Millisecond, hour} {
		l := once()
		l.Expires = neverTime.Add(of)
		if d := Decide(holding(l), nil, t0); !d.Next.At.IsZero() || !d.Until.IsZero() || d.State != Active {
			t.Errorf("%v: %v, next %+v", l.Expires, d, d.Next)
		}
	}
}

// A state began with the first of the causes that passed it on to one another, and
// not before a more severe one ended; active began with the proof of the licence,
// or when the last restriction ended.
func TestSinceWhen(t *testing.T) {
	lenient := Standard()
	lenient.Ladders[NotYetValid] = Ladder{at0(Grace)}
	starting := fromFile()
	starting.Starts, starting.Expires = t0.Add(day), t0.Add(30*day)
	limited := starting
	limited.ReleaseLimit = "24"
	updated := holding(limited)
	updated.Software = Software{Version: "25.0", Since: t0.Add(12 * hour)}
	for _, tt := range []struct {
		name   string
		facts  Facts
		policy *Policy
		now    time.Duration
		state  State
		since  time.Duration
	}{
		{"nothing was ever wrong", holding(once()), nil, day, Active, 0},
		{"a seat has been missing since before the proof", holding(once()).WithSession(t0.Add(-minute)), nil, 0, Active, 0},
		{"a start date is past", holding(starting), nil, 2 * day, Active, day},
		{"one cause passed it on to another", updated, lenient, 2 * day, Grace, 0},
		{"a more severe one ended", updated, nil, 2 * day, Grace, day},
	} {
		if d := Decide(tt.facts, tt.policy, t0.Add(tt.now)); d.State != tt.state || !d.Since.Equal(t0.Add(tt.since)) {
			t.Errorf("%s: %s since %v, want %s since %v", tt.name, d.State, d.Since, tt.state, t0.Add(tt.since))
		}
	}
}
