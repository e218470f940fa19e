package device

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// namespaceCase names the variable that turns the test binary into the child
// that runs inside a mount namespace of its own.
const namespaceCase = "LEASEHOLD_DEVICE_NAMESPACE"

// files is what the child puts in place of the machine's own: contents of the
// two machine-id files, nil for none.
type files struct {
	DBus, Systemd *string
	DBusIsFolder  bool
	DBusIsLink    bool // to the other
	InMemory      bool // /etc/machine-id is a mount in memory
}

// TestMachineIDOfThisSystem runs machineid itself, on the real paths, against
// all that was ever found there.
func TestMachineIDOfThisSystem(t *testing.T) {
	if os.Getenv("LEASEHOLD_HEAVY") != "1" {
		t.Skip("set LEASEHOLD_HEAVY=1 to run machineid in mount namespaces of its own")
	}
	if os.Getuid() != 0 {
		t.Skip("only root can mount files over the machine's own")
	}
	text := func(s string) *string { return &s }
	other := strings.ReplaceAll(goodID, "4", "5")
	tests := []struct {
		name     string
		files    files
		key      string // the machine ID in use; empty: an installation ID
		warnings []WarningCode
	}{
		{"both", files{DBus: text(goodID + "\n"), Systemd: text(goodID + "\n")}, goodID, nil},
		{"both differ", files{DBus: text(goodID), Systemd: text(other)}, goodID, []WarningCode{WarningStaleCopy}},
		{"systemd alone", files{Systemd: text(goodID + "\n")}, goodID, nil},
		{"D-Bus path is a folder", files{DBusIsFolder: true, Systemd: text(goodID + "\n")}, goodID, nil},
		{"Windows line end", files{Systemd: text(goodID + "\r\n")}, goodID, nil},
		{"upper case stays in the key", files{Systemd: text(strings.ToUpper(goodID))}, strings.ToUpper(goodID), nil},
		{"D-Bus empty", files{DBus: text(""), Systemd: text(goodID)}, "", []WarningCode{WarningMachineIDEmpty, WarningStaleCopy}},
		{"both empty", files{DBus: text(""), Systemd: text("\n")}, "", []WarningCode{WarningMachineIDEmpty}},
		{"systemd empty", files{Systemd: text("")}, "", []WarningCode{WarningMachineIDEmpty}},
		{"uninitialized", files{Systemd: text("uninitialized\n")}, "", []WarningCode{WarningMachineIDUninitialized}},
		{"garbage", files{Systemd: text("%&$ not an id\n")}, "", []WarningCode{WarningMachineIDMalformed}},
		{"two lines", files{Systemd: text(goodID + "\n" + goodID + "\n")}, "", []WarningCode{WarningMachineIDMalformed}},
		{"zeros", files{Systemd: text(strings.Repeat("0", 32))}, "", []WarningCode{WarningMachineIDMalformed}},
		{"cloned image", files{Systemd: text(shippedID)}, "", []WarningCode{WarningClonedImage}},
		{"none", files{}, "", []WarningCode{WarningMachineIDMissing}},
		{"D-Bus linked", files{DBusIsLink: true, Systemd: text(goodID + "\n")}, goodID, nil},
		{"renewed at each boot", files{Systemd: text(goodID), InMemory: true}, "", []WarningCode{WarningMachineIDTransient}},
		{"renewed at each boot, D-Bus linked", files{DBusIsLink: true, Systemd: text(goodID), InMemory: true}, "", []WarningCode{WarningMachineIDTransient}},
		{"D-Bus keeps a copy of its own", files{DBus: text(goodID), Systemd: text(goodID), InMemory: true}, goodID, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			store := filepath.Join(t.TempDir(), "installation-id")
			first, second := deriveInNamespace(t, tt.files, store), deriveInNamespace(t, tt.files, store)
			if first.ID == "" || first.ID != second.ID {
				t.Errorf("two runs give %q and %q", first.ID, second.ID)
			}
			if want := protect(tt.key, appID); tt.key != "" && (first.ID != want || first.Source != SourceMachine) {
				t.Errorf("got %s from %s, want %s", first.ID, first.Source, want)
			}
			if tt.key == "" && first.Source != SourceInstallation {
				t.Errorf("source = %s", first.Source)
			}
			got := slices.DeleteFunc(codes(first.Warnings), func(c WarningCode) bool {
				return c == WarningContainer || c == WarningReadOnly // of the machine that runs the test
			})
			if !slices.Equal(got, tt.warnings) {
				t.Errorf("warnings = %v, want %v", got, tt.warnings)
			}
		})
	}
}

func deriveInNamespace(t *testing.T, f files, store string) Identity {
	t.Helper()
	spec, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, store)
	// Under -race a program sleeps for a second before it ends.
	cmd.Env = append(os.Environ(), namespaceCase+"="+string(spec), "GORACE=atexit_sleep_ms=0")
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if errors.Is(err, syscall.EPERM) {
		t.Skip("this system does not allow a mount namespace")
	}
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.Bytes())
	}
	var id Identity
	if err := json.Unmarshal(out, &id); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return id
}

// inNamespace is the child: it puts the files in place, derives the device ID
// as an application would, and prints it.
func inNamespace() int {
	if err := deriveInPlace(os.Getenv(namespaceCase), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func deriveInPlace(spec, store string) error {
	var f files
	if err := json.Unmarshal([]byte(spec), &f); err != nil {
		return err
	}
	// Nothing else of /etc and /var/lib is needed from here on, and none of
	// this is seen outside the namespace.
	for _, folder := range []string{"/etc", "/var/lib"} {
		if err := syscall.Mount("leasehold", folder, "tmpfs", 0, ""); err != nil {
			return fmt.Errorf("mount over %s: %w", folder, err)
		}
	}
	if f.DBusIsFolder {
		if err := os.MkdirAll("/"+dbusFile, 0o755); err != nil {
			return err
		}
	}
	if f.DBusIsLink {
		if err := os.MkdirAll(filepath.Dir("/"+dbusFile), 0o755); err != nil {
			return err
		}
		if err := os.Symlink("/"+systemdFile, "/"+dbusFile); err != nil {
			return err
		}
	}
	for name, content := range map[string]*string{dbusFile: f.DBus, systemdFile: f.Systemd} {
		if content == nil {
			continue
		}
		if err := os.MkdirAll(filepath.Dir("/"+name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile("/"+name, []byte(*content), 0o444); err != nil {
			return err
		}
	}
	if f.InMemory {
		if err := syscall.Mount("/"+systemdFile, "/"+systemdFile, "", syscall.MS_BIND, ""); err != nil {
			return err
		}
	}
	id, err := Derive(context.Background(), Config{AppID: appID, Keeper: fileKeeper(store)})
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(id)
}

// fileKeeper keeps the installation ID in the file of that name.
type fileKeeper string

func (k fileKeeper) InstallationID(context.Context) (string, error) {
	id, err := os.ReadFile(string(k))
	return string(id), err
}

func (k fileKeeper) KeepInstallationID(_ context.Context, id string) (string, error) {
	file, err := os.OpenFile(string(k), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		kept, err := os.ReadFile(string(k))
		return string(kept), err
	}
	if err != nil {
		return "", err
	}
	_, err = file.WriteString(id)
	return id, errors.Join(err, file.Close())
}
