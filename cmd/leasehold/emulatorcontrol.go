package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// emulatorControls are the commands that drive an emulator that runs.
func (a *app) emulatorControls(at *string) []*cobra.Command {
	return []*cobra.Command{
		a.emulatorAdvance(at), a.emulatorClock(at), a.emulatorOutage(at),
		a.emulatorFault(at), a.emulatorFaults(at),
		a.emulatorLicense(at), a.emulatorClient(at), a.emulatorSession(at),
		a.emulatorRequests(at), a.emulatorReset(at),
	}
}

// control makes a command whose work is a few calls of the control. What do
// returns is printed as JSON, or in words with --json off.
func (a *app) control(at *string, use, short string, args cobra.PositionalArgs, do func(ctx context.Context, e *emulatorCalls, args []string) (answer any, words string, err error)) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: args,
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := a.emulatorAt(*at)
			if err != nil {
				return err
			}
			answer, words, err := do(cmd.Context(), e, args)
			if err != nil {
				return err
			}
			if a.json {
				a.printJSON(answer)
				return nil
			}
			a.printf("%s\n", strings.TrimRight(words, "\n"))
			return nil
		},
	}
}

// lines words each of a list, or says that there is none.
func lines[T any](list []T, none string, word func(T) string) string {
	if len(list) == 0 {
		return none
	}
	words := make([]string, len(list))
	for i, e := range list {
		words[i] = word(e)
	}
	return strings.Join(words, "\n")
}

// emulatorTime is what every call of the clock answers.
type emulatorTime struct {
	Now time.Time `json:"now"`
}

func (t emulatorTime) words() string {
	return "the emulator's clock shows " + t.Now.UTC().Format("2006-01-02 15:04:05 UTC")
}

func (a *app) emulatorAdvance(at *string) *cobra.Command {
	var back bool
	c := a.control(at, "advance DURATION", "Move the emulator's clock: 8d, 1d12h, 36h", cobra.ExactArgs(1),
		func(ctx context.Context, e *emulatorCalls, args []string) (any, string, error) {
			text, minus := strings.CutPrefix(args[0], "-") // behind --
			back := back != minus
			by, err := parseSpan(strings.TrimPrefix(text, "+"))
			if err == nil && by == 0 {
				err = errors.New("nothing would be moved")
			}
			if err != nil {
				return nil, "", &usageError{err, "give a duration such as 8d, 1d12h or 36h"}
			}
			if back {
				by = -by
			}
			var now emulatorTime
			err = e.call(ctx, http.MethodPost, "clock/advance", map[string]string{"by": by.String()}, &now)
			return now, now.words(), err
		})
	c.Long = `Move the emulator's clock, and with it every date that it answers with. Agents on
this machine keep their own clock: 'leasehold status --at +8d' tells what it would
make of them.`
	c.Flags().BoolVar(&back, "back", false, "move it back")
	return c
}

func (a *app) emulatorClock(at *string) *cobra.Command {
	return a.control(at, "clock [TIME|+DURATION]", "Show the emulator's clock, or set it", cobra.MaximumNArgs(1),
		func(ctx context.Context, e *emulatorCalls, args []string) (any, string, error) {
			var now emulatorTime
			err := e.call(ctx, http.MethodGet, "clock", nil, &now)
			if err != nil || len(args) == 0 {
				return now, now.words(), err
			}
			to, err := parseMoment(args[0], now.Now)
			if err != nil {
				return nil, "", &usageError{err, "give a moment such as 2026-12-24T18:00:00Z, or a distance such as +8d"}
			}
			err = e.call(ctx, http.MethodPut, "clock", emulatorTime{to}, &now)
			return now, now.words(), err
		})
}

func (a *app) emulatorOutage(at *string) *cobra.Command {
	c := a.control(at, "outage on|off", "Make the licensing API unreachable, or reachable again", oneOf("on", "off"),
		func(ctx context.Context, e *emulatorCalls, args []string) (any, string, error) {
			on := args[0] == "on"
			words := "every licensing call is answered again"
			if on {
				words = "every licensing call is reset; 'leasehold emulator outage off' ends it"
			}
			return map[string]bool{"outage": on}, words, e.call(ctx, http.MethodPut, "outage", map[string]bool{"on": on}, nil)
		})
	c.ValidArgs = []string{"on", "off"}
	return c
}

