package mailtest

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
)

// Message is a message as the server took it.
type Message struct {
	From string   // of the envelope
	To   []string // of the envelope
	Raw  []byte

	Header      netmail.Header // as written; see [Message.Get]
	Text        string         // text/plain, decoded
	HTML        string         // text/html, decoded
	Calendar    string         // text/calendar, decoded
	Method      string         // of the calendar
	Attachments []Attachment
}

// Attachment is a file joined to a message.
type Attachment struct {
	Name    string
	Type    string
	Content []byte
}

// Get returns a header, its accents decoded.
func (m Message) Get(name string) string {
	value, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get(name))
	if err != nil {
		return m.Header.Get(name)
	}
	return value
}

// Subject returns the subject, decoded.
func (m Message) Subject() string { return m.Get("Subject") }

// ID returns the Message-ID without its brackets.
func (m Message) ID() string { return strings.Trim(m.Header.Get("Message-Id"), "<>") }

// deepest is how far parts may be nested.
const deepest = 5

// Parse reads a message into its parts.
func Parse(raw []byte) (Message, error) {
	read, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Message{}, fmt.Errorf("reading a message: %w", err)
	}
	m := Message{Raw: raw, Header: read.Header}
	err = m.part(read.Header.Get("Content-Type"), read.Header.Get("Content-Transfer-Encoding"), read.Header.Get("Content-Disposition"), read.Body, deepest)
	return m, err
}

func (m *Message) part(contentType, encoding, disposition string, body io.Reader, depth int) error {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return fmt.Errorf("reading the type %q of a part: %w", contentType, err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		if depth == 0 {
			return errors.New("parts nested too deep")
		}
		r := multipart.NewReader(body, params["boundary"])
		for {
			p, err := r.NextRawPart()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("reading the parts of a message: %w", err)
			}
			if err := m.part(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p.Header.Get("Content-Disposition"), p, depth-1); err != nil {
				return err
			}
		}
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		return fmt.Errorf("decoding a part: %w", err)
	}
	if placed, names, err := mime.ParseMediaType(disposition); err == nil && placed == "attachment" {
		name, err := new(mime.WordDecoder).DecodeHeader(names["filename"])
		if err != nil {
			name = names["filename"]
		}
		m.Attachments = append(m.Attachments, Attachment{Name: name, Type: kind, Content: content})
		return nil
	}
	text := strings.ReplaceAll(string(content), "\r\n", "\n")
	switch kind {
	case "text/plain":
		m.Text += text
	case "text/html":
		m.HTML += text
	case "text/calendar":
		m.Calendar, m.Method = string(content), params["method"]
	default:
		return fmt.Errorf("a part of type %s that is neither text nor attachment", kind)
	}
	return nil
}
