package settings

import (
	"fmt"

	"github.com/leasehold-dev/leasehold/internal/namedfile"
)

// MaxFile is how many bytes a file of the configuration has at most.
const MaxFile = 16 << 20

// ReadFile reads a file of the configuration. One that is too large, a folder, a
// device or a pipe that stays silent is an error: it must neither take the
// application's memory nor make it wait.
func ReadFile(path string) ([]byte, error) {
	data, err := namedfile.Read(path, MaxFile+1)
	if err == nil && len(data) > MaxFile {
		return nil, fmt.Errorf("%s is larger than %d MiB", path, MaxFile>>20)
	}
	return data, err
}
