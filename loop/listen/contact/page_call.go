package contact

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"parvis/platform/i18n"
	"parvis/platform/mail"
	"parvis/platform/phone"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

func parseAddress(s string) (string, error) { return mail.ParseAddress(s) }

func (s *Service) calls(c *web.Context) error { return s.showCalls(c, http.StatusOK, "", "", nil) }

func (s *Service) showCalls(c *web.Context, status int, name, script string, errs []page.FieldError) error {
	ctx := c.Ctx()
	t := page.TableData{Caption: c.T("contact.calls.list"), Empty: c.T("contact.calls.none"), Columns: []page.Column{{Label: c.T("contact.calls.name")}, {Label: c.T("contact.calls.total"), Right: true}, {Label: c.T("contact.calls.reached"), Right: true}, {Label: c.T("contact.calls.left"), Right: true}}}
	agreed := 0
	err := c.Store.View(ctx, func(tx *store.Tx) error {
		list, err := s.AllCalls(ctx, tx, 50)
		if err != nil {
			return err
		}
		t.Rows = nil
		for _, x := range list {
			t.Rows = append(t.Rows, []page.Cell{{Head: true, Text: x.Name, Href: c.Href("/bureau/appels/" + x.ID.String()), Note: i18n.Date(ctx, x.OpenedAt)}, {Text: i18n.Number(ctx, x.Total)}, {Text: i18n.Number(ctx, x.Reached)}, {Text: i18n.Number(ctx, x.Left)}})
		}
		return tx.Get(ctx, &agreed, `SELECT COUNT(*) FROM contact_consent WHERE territory_id = @territory AND withdrawn_at IS NULL`)
	})
	if err != nil {
		return err
	}
	p, err := s.staffPage(c, c.T("contact.calls.title"), len(errs) > 0, s.home(c))
	if err != nil {
		return err
	}
	p.Lead = i18n.N(ctx, "contact.calls.lead", agreed)
	return c.RenderStatus(status, callsPage(p, t, name, script, errs, c.Actor.Can(MaySet), agreed, c.TakeFlash()))
}

func (s *Service) startCalls(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	x, err := s.StartCalls(c.Ctx(), c.Store, form.Get("name"), form.Get("script"), c.Actor.ID)
	if errs, ok := c.FieldErrors(err); ok {
		return s.showCalls(c, http.StatusUnprocessableEntity, form.Get("name"), form.Get("script"), errs)
	}
	if err != nil {
		return err
	}
	return c.Redirect("/bureau/appels/" + x.ID.String())
}

// sheetView is the call sheet.
type sheetView struct {
	Calls   Calls
	Sheet   *Sheet // nil: nobody to call for now
	Number  phone.Number
	Outcome Outcome
	Note    string
	Errors  []page.FieldError
	Done    string
}

func (s *Service) sheet(c *web.Context) error {
	return s.showSheet(c, http.StatusOK, sheetView{Done: c.TakeFlash()})
}

func (s *Service) showSheet(c *web.Context, status int, v sheetView) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	if err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		v.Calls, err = s.CallsOf(c.Ctx(), tx, id)
		return err
	}); err != nil {
		return err
	}
	next, err := s.Next(c.Ctx(), c.Store, id, c.Actor.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err == nil {
		v.Sheet = &next
		if v.Number, err = phone.FromE164(next.Phone); err != nil {
			return err
		}
	}
	p, err := s.staffPage(c, v.Calls.Name, len(v.Errors) > 0, s.home(c), page.Link{Label: c.T("contact.calls.title"), Href: c.Href("/bureau/appels")})
	if err != nil {
		return err
	}
	p.Lead = c.T("contact.sheet.lead", "Left", i18n.Number(c.Ctx(), v.Calls.Left), "Total", i18n.Number(c.Ctx(), v.Calls.Total))
	return c.RenderStatus(status, sheetPage(p, v))
}

func (s *Service) called(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	who, err := store.ParseID(form.Get("personne"))
	if err != nil {
		return store.ErrNotFound
	}
	o := Outcome(form.Get("outcome"))
	number, err := s.Called(c.Ctx(), c.Store, id, who, c.Actor.ID, o, form.Get("note"))
	if errs, ok := c.FieldErrors(err); ok {
		return s.showSheet(c, http.StatusUnprocessableEntity, sheetView{Outcome: o, Note: form.Get("note"), Errors: errs})
	}
	if err != nil {
		return err
	}
	if number != "" {
		c.Flash(c.T("contact.sheet.opened", "Number", number))
	} else {
		c.Flash(c.T("contact.sheet.done"))
	}
	return c.Redirect("/bureau/appels/" + id.String())
}

