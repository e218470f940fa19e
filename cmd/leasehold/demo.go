package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/protocol"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

func (a *app) demoCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Tell the story of a licence on a test server, in a few seconds",
		Long: `Tell the story of a licence on a test server, in a few seconds: activation, a
heartbeat, an outage, each of the conflicts 1001, 1002, 1003, 1007 and 12002, and
recovery. The clock is moved instead of waited for; every line is a real call and
a real decision. What it keeps on this machine it removes at the end.

With --json each step is an object on a line of its own: the status that follows
it, as 'leasehold status' prints it, with the members step, expected and ok; or
the answer about a feature, with step, allowed and ok.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d := &demo{app: a}
			defer d.close()
			if err := d.start(); err != nil {
				return err
			}
			d.tell(cmd.Context())
			return d.end(cmd.Context())
		},
	}
}

// demo is a story under way.
type demo struct {
	app    *app
	dir    string
	srv    *slasconetest.Server
	cfg    agent.Config
	agents []*agent.Agent
	a      *agent.Agent // the hero
	wrong  int          // steps that did not end as they should
	steps  int
}

// demoStep is a step as JSON shows it: the status that follows, with the error
// of the step's call, and what was expected.
type demoStep struct {
	Step string `json:"step"`
	protocol.Status
	Expected enforcement.State `json:"expected"`
	OK       bool              `json:"ok"`
}

func (d *demo) start() (err error) {
	if d.dir, err = os.MkdirTemp("", "leasehold-demo-*"); err != nil {
		return &usageError{fmt.Errorf("no folder can be made for the demo: %w", err), "free some disk space"}
	}
	d.srv = slasconetest.New(slasconetest.Config{})
	d.cfg = agent.Config{
		ServerURL:       d.srv.URL,
		ISVID:           d.srv.ISV(),
		ProductID:       d.srv.Products()[0].ID,
		ProvisioningKey: d.srv.ProvisioningKey(),
		Signature:       agent.Signature{PublicKey: []byte(d.srv.PublicKeyPEM())},
		App:             agent.App{Name: "Sketch", Version: "1.4.2"},
		ManualSessions:  true,
		Timeout:         3 * time.Second,
		Now:             d.srv.Now,
	}
	if err := d.app.complete(&d.cfg); err != nil {
		return err
	}
	d.cfg.StateDir = d.dir
	d.a, err = d.join(d.cfg)
	return err
}

// join adds an installation to the story.
func (d *demo) join(cfg agent.Config) (*agent.Agent, error) {
	ag, err := agent.New(cfg)
	if err != nil {
		return nil, &usageError{err, "try --store file"}
	}
	d.agents = append(d.agents, ag)
	return ag, nil
}

func (d *demo) close() {
	for _, ag := range d.agents {
		_ = ag.Erase(context.Background())
		_ = ag.Close(context.Background())
	}
	if d.srv != nil {
		_ = d.srv.Close()
	}
	if d.dir != "" {
		_ = os.RemoveAll(d.dir)
	}
}

func (d *demo) end(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if d.wrong > 0 {
		return fmt.Errorf("%d of %d steps did not end as they should", d.wrong, d.steps)
	}
	if !d.app.json {
		d.app.printf("\n%d steps, each ended in the state that the policy says.\n", d.steps)
	}
	return nil
}

// tell runs the story. Each step makes its calls and then compares the decision
// with what the standard policy says.
func (d *demo) tell(ctx context.Context) {
	const day = 24 * time.Hour
	srv := d.srv
	lic := srv.AddLicense(slasconetest.License{
		Name: "Sketch Pro", Edition: "Standard", Freeride: new(7), TokenLimit: new(2),
		Expires:  srv.Now().Add(365 * day),
		Features: []slasconetest.Feature{{Name: "pdf-export"}, {Name: "batch"}, {Name: "beta", Disabled: true}},
	})

	d.chapter("A new installation (device %.12s…, kept in the %s)", d.a.Device().ID, d.a.Trouble().Store)
	d.step("no licence yet", enforcement.Locked, enforcement.NotActivated, 0, nil)
	d.step("activate with the licence key", enforcement.Active, enforcement.NoCause, 0, func() error { return d.activate(ctx, lic.Key) })
	d.step("a heartbeat", enforcement.Active, enforcement.NoCause, 0, func() error { return d.refresh(ctx) })
	d.feature("pdf-export", true)
	d.feature("beta", false)

	d.chapter("The network fails")
	srv.Outage(true)
	d.step("two hours without an answer", enforcement.Active, enforcement.NoCause, 0, func() error { srv.Advance(2 * time.Hour); return d.silent(ctx) })
	d.step("four days, over half of the seven allowed", enforcement.Grace, enforcement.Unreachable, 0, func() error { srv.Advance(4 * day); return d.silent(ctx) })
	d.step("eight days, over the seven allowed", enforcement.ReadOnly, enforcement.Unreachable, 0, func() error { srv.Advance(4 * day); return d.silent(ctx) })
	d.feature("pdf-export", false)
	srv.Outage(false)
	d.step("back on line", enforcement.Active, enforcement.NoCause, 0, func() error { return d.refresh(ctx) })

	d.chapter("1001: the licence expires")
	end := srv.Now().Add(day)
	srv.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.Expires = end })
	srv.Advance(2 * day)
	d.step("a day after the end", enforcement.Grace, enforcement.Expired, 1001, func() error { return d.activate(ctx, lic.Key) })
	d.step("eight days after it", enforcement.ReadOnly, enforcement.Expired, 0, func() error { srv.Advance(7 * day); return d.refresh(ctx) })
	srv.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.Expires = srvYear(end) })
	d.step("renewed", enforcement.Active, enforcement.NoCause, 0, func() error { return d.refresh(ctx) })

	d.chapter("1002: the vendor switches the licence off")
	srv.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.Inactive = true })
	d.step("switched off", enforcement.Locked, enforcement.Inactive, 1002, func() error { return d.activate(ctx, lic.Key) })
	srv.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.Inactive = false })
	d.step("switched on again", enforcement.Active, enforcement.NoCause, 0, func() error { return d.refresh(ctx) })

	d.chapter("1003: the licence covers releases up to 1.3, this is 1.4.2")
	srv.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.ReleaseLimit = "1.3" })
	d.step("refused", enforcement.Grace, enforcement.VersionNotCovered, 1003, func() error { return d.activate(ctx, lic.Key) })
	d.step("fifteen days later", enforcement.ReadOnly, enforcement.VersionNotCovered, 0, func() error { srv.Advance(15 * day); return d.refresh(ctx) })
	srv.UpdateLicense(lic.Key, func(l *slasconetest.License) { l.ReleaseLimit = "1" })
	d.step("upgraded", enforcement.Active, enforcement.NoCause, 0, func() error { return d.refresh(ctx) })

	d.floating(ctx)

	d.chapter("The end")
	d.step("deactivate", enforcement.Locked, enforcement.NotActivated, 0, func() error {
		_, err := d.a.Deactivate(ctx)
		return err
	})
}

// floating is the part of the story with a licence whose seats are sessions.
func (d *demo) floating(ctx context.Context) {
	lic := d.srv.AddLicense(slasconetest.License{
		Name: "Sketch Team", Floating: true, FloatingTokenLimit: new(1), SessionPeriod: new(5), MaxSessionsPerClient: new(1),
		Freeride: new(7), Expires: d.srv.Now().AddDate(1, 0, 0),
	})
	colleague := d.cfg
	colleague.DeviceID, colleague.StateDir, colleague.Store = "colleague", d.dir+"/colleague", storage.KindFile
	other, err := d.join(colleague)
	if err != nil {
		d.broken("a colleague's computer", err)
		return
	}
	d.chapter("1007: one floating seat, and a colleague has it")
	if _, err := other.Activate(ctx, lic.Key); err != nil {
		d.broken("the colleague activates", err)
	}
	if _, err := other.OpenSession(ctx, 0); err != nil {
		d.broken("the colleague takes the seat", err)
	}
	d.step("move to the floating licence", enforcement.Active, enforcement.SessionMissing, 0, func() error { return d.activate(ctx, lic.Key) })
	d.step("ask for a seat", enforcement.ReadOnly, enforcement.ConnectionLimit, 1007, func() error { return d.open(ctx) })
	if _, err := other.CloseSession(ctx); err != nil {
		d.broken("the colleague gives the seat back", err)
	}
	d.step("the colleague has left", enforcement.Active, enforcement.NoCause, 0, func() error { return d.open(ctx) })

	d.chapter("12002: a second window of the same installation")
	window := d.cfg
	window.DeviceID, window.StateDir, window.Store = d.a.Device().ID, d.dir+"/window", storage.KindFile
	second, err := d.join(window)
	if err != nil {
		d.broken("a second window", err)
		return
	}
	if _, err := second.Heartbeat(ctx); err != nil {
		d.broken("the second window learns of the licence", err)
	}
	first := d.a
	d.a = second
	d.step("it asks for a seat of its own", enforcement.Locked, enforcement.SessionLimit, 12002, func() error { return d.open(ctx) })
	d.a = first
	d.step("the first window works on", enforcement.Active, enforcement.NoCause, 0, func() error { return d.open(ctx) })
	if _, err := first.CloseSession(ctx); err != nil {
		d.broken("the first window is closed", err)
	}
	d.a = second
	d.step("once the first is closed, the second recovers", enforcement.Active, enforcement.NoCause, 0, func() error { return d.open(ctx) })
	if _, err := second.CloseSession(ctx); err != nil {
		d.broken("the second window is closed", err)
	}
	d.a = first
}

func srvYear(from time.Time) time.Time { return from.AddDate(1, 0, 0) }

func (d *demo) activate(ctx context.Context, key string) error {
	_, err := d.a.Activate(ctx, key)
	return err
}

func (d *demo) refresh(ctx context.Context) error {
	_, err := d.a.Heartbeat(ctx)
	return err
}

func (d *demo) open(ctx context.Context) error {
	_, err := d.a.OpenSession(ctx, 0)
	return err
}

// silent makes a heartbeat that must not be answered.
func (d *demo) silent(ctx context.Context) error {
	_, err := d.a.Heartbeat(ctx)
	if e, ok := errors.AsType[*agent.Error](err); ok && e.Kind == agent.KindSilence {
		return nil
	}
	if err == nil {
		err = errors.New("the server answered although it is down")
	}
	return err
}

func (d *demo) chapter(format string, args ...any) {
	if !d.app.json {
		d.app.printf("\n%s\n", fmt.Sprintf(format, args...))
	}
}

// step runs one step and compares what follows with what should.
func (d *demo) step(name string, state enforcement.State, cause enforcement.Cause, code enforcement.Code, do func() error) {
	d.steps++
	var err error
	if do != nil {
		err = do()
	}
	got := d.a.Decision()
	var conflict enforcement.Code
	if e, ok := errors.AsType[*agent.Error](err); ok {
		conflict = e.Code
	}
	ok := got.State == state && got.Cause == cause && conflict == code && (err == nil) == (code == 0)
	if !ok {
		d.wrong++
	}
	if d.app.json {
		v := protocol.StatusOf(d.a, got)
		v.Error = protocol.CallErrorOf(name, err)
		d.app.printJSON(demoStep{name, v, state, ok})
		return
	}
	text := d.app.style.state(got.State, fmt.Sprintf("%-9s", got.State))
	why := got.Cause.String()
	if conflict != 0 {
		why += fmt.Sprintf(" (%d)", conflict)
	}
	if got.State != enforcement.Active && !got.Until.IsZero() {
		why += ", " + protocol.Span(got.Until.Sub(d.a.Now())) + " left"
	}
	d.app.printf("  %-46s %s %s\n", name, text, d.app.style.dim(strings.TrimSpace(why)))
	if !ok {
		d.app.printf("  ^ wrong: expected %s %s with conflict %d; error: %v\n", state, cause, code, err)
	}
}

// broken records that something behind the scenes failed.
func (d *demo) broken(what string, err error) {
	d.steps++
	d.wrong++
	if errors.Is(err, context.Canceled) {
		return // the story was interrupted, which is told once
	}
	d.app.complain(fmt.Errorf("demo: %s: %w", what, err), "")
}

// feature asks for a feature and compares.
func (d *demo) feature(name string, want bool) {
	d.steps++
	got := d.a.Allows(name)
	if got != want {
		d.wrong++
	}
	if d.app.json {
		d.app.printJSON(map[string]any{"step": "feature " + name, "allowed": got, "ok": got == want})
		return
	}
	word := "not allowed"
	if got {
		word = "allowed"
	}
	d.app.printf("  %-46s %s\n", "feature "+name, word)
}
