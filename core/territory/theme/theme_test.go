package theme

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parvis/platform/i18n"
)

// worst keeps the lowest contrast seen under each name.
type worst map[string]float64

func (w worst) see(name string, ratio float64) {
	if old, seen := w[name]; !seen || ratio < old {
		w[name] = ratio
	}
}

func TestContrastsHoldForEveryColour(t *testing.T) {
	lowest := worst{}
	measure := func(hex string) {
		th, err := Derive(hex)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []struct {
			name string
			a    Accent
			g    grounds
		}{{"light", th.Light, lightGrounds()}, {"dark", th.Dark, darkGrounds()}} {
			lowest.see(s.name+" accent on paper", Contrast(s.a.Accent, s.g.paper))
			lowest.see(s.name+" accent on surface", Contrast(s.a.Accent, s.g.surface))
			lowest.see(s.name+" accent on stone", Contrast(s.a.Accent, s.g.stone))
			lowest.see(s.name+" accent on its tint", Contrast(s.a.Accent, s.a.Soft))
			lowest.see(s.name+" text on accent", Contrast(s.a.OnAccent, s.a.Accent))
			lowest.see(s.name+" strong on paper", Contrast(s.a.Strong, s.g.paper))
			lowest.see(s.name+" strong on stone", Contrast(s.a.Strong, s.g.stone))
			lowest.see(s.name+" strong on its tint", Contrast(s.a.Strong, s.a.Soft))
			lowest.see(s.name+" text on strong", Contrast(s.a.OnAccent, s.a.Strong))
		}
	}
	random := rand.New(rand.NewPCG(1792, 9))
	for range 30_000 {
		measure(fmt.Sprintf("#%06X", random.IntN(1<<24)))
	}
	// The corners and edges of the cube, where the gamut is narrowest.
	for r := 0; r <= 255; r += 15 {
		for g := 0; g <= 255; g += 15 {
			for _, b := range []int{0, 51, 102, 153, 204, 255} {
				measure(fmt.Sprintf("#%02X%02X%02X", r, g, b))
			}
		}
	}
	if len(lowest) != 18 {
		t.Fatalf("%d contrasts measured, want 18", len(lowest))
	}
	for name, ratio := range lowest {
		t.Logf("%-26s %.2f", name, ratio)
		if ratio < 4.5 {
			t.Errorf("%s: worst contrast %.3f, want at least 4.5 (WCAG 2.1, 1.4.3)", name, ratio)
		}
	}
	// The design says which ones it measured; a change of rule must show.
	for name, floor := range map[string]float64{"light accent on stone": 4.7, "light accent on paper": 5.1, "light text on accent": 5.5,
		"dark accent on paper": 6.6, "dark text on accent": 7.9} {
		if lowest[name] < floor {
			t.Errorf("%s: worst contrast %.3f, the tokens promise %.1f", name, lowest[name], floor)
		}
	}
}

func TestDeriveGivesTheTokensForTheDefaultColour(t *testing.T) {
	th, err := Derive(Default)
	if err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2]Colour{
		"accent": {th.Light.Accent, mustParse(t, "#973811")},
		"strong": {th.Light.Strong, mustParse(t, "#7A2A08")},
		"soft":   {th.Light.Soft, mustParse(t, "#F9E7DF")},
		"line":   {th.Light.Line, mustParse(t, "#DDAF9B")},
		"dark":   {th.Dark.Accent, mustParse(t, "#F0A68A")},
	} {
		a, b := oklchOf(pair[0]), oklchOf(pair[1])
		if math.Abs(a.l-b.l) > .02 || math.Abs(a.c-b.c) > .02 {
			t.Errorf("%s: %s, the tokens say %s", name, pair[0], pair[1])
		}
	}
	for _, extreme := range []string{"#FFFFFF", "#000000", "#FFFF00"} {
		if th, err := Derive(extreme); err != nil || th.Light.Accent == th.Light.Soft {
			t.Errorf("%s: %+v, %v", extreme, th, err)
		}
	}
}

