package storage

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/internal/given"
	"github.com/leasehold-dev/leasehold/internal/logging"
)

// Logger is what this package needs of a logger: four methods of [log/slog.Logger], which is one.
type Logger interface {
	Debug(msg string, args ...any)
	Info(msg string, args ...any)
	Warn(msg string, args ...any)
	Error(msg string, args ...any)
}

// Config says where a record is kept and how it is sealed. Only Identity is
// required.
type Config struct {
	// Identity names the record.
	Identity Identity

	// Seal is the device ID. A record opens only under the seal it was made
	// with, so that a copy on another machine gives ErrForeign. "" for a
	// record that must be readable before the device ID is known; it is not
	// bound to a device.
	Seal string

	// Dir is the folder for state files, spill files, marks and locks; each
	// product gets a folder of mode 0700 in it. Default: "leasehold" in
	// [os.UserConfigDir], which is $XDG_CONFIG_HOME or ~/.config on Linux,
	// %AppData% on Windows, ~/Library/Application Support on macOS.
	Dir string

	// Kind is KindAuto (the default), KindKeyring or KindFile. KindAuto uses
	// the keyring if it answers, and a file until it does. With KindFile the
	// keyring is never called.
	Kind Kind

	// Copy keeps, with KindAuto, a sealed copy of the keyring's record in a file,
	// which is read only when the keyring does not answer, has lost the record or
	// spoilt it: nothing that was learned is then out of reach. The copy is as
	// safe as the record of KindFile, which is less than the keyring's.
	Copy bool

	// Memory keeps, for as long as the process runs, what can be written nowhere
	// else: a folder that is read-only, of somebody else or missing, a disk that is
	// full, a file that cannot be read now. Each commit tries the other places
	// again, and moves the record there as soon as one takes it. Without it such a
	// commit fails with ErrUnavailable.
	Memory bool

	// KeyringService is the name under which the user sees the item in the
	// keyring: at most 64 bytes of printable ASCII without a colon. Default
	// "leasehold".
	KeyringService string

	// Timeout is the longest that one keyring call is waited for. Default 3 s.
	Timeout time.Duration

	// BreakerPause is for how long no keyring call is made after one that
	// missed its deadline. Default 1 min.
	BreakerPause time.Duration

	// LockTimeout is the longest wait for another process that is writing the
	// same record. Default 10 s.
	LockTimeout time.Duration

	// Keyring replaces the keyring of the operating system. Default
	// [SystemKeyring].
	Keyring Keyring

	// Logger gets debug and warning messages. They name files and errors,
	// never data or keys. Default: none.
	Logger Logger

	// OnEvent is called from Open, Commit, Update and Delete, outside all
	// locks, and must not block for long. Default: none.
	OnEvent func(Event)

	fsys fileSystem // default osFS
	none error      // why there is no folder

	longest int   // keyring item, in bytes of base64
	press   press // nil: none
}

// Event reports something about where the record is kept.
type Event struct {
	Type  EventType
	Store Kind  // where the record is kept now
	From  Kind  // where it was before; only for EventMoved and EventChosen
	Err   error // the reason, if there is one: why not the keyring, what was set aside
}

// EventType is the type of an [Event].
type EventType string

const (
	// EventChosen: Open has chosen a store. Err says why it is not the keyring, or
	// why it is memory, and From is KindKeyring if a record was kept there all the
	// same.
	EventChosen EventType = "store_chosen"
	// EventMoved: the record was moved to another store.
	EventMoved EventType = "store_moved"
	// EventUnlocked: there are no file locks where the record is kept, so that of two
	// processes which write at once, one may undo what the other has learned. Err
	// says why. It comes once.
	EventUnlocked EventType = "store_unlocked"
	// EventSetAside: bytes that could not be read were kept for support, and
	// then replaced. Err says what was wrong with them and names the file.
	EventSetAside EventType = "record_set_aside"
)

// Rejected, see docs/designs.md: An error where no keyring answers.
// Rejected, see docs/designs.md: SQLite.

// Open opens the store of one record. It only reads; it needs no Close. The folder
// is made by the first commit, and a state file moves to the keyring with the next
// commit after there is one.
//
// Errors: a Config that cannot work, described in the message; ErrUnavailable
// if KindKeyring was asked for and the keyring does not answer. A folder for files that is missing or cannot be
// written is no error here: Commit reports it, unless [Config.Memory] makes up for it.
func Open(ctx context.Context, cfg Config) (*Local, error) {
	ctx = given.Context(ctx)
	if err := cfg.complete(); err != nil {
		return nil, fmt.Errorf("storage: open: %w", err)
	}
	var g *guard
	if cfg.Kind != KindFile {
		g = newGuard(cfg.Keyring, cfg.Timeout, cfg.BreakerPause)
	}
	return open(ctx, cfg, filepath.Join(cfg.Dir, cfg.Identity.folder()), g)
}

