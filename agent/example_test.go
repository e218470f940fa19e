package agent_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

// testServer starts a licence server for an example and returns an
// application's configuration for it.
func testServer() (*slasconetest.Server, agent.Config, func()) {
	srv := slasconetest.New(slasconetest.Config{})
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	return srv, agent.Config{
		Parts:           []agent.Part{agent.Usage(), agent.LicenseFiles()},
		ServerURL:       srv.URL,
		ISVID:           srv.ISV(),
		ProductID:       srv.Products()[0].ID,
		ProvisioningKey: srv.ProvisioningKey(),
		Signature:       agent.Signature{PublicKey: []byte(srv.PublicKeyPEM())},
		App:             agent.App{Name: "Sketch", Version: "1.4.2"},
		DeviceID:        "example-device", // only so that the example runs anywhere
		StateDir:        dir,
		Store:           storage.KindFile,
	}, func() { srv.Close(); os.RemoveAll(dir) }
}

// The first start of an application: nothing is kept yet, and New says so
// without asking the network.
func ExampleNew() {
	_, config, cleanUp := testServer()
	defer cleanUp()
	ctx := context.Background()

	a, err := agent.New(config)
	if err != nil {
		log.Fatal(err) // the configuration is wrong, or the licence's place cannot be read
	}
	defer a.Close(ctx)

	d := a.Decision()
	fmt.Println(d.State, d.Cause, d.Remedy)
	// Output: locked not_activated enter_key
}

func ExampleAgent_Activate() {
	srv, config, cleanUp := testServer()
	defer cleanUp()
	license := srv.AddLicense(slasconetest.License{TokenLimit: new(1)})
	ctx := context.Background()

	a, err := agent.New(config)
	if err != nil {
		log.Fatal(err)
	}
	defer a.Close(ctx)

	_, err = a.Activate(ctx, "11111111-2222-4333-8444-555555555555")
	if e, ok := errors.AsType[*agent.Error](err); ok && e.Kind == agent.KindConflict {
		fmt.Println(err)
	}
	d, err := a.Activate(ctx, license.Key)
	fmt.Println(d.State, err)
	// Output:
	// activate: the licence key is not valid (conflict 1000): a key usually looks like xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx, of digits and the letters a to f; copy it from the vendor's message instead of typing it
	// active <nil>
}

func ExampleAgent_Allows() {
	srv, config, cleanUp := testServer()
	defer cleanUp()
	license := srv.AddLicense(slasconetest.License{
		Features: []slasconetest.Feature{{Name: "pdf-export"}, {Name: "batch", Disabled: true}},
	})
	ctx := context.Background()

	a, err := agent.New(config)
	if err != nil {
		log.Fatal(err)
	}
	defer a.Close(ctx)
	if _, err := a.Activate(ctx, license.Key); err != nil {
		log.Fatal(err)
	}

	fmt.Println(a.Allows("pdf-export"), a.Allows("batch"), a.Allows("no such feature"))
	// Output: true false false
}

// An interface that follows the licence: the vendor switches it off, and on
// again.
func ExampleAgent_Changes() {
	srv, config, cleanUp := testServer()
	defer cleanUp()
	license := srv.AddLicense(slasconetest.License{})
	ctx := context.Background()

	a, err := agent.New(config)
	if err != nil {
		log.Fatal(err)
	}
	shown := make(chan struct{})
	changes := a.Changes(ctx)
	go func() {
		defer close(shown)
		for change := range changes {
			if c, ok := change.(agent.StateChanged); ok {
				fmt.Println(c.From.State, "->", c.To.State)
			}
		}
	}()

	if _, err := a.Activate(ctx, license.Key); err != nil {
		log.Fatal(err)
	}
	for _, off := range []bool{true, false} {
		srv.UpdateLicense(license.Key, func(l *slasconetest.License) { l.Inactive = off })
		if _, err := a.Heartbeat(ctx); err != nil { // the background does this by itself
			log.Fatal(err)
		}
	}
	a.Close(ctx)
	<-shown
	// Output:
	// locked -> active
	// active -> locked
	// locked -> active
}

// What the user may do tomorrow, next week and next month if the server stays
// out of reach.
func ExampleAgent_DecisionAt() {
	srv, config, cleanUp := testServer()
	defer cleanUp()
	license := srv.AddLicense(slasconetest.License{Freeride: new(7)})
	ctx := context.Background()

	a, err := agent.New(config)
	if err != nil {
		log.Fatal(err)
	}
	defer a.Close(ctx)
	if _, err := a.Activate(ctx, license.Key); err != nil {
		log.Fatal(err)
	}
	for _, days := range []int{0, 4, 8, 30} {
		d := a.DecisionAt(a.Now().Add(time.Duration(days) * 24 * time.Hour))
		if d.State >= enforcement.ReadOnly {
			fmt.Println(days, d.State, d.Cause, "remedy:", d.Remedy)
			continue
		}
		fmt.Println(days, d.State)
	}
	// Output:
	// 0 active
	// 4 grace
	// 8 read_only unreachable remedy: go_online
	// 30 locked unreachable remedy: go_online
}
