package enforcement

import "time"

// Decide judges the facts by the policy (nil: Standard) at the instant now.
func Decide(f Facts, p *Policy, now time.Time) Decision { return Decision{} }

// Forecast lists every transition after now, to the end.
func Forecast(f Facts, p *Policy, now time.Time) []Transition { return nil }
