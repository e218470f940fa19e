package device

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// machine is the machine ID of the operating system after its checks.
type machine struct {
	raw      string // as reported; the key of the HMAC
	usable   bool
	shipped  bool // well formed, but on the list of shipped IDs
	reason   string
	warnings []Warning
}

// Where Linux keeps the machine ID, in the order in which machineid reads:
// the second only when the first cannot be read.
const (
	dbusFile    = "var/lib/dbus/machine-id"
	systemdFile = "etc/machine-id"
)

// ioregPath is where macOS has the program that machineid looks up in PATH.
const ioregPath = "/usr/sbin/ioreg"

// readMachine reads and checks the machine ID. The only error is that of ctx:
// an ID that cannot be read or used is a finding.
//
// It is long because it tries one source of an ID after the other, in the order of trust.
func (p platform) readMachine(ctx context.Context) (machine, error) {
	if err := ctx.Err(); err != nil {
		return machine{}, err
	}

	type answer struct {
		id  string
		err error
	}
	// machineid takes no context, and macOS starts a program to answer it.
	answers := make(chan answer, 1)
	go func() {
		id, err := p.machineID()
		answers <- answer{id, err}
	}()

	var m machine
	select {
	case <-ctx.Done():
		return m, ctx.Err()
	case a := <-answers:
		m.raw = a.id
		if a.err != nil {
			m.refuse(WarningMachineIDMissing, "the machine ID cannot be read",
				fmt.Sprintf("The operating system gives no machine ID (%s).", firstLine(a.err))+p.advice())
			return m, nil
		}
	}

	switch flaw, image := checkMachineID(m.raw); flaw {
	case sound:
		m.usable = true
	case empty:
		m.refuse(WarningMachineIDEmpty, "the machine ID is empty",
			"The machine ID of the operating system is empty."+p.advice())
	case uninitialized:
		m.refuse(WarningMachineIDUninitialized, "the machine ID is not initialised yet",
			`The machine ID is still "uninitialized": the first boot of this system was not completed.`+p.advice())
	case malformed:
		m.refuse(WarningMachineIDMalformed, "the machine ID is malformed",
			fmt.Sprintf("The machine ID of the operating system (%d bytes) is neither 32 hexadecimal digits nor a GUID.", len(m.raw))+p.advice())
	case repeated:
		m.refuse(WarningMachineIDMalformed, "the machine ID is one digit repeated",
			"The machine ID of the operating system is one digit repeated, a placeholder."+p.advice())
	case shipped:
		m.shipped = true
		m.refuse(WarningClonedImage, "the machine ID is shared by many machines",
			fmt.Sprintf("The machine ID is the one shipped with %s, so that many machines share it.", image)+p.advice())
	}

	switch p.goos {
	case "linux":
		p.inspectFiles(&m)
	case "darwin":
		if found, err := p.lookPath("ioreg"); err == nil && found != ioregPath {
			m.warn(WarningIoregShadowed, fmt.Sprintf("The machine ID was asked of %s, found first in PATH, instead of %s. "+
				"It may not be the ID of this Mac; put /usr/sbin first in PATH.", found, ioregPath))
		}
	}
	return m, nil
}

// inspectFiles looks at the files behind the machine ID of Linux for what the
// ID alone does not show.
func (p platform) inspectFiles(m *machine) {
	dbus, dbusErr := p.root.ReadFile(dbusFile)
	systemd, systemdErr := p.root.ReadFile(systemdFile)
	if dbusErr == nil && systemdErr == nil {
		d, s := normalise(strings.TrimSpace(string(dbus))), normalise(strings.TrimSpace(string(systemd)))
		if d != s {
			m.warn(WarningStaleCopy, "The machine IDs in /"+dbusFile+" (which is used) and /"+systemdFile+" differ; one of them is an old copy. "+
				"If this machine was cloned, an administrator should remove the first and run: ln -s /"+systemdFile+" /"+dbusFile+
				". That changes the device ID, so the licence must then be activated again.")
		}
	}

	// systemd makes an ID up at each boot and mounts it over the file when it
	// cannot write there. A copy of its own for D-Bus is on disk, and stays.
	ownCopy := dbusErr == nil && !isSymlink(p.root, dbusFile) && !isSymlink(p.root, path.Dir(dbusFile))
	if m.usable && !ownCopy && p.mounts().memory("/"+systemdFile) {
		m.usable = false
		m.refuse(WarningMachineIDTransient, "the machine ID is renewed at each boot",
			"The machine ID is held in memory and renewed at each boot, as /etc could not be written when the system started. "+
				"An administrator can keep it with: systemd-machine-id-setup --commit.")
	}
}

func isSymlink(root fileReader, name string) bool {
	info, err := root.Lstat(name)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

func (m *machine) warn(code WarningCode, text string) {
	m.warnings = append(m.warnings, Warning{Code: code, Text: text})
}

// refuse notes why the machine ID is not used: reason for the error, text for
// the warning.
func (m *machine) refuse(code WarningCode, reason, text string) {
	m.reason = reason
	m.warn(code, text)
}

// advice says how an administrator mends a machine ID that was refused.
func (p platform) advice() string {
	switch p.goos {
	case "linux":
		return " An administrator can create one: remove /" + dbusFile + " and /" + systemdFile + ", then run systemd-machine-id-setup."
	case "windows":
		return " An administrator can create one by running sysprep with /generalize on the image."
	default:
		return ""
	}
}

// firstLine cuts an error of machineid short: on macOS it goes on with all that
// ioreg printed, the serial number among it.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// flaw says why a machine ID is not used.
type flaw int

const (
	sound flaw = iota
	empty
	uninitialized
	malformed
	repeated
	shipped
)

// checkMachineID judges a machine ID as the operating system reports it. For a
// shipped ID it also names what ships it.
func checkMachineID(raw string) (flaw, string) {
	switch {
	case strings.TrimSpace(raw) == "":
		return empty, ""
	case strings.EqualFold(strings.TrimSpace(raw), "uninitialized"):
		return uninitialized, ""
	case !isHex32(raw) && !isGUID(raw):
		return malformed, ""
	}
	id := normalise(raw)
	if strings.Count(id, id[:1]) == len(id) {
		return repeated, ""
	}
	if image := shippedWith(id); image != "" {
		return shipped, image
	}
	return sound, ""
}

// normalise brings the forms of one machine ID to one: lower case, no hyphens.
func normalise(id string) string {
	return strings.ReplaceAll(strings.ToLower(id), "-", "")
}

func isHex32(s string) bool {
	if len(s) != 32 {
		return false
	}
	for i := range len(s) {
		if !isHexDigit(s[i]) {
			return false
		}
	}
	return true
}

// isGUID accepts the form 8-4-4-4-12, without braces.
func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return false
			}
		default:
			if !isHexDigit(s[i]) {
				return false
			}
		}
	}
	return true
}

func isHexDigit(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
