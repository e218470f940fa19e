package device

import "strings"

// mountTable is the content of /proc/self/mountinfo, see proc(5).
type mountTable string

func (p platform) mounts() mountTable {
	return mountTable(p.read("proc/self/mountinfo"))
}

// memory reports whether point is a mount point of its own whose content is
// held in memory.
func (t mountTable) memory(point string) bool {
	_, kind, found := t.last(point)
	return found && (kind == "tmpfs" || kind == "ramfs")
}

// readOnly reports whether point is a mount point that is mounted read-only.
func (t mountTable) readOnly(point string) bool {
	options, _, found := t.last(point)
	if !found {
		return false
	}
	for option := range strings.SplitSeq(options, ",") {
		if option == "ro" {
			return true
		}
	}
	return false
}

// last finds the uppermost mount at point: its options and file system type.
//
// A line is: id parent major:minor root point options [optional…] - type
// source super-options.
func (t mountTable) last(point string) (options, kind string, found bool) {
	for line := range strings.Lines(string(t)) {
		before, after, ok := strings.Cut(strings.TrimSpace(line), " - ")
		if !ok {
			continue
		}
		column := 0
		for field := range strings.FieldsSeq(before) {
			if column == 4 && field != point {
				break
			}
			if column == 5 {
				options, found = field, true
				kind, _, _ = strings.Cut(strings.TrimSpace(after), " ")
				break
			}
			column++
		}
	}
	return options, kind, found
}
