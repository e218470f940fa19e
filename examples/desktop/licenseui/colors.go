package licenseui

import (
	"image/color"

	"fyne.io/fyne/v2/theme"

	"github.com/leasehold-dev/leasehold/enforcement"
)

// paper is what a state is told on, in the theme's variant: text in the theme's
// foreground colour keeps a contrast of 7 to 1 on it, with the colours of Readable.
func paper(s enforcement.State) color.Color {
	r, g, b, _ := theme.Color(theme.ColorNameBackground).RGBA()
	dark := r+g+b < 3*0x8000
	light := map[enforcement.State]color.NRGBA{
		enforcement.Active:   {R: 0xda, G: 0xf5, B: 0xe0, A: 0xff},
		enforcement.Grace:    {R: 0xff, G: 0xf1, B: 0xc2, A: 0xff},
		enforcement.ReadOnly: {R: 0xec, G: 0xe2, B: 0xff, A: 0xff},
		enforcement.Locked:   {R: 0xff, G: 0xe0, B: 0xde, A: 0xff},
	}
	night := map[enforcement.State]color.NRGBA{
		enforcement.Active:   {R: 0x0f, G: 0x35, B: 0x1c, A: 0xff},
		enforcement.Grace:    {R: 0x42, G: 0x2d, B: 0x03, A: 0xff},
		enforcement.ReadOnly: {R: 0x30, G: 0x1d, B: 0x55, A: 0xff},
		enforcement.Locked:   {R: 0x52, G: 0x14, B: 0x16, A: 0xff},
	}
	if dark {
		return night[s]
	}
	return light[s]
}

// stroke is a state in a picture: it stands out from light and dark paper.
func stroke(s enforcement.State) color.Color {
	return map[enforcement.State]color.NRGBA{
		enforcement.Active:   {R: 0x1a, G: 0x7f, B: 0x37, A: 0xff},
		enforcement.Grace:    {R: 0x9a, G: 0x67, B: 0x00, A: 0xff},
		enforcement.ReadOnly: {R: 0x82, G: 0x50, B: 0xdf, A: 0xff},
		enforcement.Locked:   {R: 0xcf, G: 0x22, B: 0x2e, A: 0xff},
	}[s]
}
