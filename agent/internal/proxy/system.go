package proxy

import (
	"context"
	"net/url"
	"sync"
	"time"
)

// Settings are the proxies of a desktop, as its control panel shows them.
type Settings struct {
	From   string            // the system's name
	Proxy  map[string]string // address by scheme: http, https, socks; without a scheme most often
	Except []string          // see bypassed
	Script string            // address of the script (PAC), empty when none is set
}

// choose returns what the settings say about a call.
func (s Settings) choose(target *url.URL) (Choice, error) {
	c := Choice{From: s.From, Script: s.Script}
	if c.Script == "" && len(s.Proxy) == 0 {
		return Choice{}, nil
	}
	if bypassed(s.Except, target.Hostname(), portOf(target)) {
		return Choice{From: s.From}, nil
	}
	text := s.Proxy[target.Scheme]
	if text == "" && s.Proxy["socks"] != "" {
		_, text = cutScheme(s.Proxy["socks"])
		text = "socks5://" + text
	}
	if text == "" {
		return c, nil
	}
	u, err := Parse(text)
	if err != nil {
		return Choice{From: s.From}, &SettingError{s.From, err}
	}
	c.URL = u
	return c, nil
}

// system reads the settings at most every few minutes: a laptop comes to another
// network, but a program must not be started for each call.
type system struct {
	read func(context.Context) (Settings, bool) // false: they could not be read; nil: this computer's

	mu    sync.Mutex
	known Settings
	at    time.Time
}

const (
	readAgain   = 5 * time.Minute
	readTimeout = 2 * time.Second
)

// settings returns what is set now; what was read last when it cannot be read.
func (s *system) settings(ctx context.Context) Settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.at.IsZero() && time.Since(s.at) < readAgain {
		return s.known
	}
	// Not with the call's own deadline: one that is nearly over must not make the
	// next calls go without the settings.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
	defer cancel()
	read := s.read
	if read == nil {
		read = readSystem
	}
	if known, ok := read(ctx); ok {
		s.known = known
	}
	s.at = time.Now()
	return s.known
}
