// Command desktop is Sketch, a small drawing program that is licensed by
// Leasehold.
//
//	go run . --demo        with a licence server inside and a panel that moves time
//	go run . --config FILE with a server of your own; the file is the command line tool's
//	go run . --first-frame how long a window takes to appear, with a licence and without
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/theme"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/messages"
	"github.com/leasehold-dev/leasehold/examples/desktop/licenseui"
	"github.com/leasehold-dev/leasehold/examples/desktop/timemachine"
)

type options struct {
	demo, firstFrame, trace                 bool
	config, stateDir, language, look, frame string
}

func main() {
	var o options
	flag.BoolVar(&o.demo, "demo", false, "bring a licence server and a panel that moves time")
	flag.StringVar(&o.config, "config", "", "configuration `FILE` of the command line tool")
	flag.StringVar(&o.stateDir, "state-dir", "", "`DIR` for the licence's files")
	flag.StringVar(&o.language, "language", "", "BCP 47 `tag`; default: the user's")
	flag.StringVar(&o.look, "look", "", "light or dark; default: the system's")
	flag.BoolVar(&o.trace, "trace", false, "write each decision to standard output")
	flag.BoolVar(&o.firstFrame, "first-frame", false, "measure the time from start to first frame, with a licence and without")
	flag.StringVar(&o.frame, "frame", "", "used by --first-frame: with or without")
	flag.Parse()
	run := run
	if o.firstFrame {
		run = func(options) error { return firstFrames() }
	}
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "desktop:", err)
		os.Exit(1)
	}
}

const proxyPreference = "proxy"

func run(o options) error {
	f := fyneapp.NewWithID("dev.leasehold.sketch")
	f.Settings().SetTheme(look(o.look))
	if o.frame == unlicensed {
		showUnlicensed(f)
		return nil
	}
	p := &program{app: f, trace: o.trace, shown: licenseui.Options{Languages: messages.UserLanguages(), Proxy: f.Preferences().String(proxyPreference)}}
	if o.language != "" {
		p.shown.Languages = []string{o.language}
	}
	p.shown.SetProxy = func(address string) error {
		f.Preferences().SetString(proxyPreference, address)
		return nil
	}
	switch {
	case o.demo:
		folder, err := os.MkdirTemp("", "sketch-demo")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(folder) }()
		p.machine = timemachine.New(folder, time.Now())
		defer func() { _ = p.machine.Close() }()
		p.config = p.machine.Config
		p.shown.Trial = p.machine.Trial
	case o.config != "":
		cfg, err := load(o.config, p.shown.Proxy)
		if err != nil {
			return err
		}
		cfg.StateDir = o.stateDir
		p.config = func(string) agent.Config { return cfg }
	default:
		return errors.New("say --demo, or name a configuration with --config")
	}
	w, err := p.open(timemachine.Computer)
	if err != nil {
		return err
	}
	w.SetMaster()
	if o.frame != "" {
		probe(w, p.wait)
	}
	w.ShowAndRun()
	p.wait()
	return nil
}

// look is a theme: light, dark, or as the system says.
func look(name string) fyne.Theme {
	t := licenseui.Readable(theme.DefaultTheme())
	switch name {
	case "light":
		return licenseui.InVariant(t, theme.VariantLight)
	case "dark":
		return licenseui.InVariant(t, theme.VariantDark)
	}
	return t
}

var windowSize = fyne.NewSize(1100, 760)
