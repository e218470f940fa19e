//go:build !windows && !linux

package durable

import "golang.org/x/sys/unix"

// mayWrite asks whether the process may make files in a folder.
func mayWrite(folder string) error {
	return unix.Faccessat(unix.AT_FDCWD, folder, unix.W_OK|unix.X_OK, unix.AT_EACCESS)
}
