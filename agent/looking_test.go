package agent

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
	"github.com/leasehold-dev/leasehold/storage"
	"github.com/leasehold-dev/leasehold/storage/storagetest"
)

// tree is all that can be told of what is below a folder.
func tree(t *testing.T, folder string) string {
	t.Helper()
	var s strings.Builder
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err == nil {
			var b []byte
			if info.Mode().IsRegular() {
				b, err = os.ReadFile(path)
			}
			fmt.Fprintln(&s, path, info.Mode(), info.ModTime().UnixNano(), info.Size(), sha256.Sum256(b))
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return s.String()
}

// Who only looks writes nothing, wherever the licence is kept.
func TestLookingWritesNothing(t *testing.T) {
	for _, kind := range []storage.Kind{storage.KindFile, storage.KindAuto, storage.KindKeyring} {
		t.Run(string(kind), func(t *testing.T) {
			inBubble(t, slasconetest.Config{}, func(t *testing.T, w *world) {
				ring := &storagetest.Keyring{}
				w.cfg.Store, w.cfg.Keyring = kind, ring
				look := func() {
					t.Helper()
					before, items, calls := tree(t, w.cfg.StateDir), ring.Items(), len(ring.Calls())
					if _, err := Identify(w.Context(), w.cfg); err != nil {
						t.Fatal(err)
					}
					a := w.open()
					_, _, _, _ = a.Decision(), a.License(), a.Forecast(), a.Diagnose()
					w.close(a)
					if after := tree(t, w.cfg.StateDir); after != before || !maps.Equal(ring.Items(), items) {
						t.Errorf("looking changes something; before:\n%s\nafter:\n%s", before, after)
					}
					for _, call := range ring.Calls()[calls:] {
						if call != "get" {
							t.Errorf("looking calls %s of the keyring", call)
						}
					}
				}
				look()
				a, _ := w.activated(slasconetest.License{Freeride: new(7)})
				w.use(a, "f")
				w.close(a)
				look()
				w.moveClock(-2 * day)
				look()
				spoil(t, w.cfg.StateDir)
				look()
			})
		})
	}
}
