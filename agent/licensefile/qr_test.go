package licensefile

import (
	"bytes"
	"image/png"
	"strings"
	"testing"
)

// modules is a QR code without its quiet zone; true is black.
type modules [][]bool

// readPNG measures the modules in an image and requires a white border of four.
func readPNG(t *testing.T, data []byte) modules {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	size := img.Bounds().Dx()
	if size != img.Bounds().Dy() {
		t.Fatalf("the image has %v", img.Bounds())
	}
	black := func(x, y int) bool {
		r, g, b, a := img.At(x, y).RGBA()
		if r != g || g != b || r != 0 && r != 0xFFFF || a != 0xFFFF {
			t.Fatalf("pixel %d,%d is neither black nor white", x, y)
		}
		return r == 0
	}
	border := 0
	for !black(border, border) {
		border++
	}
	scale := border / quietZone
	if scale < 4 || border%quietZone != 0 || size%scale != 0 {
		t.Fatalf("border %d, size %d: no four whole modules of quiet zone", border, size)
	}
	m := make(modules, size/scale-2*quietZone)
	for y := range m {
		m[y] = make([]bool, len(m))
	}
	for y := range size {
		for x := range size {
			mx, my := x/scale-quietZone, y/scale-quietZone
			inside := mx >= 0 && my >= 0 && mx < len(m) && my < len(m)
			switch {
			case !inside && black(x, y):
				t.Fatalf("pixel %d,%d of the quiet zone is black", x, y)
			case inside && x%scale == 0 && y%scale == 0:
				m[my][mx] = black(x, y)
			case inside && m[my][mx] != black(x, y):
				t.Fatalf("pixel %d,%d differs from its module", x, y)
			}
		}
	}
	return m
}

// readTerminal reads the half blocks as a terminal shows them: the foreground
// is set to black and the background to white in every line.
func readTerminal(t *testing.T, text string) modules {
	t.Helper()
	var rows modules
	for line := range strings.Lines(text) {
		line, ok := strings.CutPrefix(line, "\x1b[38;5;16;48;5;231m")
		line, ended := strings.CutSuffix(line, "\x1b[0m\n")
		if !ok || !ended || strings.Contains(line, "\x1b") {
			t.Fatalf("line %d does not set and reset its colours: %q", len(rows)/2, line)
		}
		var top, bottom []bool
		for _, r := range line {
			top = append(top, r == '█' || r == '▀')
			bottom = append(bottom, r == '█' || r == '▄')
			if !strings.ContainsRune("█▀▄ ", r) {
				t.Fatalf("%q is no half block", r)
			}
		}
		rows = append(rows, top, bottom)
	}
	width := len(rows[0])
	var m modules
	for y, row := range rows {
		if len(row) != width {
			t.Fatalf("row %d has %d modules, not %d", y, len(row), width)
		}
		for x, black := range row {
			if black && (x < quietZone || y < quietZone || x >= width-quietZone || y >= width-quietZone) {
				t.Fatalf("module %d,%d of the quiet zone is black", x, y)
			}
		}
		if y >= quietZone && y < width-quietZone {
			m = append(m, row[quietZone:width-quietZone])
		}
	}
	if len(m) != width-2*quietZone {
		t.Fatalf("%d rows for %d columns", len(rows), width)
	}
	return m
}

