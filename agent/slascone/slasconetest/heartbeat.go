package slasconetest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// heartbeat serves POST /provisioning/heartbeats. An expired or inactive
// licence and a release that is not covered are answers whose flags say so, not
// conflicts (SLASCONE help centre 27831389148957).
func (s *Server) heartbeat(x *exchange) result {
	var req wire.HeartbeatRequest
	if p := x.decode(&req, "product_id", "software_version", "operating_system"); p != nil {
		return problem(p)
	}
	if strings.TrimSpace(req.ClientID) == "" {
		return conflict(missingClient)
	}
	product := s.store.product(req.ProductID)
	if product == nil {
		return conflict(unknownProduct)
	}
	if req.HeartbeatTypeID != "" && !slices.ContainsFunc(product.HeartbeatTypes, func(id string) bool { return fold(id) == fold(req.HeartbeatTypeID) }) {
		return conflict(unknownHeartbeatType)
	}
	c := s.store.client(req.ClientID)
	if c == nil {
		return conflict(unknownClient)
	}
	if id := s.suspension(c, x.now); id != 0 {
		return conflict(id)
	}
	s.store.lapseClient(c, x.now)
	seat, id := s.store.seatFor(c, req.ProductID, req.TokenKey)
	if id != 0 {
		return conflict(id)
	}
	c.describe(traits{version: req.SoftwareVersion, system: req.OperatingSystem})
	c.user = cmp.Or(req.UserID, c.user)
	c.lastHeartbeat = x.now.UnixMicro()
	return ok(s.info(seat, c, x.now))
}

// seatFor finds the seat a client speaks for: the one whose key it gives, or
// its seat of the product. A client without a seat is unknown to the product.
func (st *store) seatFor(c *client, productID, tokenKey string) (*token, conflictID) {
	if tokenKey == "" {
		if seat := st.seat(c, productID); seat != nil {
			return seat, 0
		}
		return nil, unknownClient
	}
	t := st.token(tokenKey)
	switch {
	case t == nil || fold(t.of.ProductID) != fold(productID):
		return nil, unknownToken
	case t.client == nil:
		return nil, tokenNotAssigned
	case t.client != c:
		return nil, otherToken
	}
	return t, 0
}
