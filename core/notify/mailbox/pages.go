package mailbox

import (
	_ "embed"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"parvis/platform/fault"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

//go:embed static/mailbox.css
var stylesheet []byte

// perPage is how many messages a page shows.
const perPage = 20

// longestReply is the number of characters of an answer: three parts of an SMS.
const longestReply = 459

// Routes are the pages of the box.
func (b *Box) Routes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/demo/messages", Scope: web.OfInstance, Permission: web.Public, Handle: b.show},
		{Method: "GET", Path: "/demo/messages.css", Scope: web.OfInstance, Permission: web.Public, Handle: b.style, Sample: "-"},
		{Method: "GET", Path: "/demo/messages/{id}/courriel", Scope: web.OfInstance, Permission: web.Public, Handle: b.showHTML, Sample: "-"},
		{Method: "GET", Path: "/demo/messages/{id}/invitation.ics", Scope: web.OfInstance, Permission: web.Public, Handle: b.showICS, Sample: "-"},
		{Method: "POST", Path: "/demo/messages/{id}/reponse", Scope: web.OfInstance, Permission: web.Public, Rate: web.Careful, Handle: b.reply},
		{Method: "POST", Path: "/demo/sms", Scope: web.OfInstance, Permission: web.Public, Rate: web.Careful, Handle: b.write},
	}
}

func (b *Box) style(c *web.Context) error {
	c.Writer.Header().Set("Cache-Control", "public, max-age=3600")
	return c.File("text/css; charset=utf-8", "", stylesheet)
}

func (b *Box) show(c *web.Context) error {
	return b.render(c, http.StatusOK, 0, "", nil)
}

// render shows the box; a refused answer comes back in its card.
func (b *Box) render(c *web.Context, status int, refused store.ID, typed string, errs []page.FieldError) error {
	g, err := b.gateway(c.Ctx())
	if err != nil {
		return err
	}
	return b.renderBox(c, status, boxView{Text: c.Query("q"), Done: c.TakeFlash(), Wrong: errs, Now: c.Now(), Gateway: g}, refused, typed)
}

// renderWith shows the box with the form of the basic phone as it was refused.
func (b *Box) renderWith(c *web.Context, status int, g gateway) error {
	return b.renderBox(c, status, boxView{Wrong: g.Errors, Now: c.Now(), Gateway: g}, 0, "")
}

func (b *Box) renderBox(c *web.Context, status int, v boxView, refused store.ID, typed string) error {
	errs := v.Wrong
	var before store.ID
	if raw := c.Query("avant"); raw != "" {
		id, err := store.ParseID(raw)
		if err != nil {
			return fault.New(fault.NotFound, "").Because(err)
		}
		before = id
	}
	if refused != 0 {
		before = refused + 1
	}
	items, err := b.List(c.Ctx(), v.Text, before, perPage+1)
	if err != nil {
		return err
	}
	if len(items) > perPage {
		items = items[:perPage]
		v.Next = "/demo/messages?" + url.Values{"q": {v.Text}, "avant": {items[perPage-1].ID.String()}}.Encode()
	}
	replies, err := b.Replies(c.Ctx(), items)
	if err != nil {
		return err
	}
	for _, it := range items {
		x := card{Item: it, Replies: replies[it.ID]}
		if it.ID == refused {
			x.Errors, x.Typed = errs, typed
		}
		v.Cards = append(v.Cards, x)
	}
	p := c.Page(c.T("notify.mailbox.title"))
	p.Heading, p.Lead = p.Title, c.T("notify.mailbox.lead")
	p.Width, p.NoIndex, p.HasError, p.Head = page.Medium, true, len(errs) > 0, style()
	return c.RenderStatus(status, boxPage(p, v))
}

// item is the message of the address.
func (b *Box) item(c *web.Context, channel string) (Item, error) {
	id, err := c.ID("id")
	if err != nil {
		return Item{}, err
	}
	it, err := b.Get(c.Ctx(), id)
	if err == nil && it.Channel != channel {
		err = store.ErrNotFound
	}
	return it, err
}

// mailPolicy lets a mail show its own styles and nothing else: no script, no
// form, nothing fetched, an origin of its own (CSP level 3, sandbox).
const mailPolicy = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func (b *Box) showHTML(c *web.Context) error {
	it, err := b.item(c, "mail")
	if err != nil {
		return err
	}
	if it.HTML == "" {
		return store.ErrNotFound
	}
	h := c.Writer.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", mailPolicy)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Robots-Tag", "noindex")
	_, _ = c.Writer.Write([]byte(it.HTML))
	return nil
}

func (b *Box) showICS(c *web.Context) error {
	it, err := b.item(c, "mail")
	if err != nil {
		return err
	}
	if it.ICS == "" {
		return store.ErrNotFound
	}
	return c.File("text/calendar; charset=utf-8", "invitation.ics", []byte(it.ICS))
}

func (b *Box) reply(c *web.Context) error {
	it, err := b.item(c, "sms")
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	text := strings.TrimSpace(form.Get("text"))
	field := "text-" + it.ID.String()
	var wrong fault.Fields
	switch {
	case text == "":
		wrong.Add(field, "notify.mailbox.error.empty")
	case utf8.RuneCountInString(text) > longestReply || !utf8.ValidString(text):
		wrong.Add(field, "notify.mailbox.error.long", "Max", longestReply)
	}
	if errs, ok := c.FieldErrors(wrong.Err()); ok {
		return b.render(c, http.StatusUnprocessableEntity, it.ID, text, errs)
	}
	if err := b.Reply(c.Ctx(), it, text); err != nil {
		return err
	}
	c.Flash(c.T("notify.mailbox.done"))
	return c.Redirect("/demo/messages#" + card{Item: it}.anchor())
}
