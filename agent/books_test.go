package agent

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// Three windows of one application count, measure and consume at random, while
// the line breaks, the server refuses without saying why, callers give up, and
// windows end: what was accepted is what the server has in the end, to the digit.
// (A report whose answer is lost counts twice for want of an ID, so the faults
// take no effect but for consumption, which has one.)
func TestTheServerHasWhatWasAccepted(t *testing.T) {
	runs := uint64(1)
	if os.Getenv("LEASEHOLD_HEAVY") != "" {
		runs = 150
	}
	for seed := range runs {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
				newBooks(w, seed).live()
			})
		})
	}
}

type books struct {
	*world
	rand    *rand.Rand
	field   string
	license slasconetest.License
	windows []*Agent

	used, taken decimal.Decimal
	measured    int
}

func newBooks(w *world, seed uint64) *books {
	l := &books{world: w, rand: rand.New(rand.NewPCG(seed, 7)), field: uuid.NewString()}
	w.srv.UpdateProduct(slasconetest.DemoProduct, func(p *slasconetest.Product) {
		p.AnalyticalFields = map[string]string{l.field: "numeric"}
	})
	w.cfg.ConsumeOffline = true
	a, lic := w.activated(slasconetest.License{Freeride: new(90), Limitations: []slasconetest.Limitation{
		{Name: "pages", Value: "100000", Reset: slasconetest.ResetNever},
	}})
	l.license, l.windows = lic, []*Agent{a, w.open(), w.open()}
	return l
}

func (l *books) live() {
	for range 300 {
		l.step(l.rand.IntN(len(l.windows)))
	}
	l.line.set(func(line *line) { line.down = false })
	l.srv.ClearFaults()
	l.sleep(time.Minute) // whoever delivers comes to an end
	a := l.windows[0]
	if err := a.Flush(l.Context()); err != nil {
		l.Error(err)
	}
	if n := a.Queued(); n != 0 {
		l.Errorf("%d are queued", n)
	}
	sum := decimal.Zero
	for _, total := range totals(l.srv) {
		sum = sum.Add(decimal.RequireFromString(total))
	}
	if !sum.Equal(l.used) {
		l.Errorf("the server knows of uses of %s, want %s", sum, l.used)
	}
	if got := len(l.srv.Measurements()); got != l.measured {
		l.Errorf("the server knows of %d measurements, want %d", got, l.measured)
	}
	if got := l.srv.Consumptions(l.license.Key)[0].Consumed; got != l.taken.String() {
		l.Errorf("the server counts %s, want %s", got, l.taken)
	}
	l.sleep(2 * record.BookingTime)
	if _, err := a.Heartbeat(l.Context()); err != nil {
		l.Error(err)
	}
	if limit, _ := a.Limit("pages"); !limit.Remaining.Equal(limit.Value.Sub(l.taken)) {
		l.Errorf("%s remain after %s were taken", limit.Remaining, l.taken)
	}
}

// step is one thing that happens to a window, or to the server.
func (l *books) step(i int) {
	a, n := l.windows[i], l.rand.IntN
	switch n(14) {
	case 0, 1, 2, 3:
		amount := decimal.New(int64(1+n(1000)), -2)
		if a.UseAmount(l.Context(), []string{"f", "g"}[n(2)], amount) == nil {
			l.used = l.used.Add(amount)
		}
	case 4:
		if a.Measure(l.Context(), l.field, "1") == nil {
			l.measured++
		}
	case 5, 6:
		l.consume(a, decimal.New(int64(1+n(500)), -1))
	case 7:
		_ = a.Flush(l.Context())
	case 8:
		if n(2) == 0 {
			_ = a.Close(context.Background())
		} // else it dies
		l.windows[i] = l.open()
		if n(2) == 0 {
			l.start(l.windows[i])
		}
	case 9:
		l.line.set(func(line *line) { line.down = n(2) == 0 })
	case 10:
		l.fault()
	case 11:
		l.sleep(time.Duration(n(180)) * time.Second)
	case 12:
		l.sleep(time.Duration(n(90)) * time.Minute)
	case 13:
		ctx, cancel := l.impatient()
		_ = a.Flush(ctx)
		cancel()
	}
}

// consume takes an amount, perhaps not for long.
func (l *books) consume(a *Agent, amount decimal.Decimal) {
	ctx, cancel := context.WithCancel(l.Context())
	if l.rand.IntN(2) == 0 {
		ctx, cancel = l.impatient()
	}
	defer cancel()
	c, err := a.Consume(ctx, "pages", amount)
	if err != nil {
		return
	}
	l.taken = l.taken.Add(amount)
	if !c.Booked && l.rand.IntN(3) == 0 && a.Rollback(l.Context(), c) == nil {
		l.taken = l.taken.Sub(amount)
	}
}

// impatient is a caller who gives up soon, in one of two ways.
func (l *books) impatient() (context.Context, context.CancelFunc) {
	soon := time.Duration(l.rand.IntN(3000)) * time.Millisecond
	if l.rand.IntN(2) == 0 {
		return context.WithTimeout(l.Context(), soon)
	}
	ctx, cancel := context.WithCancel(l.Context())
	time.AfterFunc(soon, cancel)
	return ctx, cancel
}

// fault makes the server fail.
func (l *books) fault() {
	f := slasconetest.Fault{Times: 1 + l.rand.IntN(4)}
	if l.rand.IntN(2) == 0 {
		kinds := []slasconetest.FaultKind{
			slasconetest.FaultStatus, slasconetest.FaultReset, slasconetest.FaultTruncate, slasconetest.FaultHang,
			slasconetest.FaultBadSignature, slasconetest.FaultUnsigned, slasconetest.FaultShape,
		}
		f.Endpoint, f.Kind, f.AfterEffect = slasconetest.ConsumptionReport, kinds[l.rand.IntN(len(kinds))], l.rand.IntN(2) == 0
		l.srv.Inject(f)
		return
	}
	f.Endpoint = []slasconetest.Endpoint{slasconetest.UsageByNameReport, slasconetest.ConsumptionReport, slasconetest.AnalyticalReport}[l.rand.IntN(3)]
	f.Kind, f.Status = slasconetest.FaultStatus, 400
	if codes := []int{0, 0, 1002, 2003, 2006, 6998, 6999}; l.rand.IntN(len(codes)) > 1 {
		f.Kind, f.Conflict = slasconetest.FaultConflict, codes[2+l.rand.IntN(len(codes)-2)]
	}
	l.srv.Inject(f)
}
