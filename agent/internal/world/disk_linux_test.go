package world

import (
	"flag"
	"os/signal"
	"syscall"
)

// fillDisks makes files refuse to grow, as they do on a full disk, or ends that,
// and reports whether it could. It is for the whole process, whose output should be
// a pipe. Under go test it needs -count=1.
func fillDisks(full bool) bool {
	if !canFill() {
		return false
	}
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

// canFill is false where go test keeps a log for its cache, which would be full as
// well.
func canFill() bool {
	f := flag.Lookup("test.testlogfile")
	return f == nil || f.Value.String() == ""
}
