package mail

import (
	_ "embed"
	"html/template"
	"net/url"
	"strings"
)

// Body is the content of a message, laid out by [HTML].
type Body struct {
	Lang      string // "fr" or "en"; French when empty
	From      string // who writes, shown above: « Commune de Brandes »; may be empty
	Title     string // the one heading
	Preheader string // what lists of messages show after the subject; may be empty
	Accent    string // "#973811": colour of the button; the ink when empty or too pale under white text
	Blocks    []Block
}

// Block is one piece of a [Body]: [Paragraph], [Heading], [Facts], [Button] or
// [Small].
type Block interface{ block() }

// Paragraph is running text; a line end starts a new line.
type Paragraph string

// Heading opens a part of a long message.
type Heading string

// Fact is a label and its value: « Lieu », « Mairie ».
type Fact struct{ Label, Value string }

// Facts are the facts of an appointment, a request, a payment: a table whose
// rows have headers.
type Facts []Fact

// Button is the one thing to do. URL is http(s), mailto or tel; any other is not
// made a link.
type Button struct{ Label, URL string }

// Small is a note at the end: why one receives this, how to reach somebody.
type Small string

func (Paragraph) block() {}
func (Heading) block()   {}
func (Facts) block()     {}
func (Button) block()    {}
func (Small) block()     {}

//go:embed layout.html
var layoutSource string

// layout is the page of every message, parsed once.
var layout = template.Must(template.New("layout").Parse(layoutSource))

// ink is the colour of text, and of the button when no accent fits.
const ink = "#12343B"

// view is what the template sees of a block.
type view struct {
	Paragraph, Small []string // lines
	Heading          string
	Facts            []Fact
	Label            string
	URL              template.URL
}

// HTML returns a message twice: as HTML that screen readers and old mail
// programs can read (real text, one h1, the language told, contrast of 4.5 at
// least, nothing loaded, nobody followed, styles inline because mail programs
// drop style sheets), and as plain text.
func HTML(b Body) (html, text string) {
	if b.Lang == "" {
		b.Lang = "fr"
	}
	if !readable(b.Accent) {
		b.Accent = ink
	}
	page := struct {
		Body
		Views []view
	}{Body: b}
	for _, block := range b.Blocks {
		switch block := block.(type) {
		case Paragraph:
			page.Views = append(page.Views, view{Paragraph: lines(string(block))})
		case Small:
			page.Views = append(page.Views, view{Small: lines(string(block))})
		case Heading:
			page.Views = append(page.Views, view{Heading: string(block)})
		case Facts:
			page.Views = append(page.Views, view{Facts: block})
		case Button:
			if safe, ok := link(block.URL); ok {
				page.Views = append(page.Views, view{Label: block.Label, URL: safe})
			} else {
				page.Views = append(page.Views, view{Paragraph: lines(block.Label)})
			}
		}
	}
	var out strings.Builder
	if err := layout.Execute(&out, page); err != nil {
		// The template is embedded and takes only strings: a fault of the build.
		panic(err)
	}
	return out.String(), plainText(b)
}

// lines cuts a text at its line ends; nil when there is nothing to show.
func lines(s string) []string {
	if s = strings.TrimSpace(s); s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

// link lets through addresses a person may follow from a message.
func link(raw string) (template.URL, bool) {
	u, err := url.Parse(raw)
	if err != nil || !oneLine(raw) {
		return "", false
	}
	switch u.Scheme {
	case "https", "http":
		return template.URL(u.String()), u.Host != ""
	case "mailto", "tel":
		return template.URL(u.String()), u.Opaque != ""
	}
	return "", false
}

// plainText writes the same content for programs and people without HTML.
func plainText(b Body) string {
	colon := ": "
	if b.Lang == "fr" {
		colon = "\u00a0: "
	}
	var out strings.Builder
	paragraph := func(s string) {
		if s = strings.TrimSpace(s); s == "" {
			return
		}
		if out.Len() > 0 {
			out.WriteString("\n\n")
		}
		out.WriteString(s)
	}
	paragraph(b.Title)
	for _, block := range b.Blocks {
		switch block := block.(type) {
		case Paragraph:
			paragraph(string(block))
		case Heading:
			paragraph(string(block))
		case Small:
			paragraph(string(block))
		case Facts:
			rows := make([]string, len(block))
			for i, fact := range block {
				rows[i] = fact.Label + colon + strings.ReplaceAll(fact.Value, "\n", "\n  ")
			}
			paragraph(strings.Join(rows, "\n"))
		case Button:
			if _, ok := link(block.URL); ok {
				paragraph(block.Label + strings.TrimRight(colon, " ") + "\n" + block.URL)
			} else {
				paragraph(block.Label)
			}
		}
	}
	if b.From != "" {
		paragraph(b.From)
	}
	return out.String() + "\n"
}
