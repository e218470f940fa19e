// Command headless is the shortest application that enforces a licence: it
// runs as long as it may, and says why when it may not.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/enforcement"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	// A real application embeds these with go:embed or ldflags.
	publicKey, err := os.ReadFile(os.Getenv("SKETCH_PUBLIC_KEY_FILE"))
	if err != nil {
		return err
	}
	a, err := agent.New(agent.Config{
		ServerURL:       os.Getenv("SKETCH_SERVER_URL"),
		ISVID:           os.Getenv("SKETCH_ISV_ID"),
		ProductID:       os.Getenv("SKETCH_PRODUCT_ID"),
		ProvisioningKey: os.Getenv("SKETCH_PROVISIONING_KEY"),
		Signature:       agent.Signature{PublicKey: publicKey},
		App:             agent.App{Name: "Sketch", Version: "1.4.2"},
		StateDir:        os.Getenv("SKETCH_STATE_DIR"),
	})
	if err != nil {
		return err
	}
	defer func() {
		// The seat is given back even when the program was interrupted.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
		defer cancel()
		a.Close(ctx)
	}()
	if err := a.Start(ctx); err != nil {
		return err
	}
	if a.License().IsZero() && len(os.Args) > 1 {
		if _, err := a.Activate(ctx, os.Args[1]); err != nil {
			return err
		}
	}
	show(a.Decision())
	for event := range a.Changes(ctx) {
		if change, ok := event.(agent.StateChanged); ok {
			show(change.To)
		}
	}
	return nil
}

func show(d enforcement.Decision) {
	switch d.State {
	case enforcement.Active:
		fmt.Println("everything works")
	case enforcement.Grace:
		fmt.Printf("everything works until %s: %s\n", d.Until.Local().Format(time.RFC1123), d.Remedy.Sentence())
	default:
		fmt.Printf("%s (%s): %s\n", d.State, d.Cause, d.Remedy.Sentence())
	}
}
