package phone

import (
	"embed"
	"errors"
)

// Locales holds the sentences shown for each [Kind], in French and English.
//
//go:embed locales/*.json
var Locales embed.FS

// Kind says why a number is refused.
type Kind string

// The kinds of refusal.
const (
	Empty     Kind = "empty"         // nothing was typed
	NotNumber Kind = "not_number"    // letters or other signs among the digits, or no digit
	TooShort  Kind = "too_short"     // fewer digits than the plan asks for
	TooLong   Kind = "too_long"      // more digits than the plan asks for
	Premium   Kind = "premium"       // 08 and its like abroad: special tariffs, free numbers
	Unknown   Kind = "unknown_range" // right length, but no such range is open
)

// Error is a refused number. It never repeats the number.
type Error struct{ Kind Kind }

// Error says in English, for logs, what is wrong.
func (e *Error) Error() string { return "phone number refused: " + string(e.Kind) }

// Key is the key, in [Locales], of the sentence to show.
func (e *Error) Key() string { return "phone.error." + string(e.Kind) }

// KindOf returns the kind of refusal carried by err, or "" when err is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

func refuse(k Kind) error { return &Error{Kind: k} }
