package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/protocol"
	"github.com/leasehold-dev/leasehold/agent/settings"
	"github.com/leasehold-dev/leasehold/storage"
)

// app is one invocation of the tool.
type app struct {
	lookup func(string) (string, bool) // the environment
	stdout io.Writer
	out    *output // over stdout, for whatever is printed
	err    io.Writer
	style  style // of what goes to out

	configPath string
	stateDir   string
	store      string
	json       bool
	verbose    bool

	showVersion bool
}

// run executes one command line and returns its exit code.
func run(ctx context.Context, args []string, lookup func(string) (string, bool), stdout, stderr io.Writer) int {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a := &app{lookup: lookup, stdout: stdout, out: &output{to: stdout, failed: cancel}, err: stderr, style: styleFor(stdout, lookup)}
	root := a.rootCommand()
	root.SetArgs(args)
	code := a.ended(root.ExecuteContext(ctx), args)
	if err := a.out.failure(); err != nil {
		a.complain(fmt.Errorf("what there is to say cannot be written: %w", err), "free some disk space, or let it print somewhere else")
		return cmp.Or(code, exitFailed)
	}
	return code
}

// ended returns the exit code of a command that returned err, and says what is
// not said yet.
func (a *app) ended(err error, args []string) int {
	if code, ok := errors.AsType[exitError](err); ok {
		return int(code)
	}
	if err == nil {
		return exitOK
	}
	if _, misused := errors.AsType[*usageError](err); !misused && a.out.failure() != nil {
		return exitFailed // for that reason
	}
	// A flag that cobra refused may have come before --json was read.
	a.json = a.json || slices.Contains(args, "--json")
	return a.fail(err)
}

// fail prints an error that has no state beside it.
func (a *app) fail(err error) int {
	code, hint := exitFailed, ""
	if usage, ok := errors.AsType[*usageError](err); ok {
		code, hint = exitUsage, cmp.Or(usage.hint, correctIt)
	}
	if a.json {
		kind := agent.KindUsage
		if code != exitUsage {
			kind = agent.KindSilence
		}
		a.printJSON(map[string]any{"error": protocol.Error{Op: "leasehold", Kind: kind, Message: protocol.Plain(err), Hint: cmp.Or(hint, hintOf(err))}})
	}
	a.complain(err, hint)
	return code
}

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "leasehold",
		Short: "Enforce, inspect and rehearse licences of a SLASCONE server",
		Long: `Enforce, inspect and rehearse licences of a SLASCONE server.

Exit codes: 0 active or grace, 10 read-only, 20 locked; 1 when the call failed
while the state is active or grace; 2 for wrong usage or configuration.
A deactivate, erase or license import that succeeds exits with 0.

Every top-level scalar of the configuration file can be overridden by the
environment: LEASEHOLD_SERVER_URL, LEASEHOLD_DEVICE_ID, …`,
		Example: `  leasehold demo
  leasehold emulator --write-config try.json
  leasehold --config try.json status`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case a.showVersion:
				a.printVersion()
				return nil
			case a.json:
				return a.listCommands(cmd)
			}
			return cmd.Help()
		},
	}
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetFlagErrorFunc(flagError)
	a.helpInJSON(root)
	a.globalFlags(root.PersistentFlags())
	root.AddCommand(
		a.demoCommand(), a.emulatorCommand(), a.deviceIDCommand(),
		a.activateCommand(), a.heartbeatCommand(), a.statusCommand(), a.deactivateCommand(), a.eraseCommand(), a.sessionCommand(),
		a.explainCommand(), a.codesCommand(), a.forecastCommand(), a.featureCommand(), a.featuresCommand(),
		a.licenseCommand(), a.fleetCommand(), a.usageCommand(), a.consumeCommand(), a.doctorCommand(), a.serveCommand(),
		a.watchCommand(), a.limitsCommand(), a.variablesCommand(), a.versionCommand(), a.manCommand(),
	)
	root.Flags().BoolVar(&a.showVersion, "version", false, "tell the version of this program")
	arrange(root)
	checkDefaults(root)
	a.offer(root)
	wordMisuse(root)
	return root
}

// globalFlags are those of every command.
func (a *app) globalFlags(flags *pflag.FlagSet) {
	flags.StringVar(&a.configPath, "config", "", "the configuration `FILE` (JSON)")
	flags.StringVar(&a.stateDir, "state-dir", "", "the `DIR` where files are kept (default: leasehold in the user's configuration folder)")
	flags.StringVar(&a.store, "store", "auto", "the `PLACE` where the licence is kept: auto, keyring or file")
	flags.BoolVar(&a.json, "json", false, "print JSON on stdout and nothing else: one object (demo and watch: one per line)")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "log to stderr")
}

// listCommands shows the commands as JSON.
func (a *app) listCommands(root *cobra.Command) error {
	type command struct {
		Name    string `json:"name"`
		Summary string `json:"summary"`
	}
	list := []command{}
	for _, c := range allCommands(root) {
		if c.IsAvailableCommand() && !c.HasAvailableSubCommands() {
			list = append(list, command{strings.TrimPrefix(c.CommandPath(), root.Name()+" "), c.Short})
		}
	}
	a.printJSON(map[string]any{"commands": list})
	return nil
}

// config reads the configuration and what the flags add to it.
func (a *app) config() (agent.Config, error) {
	file, err := loadConfig(a.configPath, a.lookup)
	if err != nil {
		return agent.Config{}, err
	}
	if a.configPath == "" && file.ServerURL == "" {
		return agent.Config{}, &usageError{errors.New("there is no configuration"), "name a file with --config; 'leasehold emulator --write-config FILE' makes one to try"}
	}
	cfg, err := file.Config()
	if err != nil {
		return cfg, misconfigured(err)
	}
	if file.App.Name == "" || file.App.Version == "" {
		return cfg, &usageError{errors.New("the configuration does not say which application this is"), `add "app": {"name": "…", "version": "…"}; the server judges licences by the version`}
	}
	cfg.SettingsFrom = strings.Join(append(nonEmpty(a.configPath), settings.Overriding(a.lookup)...), " and ")
	cfg.SettingOrigins = file.Origins(a.configPath, a.lookup)
	if file.Signature.IdleSecret() {
		fmt.Fprintf(a.err, "hint: signature.shared_key has no use in signature.mode %s\n", file.Signature.Mode)
	}
	return cfg, a.complete(&cfg)
}

// complete adds what the flags say.
func (a *app) complete(cfg *agent.Config) error {
	switch kind := storage.Kind(a.store); kind {
	case storage.KindAuto, storage.KindKeyring, storage.KindFile:
		cfg.Store = kind
	default:
		return &usageError{fmt.Errorf("--store is %q", a.store), "it is auto, keyring or file"}
	}
	cfg.StateDir = a.stateDir
	if a.verbose {
		cfg.Logger = slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return nil
}
