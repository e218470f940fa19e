package timemachine

import (
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/leasehold-dev/leasehold/storage"
)

// vault is a keyring that can be taken away, as that of the system is when its
// daemon ends or stays locked.
type vault struct {
	mu      sync.Mutex
	secrets map[[2]string]string
	gone    bool
}

var errGone = errors.New("the keyring has been taken away")

func (v *vault) take(away bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.gone = away
}

// Get returns a secret.
func (v *vault) Get(service, user string) (string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	secret, ok := v.secrets[[2]string{service, user}]
	switch {
	case v.gone:
		return "", errGone
	case !ok:
		return "", storage.ErrNotFound
	}
	return secret, nil
}

// Set keeps a secret.
func (v *vault) Set(service, user, secret string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.gone {
		return errGone
	}
	if v.secrets == nil {
		v.secrets = map[[2]string]string{}
	}
	v.secrets[[2]string{service, user}] = secret
	return nil
}

// Delete forgets a secret.
func (v *vault) Delete(service, user string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	at := [2]string{service, user}
	switch _, ok := v.secrets[at]; {
	case v.gone:
		return errGone
	case !ok:
		return storage.ErrNotFound
	}
	delete(v.secrets, at)
	return nil
}

// vaults are those of the computers of a demonstration.
type vaults struct {
	mu sync.Mutex
	of map[string]*vault
}

func (v *vaults) get(device string) *vault {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.of == nil {
		v.of = map[string]*vault{}
	}
	if v.of[device] == nil {
		v.of[device] = &vault{}
	}
	return v.of[device]
}

func (v *vaults) take(away bool) {
	v.mu.Lock()
	all := slices.Collect(maps.Values(v.of))
	v.mu.Unlock()
	for _, one := range all {
		one.take(away)
	}
}
