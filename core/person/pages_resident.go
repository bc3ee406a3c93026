package person

import (
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/a-h/templ"

	"parvis/platform/fault"

	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// The rights of these pages.
const (
	Read   web.Permission = "person.read"
	Write  web.Permission = "person.write"
	Rights web.Permission = "person.rights"
)

func (p *People) listResidents(c *web.Context) error {
	region, err := p.regionOf(c.Ctx(), c.Found.Territory)
	if err != nil {
		return err
	}
	v := listView{Text: c.Query("q"), Write: c.Actor.Can(Write)}
	after, _ := store.ParseID(c.Query("apres")) // anything else is the first page
	var more bool
	if err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		v.Rows, more, err = p.Residents.Search(c.Ctx(), tx, Query{Text: v.Text, Region: region, After: after})
		return err
	}); err != nil {
		return err
	}
	if more {
		v.Next = c.Href("/usagers?" + url.Values{"q": {v.Text}, "apres": {v.Rows[len(v.Rows)-1].ID.String()}}.Encode())
	}
	pg, err := c.StaffPage(c.T("person.list.title"))
	if err != nil {
		return err
	}
	pg.Heading = c.T("person.list.heading")
	if v.Write {
		pg.Tools = newButton(pg)
	}
	return c.Render(residentListPage(pg, v))
}

func (p *People) newResident(c *web.Context) error {
	return p.renderResidentForm(c, 200, c.T("person.new.title"), formView{Action: c.Href("/usagers"), Back: c.Href("/usagers"), Button: c.T("person.new.do")})
}

func (p *People) renderResidentForm(c *web.Context, status int, title string, v formView) error {
	pg, err := c.StaffPage(title)
	if err != nil {
		return err
	}
	pg.Heading, pg.HasError = title, len(v.Errors) > 0
	pg.Crumbs = []page.Link{{Label: c.T("person.list.title"), Href: c.Href("/usagers")}, {Label: title}}
	return c.RenderStatus(status, residentFormPage(pg, v))
}

// readDraft reads the form of a card; d is what was typed, whatever the mistakes.
func (p *People) readDraft(c *web.Context) (d Draft, card Resident, err error) {
	form, err := c.Form()
	if err != nil {
		return d, card, err
	}
	region, err := p.regionOf(c.Ctx(), c.Found.Territory)
	if err != nil {
		return d, card, err
	}
	d = Draft{form.Get("title"), form.Get("firstName"), form.Get("lastName"), form.Get("phone"), form.Get("email"), form.Get("lang"), form.Get("notes")}
	card, err = d.Read(region)
	return d, card, err
}

func (p *People) createResident(c *web.Context) error {
	d, card, err := p.readDraft(c)
	if err != nil {
		errs, ok := c.FieldErrors(err)
		if !ok {
			return err
		}
		return p.renderResidentForm(c, fault.Invalid.Status(), c.T("person.new.title"),
			formView{c.Href("/usagers"), c.Href("/usagers"), c.T("person.new.do"), d, errs})
	}
	var created bool
	if err := c.Store.Update(c.Ctx(), func(tx *store.Tx) (err error) {
		card, created, err = p.Residents.FindOrCreate(c.Ctx(), tx, card)
		return err
	}); err != nil {
		return err
	}
	if created {
		c.Flash(c.T("person.new.done"))
	} else {
		c.Flash(c.T("person.new.known"))
	}
	return c.Redirect("/usagers/" + card.ID.String())
}

// card finds the card of the path; moved is its address when it was merged.
func (p *People) card(c *web.Context) (card Resident, moved string, err error) {
	id, err := c.ID("id")
	if err != nil {
		return card, "", err
	}
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		card, err = p.Residents.Get(c.Ctx(), tx, id)
		return err
	})
	if err == nil && card.ID != id {
		moved = "/usagers/" + card.ID.String()
	}
	return card, moved, err
}

// sheetPart is what one service shows on a sheet.
type sheetPart struct {
	Name, Title string
	Body        templ.Component
}

