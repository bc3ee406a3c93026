package mailbox

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"parvis/platform/fault"
	"parvis/platform/phone"
	"parvis/platform/sms"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// Town is whom one may write to: its name, and its number for SMS in digits.
type Town struct{ Name, Number string }

// Towns says whom one may write to.
func (b *Box) Towns(list func(ctx context.Context) ([]Town, error)) { b.towns = list }

// gateway is the form of the basic phone: from whom, to which town, what.
type gateway struct {
	Towns    []Town
	From     string
	To, Text string
	Errors   []page.FieldError
}

// longestSMS is ten parts of an SMS with accents that need two bytes: what a
// phone sends at most.
const longestSMS = 670

func (b *Box) gateway(ctx context.Context) (gateway, error) {
	g := gateway{From: "06 39 98 12 34"}
	if b.towns == nil {
		return g, nil
	}
	var err error
	g.Towns, err = b.towns(ctx)
	return g, err
}

// write plays the basic phone: the SMS comes in as from a provider.
func (b *Box) write(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	g, err := b.gateway(c.Ctx())
	if err != nil {
		return err
	}
	g.From, g.To, g.Text = form.Get("de"), form.Get("a"), strings.TrimSpace(form.Get("sms"))
	var wrong fault.Fields
	n, err := phone.Parse(g.From, phone.Mainland)
	if err != nil || n.IsZero() {
		wrong.Add("de", "notify.mailbox.error.from")
	}
	if !slices.ContainsFunc(g.Towns, func(t Town) bool { return t.Number == g.To }) {
		wrong.Add("a", "notify.mailbox.error.town")
	}
	if utf8.RuneCountInString(g.Text) > longestSMS || !utf8.ValidString(g.Text) {
		wrong.Add("sms", "notify.mailbox.error.long", "Max", longestSMS)
	}
	if errs, ok := c.FieldErrors(wrong.Err()); ok {
		g.Errors = errs
		return b.renderWith(c, http.StatusUnprocessableEntity, g)
	}
	if b.receive == nil {
		return errors.New("mailbox: nobody listens to texts")
	}
	kind := sms.Inbound
	if sms.Keyword(g.Text) == sms.WordStop {
		kind = sms.Stop
	}
	if err := b.receive(c.Ctx(), Provider, g.To, []sms.Incoming{{Kind: kind, From: n, Text: g.Text, At: b.db.Clock().Now()}}); err != nil {
		return err
	}
	c.Flash(c.T("notify.mailbox.written"))
	return c.RedirectInstance("/demo/messages?" + url.Values{"q": {g.From}}.Encode())
}
