package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/protocol"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// statusOp is the operation that asks for no call.
const statusOp = "status"

// report prints the status that follows a call, and what became of the call.
func (a *app) report(ag *agent.Agent, op string, d enforcement.Decision, callErr error, more func(*protocol.Status)) error {
	v := protocol.StatusOf(ag, d)
	if v.Error = protocol.CallErrorOf(op, callErr); v.Error != nil {
		v.Error.Hint = hintFor(callErr, d.State)
	}
	if callErr != nil || op == statusOp {
		v.Problem = ag.Trouble().ProblemText()
	}
	if more != nil {
		more(&v)
	}
	if callErr == nil && d.Cause == enforcement.SessionMissing && slices.Contains([]string{activateOp, heartbeatOp, statusOp}, op) {
		a.tell("the licence is floating and no seat of it is held: 'leasehold session open' takes one; 'leasehold forecast' tells what comes without")
	}
	if a.json {
		a.printJSON(v)
	} else {
		a.printStatus(ag, d, v)
	}
	if callErr != nil {
		a.complain(callErr, hintFor(callErr, d.State))
	}
	if callErr == nil && endsWell(op) {
		return nil
	}
	if code := exitOf(d.State, callErr); code != exitOK {
		return exitError(code)
	}
	return nil
}

// endsWell reports whether an operation that succeeds is a success whatever the
// state is that it leaves.
func endsWell(op string) bool { return op == deactivateOp || op == importOp || op == eraseOp }

// The operations after which a seat may be wanted.
const (
	activateOp  = "activate"
	heartbeatOp = "heartbeat"
)

// The operations that may well leave a licence that locks.
const (
	deactivateOp = "deactivate"
	eraseOp      = "erase"
	importOp     = "license import"
)

// printStatus prints a status for people. All of it, distances too, is told as
// it is at the instant that was judged.
func (a *app) printStatus(ag *agent.Agent, d enforcement.Decision, v protocol.Status) {
	now := ag.Now()
	if v.At != nil {
		now = v.At.Time
		a.printf("if nothing more is learned, at %s:\n\n", now.UTC().Format(protocol.Layout))
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%s\t%s\n", name, clean(value))
		}
	}
	state := a.style.state(d.State, d.State.String())
	check := checkText(ag, d, now)
	if check == "" && !d.Until.IsZero() {
		state += fmt.Sprintf(" until %s, then %s", protocol.When(d.Until, now), v.Next.State)
	}
	fmt.Fprintf(w, "state\t%s\n", state) // the last column: the width of a colour does not matter
	row("next check", check)
	var causes []string
	for f := range d.Findings() {
		text := f.Cause.String()
		if f.Code != 0 {
			text += fmt.Sprintf(" (%d)", f.Code)
		}
		causes = append(causes, text)
	}
	row("cause", strings.Join(causes, ", "))
	row("remedy", v.Remedy)
	row("problem", v.Problem)
	if !d.Since.IsZero() {
		row("since", protocol.When(d.Since, now))
	}
	if l := v.License; l != nil {
		row("licence", strings.Join(nonEmpty(l.Name, l.Product, l.Edition), ", "))
		row("key", l.Key)
		row("customer", l.Customer)
		if l.Expires.IsZero() {
			row("expires", "never")
		} else {
			row("expires", protocol.When(l.Expires.Time, now))
		}
		row("confirmed", protocol.When(l.ProvenAt.Time, now))
		var usable []string
		for _, f := range ag.FeaturesAt(now) {
			if f.Allowed {
				usable = append(usable, f.Name)
			}
		}
		row("features", strings.Join(usable, ", "))
	}
	if s := v.Session; s != nil {
		text := "none is held; 'leasehold session open' takes a seat"
		switch {
		case s.Held:
			text = "held until " + protocol.When(s.ValidUntil.Time, now)
		case v.License == nil:
			text = "none; no licence is held"
		case !s.Needed:
			text = "none is needed; the licence is not floating"
		}
		row("session", text)
	}
	row("device", v.DeviceID)
	row("store", v.Store)
	_ = w.Flush()
}

// checkText says when the next check is due, and that it comes by itself, where
// the state is active and nothing but a check that fails would end it; else it
// is empty.
func checkText(ag *agent.Agent, d enforcement.Decision, now time.Time) string {
	due := ag.Facts().License.Due
	if d.State != enforcement.Active || d.Until.IsZero() || !due.After(now) {
		return ""
	}
	then := ag.DecisionAt(d.Until)
	if !then.Cause.Silent() {
		return ""
	}
	return fmt.Sprintf("comes by itself, at the latest %s; only without any answer the state is %s from %s",
		protocol.When(due, now), then.State, d.Until.UTC().Format(protocol.Layout))
}

func nonEmpty(list ...string) (kept []string) {
	for _, s := range list {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return kept
}

func (a *app) statusCommand() *cobra.Command {
	var at string
	c := &cobra.Command{
		Use:   "status",
		Short: "Tell what the user may do now, and why",
		Long: `Tell what the user may do now, and why, from what is kept on this machine.

With --at it tells what would be true at another moment if nothing more were
learned: an instant such as 2026-12-24 or 2026-12-24T18:00:00Z, or a distance
such as +8d or +36h. What has passed cannot be undone: an instant before now is
taken as now.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withAgent(cmd.Context(), func(ag *agent.Agent) error {
				if !cmd.Flags().Changed("at") {
					return a.report(ag, statusOp, ag.Decision(), nil, nil)
				}
				now := ag.Now()
				instant, err := parseMoment(at, now)
				if err != nil {
					return &usageError{fmt.Errorf("--at %q: %w", at, err), "give an instant (2026-12-24T18:00:00Z) or a distance (+8d, +36h)"}
				}
				if instant.Before(now) {
					fmt.Fprintf(a.err, "hint: --at %s has passed; this is how it is now\n", clean(at))
					instant = now
				}
				return a.report(ag, statusOp, ag.DecisionAt(instant), nil, func(v *protocol.Status) { at := protocol.At(instant); v.At = &at })
			})
		},
	}
	c.Flags().StringVar(&at, "at", "", "judge at `TIME` or +DURATION instead of now")
	return c
}