func (p *People) showResident(c *web.Context) error {
	card, moved, err := p.card(c)
	if err != nil {
		return err
	}
	if moved != "" {
		return c.Redirect(moved)
	}
	v := sheetView{Card: card, Done: c.TakeFlash(), Write: c.Actor.Can(Write), Rights: c.Actor.Can(Rights), Path: c.Href("/usagers/" + card.ID.String())}
	for _, s := range p.w.Sections {
		if s.Show == nil || !c.Actor.Can(s.Permission) {
			continue
		}
		body, err := s.Show(c.Ctx(), c.Store, card.ID)
		if err != nil {
			return fmt.Errorf("person: section %s: %w", s.Name, err)
		}
		if body != nil {
			v.Parts = append(v.Parts, sheetPart{s.Name, c.T(s.Label), body})
		}
	}
	if v.Write {
		if err := c.Store.View(c.Ctx(), func(tx *store.Tx) error {
			twins, err := p.Residents.Duplicates(c.Ctx(), tx, card)
			v.Twins = len(likely(card, twins))
			return err
		}); err != nil {
			return err
		}
	}
	pg, err := p.cardPage(c, card, card.Name(), "")
	if err != nil {
		return err
	}
	pg.Tools = sheetTools(v)
	return c.Render(residentPage(pg, v))
}

// cardPage starts a page about a card: its sheet when step is "", a step of it
// otherwise.
func (p *People) cardPage(c *web.Context, card Resident, heading, step string) (page.Page, error) {
	title := card.Name()
	if step != "" {
		title = step + ", " + title
	}
	pg, err := c.StaffPage(title)
	pg.Heading = heading
	pg.Crumbs = []page.Link{{Label: c.T("person.list.title"), Href: c.Href("/usagers")}, {Label: card.Name()}}
	if step != "" {
		pg.Crumbs[1].Href = c.Href("/usagers/" + card.ID.String())
		pg.Crumbs = append(pg.Crumbs, page.Link{Label: step})
	}
	return pg, err
}

// likely keeps the cards of the same name: a family that shares a telephone is
// not a mistake.
func likely(card Resident, twins []Resident) []Resident {
	last, first := card.folds()
	var out []Resident
	for _, t := range twins {
		if l, _ := t.folds(); l == last || l == first {
			out = append(out, t)
		}
	}
	return out
}

func (p *People) editResident(c *web.Context) error {
	card, moved, err := p.card(c)
	if err != nil {
		return err
	}
	if moved != "" {
		return c.Redirect(moved + "/modifier")
	}
	return p.renderEdit(c, 200, card, card.draft(), nil)
}

func (p *People) renderEdit(c *web.Context, status int, card Resident, d Draft, errs []page.FieldError) error {
	pg, err := p.cardPage(c, card, c.T("person.edit.title", "Name", card.Name()), c.T("person.sheet.change"))
	if err != nil {
		return err
	}
	pg.HasError = len(errs) > 0
	path := c.Href("/usagers/" + card.ID.String())
	return c.RenderStatus(status, residentFormPage(pg, formView{path, path, c.T("person.edit.do"), d, errs}))
}

func (p *People) updateResident(c *web.Context) error {
	card, _, err := p.card(c)
	if err != nil {
		return err
	}
	d, changed, err := p.readDraft(c)
	if err != nil {
		errs, ok := c.FieldErrors(err)
		if !ok {
			return err
		}
		return p.renderEdit(c, fault.Invalid.Status(), card, d, errs)
	}
	if err := c.Store.Update(c.Ctx(), func(tx *store.Tx) error { return p.Residents.Update(c.Ctx(), tx, card.ID, changed) }); err != nil {
		return err
	}
	c.Flash(c.T("person.edit.done"))
	return c.Redirect("/usagers/" + card.ID.String())
}

func (p *People) showMerge(c *web.Context) error {
	card, moved, err := p.card(c)
	if err != nil {
		return err
	}
	if moved != "" {
		return c.Redirect(moved + "/fusionner")
	}
	return p.renderMerge(c, 200, card, nil)
}

