package preseed

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// onlyUnderWine skips on a person's Windows, whose policies a test must not touch.
func onlyUnderWine(t *testing.T) {
	t.Helper()
	if windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() != nil {
		t.Skip("it would change this computer's policies; it runs under Wine")
	}
}

func TestPolicy(t *testing.T) {
	onlyUnderWine(t)
	const key = `Software\Policies\Leasehold\acme-test`
	k, _, err := registry.CreateKey(registry.LOCAL_MACHINE, key, registry.SET_VALUE|registry.WOW64_64KEY)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = registry.DeleteKey(registry.LOCAL_MACHINE, key) })
	defer k.Close()
	for name, value := range map[string]string{"license_key": "0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978", "proxy_url": "http://proxy:3128", "signature": "none"} {
		if err := k.SetStringValue(name, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.SetDWordValue("heartbeat", 5); err != nil {
		t.Fatal(err)
	}
	f := Read("acme-test")
	if f.Get(LicenseKey) != "0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978" || f.Get(ProxyURL) != "http://proxy:3128" || f.Get(Heartbeat) != "" || f.Values[ProxyURL].From != `HKLM\`+key || len(f.Problems) != 1 {
		t.Errorf("%+v", f)
	}
}

// The rights decide who may write a file or what is in its folder.
func TestRights(t *testing.T) {
	for sddl, good := range map[string]bool{
		"O:BAG:BAD:P(A;;FA;;;BA)(A;;FA;;;SY)":       true,
		"O:SYG:SYD:P(A;;FA;;;SY)(A;;FR;;;BU)":       true,
		"O:BAG:BAD:P(A;;FA;;;BA)(A;;FRFX;;;WD)":     true,
		"O:BAG:BAD:P(A;;FA;;;BA)(A;OICIIO;FA;;;CO)": true, // for what is made in it
		"O:BUG:BUD:P(A;;FA;;;BA)":                   false,
		"O:BAG:BAD:P(A;;FA;;;BA)(A;;FA;;;BU)":       false,
		"O:BAG:BAD:P(A;;FA;;;BA)(A;;FW;;;WD)":       false,
		"O:BAG:BAD:P(A;;FA;;;BA)(A;;SD;;;AU)":       false,
		"O:BAG:BAD:P(A;;FA;;;BA)(A;;WD;;;AU)":       false,
		"O:BAG:BAD:P(A;;FA;;;BA)(A;;WO;;;AU)":       false,
		"O:BAG:BAD:P(A;;FA;;;BA)(A;;GA;;;AU)":       false,
		"O:BAG:BAD:P(A;;FA;;;BA)(A;;0x40;;;AU)":     false,
	} {
		sd, err := windows.SecurityDescriptorFromString(sddl)
		if err != nil {
			t.Errorf("%s: %v", sddl, err)
			continue
		}
		if err := onlyAdministratorsIn("x", sd); (err == nil) != good {
			t.Errorf("%s: %v", sddl, err)
		}
	}
	// Without a list everybody may do everything.
	sd, err := windows.NewSecurityDescriptor()
	if err != nil {
		t.Fatal(err)
	}
	administrators, err := windows.CreateWellKnownSid(windows.WinBuiltinAdministratorsSid)
	if err != nil {
		t.Fatal(err)
	}
	if err := sd.SetOwner(administrators, false); err != nil {
		t.Fatal(err)
	}
	if onlyAdministratorsIn("x", sd) == nil {
		t.Error("a descriptor without a list of rights is believed")
	}
	if err := sd.SetDACL(nil, true, false); err != nil {
		t.Fatal(err)
	}
	if onlyAdministratorsIn("x", sd) == nil {
		t.Error("a descriptor with an open list of rights is believed")
	}
}

// A file of a user is not believed, wherever it is.
func TestAUsersFile(t *testing.T) {
	onlyUnderWine(t) // where its owner is the user
	file := filepath.Join(t.TempDir(), "acme.json")
	if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if trusted(file) == nil {
		t.Error("it is believed")
	}
}
