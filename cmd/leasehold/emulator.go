package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/leasehold-dev/leasehold/agent/protocol"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/internal/namedfile"
)

// emulatorView is what the emulator says when it listens.
type emulatorView struct {
	Event           string         `json:"event"` // "listening"
	ServerURL       string         `json:"server_url"`
	ControlURL      string         `json:"control_url"`
	ISVID           string         `json:"isv_id"`
	ProductID       string         `json:"product_id"`
	ProvisioningKey string         `json:"provisioning_key"`
	PublicKey       string         `json:"public_key,omitempty"`
	CertificatePEM  string         `json:"certificate,omitempty"`
	Licenses        []emulatorSeat `json:"licences"`
}

type emulatorSeat struct {
	Key      string `json:"license_key"`
	Name     string `json:"license_name"`
	Floating bool   `json:"floating"`
	For      string `json:"for"` // what it is for
}

func (a *app) emulatorCommand() *cobra.Command {
	var run emulatorRun
	var at string
	c := &cobra.Command{
		Use:   "emulator",
		Short: "Run a licence server for tests, or drive one that runs",
		Long: `Run a licence server for tests: it signs like the real one, keeps real accounts
of seats and sessions, and goes wrong on demand. It starts with a licence of every
kind and runs until it is interrupted.

While it runs it is driven by the commands below, by its page at /emulator/, and
over HTTP (licences, clients, sessions, faults, clock, state). The commands find
it at --url, else at the server_url of --config, else at ` + defaultEmulator + `.`,
		Example: `  leasehold emulator --write-config try.json
  leasehold emulator advance 8d
  leasehold emulator licence expire Named
  leasehold emulator fault heartbeat portal --times 3
  leasehold emulator outage on`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runEmulator(cmd.Context(), run) },
	}
	f := c.Flags()
	f.StringVar(&run.addr, "addr", defaultEmulator, "listen on `HOST:PORT`; port 0 takes a free one")
	f.StringVar(&run.cfg.StateFile, "state", "", "load accounts and signing key from `FILE`, and save them there every minute and at the end")
	f.StringVar(&run.configOut, "write-config", "", "write a client's configuration to `FILE`")
	f.StringVar((*string)(&run.cfg.Signing), "signing", string(slasconetest.SigningRSA), "how answers are signed: rsa, hmac or none")
	f.StringVar(&run.cfg.HMACKey, "shared-key", "", "the `SECRET` of --signing hmac")
	f.BoolVar(&run.cfg.TLS, "tls", false, "serve HTTPS with a certificate of its own")
	f.IntVar(&run.cfg.SuspendedConflict, "suspended-conflict", 0, "the `ID` that suspended clients get (default 2006)")
	f.IntVar(&run.cfg.SecondActivation, "second-activation", 0, "the `ID` that a client gets which activates twice, such as 2001 (default: none)")
	f.StringVar((*string)(&run.cfg.Balance), "balance", "", "what a limitation's balance counts: consumed, left or absent (default consumed)")
	c.PersistentFlags().StringVar(&at, "url", "", "drive the emulator at `URL`")
	c.AddCommand(a.emulatorControls(&at)...)
	return c
}

// emulatorRun is what the flags say of an emulator.
type emulatorRun struct {
	cfg             slasconetest.Config
	addr, configOut string
}

// savedEvery is how often the accounts are saved while the emulator runs.
const savedEvery = time.Minute

// runEmulator serves until ctx ends.
func (a *app) runEmulator(ctx context.Context, run emulatorRun) error {
	if run.addr == "" { // which would be every address of this machine, with any port
		return &usageError{errors.New("the emulator has no address to listen on"), "give one with --addr, such as " + defaultEmulator}
	}
	run.cfg.Licenses = emulatorLicenses()
	srv, err := newEmulator(run.cfg)
	if err != nil {
		return err
	}
	defer func() { _ = srv.Close() }() // saving is checked below
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", run.addr)
	if err != nil {
		return &usageError{fmt.Errorf("the emulator cannot listen: %w", err), "choose another address with --addr"}
	}
	scheme := "http://"
	if run.cfg.TLS {
		scheme = "https://"
	}
	view := viewEmulator(srv, scheme+l.Addr().String())
	if run.configOut != "" {
		if err := writeClientConfig(run.configOut, view, string(run.cfg.Signing), run.cfg.HMACKey); err != nil {
			_ = l.Close()
			return &usageError{err, "choose another file with --write-config"}
		}
	}
	a.announceEmulator(view, run.configOut)
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	save := time.NewTicker(savedEvery)
	defer save.Stop()
	for {
		select {
		case <-ctx.Done():
			err = srv.Close()
			<-served //nolint:errcheck // it says the same
			if err != nil {
				return &usageError{fmt.Errorf("the accounts cannot be saved: %s", protocol.Plain(err)), otherStateFile}
			}
			return nil
		case err := <-served:
			return err
		case <-save.C:
			if run.cfg.StateFile == "" {
				continue
			}
			if err := srv.SaveState(); err != nil {
				a.complain(fmt.Errorf("the accounts cannot be saved: %s", protocol.Plain(err)), "free some disk space; it is tried again in a minute")
			}
		}
	}
}

