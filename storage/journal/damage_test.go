package journal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sample is the file of a journal with these entries, each in a frame of its
// own, and the offsets at which the frames end.
func sample(t testing.TB, entries ...string) (b []byte, ends []int) {
	t.Helper()
	d := newDisk(0)
	j := mustOpen(t, d, Options{})
	for _, e := range entries {
		mustAppend(t, j, e)
		ends = append(ends, len(d.get(testPath)))
	}
	return d.get(testPath), ends
}

// reopened opens a journal on these bytes, and returns what is pending and
// what was said.
func reopened(t testing.TB, content []byte) (d *disk, j *Journal, pending string, events []Event) {
	t.Helper()
	d = newDisk(0)
	d.put(testPath, content)
	j = mustOpen(t, d, Options{OnEvent: func(e Event) { events = append(events, e) }})
	return d, j, texts(t, j), events
}

func TestDamage(t *testing.T) {
	whole, ends := sample(t, "alpha", "beta", "gamma")
	other, _ := sample(t, "delta", "epsilon")
	edit := func(change func([]byte) []byte) []byte { return change(bytes.Clone(whole)) }
	flip := func(at int) []byte { return edit(func(b []byte) []byte { b[at] ^= 1; return b }) }
	const all = "1 alpha, 2 beta, 3 gamma"
	for _, test := range []struct {
		name    string
		content []byte
		want    string
		event   EventType // 0: none
	}{
		{"whole", whole, all, 0},
		{"tail torn in the text", whole[:len(whole)-3], "1 alpha, 2 beta", EventTorn},
		{"tail torn in the head", whole[:ends[1]+5], "1 alpha, 2 beta", EventTorn},
		{"tail never written", edit(func(b []byte) []byte { clear(b[ends[1]:]); return b }), "1 alpha, 2 beta", EventTorn},
		{"zeros appended", append(bytes.Clone(whole), make([]byte, 4096)...), all, EventTorn},
		{"last frame flipped", flip(len(whole) - 1), "1 alpha, 2 beta", EventTorn},
		{"first frame flipped", flip(ends[0] - 1), "", EventDamaged},
		{"second frame flipped", flip(ends[1] - 1), "1 alpha", EventDamaged},
		{"length of the second frame", flip(ends[0] + 12), "1 alpha", EventDamaged},
		{"second frame taken out", edit(func(b []byte) []byte { return append(b[:ends[0]], whole[ends[1]:]...) }), "1 alpha", EventDamaged},
		{"frames exchanged", bytes.Join([][]byte{whole[:ends[0]], whole[ends[1]:], whole[ends[0]:ends[1]]}, nil), "1 alpha", EventDamaged},
		{"a frame played again", append(bytes.Clone(whole), whole[ends[1]:]...), all, EventDamaged},
		{"a frame of another journal", append(bytes.Clone(whole[:ends[0]]), other[ends[0]:]...), "1 alpha", EventTorn},
		{"hidden among false beginnings", append(bytes.Clone(whole), bytes.Repeat([]byte(frameMagic+"............"), 2*maxCandidates)...), all, EventDamaged},
		{"first position raised", flip(31), "", EventDamaged},
		{"ID of another", flip(10), "", EventDamaged},
		{"not a journal", []byte("hello"), "", EventDamaged},
		{"empty", nil, "", EventDamaged},
		{"header cut", whole[:headerLen-1], "", EventDamaged},
		{"header only", whole[:headerLen], "", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, j, got, events := reopened(t, test.content)
			if got != test.want {
				t.Errorf("pending: %s; want %s", got, test.want)
			}
			switch {
			case test.event == 0 && len(events) > 0, test.event != 0 && (len(events) != 1 || events[0].Type != test.event):
				t.Errorf("events: %v", events)
			case test.event == EventDamaged:
				if events[0].Path != testPath+".damaged" || !bytes.Equal(d.get(events[0].Path), test.content) || events[0].Err == nil {
					t.Errorf("event: %+v", events[0])
				}
			}
			mustAppend(t, j, "more")
			again := mustOpen(t, d, Options{OnEvent: func(e Event) { t.Errorf("the second time: %+v", e) }})
			if got := texts(t, again); !strings.HasSuffix(got, " more") || !strings.HasPrefix(got, test.want) {
				t.Errorf("after an append: %s", got)
			}
		})
	}
}

