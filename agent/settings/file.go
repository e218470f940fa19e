// Package settings reads an application's configuration from JSON: the file of
// the command line, which the C library and `leasehold serve` take as well.
package settings

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/internal/armor"
	"github.com/leasehold-dev/leasehold/agent/internal/pasted"
	"github.com/leasehold-dev/leasehold/agent/internal/proxy"
	"github.com/leasehold-dev/leasehold/agent/internal/strictjson"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// File is the configuration as JSON has it. Relative paths in it are relative to
// the file that it was read from. The command line's README describes the fields.
type File struct {
	ServerURL       string          `json:"server_url"`
	ISVID           string          `json:"isv_id"`
	ProductID       string          `json:"product_id"`
	ProvisioningKey string          `json:"provisioning_key"`
	Signature       Signature       `json:"signature"`
	App             App             `json:"app"`
	DeviceID        string          `json:"device_id"`
	UserID          string          `json:"user_id"`
	ClientName      string          `json:"client_name"` // see agent.Config.ClientName
	GroupID         string          `json:"group_id"`    // see agent.Config.GroupID
	Tags            []string        `json:"tags"`        // see agent.Config.Tags
	HeartbeatTypes  HeartbeatTypes  `json:"heartbeat_types"`
	Links           Links           `json:"links"` // see agent.Links
	Heartbeat       string          `json:"heartbeat"`
	Policy          json.RawMessage `json:"policy"` // a preset's name or an object
	ProxyURL        string          `json:"proxy_url"`
	CAFile          string          `json:"ca_file"`
	Preseed         string          `json:"preseed"` // see agent.Preseed
}

// Signature says how the server signs its answers.
type Signature struct {
	Mode                   string `json:"mode"` // rsa, hmac or none
	PublicKeyFile          string `json:"public_key_file"`
	PublicKey              string `json:"public_key"`
	SharedKey              string `json:"shared_key"`
	RequireNonce           *bool  `json:"require_nonce"`            // default true
	RequireSignedConflicts *bool  `json:"require_signed_conflicts"` // default true
}

// Links are pages of the vendor's, with the placeholders of agent.Links.
type Links struct {
	Buy      string `json:"buy"`
	Renew    string `json:"renew"`
	Manage   string `json:"manage"` // see and free the licence's seats, devices and users
	Support  string `json:"support"`
	Download string `json:"download"`
}

// HeartbeatTypes mark the first and the last heartbeat of a process.
type HeartbeatTypes struct {
	Start string `json:"start"` // UUIDs
	Exit  string `json:"exit"`
}

// App names the application.
type App struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Decode reads a configuration. base is the folder that relative paths start
// from; where it is empty they stay as they are. The error says in plain words
// which field is wrong.
func Decode(data []byte, base string) (File, error) {
	var c File
	if err := strictjson.Decode(data, &c); err != nil {
		return c, err
	}
	c.tidy()
	c.Signature.PublicKeyFile = relativeTo(base, c.Signature.PublicKeyFile)
	c.CAFile = relativeTo(base, c.CAFile)
	return c, nil
}

// tidy takes blanks, quotes and invisible characters off what was pasted.
func (c *File) tidy() {
	for _, scalar := range c.scalars() {
		*scalar.to = pasted.Setting(*scalar.to)
	}
	for _, text := range []*string{&c.Signature.Mode, &c.Signature.PublicKeyFile, &c.Signature.SharedKey} {
		*text = pasted.Setting(*text)
	}
}

func relativeTo(base, path string) string {
	if path == "" || base == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(base, path)
}