// oneOf wants one argument out of a few.
func oneOf(words ...string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 || !slices.Contains(words, args[0]) {
			return fmt.Errorf("one of %s is wanted", strings.Join(words, ", "))
		}
		return nil
	}
}

const everyEndpoint = "any"

// emulatorFault has a flag for each thing that a fault can be given, which makes
// it long.
func (a *app) emulatorFault(at *string) *cobra.Command {
	var f slasconetest.Fault
	var delay, age time.Duration
	endpoints, kinds := []string{everyEndpoint}, []string{}
	for _, e := range slasconetest.Endpoints() {
		endpoints = append(endpoints, string(e))
	}
	for _, k := range slasconetest.FaultKinds() {
		kinds = append(kinds, string(k))
	}
	c := a.control(at, "fault ENDPOINT KIND", "Make calls go wrong: fault heartbeat portal", cobra.ExactArgs(2),
		func(ctx context.Context, e *emulatorCalls, args []string) (any, string, error) {
			if !slices.Contains(endpoints, args[0]) {
				return nil, "", &usageError{fmt.Errorf("there is no endpoint %q", args[0]), "it is " + strings.Join(endpoints, ", ")}
			}
			if !slices.Contains(kinds, args[1]) {
				return nil, "", &usageError{fmt.Errorf("there is no fault %q", args[1]), "it is " + strings.Join(kinds, ", ")}
			}
			if f.Endpoint = slasconetest.Endpoint(args[0]); args[0] == everyEndpoint {
				f.Endpoint = ""
			}
			f.Kind, f.Delay, f.Age = slasconetest.FaultKind(args[1]), slasconetest.Duration(delay), slasconetest.Duration(age)
			var made slasconetest.Fault
			err := e.call(ctx, http.MethodPost, "faults", f, &made)
			return made, "fault " + wordFault(made) + "; 'leasehold emulator faults clear' ends it", err
		})
	c.Long = `Make calls of an endpoint go wrong from now on, or as often as --times says.

Endpoints: ` + strings.Join(endpoints, ", ") + `.

Faults: ` + strings.Join(kinds, ", ") + `.`
	c.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		switch len(args) {
		case 0:
			return endpoints, cobra.ShellCompDirectiveNoFileComp
		case 1:
			return kinds, cobra.ShellCompDirectiveNoFileComp
		}
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	flags := c.Flags()
	flags.IntVar(&f.Times, "times", 0, "go wrong `N` times (default: until cleared)")
	flags.BoolVar(&f.AfterEffect, "after-effect", false, "let the request take effect first, as when an answer is lost")
	flags.IntVar(&f.Status, "status", 0, "of status: the HTTP `STATUS` (default 503)")
	flags.StringVar(&f.RetryAfter, "retry-after", "", "of status: the Retry-After header, `SECONDS` or a date")
	flags.IntVar(&f.Conflict, "conflict", 0, "of conflict: the `ID`")
	flags.Var(spanFlag{value: &delay}, "delay", "of delay: how long")
	flags.Var(spanFlag{value: &age}, "age", "of stale: how old (default 24h)")
	flags.StringVar(&f.Location, "location", "", "of redirect: the `URL`")
	flags.IntVar(&f.Size, "size", 0, "of oversize: `BYTES` (default 8 MiB)")
	flags.IntVar(&f.Back, "back", 0, "of replay: the client's `N`th last answer (default 1)")
	flags.StringVar(&f.Of, "of", "", "of foreign: another client, product or licence")
	return c
}

func wordFault(f slasconetest.Fault) string {
	endpoint := string(f.Endpoint)
	if endpoint == "" {
		endpoint = "of every endpoint"
	}
	times := "until cleared"
	if f.Times > 0 {
		times = fmt.Sprintf("%d times", f.Times)
	}
	return fmt.Sprintf("%d: %s %s, %s", f.ID, endpoint, f.Kind, times)
}

