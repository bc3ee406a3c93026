package phone

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Number is a telephone number. The zero value is "no number". Two equal
// numbers are ==.
type Number struct{ e164 string }

// ErrNotE164 is returned for a stored number that does not have the shape of E.164.
var ErrNotE164 = errors.New("not an E.164 number")

// FromE164 returns the number kept under s ("+33536491240"). Only the shape is
// checked (ITU-T E.164: at most 15 digits, no leading 0), because a number that
// was accepted once stays readable when its range closes. "" is the zero Number.
func FromE164(s string) (Number, error) {
	if s == "" {
		return Number{}, nil
	}
	digits, plus := strings.CutPrefix(s, "+")
	if !plus || len(digits) < 7 || len(digits) > 15 || !allDigits(digits) || digits[0] == '0' {
		return Number{}, ErrNotE164
	}
	return Number{e164: s}, nil
}

// E164 returns the number as it is kept and handed to providers: "+33536491240",
// or "" for the zero Number.
func (n Number) E164() string { return n.e164 }

// String is E164.
func (n Number) String() string { return n.e164 }

// IsZero tells that there is no number.
func (n Number) IsZero() bool { return n.e164 == "" }

// digits is the number without its +.
func (n Number) digits() string { return strings.TrimPrefix(n.e164, "+") }

// significant splits a number of the French plan or of a Pacific territory into
// its country code and the digits after it; ok is false for the rest of the world.
func (n Number) significant() (code, rest string, ok bool) {
	for _, code := range []string{"33", "590", "594", "596", "262", "508", "687", "689", "681"} {
		if rest, found := strings.CutPrefix(n.digits(), code); found {
			return code, rest, true
		}
	}
	return "", "", false
}

// National returns the number as people read it: by pairs joined by
// non-breaking spaces, "05 36 49 12 40"; a foreign number keeps its country
// code, "+32 470 12 34 56".
func (n Number) National() string {
	if n.IsZero() {
		return ""
	}
	if code, rest, ok := n.significant(); ok {
		if len(rest) == 9 && code != "687" && code != "689" && code != "681" {
			rest = "0" + rest
		}
		return pairs(rest)
	}
	parsed, err := phonenumbers.Parse(n.e164, "")
	if err != nil {
		return n.e164
	}
	return strings.NewReplacer(" ", "\u00a0", "-", "\u2011").Replace(phonenumbers.Format(parsed, phonenumbers.INTERNATIONAL))
}

func pairs(digits string) string {
	var out strings.Builder
	for i := 0; i < len(digits); i++ {
		if i > 0 && i%2 == 0 {
			out.WriteString("\u00a0")
		}
		out.WriteByte(digits[i])
	}
	return out.String()
}

// Region returns the ISO 3166-1 code of the territory the number belongs to, or
// "" when it cannot be told.
func (n Number) Region() string {
	if n.IsZero() {
		return ""
	}
	if b, ok := french().match(french().byInternational, n.digits()); ok {
		return b.region
	}
	if parsed, err := phonenumbers.Parse(n.e164, ""); err == nil {
		if region := phonenumbers.GetRegionCodeForNumber(parsed); region != "ZZ" {
			return region
		}
	}
	return ""
}

// Mobile tells whether the number is a mobile, in France, overseas (ranges.csv)
// or abroad. Where a country does not tell mobiles from landlines it is true.
func (n Number) Mobile() bool {
	if n.IsZero() {
		return false
	}
	if b, ok := french().match(french().byInternational, n.digits()); ok {
		if b.region != "PM" || b.mobile {
			return b.mobile
		}
	}
	parsed, err := phonenumbers.Parse(n.e164, "")
	if err != nil {
		return false
	}
	switch phonenumbers.GetNumberType(parsed) {
	case phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE:
		return true
	}
	return false
}

// Fiction tells whether the number is in a range that Arcep keeps for works of
// fiction: demo people have such numbers and a real adapter refuses them.
func (n Number) Fiction() bool {
	b, ok := french().match(french().byInternational, n.digits())
	return ok && b.fiction
}

// SMSAllowed tells whether a text message may be addressed to the number:
// mobiles only, so neither landlines, nor 08, nor 09. Fiction mobiles are
// allowed here, so that the demo behaves like the real thing; adapters that
// really send refuse them.
func (n Number) SMSAllowed() bool { return n.Mobile() }

// MarshalText writes the number in E.164.
func (n Number) MarshalText() ([]byte, error) { return []byte(n.e164), nil }

// UnmarshalText reads what MarshalText wrote.
func (n *Number) UnmarshalText(text []byte) error {
	read, err := FromE164(string(text))
	if err != nil {
		return err
	}
	*n = read
	return nil
}

// Value stores the number in E.164, and the zero Number as "".
func (n Number) Value() (driver.Value, error) { return n.e164, nil }

// Scan reads what Value stored; NULL is the zero Number.
func (n *Number) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*n = Number{}
		return nil
	case string:
		return n.UnmarshalText([]byte(v))
	case []byte:
		return n.UnmarshalText(v)
	}
	return fmt.Errorf("reading a phone number from a %T", src)
}
