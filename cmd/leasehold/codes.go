package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/leasehold-dev/leasehold/agent/protocol"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// policy returns the preset with that name, without one the configured policy,
// and without a configuration the standard one.
func (a *app) policy(preset string) (*enforcement.Policy, error) {
	if preset != "" {
		p, ok := enforcement.Preset(preset)
		if !ok {
			return nil, &usageError{fmt.Errorf("--policy %q is no preset", clean(preset)), "the presets are " + strings.Join(enforcement.Presets(), ", ")}
		}
		return p, nil
	}
	file, err := loadConfig(a.configPath, a.lookup)
	if err != nil {
		return nil, err
	}
	policy, err := file.ParsePolicy()
	return policy, misconfigured(err)
}

func (a *app) explainCommand() *cobra.Command {
	var preset string
	c := &cobra.Command{
		Use:   "explain CODE",
		Short: "Tell what a conflict of the server means and what the policy makes of it",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			n, err := strconv.Atoi(strings.TrimSpace(args[0]))
			if err != nil || n <= 0 {
				return &usageError{fmt.Errorf("%q is not the ID of a conflict", args[0]), "IDs are numbers such as 1001; 'leasehold codes' lists them"}
			}
			policy, err := a.policy(preset)
			if err != nil {
				return err
			}
			v := protocol.CodeOf(policy, enforcement.Code(n))
			if a.json {
				a.printJSON(v)
				return nil
			}
			w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
			for _, row := range [][2]string{
				{"code", strings.TrimSpace(fmt.Sprintf("%d %s", v.Code, v.Name))},
				{"summary", v.Summary},
				{"scope", v.Scope.String()},
				{"cause", v.Cause.String()},
				{"policy", ladderText(v)},
				{"remedy", v.Remedy},
				{"who", v.Who.String()},
				{"waiting", waitingText(v)},
				{"seen at", strings.Join(v.Endpoints, ", ")},
			} {
				if row[1] != "" {
					fmt.Fprintf(w, "%s\t%s\n", row[0], row[1])
				}
			}
			return w.Flush()
		},
	}
	policyFlag(c, &preset)
	return c
}

func policyFlag(c *cobra.Command, preset *string) {
	c.Flags().StringVar(preset, "policy", "", "explain under the preset `NAME` instead of the configured policy")
}

// waitingText says whether the conflict may go away by itself.
func waitingText(v protocol.Code) string {
	switch {
	case !v.Known:
		return "" // nobody knows
	case v.Transient:
		return "can cure it"
	}
	return "does not cure it"
}

// ladderText says what a conflict leads to.
func ladderText(v protocol.Code) string {
	switch {
	case v.Cause == enforcement.NoCause:
		return "the state does not change; the call returns an error"
	case v.Ladder == "":
		return "reported, never restricts"
	}
	return v.Ladder
}

func (a *app) codesCommand() *cobra.Command {
	var markdown bool
	var preset string
	c := &cobra.Command{
		Use:   "codes",
		Short: "List the server's conflicts and what the policy makes of each",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if markdown && a.json {
				return &usageError{errors.New("--json and --markdown exclude one another"), ""}
			}
			policy, err := a.policy(preset)
			if err != nil {
				return err
			}
			list := protocol.CodesOf(policy)
			switch {
			case a.json:
				a.printJSON(map[string]any{"codes": list})
			case markdown:
				writeCodesMarkdown(a.out, policy, list)
			default:
				w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "CODE\tSCOPE\tCAUSE\tPOLICY\tSUMMARY")
				for _, v := range list {
					fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\n", v.Code, v.Scope, orDash(v.Cause.String()), orDash(v.Ladder), v.Summary)
				}
				return w.Flush()
			}
			return nil
		},
	}
	policyFlag(c, &preset)
	c.Flags().BoolVar(&markdown, "markdown", false, "print a table for documentation")
	return c
}

// writeCodesMarkdown writes the catalogue under a policy as documentation shows it.
func writeCodesMarkdown(w io.Writer, p *enforcement.Policy, list []protocol.Code) {
	fmt.Fprintf(w, "# Conflicts\n\nWhat the licence server can refuse, and what the %s policy makes of it. A dash means that the state does not\n"+
		"change and the call returns an error; so does any ID that is not listed. Written by `leasehold codes --markdown`.\n\n", policyName(p))
	fmt.Fprint(w, "| code | what happened | scope | cause | what the policy makes of it | what helps |\n|---|---|---|---|---|---|\n")
	for _, v := range list {
		fmt.Fprintf(w, "| %d | %s | %s | %s | %s | %s |\n", v.Code, v.Summary, v.Scope, orDash(v.Cause.String()), orDash(v.Ladder), v.Remedy)
	}
}

// policyName is the name of the preset that a policy equals, else "configured".
func policyName(p *enforcement.Policy) string {
	var name string
	if text, err := json.Marshal(p); err != nil || json.Unmarshal(text, &name) != nil {
		return "configured"
	}
	return name
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