// Config turns the file into the agent's configuration, reading the files that
// it names. Errors are *[Error].
func (c File) Config() (agent.Config, error) {
	cfg := agent.Config{
		Parts:           []agent.Part{agent.Usage(), agent.LicenseFiles()}, // whoever reads a file wants whatever it says
		ServerURL:       c.ServerURL,
		ISVID:           c.ISVID,
		ProductID:       c.ProductID,
		ProvisioningKey: c.ProvisioningKey,
		App:             agent.App{Name: c.App.Name, Version: c.App.Version},
		DeviceID:        c.DeviceID,
		UserID:          c.UserID,
		ClientName:      c.ClientName,
		GroupID:         c.GroupID,
		Tags:            c.Tags,
		HeartbeatTypes:  agent.HeartbeatTypes{Start: c.HeartbeatTypes.Start, Exit: c.HeartbeatTypes.Exit},
		Links:           agent.Links(c.Links),
		Heartbeat:       c.Heartbeat,
		ManualSessions:  true,
	}
	if c.Preseed != "" {
		cfg.Parts = append(cfg.Parts, agent.Preseed(c.Preseed))
	}
	var err error
	if cfg.Signature, err = c.Signature.agentSignature(); err != nil {
		return cfg, &Error{err, HintSignature}
	}
	if cfg.Policy, err = c.ParsePolicy(); err != nil {
		return cfg, err
	}
	if c.ProxyURL != "" {
		if cfg.Proxy, err = proxyOf(c.ProxyURL); err != nil {
			return cfg, &Error{fmt.Errorf("proxy_url (or LEASEHOLD_PROXY_URL) is not the address of a proxy: %w", err), `it must look like "http://proxy:8080"; https and socks5 serve as well, and "direct" is none`}
		}
	}
	if c.CAFile != "" {
		if cfg.RootCAs, err = readCertificates(c.CAFile); err != nil {
			return cfg, &Error{err, "ca_file must hold certificates, as PEM or DER"}
		}
	}
	return cfg, nil
}

// proxyOf returns the choice of one proxy for everything, or of none.
func proxyOf(text string) (func(*http.Request) (*url.URL, error), error) {
	if strings.EqualFold(text, "direct") {
		return http.ProxyURL(nil), nil
	}
	u, err := proxy.Parse(text)
	return http.ProxyURL(u), err
}

// ParsePolicy returns the configured policy, the standard one when none is.
func (c File) ParsePolicy() (*enforcement.Policy, error) {
	if len(c.Policy) == 0 {
		return enforcement.Standard(), nil
	}
	p, err := enforcement.ParsePolicy(c.Policy)
	if err != nil {
		return nil, &Error{err, "policy is a preset (standard, strict, lenient, advisory) or an object; without the field it is standard"}
	}
	return p, nil
}

func (s Signature) agentSignature() (agent.Signature, error) {
	sig := agent.Signature{
		AllowMissingNonce:      s.RequireNonce != nil && !*s.RequireNonce,
		AllowUnsignedConflicts: s.RequireSignedConflicts != nil && !*s.RequireSignedConflicts,
	}
	switch s.Mode {
	case "rsa":
		key, err := s.FileKey()
		if err != nil {
			return sig, err
		}
		if len(key) == 0 {
			return sig, errors.New("signature.mode is rsa but there is neither signature.public_key_file nor signature.public_key")
		}
		sig.PublicKey = key
	case "hmac":
		if s.SharedKey == "" {
			return sig, errors.New("signature.mode is hmac but signature.shared_key is empty")
		}
		sig.SharedKey = s.SharedKey
	case "none":
		sig.None = true
	case "":
		return sig, errors.New("signature.mode is missing; it is rsa, hmac or none")
	default:
		return sig, fmt.Errorf("signature.mode is %.20q; it is rsa, hmac or none", s.Mode)
	}
	return sig, nil
}

// FileKey returns the account's RSA key, empty when none is configured.
func (s Signature) FileKey() ([]byte, error) {
	if s.PublicKeyFile == "" {
		return []byte(s.PublicKey), nil
	}
	if s.PublicKey != "" {
		return nil, errors.New("signature.public_key and signature.public_key_file exclude one another")
	}
	data, err := ReadFile(s.PublicKeyFile)
	if err != nil {
		return nil, fmt.Errorf("the public key cannot be read: %w", err)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, fmt.Errorf("the public key file %s is empty", s.PublicKeyFile)
	}
	return data, nil
}

// HintSignature says where the signature's settings are described.
const HintSignature = `see "signature" in the README`

// IdleSecret reports a shared key that the mode has no use for: whoever wrote it
// may believe that it protects. A public key serves to verify licence files in
// every mode.
func (s Signature) IdleSecret() bool { return s.SharedKey != "" && s.Mode != "hmac" }

func readCertificates(path string) ([]*x509.Certificate, error) {
	data, err := ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the root certificates cannot be read: %w", err)
	}
	certs, err := armor.Certificates(data)
	if err != nil {
		return nil, fmt.Errorf("there is no certificate in %s: %w", path, err)
	}
	return certs, nil
}
