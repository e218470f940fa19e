package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/licensefile"
	"github.com/leasehold-dev/leasehold/agent/protocol"
	"github.com/leasehold-dev/leasehold/agent/settings"
	"github.com/leasehold-dev/leasehold/internal/namedfile"
)

func (a *app) licenseCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "license",
		Short: "Work with licence files, for machines that are never on line",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return &usageError{errors.New("the license command needs to know what to do"), "one of: license verify FILE…, import FILE, request KEY, covers VERSION"}
		},
	}
	c.AddCommand(a.licenseVerifyCommand(), a.licenseImportCommand(), a.licenseRequestCommand(), a.licenseCoversCommand())
	return c
}

func (a *app) licenseVerifyCommand() *cobra.Command {
	var key string
	c := &cobra.Command{
		Use:   "verify FILE...",
		Short: "Tell what files are, for whom, until when, and which check fails; exit 0 or 1",
		Long: `Tell what files are, for whom, until when, and which check fails; exit 0 when all
are valid, else 1. A licence file that names no device takes an activation file to
be used; give both to see whether they belong together.

With --key the signature is checked with that public key, and no configuration is
needed; what a file is bound to, product and device, is then not checked.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := a.fileConfig(key)
			if err != nil {
				return err
			}
			views := []protocol.File{}
			ok := true
			activated := map[string]bool{}
			keys := make([]string, len(args))
			for i, path := range args {
				v, report, err := verifyFile(cmd, cfg, path)
				if err != nil {
					return err
				}
				ok = ok && v.OK
				views = append(views, v)
				keys[i] = strings.ToLower(report.Terms.Key)
				if v.OK && report.Kind == licensefile.ActivationFile {
					activated[keys[i]] = true
				}
			}
			for i := range views {
				views[i].NeedsActivation = views[i].NeedsActivation && !activated[keys[i]]
			}
			return a.printFiles(views, ok)
		},
	}
	c.Flags().StringVar(&key, "key", "", "verify with the public key in `KEYFILE`, without a configuration")
	return c
}

// printFiles prints what became of files, and exits with 1 unless all are valid.
func (a *app) printFiles(views []protocol.File, ok bool) error {
	if a.json {
		a.printJSON(map[string]any{"ok": ok, "files": views})
	} else {
		for i, v := range views {
			if i > 0 {
				a.printf("\n")
			}
			a.printFile(v)
		}
	}
	if !ok {
		return exitError(exitFailed)
	}
	return nil
}

// fileConfig is what licence files are verified with: the configuration, or a
// public key alone.
func (a *app) fileConfig(key string) (agent.Config, error) {
	if key != "" {
		pem, err := settings.ReadFile(key)
		if err != nil {
			return agent.Config{}, &usageError{fmt.Errorf("the public key cannot be read: %w", err), "check the path given with --key"}
		}
		return agent.Config{Signature: agent.Signature{PublicKey: pem}}, nil
	}
	file, err := loadConfig(a.configPath, a.lookup)
	if err != nil {
		return agent.Config{}, err
	}
	if a.configPath == "" && file.ServerURL == "" {
		return agent.Config{}, &usageError{errors.New("there is neither a configuration nor a key to verify with"), "name a public key with --key, or a configuration with --config"}
	}
	cfg, err := file.Config()
	if err != nil {
		return cfg, misconfigured(err)
	}
	// Whatever the answers are signed with, files are signed with RSA.
	if cfg.Signature.PublicKey, err = file.Signature.FileKey(); err != nil {
		return cfg, &usageError{err, settings.HintSignature}
	}
	return cfg, checkFileKey(cfg)
}

// checkFileKey asks for the key that licence files are verified with.
func checkFileKey(cfg agent.Config) error {
	if len(cfg.Signature.PublicKey) == 0 {
		return &usageError{errors.New("files are signed with the account's RSA key, and none is configured"), "set signature.mode to rsa and signature.public_key_file"}
	}
	return nil
}

func verifyFile(cmd *cobra.Command, cfg agent.Config, path string) (protocol.File, licensefile.Report, error) {
	v := protocol.File{File: path, Kind: licensefile.UnknownFile.String(), Checks: []protocol.Check{}}
	data, err := readFile(path)
	if err != nil {
		v.FailedCheck, v.Message = "read", err.Error()
		return v, licensefile.Report{}, nil
	}
	report, err := agent.InspectFile(cmd.Context(), cfg, data, time.Now())
	if err != nil {
		return v, report, &usageError{err, ""}
	}
	return protocol.FileOf(path, report), report, nil
}

func (a *app) printFile(v protocol.File) {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%s\t%s\n", name, clean(value))
		}
	}
	verdict := "valid"
	switch {
	case !v.OK:
		verdict = "not valid: " + v.Message
	case v.NeedsActivation:
		verdict = "in order, but its activation file is missing: the licence file names no device; 'leasehold license request KEY' tells where to get one"
	}
	now := time.Now()
	row("file", v.File)
	row("is", v.Kind)
	row("verdict", verdict)
	row("licence", strings.Join(nonEmpty(v.LicenseName, v.Product), ", "))
	row("key", v.LicenseKey)
	row("customer", v.Customer)
	row("client", v.ClientID)
	if !v.Issued.IsZero() {
		row("issued", protocol.When(v.Issued.Time, now))
		if v.Kind == licensefile.LicenseFile.String() {
			expires := "never"
			if !v.Expires.IsZero() {
				expires = protocol.When(v.Expires.Time, now)
			}
			row("expires", expires)
		}
	}
	row("releases", v.Release)
	for _, c := range v.Checks {
		row("check", c.Check+": "+c.Result)
	}
	_ = w.Flush()
}

// readFile reads no more than a licence file can have, and one byte to tell.
func readFile(path string) ([]byte, error) {
	return namedfile.Read(path, licensefile.MaxSize+1)
}

func (a *app) licenseImportCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "import FILE",
		Short: "Take over a licence file, or the activation file that completes it",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := a.config()
			if err != nil {
				return err
			}
			if err := checkFileKey(cfg); err != nil {
				return err
			}
			data, err := readFile(args[0])
			if err != nil {
				return &usageError{fmt.Errorf("the file cannot be read: %w", err), "check the path"}
			}
			return a.withAgent(cmd.Context(), func(ag *agent.Agent) error {
				d, err := ag.ImportFile(cmd.Context(), data)
				if key, waiting := ag.NeedsActivationFile(); err == nil && waiting {
					a.tell(fmt.Sprintf("the licence file is taken over and waits for its activation file; 'leasehold license request %s' tells where to get it, then import that", key))
				}
				return a.report(ag, importOp, d, err, nil)
			})
		},
	}
}

func (a *app) licenseRequestCommand() *cobra.Command {
	var qr bool
	var png string
	c := &cobra.Command{
		Use:   "request KEY",
		Short: "Print the address that gives an activation file, for a device that is on line",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withAgent(cmd.Context(), func(ag *agent.Agent) error {
				request, err := ag.ActivationRequest(args[0])
				if err != nil {
					return &usageError{err, ""}
				}
				v := protocol.ActivationRequest{ClientID: ag.ClientID(), PNG: png}
				if v.URL, err = request.URL(); err != nil {
					return &usageError{err, ""}
				}
				if png != "" {
					image, err := request.PNG()
					if err == nil {
						err = os.WriteFile(png, image, 0o600)
					}
					if err != nil {
						return &usageError{fmt.Errorf("the QR code cannot be written: %w", err), "choose another file with --png"}
					}
				}
				if a.json {
					a.printJSON(v)
					return nil
				}
				a.printf("%s\n", v.URL)
				if qr {
					code, err := request.Terminal()
					if err != nil {
						return &usageError{err, ""}
					}
					a.printf("\n%s", code)
				}
				return nil
			})
		},
	}
	c.Flags().BoolVar(&qr, "qr", false, "show a QR code as well")
	c.Flags().StringVar(&png, "png", "", "write the QR code into `FILE`")
	return c
}
