package durable

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// mayWrite asks whether the process may make files in a folder. syscall does what
// unix does, for kernels without faccessat2 too, and os/exec links it anyway.
func mayWrite(folder string) error {
	return syscall.Faccessat(unix.AT_FDCWD, folder, unix.W_OK|unix.X_OK, unix.AT_EACCESS)
}
