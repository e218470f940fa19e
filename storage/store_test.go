package storage_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/leasehold-dev/leasehold/storage"
	"github.com/leasehold-dev/leasehold/storage/storagetest"
)

func TestMain(m *testing.M) {
	childMain() // does not return in a child process
	if !heavy() {
		storagetest.UseMemoryDisk()
	}
	goleak.VerifyTestMain(m,
		// The connection to D-Bus stays open as long as the process, a daemon
		// that dies under a prompt leaves its caller in go-keyring, and go-keyring
		// leaves a channel in godbus at each prompt.
		goleak.IgnoreAnyFunction("github.com/godbus/dbus/v5.(*signalChannelData).deferredDeliver"),
		goleak.IgnoreAnyFunction("github.com/zalando/go-keyring/secret_service.(*SecretService).handlePrompt"),
		goleak.IgnoreAnyFunction("github.com/godbus/dbus/v5.(*Conn).inWorker"),
		goleak.IgnoreAnyFunction("github.com/godbus/dbus/v5.newConn.func1"),
	)
}

var someone = storage.Identity{
	ISV:     "2AF5E0A9-2B60-4C5A-8F5E-0E5D8D3A1F11",
	Product: "B18657CC-1F7C-43FA-E3A4-08DA6FA41AD3",
	Client:  "device/user",
}

func mustOpen(t testing.TB, cfg storage.Config) *storage.Local {
	t.Helper()
	if cfg.Identity == (storage.Identity{}) {
		cfg.Identity = someone
	}
	s, err := storage.Open(t.Context(), cfg)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return s
}

// backends are the configurations that must keep the contract: two on the
// real file system, which is slow to sync, the others in memory.
func backends(t testing.TB) map[string]storage.Config {
	locked := &storagetest.Keyring{}
	locked.Fail(errLocked)
	inMemory := storage.Config{Dir: "/state", Seal: "device"}.WithFileSystem(newDisk(nil))
	with := func(cfg storage.Config, kind storage.Kind, ring storage.Keyring) storage.Config {
		cfg.Kind, cfg.Keyring = kind, ring
		return cfg
	}
	onDisk := storage.Config{Dir: t.TempDir()}
	copying := inMemory
	copying.Copy = true
	return map[string]storage.Config{
		"file":            with(onDisk, storage.KindFile, nil),
		"auto":            with(onDisk, storage.KindAuto, &storagetest.Keyring{}),
		"keyring":         with(inMemory, storage.KindKeyring, &storagetest.Keyring{}),
		"auto, copying":   with(copying, storage.KindAuto, &storagetest.Keyring{}),
		"auto, locked":    with(inMemory, storage.KindAuto, locked),
		"file, in memory": with(inMemory, storage.KindFile, nil),
	}
}

func TestConformance(t *testing.T) {
	for name := range backends(t) {
		t.Run(name, func(t *testing.T) {
			storagetest.Run(t, func(t *testing.T) storage.Store { return mustOpen(t, backends(t)[name]) })
			storagetest.RunShared(t, func(t *testing.T) (storage.Store, storage.Store) {
				cfg := backends(t)[name]
				return mustOpen(t, cfg), mustOpen(t, cfg)
			})
		})
	}
	t.Run("memory", func(t *testing.T) {
		storagetest.Run(t, func(*testing.T) storage.Store { return storage.NewMemory() })
		storagetest.RunShared(t, func(*testing.T) (storage.Store, storage.Store) {
			m := storage.NewMemory()
			return m, m
		})
	})
}
