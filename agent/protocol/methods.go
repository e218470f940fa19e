package protocol

import (
	"context"
	"sync"
)

// needs says what a method is about.
type needs int

const (
	needsNone   needs = iota // about no agent
	needsAgent               // about an open agent
	needsEither              // about an agent where one is named
)

// method is one call of the protocol.
type method struct {
	name    string
	needs   needs
	asks    bool // the licence server is asked, where the agent does not know better
	ends    bool // the agent is closed
	changes bool // what the agent allows may be something else afterwards
	about   string
	params  any // the zero value of its parameters' type
	result  any // the zero value of its result's type
	call    func(ctx context.Context, s *Server, e *entry, params []byte) (any, error)
}

// on makes a method of a function that takes decoded parameters.
func on[P, R any](m method, call func(ctx context.Context, s *Server, e *entry, p P) (R, error)) *method {
	var p P
	var r R
	m.params, m.result = p, r
	m.call = func(ctx context.Context, s *Server, e *entry, params []byte) (any, error) {
		p, err := decodeParams[P](params)
		if err != nil {
			return nil, err
		}
		return call(ctx, s, e, p)
	}
	return &m
}

// none are the parameters of a method that takes none, and the result of one
// that has nothing to tell.
type none struct{}

// table holds all methods once they were asked for: begin calls others, so that
// it cannot be initialized with them.
var table struct {
	once sync.Once
	list []*method
}

// methods are all methods, in the order of the reference.
func methods() []*method {
	return []*method{
		on(method{name: "open", about: "Open an agent: read what is kept on this machine, decide from that, and begin heartbeats in the background. The network is not waited for."}, open),
		on(method{name: "close", needs: needsAgent, ends: true, about: "Close an agent: give a floating seat back, unless it is checked out, and keep what was observed. Calls for it that are under way are canceled."}, closeAgent),
		on(method{name: "version", about: "Tell the versions of the protocol and of Leasehold."}, version),

		on(method{name: "status", needs: needsAgent, about: "Tell what the user may do now, or would at another instant if nothing more were learned, and why. Nobody is asked."}, status),
		on(method{name: "message", needs: needsAgent, about: "Word the state for the user: a title, a sentence, a deadline, who can help, and what a button could do."}, message),
		on(method{name: "forecast", needs: needsAgent, about: "List every coming change of the state and its causes if nothing more is heard from the server."}, forecast),
		on(method{name: "feature", needs: needsAgent, about: "Tell whether a feature may be used now, and if not why."}, feature),
		on(method{name: "features", needs: needsAgent, about: "List the licence's features and whether each may be used now."}, features),
		on(method{name: "limits", needs: needsAgent, about: "List the licence's limitations and what is left of each."}, limits),
		on(method{name: "variables", needs: needsAgent, about: "List the values that the licence carries for the application."}, variables),
		on(method{name: "device", needs: needsAgent, about: "Tell who this installation is to the server."}, deviceID),
		on(method{name: "diagnosis", needs: needsAgent, about: "The report for a help desk. It holds no key and no token."}, diagnosis),
		on(method{name: "check", needs: needsAgent, asks: true, about: "Try, step by step, everything that the licence needs from this computer and its network, and return the help desk's report with what was found. Nothing about the licence changes. When the deadline comes, the steps that are left fail."}, check),
		on(method{name: "events", needs: needsAgent, about: "Return the events after a number; without any, wait for one for as long as wait_ms says. The C library has leasehold_next_event beside it."}, events),
		on(method{name: "begin", needs: needsAgent, about: "Begin another call for this agent and return at once; its answer comes as the event call_ended. It is for a program that waits for events in its main loop and has no thread to spare. Closing the agent cancels the call, and then no event comes."}, begin),

		on(method{name: "activate", needs: needsAgent, asks: true, changes: true, about: "Take a seat of the licence with this key."}, activate),
		on(method{name: "heartbeat", needs: needsAgent, asks: true, changes: true, about: "Ask the server how the licence is, for a person who waits. Heartbeats come by themselves."}, heartbeat),
		on(method{name: "deactivate", needs: needsAgent, asks: true, changes: true, about: "Give the seat back and forget the licence."}, deactivate),
		on(method{name: "erase", needs: needsAgent, changes: true, about: "Remove everything that is kept on this machine, as an uninstaller does. The server is not told: deactivate first. Close the agent afterwards."}, erase),

		on(method{name: "session.open", needs: needsAgent, asks: true, changes: true, about: "Take a floating seat, or renew the one that is held. Only with manual_sessions is that the application's business."}, sessionOpen),
		on(method{name: "session.renew", needs: needsAgent, asks: true, changes: true, about: "Hold the floating seat for another period."}, sessionRenew),
		on(method{name: "session.close", needs: needsAgent, asks: true, changes: true, about: "Give the floating seat back at once."}, sessionClose),
		on(method{name: "session.status", needs: needsAgent, about: "Tell whether a floating seat is held, as far as it is known here."}, sessionStatus),

		on(method{name: "usage", needs: needsAgent, about: "Count a use of a feature for the vendor's statistics. It is kept durably and delivered later."}, usage),
		on(method{name: "measure", needs: needsAgent, about: "Report the value of one of the vendor's analytical fields. It is kept durably and delivered later."}, measure),
		on(method{name: "flush", needs: needsAgent, asks: true, about: "Deliver what is queued now. It comes by itself with heartbeats."}, flush),
		on(method{name: "consume", needs: needsAgent, asks: true, about: "Take an amount of a limitation of the licence."}, consume),
		on(method{name: "consumption", needs: needsAgent, asks: true, about: "Ask the server what is left of a limitation, without taking anything. limits tells what is known without asking."}, consumption),
		on(method{name: "rollback", needs: needsAgent, asks: true, about: "Give back what a transaction of consume has taken."}, rollback),

		on(method{name: "license.import", needs: needsAgent, changes: true, about: "Take over a licence file, or the activation file that completes it."}, licenseImport),
		on(method{name: "license.verify", needs: needsAgent, about: "Tell what a file is, for whom, until when, and which checks it passes, without touching any state."}, licenseVerify),
		on(method{name: "license.request", needs: needsAgent, about: "Return the address that gives an activation file, to be opened on a device that is on line. It holds the licence key."}, licenseRequest),
		on(method{name: "license.covers", needs: needsAgent, about: "Tell whether the licence covers a release of the application, before an update is installed. Nobody is asked."}, licenseCovers),
		on(method{name: "license.find", needs: needsAgent, asks: true, about: "List the licences that the named user (user_id) may activate."}, licenseFind),

		on(method{name: "explain", needs: needsEither, about: "Tell what a conflict of the server means and what the policy makes of it: the agent's, or the standard one."}, explain),
		on(method{name: "codes", needs: needsEither, about: "List all conflicts of the server and what the policy makes of each."}, codes),
	}
}

func methodNamed(name string) (*method, bool) {
	table.once.Do(func() { table.list = methods() })
	for _, m := range table.list {
		if m.name == name {
			return m, true
		}
	}
	return nil, false
}
