package agent

import (
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/leasehold-dev/leasehold/agent/internal/guard"
	"github.com/leasehold-dev/leasehold/agent/internal/outbox"
	"github.com/leasehold-dev/leasehold/agent/internal/pasted"
	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/heartbeat"
	"github.com/leasehold-dev/leasehold/storage"
)

// Logger is what the library needs of a logger: four methods of [log/slog.Logger], which is one. A program that logs
// nothing does not link log/slog.
type Logger interface {
	Debug(msg string, args ...any)
	Info(msg string, args ...any)
	Warn(msg string, args ...any)
	Error(msg string, args ...any)
}

// Config says whose licence to enforce and how. ServerURL, ISVID, ProductID,
// ProvisioningKey, Signature and App are required, and [New] names all of them
// that are missing at once. All other fields may stay zero; their comments give
// the default.
type Config struct {
	// ServerURL is the licence server, such as "https://api365.slascone.com".
	ServerURL string
	// ISVID is the vendor account's UUID.
	ISVID string
	// ProductID is the product's UUID.
	ProductID string
	// ProvisioningKey is the vendor's client key of least privilege.
	ProvisioningKey string
	// Signature says how the server signs. Exactly one of its fields must be set.
	Signature Signature

	// App is the application that is linked with the agent.
	App App
	// SettingsFrom says where these settings come from, for reports to a help desk,
	// such as "sketch.json and LEASEHOLD_PROXY_URL". Default: "the application".
	SettingsFrom string
	// SettingOrigins says the same of single settings, by their names in the
	// configuration file, such as {"proxy_url": "LEASEHOLD_PROXY_URL"}. Settings
	// that an administrator laid down are added. Default: none.
	SettingOrigins map[string]string
	// Links are the vendor's pages that a user may be sent to. Default: none.
	Links Links
	// DeviceID is the application's own device ID. Default: derived from the
	// machine, see package device.
	DeviceID string
	// UserID is the person who uses the application, for licences that are
	// counted by user; the usual ID is an e-mail address. The client is then
	// the user on this device, and each user's state is kept apart.
	UserID string

	// ClientName names this installation in the vendor's list of clients, for
	// people to recognise it by, such as the computer's name. It is sent with the
	// next activation, as are Tags. Default: none.
	ClientName string
	// Tags mark this installation in the vendor's list of clients. Each must exist
	// in the vendor's account. Default: none.
	Tags []string
	// GroupID is the vendor's group of clients that this installation belongs to,
	// where the vendor has such groups. Default: none.
	GroupID string
	// HeartbeatTypes mark the first and the last heartbeat of a process, for the
	// vendor's statistics. Default: none.
	HeartbeatTypes HeartbeatTypes

	// Heartbeat is the vendor's cron spec, such as "@every 4h". Default: the
	// licence's heartbeat period, else 24 h.
	Heartbeat string
	// Policy turns causes into states. Default: [enforcement.Standard].
	Policy *enforcement.Policy

	// SuspendedConflict is the ID of the conflict by which the vendor's server
	// tells that a client is suspended; the service does not publish it.
	// Default: none; a suspension then counts as whatever its ID says.
	SuspendedConflict enforcement.Code
	// ManualSessions leaves floating seats to OpenSession, RenewSession and
	// CloseSession. By default the agent, once started, takes a seat for a
	// floating licence, renews it, and gives it back in Close.
	ManualSessions bool
	// SeatPerProcess gives each process of the application on this machine a
	// floating seat of its own (more exactly, each Agent). By default all that
	// share a StateDir and a client share one seat, which the last of them gives
	// back. All must be configured alike.
	SeatPerProcess bool

	// Parts are what the agent can do besides, and what only those applications
	// link in that name it here: [Usage], [LicenseFiles]. Default: none.
	Parts []Part
	// ConsumeOffline lets [Agent.Consume] take what was last known to remain of a
	// limitation when the server cannot be asked, and tell it later. By default
	// nothing is taken without asking the server. It needs the part [Usage].
	ConsumeOffline bool

	// StateDir is the folder for files. Default: "leasehold" in the user's
	// configuration folder.
	StateDir string
	// Store is where state is kept: the keyring, a file, or (the default) the
	// keyring when there is one, else a file. By default a sealed copy of what is in
	// the keyring is kept in a file, so that nothing is lost while the keyring is
	// locked or gone. With the keyring alone there is no copy, and [New] fails when
	// the keyring does not answer.
	Store storage.Kind
	// Keyring replaces the operating system's where Store uses one: a vault of the
	// application's own, or one that a test or a demonstration can take away.
	// Default: the system's.
	Keyring storage.Keyring

	// Timeout bounds one exchange with the server. Default 15 s.
	Timeout time.Duration
	// Proxy chooses the HTTP proxy. Default: what the environment says (HTTPS_PROXY,
	// HTTP_PROXY, ALL_PROXY and NO_PROXY, in capitals or small letters), else the
	// system's settings (Windows, macOS, GNOME). A setting that is not the
	// address of a proxy makes every call fail; no call goes around it. To use no
	// proxy at all, set a function that returns nil.
	Proxy func(*http.Request) (*url.URL, error)
	// RootCAs are trusted in addition to the system's, for networks that
	// re-sign TLS.
	RootCAs []*x509.Certificate
	// HTTPClient replaces the agent's own; Proxy and RootCAs are then its
	// Transport's business.
	HTTPClient *http.Client

	// Logger receives what is worth knowing for support, never a key or token, such
	// as a *slog.Logger; the place that one adds as the source is in the library.
	// Default: nothing is logged.
	Logger Logger
	// Now replaces the wall clock, so that tests can move it. Default: the
	// system's.
	Now func() time.Time
}

