// Package durable holds the steps on files that storage and its journal are
// built from: each does one thing, what it has done survives a power cut, and
// none waits for what lies in the place of a file of ours (a pipe, a device) or
// follows where it points to.
package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// longestName is the longest name of a file, in bytes or characters, on any file
// system of note.
const longestName = 255

// errIrregular is in the error about something in the place of a file.
var errIrregular = errors.New("not a regular file")

// Open opens a regular file. What is none is refused, before it is opened and
// after: opening a pipe would wait for its other end, and opening a device may do
// something to it.
func Open(path string, flag int) (*os.File, error) {
	f, _, err := OpenSized(path, flag)
	return f, err
}

// OpenSized is Open, and returns how long the file is.
func OpenSized(path string, flag int) (*os.File, int64, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, &os.PathError{Op: "open", Path: path, Err: errIrregular}
	}
	f, err := os.OpenFile(path, flag|guarded, 0)
	if err != nil {
		return nil, 0, err
	}
	info, err = f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &os.PathError{Op: "open", Path: path, Err: errIrregular}
	}
	if err != nil {
		_ = f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// Create makes a file that did not exist, for reading and writing. Only its owner
// reads it, or the group that the folder is shared by.
func Create(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL|guarded, 0o600)
	if err == nil {
		fit(f, filepath.Dir(path))
	}
	return f, err
}

// MakeFolder makes sure that path is a folder that others do not read, except
// a group that it is shared by. A folder that belongs to somebody else may refuse
// to be changed, and is used as it is.
func MakeFolder(path string) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		restrict(path, info)
		return nil
	case err == nil:
		return &os.PathError{Op: "mkdir", Path: path, Err: syscall.ENOTDIR}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return makeFolder(path)
}

// makeFolder makes a folder and those above it, each in the manner of the one
// that it is in.
func makeFolder(path string) error {
	err := os.Mkdir(path, 0o700)
	if parent := filepath.Dir(path); errors.Is(err, fs.ErrNotExist) && parent != path {
		if err := makeFolder(parent); err != nil {
			return err
		}
		err = os.Mkdir(path, 0o700)
	}
	switch {
	case err == nil:
		adopt(path)
	case errors.Is(err, fs.ErrExist): // another process was first
		if info, serr := os.Stat(path); serr == nil && info.IsDir() {
			return nil
		}
	}
	return err
}

// Rename replaces the file to, if it exists, in one step. A folder that is in its
// place is moved out of the way, to the same name with ".damaged" appended.
func Rename(from, to string) error {
	err := rename(from, to)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return err
	}
	there, terr := os.Lstat(to)
	moved, merr := os.Lstat(from)
	if terr != nil || merr != nil || !there.IsDir() || moved.IsDir() || rename(to, to+".damaged") != nil {
		return err
	}
	return rename(from, to)
}

// Writable says why nothing can be written into the folder at path, or into the
// one that it would be made in. It writes nothing, so that it cannot tell a disk
// that is full.
func Writable(path string) error {
	for {
		info, err := os.Stat(path)
		parent := filepath.Dir(path)
		switch {
		case len(filepath.Base(path)) > longestName: // of which Windows says that it is not there
			return &os.PathError{Op: "mkdir", Path: path, Err: syscall.ENAMETOOLONG}
		case err == nil && !info.IsDir():
			return &os.PathError{Op: "mkdir", Path: path, Err: syscall.ENOTDIR}
		case err == nil:
			return access(path)
		case !errors.Is(err, fs.ErrNotExist) || parent == path:
			return err
		}
		if _, err := os.Lstat(path); err == nil {
			return &os.PathError{Op: "mkdir", Path: path, Err: errors.New("it points to what is not there")}
		}
		path = parent
	}
}

// Absent reports whether err says that there is no file, and none can be.
func Absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ENAMETOOLONG)
}

// Unusable reports whether err says that what is in the place of a file is not
// ours to read, and will not be the next time either.
func Unusable(err error) bool {
	return errors.Is(err, errIrregular) || errors.Is(err, fs.ErrPermission) || unusable(err)
}
