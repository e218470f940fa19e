package enforcement

// packedFinding is a Finding in 40 bytes: a Decision holds one for every cause
// and is copied on every read.
type packedFinding struct {
	since, until instant
	code         int32
	cause        Cause
	state, then  State
	remedy       Remedy
}

func (p *packedFinding) finding() Finding {
	return Finding{
		Cause: p.cause, Code: Code(p.code), State: p.state, Remedy: p.remedy,
		Since: p.since.time(), Until: p.until.time(), Then: p.then,
	}
}
