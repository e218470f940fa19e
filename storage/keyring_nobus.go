//go:build windows || darwin

package storage

// prompts is for platforms whose keyring is reached through D-Bus.
type prompts struct{}

func (*prompts) ready() error { return nil }
