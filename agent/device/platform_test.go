package device

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"sync"
	"testing/fstest"
)

const (
	goodID    = "4f0c3c1f2a7d4b6e9d8c5a1b0e3f7a29"
	goodGUID  = "7B512A16-9C1E-4D2A-8F6B-0A1B2C3D4E5F"
	shippedID = "88544b92092430bc5d3fbbffc12a2f04"
)

// fakePlatform is a Linux machine with the given machine ID and nothing else.
func fakePlatform(machineID string) platform {
	return platform{
		goos:      "linux",
		machineID: func() (string, error) { return machineID, nil },
		root:      fstest.MapFS{},
		getenv:    func(string) string { return "" },
		lookPath:  func(string) (string, error) { return ioregPath, nil },
		random:    rand.Reader,
	}
}

// memoryKeeper keeps the first ID it is given, as several processes would.
type memoryKeeper struct {
	mu      sync.Mutex
	id      string
	loadErr error
	keepErr error
	loads   int
	keeps   int
}

func (k *memoryKeeper) InstallationID(context.Context) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.loads++
	if k.loadErr != nil {
		return "", k.loadErr
	}
	if k.id == "" {
		return "", fs.ErrNotExist
	}
	return k.id, nil
}

func (k *memoryKeeper) KeepInstallationID(_ context.Context, id string) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keeps++
	if k.keepErr != nil {
		return "", k.keepErr
	}
	if _, sound := installationUUID(k.id); !sound {
		k.id = id
	}
	return k.id, nil
}

func codes(warnings []Warning) []WarningCode {
	list := []WarningCode{}
	for _, w := range warnings {
		list = append(list, w.Code)
	}
	return list
}

var errTest = errors.New("the keyring is locked")
