package theme

import "math"

// oklch is a colour by lightness (0 to 1), chroma (0 to about 0.32 in sRGB) and
// hue in degrees.
type oklch struct{ l, c, h float64 }

// oklchOf converts a colour (matrices of CSS Color 4, § 18).
func oklchOf(colour Colour) oklch {
	r, g, b := linear(colour.R), linear(colour.G), linear(colour.B)
	long := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	medium := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	short := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	l := 0.2104542553*long + 0.7936177850*medium - 0.0040720468*short
	x := 1.9779984951*long - 2.4285922050*medium + 0.4505937099*short
	y := 0.0259040371*long + 0.7827717662*medium - 0.8086757660*short
	hue := math.Atan2(y, x) * 180 / math.Pi
	if hue < 0 {
		hue += 360
	}
	return oklch{l, math.Hypot(x, y), hue}
}

// colour converts back. What sRGB cannot show keeps its lightness and hue and
// loses chroma: contrast depends on lightness.
func (o oklch) colour() Colour {
	if r, g, b := o.linear(); inside(r, g, b) {
		return Colour{encode(r), encode(g), encode(b)}
	}
	low, high := 0.0, o.c
	for range 24 { // 2^-24 of a chroma is far below one 8-bit step
		middle := (low + high) / 2
		if r, g, b := (oklch{o.l, middle, o.h}).linear(); inside(r, g, b) {
			low = middle
		} else {
			high = middle
		}
	}
	r, g, b := oklch{o.l, low, o.h}.linear()
	return Colour{encode(r), encode(g), encode(b)}
}

// linear returns linear-light sRGB channels, outside 0 to 1 when the colour is
// out of gamut.
func (o oklch) linear() (r, g, b float64) {
	sin, cos := math.Sincos(o.h * math.Pi / 180)
	x, y := o.c*cos, o.c*sin
	cube := func(v float64) float64 { return v * v * v }
	long := cube(o.l + 0.3963377774*x + 0.2158037573*y)
	medium := cube(o.l - 0.1055613458*x - 0.0638541728*y)
	short := cube(o.l - 0.0894841775*x - 1.2914855480*y)
	r = 4.0767416621*long - 3.3077115913*medium + 0.2309699292*short
	g = -1.2684380046*long + 2.6097574011*medium - 0.3413193965*short
	b = -0.0041960863*long - 0.7034186147*medium + 1.7076147010*short
	return r, g, b
}

func inside(channels ...float64) bool {
	const tolerance = 1e-4 // less than one 8-bit step, absorbs the rounding of the matrices
	for _, v := range channels {
		if v < -tolerance || v > 1+tolerance {
			return false
		}
	}
	return true
}

// encode applies the sRGB transfer function and rounds to 8 bits.
func encode(v float64) uint8 {
	v = min(max(v, 0), 1)
	if v <= 0.0031308 {
		v *= 12.92
	} else {
		v = 1.055*math.Pow(v, 1/2.4) - 0.055
	}
	return uint8(math.Round(255 * v))
}
