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
	root      fileReader // the file system from its root; read on Linux only
	getenv    func(string) string
	lookPath  func(string) (string, error)
	random    io.Reader
}

// host is the platform the program runs on.
func host() platform {
	return platform{
		goos:      runtime.GOOS,
		machineID: machineid.ID,
		root:      &disk{},
		getenv:    os.Getenv,
		lookPath:  exec.LookPath,
		random:    rand.Reader,
	}
}

// A fileReader reads files by their paths without the first slash, as a [testing/fstest.MapFS] does.
type fileReader interface {
	ReadFile(name string) ([]byte, error)
	Stat(name string) (fs.FileInfo, error)
	Lstat(name string) (fs.FileInfo, error)
}

// disk has the files of the machine. [os.DirFS] would link what opens and reads any [fs.FS].
type disk struct{}

func (*disk) ReadFile(name string) ([]byte, error)   { return os.ReadFile("/" + name) }
func (*disk) Stat(name string) (fs.FileInfo, error)  { return os.Stat("/" + name) }
func (*disk) Lstat(name string) (fs.FileInfo, error) { return os.Lstat("/" + name) }
