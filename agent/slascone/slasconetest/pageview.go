package slasconetest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The page shows the first of long lists, and how many more there are.
const (
	shownLicenses = 50
	shownRows     = 50
	shownTokens   = 20

	sortedOnPage = 5000 // clients
)

// pageView is what the page shows, in words.
type pageView struct {
	Message string

	ISV     string
	Signing Signing
	Outage  bool

	Now, NowISO, Shift string

	LicenseCount, MoreLicenses int
	Licenses                   []licenseView

	ClientCount, MoreClients int
	Clients                  []clientView

	SessionCount, MoreSessions int
	Sessions                   []sessionView

	Endpoints  []Endpoint
	FaultKinds []FaultKind
	Faults     []faultView

	Requests []requestView
}

type licenseView struct {
	Key, Name, Description string
	Kinds                  []string
	State, StateClass      string
	Inactive, Expired      bool
	Seats, Ends            string
	Amounts                []string
	Terms                  string
	TermLines              int
	Tokens                 []Token
	MoreTokens             int
}

type clientView struct {
	N                         int // in the list, for the names of buttons
	ID, Name, UserID, Version string
	Licenses                  []string
	LastHeartbeat             string
	Suspended                 bool
}

type sessionView struct{ ID, ClientID, UserID, License, Ends string }

type faultView struct {
	ID    int
	Words string
}

type requestView struct{ Time, Endpoint, ClientID, Outcome, Class, Why string }

// pageView reads what there is to show. It looks at no more than it shows, so
// that a page that is open costs a server with many clients nothing.
func (s *Server) pageView() pageView {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	v := pageView{
		ISV: s.cfg.ISV, Signing: s.cfg.Signing, Outage: s.outage,
		Now: now.Format("Mon 2 Jan 2006, 15:04:05") + " UTC", NowISO: now.Format(time.RFC3339), Shift: shiftWords(s.offset),
		LicenseCount: len(s.store.licenses), ClientCount: len(s.store.clients),
		Endpoints: Endpoints(), FaultKinds: FaultKinds(),
	}
	for _, l := range s.store.licenses {
		s.store.lapse(l, now)
		v.SessionCount += len(l.sessions)
		if len(v.Licenses) < shownLicenses {
			v.Licenses = append(v.Licenses, l.view(now))
		}
		for _, open := range l.sessions {
			if len(v.Sessions) < shownRows {
				v.Sessions = append(v.Sessions, sessionView{open.ID, open.ClientID, open.UserID, l.Name, distance(open.ValidUntil, now)})
			}
		}
	}
	v.Clients = s.clientViews(now)
	v.MoreLicenses, v.MoreClients, v.MoreSessions = v.LicenseCount-len(v.Licenses), v.ClientCount-len(v.Clients), v.SessionCount-len(v.Sessions)
	for _, f := range s.faults {
		v.Faults = append(v.Faults, faultView{f.ID, f.words()})
	}
	v.Requests = s.log.views()
	return v
}

// shiftWords says by how much the clock was moved; less than a second is nothing.
func shiftWords(offset time.Duration) string {
	switch offset = offset.Round(time.Second); {
	case offset > 0:
		return spanWords(offset) + " ahead"
	case offset < 0:
		return spanWords(-offset) + " behind"
	}
	return ""
}

func (l *license) view(now time.Time) licenseView {
	v := licenseView{
		Key: l.Key, Name: l.Name, Description: l.Description, Inactive: l.Inactive, Expired: l.dates(now) == dateExpired,
		State: "valid", StateClass: "good", Ends: "never ends",
	}
	switch {
	case l.Inactive:
		v.State, v.StateClass = "switched off", "bad"
	case v.Expired:
		v.State, v.StateClass = "expired", "bad"
	case l.dates(now) == dateNotYetValid:
		v.State, v.StateClass = "not started", "warn"
	}
	v.Kinds = l.kinds()
	if !l.Expires.IsZero() {
		ends := "ends "
		if v.Expired {
			ends = "ended "
		}
		v.Ends = ends + l.Expires.UTC().Format("2 Jan 2006") + ", " + distance(l.Expires, now)
	}
	taken := l.taken()
	v.Seats = fmt.Sprintf("%d of %s seats", taken, limitWords(l.TokenLimit))
	if l.Floating {
		v.Seats = fmt.Sprintf("%d of %s sessions, %d devices", len(l.sessions), limitWords(l.FloatingTokenLimit), taken)
	}
	for _, of := range l.Limitations {
		amount := cmp.Or(of.Value, "∞")
		if of.Reset != ResetDisabled {
			amount = fmt.Sprintf("%s of %s", l.consumed(of, now), amount)
		}
		v.Amounts = append(v.Amounts, of.Name+" "+amount)
	}
	terms, err := json.MarshalIndent(l.License, "", "  ")
	if err == nil {
		v.Terms, v.TermLines = string(terms), min(24, strings.Count(string(terms), "\n")+1)
	}
	for _, t := range l.tokens {
		if len(v.Tokens) == shownTokens {
			break
		}
		if t.client != nil {
			v.Tokens = append(v.Tokens, t.public())
		}
	}
	v.MoreTokens = taken - len(v.Tokens)
	return v
}

