//go:build !windows && !darwin

package storage

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	ss "github.com/zalando/go-keyring/secret_service"
)

// prompts remembers that the user was asked to unlock the keyring.
type prompts struct{ asked atomic.Bool }

var (
	errNoBus  = errors.New("there is no D-Bus session")
	errLocked = errors.New("the keyring is locked, and the user was asked once to unlock it")
)

// ready reports why go-keyring must not be called now.
//
// Without a session bus to find, its first call would start a bus daemon on a
// machine that has dbus-launch, and nobody would ever stop it. And each call on
// a locked keyring opens a prompt and leaves a channel behind, at which
// godbus parks a goroutine for every later prompt. Asking the user once in the
// life of a process is also what is polite.
func (p *prompts) ready() error {
	if !haveBus() {
		return errNoBus
	}
	svc, err := ss.NewSecretService()
	if err != nil {
		return err
	}
	locked, err := svc.GetLoginCollection().GetProperty("org.freedesktop.Secret.Collection.Locked")
	if err == nil && locked.Value() == false {
		p.asked.Store(false)
		return nil
	}
	if p.asked.Swap(true) {
		return errors.Join(errLocked, err)
	}
	return nil
}

func haveBus() bool {
	if a := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); a != "" && a != "autolaunch:" {
		return true
	}
	folder := fmt.Sprintf("/run/user/%d", os.Getuid())
	for _, name := range []string{"bus", "dbus-session"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err == nil {
			return true
		}
	}
	return false
}
