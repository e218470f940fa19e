package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/leasehold-dev/leasehold/agent/protocol"
)

func (a *app) serveCommand() *cobra.Command {
	var stdio bool
	c := &cobra.Command{
		Use:   "serve --stdio",
		Short: "Answer an application's calls over stdin and stdout",
		Long: `Answer an application's calls over stdin and stdout: JSON-RPC 2.0, a line each,
as agent/protocol/REFERENCE.md describes. It is for applications that are not
written in Go and cannot load the C library.

With --config the application may open an agent without a configuration of its
own. When stdin ends, seats are given back and the program ends. A program beside
the application is easier to replace than a library inside it: see SECURITY.md.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !stdio {
				return &usageError{errors.New("serve needs to know over what"), "leasehold serve --stdio"}
			}
			server := protocol.NewServer(thisBuild().Version, protocol.Hooks{})
			if a.configPath != "" {
				cfg, err := a.config()
				if err != nil {
					return err
				}
				server.Preset(cfg)
			}
			ctx, stop := whileServing(cmd.Context())
			defer stop()
			return server.Serve(ctx, os.Stdin, a.stdout)
		},
	}
	c.Flags().BoolVar(&stdio, "stdio", false, "talk over stdin and stdout")
	return c
}

// whileServing returns a context that ends when the terminal goes, as when the
// program is interrupted. A host that is no longer there shows as an error of writing:
// the signal that comes with it would end the program before seats are given back.
func whileServing(ctx context.Context) (context.Context, func()) {
	unread := make(chan os.Signal, 1)
	signal.Notify(unread, syscall.SIGPIPE)
	if signal.Ignored(syscall.SIGHUP) { // as nohup wants it
		return ctx, func() { signal.Stop(unread) }
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP)
	return ctx, func() {
		stop()
		signal.Stop(unread)
	}
}
