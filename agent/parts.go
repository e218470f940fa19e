package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/leasehold-dev/leasehold/agent/internal/outbox"
	"github.com/leasehold-dev/leasehold/agent/internal/preseed"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/internal/seeding"
)

// Rejected, see docs/designs.md: A part for floating seats.

// A Part is something that an agent can do and that not every application wants.
// What no application names in [Config.Parts] is not linked into it; docs/size.md
// tells what each part costs.
type Part struct {
	reports func(outbox.Config) reports
	files   record.FileReader
	preseed func(Config) (Config, seeded, error)
}

// Usage is the part that keeps reports in a journal and delivers them: [Agent.Use],
// [Agent.UseAmount], [Agent.Measure], and what [Config.ConsumeOffline] books.
func Usage() Part {
	return Part{reports: func(c outbox.Config) reports { return outbox.New(c) }}
}

// LicenseFiles is the part that reads licence files: [Agent.ImportFile], and the
// licence that is held from one.
func LicenseFiles() Part { return Part{files: record.LicenseFiles{}} }

// Preseed is the part that reads what an administrator has laid down on a machine
// for the application under a name, such as "acme-cad": letters, digits, dots,
// hyphens and underscores.
//
// It is read from /etc/leasehold/NAME.json (macOS: /Library/Application
// Support/Leasehold, Windows: %ProgramData%\Leasehold) and, before it, from the
// values of HKEY_LOCAL_MACHINE\Software\Policies\Leasehold\NAME: license_key
// (activated once, by Start or Heartbeat, when no licence is held), proxy_url,
// ca_file, user_id and heartbeat. What the application itself sets takes
// precedence; the certificates of ca_file are trusted in addition. A file counts
// only if it and its folders belong to an administrator and nobody else may write
// them. What is wrong is in the log and in [Diagnosis], and never stops the
// application.
func Preseed(name string) Part {
	return Part{preseed: func(c Config) (Config, seeded, error) { return c.readPreseed(name, preseed.Machine()) }}
}

// ErrNoPart is wrapped by calls that need a part which [Config.Parts] does not
// name.
var ErrNoPart = errors.New("this application is built without that part")

var (
	errNoUsage = fmt.Errorf("reports are not kept: %w; add agent.Usage() to Config.Parts", ErrNoPart)
	errNoFiles = fmt.Errorf("licence files are not read: %w; add agent.LicenseFiles() to Config.Parts", ErrNoPart)
)

// reports are what part Usage does.
type reports interface {
	Add(ctx context.Context, entries ...outbox.Entry) error
	Deliver(ctx context.Context) ([]outbox.Rejected, error)
	Recount(ctx context.Context) error
	Blames(err error) bool
	Next(now time.Time) time.Time
	Pending() int
	Peek() int
	Reopen(ctx context.Context)
	Path() string
	Close() error
	Erase() error
}

// noReports stands for part Usage where it is not wanted. What an earlier release
// of the application has left in a journal stays there, and goes with [Agent.Erase].
type noReports struct{ path string }

func (*noReports) Add(context.Context, ...outbox.Entry) error         { return errNoUsage }
func (*noReports) Deliver(context.Context) ([]outbox.Rejected, error) { return nil, nil }
func (*noReports) Recount(context.Context) error                      { return nil }
func (*noReports) Blames(error) bool                                  { return false }
func (*noReports) Next(time.Time) time.Time                           { return time.Time{} }
func (*noReports) Pending() int                                       { return 0 }
func (*noReports) Peek() int                                          { return 0 }
func (*noReports) Reopen(context.Context)                             {}
func (r *noReports) Path() string                                     { return r.path }
func (*noReports) Close() error                                       { return nil }
func (r *noReports) Erase() error                                     { return outbox.Remove(r.path) }

// parts completes what was not named by what does nothing.
func (s *settings) parts() error {
	s.files = &record.NoFiles{Why: errNoFiles}
	for _, p := range s.Parts {
		if p.reports != nil {
			s.reports = p.reports
		}
		if p.files != nil {
			s.files = p.files
		}
	}
	if s.ConsumeOffline && s.reports == nil {
		return fmt.Errorf("agent: ConsumeOffline: %w", errNoUsage)
	}
	return nil
}

// openReports makes the room of part Usage.
func (s *settings) openReports(c outbox.Config) reports {
	if s.reports == nil {
		return &noReports{outbox.Path(c.Folder, c.ClientID)}
	}
	return s.reports(c)
}

// seeds are what part Preseed does after New: they decide when the licence key that
// was laid down is activated.
type seeds interface {
	Waits() bool
	Next(now time.Time) time.Time
	Activated(ctx context.Context)
	Failed(err error, refused bool)
}

// noSeeds stands for them where there is no such key.
type noSeeds struct{}

func (*noSeeds) Waits() bool               { return false }
func (*noSeeds) Next(time.Time) time.Time  { return time.Time{} }
func (*noSeeds) Activated(context.Context) {}
func (*noSeeds) Failed(error, bool)        {}

// seeds makes the room of part Preseed.
func (s seeded) seeds(c seeding.Config) seeds {
	if s.open == nil {
		return &noSeeds{}
	}
	c.Key = s.key
	return s.open(c)
}
