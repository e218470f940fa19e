//go:build unix

package preseed

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Only a file that nobody but its owner can have put there is believed.
func TestTrusted(t *testing.T) {
	me := uint32(os.Getuid())
	for _, tt := range []struct {
		name   string
		change func(t *testing.T, top, file string)
		want   string // empty: trusted
	}{
		{"as it should be", func(*testing.T, string, string) {}, ""},
		{"readable by all", func(t *testing.T, _, file string) { mode(t, file, 0o644) }, ""},
		{"the file may be written by all", func(t *testing.T, _, file string) { mode(t, file, 0o666) }, "may write"},
		{"the folder may be written by all", func(t *testing.T, _, file string) { mode(t, filepath.Dir(file), 0o777) }, "may write"},
		{"the folder is like /tmp", func(t *testing.T, _, file string) { mode(t, filepath.Dir(file), 0o777|os.ModeSticky) }, "may write"},
		{"a folder above may be written by all", func(t *testing.T, top, _ string) { mode(t, filepath.Join(top, "etc"), 0o777) }, "may write"},
		{"a folder", func(t *testing.T, _, file string) { remove(t, file); must(t, os.Mkdir(file, 0o755)) }, "not a file"},
		{"a link", func(t *testing.T, top, file string) {
			must(t, os.Rename(file, filepath.Join(top, "real.json")))
			must(t, os.Symlink("../../real.json", file))
		}, ""},
		{"a link to where others may write", func(t *testing.T, top, file string) {
			must(t, os.Mkdir(filepath.Join(top, "open"), 0o755))
			mode(t, filepath.Join(top, "open"), 0o777)
			must(t, os.Rename(file, filepath.Join(top, "open", "real.json")))
			must(t, os.Symlink(filepath.Join(top, "open", "real.json"), file))
		}, "may write"},
		{"a link in a folder that others may write", func(t *testing.T, top, file string) {
			must(t, os.Rename(file, filepath.Join(top, "real.json")))
			must(t, os.Symlink("../../real.json", file))
			mode(t, filepath.Dir(file), 0o777)
		}, "may write"},
		{"links in a circle", func(t *testing.T, _, file string) { remove(t, file); must(t, os.Symlink(file, file)) }, "too many"},
		{"a link to nowhere", func(t *testing.T, _, file string) { remove(t, file); must(t, os.Symlink("nowhere", file)) }, "no such file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			top := t.TempDir()
			mode(t, top, 0o755)
			file := filepath.Join(top, "etc", "leasehold", "acme.json")
			must(t, os.MkdirAll(filepath.Dir(file), 0o755))
			must(t, os.WriteFile(file, []byte("{}"), 0o600))
			tt.change(t, top, file)
			err := trustedBelow(file, top, me)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

func TestTheFileOfAnotherUser(t *testing.T) {
	if os.Getuid() != 0 {
		// Then the test's own files are another user's.
		file := filepath.Join(t.TempDir(), "acme.json")
		must(t, os.WriteFile(file, []byte("{}"), 0o600))
		if err := trustedBelow(file, filepath.Dir(file), 0); err == nil || !strings.Contains(err.Error(), "another user than root") {
			t.Errorf("%v", err)
		}
		return
	}
	top := t.TempDir()
	file := filepath.Join(top, "acme.json")
	must(t, os.WriteFile(file, []byte("{}"), 0o600))
	must(t, os.Chown(file, 12345, 0))
	if err := trustedBelow(file, top, 0); err == nil || !strings.Contains(err.Error(), "another user than root") {
		t.Errorf("%v", err)
	}
	// And in a folder of another user.
	must(t, os.Chown(file, 0, 0))
	must(t, os.Chown(top, 12345, 0))
	if err := trustedBelow(file, top, 0); err == nil || !strings.Contains(err.Error(), "another user than root") {
		t.Errorf("%v", err)
	}
}

// The folder for temporary files is everybody's, so what is in it is not
// believed.
func TestTheMachinesPlacesAreStrict(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "acme.json"), []byte(`{"user_id": "jo"}`), 0o600))
	p := Machine()
	p.Folder = dir
	if f := p.Read("acme"); len(f.Values) != 0 || len(f.Problems) != 1 {
		t.Errorf("%+v", f)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func mode(t *testing.T, path string, m os.FileMode) { t.Helper(); must(t, os.Chmod(path, m)) }
func remove(t *testing.T, path string)              { t.Helper(); must(t, os.Remove(path)) }

// The real place, which only root can write.
func TestTheMachinesFolder(t *testing.T) {
	folder := Machine().Folder
	if os.Getuid() != 0 {
		t.Skip("only root can lay something down in " + folder)
	}
	if _, err := os.Stat(folder); err != nil {
		must(t, os.MkdirAll(folder, 0o755))
		t.Cleanup(func() { _ = os.Remove(folder) }) // fails when something else is in it by now
	}
	file, err := os.CreateTemp(folder, "test-*.json")
	must(t, err)
	t.Cleanup(func() { _ = os.Remove(file.Name()) })
	_, err = file.WriteString(`{"user_id": "jo"}`)
	must(t, err)
	must(t, file.Close())
	app := strings.TrimSuffix(filepath.Base(file.Name()), ".json")
	if f := Read(app); f.Get(UserID) != "jo" || f.Values[UserID].From != file.Name() || len(f.Problems) != 0 {
		t.Errorf("%+v", f)
	}
	mode(t, file.Name(), 0o666)
	if f := Read(app); len(f.Values) != 0 || len(f.Problems) != 1 {
		t.Errorf("%+v", f)
	}
}
