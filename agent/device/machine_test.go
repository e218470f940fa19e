package device

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"
)

func TestCheckMachineID(t *testing.T) {
	tests := []struct {
		raw  string
		want flaw
	}{
		{goodID, sound},
		{strings.ToUpper(goodID), sound},
		{goodGUID, sound},
		{strings.ToLower(goodGUID), sound},
		{"0123456789abcdef0123456789abcdef", sound},
		{"", empty},
		{" \r\n\t", empty},
		{"uninitialized", uninitialized},
		{"UNINITIALIZED\n", uninitialized},
		{"uninitialised", malformed},
		{goodID[:31], malformed},
		{goodID + "0", malformed},
		{goodID + "\n", malformed},
		{" " + goodID, malformed},
		{goodID[:31] + "g", malformed},
		{goodID[:16] + "\n" + goodID[17:], malformed},
		{"{" + goodGUID + "}", malformed},
		{goodGUID[:8] + "0" + goodGUID[9:], malformed},
		{goodGUID[:35] + "-", malformed},
		{strings.Repeat("-", 32), malformed},
		{strings.Repeat("-", 36), malformed},
		{"Default string", malformed},
		{strings.Repeat("0", 32), repeated},
		{strings.Repeat("f", 32), repeated},
		{strings.Repeat("fF", 16), repeated},
		{"00000000-0000-0000-0000-000000000000", repeated},
		{"FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", repeated},
		{shippedID, shipped},
		{strings.ToUpper(shippedID), shipped},
		{"03000200-0400-0500-0006-000700080009", shipped},
	}
	for _, tt := range tests {
		got, image := checkMachineID(tt.raw)
		if got != tt.want || (image != "") != (tt.want == shipped) {
			t.Errorf("checkMachineID(%q) = %d, %q; want %d", tt.raw, got, image, tt.want)
		}
	}
}

func TestCheckMachineIDTakesEveryRandomID(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.StringMatching(`[0-9a-f]{32}`).Draw(t, "id")
		guid := id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:]
		want, _ := checkMachineID(id)
		for _, form := range []string{strings.ToUpper(id), guid, strings.ToUpper(guid)} {
			if got, _ := checkMachineID(form); got != want {
				t.Fatalf("%q is judged %d, %q %d", form, got, id, want)
			}
		}
		if want != sound && strings.Trim(id, id[:1]) != "" && shippedWith(id) == "" {
			t.Fatalf("%q is refused: %d", id, want)
		}
	})
}

func FuzzCheckMachineID(f *testing.F) {
	for _, seed := range []string{"", "uninitialized", goodID, goodGUID, shippedID, strings.Repeat("0", 32), "\x00", goodID + "\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, image := checkMachineID(raw)
		if (image != "") != (got == shipped) {
			t.Fatalf("flaw %d with image %q", got, image)
		}
		if got != sound && got != shipped {
			return
		}
		// An ID that may become a key is 32 hexadecimal digits in one of the
		// two forms, and not a placeholder.
		id := normalise(raw)
		if len(id) != 32 || strings.Trim(id, "0123456789abcdef") != "" {
			t.Fatalf("%q is accepted", raw)
		}
		if strings.Trim(id, id[:1]) == "" {
			t.Fatalf("%q is accepted though it is one digit", raw)
		}
		if again, _ := checkMachineID(id); again != got {
			t.Fatalf("%q is judged %d, its normal form %d", raw, got, again)
		}
	})
}

