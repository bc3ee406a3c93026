package dossier

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/a-h/templ"

	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/phone"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// Path is where a request is found again, and the beginning of every
// requester's link.
const Path = "/suivi"

// asked is what somebody typed to find a request again.
type asked struct {
	Number, Contact string
	Done            string
	Errors          []page.FieldError
}

func (e *Engine) askNumber(c *web.Context) error {
	return e.renderAsk(c, http.StatusOK, asked{Number: c.Query("numero"), Done: c.TakeFlash()})
}

func (e *Engine) renderAsk(c *web.Context, status int, a asked) error {
	p := c.Page(c.T("dossier.ask.title"))
	p.Heading, p.Lead, p.Width = c.T("dossier.ask.title"), c.T("dossier.ask.lead"), page.Narrow
	p.Crumbs = []page.Link{{Label: c.T("dossier.home"), Href: c.Href("/")}, {Label: c.T("dossier.ask.title")}}
	p.HasError = len(a.Errors) > 0
	place, err := e.place(c.Ctx(), c.Store.Territory())
	if err != nil {
		return err
	}
	return c.RenderStatus(status, askPage(p, a, c.Href(Path), place.Letters))
}

// checkAsked finds what cannot be right whatever the requests are.
func checkAsked(number, contact, region string) error {
	var mistakes fault.Fields
	if _, ok := ParseNumber(number); !ok {
		mistakes.Add("numero", "dossier.ask.error.number")
	}
	switch {
	case contact == "":
		mistakes.Add("contact", "dossier.ask.error.contact")
	case contactForm(contact, region) == "":
		key := "dossier.ask.error.contact"
		var wrong *phone.Error
		if _, err := phone.Parse(contact, region); errors.As(err, &wrong) && wrong.Kind != phone.NotNumber {
			key = wrong.Key()
		}
		mistakes.Add("contact", key)
	}
	return mistakes.Err()
}

func (e *Engine) findNumber(c *web.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	a := asked{Number: f.Get("numero"), Contact: f.Get("contact")}
	token, err := e.lookup(c.Ctx(), c.Store, a.Number, a.Contact)
	if fields, invalid := c.FieldErrors(err); err != nil && invalid {
		a.Errors = fields
		return e.renderAsk(c, http.StatusUnprocessableEntity, a)
	}
	if err != nil {
		return err
	}
	return c.Redirect(Path + "/" + token)
}

// lookup makes a short link for who knows a number and its contact.
func (e *Engine) lookup(ctx context.Context, h store.Handle, number, contact string) (token string, err error) {
	p, err := e.place(ctx, h.Territory())
	if err != nil {
		return "", err
	}
	if err := checkAsked(number, contact, p.Region); err != nil {
		return "", err
	}
	err = h.Update(ctx, func(tx *store.Tx) error {
		d, err := e.ByContact(ctx, tx, number, contact)
		if errors.Is(err, store.ErrNotFound) {
			return fault.Fields{{Name: "numero", Key: "dossier.ask.error.unknown"}}.Err()
		}
		if err != nil {
			return err
		}
		token, err = e.NewLink(ctx, tx, d.ID, shortLink)
		return err
	})
	return token, err
}

// view is the page of one request.
type view struct {
	Dossier  Dossier
	Kind     Kind
	Steps    []page.Step
	Facts    []page.Fact
	Actions  []page.ButtonData
	Message  string
	Again    string
	Errors   []page.FieldError
	Done     string
	Write    string // address of the form, "" without
	Reopen   string // address of the form, "" without
	Contacts []page.Way
	Follower bool     // who asks follows the request of somebody else
	Stop     string   // address of the form, "" without
	Number   string   // of the request asked for, when another goes on for it
	Path     []Linked // what came of it
	Before   []page.Step
}

// Linked is something that came of a request, as the public may see it: the
// intervention that mends, the opinion that was given.
type Linked struct{ Label, Title, Href, State, Tone string }

func (e *Engine) show(c *web.Context) error {
	return e.renderRequest(c, http.StatusOK, view{Done: c.TakeFlash()})
}

