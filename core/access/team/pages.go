package team

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"parvis/core/access"
	"parvis/core/person"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// awayAfter is when somebody who does not come any more is pointed out.
const awayAfter = 180 * 24 * time.Hour

func (t *Team) list(c *web.Context) error {
	v := listView{Text: c.Query("q"), Done: c.TakeFlash(), Now: c.Now()}
	after, _ := store.ParseID(c.Query("apres")) // anything else is the first page
	var more bool
	var err error
	if v.Members, more, err = t.people.Staff(c.Ctx(), c.Found.Territory, person.StaffQuery{Text: v.Text, After: after}); err != nil {
		return err
	}
	if more {
		v.Next = c.Href("/equipe?" + url.Values{"q": {v.Text}, "apres": {v.Members[len(v.Members)-1].ID.String()}}.Encode())
	}
	if err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		v.Last, v.Due, err = t.access.ReviewState(c.Ctx(), tx)
		return err
	}); err != nil {
		return err
	}
	names, err := t.people.Names(c.Ctx(), []store.ID{v.Last.ReviewedBy})
	if err != nil {
		return err
	}
	v.LastBy = names[v.Last.ReviewedBy]
	v.labels = t.labels(c)
	pg, err := c.StaffPage(c.T("access.team.menu"))
	if err != nil {
		return err
	}
	pg.Heading, pg.Lead, pg.Tools = c.T("access.team.title"), c.T("access.team.lead"), listTools(pg)
	return c.Render(listPage(pg, v))
}

// labels names the services, by their name.
func (t *Team) labels(c *web.Context) map[string]string {
	names := map[string]string{}
	for _, a := range t.areas() {
		names[a.Name] = c.T(a.Label)
	}
	return names
}

func (t *Team) review(c *web.Context) error {
	if err := c.Store.Update(c.Ctx(), func(tx *store.Tx) error { return t.access.Reviewed(c.Ctx(), tx, c.Actor.ID) }); err != nil {
		return err
	}
	c.Flash(c.T("access.review.done"))
	return c.Redirect("/equipe")
}

func (t *Team) newInvite(c *web.Context) error {
	return t.renderInvite(c, 200, inviteView{}, []access.Scope{{Service: access.Everywhere, Role: access.Agent}})
}

func (t *Team) renderInvite(c *web.Context, status int, v inviteView, chosen []access.Scope) error {
	o, err := t.offerTo(c)
	if err != nil {
		return err
	}
	v.Roles, v.Areas, v.InArea = o.choices(chosen)
	pg, err := t.page(c, c.T("access.invite.title"))
	if err != nil {
		return err
	}
	pg.HasError, pg.Lead = len(v.Errors) > 0, c.T("access.invite.lead")
	return c.RenderStatus(status, invitePage(pg, v))
}

// page starts a page under the list.
func (t *Team) page(c *web.Context, heading string) (page.Page, error) {
	pg, err := c.StaffPage(heading)
	pg.Heading = heading
	pg.Crumbs = []page.Link{{Label: c.T("access.team.menu"), Href: c.Href("/equipe")}, {Label: heading}}
	return pg, err
}

func (t *Team) invite(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	o, err := t.offerTo(c)
	if err != nil {
		return err
	}
	chosen := o.read(form)
	who, err := t.people.Invite(c.Ctx(), person.Invite{Territory: c.Found.Territory, Name: form.Get("name"), Email: form.Get("email"),
		Roles: chosen, By: c.Actor.ID, Link: person.InstanceURL(c)})
	if err != nil {
		errs, ok := formErrors(c, err)
		if !ok {
			return err
		}
		return t.renderInvite(c, fault.Of(err).Kind.Status(), inviteView{Name: form.Get("name"), Email: form.Get("email"), Errors: errs}, chosen)
	}
	if who.Joined() {
		c.Flash(c.T("access.invite.known", "Name", who.Name))
	} else {
		c.Flash(c.T("access.invite.done", "Email", who.Email))
	}
	return c.Redirect("/equipe")
}

// member finds the member of the path; anybody else of the instance is not there.
func (t *Team) member(c *web.Context) (person.Member, error) {
	id, err := c.ID("id")
	if err != nil {
		return person.Member{}, err
	}
	return t.people.Member(c.Ctx(), c.Found.Territory, id)
}

func (t *Team) show(c *web.Context) error {
	m, err := t.member(c)
	if err != nil {
		return err
	}
	return t.renderMember(c, 200, m, scopesOf(m.Roles), nil, m.Name)
}