// complete is long because it is a list: each setting has its default and its check.
func (cfg *Config) complete() error {
	if err := cfg.Identity.validate(); err != nil {
		return err
	}
	if cfg.Dir == "" {
		base, err := os.UserConfigDir()
		if err != nil {
			cfg.none = fmt.Errorf("there is no configuration folder: %w", err)
			base = os.DevNull // nothing is under it, and nothing can be put there
		}
		cfg.Dir = filepath.Join(base, "leasehold")
	}
	if cfg.none == nil {
		dir, err := filepath.Abs(cfg.Dir)
		if err != nil {
			return fmt.Errorf("Config.Dir: %w", err)
		}
		cfg.Dir = dir
	}
	switch cfg.Kind {
	case "":
		cfg.Kind = KindAuto
	case KindAuto, KindKeyring, KindFile:
	default:
		return fmt.Errorf("Config.Kind is %q: use auto, keyring or file", cfg.Kind)
	}
	if cfg.KeyringService == "" {
		cfg.KeyringService = "leasehold"
	}
	plain := func(r rune) bool { return r <= ' ' || r >= 0x7f || r == ':' }
	if len(cfg.KeyringService) > maxService || strings.ContainsFunc(cfg.KeyringService, plain) {
		return fmt.Errorf("Config.KeyringService is %q: use at most %d printable ASCII characters, no blank, no colon", cfg.KeyringService, maxService)
	}
	for _, d := range []struct {
		name    string
		value   *time.Duration
		standby time.Duration
	}{
		{"Timeout", &cfg.Timeout, 3 * time.Second},
		{"BreakerPause", &cfg.BreakerPause, time.Minute},
		{"LockTimeout", &cfg.LockTimeout, 10 * time.Second},
	} {
		if *d.value < 0 {
			return fmt.Errorf("Config.%s is negative", d.name) //nolint:staticcheck // the name of a field
		}
		if *d.value == 0 {
			*d.value = d.standby
		}
	}
	if cfg.Keyring == nil {
		cfg.Keyring = SystemKeyring()
	}
	if cfg.press == nil {
		cfg.press = systemPress
	}
	if _, ok := cfg.Keyring.(*systemKeyring); ok {
		cfg.longest = systemItem
	}
	cfg.longest = max(cfg.longest, maxItem)
	cfg.Logger = logging.OrNone(cfg.Logger)
	if cfg.OnEvent == nil {
		cfg.OnEvent = func(Event) {}
	}
	if cfg.fsys == nil {
		cfg.fsys = &osFS{}
	}
	return nil
}

// Sibling opens another record in the same places. The two share the breaker,
// so that a keyring that hangs is waited for once. OnEvent is told about the
// choice for this record too.
func (l *Local) Sibling(ctx context.Context, id Identity, seal string) (*Local, error) {
	ctx = given.Context(ctx)
	cfg := l.cfg
	cfg.Identity, cfg.Seal = id, seal
	if err := id.validate(); err != nil {
		return nil, fmt.Errorf("storage: open: %w", err)
	}
	folder := l.folder
	if id.ISV != l.cfg.Identity.ISV || id.Product != l.cfg.Identity.Product {
		folder = filepath.Join(cfg.Dir, id.folder())
	}
	return open(ctx, cfg, folder, l.guard)
}

func open(ctx context.Context, cfg Config, folder string, g *guard) (*Local, error) {
	identity := cfg.Identity.canonical()
	l := &Local{
		cfg:    cfg,
		guard:  g,
		fsys:   cfg.fsys,
		folder: folder,
		base:   nameOf(identity),
		sealer: sealer{identity: identity, seal: []byte(cfg.Seal)},
		turn:   make(chan struct{}, 1),
	}
	l.sealer.last = &l.derived
	l.mark = filepath.Join(l.folder, l.base+markSuffix)
	if cfg.Kind != KindKeyring {
		l.file = &fileSlot{l.fsys, filepath.Join(l.folder, l.base+recordSuffix)}
	}
	if cfg.Kind == KindAuto && cfg.Copy {
		l.copy = &fileSlot{l.fsys, filepath.Join(l.folder, l.base+copySuffix)}
	}
	if cfg.Kind != KindFile {
		l.keyring = &keyringSlot{guard: g, service: cfg.KeyringService, user: l.base, longest: cfg.longest}
	}
	if cfg.Memory {
		l.memory = &memorySlot{}
	}
	if err := l.choose(ctx); err != nil {
		return nil, fmt.Errorf("storage: open: %w", err)
	}
	return l, nil
}

// choose finds out which store serves.
func (l *Local) choose(ctx context.Context) error {
	if l.memory != nil {
		l.noFiles.Store(l.writable())
	}
	var v view
	kind := KindFile
	if l.keyring != nil {
		var err error
		if v, err = l.peek(ctx); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if v.unreachable != nil && l.file == nil {
			return fmt.Errorf("%w (set Config.Kind to auto to use a file instead)", v.unreachable)
		}
		if v.unreachable == nil {
			kind = KindKeyring
		}
	}
	l.setKind(kind)
	chosen := Event{Type: EventChosen, Store: l.Kind()}
	if kind == KindFile {
		chosen.Err = v.unreachable
		if v.mark.inKeyring && v.unreachable != nil {
			chosen.From = KindKeyring
		}
		if chosen.Store == KindMemory {
			chosen.Err = joinReasons(v.unreachable, *l.noFiles.Load())
		}
		if chosen.Err != nil {
			l.cfg.Logger.Warn("the licence state is not kept in the keyring", "kept_in", string(chosen.Store), "err", chosen.Err)
		}
	}
	l.cfg.OnEvent(chosen)
	return nil
}

// writable returns why no file can be written, nil when one can.
func (l *Local) writable() *error {
	err := l.cfg.none
	if err == nil {
		err = l.fsys.Writable(l.folder)
	}
	if err == nil {
		return nil
	}
	reason := err // which goes to the heap, as err then need not
	return &reason
}

// joinReasons says two reasons in one line; either may be nil.
func joinReasons(first, second error) error {
	switch {
	case first == nil:
		return second
	case second == nil:
		return first
	}
	return fmt.Errorf("%w; %w", first, second)
}
