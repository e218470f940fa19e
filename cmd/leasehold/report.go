package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/spf13/cobra"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/protocol"
)

func parseAmount(s string) (decimal.Decimal, error) {
	const longest = 40
	d, err := decimal.NewFromString(s)
	if err != nil || len(s) > longest || d.Exponent() < -longest || d.Exponent() > longest {
		return d, &usageError{fmt.Errorf("%q is not an amount", s), "give a decimal number such as 3 or 0.5"}
	}
	return d, nil
}

// reportView is what became of a report, as JSON, with the status that follows.
type reportView struct {
	protocol.Status
	protocol.Outcome
}

// finish prints a report and returns the exit code: a refusal is a failed call.
func (a *app) finish(ag *agent.Agent, v reportView, text string, err error) error {
	v.Status = protocol.StatusOf(ag, ag.Decision())
	if e, ok := errors.AsType[*agent.Error](err); ok {
		v.Error = protocol.ErrorOf(e)
		v.Error.Hint = hintOf(err)
	}
	if a.json {
		a.printJSON(v)
	} else if text != "" {
		a.printf("%s\n", text)
	}
	if err != nil {
		a.complain(err, "")
	}
	if code := exitOf(v.State, err); code != exitOK {
		return exitError(code)
	}
	return nil
}

// dropped reports whether Flush dropped a use of this feature.
func dropped(err error, feature string) bool {
	rejected, ok := errors.AsType[*agent.RejectedError](err)
	return ok && slices.ContainsFunc(rejected.Reports, func(r agent.ReportRejected) bool {
		return r.Kind == "usage" && r.Name == strings.TrimSpace(feature)
	})
}

func (a *app) usageCommand() *cobra.Command {
	var amountText string
	c := &cobra.Command{
		Use:   "usage FEATURE",
		Short: "Count a use of a feature for the vendor's statistics",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			amount, err := parseAmount(amountText)
			if err != nil {
				return err
			}
			return a.withAgent(cmd.Context(), func(ag *agent.Agent) error {
				v := reportView{Outcome: protocol.Outcome{Feature: args[0], Amount: amount.String()}}
				if err := ag.UseAmount(cmd.Context(), args[0], amount); err != nil {
					return a.finish(ag, v, "", err)
				}
				err := ag.Flush(cmd.Context())
				// Unless it is dropped it is kept and will arrive: that it did not yet is
				// told, and is a failure only where the server said no.
				v.Accepted = !dropped(err, args[0])
				v.Delivered = v.Accepted && ag.Queued() == 0
				text, failed := "delivered", !v.Accepted
				switch e, _ := errors.AsType[*agent.Error](err); {
				case !v.Accepted:
					text = "refused and dropped"
				case !v.Delivered:
					text = "queued, will be delivered later"
					failed = e != nil && e.Kind == agent.KindConflict
				}
				if err != nil && !failed {
					hint := protocol.Plain(err)
					if !v.Delivered {
						hint = "queued, because " + hint
					}
					fmt.Fprintf(a.err, "hint: %s\n", hint)
					err = nil
				}
				text = fmt.Sprintf("%s × %s: %s", args[0], amount, text)
				return a.finish(ag, v, text, err)
			})
		},
	}
	c.Flags().StringVar(&amountText, "amount", "1", "how much, a decimal `NUMBER`")
	return c
}

func (a *app) consumeCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "consume LIMITATION AMOUNT",
		Short: "Take an amount of a limitation of the licence",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			amount, err := parseAmount(args[1])
			if err != nil {
				return err
			}
			return a.withAgent(cmd.Context(), func(ag *agent.Agent) error {
				v := reportView{Outcome: protocol.Outcome{Limitation: args[0], Amount: amount.String()}}
				got, err := ag.Consume(cmd.Context(), args[0], amount)
				if err != nil {
					return a.finish(ag, v, "", err)
				}
				v.Accepted, v.Delivered, v.TransactionID, v.NextReset = true, !got.Booked, got.TransactionID, protocol.At(got.NextReset)
				text := fmt.Sprintf("%s of %s taken", amount, args[0])
				if got.RemainingKnown {
					left := got.Remaining.String()
					v.Remaining = &left
					text += ", " + left + " remain"
				}
				return a.finish(ag, v, text, nil)
			})
		},
	}
	c.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		// An amount below zero looks like a flag.
		if e, ok := errors.AsType[unknownFlag](err); ok {
			if amount, err := parseAmount("-" + e.GetSpecifiedShortnames()); err == nil {
				return &usageError{fmt.Errorf("the amount %s is not above zero", amount), "the command line takes only; the application gives back with Rollback"}
			}
		}
		return flagError(cmd, err)
	})
	return c
}

// unknownFlag is what pflag says of a short flag that there is not.
type unknownFlag interface {
	error
	GetSpecifiedShortnames() string
}
