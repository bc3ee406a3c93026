package theme

// Default is « terre cuite », the colour of a territory that has chosen none.
const Default = "#B4532F"

// Accent is what a page needs of a territory's colour in one scheme.
type Accent struct {
	Accent   Colour // links, buttons, where one is: readable on every ground of the page
	Strong   Colour // the same under the pointer
	Soft     Colour // a tint to put behind; Accent is readable on it
	Line     Colour // decorative edge only
	OnAccent Colour // text on Accent and on Strong
}

// Theme is the accent of a territory for both schemes.
type Theme struct {
	Territory Colour // as chosen
	Light     Accent
	Dark      Accent
}

// grounds are the colours of the page under text, from the design tokens.
type grounds struct{ paper, surface, stone Colour }

func lightGrounds() grounds {
	return grounds{paper: Colour{0xFB, 0xF8, 0xF3}, surface: Colour{0xFF, 0xFF, 0xFF}, stone: Colour{0xF3, 0xEE, 0xE5}}
}

func darkGrounds() grounds {
	return grounds{paper: Colour{0x0E, 0x22, 0x27}, surface: Colour{0x16, 0x30, 0x37}, stone: Colour{0x12, 0x29, 0x2F}}
}

// Derive computes the theme of a colour written as [ParseColour] reads it. The
// error is a [*Refusal].
//
// Light: lightness ≤ .485 and chroma ≤ .14; dark: lightness .78 to .86 and chroma
// ≤ .10. The bounds hold the contrasts for every sRGB colour; the tests check it.
func Derive(hex string) (Theme, error) {
	territory, err := ParseColour(hex)
	if err != nil {
		return Theme{}, err
	}
	o := oklchOf(territory)
	at := func(l, c, h float64) Colour { return oklch{l, c, h}.colour() }
	return Theme{
		Territory: territory,
		Light: Accent{
			Accent:   at(min(o.l, .485), min(o.c, .14), o.h),
			Strong:   at(min(o.l, .40), min(o.c, .13), o.h),
			Soft:     at(.958, min(o.c*.13, .018), o.h+12),
			Line:     at(.80, min(o.c*.5, .06), o.h),
			OnAccent: Colour{0xFF, 0xFF, 0xFF},
		},
		Dark: Accent{
			Accent:   at(max(min(o.l, .86), .78), min(o.c, .10), o.h),
			Strong:   at(.88, min(o.c, .08), o.h),
			Soft:     at(.285, min(o.c*.3, .03), o.h),
			Line:     at(.50, min(o.c*.6, .07), o.h),
			OnAccent: Colour{0x0B, 0x1C, 0x20},
		},
	}, nil
}
