package world

import (
	"os/signal"
	"syscall"
)

// fillDisks makes files refuse to grow, as they do on a full disk, or ends that,
// and reports whether it could. It is for the whole process: what go test writes
// goes through a pipe, which is no file.
func fillDisks(full bool) bool {
	signal.Ignore(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return false
	}
	if limit.Cur = limit.Max; full {
		limit.Cur = 0
	}
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit) == nil
}
