package agent

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

func TestOverdueAnswersAreNamed(t *testing.T) {
	for kind, want := range map[slasconetest.FaultKind]enforcement.Cause{
		slasconetest.FaultBadSignature:      enforcement.SignatureInvalid,
		slasconetest.FaultNoNonceSignature:  enforcement.SignatureInvalid,
		slasconetest.FaultBadNonceSignature: enforcement.SignatureInvalid,
		slasconetest.FaultStale:             enforcement.Unreachable,
		slasconetest.FaultForeign:           enforcement.Unreachable,
		slasconetest.FaultShape:             enforcement.Unreachable,
	} {
		t.Run(string(kind), func(t *testing.T) {
			inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
				a, _ := w.activated(slasconetest.License{Freeride: new(7)})
				w.sleep(4 * day)
				w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.Heartbeat, Kind: kind, Age: slasconetest.Duration(9 * day)})
				if _, err := a.Heartbeat(w.Context()); errorKind(err) != KindIntegrity {
					t.Errorf("error: %v", err)
				}
				expect(t, a.Decision(), enforcement.Grace, want)
			})
		})
	}
}

// withoutDate takes the Date from what the server answers.
type withoutDate struct{ http.RoundTripper }

func (d withoutDate) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := d.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Header.Del("Date")
	}
	return resp, err
}

// A refusal that tells no time counts from when it came.
func TestRefusalsWithoutADate(t *testing.T) {
	undated := func(t *testing.T, f func(*testing.T, *world)) {
		inBubble(t, slasconetest.Config{Signing: slasconetest.SigningRSA}, func(t *testing.T, w *world) {
			w.cfg.HTTPClient = &http.Client{Transport: withoutDate{w.line}}
			f(t, w)
		})
	}
	refuse := func(w *world, e slasconetest.Endpoint, code, times int) {
		w.srv.Inject(slasconetest.Fault{Endpoint: e, Kind: slasconetest.FaultConflict, Conflict: code, Times: times})
	}
	t.Run("heartbeat", func(t *testing.T) {
		undated(t, func(t *testing.T, w *world) {
			a, _ := w.activated(slasconetest.License{Freeride: new(100)})
			w.sleep(20 * day)
			refuse(w, slasconetest.Heartbeat, 1001, 1)
			if _, err := a.Heartbeat(w.Context()); err == nil {
				t.Error("1001 is no error")
			}
			expect(t, a.Decision(), enforcement.Grace, enforcement.Expired)
			if d := a.Decision(); time.Since(d.Since) > time.Minute || time.Until(d.Until) < 7*day-time.Minute {
				t.Errorf("since %v until %v, at %v", d.Since, d.Until, time.Now())
			}
			if _, err := a.Heartbeat(w.Context()); err != nil {
				t.Error(err)
			}
			expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		})
	})
	t.Run("session", func(t *testing.T) {
		undated(t, func(t *testing.T, w *world) {
			a, _ := w.activated(floating)
			for _, step := range []struct {
				code  int
				times int // what restricts is heard twice
				state enforcement.State
				cause enforcement.Cause
			}{{12006, 2, enforcement.Locked, enforcement.SessionLimit}, {1007, 1, enforcement.ReadOnly, enforcement.ConnectionLimit}} {
				w.sleep(time.Hour)
				refuse(w, slasconetest.SessionOpen, step.code, step.times)
				if _, err := a.OpenSession(w.Context(), 0); err == nil {
					t.Errorf("%d is no error", step.code)
				}
				expect(t, a.Decision(), step.state, step.cause)
				if since := a.Decision().Since; time.Since(since) > time.Minute {
					t.Errorf("%d counts since %v, at %v", step.code, since, time.Now())
				}
			}
		})
	})
	t.Run("first activation", func(t *testing.T) {
		undated(t, func(t *testing.T, w *world) {
			lic := w.srv.AddLicense(slasconetest.License{})
			a := w.open()
			refuse(w, slasconetest.Activation, 1001, 1)
			if _, err := a.Activate(w.Context(), lic.Key); err == nil {
				t.Error("1001 is no error")
			}
			d := a.Decision()
			expect(t, d, enforcement.Locked, enforcement.NotActivated)
			if x, _ := d.Finding(enforcement.Expired); x.State != enforcement.Grace || time.Since(x.Since) > time.Minute {
				t.Errorf("%+v, at %v", x, time.Now())
			}
		})
	})
	t.Run("licence file", func(t *testing.T) {
		undated(t, func(t *testing.T, w *world) {
			lic := w.srv.AddLicense(slasconetest.License{})
			a := w.open()
			if _, err := a.ImportFile(w.Context(), w.srv.LicenseFile(lic.Key, testDevice)); err != nil {
				t.Fatal(err)
			}
			expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
			w.sleep(time.Hour)
			refuse(w, slasconetest.Activation, 1002, 2)
			if _, err := a.Activate(w.Context(), lic.Key); err == nil {
				t.Error("1002 is no error")
			}
			expect(t, a.Decision(), enforcement.Locked, enforcement.Inactive)
			if since := a.Decision().Since; time.Since(since) > time.Minute {
				t.Errorf("since %v, at %v", since, time.Now())
			}
		})
	})
	t.Run("at 2099", func(t *testing.T) {
		undated(t, func(t *testing.T, w *world) {
			a, _ := w.activated(floating)
			w.moveClock(time.Until(time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)))
			refuse(w, slasconetest.SessionOpen, 1007, 1)
			refuse(w, slasconetest.Heartbeat, 1003, 1)
			if _, err := a.OpenSession(w.Context(), 0); err == nil {
				t.Error("1007 is no error")
			}
			if _, err := a.Heartbeat(w.Context()); err == nil {
				t.Error("1003 is no error")
			}
			w.moveClock(0)
			w.sleep(time.Minute)
			if _, err := a.Heartbeat(w.Context()); err != nil {
				t.Fatal(err)
			}
			d := a.Decision()
			expect(t, d, enforcement.ReadOnly, enforcement.ConnectionLimit)
			if time.Since(d.Since).Abs() > time.Hour || !a.knowledge().Facts.AnsweredAt.IsZero() {
				t.Errorf("since %v, answered at %v", d.Since, a.knowledge().Facts.AnsweredAt)
			}
			for x := range d.Findings() {
				if x.Cause != enforcement.ConnectionLimit {
					t.Errorf("%+v", x)
				}
			}
			if _, err := a.OpenSession(w.Context(), 0); err != nil {
				t.Fatal(err)
			}
			expect(t, a.Decision(), enforcement.Active, enforcement.NoCause)
		})
	})
}

// errorKind is the kind of an error of a call, empty for none.
func errorKind(err error) ErrorKind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}
