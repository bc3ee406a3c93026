package mail

import (
	"math"
	"strconv"
)

// readable tells whether white text can be read on a colour: contrast of 4.5 at
// least (WCAG 2.1, 1.4.3).
func readable(colour string) bool {
	l, ok := luminance(colour)
	return ok && contrast(1, l) >= 4.5
}

// luminance of a "#rrggbb" colour (WCAG 2.1, relative luminance).
func luminance(colour string) (float64, bool) {
	if len(colour) != 7 || colour[0] != '#' {
		return 0, false
	}
	value, err := strconv.ParseUint(colour[1:], 16, 32)
	if err != nil {
		return 0, false
	}
	linear := func(shift uint) float64 {
		c := float64(value>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(16) + 0.7152*linear(8) + 0.0722*linear(0), true
}

func contrast(a, b float64) float64 { return (max(a, b) + 0.05) / (min(a, b) + 0.05) }