func (s *Service) consents(c *web.Context) error {
	return s.showConsents(c, http.StatusOK, Consent{Wording: c.T("contact.consent.wording.default"), GivenOn: c.Now().In(i18n.Location(c.Ctx())).Format(time.DateOnly)}, nil)
}

func (s *Service) showConsents(c *web.Context, status int, x Consent, errs []page.FieldError) error {
	var list []Consent
	if err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		list, err = s.Consents(c.Ctx(), tx, 1000)
		return err
	}); err != nil {
		return err
	}
	p, err := s.staffPage(c, c.T("contact.consents.title"), len(errs) > 0, s.home(c), page.Link{Label: c.T("contact.calls.title"), Href: c.Href("/bureau/appels")})
	if err != nil {
		return err
	}
	p.Lead = c.T("contact.consents.lead")
	return c.RenderStatus(status, consentsPage(p, x, errs, list, c.TakeFlash()))
}

func (s *Service) agree(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	x := Consent{Name: form.Get("name"), Phone: form.Get("phone"), Wording: form.Get("wording"), GivenOn: form.Get("given"), How: form.Get("how"), KeyedBy: c.Actor.ID}
	if form.Get("accord") == "" {
		err = field("accord", "contact.error.agree")
	} else {
		_, err = s.Agree(c.Ctx(), c.Store, x, s.region(c.Ctx(), c.Store.Territory()))
	}
	if errs, ok := c.FieldErrors(err); ok {
		return s.showConsents(c, http.StatusUnprocessableEntity, x, errs)
	}
	if err != nil {
		return err
	}
	c.Flash(c.T("contact.consents.done"))
	return c.Redirect("/bureau/accords")
}

func (s *Service) withdraw(c *web.Context) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	if err := s.Withdraw(c.Ctx(), c.Store, id); err != nil {
		return err
	}
	c.Flash(c.T("contact.consents.withdrawn"))
	return c.Redirect("/bureau/accords")
}

func (s *Service) words(c *web.Context) error { return s.showWords(c, http.StatusOK, nil, nil) }

func (s *Service) showWords(c *web.Context, status int, typed map[Kind]string, errs []page.FieldError) error {
	if typed == nil {
		var words Words
		if err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
			words, err = s.Words(c.Ctx(), tx)
			return err
		}); err != nil {
			return err
		}
		typed = map[Kind]string{}
		for _, k := range wordKinds() {
			typed[k] = strings.Join(words.of(k), " ")
		}
	}
	p, err := s.staffPage(c, c.T("contact.words.title"), len(errs) > 0, s.home(c))
	if err != nil {
		return err
	}
	p.Lead = c.T("contact.words.lead")
	return c.RenderStatus(status, wordsPage(p, typed, errs, c.TakeFlash()))
}

// wordKinds are the kinds a keyword may ask for.
func wordKinds() []Kind { return []Kind{Report, Suggestion, Question} }

func (s *Service) saveWords(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	typed := map[Kind]string{}
	for _, k := range wordKinds() {
		typed[k] = form.Get(string(k))
	}
	err = s.SaveWords(c.Ctx(), c.Store, typed)
	if errs, ok := c.FieldErrors(err); ok {
		return s.showWords(c, http.StatusUnprocessableEntity, typed, errs)
	}
	if err != nil {
		return err
	}
	c.Flash(c.T("contact.words.done"))
	return c.Redirect("/bureau/contributions/mots")
}

func kindOptions(ctx context.Context, chosen Kind) []page.Option {
	var out []page.Option
	for _, k := range Kinds() {
		out = append(out, page.Option{Value: string(k), Label: i18n.T(ctx, "contact.kind."+string(k)), Selected: k == chosen})
	}
	return out
}

func channelOptions(ctx context.Context, chosen Channel) []page.Option {
	var out []page.Option
	for _, k := range Keyed() {
		out = append(out, page.Option{Value: string(k), Label: i18n.T(ctx, "contact.channel."+string(k)), Selected: k == chosen})
	}
	return out
}
