package crew

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"parvis/core/person"
	"parvis/platform/fault"
	"parvis/platform/phone"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

type listView struct {
	Crews []Crew
	Sizes map[store.ID]int
	Edit  bool
	Done  string
}

func (p *pages) list(c *web.Context) error {
	v := listView{Done: c.TakeFlash(), Edit: c.Actor.Can(MayWrite)}
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		if v.Crews, err = List(c.Ctx(), tx, v.Edit); err != nil {
			return err
		}
		v.Sizes, err = sizes(c.Ctx(), tx)
		return err
	})
	if err != nil {
		return err
	}
	pg, err := c.StaffPage(c.T("crew.label"))
	if err != nil {
		return err
	}
	pg.Heading, pg.Lead = c.T("crew.label"), c.T("crew.lead")
	if v.Edit {
		pg.Tools = listTools(pg)
	}
	return c.Render(listPage(pg, v))
}

// box is a member of staff in the form.
type box struct {
	ID      store.ID
	Name    string
	Checked bool
}

type editView struct {
	Crew   Crew
	Phone  string
	People []box
	Errors []page.FieldError
	Action string
}

func (p *pages) find(c *web.Context) (Crew, []store.ID, error) {
	if c.Param("id") == "" {
		return Crew{Kind: Field, Active: true}, nil, nil
	}
	id, err := c.ID("id")
	if err != nil {
		return Crew{}, nil, err
	}
	var out Crew
	var members []store.ID
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		if out, err = Get(c.Ctx(), tx, id); err != nil {
			return err
		}
		members, err = Members(c.Ctx(), tx, id)
		return err
	})
	return out, members, err
}

func (p *pages) edit(c *web.Context) error {
	x, members, err := p.find(c)
	if err != nil {
		return err
	}
	v := editView{Crew: x, Phone: x.Phone}
	if n, err := phone.Parse(x.Phone, ""); err == nil {
		v.Phone = n.National()
	}
	return p.render(c, http.StatusOK, x, v, members)
}

// staff is everybody who works here, at most as many as a crew may have.
func (p *pages) staff(c *web.Context) ([]person.Member, error) {
	var out []person.Member
	for after := store.ID(0); len(out) < Most; {
		list, more, err := p.people.Staff(c.Ctx(), c.Found.Territory, person.StaffQuery{After: after, Limit: 200})
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
		if !more || len(list) == 0 {
			break
		}
		after = list[len(list)-1].ID
	}
	return out, nil
}

func (p *pages) render(c *web.Context, status int, kept Crew, v editView, members []store.ID) error {
	staff, err := p.staff(c)
	if err != nil {
		return err
	}
	for _, m := range staff {
		if chosen := slices.Contains(members, m.ID); chosen || m.Active {
			v.People = append(v.People, box{m.ID, m.Name, chosen})
		}
	}
	title := kept.Name
	v.Action = c.Href(Path + "/" + kept.ID.String())
	if kept.ID == 0 {
		title, v.Action = c.T("crew.new"), c.Href(Path+"/nouvelle")
	}
	pg, err := c.StaffPage(title)
	if err != nil {
		return err
	}
	pg.Heading, pg.HasError = title, len(v.Errors) > 0
	pg.Crumbs = []page.Link{{Label: c.T("crew.label"), Href: c.Href(Path)}, {Label: title}}
	return c.RenderStatus(status, editPage(pg, v))
}

func (p *pages) save(c *web.Context) error {
	x, _, err := p.find(c)
	if err != nil {
		return err
	}
	f, err := c.Form()
	if err != nil {
		return err
	}
	kept, members := x, chosen(f)
	x.Name, x.Kind, x.Phone, x.Email, x.Active = f.Get("name"), Kind(f.Get("kind")), f.Get("phone"), f.Get("email"), f.Get("active") != ""
	if version, err := store.ParseID(f.Get("version")); err == nil && x.ID != 0 {
		x.Version = int64(version)
	}
	if err = x.Check(phone.Region(p.region(c))); err == nil {
		err = p.write(c, x, members)
	}
	if err == nil {
		c.Flash(c.T("crew.saved", "Name", x.Name))
		return c.Redirect(Path)
	}
	errs, ok := c.FieldErrors(err)
	if g := fault.Of(err); g != nil && g.Kind == fault.Conflict && g.Key != "" {
		errs, ok = []page.FieldError{{Message: c.T(g.Key, g.Args...)}}, true
	}
	if !ok {
		return err
	}
	return p.render(c, http.StatusUnprocessableEntity, kept, editView{Crew: x, Phone: f.Get("phone"), Errors: errs}, members)
}

// write keeps the crew with those of its members who do work here.
func (p *pages) write(c *web.Context, x Crew, members []store.ID) error {
	staff, err := p.staff(c)
	if err != nil {
		return err
	}
	members = slices.DeleteFunc(slices.Clone(members), func(id store.ID) bool {
		return !slices.ContainsFunc(staff, func(m person.Member) bool { return m.ID == id })
	})
	return c.Store.Update(c.Ctx(), func(tx *store.Tx) error {
		saved, err := Save(c.Ctx(), tx, x)
		if err != nil {
			return err
		}
		return SetMembers(c.Ctx(), tx, saved.ID, members)
	})
}

func chosen(f url.Values) []store.ID {
	var out []store.ID
	for _, s := range f["member"] {
		if id, err := store.ParseID(strings.TrimSpace(s)); err == nil {
			out = append(out, id)
		}
	}
	return out
}
