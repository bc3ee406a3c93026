package theme

import (
	"embed"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Locales holds the messages of refused colours.
//
//go:embed locales/*.json
var Locales embed.FS

// Colour is an opaque sRGB colour, 8 bits per channel.
type Colour struct{ R, G, B uint8 }

// ErrColour is wrapped by every refusal of [ParseColour] and [Derive].
var ErrColour = errors.New("not a colour")

// Refusal says why a text is not a colour. Its Key is a message of [Locales]
// without placeholders.
type Refusal struct {
	Reason Reason
	Input  string // as given, cut to 40 bytes
}

// Reason is the kind of a refusal.
type Reason string

const (
	Empty     Reason = "empty"     // nothing was given
	NotHex    Reason = "nothex"    // a character other than 0-9, a-f; a name such as "rouge"; rgb(…)
	BadLength Reason = "badlength" // neither 3 nor 6 digits
	HasAlpha  Reason = "hasalpha"  // 4 or 8 digits: a transparent colour has no contrast of its own
)

func (r *Refusal) Error() string {
	return fmt.Sprintf("%q is not a colour such as #B4532F: %s", r.Input, r.Reason)
}

// Unwrap returns [ErrColour].
func (r *Refusal) Unwrap() error { return ErrColour }

// Key returns the message that tells a person what to write instead.
func (r *Refusal) Key() string { return "theme.refused." + string(r.Reason) }

// ParseColour reads "#B4532F", "b4532f" or "#B53", spaces around allowed. The
// error is a [*Refusal].
func ParseColour(text string) (Colour, error) {
	refuse := func(reason Reason) (Colour, error) {
		return Colour{}, &Refusal{Reason: reason, Input: text[:min(len(text), 40)]}
	}
	digits := strings.TrimPrefix(strings.TrimSpace(text), "#")
	if digits == "" {
		return refuse(Empty)
	}
	for i := range len(digits) {
		if !strings.ContainsRune("0123456789abcdefABCDEF", rune(digits[i])) {
			return refuse(NotHex)
		}
	}
	switch len(digits) {
	case 3:
		digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
	case 6:
	case 4, 8:
		return refuse(HasAlpha)
	default:
		return refuse(BadLength)
	}
	v, err := strconv.ParseUint(digits, 16, 32)
	if err != nil {
		return refuse(NotHex)
	}
	return Colour{uint8(v >> 16), uint8(v >> 8), uint8(v)}, nil
}

// String returns "#B4532F".
func (c Colour) String() string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }

// MarshalText writes the colour as String does.
func (c Colour) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads what [ParseColour] reads.
func (c *Colour) UnmarshalText(text []byte) error {
	read, err := ParseColour(string(text))
	if err != nil {
		return err
	}
	*c = read
	return nil
}

// Luminance returns the relative luminance of WCAG 2.1, 0 for black, 1 for white.
func (c Colour) Luminance() float64 {
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

// Contrast returns the contrast ratio of WCAG 2.1, from 1 to 21, whatever the
// order of the two colours.
func Contrast(a, b Colour) float64 {
	light, dark := a.Luminance(), b.Luminance()
	if light < dark {
		light, dark = dark, light
	}
	return (light + 0.05) / (dark + 0.05)
}

// linear undoes the sRGB transfer function (IEC 61966-2-1).
func linear(channel uint8) float64 {
	v := float64(channel) / 255
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}