func TestReadMachineInspectsTheFiles(t *testing.T) {
	file := func(content string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(content)} }
	link := func(target string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(target), Mode: fs.ModeSymlink | 0o777}
	}
	const inMemory = "40 22 0:30 /machine-id /etc/machine-id ro,nosuid - tmpfs tmpfs ro,mode=755\n"
	const onDisk = "40 22 8:1 /persist/machine-id /etc/machine-id ro - ext4 /dev/sda1 rw\n"
	other := strings.ReplaceAll(goodID, "4", "5")
	tests := []struct {
		name     string
		machine  string
		files    fstest.MapFS
		usable   bool
		warnings []WarningCode
	}{
		{"same", goodID, fstest.MapFS{dbusFile: file(goodID + "\n"), systemdFile: file(goodID + "\n")}, true, nil},
		{"same, another form", goodID, fstest.MapFS{dbusFile: file(strings.ToUpper(goodID)), systemdFile: file(goodID + "\n")}, true, nil},
		{"one", goodID, fstest.MapFS{systemdFile: file(goodID)}, true, nil},
		{"stale copy", goodID, fstest.MapFS{dbusFile: file(goodID), systemdFile: file(other)}, true,
			[]WarningCode{WarningStaleCopy}},
		{"D-Bus file empty", "", fstest.MapFS{dbusFile: file(""), systemdFile: file(goodID)}, false,
			[]WarningCode{WarningMachineIDEmpty, WarningStaleCopy}},
		{"link", goodID, fstest.MapFS{dbusFile: link("../../../etc/machine-id"), systemdFile: file(goodID)}, true, nil},
		{"in memory", goodID, fstest.MapFS{systemdFile: file(goodID), "proc/self/mountinfo": file(inMemory)}, false,
			[]WarningCode{WarningMachineIDTransient}},
		{"in memory, linked", goodID, fstest.MapFS{dbusFile: link("../../../etc/machine-id"), systemdFile: file(goodID), "proc/self/mountinfo": file(inMemory)}, false,
			[]WarningCode{WarningMachineIDTransient}},
		{"in memory, folder linked", goodID, fstest.MapFS{"var/lib/dbus": link("../../etc"), systemdFile: file(goodID), "proc/self/mountinfo": file(inMemory)}, false,
			[]WarningCode{WarningMachineIDTransient}},
		{"in memory, own copy on disk", goodID, fstest.MapFS{dbusFile: file(goodID), systemdFile: file(goodID), "proc/self/mountinfo": file(inMemory)}, true, nil},
		{"mounted from disk", goodID, fstest.MapFS{systemdFile: file(goodID), "proc/self/mountinfo": file(onDisk)}, true, nil},
		{"shipped and in memory", shippedID, fstest.MapFS{systemdFile: file(shippedID), "proc/self/mountinfo": file(inMemory)}, false,
			[]WarningCode{WarningClonedImage}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := fakePlatform(tt.machine)
			p.root = tt.files
			m, err := p.readMachine(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if m.usable != tt.usable || (m.reason == "") != tt.usable {
				t.Errorf("usable = %v (%q), want %v", m.usable, m.reason, tt.usable)
			}
			if c := codes(m.warnings); !slices.Equal(c, tt.warnings) {
				t.Errorf("warnings = %v, want %v", c, tt.warnings)
			}
		})
	}
}

func TestReadMachineWithoutAnID(t *testing.T) {
	for _, goos := range []string{"linux", "windows", "darwin"} {
		p := fakePlatform("")
		p.goos = goos
		p.machineID = func() (string, error) { return "", errors.New("access is denied\nIOPlatformSerialNumber = C02XYZ") }
		m, err := p.readMachine(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if m.usable || len(m.warnings) != 1 || m.warnings[0].Code != WarningMachineIDMissing {
			t.Errorf("%s: %+v", goos, m)
		}
		if text := m.warnings[0].Text; !strings.Contains(text, "access is denied") {
			t.Errorf("%s: the warning does not say why: %s", goos, text)
		} else if strings.Contains(text, "C02XYZ") {
			t.Errorf("%s: the warning tells what ioreg printed: %s", goos, text)
		}
	}
}

func TestReadMachineOnMacNoticesAnotherIoreg(t *testing.T) {
	tests := map[string]struct {
		path string
		err  error
		want []WarningCode
	}{
		"the system's":   {path: ioregPath},
		"another":        {path: "/opt/homebrew/bin/ioreg", want: []WarningCode{WarningIoregShadowed}},
		"not to be seen": {err: errors.New("not found")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := fakePlatform(goodGUID)
			p.goos = "darwin"
			p.lookPath = func(string) (string, error) { return tt.path, tt.err }
			m, err := p.readMachine(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if c := codes(m.warnings); !m.usable || !slices.Equal(c, tt.want) {
				t.Errorf("usable %v, warnings %v; want %v", m.usable, c, tt.want)
			}
			if rate(m.warnings) == QualityStrong && tt.want != nil {
				t.Error("a shadowed ioreg leaves the quality strong")
			}
		})
	}
}

func TestReadMachineAsksOnce(t *testing.T) {
	asked := 0
	p := fakePlatform(goodGUID)
	p.goos = "darwin"
	p.machineID = func() (string, error) { asked++; return goodGUID, nil }
	if _, err := p.derive(t.Context(), Config{AppID: appID}); err != nil {
		t.Fatal(err)
	}
	if asked != 1 {
		t.Errorf("the operating system was asked %d times, want once", asked)
	}
}
