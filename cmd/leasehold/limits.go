package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/protocol"
)

// limitView is a limitation of the licence.
type limitView struct {
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Value     *string         `json:"value"`     // null: unlimited
	Remaining *string         `json:"remaining"` // null when not told
	NextReset protocol.Moment `json:"next_reset"`
}

// variableView is a value that the licence carries.
type variableView struct {
	ID     string   `json:"id"`
	Name   string   `json:"name"`
	Values []string `json:"values"` // one, but for a choice from a list of the vendor's
}

func viewLimits(ag *agent.Agent) []limitView {
	list := []limitView{}
	for _, of := range ag.License().Limitations() {
		l, ok := ag.Limit(of.ID)
		if !ok {
			continue
		}
		v := limitView{ID: l.ID, Name: l.Name}
		if !l.Unlimited {
			text := l.Value.String()
			v.Value = &text
		}
		if l.RemainingKnown {
			text := l.Remaining.String()
			v.Remaining = &text
		}
		if at, ok := l.NextReset(); ok {
			v.NextReset = protocol.At(at)
		}
		list = append(list, v)
	}
	return list
}

func viewVariables(ag *agent.Agent) []variableView {
	list := []variableView{}
	t := ag.License().Terms()
	for _, v := range t.Variables {
		list = append(list, variableView{v.ID, v.Name, []string{v.Value}})
	}
	for _, c := range t.Choices {
		list = append(list, variableView{c.ID, c.Name, append([]string{}, c.Values...)})
	}
	return list
}

// printLimits prints a line for each; noneText stands for none.
func (a *app) printLimits(ag *agent.Agent, list []limitView) error {
	if len(list) == 0 {
		a.printf("%s\n", noneText(ag, "limits"))
		return nil
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, l := range list {
		value, left := "unlimited", ""
		if l.Value != nil {
			value = *l.Value
		}
		if l.Remaining != nil {
			left = *l.Remaining + " remain"
		}
		if !l.NextReset.IsZero() {
			left = strings.Join(nonEmpty(left, "starts anew "+protocol.When(l.NextReset.Time, ag.Now())), ", ")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", clean(l.Name), value, left)
	}
	return w.Flush()
}

func (a *app) printVariables(ag *agent.Agent, list []variableView) error {
	if len(list) == 0 {
		a.printf("%s\n", noneText(ag, "variables"))
		return nil
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, v := range list {
		fmt.Fprintf(w, "%s\t%s\n", clean(v.Name), clean(strings.Join(v.Values, ", ")))
	}
	return w.Flush()
}

// noneText says why there are none of what was asked for.
func noneText(ag *agent.Agent, what string) string {
	if ag.License().IsZero() {
		return "no licence is held, so there are no " + what
	}
	return "the licence has no " + what
}

func (a *app) limitsCommand() *cobra.Command {
	return a.grantCommand("limits", "List the licence's limitations and what remains of each", func(ag *agent.Agent) (any, error) {
		list := viewLimits(ag)
		if a.json {
			return list, nil
		}
		return list, a.printLimits(ag, list)
	})
}

func (a *app) variablesCommand() *cobra.Command {
	return a.grantCommand("variables", "List the values that the vendor put into the licence", func(ag *agent.Agent) (any, error) {
		list := viewVariables(ag)
		if a.json {
			return list, nil
		}
		return list, a.printVariables(ag, list)
	})
}

// grantCommand lists something that the licence grants, and exits with the
// state's code.
func (a *app) grantCommand(name, short string, show func(*agent.Agent) (any, error)) *cobra.Command {
	return &cobra.Command{
		Use:   name,
		Short: short,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withAgent(cmd.Context(), func(ag *agent.Agent) error {
				list, err := show(ag)
				if err != nil {
					return err
				}
				d := ag.Decision()
				if a.json {
					a.printJSON(map[string]any{"state": d.State, name: list})
				}
				if code := exitOf(d.State, nil); code != exitOK {
					return exitError(code)
				}
				return nil
			})
		},
	}
}

// readKey reads a licence key from a stream, where it does not show in the list
// of processes or in the shell's history.
func readKey(r io.Reader) (string, error) {
	const most = 4096
	data, err := io.ReadAll(io.LimitReader(r, most))
	if err != nil {
		return "", &usageError{fmt.Errorf("the key cannot be read from standard input: %w", err), "give it as an argument"}
	}
	return string(data), nil
}
