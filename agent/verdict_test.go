package agent

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/internal/outbox"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// A conflict that is not about the report leaves it queued, whatever its code,
// and the server is not asked again for each report.
func TestAConflictKeepsTheQueue(t *testing.T) {
	for name, code := range map[string]enforcement.Code{
		"licence": enforcement.LicenseInactive, "device": enforcement.ClientUnknown, "seat": enforcement.TokenUnassigned,
		"token": enforcement.TokenKeyUnknown, "product": enforcement.ProductUnknown, "suspended": 1099, "unheard of": 6999,
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
				w.cfg.SuspendedConflict = 1099
				a, gate := w.gated()
				w.use(a, "a", "b", "c", "d", "e")
				w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.UsageByNameReport, Kind: slasconetest.FaultConflict, Conflict: int(code)})
				err := a.Flush(w.Context())
				if e, ok := errors.AsType[*Error](err); !ok || e.Kind != KindConflict || e.Code != code {
					t.Errorf("Flush: %v", err)
				}
				if dropped, ok := errors.AsType[*RejectedError](err); ok || a.Queued() != 5 {
					t.Errorf("%d are queued, dropped: %v", a.Queued(), dropped)
				}
				if gate.called() > 3 {
					t.Errorf("%d calls", gate.called())
				}
				w.srv.ClearFaults()
				if err := a.Flush(w.Context()); err != nil {
					t.Fatal(err)
				}
				if got := totals(w.srv); len(got) != 5 {
					t.Errorf("the server has %v", got)
				}
			})
		})
	}
}

// The one report that the server does not understand is found, dropped and told
// of, and all others arrive once.
func TestAReportThatIsNotUnderstood(t *testing.T) {
	for name, at := range map[string]int{"first": 0, "in the middle": 25, "last but one": 48, "last": 49} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
				a, gate := w.gated()
				gate.refuse("poison")
				heard := w.listen(a)
				for i := range 50 {
					feature := "good"
					if i == at {
						feature = "poison"
					}
					w.use(a, feature)
				}
				err := a.Flush(w.Context())
				if at == 49 {
					// Whether it is the report or the server, the next one tells.
					if a.Queued() != 1 {
						t.Errorf("%d are queued: %v", a.Queued(), err)
					}
					w.use(a, "good")
					err = a.Flush(w.Context())
				}
				dropped, ok := errors.AsType[*RejectedError](err)
				if !ok || len(dropped.Reports) != 1 || dropped.Reports[0].Name != "poison" {
					t.Errorf("Flush: %v", err)
				}
				if e, ok := errors.AsType[*Error](err); !ok || e.Kind != KindUsage {
					t.Errorf("Flush: %#v", err)
				}
				want := "49"
				if at == 49 {
					want = "50"
				}
				if got := totals(w.srv); len(got) != 1 || got["good"] != want {
					t.Errorf("the server has %v", got)
				}
				if gate.called() > 30 {
					t.Errorf("%d calls", gate.called())
				}
				if told, _ := take[ReportRejected](heard); len(told) != 1 || told[0].Kind != "usage" || told[0].Name != "poison" {
					t.Errorf("events: %+v", told)
				}
			})
		})
	}
}

// A gateway that answers 400 to everything costs no report; it would take days
// of it, and then one for each.
func TestAGatewayThatUnderstandsNothing(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, gate := w.gated()
		gate.refuse("")
		w.use(a, "a", "b", "c", "d")
		w.start(a)
		w.sleep(outbox.RefusalPatience - time.Hour)
		if n := a.Queued(); n != 4 {
			t.Errorf("%d are queued after a day", n)
		}
		w.sleep(2 * outbox.RefusalPatience)
		if n := a.Queued(); n < 1 || n > 3 {
			t.Errorf("%d are queued after three days", n)
		}
		gate.refuse()
		w.sleep(2 * time.Hour)
		if n := a.Queued(); n != 0 {
			t.Errorf("%d are queued when all is well", n)
		}
	})
}