func (a *app) emulatorFaults(at *string) *cobra.Command {
	list := a.control(at, "faults", "List the faults that are still to come", cobra.NoArgs,
		func(ctx context.Context, e *emulatorCalls, _ []string) (any, string, error) {
			faults := []slasconetest.Fault{}
			err := e.call(ctx, http.MethodGet, "faults", nil, &faults)
			return map[string]any{"faults": faults}, lines(faults, "no call goes wrong on purpose", wordFault), err
		})
	list.AddCommand(a.control(at, "clear [ID]", "End one fault, or all", cobra.MaximumNArgs(1),
		func(ctx context.Context, e *emulatorCalls, args []string) (any, string, error) {
			if len(args) == 0 {
				return map[string]any{"cleared": "all"}, "all faults are ended", e.call(ctx, http.MethodDelete, "faults", nil, nil)
			}
			id, err := strconv.Atoi(args[0])
			if err != nil {
				return nil, "", &usageError{fmt.Errorf("%q is no fault's number", args[0]), "'leasehold emulator faults' lists them"}
			}
			return map[string]any{"cleared": id}, fmt.Sprintf("fault %d is ended", id), e.call(ctx, http.MethodDelete, "faults/"+args[0], nil, nil)
		}))
	return list
}

func (a *app) emulatorLicense(at *string) *cobra.Command {
	c := &cobra.Command{
		Use: "licence", Aliases: []string{"license"}, Short: "List and change the emulator's licences",
		Long: `List and change the emulator's licences. KEY is a licence key, the beginning of
one, a legacy key, or a licence's name.`,
		Args: cobra.NoArgs, RunE: needsCommand,
	}
	c.AddCommand(a.control(at, "list", "List the licences", cobra.NoArgs, func(ctx context.Context, e *emulatorCalls, _ []string) (any, string, error) {
		licenses := []slasconetest.License{}
		err := e.call(ctx, http.MethodGet, "licences", nil, &licenses)
		return map[string]any{"licences": licenses}, lines(licenses, "there is no licence", func(l slasconetest.License) string {
			return fmt.Sprintf("  %s  %-12s %s", l.Key, clean(l.Name), clean(wordLicense(l)))
		}), err
	}))
	patch := func(use, short, words string, change func(ctx context.Context, e *emulatorCalls) (map[string]any, error)) *cobra.Command {
		return a.control(at, use+" KEY", short, cobra.ExactArgs(1), func(ctx context.Context, e *emulatorCalls, args []string) (any, string, error) {
			l, err := e.license(ctx, args[0])
			if err != nil {
				return nil, "", err
			}
			members, err := change(ctx, e)
			if err != nil {
				return nil, "", err
			}
			var changed slasconetest.License
			err = e.call(ctx, http.MethodPatch, "licences/"+url.PathEscape(l.Key), members, &changed)
			return changed, fmt.Sprintf("%s (%s) %s", clean(changed.Name), changed.Key, words), err
		})
	}
	var end, until string
	expire := patch("expire", "Let a licence end: now, or at another moment", "has another end now", emulatorEnd(&end, "+0h"))
	expire.Flags().StringVar(&end, "at", "", "the end: a `TIME`, or a distance such as +8d (default: now)")
	renew := patch("renew", "Give a licence another end: in a year, or at another moment", "is renewed", emulatorEnd(&until, "+365d"))
	renew.Flags().StringVar(&until, "until", "", "the end: a `TIME`, or a distance such as +30d (default: a year from now)")
	set := func(name string, value any) func(context.Context, *emulatorCalls) (map[string]any, error) {
		return func(context.Context, *emulatorCalls) (map[string]any, error) { return map[string]any{name: value}, nil }
	}
	c.AddCommand(expire, renew,
		patch("disable", "Switch a licence off", "is switched off", set("inactive", true)),
		patch("enable", "Switch a licence on", "is switched on", set("inactive", false)),
		a.emulatorEdit(at), a.emulatorAdd(at),
		a.control(at, "delete KEY", "Remove a licence with its seats", cobra.ExactArgs(1), func(ctx context.Context, e *emulatorCalls, args []string) (any, string, error) {
			l, err := e.license(ctx, args[0])
			if err != nil {
				return nil, "", err
			}
			return map[string]string{"deleted": l.Key}, l.Key + " is deleted", e.call(ctx, http.MethodDelete, "licences/"+url.PathEscape(l.Key), nil, nil)
		}))
	return c
}

