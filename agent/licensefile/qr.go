package licensefile

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// quietZone is the white border that a reader needs, in modules.
const quietZone = 4

// code encodes the request's URL. The lowest level of error correction keeps
// the code small enough for a terminal of 80 columns; a screen does not wear
// off as a label does.
func (r Request) code() (*qr.Code, error) {
	address, err := r.URL()
	if err != nil {
		return nil, err
	}
	c, err := qr.Encode(address, qr.L)
	if err != nil {
		return nil, fmt.Errorf("licensefile: the request is too long for a QR code, shorten names and tags: %w", err)
	}
	return c, nil
}

// PNG returns the request's URL as a QR code: a square image in black and
// white with its quiet zone, 8 pixels a module.
func (r Request) PNG() ([]byte, error) {
	c, err := r.code()
	if err != nil {
		return nil, err
	}
	return c.PNG(), nil
}

// Terminal returns the request's URL as a QR code made of half blocks, two
// modules a character, with its quiet zone, one line per row. Each line sets
// black and white itself (ANSI colours 16 and 231, which themes leave alone)
// and resets them, so the code reads the same on dark and on light terminals.
func (r Request) Terminal() (string, error) {
	c, err := r.code()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for y := -quietZone; y < c.Size+quietZone; y += 2 {
		b.WriteString("\x1b[38;5;16;48;5;231m")
		for x := -quietZone; x < c.Size+quietZone; x++ {
			switch top, bottom := c.Black(x, y), c.Black(x, y+1); {
			case top && bottom:
				b.WriteRune('█')
			case top:
				b.WriteRune('▀')
			case bottom:
				b.WriteRune('▄')
			default:
				b.WriteByte(' ')
			}
		}
		b.WriteString("\x1b[0m\n")
	}
	return b.String(), nil
}
