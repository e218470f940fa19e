package slasconetest

import (
	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// unassign serves POST /provisioning/unassign: the token becomes free and the
// client's sessions end.
func (s *Server) unassign(x *exchange) result {
	var req wire.UnassignRequest
	if p := x.decode(&req, "token_key"); p != nil {
		return problem(p)
	}
	t := s.store.token(req.TokenKey)
	if t == nil {
		return conflict(unknownToken)
	}
	s.store.lapse(t.of, x.now)
	if t.client == nil {
		return conflict(alreadyUnassigned)
	}
	if id := s.suspension(t.client, x.now); id != 0 {
		return conflict(id)
	}
	s.store.release(t)
	return ok("Successfully deactivated License.")
}
