package sms

import (
	"embed"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Locales holds one sentence per [Reason], in French and English, for the staff
// who read the delivery log.
//
//go:embed locales/*.json
var Locales embed.FS

// What a failed Send means. Exactly one of them is in every *[Failure]; test
// with errors.Is.
var (
	ErrRefused  = errors.New("message refused")            // final: trying again is useless
	ErrNotSent  = errors.New("message not sent")           // surely not sent: try again later
	ErrDoubtful = errors.New("message may have been sent") // never repeat silently
)

// Reason says why, for logs, counters and the person who has to act.
type Reason string

// The reasons of a failure.
const (
	ReasonRecipient   Reason = "recipient"   // the number cannot receive messages
	ReasonFiction     Reason = "fiction"     // the number is reserved for fiction
	ReasonText        Reason = "text"        // empty, too long, or refused by the provider
	ReasonSender      Reason = "sender"      // the sender name is not acceptable
	ReasonCredential  Reason = "credential"  // the provider does not accept our keys: somebody must act
	ReasonCredit      Reason = "credit"      // no credit left: somebody must act
	ReasonSettings    Reason = "settings"    // wrong address or account: somebody must act
	ReasonRate        Reason = "rate"        // too many messages at once
	ReasonUnavailable Reason = "unavailable" // the provider says it is not available
	ReasonConnection  Reason = "connection"  // no connection, or a broken one
	ReasonTimeout     Reason = "timeout"     // no answer in time
	ReasonAnswer      Reason = "answer"      // an answer that cannot be understood
	ReasonProvider    Reason = "provider"    // the provider failed while handling the message
)

// Failure is the error of every adapter. It repeats neither the number nor the
// text: it may be logged.
type Failure struct {
	Outcome    error         // ErrRefused, ErrNotSent or ErrDoubtful
	Reason     Reason        // why
	Status     int           // HTTP status, 0 when there was no answer
	Detail     string        // in English or in the provider's words, figures masked, 200 bytes at most
	RetryAfter time.Duration // how long the provider asks to wait, 0 when it does not say
	Cause      error         // may be nil
}

// Error says what happened.
func (f *Failure) Error() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%v (%s", f.Outcome, f.Reason)
	if f.Status != 0 {
		fmt.Fprintf(&out, ", HTTP %d", f.Status)
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
func (f *Failure) Key() string { return "sms.failure." + string(f.Reason) }

// Operator tells that nothing will leave until somebody changes a key, buys
// credit or corrects a setting.
func (f *Failure) Operator() bool {
	return f.Reason == ReasonCredential || f.Reason == ReasonCredit || f.Reason == ReasonSettings
}

func refused(r Reason, detail string) error {
	return &Failure{Outcome: ErrRefused, Reason: r, Detail: detail}
}

// Four figures or more may be the end of a phone number or a one-time code.
var figures = regexp.MustCompile(`\+?\d(?:[ .\-]?\d){3,}`)

// masked makes a provider's words fit for a log.
func masked(words string) string {
	words = strings.ToValidUTF8(strings.Join(strings.Fields(words), " "), "")
	words = figures.ReplaceAllString(words, "…")
	if len(words) > 200 {
		words = strings.ToValidUTF8(words[:200], "")
	}
	return words
}
