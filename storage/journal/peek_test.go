package journal

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestPeek looks at journals in all conditions, and changes none.
func TestPeek(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "folder", "journal")
	want := func(want Extent) {
		t.Helper()
		before, _ := os.ReadFile(path)
		got, err := Peek(path, testKey)
		if err != nil || got != want {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
		if after, _ := os.ReadFile(path); string(after) != string(before) {
			t.Error("the file was changed")
		}
	}
	want(Extent{})
	if _, err := os.Stat(filepath.Dir(path)); !os.IsNotExist(err) {
		t.Errorf("a folder was made: %v", err)
	}

	j, err := Open(path, testKey, Options{After: 40})
	if err != nil {
		t.Fatal(err)
	}
	want(Extent{Last: 40, Acknowledged: 40})
	if err := j.Append(ctx, []byte("a"), []byte("b"), []byte("c")); err != nil {
		t.Fatal(err)
	}
	want(Extent{Pending: 3, Last: 43, Acknowledged: 40})
	c, err := j.Claim()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.AcknowledgeEach(ctx, 42), c.Acknowledge(ctx, 41)); err != nil {
		t.Fatal(err)
	}
	want(Extent{Pending: 1, Last: 43, Acknowledged: 42})
	if got, err := j.Extent(ctx); err != nil || got != (Extent{Pending: 1, Last: 43, Acknowledged: 42}) {
		t.Errorf("the journal itself: %+v, %v", got, err)
	}
	c.Release()

	unlock, ok, err := osFS{}.TryLock(path + ".lock")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	want(Extent{Pending: 1, Last: 43, Acknowledged: 42}) // whoever holds the lock
	unlock()

	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("LHJFtorn"); err != nil {
		t.Fatal(err)
	}
	f.Close()
	want(Extent{Pending: 1, Last: 43, Acknowledged: 42})

	if _, err := Peek(path, [32]byte{1}); err == nil {
		t.Error("it was read with another key")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Peek(path, testKey); err == nil {
		t.Error("a folder was read")
	}
}

// TestIrregular: what is in the place of the journal's files neither hangs nor
// is followed; it is set aside, or done without.
func TestIrregular(t *testing.T) {
	for _, ending := range []string{"", ".lock", ".claim", ".new"} {
		for name, put := range oddities(t) {
			t.Run(name+ending, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "journal")
				if err := put(path + ending); err != nil {
					t.Skip(err)
				}
				if _, err := os.Lstat(path + ending); err != nil {
					t.Skip(err) // it was said to be made
				}
				var events []Event
				j, err := Open(path, testKey, Options{OnEvent: func(e Event) { events = append(events, e) }})
				if err != nil {
					t.Fatal(err)
				}
				if err := j.Append(t.Context(), []byte("a")); err != nil {
					t.Fatal(err)
				}
				c, err := j.Claim()
				if err != nil {
					t.Fatal(err)
				}
				defer c.Release()
				if list, err := c.Batch(t.Context(), 9); err != nil || len(list) != 1 {
					t.Errorf("%v, %v", list, err)
				}
				if told := len(events) == 1 && events[0].Type == EventDamaged; told != (ending == "") {
					t.Errorf("events %+v", events)
				}
			})
		}
	}
}

func oddities(t *testing.T) map[string]func(string) error {
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.WriteFile(elsewhere, []byte("of somebody else"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if b, err := os.ReadFile(elsewhere); err != nil || string(b) != "of somebody else" {
			t.Errorf("a link was followed: %q, %v", b, err)
		}
	})
	list := map[string]func(string) error{
		"folder": func(p string) error { return os.Mkdir(p, 0o700) },
		"link":   func(p string) error { return os.Symlink(elsewhere, p) },
	}
	addPipe(list)
	return list
}
