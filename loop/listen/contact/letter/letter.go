// Package letter reads mails that arrive: who wrote, what they said without the
// decoration, what they joined, and whether a machine wrote it.
//
// For the service contact, and for any other that takes mail in. It reads what
// anybody may send: sizes, parts and depth are bounded, HTML becomes text, names
// of files are made harmless. RFC 5322, 2045–2049, 3834 (automatic answers),
// 3464 (delivery reports).
//
// No tables, no events, no rights.
package letter

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // the charsets of old mail programs
	"golang.org/x/text/unicode/norm"
)

// Bounds of what is read of one mail.
const (
	MaxSize     = 25 << 20 // bytes, the whole
	maxText     = 200_000  // characters
	maxParts    = 60
	maxDepth    = 8
	MaxFiles    = 10
	MaxFileSize = 10 << 20
)

// The reasons a mail cannot be read.
var (
	ErrTooLarge = errors.New("letter: larger than 25 MB")
	ErrNotMail  = errors.New("letter: not a mail")
)

// File is something joined.
type File struct {
	Name      string // harmless: no folder, no control sign
	MediaType string
	Content   []byte
}

// Letter is one mail.
type Letter struct {
	From      string // address, lower case; "" none
	Name      string
	To        []string // addresses it was sent or delivered to, lower case
	Subject   string
	MessageID string
	InReplyTo string
	Text      string
	Files     []File
	Dropped   []string // names of what was too large or too many
	// Automatic tells that a machine wrote: an answer of absence, a list, a
	// delivery report. Nothing is sent back to it (RFC 3834, section 2).
	Automatic bool
	Bounce    bool // a delivery report
}

// Read reads one mail.
func Read(r io.Reader) (Letter, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return Letter{}, fmt.Errorf("letter: reading: %w", err)
	}
	if len(raw) > MaxSize {
		return Letter{}, ErrTooLarge
	}
	e, err := message.Read(bytes.NewReader(raw))
	if e == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return Letter{}, errors.Join(ErrNotMail, err)
	}
	l := Letter{MessageID: clip(strings.Trim(e.Header.Get("Message-Id"), "<> \t"), 250), InReplyTo: clip(strings.Trim(e.Header.Get("In-Reply-To"), "<> \t"), 250)}
	if subject, err := e.Header.Text("Subject"); err == nil || subject != "" {
		l.Subject = clip(oneLine(subject), 300)
	}
	l.From, l.Name = sender(e.Header)
	l.To = receivers(e.Header)
	l.Automatic, l.Bounce = automatic(e.Header)
	if l.From == "" && l.Subject == "" && len(l.To) == 0 && l.MessageID == "" {
		return l, ErrNotMail
	}
	w := walker{letter: &l}
	w.walk(e, 0)
	l.Text = w.text()
	return l, nil
}

// decode reads an address list; headers that cannot be read give what looks like
// an address in them.
var addressLike = regexp.MustCompile(`[A-Za-z0-9._%+\-=]+@[A-Za-z0-9.\-]+`)

func addresses(s string) (out []*mail.Address) {
	parser := mail.AddressParser{WordDecoder: wordDecoder()}
	if list, err := parser.ParseList(s); err == nil {
		return list
	}
	for _, a := range addressLike.FindAllString(s, 50) {
		out = append(out, &mail.Address{Address: a})
	}
	return out
}

func sender(h message.Header) (address, name string) {
	for _, field := range []string{"From", "Sender", "Return-Path"} {
		for _, a := range addresses(h.Get(field)) {
			return strings.ToLower(clip(a.Address, 254)), clip(oneLine(a.Name), 120)
		}
	}
	return "", ""
}

func receivers(h message.Header) (out []string) {
	for _, field := range []string{"Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc"} {
		for fields := h.FieldsByKey(field); fields.Next(); {
			for _, a := range addresses(fields.Value()) {
				if x := strings.ToLower(clip(a.Address, 254)); len(out) < 100 {
					out = append(out, x)
				}
			}
		}
	}
	return out
}

