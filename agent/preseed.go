package agent

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/leasehold-dev/leasehold/agent/device"
	"github.com/leasehold-dev/leasehold/agent/internal/armor"
	"github.com/leasehold-dev/leasehold/agent/internal/preseed"
	"github.com/leasehold-dev/leasehold/agent/internal/proxy"
	"github.com/leasehold-dev/leasehold/agent/internal/seeding"
	"github.com/leasehold-dev/leasehold/heartbeat"
	"github.com/leasehold-dev/leasehold/internal/namedfile"
)

// Preseeded is a setting that an administrator laid down on this machine, see
// [Preseed]. Its value is left out: it may be a secret.
type Preseeded struct {
	Name string // such as "proxy_url"
	From string // the file, or the registry key
	Used bool   // false: the application sets its own, or it is wrong
}

// seeded is what was laid down, checked.
type seeded struct {
	key       string                     // to activate; empty: none
	open      func(seeding.Config) seeds // makes the room for that; nil: there is no key
	proxyFrom string                     // where the proxy is from; empty: not from here
	settings  []Preseeded
	problems  []error
}

// preseeded completes a configuration by what was laid down. The error is of the
// application's own setting; what an administrator got wrong is a problem.
func (c Config) preseeded() (Config, seeded, error) {
	var s seeded
	for _, p := range c.Parts {
		if p.preseed == nil {
			continue
		}
		var err error
		if c, s, err = p.preseed(c); err != nil {
			return c, s, err
		}
	}
	return c, s, nil
}

// readPreseed is long because it is a list: each setting that can be laid down is
// read in the same way.
func (c Config) readPreseed(name string, places preseed.Places) (Config, seeded, error) {
	var s seeded
	if err := preseed.CheckName(name); err != nil {
		return c, s, fmt.Errorf("agent: Preseed %.70q: %w", name, err)
	}
	found := places.Read(name)
	s.problems = found.Problems
	for _, setting := range []struct {
		name string
		set  bool // by the application
		use  func(text, from string) error
	}{
		{preseed.LicenseKey, false, func(text, _ string) error {
			key, err := checkKey(text)
			if err == nil {
				s.key = key.Text
				s.open = func(c seeding.Config) seeds { return seeding.New(c) }
			}
			return err
		}},
		{preseed.ProxyURL, c.Proxy != nil || c.HTTPClient != nil, func(text, from string) (err error) {
			c.Proxy, err = seededProxy(text, from)
			s.proxyFrom = from
			return err
		}},
		{preseed.CAFile, c.HTTPClient != nil, func(path, _ string) error {
			if err := places.CheckFile(path); err != nil {
				return err
			}
			return c.addRoots(path)
		}},
		{preseed.UserID, c.UserID != "", func(text, _ string) error {
			_, err := device.ClientID("device", text)
			if err == nil {
				c.UserID = text
			}
			return err
		}},
		{preseed.Heartbeat, c.Heartbeat != "", func(text, _ string) error {
			_, err := heartbeat.ParseSchedule(text)
			if err == nil {
				c.Heartbeat = text
			}
			return err
		}},
	} {
		value, ok := found.Values[setting.name]
		if !ok {
			continue
		}
		used := !setting.set
		if used {
			if err := setting.use(value.Text, value.From); err != nil {
				used = false
				s.problems = append(s.problems, fmt.Errorf("%s: %s: %w", value.From, setting.name, err))
			}
		}
		s.settings = append(s.settings, Preseeded{setting.name, value.From, used})
	}
	return c, s, nil
}

// origins tells single settings' sources, with what was laid down among them.
func (s settings) origins() map[string]string {
	all := maps.Clone(s.SettingOrigins)
	for _, laid := range s.seeded.settings {
		if laid.Used {
			if all == nil {
				all = make(map[string]string)
			}
			all[laid.Name] = laid.From
		}
	}
	return all
}

// seededProxy returns the choice of a proxy. One that is none fails each call:
// whoever laid it down wants no call to go around it.
func seededProxy(text, from string) (func(*http.Request) (*url.URL, error), error) {
	if strings.EqualFold(text, "direct") {
		return http.ProxyURL(nil), nil
	}
	u, err := proxy.Parse(text)
	if err != nil {
		wrong := &proxy.SettingError{Name: from, Err: err}
		return func(*http.Request) (*url.URL, error) { return nil, wrong }, err
	}
	return http.ProxyURL(u), nil
}

// maxRoots is how large a file of certificates may be, in bytes.
const maxRoots = 16 << 20

// addRoots adds the certificates of a file.
func (c *Config) addRoots(path string) error {
	data, err := namedfile.Read(path, maxRoots+1)
	if err != nil {
		return err
	}
	if len(data) > maxRoots {
		return fmt.Errorf("%s is larger than %d MiB", path, maxRoots>>20)
	}
	roots, err := armor.Certificates(data)
	if err != nil {
		return err
	}
	c.RootCAs = append(c.RootCAs[:len(c.RootCAs):len(c.RootCAs)], roots...)
	return nil
}

// tellSeeded logs what was laid down.
func (a *Agent) tellSeeded() {
	for _, s := range a.set.seeded.settings {
		a.log.Info("a setting was laid down for this machine", "name", s.Name, "from", s.From, "used", s.Used)
	}
	for _, err := range a.set.seeded.problems {
		a.log.Warn("what was laid down for this machine cannot be used", "err", err)
	}
}