// A refusal that is remembered from a journal that was lost is none of the entry
// that has its position now.
func TestARefusalBeforeTheReport(t *testing.T) {
	for name, test := range map[string]struct {
		ago, wait time.Duration
		queued    int
	}{
		"of another": {ago: 2 * outbox.RefusalPatience, queued: 1},
		"of this":    {wait: 2 * outbox.RefusalPatience, queued: 0},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
				a, gate := w.gated()
				gate.refuse("poison")
				since := a.Now().Add(-test.ago)
				w.sleep(time.Second)
				w.use(a, "poison")
				if test.ago == 0 {
					since = a.Now()
				}
				if err := a.ledger.Keep(w.Context(), func(k *record.Known) {
					k.NoteRefusal(record.Refusal{Kind: outbox.UsageEntry, Position: 1, Since: since, Times: outbox.RefusalTimes})
				}); err != nil {
					t.Fatal(err)
				}
				w.sleep(test.wait)
				err := a.Flush(w.Context())
				if _, dropped := errors.AsType[*RejectedError](err); dropped != (test.queued == 0) || a.Queued() != test.queued {
					t.Errorf("Flush: %v; %d are queued", err, a.Queued())
				}
			})
		})
	}
}

// A clock that ran ahead when a report was queued, or refused, does not keep it
// in the way of the others until then.
func TestARefusalByAClockThatRanAhead(t *testing.T) {
	const ahead = 70 * 365 * 24 * time.Hour
	for name, queuedAhead := range map[string]bool{"queued": true, "refused": false} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
				a, gate := w.gated()
				gate.refuse("poison")
				now := a.Now()
				e, since := outbox.Entry{Kind: outbox.UsageEntry, Name: "poison", Amount: decimal.NewFromInt(1), At: now}, now.Add(ahead)
				if queuedAhead {
					e.At, since = now.Add(ahead), now
				}
				if err := a.outbox.Add(w.Context(), e); err != nil {
					t.Fatal(err)
				}
				if err := a.ledger.Keep(w.Context(), func(k *record.Known) {
					k.NoteRefusal(record.Refusal{Kind: outbox.UsageEntry, Position: 1, Since: since, Times: outbox.RefusalTimes})
				}); err != nil {
					t.Fatal(err)
				}
				w.start(a)
				w.sleep(3 * outbox.RefusalPatience)
				if n := a.Queued(); n != 0 {
					t.Errorf("%d are queued", n)
				}
			})
		})
	}
}

// What an earlier version has queued and no call can carry is dropped without
// one.
func TestWhatCannotBeSentIsDropped(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, gate := w.gated()
		w.use(a, "before")
		now := a.Now()
		if err := a.outbox.Add(w.Context(),
			outbox.Entry{Kind: outbox.UsageEntry, Name: "huge", Amount: decimal.New(1, 40), At: now},
			outbox.Entry{Kind: outbox.MeasureEntry, Name: "no UUID", Value: "1", At: now},
		); err != nil {
			t.Fatal(err)
		}
		w.use(a, "after")
		dropped, ok := errors.AsType[*RejectedError](a.Flush(w.Context()))
		if !ok || len(dropped.Reports) != 2 || !strings.Contains(dropped.Error(), "huge") {
			t.Errorf("dropped: %v", dropped)
		}
		if got := totals(w.srv); got["before"] != "1" || got["after"] != "1" || len(got) != 2 || a.Queued() != 0 {
			t.Errorf("the server has %v, %d are queued", got, a.Queued())
		}
		if gate.called() != 2 {
			t.Errorf("%d calls", gate.called())
		}
	})
}