func (e *Engine) renderRequest(c *web.Context, status int, v view) error {
	ctx, token, now := c.Ctx(), c.Param("token"), c.Now()
	var entries, before []Entry
	var own Dossier
	err := c.Store.View(ctx, func(tx *store.Tx) error {
		d, follower, err := e.ByLink(ctx, tx, token)
		if err != nil {
			return err
		}
		v.Follower, own = follower != 0, d
		if v.Dossier, err = e.Kept(ctx, tx, d); err != nil {
			return err
		}
		if entries, err = e.public(ctx, tx, v.Dossier, v.Follower || v.Dossier.ID != own.ID); err != nil {
			return err
		}
		if v.Dossier.ID != own.ID {
			before, err = e.public(ctx, tx, own, v.Follower)
		}
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return fault.New(fault.NotFound, "dossier.error.link").Because(err)
	}
	if err != nil {
		return err
	}
	if e.cfg.Came != nil {
		if v.Path, err = e.cfg.Came(c, v.Dossier); err != nil {
			return err
		}
	}
	merged := v.Dossier.ID != own.ID
	if merged {
		v.Number = own.Number
		v.Before = steps(ctx, before, own, now)
		for i := range v.Before {
			v.Before[i].State = "done"
		}
	}
	v.Kind = e.kinds[v.Dossier.Kind]
	v.Steps = steps(ctx, entries, v.Dossier, now)
	v.Facts = facts(ctx, v.Dossier, now)
	if v.Kind.Actions != nil && !v.Follower && !merged {
		v.Actions = v.Kind.Actions(ctx, v.Dossier)
	}
	here := c.Href(Path + "/" + token)
	if v.Follower {
		v.Stop = here + "/arret"
	}
	if v.Kind.Messages && !v.Dossier.Closed() && !v.Follower && !merged {
		v.Write = here + "/message"
	}
	if v.Kind.reopens(v.Dossier, now) && !v.Follower && !merged {
		v.Reopen = here + "/reouverture"
	}
	if c.Site.Phone != "" {
		v.Contacts = []page.Way{page.PhoneWay(c.T("dossier.way.phone"), c.Site.Phone, c.T("dossier.way.phone.text", "Number", v.Dossier.Number))}
	}
	v.Contacts = append(v.Contacts, page.CounterWay(c.T("dossier.way.counter"), c.T("dossier.way.counter.text")))
	p := c.Page(v.Dossier.Title)
	p.Heading, p.NoIndex, p.HasError = v.Dossier.Title, true, len(v.Errors) > 0
	p.Tools = v.Kind.state(ctx, v.Dossier, now)
	p.Crumbs = []page.Link{{Label: c.T("dossier.home"), Href: c.Href("/")}, {Label: c.T("dossier.ask.title"), Href: c.Href(Path)}, {Label: v.Dossier.Number}}
	return c.RenderStatus(status, requestPage(p, v))
}

// public is what may be read of a request on its page; limited leaves out what
// is between its requester and the service.
func (e *Engine) public(ctx context.Context, tx *store.Tx, d Dossier, limited bool) ([]Entry, error) {
	list, err := e.Timeline(ctx, tx, d.ID, true)
	if limited {
		list = slices.DeleteFunc(list, func(x Entry) bool { return x.Own })
	}
	return list, err
}

// stop ends the messages to a follower.
func (e *Engine) stop(c *web.Context) error {
	err := c.Store.Update(c.Ctx(), func(tx *store.Tx) error {
		d, follower, err := e.ByLink(c.Ctx(), tx, c.Param("token"))
		if errors.Is(err, store.ErrNotFound) || err == nil && follower == 0 {
			return fault.New(fault.NotFound, "dossier.error.link").Because(err)
		}
		if err != nil {
			return err
		}
		return e.Unfollow(c.Ctx(), tx, d.ID, follower)
	})
	if err != nil {
		return err
	}
	c.Flash(c.T("dossier.follow.stopped"))
	return c.Redirect(Path)
}

// steps are the public entries as the requester reads them.
func steps(ctx context.Context, entries []Entry, d Dossier, now time.Time) []page.Step {
	out := make([]page.Step, 0, len(entries))
	for i, x := range entries {
		s := page.Step{Title: title(ctx, x), When: i18n.DayTimeRelative(ctx, x.At, now), Text: x.Body, State: "done"}
		if i == len(entries)-1 && !d.Closed() {
			s.State = "now"
		}
		out = append(out, s)
	}
	return out
}

func title(ctx context.Context, x Entry) string { return entryTitle(i18n.From(ctx), x, false) }

// state is the stage in a word, with what its requester may expect.
func (k Kind) state(ctx context.Context, d Dossier, now time.Time) templ.Component {
	stage, _ := k.stage(d.Stage)
	label := i18n.T(ctx, stage.Label)
	switch {
	case d.Closed():
		return requestState(stage.Tone, label, "")
	case d.Paused():
		return requestState("wait", label, i18n.T(ctx, "dossier.state.paused"))
	case d.Late(now):
		return requestState("late", label, i18n.T(ctx, "dossier.state.late", "Day", i18n.DayWithYear(ctx, d.DueDay(), now)))
	case d.DueAt.IsZero():
		return requestState(stage.tone(), label, "")
	}
	return requestState(stage.tone(), label, i18n.T(ctx, "dossier.state.due", "Day", i18n.DayWithYear(ctx, d.DueDay(), now)))
}

func facts(ctx context.Context, d Dossier, now time.Time) []page.Fact {
	list := []page.Fact{
		{Label: i18n.T(ctx, "dossier.fact.number"), Value: d.Number, Num: true, Note: i18n.T(ctx, "dossier.fact.number.note")},
		{Label: i18n.T(ctx, "dossier.fact.opened"), Value: i18n.DayWithYear(ctx, d.OpenedAt, now)},
	}
	switch {
	case d.Closed():
		list = append(list, page.Fact{Label: i18n.T(ctx, "dossier.fact.closed"), Value: i18n.DayWithYear(ctx, d.ClosedAt, now)})
	case !d.DueAt.IsZero() && !d.Paused():
		list = append(list, page.Fact{Label: i18n.T(ctx, "dossier.fact.due"), Value: i18n.DayWithYear(ctx, d.DueDay(), now)})
	}
	return list
}

func (e *Engine) write(c *web.Context) error {
	return e.answer(c, "message", "dossier.message.sent", func(ctx context.Context, tx *store.Tx, d Dossier, text string) error {
		if k := e.kinds[d.Kind]; !k.Messages || d.Closed() {
			return fault.New(fault.Conflict, "dossier.error.closed")
		}
		_, err := e.Say(ctx, tx, d.ID, Author{Resident, d.RequesterID}, text)
		return err
	})
}

func (e *Engine) askAgain(c *web.Context) error {
	return e.answer(c, "reason", "dossier.reopen.done", func(ctx context.Context, tx *store.Tx, d Dossier, text string) error {
		_, err := e.Reopen(ctx, tx, d.ID, Author{Resident, d.RequesterID}, text)
		return err
	})
}

// answer handles the two forms of the page of a request.
func (e *Engine) answer(c *web.Context, field, done string, do func(ctx context.Context, tx *store.Tx, d Dossier, text string) error) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	token := c.Param("token")
	err = c.Store.Update(c.Ctx(), func(tx *store.Tx) error {
		d, err := e.ByToken(c.Ctx(), tx, token)
		if errors.Is(err, store.ErrNotFound) {
			return fault.New(fault.NotFound, "dossier.error.link").Because(err)
		}
		if err != nil {
			return err
		}
		return do(c.Ctx(), tx, d, f.Get(field))
	})
	if fields, invalid := c.FieldErrors(err); err != nil && invalid {
		v := view{Errors: fields}
		if field == "message" {
			v.Message = f.Get(field)
		} else {
			v.Again = f.Get(field)
		}
		return e.renderRequest(c, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	c.Flash(c.T(done))
	return c.Redirect(Path + "/" + token)
}
