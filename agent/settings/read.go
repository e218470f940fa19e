package settings

import (
	"fmt"
	"io"
	"os"
)

// MaxFile is how many bytes a file of the configuration has at most.
const MaxFile = 16 << 20

// ReadFile reads a file of the configuration. One that is too large, or a device
// that has no end, is an error, and not the end of the application's memory.
func ReadFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err == nil && len(data) > MaxFile {
		return nil, fmt.Errorf("%s is larger than %d MiB", path, MaxFile>>20)
	}
	return data, err
}