// Where the delivery breaks off while it is being found out which report is at
// fault, those that the server has taken meanwhile are not sent again.
func TestAnInterruptedVerdict(t *testing.T) {
	for name, healed := range map[string]bool{"still refused": false, "taken now": true} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
				gate := &picky{RoundTripper: w.line, status: http.StatusBadRequest}
				breaks := &breaking{RoundTripper: gate, after: 3} // all, the first, the second; then the line is down
				w.cfg.HTTPClient = &http.Client{Transport: breaks}
				a, _ := w.activated(slasconetest.License{})
				gate.refuse("poison")
				w.use(a, "poison", "b", "c", "d")
				if err := a.Flush(w.Context()); err == nil {
					t.Fatal("the delivery was not interrupted")
				}
				if n, got := a.Queued(), totals(w.srv); n != 3 || len(got) != 1 || got["b"] != "1" {
					t.Errorf("%d are queued, the server has %v", n, got)
				}
				w.close(a)
				breaks.after = -1
				want := map[string]string{"b": "1", "c": "1", "d": "1"}
				if healed {
					gate.refuse()
					want["poison"] = "1"
				}
				a = w.open()
				err := a.Flush(w.Context())
				if dropped, ok := errors.AsType[*RejectedError](err); ok == healed || ok && len(dropped.Reports) != 1 {
					t.Errorf("Flush: %v", err)
				}
				if got := totals(w.srv); !maps.Equal(got, want) || a.Queued() != 0 {
					t.Errorf("the server has %v, want %v; %d are queued", got, want, a.Queued())
				}
			})
		})
	}
}