// kinds are the licence's properties that are worth a badge.
func (l *license) kinds() []string {
	kinds := []string{[]string{"named", "floating"}[number(l.Floating)]}
	if l.ForUsers {
		kinds = append(kinds, "users")
	}
	if l.Temporary {
		kinds = append(kinds, "temporary")
	}
	if l.ReleaseLimit != "" {
		kinds = append(kinds, "up to "+l.ReleaseLimit)
	}
	return kinds
}

func limitWords(limit *int) string {
	if limit == nil || *limit == math.MaxInt32 {
		return "∞"
	}
	return strconv.Itoa(*limit)
}

// clientViews shows the clients that were heard last. Of very many it shows some
// of those that the request log knows, so that nobody waits for sorting.
func (s *Server) clientViews(now time.Time) []clientView {
	var clients []*client
	if len(s.store.roll) <= sortedOnPage {
		clients = slices.Clone(s.store.roll)
		slices.SortFunc(clients, func(a, b *client) int {
			return cmp.Or(cmp.Compare(b.lastHeartbeat, a.lastHeartbeat), cmp.Compare(a.id, b.id))
		})
	} else {
		for _, r := range s.log.entries[max(0, len(s.log.entries)-4*shownRows):] {
			if c := s.store.client(clientOf(r.Body)); c != nil && !slices.Contains(clients, c) {
				clients = append(clients, c)
			}
		}
		slices.Reverse(clients)
	}
	list := []clientView{}
	for _, c := range clients[:min(len(clients), shownRows)] {
		p := s.store.public(c)
		v := clientView{N: len(list), ID: p.ID, Name: p.Name, UserID: p.UserID, Version: p.SoftwareVersion, LastHeartbeat: "none yet", Suspended: now.Before(p.SuspendedUntil)}
		if !p.LastHeartbeat.IsZero() {
			v.LastHeartbeat = distance(p.LastHeartbeat, now)
		}
		for _, t := range c.seats {
			v.Licenses = append(v.Licenses, t.of.Name)
		}
		list = append(list, v)
	}
	return list
}

func (f *Fault) words() string {
	value := ""
	switch f.Kind {
	case FaultStatus:
		value = " " + strconv.Itoa(f.Status)
	case FaultConflict:
		value = " " + strconv.Itoa(f.Conflict)
	case FaultDelay:
		value = " " + time.Duration(f.Delay).String()
	}
	times := "until ended"
	if f.Times > 0 {
		times = fmt.Sprintf("%d times", f.Times)
	}
	return fmt.Sprintf("%s: %s%s, %s", cmp.Or(string(f.Endpoint), "every endpoint"), f.Kind, value, times)
}

// views are the last requests, newest first.
func (l *requestLog) views() []requestView {
	var list []requestView
	for _, r := range slices.Backward(l.entries) {
		if len(list) == shownRows {
			break
		}
		v := requestView{Time: r.Time.UTC().Format("15:04:05"), Endpoint: strings.ReplaceAll(string(r.Endpoint), "_", " "), ClientID: clientOf(r.Body), Outcome: strconv.Itoa(r.Status), Class: "bad"}
		switch {
		case r.Status == 0:
			v.Outcome = "no answer"
		case r.Status == 200 && r.Fault == "":
			v.Class = "good"
		case r.Conflict != 0:
			v.Outcome, v.Class = strconv.Itoa(r.Conflict), "warn"
			v.Why = conflictID(r.Conflict).message()
		}
		if r.Fault != "" {
			v.Why = "fault: " + string(r.Fault)
		}
		list = append(list, v)
	}
	return list
}

// distance words an instant by how far it is from now.
func distance(at, now time.Time) string {
	switch d := at.Sub(now); {
	case d >= time.Second:
		return "in " + spanWords(d)
	case d <= -time.Second:
		return spanWords(-d) + " ago"
	}
	return "now"
}

// spanWords words a duration by its largest unit, or two.
func spanWords(d time.Duration) string {
	const day = 24 * time.Hour
	count := func(n time.Duration, unit string) string {
		if n == 1 {
			return "1 " + unit
		}
		return fmt.Sprintf("%d %ss", n, unit)
	}
	switch {
	case d >= 3*day:
		return count(d/day, "day")
	case d >= day:
		return strings.TrimSuffix(count(d/day, "day")+" "+count(d%day/time.Hour, "hour"), " 0 hours")
	case d >= time.Hour:
		return strings.TrimSuffix(count(d/time.Hour, "hour")+" "+count(d%time.Hour/time.Minute, "minute"), " 0 minutes")
	case d >= time.Minute:
		return count(d/time.Minute, "minute")
	}
	return count(d/time.Second, "second")
}