func mustParse(t *testing.T, hex string) Colour {
	t.Helper()
	c, err := ParseColour(hex)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOKLCH(t *testing.T) {
	// Known values: CSS Color 4 gives red as oklch(62.8% .2577 29.23), white as l = 1, c = 0.
	red := oklchOf(Colour{255, 0, 0})
	if math.Abs(red.l-.6280) > 1e-3 || math.Abs(red.c-.2577) > 1e-3 || math.Abs(red.h-29.23) > .05 {
		t.Errorf("red is %+v", red)
	}
	if white := oklchOf(Colour{255, 255, 255}); math.Abs(white.l-1) > 1e-4 || white.c > 1e-4 {
		t.Errorf("white is %+v", white)
	}
	rapid.Check(t, func(t *rapid.T) {
		c := Colour{rapid.Byte().Draw(t, "r"), rapid.Byte().Draw(t, "g"), rapid.Byte().Draw(t, "b")}
		if back := oklchOf(c).colour(); back != c {
			t.Fatalf("%s comes back as %s", c, back)
		}
		// Out of gamut, lightness is kept (near black, 8 bits are too coarse to tell).
		wanted := oklch{rapid.Float64Range(.2, .95).Draw(t, "l"), .4, rapid.Float64Range(0, 360).Draw(t, "h")}
		if got := oklchOf(wanted.colour()); math.Abs(got.l-wanted.l) > .01 {
			t.Fatalf("%+v was brought into sRGB as %+v", wanted, got)
		}
	})
}

func TestContrast(t *testing.T) {
	black, white := Colour{}, Colour{255, 255, 255}
	if got := Contrast(black, white); math.Abs(got-21) > 1e-9 {
		t.Errorf("black on white: %v, want 21", got)
	}
	if got := Contrast(white, white); got != 1 {
		t.Errorf("white on white: %v, want 1", got)
	}
	// #767676 is the lightest grey that passes on white (WebAIM, WCAG 2.1 techniques G18).
	if got := Contrast(white, mustParse(t, "#767676")); got < 4.5 || got > 4.6 {
		t.Errorf("#767676 on white: %.3f, want 4.54", got)
	}
	if got := Contrast(mustParse(t, "#777"), white); got >= 4.5 {
		t.Errorf("#777777 on white: %.3f, want 4.48", got)
	}
}

func TestParseColour(t *testing.T) {
	for text, want := range map[string]Colour{
		"#B4532F": {0xB4, 0x53, 0x2F}, "b4532f": {0xB4, 0x53, 0x2F}, " #abc ": {0xAA, 0xBB, 0xCC}, "000": {},
	} {
		if got, err := ParseColour(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for text, want := range map[string]Reason{
		"": Empty, "  ": Empty, "#": Empty, "rouge": NotHex, "rgb(1,2,3)": NotHex, "#GG0000": NotHex, "#B4 32F": NotHex, "##123": NotHex,
		"#12": BadLength, "#12345": BadLength, "1234567": BadLength, "#B4532FFF": HasAlpha, "#1234": HasAlpha,
		"#é12345": NotHex, "#000;}body{display:none": NotHex,
	} {
		_, err := ParseColour(text)
		var refusal *Refusal
		if !errors.As(err, &refusal) || !errors.Is(err, ErrColour) || refusal.Reason != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
		if _, err := Derive(text); !errors.Is(err, ErrColour) {
			t.Errorf("Derive(%q): %v", text, err)
		}
	}
	if _, err := ParseColour(strings.Repeat("z", 1000)); len(err.Error()) > 200 {
		t.Errorf("a long input fills the error: %d bytes", len(err.Error()))
	}
}

func TestColourAsText(t *testing.T) {
	text, err := json.Marshal(map[string]Colour{"colour": {1, 2, 255}})
	if err != nil || string(text) != `{"colour":"#0102FF"}` {
		t.Fatalf("%s, %v", text, err)
	}
	var read map[string]Colour
	if err := json.Unmarshal(text, &read); err != nil || read["colour"] != (Colour{1, 2, 255}) {
		t.Errorf("%v, %v", read, err)
	}
	if err := json.Unmarshal([]byte(`{"colour":"bleu"}`), &read); !errors.Is(err, ErrColour) {
		t.Errorf("a wrong colour in JSON: %v", err)
	}
}

func TestCSS(t *testing.T) {
	th, err := Derive("#00B4AA")
	if err != nil {
		t.Fatal(err)
	}
	sheet := CSS(th)
	for _, foreign := range []string{"oklch", "from ", "var(", "calc(", "color-mix", "@supports"} {
		if strings.Contains(sheet, foreign) {
			t.Errorf("the stylesheet relies on %s:\n%s", foreign, sheet)
		}
	}
	light, dark, found := strings.Cut(sheet, "@media (prefers-color-scheme:dark)")
	if !found || !strings.Contains(light, "--accent:"+th.Light.Accent.String()+";") || !strings.Contains(dark, "--accent:"+th.Dark.Accent.String()+";") {
		t.Errorf("both schemes are wanted:\n%s", sheet)
	}
	property := regexp.MustCompile(`--[a-z-]+:#[0-9A-F]{6};`)
	rest := property.ReplaceAllString(sheet, "")
	if got := len(property.FindAllString(sheet, -1)); got != 16 {
		t.Errorf("%d properties, want 16", got)
	}
	if rest != ":root{}\n@media (prefers-color-scheme:dark){:root{}}\n@media print{:root{}}\n" {
		t.Errorf("unexpected: %q", rest)
	}
}

func TestLocales(t *testing.T) {
	if err := i18n.Check(Locales); err != nil {
		t.Error(err)
	}
	catalogue, err := i18n.New(Locales)
	if err != nil {
		t.Fatal(err)
	}
	for _, reason := range []Reason{Empty, NotHex, BadLength, HasAlpha} {
		if key := (&Refusal{Reason: reason}).Key(); !catalogue.Has(key) {
			t.Errorf("%s has no message", key)
		}
	}
}

func FuzzDerive(f *testing.F) {
	for _, seed := range []string{"#B4532F", "", "#", "é", "#1234567890", "\x00\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		th, err := Derive(text)
		if (err == nil) == (th == Theme{}) {
			t.Errorf("%q: %+v, %v", text, th, err)
		}
	})
}
