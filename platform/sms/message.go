package sms

import (
	"context"
	"strings"

	"parvis/platform/phone"
)

// Kind separates what a person is owed from what is offered to them.
type Kind string

// The kinds of message.
const (
	Alert     Kind = "alert"     // transactional: reminder, cancellation, code
	Marketing Kind = "marketing" // needs consent, carries a STOP clause, has forbidden hours
)

// Message is one text for one person.
type Message struct {
	To     phone.Number // a mobile
	Sender string       // "" for a short number that can be answered, or a name (see [CheckSender])
	Text   string       // sent after [Tidy]
	Kind   Kind         // required
	Ref    string       // our reference, unique per message; comes back in webhooks where the provider allows it
}

// Receipt is what a provider answers when it has taken the message.
type Receipt struct {
	ProviderID string // the provider's name for the message; may come back in a webhook before Send returns
	Parts      int    // parts billed
	Cost       Cost   // estimate: parts × the tariff of the adapter
}

// Sender is a way of sending text messages. Send makes one attempt, within the
// deadline of ctx and of the adapter. Its errors are *[Failure]. It is safe for
// concurrent use.
type Sender interface {
	Send(ctx context.Context, m Message) (Receipt, error)
}

// MaxParts bounds one message: 10 parts are 1 530 characters, and a mistake in
// a template must not cost more.
const MaxParts = 10

// StopClause is what providers add to marketing messages: counted, not sent by
// us. The number varies, its length does not.
const StopClause = "\nSTOP 36111"

// Prepare checks a message and returns it as it will be sent, with the size
// that will be billed. Every adapter calls it, or [PrepareOutside], first.
// Errors are refusals.
func Prepare(m Message) (Message, Size, error) {
	if !m.To.SMSAllowed() {
		return m, Size{}, refused(ReasonRecipient, "not a mobile number")
	}
	if m.Kind != Alert && m.Kind != Marketing {
		return m, Size{}, refused(ReasonText, "neither an alert nor a marketing message")
	}
	if err := CheckSender(m.Sender); err != nil {
		return m, Size{}, err
	}
	m.Text = strings.TrimSpace(Tidy(m.Text))
	if m.Text == "" {
		return m, Size{}, refused(ReasonText, "empty text")
	}
	size := Billed(m.Text, m.Kind)
	if size.Parts > MaxParts {
		return m, Size{}, refused(ReasonText, "text too long")
	}
	return m, size, nil
}

// PrepareOutside is [Prepare] for adapters whose messages reach real phones: it
// also refuses numbers reserved for fiction.
func PrepareOutside(m Message) (Message, Size, error) {
	if m.To.Fiction() {
		return m, Size{}, refused(ReasonFiction, "number reserved for fiction")
	}
	return Prepare(m)
}

// CheckSender accepts "" and names of 3 to 11 letters and digits with at least
// one letter, the rule of French operators. Names must also be declared with
// the provider. The error is a refusal.
func CheckSender(name string) error {
	if name == "" {
		return nil
	}
	letters := 0
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z':
			letters++
		case c >= '0' && c <= '9':
		default:
			return refused(ReasonSender, "sender name with a sign that is neither letter nor digit")
		}
	}
	if len(name) < 3 || len(name) > 11 || letters == 0 {
		return refused(ReasonSender, "sender name not of 3 to 11 letters and digits")
	}
	return nil
}
