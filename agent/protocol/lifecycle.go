package protocol

import (
	"context"
	"encoding/json"
	"path/filepath"
	"runtime"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/settings"
	"github.com/leasehold-dev/leasehold/storage"
)

// Protocol is the version of what this package speaks.
const Protocol = 1

type openParams struct {
	Config     json.RawMessage `json:"config"`      // the configuration, an object as in the command line's file; this or config_file
	ConfigFile string          `json:"config_file"` // the path of a file that holds it
	Base       string          `json:"base"`        // the folder that relative paths in config start from; default: the process's
	StateDir   string          `json:"state_dir"`   // the folder for files; default: leasehold in the user's configuration folder
	Store      string          `json:"store"`       // where the licence is kept: auto (the default), keyring or file
	Start      *bool           `json:"start"`       // begin heartbeats in the background; default true

	ManualSessions bool `json:"manual_sessions"`  // floating seats are the application's business; by default one is taken and renewed by itself
	SeatPerProcess bool `json:"seat_per_process"` // each process takes a floating seat of its own; by default all on this machine share one
	ConsumeOffline bool `json:"consume_offline"`  // take what was last known to remain when the server cannot be asked

	Links     Links    `json:"links"`     // the vendor's pages that a user can be sent to; they become actions of messages
	Languages []string `json:"languages"` // the user's, the most wanted first, as BCP 47 tags or locales; default: the system's
}

// Links are pages of the vendor's. {license}, {device}, {app} and {version} in them
// are replaced.
type Links struct {
	Buy      string `json:"buy"`
	Renew    string `json:"renew"`
	Manage   string `json:"manage"`
	Support  string `json:"support"`
	Download string `json:"download"`
}

// Opened is an agent that was opened.
type Opened struct {
	Agent  uint64 `json:"agent"` // to be passed with each call that is about it
	Status Status `json:"status"`
}

func open(ctx context.Context, s *Server, _ *entry, p openParams) (Opened, error) {
	cfg, err := p.agentConfig(s.preset)
	if err != nil {
		return Opened{}, err
	}
	texts, err := textsIn(p.Languages)
	if err != nil {
		return Opened{}, err
	}
	a, err := agent.New(cfg)
	if err != nil {
		return Opened{}, err
	}
	e, err := s.add(a, cfg)
	if err != nil {
		_ = a.Close(ctx)
		return Opened{}, err
	}
	e.texts = texts
	s.pump(e)
	if p.Start == nil || *p.Start {
		if err := a.Start(context.Background()); err != nil {
			_ = s.remove(ctx, e.handle)
			return Opened{}, err
		}
	}
	s.changed(e)
	return Opened{Agent: e.handle, Status: StatusOf(a, a.Decision())}, nil
}

// agentConfig is the agent's configuration: what was passed, or the preset where
// nothing was. The environment has no part in what is passed.
func (p *openParams) agentConfig(preset *agent.Config) (agent.Config, error) {
	cfg, err := p.configured(preset)
	if err != nil {
		return cfg, err
	}
	switch kind := storage.Kind(p.Store); kind {
	case "":
	case storage.KindAuto, storage.KindKeyring, storage.KindFile:
		cfg.Store = kind
	default:
		return cfg, misuse("store is %.20q; it is auto, keyring or file", p.Store)
	}
	if p.StateDir != "" {
		cfg.StateDir = p.StateDir
	}
	if p.Links != (Links{}) {
		cfg.Links = agent.Links(p.Links)
	}
	cfg.ManualSessions, cfg.SeatPerProcess, cfg.ConsumeOffline = p.ManualSessions, p.SeatPerProcess, p.ConsumeOffline
	return cfg, nil
}

func (p *openParams) configured(preset *agent.Config) (agent.Config, error) {
	data, base := []byte(p.Config), p.Base
	passed := len(data) > 0 && string(data) != "null"
	switch {
	case passed && p.ConfigFile != "":
		return agent.Config{}, misuse("config and config_file exclude one another")
	case p.ConfigFile != "":
		var err error
		if data, err = settings.ReadFile(p.ConfigFile); err != nil {
			return agent.Config{}, &Failure{Kind: Usage, Message: "the configuration file cannot be read: " + err.Error(), Hint: "check config_file"}
		}
		base = filepath.Dir(p.ConfigFile)
	case passed:
	case preset != nil:
		return *preset, nil
	default:
		return agent.Config{}, misuse("there is no configuration: pass config or config_file")
	}
	file, err := settings.Decode(data, base)
	if err != nil {
		return agent.Config{}, misuse("the configuration: %v", err)
	}
	return file.Config()
}

func closeAgent(ctx context.Context, s *Server, e *entry, _ none) (none, error) {
	return none{}, s.remove(ctx, e.handle)
}

// Version tells what answers.
type Version struct {
	Protocol int    `json:"protocol"`
	Version  string `json:"version"`  // of Leasehold
	Platform string `json:"platform"` // such as linux/amd64
}

func version(_ context.Context, s *Server, _ *entry, _ none) (Version, error) {
	return Version{Protocol: Protocol, Version: s.version, Platform: runtime.GOOS + "/" + runtime.GOARCH}, nil
}