// decode reads the text out of an undamaged QR code of level L in byte mode,
// after ISO/IEC 18004.
func (m modules) decode(t *testing.T) string {
	t.Helper()
	size := len(m)
	version := (size - 17) / 4
	if size != 17+4*version || version < 7 || version > 20 {
		t.Fatalf("a code of %d modules is beyond this decoder", size)
	}
	// Format information beside the upper left finder: level and mask.
	format := 0
	for x := range 5 {
		format <<= 1
		if m[8][x] {
			format |= 1
		}
	}
	format ^= 0b10101 // the upper five bits of the format mask
	if format>>3 != 0b01 {
		t.Fatalf("format %05b is not level L", format)
	}
	mask := [8]func(x, y int) bool{
		func(x, y int) bool { return (x+y)%2 == 0 },
		func(_, y int) bool { return y%2 == 0 },
		func(x, _ int) bool { return x%3 == 0 },
		func(x, y int) bool { return (x+y)%3 == 0 },
		func(x, y int) bool { return (x/3+y/2)%2 == 0 },
		func(x, y int) bool { return x*y%2+x*y%3 == 0 },
		func(x, y int) bool { return (x*y%2+x*y%3)%2 == 0 },
		func(x, y int) bool { return ((x+y)%2+x*y%3)%2 == 0 },
	}[format&7]

	var codewords []byte
	bits, n := 0, 0
	fixed := fixedModules(version)
	for right := size - 1; right > 0; right -= 2 {
		if right == 6 {
			right--
		}
		for step := range size {
			y := step
			if (right+1)&2 == 0 { // upwards
				y = size - 1 - step
			}
			for x := right; x > right-2; x-- {
				if fixed[y][x] {
					continue
				}
				bits <<= 1
				if m[y][x] != mask(x, y) {
					bits |= 1
				}
				if n++; n%8 == 0 {
					codewords = append(codewords, byte(bits))
				}
			}
		}
	}

	// Level L: blocks and error correction codewords per block, versions 7-20.
	blocks := []int{2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8}[version-7]
	correction := []int{20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28}[version-7]
	short := len(codewords)/blocks - correction
	longer := len(codewords) % blocks
	data := make([][]byte, blocks)
	for i := range short + 1 {
		for b := range data {
			if i < short || b >= blocks-longer {
				data[b] = append(data[b], codewords[0])
				codewords = codewords[1:]
			}
		}
	}
	stream := bytes.Join(data, nil)
	if mode := stream[0] >> 4; mode != 0b0100 {
		t.Fatalf("mode %04b is not bytes", mode)
	}
	nibbles := func(i int) byte { return stream[i]<<4 | stream[i+1]>>4 }
	at, length := 1, int(nibbles(0))
	if version > 9 {
		at, length = 2, length<<8|int(nibbles(1))
	}
	text := make([]byte, length)
	for i := range text {
		text[i] = nibbles(at + i)
	}
	return string(text)
}

// fixedModules marks the modules that carry no data.
func fixedModules(version int) modules {
	size := 17 + 4*version
	m := make(modules, size)
	for y := range m {
		m[y] = make([]bool, size)
		for x := range m {
			near := func(a int) bool { return a < 9 }
			far := func(a int) bool { return a >= size-8 }
			m[y][x] = x == 6 || y == 6 || // timing
				near(x) && near(y) || far(x) && near(y) || near(x) && far(y) || // finders, format
				version >= 7 && (x < 6 && y >= size-11 || y < 6 && x >= size-11) // version
		}
	}
	count := version/7 + 2
	step := (version*4 + count*2 + 1) / (count*2 - 2) * 2
	centres := []int{6}
	for i := count - 2; i >= 0; i-- {
		centres = append(centres, size-7-i*step)
	}
	last := centres[len(centres)-1]
	for _, cy := range centres {
		for _, cx := range centres {
			if cx == 6 && (cy == 6 || cy == last) || cy == 6 && cx == last {
				continue
			}
			for y := cy - 2; y <= cy+2; y++ {
				for x := cx - 2; x <= cx+2; x++ {
					m[y][x] = true
				}
			}
		}
	}
	return m
}

func TestQRCodes(t *testing.T) {
	for _, name := range []string{"", "Werkstatt", "Büro 3 & Lager", strings.Repeat("long ", 40)} {
		r := testRequest()
		r.ClientName = name
		want, err := r.URL()
		if err != nil {
			t.Fatal(err)
		}
		image, err := r.PNG()
		if err != nil {
			t.Fatal(err)
		}
		if got := readPNG(t, image).decode(t); got != want {
			t.Errorf("the PNG says %q; want %q", got, want)
		}
		text, err := r.Terminal()
		if err != nil {
			t.Fatal(err)
		}
		m := readTerminal(t, text)
		if got := m.decode(t); got != want {
			t.Errorf("the terminal says %q; want %q", got, want)
		}
		if width := len(m) + 2*quietZone; len(name) < 20 && width > 80 {
			t.Errorf("an ordinary request is %d columns wide; want 80 at most", width)
		}
	}
}

func TestQRTooLong(t *testing.T) {
	r := testRequest()
	r.ClientDescription = strings.Repeat("x", 4000)
	if _, err := r.PNG(); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("got %v", err)
	}
}