// A report that stands between others of the same fault is found out as well,
// and where one kind of report is refused for days the others are delivered.
func TestReportsPastThoseThatAreRefused(t *testing.T) {
	field, other := uuid.NewString(), uuid.NewString()
	type report struct{ field, value string } // a use of value without a field
	for name, test := range map[string]struct {
		reports      []report
		after        time.Duration
		queued       int
		uses, values []string
	}{
		"side by side": {
			reports: []report{{"", "g1"}, {"", "poison"}, {"", "poison2"}, {"", "g2"}, {"", "g3"}},
			after:   5 * time.Hour, uses: []string{"g1", "g2", "g3"},
		},
		"of one field": {
			reports: []report{{field, "poison"}, {field, "g1"}, {field, "poison"}, {field, "g2"}, {"", "u"}},
			after:   5 * time.Hour, uses: []string{"u"}, values: []string{"g1", "g2"},
		},
		"with a witness of another field": {
			reports: []report{{field, "poison"}, {field, "poison"}, {field, "poison"}, {"", "u"}, {other, "g"}},
			after:   5 * time.Hour, uses: []string{"u"}, values: []string{"g"}, queued: 2,
		},
		"the last of its kind": {
			reports: []report{{field, "g"}, {field, "poison"}, {"", "u1"}, {"", "u2"}},
			after:   5 * time.Hour, uses: []string{"u1", "u2"}, values: []string{"g"}, queued: 1,
		},
		"in the end": {
			reports: []report{{field, "poison"}, {"", "u"}},
			after:   30 * time.Hour, uses: []string{"u"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
				w.srv.UpdateProduct(slasconetest.DemoProduct, func(p *slasconetest.Product) {
					p.AnalyticalFields = map[string]string{field: "text", other: "text"}
				})
				a, gate := w.gated()
				gate.refuse("poison")
				for _, r := range test.reports {
					if r.field == "" {
						w.use(a, r.value)
					} else if err := a.Measure(w.Context(), r.field, r.value); err != nil {
						t.Fatal(err)
					}
				}
				w.start(a)
				w.sleep(test.after)
				var uses, values []string
				for name, total := range totals(w.srv) {
					if uses = append(uses, name); total != "1" {
						t.Errorf("%s is counted %s times", name, total)
					}
				}
				for _, m := range w.srv.Measurements() {
					values = append(values, m.Value)
				}
				slices.Sort(uses)
				if !slices.Equal(uses, test.uses) || !slices.Equal(values, test.values) || a.Queued() != test.queued {
					t.Errorf("the server has %v and %v, want %v and %v; %d are queued, want %d", uses, values, test.uses, test.values, a.Queued(), test.queued)
				}
				_ = a.Close(w.Context()) // which tells of those that are still refused
				gate.refuse()
				if err := w.open().Flush(w.Context()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// Something unacceptable each hour holds up no report of another kind for longer
// than usual, and costs only so many calls.
func TestSomethingUnacceptableEachHour(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		field := uuid.NewString()
		w.srv.UpdateProduct(slasconetest.DemoProduct, func(p *slasconetest.Product) {
			p.AnalyticalFields = map[string]string{field: "text"}
		})
		a, gate := w.gated()
		gate.refuse("poison")
		w.start(a)
		days := longer(3, 5)
		hours := 24 * days
		for range hours {
			if err := a.Measure(w.Context(), field, "poison"); err != nil {
				t.Fatal(err)
			}
			w.use(a, "u")
			w.sleep(time.Hour)
		}
		w.sleep(2 * time.Hour)
		if got := totals(w.srv)["u"]; got != strconv.Itoa(hours) {
			t.Errorf("the server knows of %s of %d", got, hours)
		}
		if n := a.Queued(); n < hours-days || n > hours-days+1 {
			t.Errorf("%d are queued; one a day is given up", n)
		}
		if n := gate.called(); n > 6*hours {
			t.Errorf("%d calls in %d hours", n, hours)
		}
	})
}

// Two answers that mean nothing, however far apart, cost no report.
func TestTwoRefusalsFarApart(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, gate := w.gated()
		w.use(a, "a", "b")
		for range outbox.RefusalTimes - 1 {
			gate.refuse("")
			if err := a.Flush(w.Context()); err == nil || a.Queued() != 2 {
				t.Errorf("%v; %d are queued", err, a.Queued())
			}
			gate.refuse()
			w.sleep(outbox.RefusalPatience + time.Hour)
		}
		if err := a.Flush(w.Context()); err != nil {
			t.Error(err)
		}
		if got := totals(w.srv); len(got) != 2 {
			t.Errorf("the server knows of %v", got)
		}
	})
}

// A witness that is at fault itself, in the server's own words, decides nothing.
func TestAWitnessAtFault(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		a, gate := w.gated()
		gate.refuse("first")
		w.use(a, "first", "second")
		w.srv.Inject(slasconetest.Fault{Endpoint: slasconetest.UsageByNameReport, Kind: slasconetest.FaultConflict, Conflict: 6002})
		err := a.Flush(w.Context())
		if e, ok := errors.AsType[*Error](err); !ok || e.Kind != KindSilence || a.Queued() != 2 || gate.called() != 3 {
			t.Errorf("%v; %d are queued after %d calls", err, a.Queued(), gate.called())
		}
		gate.refuse()
		w.srv.ClearFaults()
		if err := a.Flush(w.Context()); err != nil || len(totals(w.srv)) != 2 {
			t.Errorf("%v; the server knows of %v", err, totals(w.srv))
		}
	})
}

// A server that refuses everything is asked three times for each kind of report,
// however many there are: all, the first, and a witness.
func TestEverythingOfEachKindIsRefused(t *testing.T) {
	inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
		gate := &picky{RoundTripper: w.line, status: http.StatusBadRequest}
		w.cfg.HTTPClient = &http.Client{Transport: gate}
		a, _ := w.counting()
		w.srv.Outage(true)
		for range 20 {
			w.use(a, "a", "b")
			if err := a.Measure(w.Context(), uuid.NewString(), "1"); err != nil {
				t.Fatal(err)
			}
			if _, err := a.Consume(w.Context(), "pages", decimal.New(1, -2)); err != nil {
				t.Fatal(err)
			}
		}
		w.srv.Outage(false)
		gate.refuse("")
		before := gate.called()
		if err := a.Flush(w.Context()); err == nil {
			t.Error("nothing is refused")
		}
		if n := gate.called() - before; n > 3*3 || n < 3*2 || a.Queued() != 80 {
			t.Errorf("%d calls, %d are queued", n, a.Queued())
		}
	})
}
