package notify

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"parvis/platform/phone"
	"parvis/platform/store"
)

// To is whom a message is for. What is empty is not used: without an address
// there is no mail, without a mobile number no SMS.
type To struct {
	Name  string
	Email string
	Phone phone.Number
	Lang  string // "fr" or "en"; anything else is French
}

// Message is one thing to tell one person, on as many channels as the policy
// of its notice and the addressee allow.
type Message struct {
	Notice  string // name of a declared Notice
	To      To
	Subject string         // what it is about: "appointment:77"
	Data    map[string]any // the placeholders; a Value is written in the addressee's language
	ICS     []byte         // calendar file attached to the mail; nil none
	// ReplyTo is where an answer to this very mail goes, an address; "": to the
	// territory.
	ReplyTo string
	// Key names this message for ever, in its territory: a second Send with the
	// same key does nothing. "appointment:77:reminder:2:v3".
	Key string
	// At is the hour wished for; zero: now. Quiet hours shift it.
	At time.Time
	// Deadline is when the message stops making sense (the appointment begins):
	// it is dropped as late rather than sent after. Zero: none.
	Deadline time.Time
}

// State is where a message stands on one channel.
type State string

// The states. Cancelled and Dropped never left; Doubtful may have.
const (
	Queued    State = "queued"
	Sending   State = "sending"
	Sent      State = "sent"      // the server or the provider has it
	Delivered State = "delivered" // on the phone
	Failed    State = "failed"
	Doubtful  State = "doubtful"
	Cancelled State = "cancelled"
	Dropped   State = "dropped"
)

// States lists the states in the order pages show them.
func States() []State {
	return []State{Doubtful, Failed, Queued, Sending, Sent, Delivered, Dropped, Cancelled}
}

// Why a message was dropped, failed or became doubtful. A reason that starts
// with "sms." or "mail." is the adapter's own, in its own catalogue.
const (
	ReasonLate        = "late"        // its deadline had passed
	ReasonStop        = "stop"        // the number said STOP
	ReasonOff         = "off"         // the territory switched this channel off meanwhile
	ReasonCap         = "cap"         // the month's SMS budget is spent
	ReasonInterrupted = "interrupted" // the program stopped while it was being sent
	ReasonGaveUp      = "gaveup"      // the server did not take it for three days
	ReasonUndelivered = "undelivered" // the provider says the phone did not get it
	ReasonAdapter     = "adapter"     // no adapter for this channel, or one that fails without saying how
)

// Bounds of what a caller may hand in.
const (
	longestKey  = 200
	longestText = 20_000
	longestICS  = 200_000
)

// check refuses a message that is a mistake of the program.
func (m Message) check() error {
	switch {
	case m.Key == "" || len(m.Key) > longestKey || !utf8.ValidString(m.Key):
		return fmt.Errorf("notify: %s: a message needs a key of at most %d bytes", m.Notice, longestKey)
	case m.Subject != "" && !strings.Contains(m.Subject, ":"):
		return fmt.Errorf("notify: %s: the subject %q is not kind:id", m.Notice, m.Subject)
	case len(m.ICS) > longestICS:
		return fmt.Errorf("notify: %s: calendar file of %d bytes", m.Notice, len(m.ICS))
	}
	return nil
}

// Ref is our name for a message with a provider; it finds the way back to the
// territory when a webhook returns it.
func Ref(territory string, id store.ID) string { return territory + "-" + id.String() }

var errRef = errors.New("notify: not a reference of ours")

// parseRef reads what Ref wrote.
func parseRef(ref string) (territory string, id store.ID, err error) {
	i := strings.LastIndexByte(ref, '-')
	if i <= 0 {
		return "", 0, errRef
	}
	id, err = store.ParseID(ref[i+1:])
	if err != nil {
		return "", 0, errRef
	}
	return ref[:i], id, nil
}
