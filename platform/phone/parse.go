package phone

import (
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"
)

// longestInput bounds what is looked at: 15 digits, signs between them, "tel:".
const longestInput = 64

// Parse reads a number as typed by a person, in the plan of region: an ISO code
// ("FR", "RE"), or the INSEE code of a département or commune ("86", "97411",
// see [Region]); "" is mainland France. It accepts spaces of every kind, dots,
// dashes, slashes, brackets, « +33 (0)6… », « 0033… », a country code without
// its + and, because spreadsheets lose it, a missing leading 0.
//
// Errors are *[Error]; their [Kind] says what to tell the person.
func Parse(raw, region string) (Number, error) {
	digits, international, err := clean(raw)
	if err != nil {
		return Number{}, err
	}
	if len(region) != 2 || region[0] <= '9' {
		region = Region(region)
	}
	code, shared := countryCode(region)
	switch {
	case international:
		return parseInternational(digits)
	case !shared:
		return parseElsewhere(digits, region)
	case strings.HasPrefix(digits, "0"):
		return parseNational(digits)
	case len(digits) == 9:
		return parseNational("0" + digits)
	case withCountryCode(digits):
		return parseInternational(digits)
	case code == "508" && len(digits) == 6:
		return parseInternational(code + digits)
	case len(digits) < 9:
		return Number{}, refuse(TooShort)
	}
	return Number{}, refuse(TooLong)
}

// clean keeps the digits and tells whether the number was written with its
// country code.
func clean(raw string) (digits string, international bool, err error) {
	text := strings.TrimSpace(norm.NFKC.String(raw))
	if text == "" {
		return "", false, refuse(Empty)
	}
	if len(text) > longestInput {
		return "", false, refuse(TooLong)
	}
	if rest, ok := strings.CutPrefix(strings.ToLower(text), "tel:"); ok {
		text = strings.TrimSpace(rest)
	}
	text, international = strings.CutPrefix(text, "+")
	var kept strings.Builder
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9':
			kept.WriteRune(r)
		case unicode.IsSpace(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Pd, r), strings.ContainsRune("./()", r):
		default:
			return "", false, refuse(NotNumber)
		}
	}
	digits = kept.String()
	if rest, ok := strings.CutPrefix(digits, "00"); ok && !international {
		digits, international = rest, true
	}
	if digits == "" {
		return "", false, refuse(NotNumber)
	}
	return digits, international, nil
}

// withCountryCode recognises a number of the French plan written without + or 00.
func withCountryCode(digits string) bool {
	return len(digits) == 11 && strings.HasPrefix(digits, "33") ||
		len(digits) == 12 && (strings.HasPrefix(digits, "590") || strings.HasPrefix(digits, "594") ||
			strings.HasPrefix(digits, "596") || strings.HasPrefix(digits, "262"))
}

// parseNational reads ten digits starting with 0.
func parseNational(digits string) (Number, error) {
	switch {
	case len(digits) > 10:
		return Number{}, refuse(TooLong)
	case len(digits) < 10:
		return Number{}, refuse(TooShort)
	case strings.HasPrefix(digits, "08"):
		return Number{}, refuse(Premium)
	}
	if b, ok := french().match(french().byNational, digits); ok {
		return Number{e164: "+" + b.international + digits[len(b.national):]}, nil
	}
	return fromLibrary("+33" + digits[1:])
}

// parseInternational reads digits that start with a country code.
func parseInternational(digits string) (Number, error) {
	// « +33 (0)6… »: the 0 is not dialled. The library drops it too, but the
	// ranges below must see the number without it.
	for _, code := range []string{"33", "590", "594", "596", "262"} {
		if rest, ok := strings.CutPrefix(digits, code+"0"); ok && len(rest) == 9 {
			digits = code + rest
		}
	}
	if rest, ok := strings.CutPrefix(digits, "33"); ok {
		// A mainland code before an overseas number: « +33 690… ».
		return parseNational("0" + rest)
	}
	if b, ok := french().match(french().byInternational, digits); ok && b.region != "PM" {
		switch length := len(digits) - len(b.international) + len(b.national); {
		case length < 10:
			return Number{}, refuse(TooShort)
		case length > 10:
			return Number{}, refuse(TooLong)
		}
		return Number{e164: "+" + digits}, nil
	}
	return fromLibrary("+" + digits)
}

// parseElsewhere reads a national number in a plan that is not the French one.
func parseElsewhere(digits, region string) (Number, error) {
	parsed, err := phonenumbers.Parse(digits, region)
	if err != nil {
		return Number{}, libraryError(err)
	}
	return judge(parsed)
}

func fromLibrary(e164 string) (Number, error) {
	parsed, err := phonenumbers.Parse(e164, "")
	if err != nil {
		return Number{}, libraryError(err)
	}
	return judge(parsed)
}

func judge(parsed *phonenumbers.PhoneNumber) (Number, error) {
	switch phonenumbers.IsPossibleNumberWithReason(parsed) {
	case phonenumbers.TOO_SHORT, phonenumbers.IS_POSSIBLE_LOCAL_ONLY:
		return Number{}, refuse(TooShort)
	case phonenumbers.TOO_LONG:
		return Number{}, refuse(TooLong)
	}
	switch phonenumbers.GetNumberType(parsed) {
	case phonenumbers.PREMIUM_RATE, phonenumbers.SHARED_COST, phonenumbers.TOLL_FREE:
		return Number{}, refuse(Premium)
	}
	if !phonenumbers.IsValidNumber(parsed) {
		return Number{}, refuse(Unknown)
	}
	return Number{e164: phonenumbers.Format(parsed, phonenumbers.E164)}, nil
}

func libraryError(err error) error {
	switch err {
	case phonenumbers.ErrTooShortNSN, phonenumbers.ErrTooShortAfterIDD:
		return refuse(TooShort)
	case phonenumbers.ErrNumTooLong:
		return refuse(TooLong)
	case phonenumbers.ErrInvalidCountryCode:
		return refuse(Unknown)
	}
	return refuse(NotNumber)
}