// TestImpossible: what nobody but a faulty writer with the right key can make.
func TestImpossible(t *testing.T) {
	crafted := func(first uint64, contents ...[]byte) []byte {
		b, st, err := newHeader(testKey, first)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range contents {
			b = sealFrame(b, st.aead, uint64(i), c)
		}
		return b
	}
	alpha := entriesContent([][]byte{[]byte("alpha")})
	for name, test := range map[string]struct {
		content []byte
		want    string
	}{
		"no first position":      {crafted(0), ""},
		"acknowledged too early": {crafted(7, alpha, ackContent(8), alpha), "7 alpha"},
		"one acknowledged early": {crafted(7, alpha, ackEachContent([]uint64{8}), alpha), "7 alpha"},
		"unknown kind":           {crafted(7, alpha, []byte{9}, alpha), "7 alpha"},
	} {
		if _, _, got, events := reopened(t, test.content); got != test.want || len(events) != 1 || events[0].Type != EventDamaged {
			t.Errorf("%s: pending: %s; events: %v", name, got, events)
		}
	}
}

func TestWrongKey(t *testing.T) {
	whole, _ := sample(t, "alpha")
	d := newDisk(0)
	d.put(testPath, whole)
	var events []Event
	j, err := open(testPath, [32]byte{9}, Options{OnEvent: func(e Event) { events = append(events, e) }}, d)
	if err != nil {
		t.Fatal(err)
	}
	if got := texts(t, j); got != "" || len(events) != 1 || !bytes.Equal(d.get(testPath+".damaged"), whole) {
		t.Errorf("pending: %s; events: %v", got, events)
	}
	if bytes.Contains(whole, []byte("alpha")) {
		t.Error("entries can be read in the file")
	}
}

func TestNewerFormat(t *testing.T) {
	whole, _ := sample(t, "alpha")
	binary.BigEndian.PutUint16(whole[4:], journalFormat+1)
	d := newDisk(0)
	d.put(testPath, whole)
	if _, err := open(testPath, testKey, Options{}, d); !errors.Is(err, ErrNewerFormat) {
		t.Errorf("%v", err)
	}
	if !bytes.Equal(d.get(testPath), whole) {
		t.Error("the file was changed")
	}
}

// TestChangedUnderfoot: a file that is edited while it is open is found out at
// the next operation or the one after.
func TestChangedUnderfoot(t *testing.T) {
	d := newDisk(0)
	var events []Event
	j := mustOpen(t, d, Options{OnEvent: func(e Event) { events = append(events, e) }})
	mustAppend(t, j, "alpha")
	mustAppend(t, j, "beta")
	b := d.get(testPath)
	b[headerLen+20] ^= 1
	d.put(testPath, b)
	c := mustClaim(t, j)
	defer c.Release()
	if batch, err := c.Batch(t.Context(), 10); err == nil {
		t.Errorf("Batch: %v", batch)
	}
	if batch, err := c.Batch(t.Context(), 10); err != nil || len(batch) != 0 {
		t.Errorf("Batch again: %v, %v", batch, err)
	}
	if len(events) != 1 || events[0].Type != EventDamaged {
		t.Errorf("events: %v", events)
	}
}

// TestCutUnderfoot: entries are gone, and the next ones must not be written
// behind a hole.
func TestCutUnderfoot(t *testing.T) {
	d := newDisk(0)
	j := mustOpen(t, d, Options{})
	mustAppend(t, j, "alpha")
	end := len(d.get(testPath))
	mustAppend(t, j, "beta")
	d.put(testPath, d.get(testPath)[:end])
	mustAppend(t, j, "gamma")
	if got := texts(t, j); got != "1 alpha, 2 gamma" {
		t.Errorf("pending: %s", got)
	}
}

