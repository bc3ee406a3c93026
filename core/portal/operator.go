package portal

import (
	"net/http"
	"strconv"

	"parvis/core/access"
	"parvis/core/person"
	"parvis/core/territory"
	"parvis/core/territory/official"
	"parvis/platform/fault"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

const pageSize = 50

// members lists what the operator hosts, and searches what it could open. It
// reads no dossier: names and dates only.
func (p *Portal) members(c *web.Context) error {
	return p.showMembers(c, memberForm{}, nil, http.StatusOK)
}

type memberForm struct{ ID, Name, Email string }

func (p *Portal) showMembers(c *web.Context, f memberForm, errs []page.FieldError, status int) error {
	t := territory.Of(c)
	q := cut(c.Query("q"), 100)
	list, next, err := p.Book.Members(c.Ctx(), t.ID, q, c.Query("apres"), pageSize)
	if err != nil {
		return err
	}
	var offers []official.Match
	if q != "" {
		found := p.Book.List().Search(q, official.DefaultLimit)
		ids := make([]string, len(found))
		for i, m := range found {
			ids[i] = m.ID
		}
		open, err := p.Book.Opened(c.Ctx(), ids)
		if err != nil {
			return err
		}
		for _, m := range found {
			if open[m.ID] == nil {
				offers = append(offers, m)
			}
		}
	}
	title := c.T("portal.members.title")
	pg, err := c.StaffPage(title)
	if err != nil {
		return err
	}
	pg.Heading, pg.HasError = title, len(errs) > 0
	return c.RenderStatus(status, membersPage(pg, membersView{List: list, Next: next, Query: q, Offers: offers, Form: f, Errors: errs, Href: c.Href, Flash: c.TakeFlash()}))
}

type membersView struct {
	List        []*territory.Territory
	Next, Query string
	Offers      []official.Match
	Form        memberForm
	Errors      []page.FieldError
	Href        func(string) string
	Flash       string
}

// activate opens a territory of the official list and invites its first
// administrator.
func (p *Portal) activate(c *web.Context) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	f := memberForm{v.Get("id"), v.Get("name"), v.Get("email")}
	operator := territory.Of(c)
	e, known := p.Book.List().ByID(f.ID)
	var wrong fault.Fields
	if !known {
		wrong.Add("id", "portal.error.territory")
	}
	if already, err := p.Book.Get(c.Ctx(), f.ID); err == nil && already.Operator != operator.ID {
		wrong.Add("id", "portal.error.hosted")
	}
	name, key := person.ParseName(f.Name)
	if key != "" {
		wrong.Add("name", key)
	}
	email, key := person.ParseEmail(f.Email)
	if key != "" {
		wrong.Add("email", key)
	}
	if errs, ok := c.FieldErrors(wrong.Err()); ok && len(wrong) > 0 {
		return p.showMembers(c, f, errs, http.StatusUnprocessableEntity)
	}
	if _, err := p.Book.Activate(c.Ctx(), f.ID, operator.ID); err != nil {
		return err
	}
	_, err = p.People.Invite(c.Ctx(), person.Invite{Territory: f.ID, Name: name, Email: email, Roles: []access.Scope{{Service: "*", Role: access.Admin}}, By: c.Actor.ID,
		Link: person.InstanceURL(c)})
	if errs, ok := c.FieldErrors(err); ok {
		return p.showMembers(c, f, errs, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	c.Flash(c.T("portal.members.opened", "Name", e.Title(), "Email", email))
	return c.Redirect("/bureau/adherents")
}

// jobs lists the background tasks that gave up.
func (p *Portal) jobs(c *web.Context) error {
	dead, err := p.Queue.Dead(c.Ctx(), 200)
	if err != nil {
		return err
	}
	title := c.T("portal.jobs.title")
	pg, err := c.StaffPage(title)
	if err != nil {
		return err
	}
	pg.Heading, pg.Lead = title, c.T("portal.jobs.lead")
	return c.Render(jobsPage(pg, dead, c.Href("/bureau/taches"), c.TakeFlash()))
}

func (p *Portal) retry(c *web.Context) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(v.Get("id"), 10, 64)
	if err != nil {
		return store.ErrNotFound
	}
	if err := p.Queue.Retry(c.Ctx(), id); err != nil {
		return err
	}
	c.Flash(c.T("portal.jobs.retried"))
	return c.Redirect("/bureau/taches")
}
