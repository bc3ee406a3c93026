package team

import (
	"parvis/core/person"
	"parvis/platform/fault"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// rename changes the name of a member.
func (t *Team) rename(c *web.Context) error {
	m, err := t.member(c)
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	if err := t.people.Rename(c.Ctx(), c.Found.Territory, m.ID, form.Get("name"), c.Actor.ID); err != nil {
		errs, ok := c.FieldErrors(err)
		if !ok {
			return err
		}
		return t.renderMember(c, fault.Of(err).Kind.Status(), m, scopesOf(m.Roles), errs, form.Get("name"))
	}
	c.Flash(c.T("access.name.done"))
	return c.Redirect("/equipe/" + m.ID.String())
}

// stateView asks before somebody is shut out, and says what they leave behind.
type stateView struct {
	Member person.Member
	Path   string
	Duties []page.Link
	Errors []page.FieldError
}

func (t *Team) askState(c *web.Context) error {
	m, err := t.member(c)
	if err != nil {
		return err
	}
	return t.renderState(c, 200, m, nil)
}

func (t *Team) renderState(c *web.Context, status int, m person.Member, errs []page.FieldError) error {
	key := "access.suspend.title"
	if m.Suspended() {
		key = "access.restore.title"
	}
	pg, err := t.page(c, c.T(key, "Name", m.Name))
	if err != nil {
		return err
	}
	pg.HasError = len(errs) > 0
	v := stateView{Member: m, Path: c.Href("/equipe/" + m.ID.String()), Errors: errs}
	if t.duties != nil {
		if v.Duties, err = t.duties(c, m.ID); err != nil {
			return err
		}
	}
	return c.RenderStatus(status, statePage(pg, v))
}

// changeState suspends a member, or gives them their roles back.
func (t *Team) changeState(c *web.Context) error {
	m, err := t.member(c)
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	act, done := t.people.Suspend, "access.suspend.done"
	if form.Get("actif") == "1" {
		act, done = t.people.Restore, "access.restore.done"
	}
	if err := act(c.Ctx(), c.Found.Territory, m.ID, c.Actor.ID); err != nil {
		errs, ok := formErrors(c, err)
		if !ok {
			return err
		}
		for i := range errs {
			errs[i].Field = "" // the page has no box to lead to
		}
		return t.renderState(c, fault.Of(err).Kind.Status(), m, errs)
	}
	c.Flash(c.T(done, "Name", m.Name))
	return c.Redirect("/equipe/" + m.ID.String())
}
