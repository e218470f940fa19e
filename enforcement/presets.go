package enforcement

// Standard is the default policy.
func Standard() *Policy { return &Policy{} }

// Strict grants no grace and locks.
func Strict() *Policy { return &Policy{} }

// Lenient grants long grace and never locks.
func Lenient() *Policy { return &Policy{} }

// Advisory reports every cause and never restricts.
func Advisory() *Policy { return &Policy{} }
