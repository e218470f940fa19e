package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/leasehold-dev/leasehold/agent"
)

func (a *app) eraseCommand() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:   "erase",
		Short: "Remove everything that is kept here",
		Long: `Remove everything that is kept here for this product and client: the licence, what
waits to be reported, and the trusted time. The server is not told: the seat stays
taken, unless 'leasehold deactivate' was run before. It is the last way out where
a licence server's clock was far ahead for long. Close the application first: while
it runs it keeps what it knows, and writes it again. Asks first, on a terminal; with
--yes it does not.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !yes {
				in, ok := cmd.InOrStdin().(*os.File)
				if !ok || !term.IsTerminal(int(in.Fd())) {
					return &usageError{errors.New("erase asks before it removes anything, and there is no terminal to ask on; nothing was erased"), "say --yes"}
				}
				if agreed, err := confirm(in, cmd.ErrOrStderr()); err != nil || !agreed {
					return &usageError{errors.New("nothing was erased"), ""}
				}
			}
			if err := a.withAgent(cmd.Context(), func(ag *agent.Agent) error {
				if err := ag.Erase(cmd.Context()); err != nil {
					return a.report(ag, eraseOp, ag.Decision(), err, nil)
				}
				return nil
			}); err != nil {
				return err
			}
			a.tell("everything that was kept here is removed; 'leasehold activate KEY' starts anew; an application that still runs writes what it knows again: close it, and erase once more")
			return a.withAgent(cmd.Context(), func(ag *agent.Agent) error {
				return a.report(ag, eraseOp, ag.Decision(), nil, nil)
			})
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return c
}

// confirm asks a person.
func confirm(in io.Reader, out io.Writer) (bool, error) {
	fmt.Fprint(out, "Remove the licence and everything else that is kept here? Its seat stays taken. [y/N] ")
	line, err := bufio.NewReader(in).ReadString('\n')
	answer := strings.ToLower(strings.TrimSpace(line))
	return answer == "y" || answer == "yes", err
}
