package world

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// freeze makes a machine's folder one that can be read only, as a home on a disk
// that was mounted so. It does nothing where rights do not bind this process.
func (m *machine) freeze(w *world) {
	if m.away || m.frozen || !bound() {
		return
	}
	const readable = 0o500
	if err := os.MkdirAll(m.folder, readable|0o200); err != nil {
		w.failf("%v", err)
	}
	m.frozen = true
	m.chmod(w, 0o400, readable)
	m.troubled()
}

func (m *machine) thaw(w *world) {
	if !m.frozen {
		return
	}
	m.frozen = false
	m.chmod(w, 0o600, 0o700)
	m.calm(w)
}

// chmod gives all files and folders of a machine these rights.
func (m *machine) chmod(w *world, file, folder fs.FileMode) {
	if err := chmod(m.folder, file, folder); err != nil {
		w.failf("%v", err)
	}
}

// chmod gives all files and folders below one these rights. A folder gets them
// before what is in it is looked for.
func chmod(root string, file, folder fs.FileMode) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		mode := file
		if err == nil && d.IsDir() {
			mode = folder
		}
		return errors.Join(err, os.Chmod(path, mode))
	})
}
