package main

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/leasehold-dev/leasehold/agent/protocol"
)

// helpHint leads to the help of a command.
func helpHint(cmd *cobra.Command) string { return fmt.Sprintf("run '%s --help'", cmd.CommandPath()) }

// wordMisuse makes what cobra finds wrong with a command's arguments and flags a
// usage error in our own words. What was given is told only where it cannot be a
// key.
func wordMisuse(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(cmd *cobra.Command, args []string) error {
			err := check(cmd, args)
			if err == nil {
				return nil
			}
			if _, ours := errors.AsType[*usageError](err); ours {
				return err
			}
			if cmd.HasSubCommands() && len(args) > 0 {
				return noCommand(cmd, args[0])
			}
			return &usageError{argumentsError(cmd, args), helpHint(cmd)}
		}
	}
	for _, sub := range c.Commands() {
		wordMisuse(sub)
	}
}

// noCommand says that there is no such command, and which was meant.
func noCommand(cmd *cobra.Command, name string) error {
	hint := helpHint(cmd)
	if like := suggestion(cmd, name); like != "" {
		hint = fmt.Sprintf("did you mean '%s %s'?", cmd.CommandPath(), like)
	}
	return &usageError{fmt.Errorf("there is no command %q", clean(name)), hint}
}

// suggestion is the command that a person may have meant, empty when none comes
// near.
func suggestion(cmd *cobra.Command, name string) string {
	if name == "" {
		return "" // every command begins with it
	}
	cmd.SuggestionsMinimumDistance = 2
	if list := cmd.SuggestionsFor(name); len(list) > 0 {
		return list[0]
	}
	return ""
}

// argumentsError says what a command takes and what it was given, from the
// names in its usage line.
func argumentsError(cmd *cobra.Command, given []string) error {
	var names []string
	least, most := 0, 0
	for _, name := range strings.Fields(cmd.Use)[1:] {
		most++
		if !strings.HasPrefix(name, "[") {
			least++
		}
		if strings.HasSuffix(strings.TrimSuffix(name, "]"), "...") {
			most = math.MaxInt
		}
		names = append(names, name)
	}
	takes := strings.Join(names, " ")
	switch {
	case len(given) == 1 && most == 1 && strings.Contains(takes, "|"):
		return fmt.Errorf("'%s' takes %s, not %q", cmd.CommandPath(), takes, clean(given[0]))
	case most == 0:
		return fmt.Errorf("'%s' takes no argument", cmd.CommandPath())
	case len(given) < least && least == 1:
		return fmt.Errorf("'%s' needs %s", cmd.CommandPath(), takes)
	case len(given) < least:
		return fmt.Errorf("'%s' needs %s, and %s was given", cmd.CommandPath(), takes, protocol.Count(len(given), "argument"))
	}
	return fmt.Errorf("'%s' takes %s, and %s were given; put quotation marks around one that has blanks in it", cmd.CommandPath(), takes, protocol.Count(len(given), "argument"))
}

// flagError words what is wrong with a flag.
func flagError(cmd *cobra.Command, err error) error {
	var (
		unknown *pflag.NotExistError
		noValue *pflag.ValueRequiredError
		invalid *pflag.InvalidValueError
		syntax  *pflag.InvalidSyntaxError
	)
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return &usageError{fmt.Errorf("'%s' has no flag -%s", cmd.CommandPath(), clean(unknown.GetSpecifiedName())), helpHint(cmd)}
	case errors.As(err, &unknown):
		hint := helpHint(cmd)
		if like := likeFlag(cmd, unknown.GetSpecifiedName()); like != "" {
			hint = fmt.Sprintf("did you mean --%s?", like)
		}
		return &usageError{fmt.Errorf("'%s' has no flag --%s", cmd.CommandPath(), clean(unknown.GetSpecifiedName())), hint}
	case errors.As(err, &noValue):
		name, _ := pflag.UnquoteUsage(noValue.GetFlag())
		return &usageError{fmt.Errorf("--%s needs a value (%s)", noValue.GetFlag().Name, name), helpHint(cmd)}
	case errors.As(err, &invalid):
		return &usageError{fmt.Errorf("--%s %q: %s", invalid.GetFlag().Name, clean(invalid.GetValue()), valueError(invalid)), helpHint(cmd)}
	case errors.As(err, &syntax):
		return &usageError{fmt.Errorf("%q is no flag", clean(syntax.GetSpecifiedFlag())), helpHint(cmd)}
	}
	return &usageError{err, helpHint(cmd)}
}

// valueError says what a flag's value should have been; strconv's errors speak
// of its functions.
func valueError(e *pflag.InvalidValueError) string {
	switch e.GetFlag().Value.Type() {
	case "int", "uint64":
		return "it must be a whole number"
	case "bool":
		return "it must be true or false"
	}
	return e.Unwrap().Error()
}

// likeFlag is the flag that a person may have meant.
func likeFlag(cmd *cobra.Command, name string) string {
	names := &cobra.Command{}
	add := func(f *pflag.Flag) {
		if !f.Hidden {
			names.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
		}
	}
	cmd.Flags().VisitAll(add)
	cmd.InheritedFlags().VisitAll(add)
	return suggestion(names, name)
}
