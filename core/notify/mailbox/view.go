package mailbox

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/a-h/templ"

	"parvis/platform/i18n"
	"parvis/platform/web/page"
)

// boxView is what the page shows.
type boxView struct {
	Text  string // what was searched
	Done  string
	Cards []card
	Wrong []page.FieldError // a refused answer
	Next  string
	Now   time.Time

	Gateway gateway
}

// card is one message and its answers.
type card struct {
	Item
	Replies []Item
	Errors  []page.FieldError
	Typed   string
}

// span is a piece of text, a link when it has an address.
type span struct{ Text, Href string }

var (
	address = regexp.MustCompile(`https?://[^\s<>"«»]+`)
	oneCode = regexp.MustCompile(`(?:^|[^\d+])(\d{6}|\d{3}[ \x{a0}\x{202f}]\d{3})(?:$|[^\d])`)
)

// spans finds the links of a text.
func spans(text string) []span {
	var out []span
	at := 0
	for _, m := range address.FindAllStringIndex(text, -1) {
		end := m[0] + len(strings.TrimRight(text[m[0]:m[1]], ".,;:!?)"))
		if m[0] > at {
			out = append(out, span{Text: text[at:m[0]]})
		}
		out = append(out, span{text[m[0]:end], text[m[0]:end]})
		at = end
	}
	if at < len(text) {
		out = append(out, span{Text: text[at:]})
	}
	return out
}

// code finds the six figures people come for, written by threes; "" when the
// text holds none.
func (c card) code() string {
	m := oneCode.FindStringSubmatch(address.ReplaceAllString(c.Body, ""))
	if m == nil {
		return ""
	}
	figures := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, m[1])
	return figures[:3] + "\u00a0" + figures[3:]
}

// paragraphs cuts a mail's text at its empty lines, without the subject above it.
func (c card) paragraphs() []string {
	var out []string
	for _, p := range strings.Split(c.Body, "\n\n") {
		if p = strings.TrimSpace(p); p != "" && (p != c.Subject || len(out) > 0) {
			out = append(out, p)
		}
	}
	return out
}

func (c card) anchor() string { return "m-" + c.ID.String() }

func (c card) path(end string) string { return "/demo/messages/" + c.ID.String() + end }

func (c card) icon() string {
	if c.Channel == "sms" {
		return "sms"
	}
	return "mail"
}

func (c card) title(ctx context.Context) string {
	if c.Channel == "sms" {
		return i18n.T(ctx, "notify.mailbox.sms", "Number", i18n.Phone(ctx, c.Recipient))
	}
	return c.Subject
}

func emptyBox(ctx context.Context, v boxView) page.EmptyData {
	if v.Text != "" {
		return page.EmptyData{Drawing: "hall", Title: i18n.T(ctx, "notify.mailbox.none", "Text", v.Text), Text: i18n.T(ctx, "notify.mailbox.none.text"),
			Actions: []page.ButtonData{{Label: i18n.T(ctx, "notify.mailbox.all"), Href: "/demo/messages"}}}
	}
	return page.EmptyData{Drawing: "hall", Title: i18n.T(ctx, "notify.mailbox.empty"), Text: i18n.T(ctx, "notify.mailbox.empty.text"),
		Actions: []page.ButtonData{{Label: i18n.T(ctx, "notify.mailbox.home"), Href: "/"}}}
}

func safe(href string) templ.SafeURL { return templ.URL(href) }
