package licenseui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Readable is a theme whose texts stand out from what is behind them as WCAG 2.2
// AA wants (4.5 to 1), in light and in dark; Fyne's own misses that on blue
// buttons, for errors and for hints in empty fields. The rest is base's.
func Readable(base fyne.Theme) fyne.Theme { return readable{base} }

type readable struct{ fyne.Theme }

var (
	ink        = color.NRGBA{R: 0x2b, G: 0x2b, B: 0x2b, A: 0xff}
	paperWhite = color.NRGBA{R: 0xff, G: 0xff, B: 0xff, A: 0xff}
	night      = color.NRGBA{R: 0x17, G: 0x17, B: 0x18, A: 0xff}
)

// readableColors replace those of the theme, light and dark.
var readableColors = map[fyne.ThemeColorName][2]color.NRGBA{
	theme.ColorNameForeground:          {ink, {R: 0xf3, G: 0xf3, B: 0xf3, A: 0xff}},
	theme.ColorNamePrimary:             {{R: 0x1f, G: 0x5f, B: 0xd6, A: 0xff}, {R: 0x7d, G: 0xb0, B: 0xff, A: 0xff}},
	theme.ColorNameForegroundOnPrimary: {paperWhite, night},
	theme.ColorNameError:               {{R: 0xb4, G: 0x1f, B: 0x1a, A: 0xff}, {R: 0xff, G: 0x8a, B: 0x80, A: 0xff}},
	theme.ColorNameForegroundOnError:   {paperWhite, night},
	theme.ColorNamePlaceHolder:         {{R: 0x68, G: 0x68, B: 0x68, A: 0xff}, {R: 0xa6, G: 0xa6, B: 0xa6, A: 0xff}},
}

// Color returns a colour of the theme.
func (r readable) Color(n fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	pair, ok := readableColors[n]
	switch {
	case !ok:
		return r.Theme.Color(n, v)
	case v == theme.VariantLight:
		return pair[0]
	}
	return pair[1]
}

// InVariant is a theme that is light, or dark, whatever the system says.
func InVariant(t fyne.Theme, v fyne.ThemeVariant) fyne.Theme { return inVariant{t, v} }

type inVariant struct {
	fyne.Theme
	variant fyne.ThemeVariant
}

// Color returns a colour of the theme.
func (t inVariant) Color(n fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	return t.Theme.Color(n, t.variant)
}