// automatic tells what a machine wrote, by the signs of RFC 3834 and those of
// programs that do not know it.
func automatic(h message.Header) (auto, bounce bool) {
	from := strings.ToLower(h.Get("From"))
	kind, params, _ := h.ContentType()
	bounce = kind == "multipart/report" && !strings.EqualFold(params["report-type"], "disposition-notification") ||
		strings.TrimSpace(h.Get("Return-Path")) == "<>" || h.Get("X-Failed-Recipients") != "" ||
		strings.Contains(from, "mailer-daemon@") || strings.Contains(from, "postmaster@")
	submitted, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(h.Get("Auto-Submitted"))), ";")
	auto = bounce || kind == "multipart/report" || submitted != "" && strings.TrimSpace(submitted) != "no"
	switch strings.ToLower(strings.TrimSpace(h.Get("Precedence"))) {
	case "bulk", "junk", "list", "auto_reply":
		auto = true
	}
	for _, field := range []string{"X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress", "List-Id", "List-Unsubscribe", "Feedback-ID", "X-Loop"} {
		auto = auto || h.Get(field) != ""
	}
	for _, name := range []string{"noreply@", "no-reply@", "ne-pas-repondre@", "donotreply@", "bounce@", "bounces@"} {
		auto = auto || strings.Contains(from, name)
	}
	return auto, bounce
}

// walker gathers text and files of the parts.
type walker struct {
	letter      *Letter
	parts       int
	plain, html strings.Builder
}

func (w *walker) walk(e *message.Entity, depth int) {
	w.parts++
	if w.parts > maxParts || depth > maxDepth {
		return
	}
	if m := e.MultipartReader(); m != nil {
		for range maxParts {
			part, err := m.NextPart()
			if part == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
				return
			}
			w.walk(part, depth+1)
		}
		return
	}
	kind, params, _ := e.Header.ContentType()
	disposition, with, _ := e.Header.ContentDisposition()
	name := with["filename"]
	if name == "" {
		name = params["name"]
	}
	file := disposition == "attachment" || name != "" && !strings.HasPrefix(kind, "text/")
	switch {
	case !file && (kind == "text/plain" || kind == ""):
		w.read(&w.plain, e.Body)
	case !file && kind == "text/html":
		w.read(&w.html, e.Body)
	case kind == "message/delivery-status", kind == "message/rfc822", strings.HasPrefix(kind, "text/rfc822"):
	default:
		w.keep(name, kind, e.Body)
	}
}

func (w *walker) read(to *strings.Builder, body io.Reader) {
	raw, _ := io.ReadAll(io.LimitReader(body, 4*maxText)) // what can be read of a broken part is read
	to.WriteString(strings.ToValidUTF8(string(raw), "\ufffd"))
	to.WriteByte('\n')
}

func (w *walker) keep(name, kind string, body io.Reader) {
	name = safeName(name, kind)
	if len(w.letter.Files) >= MaxFiles {
		w.drop(name)
		return
	}
	raw, err := io.ReadAll(io.LimitReader(body, MaxFileSize+1))
	if err != nil || len(raw) == 0 || len(raw) > MaxFileSize {
		w.drop(name)
		return
	}
	w.letter.Files = append(w.letter.Files, File{name, kind, raw})
}

func (w *walker) drop(name string) {
	if len(w.letter.Dropped) < maxParts {
		w.letter.Dropped = append(w.letter.Dropped, name)
	}
}

// text is the plain part, or what the HTML one says.
func (w *walker) text() string {
	t := w.plain.String()
	if strings.TrimSpace(t) == "" {
		t = Plain(w.html.String())
	}
	return clip(neat(t), maxText)
}

var blankLines = regexp.MustCompile(`\n{3,}`)

// neat is NFC, one kind of line end, no control signs, at most one empty line.
func neat(s string) string {
	s = norm.NFC.String(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s))
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case r < ' ', r == 0x7f, r >= 0x80 && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff:
			return -1
		}
		return r
	}, s)
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t\u00a0")
	}
	return strings.TrimSpace(blankLines.ReplaceAllString(strings.Join(lines, "\n"), "\n\n"))
}

func oneLine(s string) string { return strings.Join(strings.Fields(neat(s)), " ") }

func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}

// safeName is a name without folder, control sign or leading dot.
func safeName(name, kind string) string {
	name = path.Base(strings.ReplaceAll(oneLine(name), `\`, "/"))
	name = strings.TrimLeft(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`<>:"|?*/`, r) {
			return -1
		}
		return r
	}, name), ". ")
	if name == "" {
		name = "piece-jointe"
		if _, sub, ok := strings.Cut(kind, "/"); ok && sub == "pdf" {
			name += ".pdf"
		}
	}
	return clip(name, 120)
}
