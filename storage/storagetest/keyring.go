package storagetest

import (
	"encoding/base64"
	"fmt"
	"maps"
	"strings"
	"sync"

	"github.com/leasehold-dev/leasehold/storage"
)

// Keyring is a [storage.Keyring] in memory, with the limits of the real ones:
// 2,560 bytes an item on Windows, a command line of 4,096 bytes on macOS. It
// can be made to fail and to hang. The zero Keyring is empty and works.
type Keyring struct {
	mu        sync.Mutex
	items     map[string]string
	fail      error
	hang      chan struct{}
	calls     []string
	oversized int
}

var _ storage.Keyring = (*Keyring)(nil)

// Fail makes all calls fail with err, until Fail(nil).
func (k *Keyring) Fail(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.fail = err
}

// Hang makes all calls block until release is called; they take effect then.
func (k *Keyring) Hang() (release func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	hang := make(chan struct{})
	k.hang = hang
	return sync.OnceFunc(func() {
		k.mu.Lock()
		k.hang = nil
		k.mu.Unlock()
		close(hang)
	})
}

// Calls returns the calls made so far: "get", "set" or "delete".
func (k *Keyring) Calls() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]string(nil), k.calls...)
}

// Oversized counts the Sets that a real keyring would have refused for size.
func (k *Keyring) Oversized() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.oversized
}

// Items returns a copy of all items, by "service:user".
func (k *Keyring) Items() map[string]string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return maps.Clone(k.items)
}

// Restore replaces all items.
func (k *Keyring) Restore(items map[string]string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.items = maps.Clone(items)
}

// Get implements [storage.Keyring].
func (k *Keyring) Get(service, user string) (secret string, err error) {
	err = k.do("get", func() error {
		var ok bool
		if secret, ok = k.items[service+":"+user]; !ok {
			return storage.ErrNotFound
		}
		return nil
	})
	return secret, err
}

// Set implements [storage.Keyring].
func (k *Keyring) Set(service, user, secret string) error {
	return k.do("set", func() error {
		if err := limits(service, user, secret); err != nil {
			k.oversized++
			return err
		}
		if k.items == nil {
			k.items = map[string]string{}
		}
		k.items[service+":"+user] = secret
		return nil
	})
}

// Delete implements [storage.Keyring].
func (k *Keyring) Delete(service, user string) error {
	return k.do("delete", func() error {
		if _, ok := k.items[service+":"+user]; !ok {
			return storage.ErrNotFound
		}
		delete(k.items, service+":"+user)
		return nil
	})
}

func (k *Keyring) do(op string, f func() error) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.calls = append(k.calls, op)
	for k.hang != nil {
		hang := k.hang
		k.mu.Unlock()
		<-hang
		k.mu.Lock()
	}
	if k.fail != nil {
		return k.fail
	}
	return f()
}

// limits refuses what the keyring of one of the platforms refuses.
func limits(service, user, secret string) error {
	const (
		windowsBlob   = 2560 // CRED_MAX_CREDENTIAL_BLOB_SIZE
		windowsTarget = 512  // go-keyring's limit for the service
		macOSCommand  = 4096 // one line of security -i
	)
	line := fmt.Sprintf("add-generic-password -U -s %s -a %s -w %s\n", quote(service), quote(user),
		quote("go-keyring-base64:"+base64.StdEncoding.EncodeToString([]byte(secret))))
	switch {
	case len(secret) > windowsBlob:
		return fmt.Errorf("the secret has %d bytes, Windows takes %d", len(secret), windowsBlob)
	case len(service) >= windowsTarget:
		return fmt.Errorf("the service name has %d bytes, Windows takes %d", len(service), windowsTarget-1)
	case len(line) > macOSCommand:
		return fmt.Errorf("the command line has %d bytes, macOS takes %d", len(line), macOSCommand)
	}
	return nil
}

// quote writes s the way a POSIX shell needs it.
func quote(s string) string {
	special := func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-", r)
	}
	if !strings.ContainsFunc(s, special) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'"
}
