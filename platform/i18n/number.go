package i18n

import (
	"context"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"
)

// Integer is any whole number type.
type Integer interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32
}

// Numeric is any number type a page may show.
type Numeric interface {
	Integer | ~float32 | ~float64
}

// Number returns the number as the language of the context writes it: "14 800",
// "7,1". A number with decimals shows at most two, without final zeros.
func Number[V Numeric](ctx context.Context, v V) string {
	l := From(ctx)
	if V(1)/2 == 0 { // a whole number type: exact beyond the 53 bits of a float
		return l.Integer(int64(v))
	}
	return l.Number(float64(v))
}

// Integer returns "14 800"; "14,800".
func (l *Localizer) Integer(v int64) string {
	digits := strconv.FormatInt(v, 10)
	sign := ""
	if v < 0 {
		digits, sign = digits[1:], minus
	}
	return sign + l.grouped(digits)
}

// Number returns v with at most two decimals and no final zero: "7,1", "14 800".
func (l *Localizer) Number(v float64) string { return l.decimal(v, 2, true) }

// Decimal returns v with exactly that many decimals, 0 to 9: "7,10".
func (l *Localizer) Decimal(v float64, digits int) string { return l.decimal(v, digits, false) }

// Percent returns a ratio as a percentage with at most one decimal: 0.071 gives
// "7,1 %"; "7.1%".
func (l *Localizer) Percent(ratio float64) string {
	number := l.decimal(ratio*100, 1, true)
	if l.lang == English {
		return number + "%"
	}
	return number + nbsp + "%"
}

// Money returns an amount in euro cents, with the cents when they count:
// "14 800 €", "12,50 €"; "€14,800", "€12.50".
func (l *Localizer) Money(cents int64) string {
	sign, amount := "", strconv.FormatInt(cents, 10)
	if cents < 0 {
		sign, amount = minus, amount[1:]
	}
	amount = strings.Repeat("0", max(0, 3-len(amount))) + amount
	euros, rest := l.grouped(amount[:len(amount)-2]), amount[len(amount)-2:]
	if rest != "00" {
		euros += l.point() + rest
	}
	if l.lang == English {
		return sign + "€" + euros
	}
	return sign + euros + nbsp + "€"
}

// Duration returns "45 minutes", "1 heure", "1 h 30", "2 jours"; "45 minutes",
// "1 hour", "1 h 30 min", "2 days". Seconds are shown under a minute only, and
// minutes under two days only.
func (l *Localizer) Duration(d time.Duration) string {
	if d < 0 {
		return minus + l.Duration(-max(d, -math.MaxInt64))
	}
	hours, minutes := int64(d/time.Hour), int64(d/time.Minute)%60
	switch {
	case d < time.Minute:
		return l.unit(int64(d/time.Second), "seconde", "second")
	case d < time.Hour:
		return l.unit(minutes, "minute", "minute")
	case hours >= 48 && hours%24 == 0:
		return l.unit(hours/24, "jour", "day")
	case hours >= 48:
		return l.unit(hours/24, "jour", "day") + " " + strconv.FormatInt(hours%24, 10) + nbsp + "h"
	case minutes == 0:
		return l.unit(hours, "heure", "hour")
	}
	text := strconv.FormatInt(hours, 10) + nbsp + "h" + nbsp
	if minutes < 10 {
		text += "0"
	}
	text += strconv.FormatInt(minutes, 10)
	if l.lang == English {
		text += nbsp + "min"
	}
	return text
}

// unit writes a count and its noun; both languages make the plural with s, French
// from 2 on, English for all but 1.
func (l *Localizer) unit(n int64, french, english string) string {
	noun, singular := french, n < 2
	if l.lang == English {
		noun, singular = english, n == 1
	}
	if !singular {
		noun += "s"
	}
	return l.Integer(n) + nbsp + noun
}

// Phone returns a number given in E.164 (ITU-T) as people read it: "05 36 49 12 40"
// for the French numbering plan, overseas departments included, "+687 05 02 03"
// otherwise. A text that is not a number is returned unchanged.
func (l *Localizer) Phone(e164 string) string {
	// Country codes whose national numbers are 0 followed by nine digits: France,
	// La Réunion and Mayotte, Guadeloupe, Guyane, Martinique.
	for _, code := range []string{"+33", "+262", "+590", "+594", "+596"} {
		if national, ok := strings.CutPrefix(e164, code); ok && len(national) == 9 && digitsOnly(national) {
			return pairsOf("0" + national)
		}
	}
	parsed, err := phonenumbers.Parse(e164, "")
	if err != nil {
		return e164
	}
	international := phonenumbers.Format(parsed, phonenumbers.INTERNATIONAL)
	return strings.NewReplacer(" ", nbsp, ".", nbsp).Replace(international)
}

func pairsOf(digits string) string {
	pairs := make([]string, 0, len(digits)/2)
	for i := 0; i+2 <= len(digits); i += 2 {
		pairs = append(pairs, digits[i:i+2])
	}
	return strings.Join(pairs, nbsp)
}

func digitsOnly(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

func (l *Localizer) decimal(v float64, digits int, trim bool) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–" // no value: a rate of nothing
	}
	text := strconv.FormatFloat(math.Abs(v), 'f', min(max(digits, 0), 9), 64)
	whole, rest, _ := strings.Cut(text, ".")
	if trim {
		rest = strings.TrimRight(rest, "0")
	}
	number := l.grouped(whole)
	if rest != "" {
		number += l.point() + rest
	}
	if v < 0 && strings.Trim(text, "0.") != "" {
		number = minus + number
	}
	return number
}

func (l *Localizer) point() string {
	if l.lang == English {
		return "."
	}
	return ","
}

// grouped separates thousands: U+202F in French, a comma in English.
func (l *Localizer) grouped(digits string) string {
	separator := narrow
	if l.lang == English {
		separator = ","
	}
	var out strings.Builder
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out.WriteString(separator)
		}
		out.WriteRune(digit)
	}
	return out.String()
}
