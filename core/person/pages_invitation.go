package person

import (
	"parvis/platform/fault"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

func (p *People) showInvitation(c *web.Context) error {
	opened, err := p.Open(c.Ctx(), c.Param("token"))
	if fault.Is(err, fault.Conflict) { // has come already, by this link or another
		return c.Redirect("/connexion")
	}
	if err != nil {
		return err
	}
	return p.renderInvitation(c, 200, opened, welcomeView{Name: opened.Person.Name})
}

func (p *People) renderInvitation(c *web.Context, status int, opened Opened, v welcomeView) error {
	w, ok, err := p.workplace(c.Ctx(), opened.Territory, opened.Person.ID)
	if err != nil {
		return err
	}
	if !ok {
		return errInvitation(nil)
	}
	names, err := p.Names(c.Ctx(), []store.ID{opened.InvitedBy})
	if err != nil {
		return err
	}
	v.Token, v.Email, v.Place, v.From, v.Roles = c.Param("token"), opened.Person.Email, w.Title(), names[opened.InvitedBy], []string{w.Roles}
	pg := c.Page(c.T("person.welcome.title"))
	pg.Heading, pg.Width, pg.HasError, pg.NoIndex = pg.Title, page.Narrow, len(v.Errors) > 0, true
	pg.Lead = c.T("person.welcome.lead")
	if v.From != "" {
		pg.Lead = c.T("person.welcome.lead.from", "From", v.From)
	}
	return c.RenderStatus(status, welcomePage(pg, v))
}

func (p *People) acceptInvitation(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	opened, err := p.Accept(c.Ctx(), c.Param("token"), form.Get("name"))
	switch {
	case fault.Is(err, fault.Invalid):
		errs, _ := c.FieldErrors(err)
		opened, err := p.Open(c.Ctx(), c.Param("token"))
		if err != nil {
			return err
		}
		return p.renderInvitation(c, fault.Invalid.Status(), opened, welcomeView{Name: form.Get("name"), Errors: errs})
	case fault.Is(err, fault.Conflict):
		return c.Redirect("/connexion")
	case err != nil:
		return err
	}
	// The link came through the mailbox, as a code would: it is enough to enter.
	if err := beginSession(c, opened.Person.ID); err != nil {
		return err
	}
	place, err := p.w.Places.Place(c.Ctx(), opened.Territory)
	if err != nil {
		return err
	}
	return c.Redirect(place.Desk)
}
