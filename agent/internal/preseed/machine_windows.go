package preseed

import (
	"errors"
	"fmt"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// Machine returns this machine's places. The folder is Windows' own answer and
// not the variable %ProgramData%, which a user can set.
func Machine() Places {
	p := Places{Registry: `Software\Policies\Leasehold`, trusted: trusted, policy: policy}
	if data, err := windows.KnownFolderPath(windows.FOLDERID_ProgramData, 0); err == nil {
		p.Folder = filepath.Join(data, "Leasehold")
	}
	return p
}

// policy returns the texts of a key that only administrators can write.
func policy(key string) map[string]string {
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, key, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if err != nil {
		return nil
	}
	defer k.Close()
	values := map[string]string{}
	list, err := k.ReadValueNames(-1)
	if err != nil {
		return nil
	}
	for _, name := range list {
		if text, _, err := k.GetStringValue(name); err == nil {
			values[name] = text
		}
	}
	return values
}

// trusted reports why a file or its folder is not only the administrators'. What
// is above belongs to Windows: in ProgramData everybody may make a folder, but
// only its owner rename or remove one.
func trusted(path string) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	for _, object := range []string{path, filepath.Dir(path)} {
		if err := onlyAdministrators(object); err != nil {
			return err
		}
	}
	return nil
}

// writing are the rights by which somebody could change a file or what a folder
// holds, or give themselves the right to.
const writing = windows.FILE_WRITE_DATA | windows.FILE_APPEND_DATA | windows.DELETE | windows.WRITE_DAC | windows.WRITE_OWNER |
	windows.GENERIC_WRITE | windows.GENERIC_ALL | fileDeleteChild

const fileDeleteChild = 0x40

func onlyAdministrators(path string) error {
	sd, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION|windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return fmt.Errorf("the owner of %s is not known: %w", path, err)
	}
	return onlyAdministratorsIn(path, sd)
}

// onlyAdministratorsIn judges a path by its security descriptor.
func onlyAdministratorsIn(path string, sd *windows.SECURITY_DESCRIPTOR) error {
	owner, _, err := sd.Owner()
	if err != nil || !administrator(owner) {
		return fmt.Errorf("%s does not belong to the administrators; give it to them (icacls /setowner Administrators)", path)
	}
	dacl, _, err := sd.DACL()
	if err != nil || dacl == nil {
		return fmt.Errorf("everybody may write %s", path)
	}
	for i := range uint32(dacl.AceCount) {
		var ace *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(dacl, i, &ace); err != nil {
			return errors.New("the rights on " + path + " cannot be read")
		}
		if ace.Header.AceType != windows.ACCESS_ALLOWED_ACE_TYPE || ace.Header.AceFlags&windows.INHERIT_ONLY_ACE != 0 || ace.Mask&writing == 0 {
			continue
		}
		if sid := (*windows.SID)(unsafe.Pointer(&ace.SidStart)); !administrator(sid) {
			return fmt.Errorf("others than administrators may write %s; take that from them (icacls PATH /inheritance:r /grant *S-1-5-32-544:F *S-1-5-18:F *S-1-5-32-545:RX)", path)
		}
	}
	return nil
}

// administrator reports whether a SID is the administrators', the system's or the
// installer's of Windows.
func administrator(sid *windows.SID) bool {
	const trustedInstaller = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
	return sid.IsWellKnown(windows.WinBuiltinAdministratorsSid) || sid.IsWellKnown(windows.WinLocalSystemSid) || sid.String() == trustedInstaller
}
