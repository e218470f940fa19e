package agent

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// A server that refuses to activate twice still has this client on its seat: that
// is what the user asked for, with whichever of the licence's keys.
func TestActivatedAlready(t *testing.T) {
	ctx := context.Background()
	for _, id := range []int{2001, 2005} {
		t.Run(fmt.Sprint(id), func(t *testing.T) {
			srv := newServer(t, slasconetest.Config{SecondActivation: id})
			lic := srv.AddLicense(slasconetest.License{LegacyKey: "OLD-4711", TokenLimit: new(2)})
			other := srv.AddLicense(slasconetest.License{TokenLimit: new(1)})
			cfg := configFor(t, srv)
			a := newAgent(t, cfg)
			if _, err := a.Activate(ctx, lic.Key); err != nil {
				t.Fatal(err)
			}
			for _, key := range []string{lic.Key, lic.LegacyKey, a.License().TokenKey()} {
				if d, err := a.Activate(ctx, key); err != nil || d.State != enforcement.Active {
					t.Errorf("again with %q: %v, %v", key, d, err)
				}
			}

			// The state was lost, the seat was not.
			cfg.StateDir = t.TempDir()
			lost := newAgent(t, cfg)
			d, err := lost.Activate(ctx, lic.Key)
			if err != nil || lost.License().Key() != lic.Key {
				t.Fatalf("after a loss of the state: %v, %v", d, err)
			}
			expect(t, d, enforcement.Active, enforcement.NoCause)

			// A licence that the server has switched off is not made good by it.
			srv.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.Inactive = true })
			cfg.StateDir = t.TempDir()
			if d, _ := newAgent(t, cfg).Activate(ctx, lic.Key); d.State != enforcement.Locked {
				t.Errorf("a licence that is off: %v", d)
			}
			srv.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.Inactive = false })

			// Another client's seat, and a seat of another licence, are no success.
			cfg.StateDir, cfg.DeviceID = t.TempDir(), "somebody-else"
			stranger := newAgent(t, cfg)
			if d, err := stranger.Activate(ctx, a.License().TokenKey()); !conflicts(err, 2001) || d.State != enforcement.Locked {
				t.Errorf("another client's token: %v, %v", d, err)
			}
			if _, err := stranger.Activate(ctx, other.Key); err != nil {
				t.Fatal(err)
			}
			if _, err := stranger.Activate(ctx, a.License().TokenKey()); !conflicts(err, 2001) || stranger.License().Key() != other.Key {
				t.Errorf("another client's token, with a seat of another licence: %v, holding %s", err, stranger.License().Key())
			}
		})
	}
}

func conflicts(err error, code enforcement.Code) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Kind == KindConflict && e.Code == code
}