// HeartbeatTypes are UUIDs of heartbeat types that the vendor has set up. A type
// that the server does not know is left out, which the log tells.
type HeartbeatTypes struct {
	// Start marks the first heartbeat of the process, whenever it comes: it does
	// not make it come earlier.
	Start string
	// Exit marks a last heartbeat, which [Agent.Close] sends if the server has
	// answered before.
	Exit string
}

func (t HeartbeatTypes) check() error {
	for name, id := range map[string]string{"Start": t.Start, "Exit": t.Exit} {
		if _, err := uuid.Parse(id); id != "" && err != nil {
			return fmt.Errorf("the heartbeat type %s %q is not a UUID; copy the type's ID from the vendor's account", name, id)
		}
	}
	return nil
}

// App names the application.
type App struct {
	Name    string // shown to the vendor as the client's description
	Version string // such as "1.4.2"; compared with the licence's release limit
}

// Signature says how the server signs its answers; it is one setting of the
// vendor's account.
type Signature struct {
	// PublicKey is the account's RSA public key: PEM, DER or .NET RSAKeyValue
	// XML. Several PEM blocks are several keys, each of which is trusted.
	PublicKey []byte
	// SharedKey is the account's secret for HMAC, which the service calls obsolete.
	SharedKey string
	// None accepts unsigned answers: anybody on the way can then grant licences.
	None bool

	// AllowMissingNonce accepts answers without a nonce signature.
	AllowMissingNonce bool
	// AllowUnsignedConflicts believes a 409 that is not signed.
	AllowUnsignedConflicts bool
}

// verifier returns what checks the server's answers, and the keys that check
// licence files.
func (s Signature) verifier() (slascone.Verifier, []*rsa.PublicKey, error) {
	var chosen []string
	if len(s.PublicKey) > 0 {
		chosen = append(chosen, "PublicKey")
	}
	if s.SharedKey != "" {
		chosen = append(chosen, "SharedKey")
	}
	if s.None {
		chosen = append(chosen, "None")
	}
	switch {
	case len(chosen) > 1:
		return slascone.Verifier{}, nil, fmt.Errorf("the signature settings %s exclude one another; set one", strings.Join(chosen, " and "))
	case s.None:
		return slascone.Unsigned(), nil, nil
	case s.SharedKey != "":
		v, err := slascone.HMAC(s.SharedKey)
		return v, nil, err
	}
	keys, err := slascone.ParsePublicKeys(s.PublicKey)
	if err != nil {
		return slascone.Verifier{}, nil, err
	}
	v, err := slascone.RSA(keys...)
	return v, keys, err
}

// settings is a Config that was checked and completed.
type settings struct {
	Config
	client   *slascone.Client
	keys     []*rsa.PublicKey            // for licence files; none unless the account signs with RSA
	schedule *heartbeat.Schedule         // nil: the licence decides
	seeded   seeded                      // what an administrator laid down
	reports  func(outbox.Config) reports // nil: without part Usage
	files    record.FileReader
}