// newEmulator makes a server. Its state is saved at once, so that a place that
// cannot be written is not noticed only at the end, with everything lost.
func newEmulator(cfg slasconetest.Config) (*slasconetest.Server, error) {
	if cfg.Signing == slasconetest.SigningHMAC && cfg.HMACKey == "" {
		return nil, &usageError{errors.New("hmac has no secret"), "give one with --shared-key SECRET"}
	}
	if cfg.StateFile != "" {
		data, err := namedfile.Read(cfg.StateFile, 64<<10) // enough to see that there is something
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, &usageError{fmt.Errorf("the state file cannot be read: %w", err), otherStateFile}
		case len(bytes.TrimSpace(data)) == 0:
			return nil, &usageError{fmt.Errorf("the state file %s is empty", cfg.StateFile), "restore it, or name another file with --state to begin with new accounts and a new key"}
		}
	}
	srv, err := slasconetest.NewUnstarted(cfg)
	if err != nil {
		return nil, &usageError{err, "see 'leasehold emulator --help'"}
	}
	if cfg.StateFile != "" {
		if err := srv.SaveState(); err != nil {
			_ = srv.Close() // which fails for the same reason
			return nil, &usageError{fmt.Errorf("the state file cannot be written: %s", protocol.Plain(err)), otherStateFile}
		}
	}
	return srv, nil
}

const otherStateFile = "choose another file with --state"

func viewEmulator(srv *slasconetest.Server, url string) emulatorView {
	v := emulatorView{
		Event:           "listening",
		ServerURL:       url,
		ControlURL:      url + "/emulator/",
		ISVID:           srv.ISV(),
		ProductID:       srv.Products()[0].ID,
		ProvisioningKey: srv.ProvisioningKey(),
		PublicKey:       srv.PublicKeyPEM(),
		CertificatePEM:  srv.CertificatePEM(),
		Licenses:        []emulatorSeat{},
	}
	for _, l := range srv.Licenses() {
		v.Licenses = append(v.Licenses, emulatorSeat{Key: l.Key, Name: l.Name, Floating: l.Floating, For: l.Description})
	}
	return v
}

// writeClientConfig writes the configuration of a client of the emulator.
func writeClientConfig(path string, v emulatorView, signing, sharedKey string) error {
	signature := map[string]any{"mode": signing}
	switch slasconetest.Signing(signing) {
	case slasconetest.SigningRSA:
		signature["public_key"] = v.PublicKey
	case slasconetest.SigningHMAC:
		signature["shared_key"] = sharedKey
	}
	cfg := map[string]any{
		"server_url":       v.ServerURL,
		"isv_id":           v.ISVID,
		"product_id":       v.ProductID,
		"provisioning_key": v.ProvisioningKey,
		"signature":        signature,
		"app":              map[string]string{"name": "Sketch", "version": "1.4.2"},
	}
	if v.CertificatePEM != "" {
		ca := path + ".ca.pem"
		if err := os.WriteFile(ca, []byte(v.CertificatePEM), 0o600); err != nil {
			return err
		}
		cfg["ca_file"] = filepath.Base(ca)
	}
	data, err := json.MarshalIndent(cfg, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o600)
}

func (a *app) announceEmulator(v emulatorView, configOut string) {
	if a.json {
		a.printJSON(v)
		return
	}
	a.printf("licence server for tests at %s (page: %s)\n\n", v.ServerURL, v.ControlURL)
	for _, l := range v.Licenses {
		a.printf("  %s  %-12s %s\n", l.Key, clean(l.Name), a.style.dim(clean(l.For)))
	}
	if configOut != "" && len(v.Licenses) > 0 {
		a.printf("\ntry: leasehold --config %s activate %s\n", configOut, v.Licenses[0].Key)
	}
	a.printf("\nstop it with Ctrl-C\n")
}
