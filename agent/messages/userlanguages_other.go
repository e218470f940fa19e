//go:build !windows

package messages

// systemLanguages is what the system says beside the environment: nothing here.
func systemLanguages() []string { return nil }
