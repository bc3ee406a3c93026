package mail

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"mime"
	netmail "net/mail"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// Message is one mail for one person. From, To and ReplyTo are addresses, alone
// or as RFC 5322 writes them with a name (see [Named]).
type Message struct {
	To      string
	From    string
	ReplyTo string // the mailbox of the service; may be empty
	Subject string // one line
	Text    string // required: what people read who do not read HTML
	HTML    string // may be empty; see [HTML]
	Lang    string // "fr" or "en", the language of the text
	Ref     string // required, unique per message: the Message-ID is made of it, the same at each attempt

	ICS       []byte // a calendar (RFC 5545) offered as invitation and attached; may be nil
	ICSMethod string // REQUEST, CANCEL, PUBLISH or REPLY; read in ICS when empty

	Attachments []Attachment
	Unsubscribe *Unsubscribe // newsletters; nil for what people are owed
}

// Attachment is a file joined to a message.
type Attachment struct {
	Name    string // shown to the person, with its extension
	Type    string // "application/pdf"
	Content []byte
}

// Unsubscribe is how to leave a list in one click (RFC 8058).
type Unsubscribe struct {
	URL    string // https; receives the POST, without sign-in
	Mailto string // an address; may be empty
}

// Receipt is what the server said when it took the message.
type Receipt struct {
	MessageID string // without angle brackets
	Response  string // the server's words, addresses masked; often its own identifier
	At        time.Time
}

// Sender is a way of sending mail. Send makes one attempt, within the deadline
// of ctx and its own. Its errors are *[Failure]. It is safe for concurrent use.
type Sender interface {
	Send(ctx context.Context, m Message) (Receipt, error)
}

// MaxBytes bounds the text, the HTML and the attachments together: most servers
// refuse messages of more than 10 MB once encoded.
const MaxBytes = 7 << 20

// Named writes an address with a name: « Mairie de Brandes <contact@…> ».
func Named(name, address string) string {
	return (&netmail.Address{Name: strings.Join(strings.Fields(name), " "), Address: address}).String()
}

// checked is a message whose parts have been read.
type checked struct {
	Message
	to, from, replyTo *netmail.Address
	messageID         string
}

// Check says whether a message can be sent: every sender calls it first. Nothing
// a person typed can add a header: line ends and control characters are refused
// wherever a header is made. Errors are refusals.
func (m Message) Check() error {
	_, err := m.check()
	return err
}

func (m Message) check() (checked, error) {
	c := checked{Message: m}
	var err error
	if c.to, err = mailbox(m.To); err != nil {
		return c, &Failure{Outcome: ErrRefused, Reason: ReasonRecipient, Detail: "not an address", Cause: err}
	}
	if c.from, err = mailbox(m.From); err != nil {
		return c, &Failure{Outcome: ErrRefused, Reason: ReasonSender, Detail: "sender is not an address", Cause: err}
	}
	if m.ReplyTo != "" {
		if c.replyTo, err = mailbox(m.ReplyTo); err != nil {
			return c, &Failure{Outcome: ErrRefused, Reason: ReasonSender, Detail: "reply address is not an address", Cause: err}
		}
	}
	size := len(m.Text) + len(m.HTML) + len(m.ICS)
	for _, a := range m.Attachments {
		size += len(a.Content)
	}
	switch {
	case strings.TrimSpace(m.Subject) == "" || !oneLine(m.Subject) || len(m.Subject) > 500:
		return c, malformed("subject empty, long, or not one line")
	case strings.TrimSpace(m.Text) == "":
		return c, malformed("no text")
	case !utf8.ValidString(m.Text) || !utf8.ValidString(m.HTML) || strings.ContainsRune(m.Text, 0) || strings.ContainsRune(m.HTML, 0):
		return c, malformed("text that is not UTF-8")
	case m.Lang != "" && !isLang(m.Lang):
		return c, malformed("not a language")
	case m.Ref == "" || len(m.Ref) > 500:
		return c, malformed("no reference")
	case size > MaxBytes:
		return c, malformed("message too big")
	}
	if err := c.checkICS(); err != nil {
		return c, err
	}
	for _, a := range m.Attachments {
		if _, _, err := mime.ParseMediaType(a.Type); err != nil || !oneLine(a.Type) || !oneLine(a.Name) || a.Name == "" || len(a.Name) > 200 {
			return c, malformed("attachment without a proper name or type")
		}
	}
	if u := m.Unsubscribe; u != nil {
		parsed, err := url.Parse(u.URL)
		if err != nil || parsed.Scheme != "https" || parsed.Host == "" || strings.ContainsAny(u.URL, "<>, ") || !oneLine(u.URL) {
			return c, malformed("unsubscribe address is not https")
		}
		if u.Mailto != "" {
			if _, kind := parseAddress(u.Mailto); kind != "" {
				return c, malformed("unsubscribe mailbox is not an address")
			}
		}
	}
	c.messageID = messageID(m.Ref, c.from.Address)
	return c, nil
}

func (c *checked) checkICS() error {
	if c.ICS == nil {
		return nil
	}
	if !bytes.HasPrefix(bytes.TrimSpace(c.ICS), []byte("BEGIN:VCALENDAR")) || !utf8.Valid(c.ICS) {
		return malformed("calendar that is none")
	}
	if c.ICSMethod == "" {
		c.ICSMethod = "PUBLISH"
		for line := range bytes.Lines(c.ICS) {
			if method, ok := bytes.CutPrefix(bytes.ToUpper(bytes.TrimSpace(line)), []byte("METHOD:")); ok {
				c.ICSMethod = string(method)
				break
			}
		}
	}
	switch c.ICSMethod {
	case "REQUEST", "CANCEL", "PUBLISH", "REPLY":
		return nil
	}
	return malformed("unknown calendar method")
}

// mailbox reads an address with or without a name, and puts its domain in ASCII.
func mailbox(raw string) (*netmail.Address, error) {
	if !oneLine(raw) {
		return nil, &AddressError{Kind: AddressControl}
	}
	read := &netmail.Address{Address: raw}
	if strings.ContainsRune(raw, '<') {
		var err error
		if read, err = netmail.ParseAddress(raw); err != nil {
			return nil, &AddressError{Kind: AddressLocal}
		}
	}
	address, kind := parseAddress(read.Address)
	if kind != "" {
		return nil, &AddressError{Kind: kind}
	}
	if !oneLine(read.Name) {
		return nil, &AddressError{Kind: AddressControl}
	}
	return &netmail.Address{Name: read.Name, Address: address}, nil
}

// oneLine refuses what could end a header: control characters and the line ends
// of Unicode.
func oneLine(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == '\u2028' || r == '\u2029'
	})
}

func isLang(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-') {
			return false
		}
	}
	return len(s) >= 2 && len(s) <= 10
}

// messageID makes the identifier of RFC 5322 §3.6.4, the same for the same
// reference. A reference with other signs than letters, digits and -_. is hashed.
func messageID(ref, from string) string {
	domain := from[strings.LastIndexByte(from, '@')+1:]
	for i := 0; i < len(ref); i++ {
		if c := ref[i]; !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.') {
			sum := sha256.Sum256([]byte(ref))
			return hex.EncodeToString(sum[:16]) + "@" + domain
		}
	}
	if len(ref) > 100 || ref[0] == '.' || ref[len(ref)-1] == '.' || strings.Contains(ref, "..") {
		sum := sha256.Sum256([]byte(ref))
		return hex.EncodeToString(sum[:16]) + "@" + domain
	}
	return ref + "@" + domain
}
