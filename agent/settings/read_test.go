package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if _, err := ReadFile(path); !os.IsNotExist(err) {
		t.Errorf("no file: %v", err)
	}
	for _, size := range []int{0, 5, MaxFile, MaxFile + 1} {
		if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
		data, err := ReadFile(path)
		if size <= MaxFile && (err != nil || len(data) != size) || size > MaxFile && (err == nil || !strings.Contains(err.Error(), "16 MiB")) {
			t.Errorf("%d bytes: %d, %v", size, len(data), err)
		}
	}
}

// What is no file is refused at once wherever the configuration names one.
func TestFilesThatAreNone(t *testing.T) {
	const endless = "/dev/zero"
	if _, err := os.Stat(endless); err != nil {
		t.Skip("there is no such device here")
	}
	for _, text := range []string{
		`{"server_url":"https://x","isv_id":"2af5fe02-6207-4214-946e-b00ac5309f53","product_id":"b18657cc-1f7c-43fa-e3a4-08da6fa41ad3","provisioning_key":"x","app":{"name":"x","version":"1"},"signature":{"mode":"rsa","public_key_file":"` + endless + `"}}`,
		`{"server_url":"https://x","isv_id":"2af5fe02-6207-4214-946e-b00ac5309f53","product_id":"b18657cc-1f7c-43fa-e3a4-08da6fa41ad3","provisioning_key":"x","app":{"name":"x","version":"1"},"signature":{"mode":"none"},"ca_file":"` + endless + `"}`,
	} {
		file, err := Decode([]byte(text), "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.Config(); err == nil || !strings.Contains(err.Error(), "it is a device") {
			t.Errorf("%v", err)
		}
	}
}
