package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// defaultEmulator is where an emulator listens unless it is told otherwise.
const defaultEmulator = "127.0.0.1:8089"

// emulatorCalls speaks to the control of an emulator that runs.
type emulatorCalls struct {
	base   string
	client *http.Client
}

// emulatorAt finds the emulator: the one of --url, else the server of the
// configuration or the environment, else the default address.
func (a *app) emulatorAt(flag string) (*emulatorCalls, error) {
	var roots *x509.CertPool
	base := flag
	if base == "" {
		file, err := loadConfig(a.configPath, a.lookup)
		if err != nil {
			return nil, err
		}
		if base = file.ServerURL; a.configPath != "" {
			cfg, err := file.Config()
			if err != nil {
				return nil, misconfigured(err)
			}
			for _, cert := range cfg.RootCAs {
				roots = cmp.Or(roots, x509.NewCertPool())
				roots.AddCert(cert)
			}
		}
	}
	base = cmp.Or(base, "http://"+defaultEmulator)
	if u, err := url.Parse(base); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, &usageError{fmt.Errorf("%q is no address of an emulator", base), "give one such as http://" + defaultEmulator + " with --url"}
	}
	base = strings.TrimSuffix(strings.TrimSuffix(base, "/"), "/emulator")
	return &emulatorCalls{base, &http.Client{
		Timeout:   10 * time.Second,
		Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}},
	}}, nil
}

// call makes one call of the control and reads its answer into answer, unless
// that is nil.
func (e *emulatorCalls) call(ctx context.Context, method, path string, body, answer any) error {
	var payload io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return err
		}
		payload = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, e.base+"/emulator/"+path, payload)
	if err != nil {
		return err
	}
	resp, err := e.client.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err
		}
		return &usageError{fmt.Errorf("no emulator answers at %s: %w", e.base, err), "start one with 'leasehold emulator', or say with --url or --config where it is"}
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err != nil {
		return err
	}
	var refused struct {
		Error string `json:"error"`
	}
	switch {
	case resp.StatusCode == http.StatusNoContent:
		return nil
	case resp.StatusCode == http.StatusOK && answer == nil:
		return nil
	case resp.StatusCode == http.StatusOK:
		if json.Unmarshal(data, answer) == nil {
			return nil
		}
	case json.Unmarshal(data, &refused) == nil && refused.Error != "":
		return &usageError{errors.New(refused.Error), correctIt}
	}
	return &usageError{fmt.Errorf("what answers at %s is no emulator (status %d)", e.base, resp.StatusCode), "say with --url or --config where it is"}
}

// license finds a licence by its key, its legacy key, its name, or the beginning
// of its key.
func (e *emulatorCalls) license(ctx context.Context, name string) (slasconetest.License, error) {
	var all, found []slasconetest.License
	if err := e.call(ctx, http.MethodGet, "licences", nil, &all); err != nil {
		return slasconetest.License{}, err
	}
	for _, match := range []func(slasconetest.License) bool{
		func(l slasconetest.License) bool {
			return strings.EqualFold(l.Key, name) || l.LegacyKey != "" && strings.EqualFold(l.LegacyKey, name)
		},
		func(l slasconetest.License) bool { return strings.EqualFold(l.Name, name) },
		func(l slasconetest.License) bool {
			return len(name) >= 4 && strings.HasPrefix(strings.ToLower(l.Key), strings.ToLower(name))
		},
	} {
		if found = slices.DeleteFunc(slices.Clone(all), func(l slasconetest.License) bool { return !match(l) }); len(found) > 0 {
			break
		}
	}
	switch len(found) {
	case 0:
		return slasconetest.License{}, &usageError{fmt.Errorf("the emulator has no licence %q", name), "'leasehold emulator licence list' shows them"}
	case 1:
		return found[0], nil
	}
	return slasconetest.License{}, &usageError{fmt.Errorf("%q fits %d licences", name, len(found)), "give the whole key; 'leasehold emulator licence list' shows them"}
}
