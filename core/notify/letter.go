package notify

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"parvis/platform/i18n"
	"parvis/platform/mail"
)

// The body of a mail in the catalogue is plain text with four signs, each on a
// paragraph of its own (paragraphs are parted by an empty line):
//
//	# Avant de venir            a heading
//	- Lieu : {{.Place}}         facts, one per line
//	[Voir]({{.URL}})            a button
//	anything else               a paragraph
//
// Signs count in the words of the catalogue only: what a person typed and comes
// in by a placeholder is text, whatever it looks like.

// piece is one block of a mail, as it waits in the row.
type piece struct {
	Kind  string      `json:"k"` // "p", "h", "f", "b", "s"
	Text  string      `json:"t,omitempty"`
	URL   string      `json:"u,omitempty"`
	Facts []mail.Fact `json:"f,omitempty"`
}

// Values stand in the text as two private-use signs around their number until
// the signs of the catalogue are read.
const valueOpen, valueClose = "\ue000", "\ue001"

var (
	valueMark  = regexp.MustCompile(valueOpen + `(\d+)` + valueClose)
	buttonLine = regexp.MustCompile(`^\[([^\]]+)\]\(([^)]+)\)$`)
	factLine   = regexp.MustCompile(`^- ([^:]+?)[ \x{a0}]?: (.+)$`)
)

// pieces writes the body of a mail.
func (n Notice) pieces(l *i18n.Localizer, data map[string]any) []piece {
	var values []string
	masked := written(l, data)
	for name, v := range masked {
		s, ok := v.(string)
		if !ok {
			continue
		}
		if s = strings.NewReplacer(valueOpen, "", valueClose, "").Replace(strings.TrimSpace(s)); s != "" {
			values = append(values, s)
			s = valueOpen + strconv.Itoa(len(values)-1) + valueClose
		}
		masked[name] = s
	}
	show := func(s string) string {
		return valueMark.ReplaceAllStringFunc(s, func(m string) string {
			i, err := strconv.Atoi(m[len(valueOpen) : len(m)-len(valueClose)])
			if err != nil || i >= len(values) {
				return ""
			}
			return values[i]
		})
	}
	var out []piece
	for _, paragraph := range strings.Split(l.T(n.key("body"), pairs(masked)...), "\n\n") {
		paragraph = strings.TrimSpace(paragraph)
		if paragraph == "" {
			continue
		}
		p := read(paragraph)
		p.Text, p.URL = show(p.Text), show(p.URL)
		for i, f := range p.Facts {
			p.Facts[i] = mail.Fact{Label: show(f.Label), Value: show(f.Value)}
		}
		out = append(out, p)
	}
	return out
}

// read tells what a paragraph of the catalogue is.
func read(paragraph string) piece {
	if heading, ok := strings.CutPrefix(paragraph, "# "); ok {
		return piece{Kind: "h", Text: heading}
	}
	if m := buttonLine.FindStringSubmatch(paragraph); m != nil {
		return piece{Kind: "b", Text: m[1], URL: m[2]}
	}
	var facts []mail.Fact
	for _, line := range strings.Split(paragraph, "\n") {
		m := factLine.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			return piece{Kind: "p", Text: paragraph}
		}
		facts = append(facts, mail.Fact{Label: m[1], Value: m[2]})
	}
	return piece{Kind: "f", Facts: facts}
}

// foot says how to reach those who write.
func foot(l *i18n.Localizer, t Territory) []piece {
	var lines []string
	if t.Phone != "" {
		lines = append(lines, l.T("notify.mail.phone", "Phone", t.Phone, "Hours", t.Hours))
	}
	if t.Mail != "" {
		lines = append(lines, l.T("notify.mail.reply"))
	}
	if len(lines) == 0 {
		return nil
	}
	return []piece{{Kind: "s", Text: strings.Join(lines, " ")}}
}

// layout turns what waits in a row into HTML and text.
func layout(lang, title string, t Territory, pieces []piece) (html, text string) {
	b := mail.Body{Lang: lang, From: t.Name, Title: title, Accent: t.Colour}
	for _, p := range pieces {
		switch p.Kind {
		case "h":
			b.Blocks = append(b.Blocks, mail.Heading(p.Text))
		case "b":
			b.Blocks = append(b.Blocks, mail.Button{Label: p.Text, URL: p.URL})
		case "f":
			b.Blocks = append(b.Blocks, mail.Facts(p.Facts))
		case "s":
			b.Blocks = append(b.Blocks, mail.Small(p.Text))
		default:
			b.Blocks = append(b.Blocks, mail.Paragraph(p.Text))
		}
	}
	return mail.HTML(b)
}

func encode(pieces []piece) (string, error) {
	raw, err := json.Marshal(pieces)
	if err != nil {
		return "", fmt.Errorf("notify: keeping a mail: %w", err)
	}
	return string(raw), nil
}

func decode(raw string) ([]piece, error) {
	var out []piece
	if err := json.Unmarshal([]byte(raw), &out); err != nil {
		return nil, fmt.Errorf("notify: reading a mail: %w", err)
	}
	return out, nil
}
