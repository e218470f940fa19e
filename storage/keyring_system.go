package storage

import (
	"errors"

	"github.com/zalando/go-keyring"
)

// SystemKeyring returns the keyring of the operating system: Credential
// Manager on Windows, the login keychain on macOS, the Secret Service
// elsewhere.
func SystemKeyring() Keyring { return systemKeyring{} }

type systemKeyring struct{}

func (systemKeyring) Get(service, user string) (string, error) {
	if err := reachable(); err != nil {
		return "", err
	}
	secret, err := keyring.Get(service, user)
	return secret, translate(err)
}

func (systemKeyring) Set(service, user, secret string) error {
	if err := reachable(); err != nil {
		return err
	}
	return keyring.Set(service, user, secret)
}

func (systemKeyring) Delete(service, user string) error {
	if err := reachable(); err != nil {
		return err
	}
	return translate(keyring.Delete(service, user))
}

func translate(err error) error {
	if errors.Is(err, keyring.ErrNotFound) {
		return ErrNotFound
	}
	return err
}
