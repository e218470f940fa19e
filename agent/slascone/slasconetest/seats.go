package slasconetest

import (
	"cmp"
	"slices"
	"time"
	"unique"

	"github.com/google/uuid"
)

// client is a Client as it is kept. A fleet has a million of them, so that what
// many have in common is shared, what few have lies elsewhere, and instants are
// numbers.
type client struct {
	id            string
	user          string
	traits        unique.Handle[traits]
	lastHeartbeat int64    // microseconds since 1970; 0: none yet
	seats         []*token // at most one normal and one temporary for each product
	place         int      // in store.roll
}

// traits are alike on many machines.
type traits struct{ name, description, version, system string }

// suspension is until when a client is refused, and how.
type suspension struct {
	until    time.Time
	conflict int // 0: the configured one
}

// token is a Token as it is kept.
type token struct {
	id       uuid.UUID
	of       *license
	client   *client // nil: free
	assigned int64   // microseconds since 1970
}

func (t *token) key() string { return t.id.String() }

// when is the assignment's time.
func (t *token) when() time.Time { return instant(t.assigned) }

func instant(micro int64) time.Time {
	if micro == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micro).UTC()
}

// public is the token as the server tells of it.
func (t *token) public() Token {
	p := Token{Key: t.key(), LicenseKey: t.of.Key}
	if t.client != nil {
		p.ClientID, p.Assigned = t.client.id, t.when()
	}
	return p
}

// public is the client as the server tells of it.
func (st *store) public(c *client) Client {
	known, refused := c.traits.Value(), st.suspended[c]
	p := Client{
		ID: c.id, Name: known.name, Description: known.description, UserID: c.user,
		SoftwareVersion: known.version, OperatingSystem: known.system,
		LastHeartbeat: instant(c.lastHeartbeat), SuspendedUntil: refused.until, Suspension: refused.conflict,
		TokenKeys: make([]string, len(c.seats)),
	}
	for i, t := range c.seats {
		p.TokenKeys[i] = t.key()
	}
	return p
}

// client finds a client by its ID.
func (st *store) client(id string) *client { return st.clients[fold(id)] }

// enrolClient adds a client.
func (st *store) enrolClient(id string) *client {
	c := &client{id: id, traits: unique.Make(traits{}), place: len(st.roll)}
	st.roll = append(st.roll, c)
	st.clients[fold(id)] = c
	return c
}

// forget removes a client, which has no seat any more.
func (st *store) forget(c *client) {
	last := len(st.roll) - 1
	st.roll[c.place] = st.roll[last]
	st.roll[c.place].place = c.place
	st.roll[last] = nil
	st.roll = st.roll[:last]
	delete(st.clients, fold(c.id))
	delete(st.suspended, c)
}

// describe notes what a client says of itself; what it leaves out stays.
func (c *client) describe(said traits) {
	known := c.traits.Value()
	c.traits = unique.Make(traits{
		cmp.Or(said.name, known.name), cmp.Or(said.description, known.description), cmp.Or(said.version, known.version), cmp.Or(said.system, known.system),
	})
}

// token finds a token by its key.
func (st *store) token(key string) *token {
	id, err := uuid.Parse(key)
	if err != nil {
		return nil
	}
	return st.tokens[id]
}

// addToken makes a token of a licence that nobody holds.
func (st *store) addToken(l *license, id uuid.UUID) *token {
	t := &token{id: id, of: l}
	l.tokens = append(l.tokens, t)
	l.vacant = append(l.vacant, t)
	st.tokens[id] = t
	return t
}

// assign gives the token to a client.
func (st *store) assign(t *token, c *client, now time.Time) {
	if t.of.vacant[0] == t {
		t.of.vacant = t.of.vacant[1:]
	} else {
		t.of.vacant = slices.DeleteFunc(t.of.vacant, func(other *token) bool { return other == t })
	}
	t.client, t.assigned = c, now.UnixMicro()
	c.seats = append(c.seats, t)
}

// release frees the token and ends its client's sessions on the licence.
func (st *store) release(t *token) {
	c := t.client
	if c == nil {
		return
	}
	c.seats = slices.DeleteFunc(c.seats, func(other *token) bool { return other == t })
	if len(t.of.sessionsOf[fold(c.id)]) > 0 {
		t.of.endSessions(func(s *Session) bool { return fold(s.ClientID) == fold(c.id) })
	}
	t.client, t.assigned = nil, 0
	t.of.vacant = append(t.of.vacant, t)
}

// free returns a token that may be assigned, or nil when all are taken.
// Floating licences hand out as many as are asked for: their limit is on
// sessions (SLASCONE help centre 360016152858).
func (l *license) free(st *store) *token {
	if len(l.vacant) > 0 {
		return l.vacant[0]
	}
	return l.issue(st)
}

// taken is how many seats have a client.
func (l *license) taken() int { return len(l.tokens) - len(l.vacant) }

// hasFree reports whether another client could be seated.
func (l *license) hasFree() bool { return len(l.vacant) > 0 || l.mayIssue() }

func (l *license) mayIssue() bool {
	return l.Floating || l.TokenLimit == nil || len(l.tokens) < *l.TokenLimit+l.GoodwillTokens
}

// issue makes one more token within the limits, or returns nil.
func (l *license) issue(st *store) *token {
	if !l.mayIssue() {
		return nil
	}
	return st.addToken(l, uuid.New())
}

// heldBy is the client's token of the licence; c is nil for one that is not
// known.
func (l *license) heldBy(c *client) *token {
	if c == nil {
		return nil
	}
	for _, t := range c.seats {
		if t.of == l {
			return t
		}
	}
	return nil
}

// seat returns the token that a client holds for a product. A temporary one
// wins over a normal one (SLASCONE help centre 360016992278).
func (st *store) seat(c *client, productID string) *token {
	var seat *token
	for _, t := range c.seats {
		if fold(t.of.ProductID) == fold(productID) && (seat == nil || t.of.Temporary) {
			seat = t
		}
	}
	return seat
}

// lapse ends what has ended by now: sessions past their time and the tokens of
// expired temporary licences.
func (st *store) lapse(l *license, now time.Time) {
	if len(l.sessions) > 0 && !now.Before(l.nextLapse) {
		l.endSessions(func(s *Session) bool { return !now.Before(s.ValidUntil) })
		l.nextLapse = time.Time{}
		for _, s := range l.sessions {
			l.lapseAt(s.ValidUntil)
		}
	}
	if !l.Temporary || l.taken() == 0 || l.dates(now) != dateExpired {
		return
	}
	for _, t := range l.tokens {
		st.release(t)
	}
}

// lapseAt notes that a session ends then: none needs to be looked at before the
// first does.
func (l *license) lapseAt(at time.Time) {
	if l.nextLapse.IsZero() || at.Before(l.nextLapse) {
		l.nextLapse = at
	}
}

// lapseClient is lapse for every licence that a client holds.
func (st *store) lapseClient(c *client, now time.Time) {
	for i := len(c.seats) - 1; i >= 0; i-- { // lapsing takes seats away
		if i < len(c.seats) {
			st.lapse(c.seats[i].of, now)
		}
	}
}

// sortedClients lists the clients by ID.
func (st *store) sortedClients() []*client {
	return slices.SortedFunc(slices.Values(st.roll), func(a, b *client) int { return cmp.Compare(a.id, b.id) })
}
