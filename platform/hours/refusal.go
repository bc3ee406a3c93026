package hours

import (
	"embed"
	"errors"
	"fmt"
	"strings"
)

// Locales holds the messages of refused hours and the words of a week.
//
//go:embed locales/*.json
var Locales embed.FS

// ErrRefused is wrapped by every refusal of [ParseDay].
var ErrRefused = errors.New("opening hours refused")

// Reason is the kind of a refusal.
type Reason string

const (
	Overlap     Reason = "overlap"     // two different spans share minutes: which one is true?
	Reversed    Reason = "reversed"    // the end is not after the start
	Incomplete  Reason = "incomplete"  // a start without end, or an end without start
	OutOfRange  Reason = "outofrange"  // 25 h, 9 h 75
	TwelveHours Reason = "twelvehours" // am, pm, or « 2 h – 5 h » that may be the afternoon
	Appointment Reason = "appointment" // « sur rendez-vous »
	Recurrence  Reason = "recurrence"  // « 1er et 3e lundi du mois », « semaines paires »
	Season      Reason = "season"      // « en juillet », « hors vacances scolaires »
	TooMany     Reason = "toomany"     // more than 8 spans, or a text of more than 200 bytes
	Unreadable  Reason = "unreadable"  // anything else
)

// Reasons lists every reason, in the order of the constants.
func Reasons() []Reason {
	return []Reason{Overlap, Reversed, Incomplete, OutOfRange, TwelveHours, Appointment, Recurrence, Season, TooMany, Unreadable}
}

// Refusal says why a value has no sure meaning. Key and Args are a message of
// [Locales] and its placeholders.
type Refusal struct {
	Reason Reason
	Value  string // as given, cut to 200 bytes
	// Union is, for an overlap, what all the spans cover together: something to
	// offer to the person who corrects the file.
	Union []Span
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("opening hours %q refused: %s", r.Value, r.Reason)
}

// Unwrap returns [ErrRefused].
func (r *Refusal) Unwrap() error { return ErrRefused }

// Key returns the message that says what to write instead.
func (r *Refusal) Key() string { return "hours.refused." + string(r.Reason) }

// Args returns the placeholders of the message: Value.
func (r *Refusal) Args() []any { return []any{"Value", r.Value} }

func refuse(reason Reason, value string) *Refusal {
	if len(value) > valueLimit {
		value = strings.ToValidUTF8(value[:valueLimit], "")
	}
	return &Refusal{Reason: reason, Value: value}
}
