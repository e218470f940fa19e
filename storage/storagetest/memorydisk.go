package storagetest

import (
	"os"
	"runtime"
)

// UseMemoryDisk lets temporary folders, those of testing.T.TempDir among them, be
// in memory, where the system has a disk that is, and returns whether it has. It is
// for TestMain: hundreds of tests wait for the disk otherwise, and prove no more by
// it, because what a power cut leaves is tried on disks that tests make up.
func UseMemoryDisk() bool {
	const memory = "/dev/shm"
	if runtime.GOOS == "windows" { // Wine shows the folder, and a program there asks for TMP
		return false
	}
	dir, err := os.MkdirTemp(memory, "leasehold")
	if err != nil {
		return false
	}
	_ = os.Remove(dir)
	return os.Setenv("TMPDIR", memory) == nil
}
