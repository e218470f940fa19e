package device

import (
	"crypto/rand"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"runtime"

	"github.com/denisbrodbeck/machineid"
)

// platform is what the package asks of the operating system.
type platform struct {
	goos      string
	machineID func() (string, error)
	root      fs.FS // the file system from its root; read on Linux only
	getenv    func(string) string
	lookPath  func(string) (string, error)
	random    io.Reader
}

// host is the platform the program runs on.
func host() platform {
	return platform{
		goos:      runtime.GOOS,
		machineID: machineid.ID,
		root:      os.DirFS("/"),
		getenv:    os.Getenv,
		lookPath:  exec.LookPath,
		random:    rand.Reader,
	}
}