// emulatorEnd makes the change of a licence's end, by the emulator's clock.
func emulatorEnd(moment *string, usual string) func(context.Context, *emulatorCalls) (map[string]any, error) {
	return func(ctx context.Context, e *emulatorCalls) (map[string]any, error) {
		var now emulatorTime
		if err := e.call(ctx, http.MethodGet, "clock", nil, &now); err != nil {
			return nil, err
		}
		text := *moment
		if text == "" {
			text = usual
		}
		at, err := parseMoment(text, now.Now)
		if err != nil {
			return nil, &usageError{err, "give a moment such as 2026-12-24T18:00:00Z, or a distance such as +8d"}
		}
		return map[string]any{"expiration_date_utc": at}, nil
	}
}

// emulatorEdit changes whatever else a licence has.
func (a *app) emulatorEdit(at *string) *cobra.Command {
	c := a.control(at, "set KEY JSON", `Change members: licence set Named '{"token_limit": 1}'`, cobra.ExactArgs(2),
		func(ctx context.Context, e *emulatorCalls, args []string) (any, string, error) {
			l, err := e.license(ctx, args[0])
			if err != nil {
				return nil, "", err
			}
			if !json.Valid([]byte(args[1])) {
				return nil, "", &usageError{errors.New("the change is no JSON object"), `give one such as '{"token_limit": 1}'; null undoes a member`}
			}
			var changed slasconetest.License
			err = e.call(ctx, http.MethodPatch, "licences/"+url.PathEscape(l.Key), json.RawMessage(args[1]), &changed)
			return changed, fmt.Sprintf("%s (%s) is changed", clean(changed.Name), changed.Key), err
		})
	c.Long = `Change members of a licence, which are those of the control's JSON: token_limit,
floating_token_limit, freeride, session_period, release_limit, features,
limitations, … null undoes one.`
	return c
}

func (a *app) emulatorAdd(at *string) *cobra.Command {
	return a.control(at, "add JSON", `Add a licence: licence add '{"floating": true}'`, cobra.ExactArgs(1),
		func(ctx context.Context, e *emulatorCalls, args []string) (any, string, error) {
			if !json.Valid([]byte(args[0])) {
				return nil, "", &usageError{errors.New("the licence is no JSON object"), `give one such as '{"license_name": "Team", "floating": true}'`}
			}
			var added slasconetest.License
			err := e.call(ctx, http.MethodPost, "licences", json.RawMessage(args[0]), &added)
			return added, fmt.Sprintf("%s  %s", added.Key, clean(added.Name)), err
		})
}

// wordLicense says what a licence is, if its description does not.
func wordLicense(l slasconetest.License) string {
	words := l.Description
	if l.Inactive {
		words += " (switched off)"
	}
	if !l.Expires.IsZero() {
		words += " (ends " + l.Expires.UTC().Format(time.DateOnly) + ")"
	}
	return strings.TrimSpace(words)
}

// needsCommand is what a command does that is nothing without another.
func needsCommand(cmd *cobra.Command, _ []string) error {
	return &usageError{errors.New("the command is not complete"), fmt.Sprintf("run '%s --help'", cmd.CommandPath())}
}