func (t *Team) renderMember(c *web.Context, status int, m person.Member, chosen []access.Scope, errs []page.FieldError, name string) error {
	o, err := t.offerTo(c)
	if err != nil {
		return err
	}
	v := memberView{Member: m, Name: name, Errors: errs, Done: c.TakeFlash(), Now: c.Now(), Path: c.Href("/equipe/" + m.ID.String())}
	v.Roles, v.Areas, v.InArea = o.choices(chosen)
	pg, err := t.page(c, m.Name)
	if err != nil {
		return err
	}
	pg.HasError = len(errs) > 0
	return c.RenderStatus(status, memberPage(pg, v))
}

func (t *Team) change(c *web.Context) error {
	m, err := t.member(c)
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	o, err := t.offerTo(c)
	if err != nil {
		return err
	}
	chosen := o.read(form)
	wanted := append(slices.Clone(chosen), o.beyond(m.Roles)...)
	if len(wanted) == 0 {
		return t.renderMember(c, fault.Invalid.Status(), m, chosen, []page.FieldError{{Field: "role", Message: c.T("access.error.none")}}, m.Name)
	}
	if err := t.people.SetRoles(c.Ctx(), c.Found.Territory, m.ID, wanted, c.Actor.ID); err != nil {
		errs, ok := formErrors(c, err)
		if !ok {
			return err
		}
		return t.renderMember(c, fault.Of(err).Kind.Status(), m, chosen, errs, m.Name)
	}
	c.Flash(c.T("access.change.done", "Name", m.Name))
	return c.Redirect("/equipe")
}

func (t *Team) resend(c *web.Context) error {
	m, err := t.member(c)
	if err != nil {
		return err
	}
	if err := t.people.Resend(c.Ctx(), c.Found.Territory, m.ID, c.Actor.ID, person.InstanceURL(c)); err != nil {
		errs, ok := formErrors(c, err)
		if !ok {
			return err
		}
		return t.renderMember(c, fault.Of(err).Kind.Status(), m, scopesOf(m.Roles), errs, m.Name)
	}
	c.Flash(c.T("access.invite.done", "Email", m.Email))
	return c.Redirect("/equipe/" + m.ID.String())
}

func (t *Team) askRemove(c *web.Context) error {
	m, err := t.member(c)
	if err != nil {
		return err
	}
	return t.renderRemove(c, 200, m, nil)
}

func (t *Team) renderRemove(c *web.Context, status int, m person.Member, errs []page.FieldError) error {
	pg, err := t.page(c, c.T("access.remove.title", "Name", m.Name))
	if err != nil {
		return err
	}
	pg.HasError = len(errs) > 0
	return c.RenderStatus(status, removePage(pg, removeView{m, c.Href("/equipe/" + m.ID.String()), errs}))
}

func (t *Team) remove(c *web.Context) error {
	m, err := t.member(c)
	if err != nil {
		return err
	}
	o, err := t.offerTo(c)
	if err != nil {
		return err
	}
	if !slices.Contains(o.roles, access.Operator) && slices.Contains(scopesOf(m.Roles), access.Scope{Service: access.Everywhere, Role: access.Operator}) {
		return fault.New(fault.Forbidden, "access.error.operator")
	}
	if err := t.people.SetRoles(c.Ctx(), c.Found.Territory, m.ID, nil, c.Actor.ID); err != nil {
		errs, ok := formErrors(c, err)
		if !ok {
			return err
		}
		for i := range errs {
			errs[i].Field = "" // the page has no box to lead to
		}
		return t.renderRemove(c, fault.Of(err).Kind.Status(), m, errs)
	}
	c.Flash(c.T("access.remove.done", "Name", m.Name))
	return c.Redirect("/equipe")
}

// state is the word beside a member: its kind, as in page.Word, and its text.
func state(t interface{ T(string, ...any) string }, m person.Member, now time.Time) (kind, word string) {
	switch {
	case !m.Active:
		return "late", t.T("access.state.closed")
	case m.Suspended():
		return "line", t.T("access.state.suspended")
	case !m.Joined():
		return "wait", t.T("access.state.invited")
	case now.Sub(m.LastSeenAt) > awayAfter && now.Sub(m.JoinedAt) > awayAfter:
		return "wait", t.T("access.state.away")
	}
	return "ok", t.T("access.state.active")
}

// capital begins a text with a capital letter.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// roleWords are the roles of a member in words: « agent, responsable (Rendez-vous) ».
func roleWords(l *i18n.Localizer, held []access.Membership, labels map[string]string) string {
	var words []string
	for _, m := range held {
		word := l.T(m.Role.Label())
		if m.Service != access.Everywhere {
			name := labels[m.Service]
			if name == "" {
				name = m.Service
			}
			word += " (" + name + ")"
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}
