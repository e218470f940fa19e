package slasconetest_test

import (
	"testing"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

func TestSmoke(t *testing.T) {
	s := server(t)
	lic := s.AddLicence(slasconetest.Licence{Floating: true, FloatingTokenLimit: new(1)})
	c := call(t, s)
	got := info(t, c.want(c.activate(lic.Key, "one"), 200))
	c.want(c.heartbeat("one"), 200)
	c.want(c.session(pathSessionOpen, lic.Key, "one", "6f1f3d1e-0f0e-4a52-8f39-c0a1b2d3e4f5"), 200)
	c.want(c.session(pathSessionClose, lic.Key, "one", "6f1f3d1e-0f0e-4a52-8f39-c0a1b2d3e4f5"), 200)
	c.want(c.session(pathSessionClose, lic.Key, "one", "6f1f3d1e-0f0e-4a52-8f39-c0a1b2d3e4f5"), 12001)
	c.want(c.post(pathUnassign, wire.UnassignRequest{TokenKey: *got.TokenKey}), 200)
	c.want(c.post(pathUnassign, wire.UnassignRequest{TokenKey: *got.TokenKey}), 2004)
}