func (a *app) emulatorClient(at *string) *cobra.Command {
	c := &cobra.Command{Use: "client", Aliases: []string{"clients"}, Short: "List the emulator's clients, suspend and forget them", Args: cobra.NoArgs, RunE: needsCommand}
	path := func(id, what string) string { return "clients/" + url.PathEscape(id) + what }
	var span time.Duration
	var conflict int
	suspend := a.control(at, "suspend ID", "Refuse a client for a while", cobra.ExactArgs(1), func(ctx context.Context, e *emulatorCalls, args []string) (any, string, error) {
		body := map[string]any{"for": span.String(), "conflict": conflict}
		return map[string]any{"suspended": args[0]}, clean(args[0]) + " is suspended", e.call(ctx, http.MethodPost, path(args[0], "/suspend"), body, nil)
	})
	span = 24 * time.Hour
	suspend.Flags().Var(spanFlag{value: &span, positive: true}, "for", "how long")
	suspend.Flags().IntVar(&conflict, "conflict", 0, "with which conflict `ID` (default: the emulator's)")
	c.AddCommand(
		a.control(at, "list", "List the clients", cobra.NoArgs, func(ctx context.Context, e *emulatorCalls, _ []string) (any, string, error) {
			clients := []slasconetest.Client{}
			err := e.call(ctx, http.MethodGet, "clients", nil, &clients)
			return map[string]any{"clients": clients}, lines(clients, "no client has been activated yet", func(cl slasconetest.Client) string {
				return fmt.Sprintf("  %s  %s %s, %d seats", clean(cl.ID), clean(cl.Name), clean(cl.SoftwareVersion), len(cl.TokenKeys))
			}), err
		}),
		suspend,
		a.control(at, "resume ID", "End a client's suspension", cobra.ExactArgs(1), func(ctx context.Context, e *emulatorCalls, args []string) (any, string, error) {
			return map[string]any{"resumed": args[0]}, clean(args[0]) + " may go on", e.call(ctx, http.MethodPost, path(args[0], "/resume"), nil, nil)
		}),
		a.control(at, "forget ID", "Forget a client and free its seats", cobra.ExactArgs(1), func(ctx context.Context, e *emulatorCalls, args []string) (any, string, error) {
			return map[string]any{"forgotten": args[0]}, clean(args[0]) + " is forgotten", e.call(ctx, http.MethodDelete, path(args[0], ""), nil, nil)
		}))
	return c
}

func (a *app) emulatorSession(at *string) *cobra.Command {
	c := &cobra.Command{Use: "session", Aliases: []string{"sessions"}, Short: "List the emulator's open sessions and end them", Args: cobra.NoArgs, RunE: needsCommand}
	c.AddCommand(
		a.control(at, "list", "List the open sessions", cobra.NoArgs, func(ctx context.Context, e *emulatorCalls, _ []string) (any, string, error) {
			sessions := []slasconetest.Session{}
			err := e.call(ctx, http.MethodGet, "sessions", nil, &sessions)
			return map[string]any{"sessions": sessions}, lines(sessions, "no session is open", func(s slasconetest.Session) string {
				return fmt.Sprintf("  %s  %s until %s", s.ID, clean(s.ClientID), s.ValidUntil.UTC().Format("2006-01-02 15:04:05 UTC"))
			}), err
		}),
		a.control(at, "end ID", "End a session, as a vendor does", cobra.ExactArgs(1), func(ctx context.Context, e *emulatorCalls, args []string) (any, string, error) {
			return map[string]any{"ended": args[0]}, clean(args[0]) + " is ended", e.call(ctx, http.MethodDelete, "sessions/"+url.PathEscape(args[0]), nil, nil)
		}))
	return c
}

func (a *app) emulatorRequests(at *string) *cobra.Command {
	var last int
	c := a.control(at, "requests", "List the last licensing requests", cobra.NoArgs, func(ctx context.Context, e *emulatorCalls, _ []string) (any, string, error) {
		requests := []slasconetest.Request{}
		err := e.call(ctx, http.MethodGet, "requests?last="+strconv.Itoa(last), nil, &requests)
		return map[string]any{"requests": requests}, lines(requests, "no request has come yet", func(r slasconetest.Request) string {
			return fmt.Sprintf("  %s  %-16s %s", r.Time.UTC().Format("15:04:05"), r.Endpoint, wordOutcome(r))
		}), err
	})
	c.Flags().IntVar(&last, "last", 20, "how many")
	return c
}

func wordOutcome(r slasconetest.Request) string {
	words := "no answer"
	if r.Status != 0 {
		words = strconv.Itoa(r.Status)
	}
	if r.Conflict != 0 {
		words += fmt.Sprintf(" conflict %d", r.Conflict)
	}
	if r.Fault != "" {
		words += " (" + string(r.Fault) + ")"
	}
	return words
}

func (a *app) emulatorReset(at *string) *cobra.Command {
	return a.control(at, "reset", "Forget everything that has happened", cobra.NoArgs, func(ctx context.Context, e *emulatorCalls, _ []string) (any, string, error) {
		return map[string]bool{"reset": true}, "the emulator is as it was at the start", e.call(ctx, http.MethodPost, "reset", nil, nil)
	})
}
