package device

import "testing"

func TestMountTable(t *testing.T) {
	const table = mountTable(`22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 ro,errors=remount-ro
40 22 0:30 /machine-id /etc/machine-id ro,nosuid shared:12 master:2 - tmpfs tmpfs rw,mode=755
41 22 0:31 / /mnt rw - tmpfs tmpfs rw
42 22 8:2 / /mnt ro - ext4 /dev/sdb1 rw
broken line
43 22 0:32 / /short -
44 22 0:33 / /home\040dir rwro - ramfs none rw
`)
	tests := []struct {
		point            string
		memory, readOnly bool
	}{
		{"/", false, false},
		{"/etc/machine-id", true, true},
		{"/mnt", false, true},
		{"/short", false, false},
		{`/home\040dir`, true, false},
		{"/etc", false, false},
	}
	for _, tt := range tests {
		if got := table.memory(tt.point); got != tt.memory {
			t.Errorf("memory(%s) = %v", tt.point, got)
		}
		if got := table.readOnly(tt.point); got != tt.readOnly {
			t.Errorf("readOnly(%s) = %v", tt.point, got)
		}
	}
	if mountTable("").readOnly("/") || mountTable("").memory("/") {
		t.Error("an unreadable table says something")
	}
}

func FuzzMountTable(f *testing.F) {
	f.Add("22 1 8:1 / / rw - ext4 /dev/sda1 rw\n", "/")
	f.Add(" - ", "")
	f.Fuzz(func(t *testing.T, table, point string) {
		if _, kind, found := mountTable(table).last(point); found && kind == "" {
			t.Fatal("a mount without a file system type")
		}
	})
}