// check is long because it is a list: each setting has its default and its check.
func (c Config) check() (settings, error) {
	c, seeded, err := c.tidy().preseeded()
	if err != nil {
		return settings{}, err
	}
	s := settings{Config: c, seeded: seeded}
	if missing := c.missing(); len(missing) > 0 {
		return s, fmt.Errorf("agent: the configuration lacks %s", strings.Join(missing, ", "))
	}
	verifier, keys, err := c.Signature.verifier()
	if err != nil {
		return s, fmt.Errorf("agent: %w", err)
	}
	s.keys = keys
	if err := s.parts(); err != nil {
		return s, err
	}
	if err := c.Links.check(); err != nil {
		return s, fmt.Errorf("agent: %w", err)
	}
	if err := c.HeartbeatTypes.check(); err != nil {
		return s, fmt.Errorf("agent: %w", err)
	}
	s.Logger = guard.Logger(c.Logger)
	s.Now = guard.Now(c.Now)
	if c.Store == "" {
		s.Store = storage.KindAuto
	}
	if c.Policy == nil {
		s.Policy = standardPolicy()
	} else if err := c.Policy.Validate(); err != nil {
		return s, fmt.Errorf("agent: %w", err)
	}
	if c.Heartbeat != "" {
		schedule, err := heartbeat.ParseSchedule(c.Heartbeat)
		if err != nil {
			return s, fmt.Errorf("agent: %w", err)
		}
		s.schedule = &schedule
	}
	s.client, err = slascone.New(slascone.Config{
		ServerURL:              c.ServerURL,
		ISVID:                  c.ISVID,
		ProductID:              c.ProductID,
		ProvisioningKey:        c.ProvisioningKey,
		Verifier:               verifier,
		AllowMissingNonce:      c.Signature.AllowMissingNonce,
		AllowUnsignedConflicts: c.Signature.AllowUnsignedConflicts,
		Timeout:                c.Timeout,
		HTTPClient:             guard.HTTPClient(c.HTTPClient),
		Proxy:                  guard.Proxy(c.Proxy),
		ProxyFrom:              seeded.proxyFrom,
		RootCAs:                c.RootCAs,
		UserAgent:              userAgent(c.App),
		Logger:                 s.Logger,
	})
	if err != nil {
		return s, fmt.Errorf("agent: %w", err)
	}
	return s, nil
}

// standard is [enforcement.Standard], made once: nobody changes it. It is no
// [sync.OnceValue], which would link in the policy's JSON.
var standard struct {
	sync.Once
	policy *enforcement.Policy
}

func standardPolicy() *enforcement.Policy {
	standard.Do(func() { standard.policy = enforcement.Standard() })
	return standard.policy
}

// missing names all required settings that are not there, and what belongs there.
func (c Config) missing() (names []string) {
	for _, setting := range []struct{ value, name string }{
		{c.ServerURL, `the server URL (such as "https://api365.slascone.com")`},
		{c.ISVID, "the ISV ID (the UUID of the vendor's account)"},
		{c.ProductID, "the product ID (a UUID)"},
		{c.ProvisioningKey, "the provisioning key (from the vendor's account settings)"},
		{c.App.Name, "the application's name"},
		{c.App.Version, `the application's version (such as "1.4.2")`},
	} {
		if strings.TrimSpace(setting.value) == "" {
			names = append(names, setting.name)
		}
	}
	if len(c.Signature.PublicKey) == 0 && c.Signature.SharedKey == "" && !c.Signature.None {
		names = append(names, "a way to verify the server's signature (the account's public key)")
	}
	return names
}

// tidy takes off what was pasted around an ID, a key or an address.
func (c Config) tidy() Config {
	for _, text := range []*string{&c.ServerURL, &c.ISVID, &c.ProductID, &c.ProvisioningKey} {
		*text = pasted.Setting(*text)
	}
	return c
}

// userAgent names the application to the vendor's gateway. Header values take
// no control characters, so they are dropped.
func userAgent(app App) string {
	clean := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r <= ' ' || r >= 0x7f {
				return '-'
			}
			return r
		}, s)
	}
	if app.Name == "" {
		return "leasehold"
	}
	return clean(app.Name) + "/" + clean(app.Version) + " leasehold"
}

// operatingSystem is what heartbeats tell the vendor.
func operatingSystem() string { return runtime.GOOS + "/" + runtime.GOARCH }
