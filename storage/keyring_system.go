package storage

import (
	"errors"
	"runtime"

	"github.com/zalando/go-keyring"
)

// SystemKeyring returns the keyring of the operating system: Credential
// Manager on Windows, the login keychain on macOS, the Secret Service
// elsewhere. The user is asked at most once to unlock a Secret Service that is
// locked, and again only after it was unlocked in between.
func SystemKeyring() Keyring { return &systemKeyring{} }

// readUnderLock is for Credential Manager, which is known to be flaky under
// parallel access; Wine's crashes the process that reads during a write.
const readUnderLock = runtime.GOOS == "windows"

type systemKeyring struct{ prompts prompts }

func (k *systemKeyring) Get(service, user string) (string, error) {
	if err := k.prompts.ready(); err != nil {
		return "", err
	}
	secret, err := keyring.Get(service, user)
	return secret, translate(err)
}

func (k *systemKeyring) Set(service, user, secret string) error {
	if err := k.prompts.ready(); err != nil {
		return err
	}
	return keyring.Set(service, user, secret)
}

func (k *systemKeyring) Delete(service, user string) error {
	if err := k.prompts.ready(); err != nil {
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
