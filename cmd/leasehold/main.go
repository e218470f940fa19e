// Command leasehold enforces, inspects and rehearses licences of a SLASCONE
// server from the command line, with the same agent that applications link in.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	tellUnknown(os.Stderr, os.Environ())
	code := run(ctx, os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
