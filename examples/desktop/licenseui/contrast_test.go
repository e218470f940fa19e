package licenseui

import (
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"github.com/leasehold-dev/leasehold/enforcement"
)

// over is what is seen where a colour that lets some of it through lies on another.
func over(top, under color.Color) color.Color {
	t, u := color.NRGBAModel.Convert(top).(color.NRGBA), color.NRGBAModel.Convert(under).(color.NRGBA)
	mix := func(a, b uint8) uint8 { return uint8((int(a)*int(t.A) + int(b)*(255-int(t.A))) / 255) }
	return color.NRGBA{R: mix(t.R, u.R), G: mix(t.G, u.G), B: mix(t.B, u.B), A: 0xff}
}

// luminance is WCAG's relative luminance.
func luminance(c color.Color) float64 {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	part := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*part(n.R) + 0.7152*part(n.G) + 0.0722*part(n.B)
}

func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestContrastFormula(t *testing.T) {
	if c := contrast(color.Black, color.White); math.Abs(c-21) > 0.01 {
		t.Errorf("black on white has %.2f, and not 21", c)
	}
	if c := contrast(color.NRGBA{R: 0x76, G: 0x76, B: 0x76, A: 0xff}, color.White); c < 4.5 || c > 4.6 {
		t.Errorf("#767676 on white has %.2f, and not 4.54", c)
	}
}

// TestContrast wants 4.5 to 1 for every text, 3 to 1 for what shows where the
// keyboard is and for the forecast's colours: WCAG 2.2, 1.4.3 and 1.4.11. What
// cannot be pressed is exempt there.
func TestContrast(t *testing.T) {
	test.NewTempApp(t)
	for name, variant := range map[string]fyne.ThemeVariant{"light": theme.VariantLight, "dark": theme.VariantDark} {
		th := Readable(theme.DefaultTheme())
		fyne.CurrentApp().Settings().SetTheme(InVariant(th, variant))
		of := func(n fyne.ThemeColorName) color.Color { return th.Color(n, variant) }
		background, overlay := of(theme.ColorNameBackground), of(theme.ColorNameOverlayBackground)
		button, input := of(theme.ColorNameButton), of(theme.ColorNameInputBackground)
		text, primary := of(theme.ColorNameForeground), of(theme.ColorNamePrimary)
		pressed, hover := of(theme.ColorNamePressed), of(theme.ColorNameHover)
		check := func(what string, a, b color.Color, least float64) {
			t.Helper()
			if c := contrast(over(a, b), b); c < least {
				t.Errorf("%s: %s has %.2f to 1, %.1f is the least", name, what, c, least)
			}
		}
		check("text on the window", text, background, 4.5)
		check("text in a dialog", text, overlay, 4.5)
		check("text in a field", text, over(input, overlay), 4.5)
		check("hint in a field", of(theme.ColorNamePlaceHolder), over(input, overlay), 4.5)
		check("error in a dialog", of(theme.ColorNameError), overlay, 4.5)
		check("text of a button", text, over(button, overlay), 4.5)
		check("text of a button under the mouse", text, over(hover, over(button, overlay)), 4.5)
		check("text of the first button", of(theme.ColorNameForegroundOnPrimary), primary, 4.5)
		check("text of the first button under the mouse", of(theme.ColorNameForegroundOnPrimary), over(hover, primary), 4.5)
		check("text of the first button that is pressed", of(theme.ColorNameForegroundOnPrimary), over(pressed, primary), 4.5)
		check("text of the button that gives back", of(theme.ColorNameForegroundOnError), of(theme.ColorNameError), 4.5)
		for _, s := range []enforcement.State{enforcement.Active, enforcement.Grace, enforcement.ReadOnly, enforcement.Locked} {
			check("text on the paper of "+s.String(), text, paper(s), 7)
			check("text of a button on the paper of "+s.String(), text, over(button, paper(s)), 4.5)
			check("colour of "+s.String()+" in the forecast", stroke(s), overlay, 3)
			check("the first button on the paper of "+s.String(), primary, paper(s), 3)
		}
	}
}
