// Package namedfile reads files whose names somebody else chose: those that a
// configuration names, and arguments of the command line. Such a name can be that
// of a folder, a pipe, a device or something without end.
package namedfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"time"
)

// patience is how long a pipe may take to say everything. The shell makes pipes of
// `<(decrypt FILE)`, so they are not refused.
const patience = 5 * time.Second

// Errors of what is in the place of a file.
var (
	errFolder = errors.New("it is a folder, not a file")
	errDevice = errors.New("it is a device, not a file")
	errSilent = errors.New("it is a pipe that nobody writes into")
)

// Read returns at most the first bytes of the file with this name, as many as most
// says. It never waits for long: a pipe has five seconds, a device is not opened.
func Read(name string, most int64) ([]byte, error) { return read(name, most, patience) }

func read(name string, most int64, patience time.Duration) ([]byte, error) {
	// Opening a device may do something to it, so the look comes first.
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if err := usable(info.Mode()); err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	f, err := os.OpenFile(name, os.O_RDONLY|nonblocking, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return nil, err
	}
	if err := usable(info.Mode()); err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	pipe := !info.Mode().IsRegular()
	if pipe {
		if err := f.SetReadDeadline(time.Now().Add(patience)); err != nil {
			return nil, &fs.PathError{Op: "read", Path: name, Err: errDevice} // where reading it could wait for ever
		}
	}
	data, err := io.ReadAll(io.LimitReader(f, most))
	if pipe && (errors.Is(err, os.ErrDeadlineExceeded) || err == nil && len(data) == 0) {
		err = &fs.PathError{Op: "read", Path: name, Err: errSilent}
	}
	return data, err
}

// usable reports why something cannot be read as a file.
func usable(mode fs.FileMode) error {
	switch {
	case mode.IsDir():
		return errFolder
	case mode.IsRegular(), mode.Type() == fs.ModeNamedPipe:
		return nil
	}
	return errDevice
}
