package mail

import (
	"embed"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Locales holds one sentence per [Reason], for staff, and one per
// [AddressKind], for everybody, in French and English.
//
//go:embed locales/*.json
var Locales embed.FS

// What a failed Send means. Exactly one of them is in every *[Failure]; test
// with errors.Is.
var (
	ErrRefused  = errors.New("mail refused")            // final: trying again is useless
	ErrNotSent  = errors.New("mail not sent")           // surely not sent: try again later
	ErrDoubtful = errors.New("mail may have been sent") // never repeat silently
)

// Reason says why, for logs, counters and the person who has to act.
type Reason string

// The reasons of a failure.
const (
	ReasonRecipient   Reason = "recipient"   // the address does not exist or cannot receive
	ReasonMessage     Reason = "message"     // the message is malformed, too big, or refused for its content
	ReasonSender      Reason = "sender"      // the server does not accept our sender address
	ReasonCredential  Reason = "credential"  // the server does not accept our name and password: somebody must act
	ReasonSettings    Reason = "settings"    // certificate, STARTTLS or relay rights: somebody must act
	ReasonUnavailable Reason = "unavailable" // the server asks to come back later
	ReasonConnection  Reason = "connection"  // no connection, or a broken one
	ReasonTimeout     Reason = "timeout"     // no answer in time
	ReasonAnswer      Reason = "answer"      // an answer that is not SMTP
)

// Failure is the error of every sender. It repeats neither the address nor the
// text: it may be logged.
type Failure struct {
	Outcome error  // ErrRefused, ErrNotSent or ErrDoubtful
	Reason  Reason // why
	Code    int    // SMTP reply code, 0 when there was none
	Detail  string // in English or in the server's words, addresses masked, 200 bytes at most
	Cause   error  // may be nil
}

// Error says what happened.
func (f *Failure) Error() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%v (%s", f.Outcome, f.Reason)
	if f.Code != 0 {
		fmt.Fprintf(&out, ", SMTP %d", f.Code)
	}
	out.WriteString(")")
	if f.Detail != "" {
		out.WriteString(": " + f.Detail)
	}
	if f.Cause != nil {
		fmt.Fprintf(&out, ": %v", f.Cause)
	}
	return out.String()
}

// Unwrap gives the outcome and the cause to errors.Is and errors.As.
func (f *Failure) Unwrap() []error {
	if f.Cause == nil {
		return []error{f.Outcome}
	}
	return []error{f.Outcome, f.Cause}
}

// Key is the key, in [Locales], of the sentence for staff.
func (f *Failure) Key() string { return "mail.failure." + string(f.Reason) }

// Operator tells that nothing will leave until somebody corrects a setting.
func (f *Failure) Operator() bool { return f.Reason == ReasonCredential || f.Reason == ReasonSettings }

func malformed(detail string) error {
	return &Failure{Outcome: ErrRefused, Reason: ReasonMessage, Detail: detail}
}

var someAddress = regexp.MustCompile(`[^\s<>()\[\],;:"]+@[^\s<>()\[\],;:"]+`)

// masked makes a server's words fit for a log.
func masked(words string) string {
	words = strings.ToValidUTF8(strings.Join(strings.Fields(words), " "), "")
	words = someAddress.ReplaceAllString(words, "…")
	if len(words) > 200 {
		words = strings.ToValidUTF8(words[:200], "")
	}
	return words
}
