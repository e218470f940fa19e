package enforcement

import "time"

// Standard returns the default policy, fair to a paying user and firm on a
// verified No. Licences that do not say get a freeride of 3 days.
//
//	suspended, inactive           locked at once
//	expired                       grace at the expiration date, read_only 7 days, locked 37 days after it
//	not_yet_valid                 locked until the start date
//	version_not_covered           grace, read_only after 14 days
//	user_inactive                 locked at once
//	user_limit, connection_limit  read_only at once
//	device_mismatch               locked at once
//	not_activated                 locked at once
//	session_limit                 locked at once
//	session_missing               grace after 2 minutes, read_only after 4 hours
//	                              of running time; each start grants the 2 minutes anew
//	clock_rolled_back             grace, read_only after 24 hours
//	signature_invalid, unauthorized, unreachable
//	                              grace in the second half of freeride, once the
//	                              answer is overdue; read_only when freeride ends,
//	                              locked 14 days later
func Standard() *Policy {
	return &Policy{
		DefaultFreeride: 3 * day,
		Ladders: Ladders{
			Suspended:         {at0(Locked)},
			Inactive:          {at0(Locked)},
			Expired:           {at0(Grace), after(7*day, ReadOnly), after(37*day, Locked)},
			NotYetValid:       {at0(Locked)},
			VersionNotCovered: {at0(Grace), after(14*day, ReadOnly)},
			UserInactive:      {at0(Locked)},
			UserLimit:         {at0(ReadOnly)},
			DeviceMismatch:    {at0(Locked)},
			NotActivated:      {at0(Locked)},
			ConnectionLimit:   {at0(ReadOnly)},
			SessionLimit:      {at0(Locked)},
			SessionMissing:    {after(seatPatience, Grace), after(4*time.Hour, ReadOnly)},
			ClockRolledBack:   {at0(Grace), after(24*time.Hour, ReadOnly)},
			SignatureInvalid:  standardSilence(),
			Unauthorized:      standardSilence(),
			Unreachable:       standardSilence(),
		},
	}
}

func standardSilence() Ladder {
	return Ladder{halfFreeride(Grace), afterFreeride(0, ReadOnly), afterFreeride(14*day, Locked)}
}

// Strict returns a policy without grace of its own: every cause locks at once.
// Silence still costs nothing before the freeride that the licence grants is
// over (grace from when the answer is overdue), but a licence that does not say
// has none and is locked as soon as the answer is overdue. A floating licence
// is locked when it has been without a session for 2 minutes: after a start there
// must be time to ask for one.
func Strict() *Policy {
	p := &Policy{}
	for _, c := range Causes() {
		p.Ladders[c] = Ladder{at0(Locked)}
		if c.Silent() {
			p.Ladders[c] = Ladder{overdue(Grace), afterFreeride(0, Locked)}
		}
	}
	p.Ladders[SessionMissing] = Ladder{after(seatPatience, Locked)}
	return p
}

// Lenient returns a policy with long grace that never locks. Licences that do
// not say get a freeride of 14 days.
//
//	suspended, inactive           read_only at once
//	expired                       grace at the expiration date, read_only 30 days after it
//	not_yet_valid                 read_only until the start date
//	version_not_covered           grace, read_only after 60 days
//	user_inactive                 grace, read_only after 7 days
//	user_limit, connection_limit  grace, read_only after 1 day
//	device_mismatch               grace, read_only after 14 days
//	not_activated                 read_only at once
//	session_limit                 read_only at once
//	session_missing               grace after 2 minutes, read_only after 1 day of
//	                              running time; each start grants the 2 minutes anew
//	clock_rolled_back             grace, read_only after 7 days
//	signature_invalid, unauthorized, unreachable
//	                              grace in the second half of freeride, once the
//	                              answer is overdue; read_only 14 days after
//	                              freeride ends
func Lenient() *Policy {
	silence := func() Ladder { return Ladder{halfFreeride(Grace), afterFreeride(14*day, ReadOnly)} }
	return &Policy{
		DefaultFreeride: 14 * day,
		Ladders: Ladders{
			Suspended:         {at0(ReadOnly)},
			Inactive:          {at0(ReadOnly)},
			Expired:           {at0(Grace), after(30*day, ReadOnly)},
			NotYetValid:       {at0(ReadOnly)},
			VersionNotCovered: {at0(Grace), after(60*day, ReadOnly)},
			UserInactive:      {at0(Grace), after(7*day, ReadOnly)},
			UserLimit:         {at0(Grace), after(1*day, ReadOnly)},
			DeviceMismatch:    {at0(Grace), after(14*day, ReadOnly)},
			NotActivated:      {at0(ReadOnly)},
			ConnectionLimit:   {at0(Grace), after(1*day, ReadOnly)},
			SessionLimit:      {at0(ReadOnly)},
			SessionMissing:    {after(seatPatience, Grace), after(1*day, ReadOnly)},
			ClockRolledBack:   {at0(Grace), after(7*day, ReadOnly)},
			SignatureInvalid:  silence(),
			Unauthorized:      silence(),
			Unreachable:       silence(),
		},
	}
}

// Advisory returns a policy that reports every cause and restricts nothing:
// the state is always Active.
func Advisory() *Policy {
	p := &Policy{DefaultFreeride: 3 * day}
	for _, c := range Causes() {
		p.Ladders[c] = Ladder{}
	}
	return p
}

// presets are the policies that have a name.
var presets = [...]struct {
	name string
	make func() *Policy
}{
	{"standard", Standard},
	{"strict", Strict},
	{"lenient", Lenient},
	{"advisory", Advisory},
}

// Presets returns the names of the presets.
func Presets() []string {
	names := make([]string, len(presets))
	for i, p := range presets {
		names[i] = p.name
	}
	return names
}

// Preset returns the policy with that name.
func Preset(name string) (*Policy, bool) {
	for _, p := range presets {
		if p.name == name {
			return p.make(), true
		}
	}
	return nil, false
}

// standard is what Decide takes for a nil policy. It is never changed.
var standard = Standard()

// seatPatience is how long an application may take to get its seat.
const seatPatience = 2 * time.Minute

// day is 24 hours: freeride and ladders count elapsed time, not calendar days.
const day = 24 * time.Hour

// The steps of the tables above.

func at0(s State) Step                    { return Step{State: s} }
func after(d time.Duration, s State) Step { return Step{After{Plus: d}, s} }
func overdue(s State) Step                { return Step{After{From: Due}, s} }
func halfFreeride(s State) Step           { return Step{After{From: HalfFreeride}, s} }

func afterFreeride(d time.Duration, s State) Step {
	return Step{After{From: Freeride, Plus: d}, s}
}
