package mail

import (
	"bytes"
	"fmt"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// compose writes the message as it goes on the wire.
func (c checked) compose(now time.Time) ([]byte, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithCharset(gomail.CharsetUTF8), gomail.WithEncoding(gomail.EncodingQP))
	m.FromMailAddress(c.from)
	m.ToMailAddress(c.to)
	if c.replyTo != nil {
		m.ReplyToMailAddress(c.replyTo)
	}
	m.Subject(c.Subject)
	m.SetDateWithValue(now)
	m.SetMessageIDWithValue(c.messageID)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("X-Auto-Response-Suppress", "All")
	if c.Lang != "" {
		m.SetGenHeader("Content-Language", c.Lang)
	}
	if u := c.Unsubscribe; u != nil {
		var more []string
		if u.Mailto != "" {
			more = append(more, "mailto:"+u.Mailto)
		}
		if err := m.SetListUnsubscribeOneClick(u.URL, more...); err != nil {
			return nil, fmt.Errorf("writing the unsubscribe headers: %w", err)
		}
	}
	m.SetBodyString(gomail.TypeTextPlain, c.Text)
	if c.HTML != "" {
		m.AddAlternativeString(gomail.TypeTextHTML, c.HTML)
	}
	if c.ICS != nil {
		// Twice: as alternative for programs that show « accept », as file for
		// those that only open attachments. Base64 keeps its line ends.
		m.AddAlternativeString(gomail.ContentType("text/calendar; method="+c.ICSMethod), string(c.ICS), gomail.WithPartEncoding(gomail.EncodingB64))
		if err := attach(m, Attachment{Name: "invitation.ics", Type: "application/ics", Content: c.ICS}); err != nil {
			return nil, err
		}
	}
	for _, a := range c.Attachments {
		if err := attach(m, a); err != nil {
			return nil, err
		}
	}
	var out bytes.Buffer
	if _, err := m.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("writing a mail: %w", err)
	}
	return out.Bytes(), nil
}

func attach(m *gomail.Msg, a Attachment) error {
	if err := m.AttachReader(a.Name, bytes.NewReader(a.Content), gomail.WithFileContentType(gomail.ContentType(a.Type))); err != nil {
		return fmt.Errorf("attaching a file to a mail: %w", err)
	}
	return nil
}

// Compose returns the message as [SMTP] would send it, unsigned, for previews
// and for senders that keep messages instead of sending them.
func Compose(m Message, now time.Time) ([]byte, error) {
	c, err := m.check()
	if err != nil {
		return nil, err
	}
	return c.compose(now)
}

// MessageID returns the identifier m is or was sent under, without angle
// brackets.
func MessageID(m Message) (string, error) {
	from, err := mailbox(m.From)
	if err != nil || m.Ref == "" {
		return "", malformed("no reference or no sender")
	}
	return messageID(m.Ref, from.Address), nil
}
