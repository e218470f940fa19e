package enforcement

// Catalogue returns every known conflict in the order of IDs.
func Catalogue() []Conflict { return nil }

// Lookup returns the catalogue's entry for a code.
func Lookup(c Code) (Conflict, bool) { return Conflict{}, false }

// CauseAt returns the cause that a conflict with this code gives when one of
// the endpoints e answers with it, NoCause if it concerns the call only.
func (c Code) CauseAt(e Endpoint) Cause { return NoCause }
