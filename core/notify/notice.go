package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"parvis/platform/store"
)

// Channel is a way to reach somebody.
type Channel string

// The channels.
const (
	Mail Channel = "mail"
	SMS  Channel = "sms"
)

// Channels lists the channels in the order pages show them.
func Channels() []Channel { return []Channel{Mail, SMS} }

// Notice declares a message that a service sends. Its texts are messages of
// the service's catalogue: for the notice "appointment.reminder" the keys
// appointment.notice.reminder.subject, .body and .sms, in French and English.
// A notice whose French text is missing stops the program at start.
//
// Every text may use, besides its Fields, {{.Territory}}, the name of the
// local authority, and {{.Phone}}, its telephone number.
type Notice struct {
	Name     string // service, then noun: "appointment.reminder"
	Label    string // i18n key shown to administrators
	Channels []Channel
	// Urgent leaves at once whatever the hour: codes, confirmations asked for
	// this minute. Others wait for the end of the quiet hours.
	Urgent bool
	// Sensitive keeps the text out of the delivery log.
	Sensitive bool
	// Required cannot be switched off by a territory: somebody is waiting for
	// it, a code or the answer to a STOP.
	Required bool
	// Fields are the placeholders with their longest realistic values, so that
	// the number of SMS parts can be shown before anything is sent.
	Fields map[string]string
	// Finish completes the text of a mail or an SMS at the moment it leaves, with
	// what must not lie in the queue nor in the log: a secret link. It keeps the
	// length of the text, and is given each paragraph and address of a mail apart.
	// An error holds the message back as not sent. nil: the text leaves as it is.
	Finish func(ctx context.Context, tx *store.Tx, text string) (string, error)
}

// key is the catalogue key of one text of the notice: "appointment.reminder"
// and "sms" give "appointment.notice.reminder.sms".
func (n Notice) key(part string) string {
	owner, noun, _ := strings.Cut(n.Name, ".")
	return owner + ".notice." + noun + "." + part
}

// has tells whether the notice has a text for the channel.
func (n Notice) has(c Channel) bool { return slices.Contains(n.Channels, c) }

// check refuses a declaration that is not complete.
func (n Notice) check() error {
	owner, noun, ok := strings.Cut(n.Name, ".")
	switch {
	case !ok || owner == "" || noun == "":
		return fmt.Errorf("notify: notice %q is not named service.noun", n.Name)
	case n.Label == "":
		return fmt.Errorf("notify: notice %s has no label", n.Name)
	case len(n.Channels) == 0:
		return fmt.Errorf("notify: notice %s has no channel", n.Name)
	}
	var errs []error
	for i, c := range n.Channels {
		if !slices.Contains(Channels(), c) || slices.Contains(n.Channels[:i], c) {
			errs = append(errs, fmt.Errorf("notify: notice %s: channel %q is unknown or named twice", n.Name, c))
		}
	}
	return errors.Join(errs...)
}