func TestEventType(t *testing.T) {
	for e, want := range map[EventType]string{EventTorn: "torn", EventDamaged: "damaged", 9: "EventType(9)"} {
		if e.String() != want {
			t.Errorf("%d is %s", e, e)
		}
	}
}

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden reads journals that were written once by format 1.
func TestGolden(t *testing.T) {
	for golden, test := range map[string]struct {
		write func(*Journal)
		want  string
	}{
		"format1": {func(j *Journal) {
			mustAppend(t, j, "first", "second")
			mustAppend(t, j, "third")
			mustAcknowledge(t, j, 1)
			mustAppend(t, j, "fourth")
		}, "2 second, 3 third, 4 fourth"},
		"format1-one": {func(j *Journal) {
			mustAppend(t, j, "first", "second", "third", "fourth")
			mustAcknowledgeEach(t, j, 2)
			if err := j.exclusively(t.Context(), (*session).compact); err != nil {
				t.Fatal(err)
			}
			mustAcknowledgeEach(t, j, 3)
			mustAppend(t, j, "fifth")
		}, "1 first, 4 fourth, 5 fifth"},
	} {
		path := filepath.Join("testdata", golden+".journal")
		if *update {
			d := newDisk(0)
			test.write(mustOpen(t, d, Options{}))
			if err := os.WriteFile(path, d.get(testPath), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, _, got, events := reopened(t, content)
		if got != test.want || len(events) > 0 {
			t.Errorf("%s: pending: %s; events: %v", golden, got, events)
		}
	}
}

// FuzzFile damages a file, and holds that what comes back is a beginning of
// what was there.
func FuzzFile(f *testing.F) {
	entries := []string{"alpha", "beta", "gamma", "delta"}
	whole, ends := sample(f, entries...)
	f.Add(uint16(0), []byte{}, uint16(len(whole)))
	f.Add(uint16(ends[1]), []byte("LHJF\x00\x00\x00\x00\x00\x00\x00\x01\xff\xff\xff\xff"), uint16(len(whole)))
	f.Add(uint16(4), []byte{0, 1}, uint16(70))
	f.Add(uint16(len(whole)), whole[ends[2]:], uint16(2*len(whole)))
	f.Fuzz(func(t *testing.T, at uint16, patch []byte, size uint16) {
		content := bytes.Clone(whole)
		if grow := int(at) + len(patch) - len(content); grow > 0 {
			content = append(content, make([]byte, grow)...)
		}
		copy(content[at:], patch)
		content = content[:min(int(size), len(content))]
		d := newDisk(0)
		d.put(testPath, content)
		j, err := open(testPath, testKey, Options{}, d)
		if errors.Is(err, ErrNewerFormat) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range all(t, j) {
			if i >= len(entries) || string(e.Data) != entries[i] {
				t.Fatalf("entry %d is %q", i, e.Data)
			}
		}
		mustAppend(t, j, "more")
	})
}

// FuzzContent reads what only the seal keeps out.
func FuzzContent(f *testing.F) {
	f.Add(entriesContent([][]byte{[]byte("a"), []byte("bc")}))
	f.Add(entriesContent([][]byte{[]byte("a"), nil, []byte("bc")}))
	f.Add(ackContent(7))
	f.Add(ackEachContent([]uint64{7, 9}))
	f.Add([]byte{kindEntries, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := readContent(b)
		if err != nil {
			return
		}
		var again []byte
		switch {
		case c.entries != nil && c.acked == 0 && c.ackedEach == nil:
			again = entriesContent(c.entries)
		case c.entries == nil && c.acked != 0 && c.ackedEach == nil:
			again = ackContent(c.acked)
		case c.entries == nil && c.acked == 0 && c.ackedEach != nil:
			again = ackEachContent(c.ackedEach)
		default:
			t.Fatalf("%q says %v", b, c)
		}
		if reread, err := readContent(again); err != nil || fmt.Sprint(reread) != fmt.Sprint(c) {
			t.Fatalf("%q says %v, and %q says %v (%v)", b, c, again, reread, err)
		}
	})
}
