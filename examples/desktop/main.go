// Command desktop is Sketch, a small drawing program that is licensed by
// Leasehold.
//
//	go run . --demo        with a licence server inside and a panel that moves time
//	go run . --config FILE with a server of your own; the file is the command line tool's
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/container"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/messages"
	"github.com/leasehold-dev/leasehold/examples/desktop/app"
	"github.com/leasehold-dev/leasehold/examples/desktop/licenceui"
	"github.com/leasehold-dev/leasehold/examples/desktop/timemachine"
)

func main() {
	demo := flag.Bool("demo", false, "bring a licence server and a panel that moves time")
	config := flag.String("config", "", "configuration `FILE` of the command line tool")
	language := flag.String("language", "", "BCP 47 `tag`; default: the user's")
	flag.Parse()
	if err := run(*demo, *config, *language); err != nil {
		fmt.Fprintln(os.Stderr, "desktop:", err)
		os.Exit(1)
	}
}

const proxyPreference = "proxy"

func run(demo bool, config, language string) error {
	f := fyneapp.NewWithID("dev.leasehold.sketch")
	options := licenseui.Options{Languages: messages.UserLanguages(), Proxy: f.Preferences().String(proxyPreference)}
	if language != "" {
		options.Languages = []string{language}
	}
	options.SetProxy = func(address string) error {
		if err := checkProxy(address); err != nil {
			return err
		}
		f.Preferences().SetString(proxyPreference, address)
		return nil
	}
	var cfg agent.Config
	var machine *timemachine.Machine
	switch {
	case demo:
		folder, err := os.MkdirTemp("", "sketch-demo")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(folder) }()
		machine = timemachine.New(folder, time.Now())
		defer func() { _ = machine.Close() }()
		cfg = machine.Config("this-computer")
	case config != "":
		var err error
		if cfg, err = load(config, options.Proxy); err != nil {
			return err
		}
	default:
		return errors.New("say --demo, or name a configuration with --config")
	}
	return show(f, cfg, machine, options)
}

func show(f fyne.App, cfg agent.Config, machine *timemachine.Machine, options licenseui.Options) error {
	a, err := agent.New(cfg)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer func() {
		stop()
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		_ = a.Close(ctx) // gives the seat back
	}()
	if err := a.Start(ctx); err != nil {
		return err
	}
	w := f.NewWindow(cfg.App.Name)
	s, err := app.New(w, a, options)
	if err != nil {
		return err
	}
	if machine != nil {
		w.SetContent(container.NewBorder(nil, nil, nil, machine.Panel(a, nil, s.UI.Refresh), w.Content()))
	}
	s.Run(ctx)
	w.Resize(fyne.NewSize(1100, 720))
	w.ShowAndRun()
	return nil
}
