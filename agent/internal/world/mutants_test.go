package world

// mutants are rules of the code, each broken on purpose: where, by which text
// instead of which, and what is broken. TestMutants applies them one at a time and
// wants the world, or the model of package clock, to notice. A mutant with a
// keeper is noticed by that test, which TestMutants runs instead of the stories: chance
// does not bring together in two minutes what it takes. Where the keeper is a named
// story of this package, the truths of the world notice.
var mutants = []struct {
	file, old, broken string
	rule              string
	keeper            string // package and test, as "./agent TestX"
}{
	// Time.
	{file: "agent/internal/clock/line.go", old: "signedLead = int64(time.Hour)", broken: "signedLead = int64(100000 * time.Hour)", rule: "a signed time far ahead is a lead first"},
	{file: "agent/internal/clock/line.go", old: "wallLead = int64(24 * time.Hour)", broken: "wallLead = int64(100000 * time.Hour)", rule: "a jump of the wall clock by more than a day is a lead first"},
	{file: "agent/internal/clock/line.go", old: "	next.base += ran\n", broken: "", rule: "the line moves with the monotonic clock"},
	{file: "agent/internal/clock/line.go", old: "case reading-top >= -tolerance:", broken: "case reading-top >= -100000*tolerance:", rule: "a clock that was turned back is found", keeper: "./agent/internal/clock Test"},
	{file: "agent/internal/clock/line.go", old: "	next.charge += by\n", broken: "", rule: "a killed process is charged for what it had not kept"},
	{file: "agent/internal/clock/line.go", old: "	return within(l.dropped, t)\n", broken: "	return none\n", rule: "what was signed in a lead that was dropped does not come back"},
	{file: "agent/internal/clock/line.go", old: "	return apart >= settling && apart >=", broken: "	return apart >= 0*settling || apart >=", rule: "a lead is settled by an answer that is far enough from the first"},
	{file: "agent/internal/clock/line.go", old: "	next.wall, next.since, next.restored = none, none, none\n", broken: "	next.wall = none\n", rule: "an answer ends that the clock was turned back"},
	{file: "agent/internal/clock/line.go", old: "	l.base, l.confirmed, l.confirmedAt = t, t, l.mono\n", broken: "	l.confirmed, l.confirmedAt = t, l.mono\n", rule: "an answer sets the line"},
	{file: "agent/internal/clock/kept.go", old: "	return last.Truncate(KeptEvery) + KeptEvery\n", broken: "	return last.Truncate(KeptEvery) + 1000*KeptEvery\n", rule: "the line is kept every quarter of an hour"},

	// The ledger, and what readers see.
	{file: "agent/internal/ledger/clock.go", old: "	st.HighWater = own.Mark\n", broken: "", rule: "the line is kept with the record"},
	{file: "agent/internal/ledger/run.go", old: "		l.clock.Charge(clock.NextKept(run.Kept) - run.Kept)\n", broken: "", rule: "the next start charges a run that was killed", keeper: "./agent TestGames"},
	{file: "agent/internal/ledger/ledger.go", old: "	for _, fold := range l.unkept {\n		fold(&k)\n	}\n", broken: "", rule: "what could not be kept counts on when another process has written", keeper: "./agent/internal/ledger Test"},
	{file: "agent/internal/ledger/ledger.go", old: "	return !l.witnessed && st.Sequence == l.state.Sequence && !st.ServerTime.After(l.state.ServerTime)\n", broken: "	return true\n", rule: "what another process has kept is taken over"},
	{file: "agent/internal/ledger/publish.go", old: "		l.Changed(old, v)\n	}\n	l.announcing.Unlock()", broken: "		_ = old\n	}\n	l.announcing.Unlock()", rule: "a change is told"},
	{file: "agent/internal/view/view.go", old: "	return v.from <= now && now < v.next && rolledBack", broken: "	return rolledBack", rule: "no reader gets a decision whose time is over"},
	{file: "agent/internal/view/view.go", old: "at.Granted >= grants(f, p) &&", broken: "at.Granted >= grants(f, p)+1<<62 &&", rule: "all leads together grant one freeride", keeper: "./agent/internal/view Test"},
	{file: "agent/internal/alarm/alarm.go", old: "	wait := min(max(at.Sub(now), 0)+time.Millisecond, longestAlarm)\n", broken: "	wait := longestAlarm\n", rule: "a change comes by itself at its instant"},
	{file: "agent/internal/hub/hub.go", old: "	r.queue = append(r.queue, e)\n", broken: "	r.queue = append([]E{e}, r.queue...)\n", rule: "events come in order"},

	// The licence.
	{file: "agent/internal/lease/doubt.go", old: "	if old(k.ReceivedAt) {\n", broken: "	if false && old(k.ReceivedAt) {\n", rule: "the answer that is held is fresh once"},
	{file: "agent/internal/lease/giveback.go", old: "			Past: was, JournalKey", broken: "			Past: &record.Past{LicenseKey: was.LicenseKey, Refusals: was.Refusals}, JournalKey", rule: "the answer of a licence that was given back is not believed again", keeper: "./agent/internal/lease Test"},
	{file: "agent/internal/lease/giveback.go", old: " JournalKey: k.JournalKey,", broken: "", rule: "what waits to be reported survives that the seat is given back", keeper: "./agent TestDeactivateLosesNoReport"},
	{file: "agent/internal/lease/learn.go", old: "		l.Ledger.SetClock(a.At)\n", broken: "", rule: "an answer sets the clock"},
	{file: "agent/slascone/exchange.go", old: "if err := c.verifier.verify(nonce, nonceSignature); err != nil {", broken: "if err := c.verifier.verify(nonce, nonceSignature); err != nil && false {", rule: "an answer proves that it is to this request"},
	{file: "agent/slascone/exchange.go", old: "if err := c.verifier.verify(body, signature); err != nil {", broken: "if err := c.verifier.verify(body, signature); err != nil && false {", rule: "an answer proves that it is the server's"},
	{file: "agent/slascone/license.go", old: "	case !strings.EqualFold(*i.ClientID, want.clientID):\n		return fail(Foreign, \"for another client\")\n", broken: "", rule: "an answer for another client is not believed", keeper: "./agent/slascone TestBinding"},
	{file: "agent/slascone/license.go", old: "	if accepted, outdated := want.known.outdatedBy(i.CreatedDate.Time); outdated {", broken: "	if accepted, outdated := want.known.outdatedBy(i.CreatedDate.Time); outdated && false {", rule: "an answer from before is not believed", keeper: "./agent/slascone TestStale"},
	{file: "enforcement/presets.go", old: "			Expired:           {at0(Grace), after(7*day, ReadOnly), after(37*day, Locked)},", broken: "			Expired:           {at0(Grace), after(70*day, ReadOnly), after(370*day, Locked)},", rule: "an expired licence serves for a week"},
	{file: "enforcement/presets.go", old: "			Inactive:          {at0(Locked)},\n			Expired:           {at0(Grace), after(7*", broken: "			Inactive:          {at0(Grace)},\n			Expired:           {at0(Grace), after(7*", rule: "a licence that is switched off locks"},
	{file: "enforcement/answer.go", old: "	if held && n.Key != \"\" && !sameKey(n.Key, f.License.Key) {\n		return\n	}\n", broken: "", rule: "a refusal of another key leaves the licence alone", keeper: "./enforcement Test"},
	{file: "enforcement/answer.go", old: "	f.Silence = Silence{}\n	held := f.Held()\n", broken: "	held := f.Held()\n", rule: "an answer ends silence", keeper: "./enforcement Test"},
	{file: "agent/internal/record/facts.go", old: "		Inactive:          !v.Active,\n", broken: "", rule: "the flags of a 200 count", keeper: "./agent/internal/record Test"},

	// Heartbeats.
	{file: "heartbeat/plan.go", old: "	default:\n		at = p.regular()\n", broken: "	default:\n		at = p.regular().Add(20 * 24 * time.Hour)\n", rule: "heartbeats follow their schedule"},
	{file: "heartbeat/plan.go", old: "	case p.Failures > 0:\n		at = p.retry()\n", broken: "	case p.Failures > 0:\n		at = p.retry().Add(20 * 24 * time.Hour)\n", rule: "a failed heartbeat is tried again"},
	{file: "heartbeat/plan.go", old: "	p.RetryAfter = min(max(retryAfter, 0), MaxRetryAfter)\n", broken: "	p.RetryAfter = 0\n", rule: "Retry-After is respected", keeper: "./heartbeat Test"},

	// Seats.
	{file: "agent/internal/seat/seat.go", old: "	if !last {\n		return nil\n	}\n", broken: "	if !last {\n		release = func() {}\n	}\n", rule: "a window that others share the seat with does not give it back", keeper: "./agent/internal/seat TestReleaseBesideAnotherWindow"},
	{file: "agent/internal/seat/seat.go", old: "		if s.Checkout == 0 {\n			return h.Close(ctx)\n", broken: "		if s.Checkout == 0 {\n			return nil\n", rule: "the last window gives the seat back"},
	{file: "agent/internal/seat/seat.go", old: "		return k.Seat.SessionID != \"\" && k.Seat.SessionID != forgotten &&", broken: "		return k.Seat.SessionID != \"\" && k.Seat.SessionID != forgotten && !k.Seat.Held() &&", rule: "a renewal is of the same session"},
	{file: "agent/internal/seat/schedule.go", old: "heartbeat.Nearest(k.SeatPeriod()/2), job", broken: "heartbeat.Nearest(k.SeatPeriod()*24), job", rule: "a seat is renewed within its period"},
	{file: "agent/internal/seat/seat.go", old: "k.Seat.Unwanted = answer.Evidence, checkout, false\n", broken: "k.Seat.Unwanted = slascone.Evidence{}, checkout, false\n", rule: "a seat that was given is held", keeper: "./agent TestSoak"},

	// What is reported.
	{file: "agent/internal/outbox/delivery.go", old: "		return d.claim.Acknowledge(ctx, entries[len(entries)-1].Position)\n", broken: "		return nil\n", rule: "what was delivered is not sent again", keeper: "./agent/internal/outbox TestADeliveryEnds"},
	{file: "agent/internal/outbox/delivery.go", old: "		d.taken = append(d.taken, entries...)\n", broken: "", rule: "what was delivered and could not be noted is not sent again", keeper: "./agent/internal/outbox TestWhatIsTakenIsNotSentAgain"},
	{file: "agent/internal/outbox/schedule.go", old: "	interval = time.Hour\n", broken: "	interval = 1000 * time.Hour\n", rule: "reports wait for an hour at most"},
	{file: "agent/internal/outbox/outbox.go", old: "	if err := j.Append(ctx, data...); err != nil {\n		return err\n", broken: "	if err := j.Append(ctx, data...); err != nil {\n		return nil\n", rule: "what was acknowledged is kept", keeper: "./agent/internal/world TestWhatIsAcknowledgedOnAFullDiskIsKept"},
	{file: "agent/internal/quota/quota.go", old: "	if !held || !limit.Unlimited() && (!known || left.LessThan(use.Value)) {", broken: "	if !held || !limit.Unlimited() && !known {", rule: "no more is booked than is known to remain", keeper: "./agent/internal/world TestNoMoreIsConsumedOffLineThanRemains"},
	{file: "agent/internal/record/account.go", old: "x.Booked.Add(amount), now\n", broken: "x.Booked, now\n", rule: "what was booked is no longer left", keeper: "./agent/internal/world TestNoMoreIsConsumedWithoutTheJournal"},

	// Storage.
	{file: "storage/local.go", old: "	next.Sequence = max(v.last(), next.Sequence) + 1\n", broken: "	next.Sequence = max(v.last(), next.Sequence, 1)\n", rule: "each commit is newer than the one before", keeper: "./agent/internal/world TestNoMoreIsConsumedOffLineThanRemains"},
	{file: "storage/record.go", old: "		return nil, fmt.Errorf(\"%w: it was sealed for another device\", ErrForeign)\n", broken: "		_ = ErrForeign\n", rule: "a record is one device's", keeper: "./storage Test"},
	{file: "storage/local.go", old: "		if err := l.writeMark(m); err != nil {\n			l.cfg", broken: "		if err := error(nil); err != nil {\n			l.cfg", rule: "a mark bears witness to the newest record", keeper: "./storage Test"},
	{file: "agent/internal/guard/guard.go", old: "			resp, err = nil, fmt.Errorf(\"the application's HTTP transport panicked: %v\", v)\n", broken: "			panic(fmt.Sprint(v))\n", rule: "a panic of the application's transport is a failed call", keeper: "./agent/internal/guard Test"},
}