func (p *People) renderMerge(c *web.Context, status int, card Resident, errs []page.FieldError) error {
	region, err := p.regionOf(c.Ctx(), c.Found.Territory)
	if err != nil {
		return err
	}
	v := mergeView{Card: card, Text: c.Query("q"), Errors: errs, Path: c.Href("/usagers/" + card.ID.String())}
	if err := c.Store.View(c.Ctx(), func(tx *store.Tx) error {
		if v.Text == "" {
			v.Twins, err = p.Residents.Duplicates(c.Ctx(), tx, card)
			return err
		}
		found, _, err := p.Residents.Search(c.Ctx(), tx, Query{Text: v.Text, Region: region, Limit: 10})
		for _, x := range found {
			if x.ID != card.ID {
				v.Twins = append(v.Twins, x)
			}
		}
		return err
	}); err != nil {
		return err
	}
	pg, err := p.cardPage(c, card, c.T("person.merge.title", "Name", card.Name()), c.T("person.sheet.merge"))
	if err != nil {
		return err
	}
	pg.Lead, pg.HasError = c.T("person.merge.lead"), len(errs) > 0
	return c.RenderStatus(status, mergePage(pg, v))
}

func (p *People) merge(c *web.Context) error {
	card, _, err := p.card(c)
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	from, err := store.ParseID(form.Get("from"))
	if err != nil {
		return p.renderMerge(c, fault.Invalid.Status(), card, []page.FieldError{{Field: "from", Message: c.T("person.error.merge.none")}})
	}
	err = c.Store.Update(c.Ctx(), func(tx *store.Tx) error { return p.Residents.Merge(c.Ctx(), tx, from, card.ID, c.Actor.ID) })
	if fault.Is(err, fault.Invalid) {
		errs, _ := FormErrors(c, err, "from")
		return p.renderMerge(c, fault.Invalid.Status(), card, errs)
	}
	if err != nil {
		return err
	}
	c.Flash(c.T("person.merge.done"))
	return c.Redirect("/usagers/" + card.ID.String())
}

func (p *People) exportResident(c *web.Context) error {
	card, _, err := p.card(c)
	if err != nil {
		return err
	}
	var copied Copy
	if err := c.Store.Update(c.Ctx(), func(tx *store.Tx) (err error) {
		copied, err = p.Residents.Export(c.Ctx(), tx, card.ID, c.Actor.ID)
		return err
	}); err != nil {
		return err
	}
	body, err := json.MarshalIndent(copied, "", "  ")
	if err != nil {
		return fmt.Errorf("person: writing a copy: %w", err)
	}
	return c.File("application/json; charset=utf-8", "donnees-"+card.ID.String()+".json", body)
}

func (p *People) showErase(c *web.Context) error {
	card, moved, err := p.card(c)
	if err != nil {
		return err
	}
	if moved != "" {
		return c.Redirect(moved + "/effacer")
	}
	return p.renderErase(c, 200, card, nil)
}

func (p *People) renderErase(c *web.Context, status int, card Resident, errs []page.FieldError) error {
	v := eraseView{Card: card, Errors: errs, Path: c.Href("/usagers/" + card.ID.String())}
	for _, s := range p.w.Sections {
		if s.Erase != nil {
			v.Parts = append(v.Parts, c.T(s.Label))
		}
	}
	pg, err := p.cardPage(c, card, c.T("person.erase.title", "Name", card.Name()), c.T("person.sheet.erase"))
	if err != nil {
		return err
	}
	pg.HasError = len(errs) > 0
	return c.RenderStatus(status, erasePage(pg, v))
}

func (p *People) erase(c *web.Context) error {
	card, _, err := p.card(c)
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	if form.Get("confirm") == "" {
		return p.renderErase(c, fault.Invalid.Status(), card, []page.FieldError{{Field: "confirm", Message: c.T("person.error.confirm")}})
	}
	err = c.Store.Update(c.Ctx(), func(tx *store.Tx) error { return p.Residents.Erase(c.Ctx(), tx, card.ID, c.Actor.ID) })
	if fault.Is(err, fault.Conflict) {
		if errs, ok := FormErrors(c, err, ""); ok {
			return p.renderErase(c, fault.Conflict.Status(), card, errs)
		}
	}
	if err != nil {
		return err
	}
	c.Flash(c.T("person.erase.done"))
	return c.Redirect("/usagers")
}
