package agent

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// activated returns an agent that holds a licence with a feature and two
// limitations.
func activated(t *testing.T, srv *slasconetest.Server, cfg Config) (*Agent, slasconetest.License) {
	t.Helper()
	lic := srv.AddLicense(slasconetest.License{
		Freeride: new(7),
		Limitations: []slasconetest.Limitation{
			{Name: "pages", Value: "10", Goodwill: 20, Reset: slasconetest.ResetNever},
			{Name: "rows", Reset: slasconetest.ResetNever},
		},
	})
	a := newAgent(t, cfg)
	if _, err := a.Activate(context.Background(), lic.Key); err != nil {
		t.Fatal(err)
	}
	return a, lic
}

func totals(srv *slasconetest.Server) map[string]string {
	sums := map[string]decimal.Decimal{}
	for _, u := range srv.Usages() {
		d, err := decimal.NewFromString(u.Value)
		if err != nil {
			panic(err)
		}
		sums[u.Feature] = sums[u.Feature].Add(d)
	}
	out := map[string]string{}
	for name, sum := range sums {
		out[name] = sum.String()
	}
	return out
}

func TestUsageIsDeliveredOnceTheServerAnswers(t *testing.T) {
	ctx := context.Background()
	srv := newServer(t, slasconetest.Config{})
	cfg := configFor(t, srv)
	a, _ := activated(t, srv, cfg)

	srv.Outage(true)
	for range 3 {
		if err := a.Use(ctx, "export"); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.UseAmount(ctx, "render", decimal.RequireFromString("0.1")); err != nil {
		t.Fatal(err)
	}
	if err := a.UseAmount(ctx, "render", decimal.RequireFromString("0.2")); err != nil {
		t.Fatal(err)
	}
	if err := a.Flush(ctx); err == nil {
		t.Error("Flush during an outage gives no error")
	}
	a.Close(ctx)
	srv.Outage(false)

	b := newAgent(t, cfg)
	if err := b.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	if got := totals(srv); got["export"] != "3" || got["render"] != "0.3" {
		t.Errorf("the server has %v, want 3 exports and 0.3 of render", got)
	}
	if n := len(srv.Usages()); n != 2 {
		t.Errorf("%d reports, want the uses of one hour added up to 2", n)
	}
	if err := b.Flush(ctx); err != nil || totals(srv)["export"] != "3" {
		t.Errorf("a second Flush delivers again: %v, %v", totals(srv), err)
	}
}

func TestUsageInput(t *testing.T) {
	ctx := context.Background()
	srv := newServer(t, slasconetest.Config{})
	a := newAgent(t, configFor(t, srv))
	for name, err := range map[string]error{
		"no name":    a.Use(ctx, " "),
		"a newline":  a.Use(ctx, "a\nb"),
		"nothing":    a.UseAmount(ctx, "x", decimal.Zero),
		"less":       a.UseAmount(ctx, "x", decimal.NewFromInt(-1)),
		"too much":   a.UseAmount(ctx, "x", decimal.New(1, 40)),
		"too little": a.UseAmount(ctx, "x", decimal.New(1, -43)),
		"endless":    a.UseAmount(ctx, "x", decimal.New(-1, 1_000_000_000)),
		"field":      a.Measure(ctx, "speed", "1"),
		"URN":        a.Measure(ctx, "urn:uuid:"+slasconetest.DemoISV, "1"),
		"long value": a.Measure(ctx, slasconetest.DemoISV, string(make([]byte, 5000))),
	} {
		if !errors.Is(err, ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Without a licence uses are kept until there is one.
	if err := a.Use(ctx, "export"); err != nil {
		t.Fatal(err)
	}
	if err := a.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	lic := srv.AddLicense(slasconetest.License{})
	if _, err := a.Activate(ctx, lic.Key); err != nil {
		t.Fatal(err)
	}
	if err := a.Flush(ctx); err != nil || totals(srv)["export"] != "1" {
		t.Errorf("after activation the server has %v: %v", totals(srv), err)
	}
}

func TestARefusedReportDoesNotBlockTheRest(t *testing.T) {
	ctx := context.Background()
	srv := newServer(t, slasconetest.Config{})
	field := "aaaaaaaa-0000-4000-8000-000000000001"
	srv.UpdateProduct(slasconetest.DemoProduct, func(p *slasconetest.Product) { p.AnalyticalFields = map[string]string{field: "numeric"} })
	a, _ := activated(t, srv, configFor(t, srv))
	events := a.Changes(ctx)
	for _, v := range []string{"1", "fast", "3"} {
		if err := a.Measure(ctx, field, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Use(ctx, "export"); err != nil {
		t.Fatal(err)
	}
	dropped, ok := errors.AsType[*RejectedError](a.Flush(ctx))
	if !ok || len(dropped.Reports) != 1 || dropped.Reports[0].Name != field {
		t.Errorf("Flush tells of %v", dropped)
	}
	if n := len(srv.Measurements()); n != 2 || totals(srv)["export"] != "1" {
		t.Errorf("the server has %d measurements and %v", n, totals(srv))
	}
	a.Close(ctx)
	for e := range events {
		if r, ok := e.(ReportRejected); ok {
			if e, ok := errors.AsType[*Error](r.Err); r.Name != field || !ok || e.Code != 6001 {
				t.Errorf("rejected: %+v", r)
			}
			return
		}
	}
	t.Error("there was no event for the refused report")
}

func TestConsumption(t *testing.T) {
	ctx := context.Background()
	srv := newServer(t, slasconetest.Config{})
	cfg := configFor(t, srv)
	a, _ := activated(t, srv, cfg)
	take := func(a *Agent, amount string) (Consumption, error) {
		return a.Consume(ctx, "pages", decimal.RequireFromString(amount))
	}
	c, err := take(a, "7.5")
	if err != nil || c.TransactionID == "" || !c.RemainingKnown {
		t.Fatalf("%+v, %v", c, err)
	}
	if _, err := take(a, "5"); !errors.Is(err, ErrLimitReached) {
		t.Errorf("12.5 of 10 with 20 %% goodwill: %v", err)
	}
	if _, err := take(a, "4.5"); err != nil {
		t.Errorf("12 of 10 with 20 %% goodwill: %v", err)
	}
	if err := a.Rollback(ctx, c); err != nil {
		t.Fatal(err)
	}
	if err := a.Rollback(ctx, Consumption{}); !errors.Is(err, ErrInput) {
		t.Errorf("a rollback of nothing: %v", err)
	}
	if _, err := a.Consume(ctx, "nothing", decimal.NewFromInt(1)); !errors.Is(err, ErrInput) {
		t.Errorf("an unknown limitation: %v", err)
	}
	srv.Outage(true)
	if _, err := take(a, "1"); err == nil {
		t.Error("an amount is taken off line although the configuration does not say so")
	}
	a.Close(ctx)

	cfg.ConsumeOffline = true
	b := newAgent(t, cfg)
	got, err := take(b, "2")
	if err != nil || !got.Booked || got.TransactionID != "" || !got.RemainingKnown || got.Remaining.String() != "3.5" {
		t.Fatalf("off line: %+v, %v", got, err)
	}
	if _, err := take(b, "4"); err == nil {
		t.Error("more is taken off line than was known to remain")
	}
	if got, err = b.Consume(ctx, "rows", decimal.NewFromInt(1000)); err != nil || !got.Booked {
		t.Errorf("a limitation without limit off line: %+v, %v", got, err)
	}
	srv.Outage(false)
	if err := b.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	c, err = take(b, "3.5")
	if err != nil || c.Remaining.String() != "0" {
		t.Errorf("after the bookings: %+v, %v", c, err)
	}
}

func TestUsageInTheBackground(t *testing.T) {
	ctx := context.Background()
	srv := newServer(t, slasconetest.Config{})
	a, _ := activated(t, srv, configFor(t, srv))
	if err := a.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if err := a.Use(ctx, "export"); err != nil {
		t.Fatal(err)
	}
	closing, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := a.Close(closing); err != nil {
		t.Fatal(err)
	}
	if got := totals(srv); got["export"] != "1" {
		t.Errorf("Close delivered %v", got)
	}
}

func TestAConsumptionIsNotBelievedTwice(t *testing.T) {
	ctx := context.Background()
	srv := newServer(t, slasconetest.Config{})
	a, _ := activated(t, srv, configFor(t, srv))
	if _, err := a.Consume(ctx, "pages", decimal.NewFromInt(1)); err != nil {
		t.Fatal(err)
	}
	srv.Inject(slasconetest.Fault{Endpoint: slasconetest.ConsumptionReport, Kind: slasconetest.FaultReplay, Times: 1})
	_, err := a.Consume(ctx, "pages", decimal.NewFromInt(1))
	if e, ok := errors.AsType[*Error](err); !ok || e.Kind != KindIntegrity {
		t.Errorf("an answer played again: %v", err)
	}
}
