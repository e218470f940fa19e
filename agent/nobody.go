package agent

import (
	"errors"

	"github.com/leasehold-dev/leasehold/enforcement"
)

// errNotMade is returned by the methods of a nil or zero Agent.
var errNotMade = errors.New("agent: this agent was not made with New")

// nobody is what an agent that was not made decides: nothing is granted.
var nobody = enforcement.Decision{State: enforcement.Locked, Cause: enforcement.NotActivated, Remedy: enforcement.FixApplication, Then: enforcement.Locked}

// unmade reports whether a is nil or the zero Agent.
func (a *Agent) unmade() bool { return a == nil || a.ledger == nil }
