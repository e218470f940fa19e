//go:build !windows

package journal

import "syscall"

func addPipe(list map[string]func(string) error) {
	list["pipe"] = func(p string) error { return syscall.Mkfifo(p, 0o600) }
}
