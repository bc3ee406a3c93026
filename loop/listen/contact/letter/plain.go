package letter

import (
	"mime"
	"strings"

	"github.com/emersion/go-message/charset"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

func wordDecoder() *mime.WordDecoder { return &mime.WordDecoder{CharsetReader: charset.Reader} }

// maxTokens bounds the HTML that is read.
const maxTokens = 200_000

// Plain is what an HTML text says: no tag, no script, no style, a line per
// paragraph, links as their words.
func Plain(source string) string {
	z := html.NewTokenizer(strings.NewReader(source))
	z.SetMaxBuf(1 << 20)
	var b strings.Builder
	skip := 0
	for range maxTokens {
		switch z.Next() {
		case html.ErrorToken:
			return neat(b.String())
		case html.TextToken:
			if skip == 0 {
				b.WriteString(strings.Join(strings.FieldsFunc(string(z.Text()), func(r rune) bool { return r == '\n' || r == '\r' || r == '\t' }), " "))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			switch a := atom.Lookup(name); {
			case hidden(a):
				skip++
			case breaks(a):
				b.WriteByte('\n')
			case a == atom.Td || a == atom.Th:
				b.WriteByte(' ')
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			switch a := atom.Lookup(name); {
			case hidden(a):
				skip = max(0, skip-1)
			case breaks(a):
				b.WriteByte('\n')
			}
		}
	}
	return neat(b.String())
}

func hidden(a atom.Atom) bool {
	switch a {
	case atom.Script, atom.Style, atom.Head, atom.Title, atom.Noscript, atom.Template, atom.Svg, atom.Object, atom.Iframe:
		return true
	}
	return false
}

func breaks(a atom.Atom) bool {
	switch a {
	case atom.P, atom.Br, atom.Div, atom.Tr, atom.Li, atom.H1, atom.H2, atom.H3, atom.H4, atom.Blockquote, atom.Table, atom.Ul, atom.Ol, atom.Hr, atom.Pre:
		return true
	}
	return false
}
