package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/protocol"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// watchView is the first line of a watch: how things are when it begins.
type watchView struct {
	Type       string          `json:"type"` // "status"; the lines that follow are events
	At         protocol.Moment `json:"at"`
	Status     protocol.Status `json:"status"`
	WaitingFor []waitView      `json:"waiting_for"`
}

// waitView is something that comes by itself.
type waitView struct {
	What  string             `json:"what"` // check or state
	At    protocol.Moment    `json:"at"`   // of a check: at the latest
	State *enforcement.State `json:"state,omitempty"`
}

// watchedEvent is an event with what is waited for afterwards.
type watchedEvent struct {
	protocol.Event
	WaitingFor []waitView `json:"waiting_for"`
}

func (a *app) watchCommand() *cobra.Command {
	var limit time.Duration
	c := &cobra.Command{
		Use:   "watch",
		Short: "Show the state and what happens to it, live, until it is interrupted",
		Long: `Show the state and what happens to it, live, and what is being waited for. It
makes heartbeats by itself, as the application does, and takes no floating seat.

It runs until it is interrupted, or for as long as --for says. The exit code is
that of the last state. With --json there is one object on each line: the status
first, then the events.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withAgent(cmd.Context(), func(ag *agent.Agent) error {
				ctx := cmd.Context()
				if limit > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, limit)
					defer cancel()
				}
				changes := ag.Changes(ctx) // before the status, so that nothing is missed between the two
				a.showWatched(ag)
				if err := ag.Start(ctx); err != nil {
					return err
				}
				number := uint64(0)
				for event := range changes {
					number++
					a.showEvent(ag, number, event)
				}
				if code := exitOf(ag.Decision().State, nil); code != exitOK {
					return exitError(code)
				}
				return nil
			})
		},
	}
	c.Flags().Var(spanFlag{&limit, true}, "for", "end by itself after `DURATION` (30s, 2h)")
	return c
}

// waitingFor lists what comes by itself, the soonest first as a rule.
func waitingFor(ag *agent.Agent) []waitView {
	list := []waitView{}
	d := ag.Decision()
	if due := ag.Facts().License.Due; !due.IsZero() && due.After(ag.Now()) {
		list = append(list, waitView{What: "check", At: protocol.At(due)})
	}
	if !d.Until.IsZero() {
		state := ag.DecisionAt(d.Until).State
		list = append(list, waitView{What: "state", At: protocol.At(d.Until), State: &state})
	}
	return list
}

// waitText says what is waited for in a line.
func waitText(ag *agent.Agent) string {
	var parts []string
	for _, w := range waitingFor(ag) {
		if w.What == "check" {
			parts = append(parts, "the next check, at the latest "+protocol.When(w.At.Time, ag.Now()))
			continue
		}
		text := fmt.Sprintf("%s from %s", w.State, protocol.When(w.At.Time, ag.Now()))
		if then := ag.DecisionAt(w.At.Time); then.Cause.Silent() {
			text = "without an answer " + text
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return "waiting for whatever happens; nothing comes by itself"
	}
	return "waiting for " + strings.Join(parts, "; ")
}

func (a *app) showWatched(ag *agent.Agent) {
	d := ag.Decision()
	if a.json {
		a.printJSON(watchView{"status", protocol.At(ag.Now()), protocol.StatusOf(ag, d), waitingFor(ag)})
		return
	}
	a.printf("%s  %s\n", stamp(ag), a.stateText(d))
	a.printf("%s  %s\n", stamp(ag), a.style.dim(waitText(ag)))
}

func (a *app) showEvent(ag *agent.Agent, number uint64, event agent.Event) {
	if a.json {
		e := protocol.EventOf(ag.Now(), event)
		e.Seq = number
		a.printJSON(watchedEvent{e, waitingFor(ag)})
		return
	}
	a.printf("%s  %s\n", stamp(ag), a.eventText(event))
	switch event.(type) {
	case agent.StateChanged, agent.HeartbeatRecovered, agent.LicenseChanged:
		a.printf("%s  %s\n", stamp(ag), a.style.dim(waitText(ag)))
	}
}

// stamp is the moment in the reader's own time.
func stamp(ag *agent.Agent) string { return ag.Now().Local().Format("15:04:05") }

func (a *app) stateText(d enforcement.Decision) string {
	text := "the state is " + a.style.state(d.State, d.State.String())
	if d.Cause != enforcement.NoCause {
		text += ": " + d.Cause.String()
		if d.Code != 0 {
			text += fmt.Sprintf(" (%d)", d.Code)
		}
		text += "; " + d.Remedy.Sentence()
	}
	return text
}

// eventText words an event in a line.
func (a *app) eventText(event agent.Event) string {
	why := func(what string, err error) string {
		if err == nil {
			return what
		}
		return what + ": " + clean(protocol.Plain(err))
	}
	switch e := event.(type) {
	case agent.StateChanged:
		return a.stateText(e.To) + ", was " + e.From.State.String()
	case agent.GraceWarning:
		return fmt.Sprintf("%s left, then the state changes; %s", protocol.Span(e.Left), e.Decision.Remedy.Sentence())
	case agent.LicenseChanged:
		return "the licence grants something else than before"
	case agent.HeartbeatFailed:
		return why("the server does not answer; it is tried again by itself", e.Err)
	case agent.HeartbeatRecovered:
		return "the server answers again, after " + protocol.Span(e.SilentFor)
	case agent.StoreChosen:
		return strings.Join(nonEmpty("the licence is kept in: "+string(e.Kind), clean(e.Reason)), "; ")
	case agent.StoreFailed:
		return why("what is known cannot be kept or read", e.Err)
	case agent.ClockSuspect:
		return "the computer's clock was turned back"
	case agent.ClockTrusted:
		return "the time is confirmed again"
	case agent.DeviceChanged:
		return e.Drift.String()
	case agent.SeatGained:
		return "a floating seat is held until " + e.ValidUntil.UTC().Format(protocol.Layout)
	case agent.SeatLost:
		return why("the floating seat is no longer held", e.Err)
	case agent.SeatRefused:
		return why("a floating seat was refused", e.Err)
	case agent.UpdateAvailable:
		return strings.Join(nonEmpty("release "+clean(e.Version)+" is out", clean(e.DownloadLink)), ": ")
	case agent.ReportRejected:
		return why(fmt.Sprintf("a report (%s %s) was refused and dropped", e.Kind, e.Name), e.Err)
	}
	return protocol.EventOf(time.Time{}, event).Type
}
