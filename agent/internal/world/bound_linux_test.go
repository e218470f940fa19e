package world

import (
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"unsafe" //nolint:depguard // a system call for all threads takes addresses

	"golang.org/x/sys/unix"
)

// bound reports whether the rights of files bind this process. Root gives up, for
// good, the two capabilities by which they do not.
var bound = sync.OnceValue(func() bool {
	if os.Geteuid() == 0 && !giveUp(unix.CAP_DAC_OVERRIDE, unix.CAP_DAC_READ_SEARCH) {
		return false
	}
	dir, err := os.MkdirTemp(memory(), "world")
	if err != nil {
		return false
	}
	defer os.RemoveAll(dir)
	const readable = 0o500
	if err := os.Chmod(dir, readable); err != nil {
		return false
	}
	return os.WriteFile(filepath.Join(dir, "x"), nil, readable) != nil
})

// giveUp takes capabilities from all threads. Where the program is linked with C it
// cannot.
func giveUp(capabilities ...int) bool {
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&head, &data[0]); err != nil {
		return false
	}
	for _, c := range capabilities {
		data[0].Effective &^= 1 << c
		data[0].Permitted &^= 1 << c
	}
	_, _, errno := syscall.AllThreadsSyscall(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&head)), uintptr(unsafe.Pointer(&data[0])), 0)
	return errno == 0
}
