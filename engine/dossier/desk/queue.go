package desk

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"parvis/core/crew"
	"parvis/core/sector"
	"parvis/engine/dossier"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// pageSize is the rows of one page of the queue.
const pageSize = 50

// queueView is the page of the queue.
type queueView struct {
	Query      query
	Counts     dossier.Counts
	Groups     []page.QueueGroup
	Next       string
	Done       string
	Errors     []page.FieldError
	FilterName string
	Kinds      []page.Option
	Stages     []page.Option
	Categories []page.Option
	Teams      []page.Option
	Sectors    []page.Option
	Saved      []savedLink
	Gestures   []page.Option
	Rows       int
	CSV, XLSX  string
	Live       string
}

type savedLink struct {
	page.Link
	Forget string
}

func (d *Desk) queue(c *web.Context) error {
	return d.renderQueue(c, http.StatusOK, queueView{Query: readQuery(c), Done: c.TakeFlash()})
}

func (d *Desk) renderQueue(c *web.Context, status int, v queueView) error {
	ctx := c.Ctx()
	var rows []dossier.Dossier
	var crews []crew.Crew
	var f dossier.Filter
	err := c.Store.View(ctx, func(tx *store.Tx) error {
		s, err := d.sight(ctx, tx, c.Actor)
		if err != nil {
			return err
		}
		f = v.Query.filter(c, d, &s)
		if rows, err = d.Dossiers.List(ctx, tx, f, v.Query.After, pageSize+1); err != nil {
			return err
		}
		if v.Counts, err = d.count(c, tx, v.Query, s); err != nil {
			return err
		}
		if crews, err = crew.List(ctx, tx, true); err != nil {
			return err
		}
		return d.options(c, tx, &v, s, crews)
	})
	if err != nil {
		return err
	}
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		at := f.Cursor(rows[pageSize-1])
		next := v.Query.values()
		next.Set("apres", strconv.FormatInt(at.At.UnixMicro(), 10)+"."+at.ID.String())
		v.Next = c.Href(Path + "?" + next.Encode())
	}
	v.Rows = len(rows)
	if v.Groups, err = d.groups(c, rows, crewNames(crews), v); err != nil {
		return err
	}
	v.Gestures = d.gestures(c)
	v.CSV, v.XLSX = c.Href(Path+"/demandes.csv?"+v.Query.values().Encode()), c.Href(Path+"/demandes.xlsx?"+v.Query.values().Encode())
	v.Live = c.Href(Path + "/compteurs?" + v.Query.values().Encode())
	p, err := c.StaffPage(c.T("desk.title"))
	if err != nil {
		return err
	}
	p.Heading, p.HasError = heading(c, v.Counts), len(v.Errors) > 0
	p.Kicker = i18n.DayTime(ctx, c.Now())
	p.Head = page.Script("desk.js")
	p.Tools = queueTools(p, v)
	return c.RenderStatus(status, queuePage(p, v))
}

// heading says what is late.
func heading(c *web.Context, n dossier.Counts) string {
	if n.Late > 0 {
		return i18n.N(c.Ctx(), "desk.heading.late", n.Late)
	}
	return c.T("desk.heading.calm")
}

// count is the numbers of the tabs under the same filters.
func (d *Desk) count(c *web.Context, tx *store.Tx, q query, s dossier.Sight) (dossier.Counts, error) {
	return d.Dossiers.CountFor(c.Ctx(), tx, q.wide(c, d, &s), s.Person, d.ours(nil, s.Teams), d.aside(), endOfDay(c))
}

func location(c *web.Context) *time.Location {
	if c.Found.Location != nil {
		return c.Found.Location
	}
	return time.UTC
}

func endOfDay(c *web.Context) time.Time {
	now := c.Now().In(location(c))
	return time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, now.Location())
}

// options fills the lists of the filters.
func (d *Desk) options(c *web.Context, tx *store.Tx, v *queueView, s dossier.Sight, crews []crew.Crew) error {
	ctx := c.Ctx()
	first := func(key string) []page.Option { return []page.Option{{Label: c.T(key)}} }
	v.Kinds, v.Stages, v.Categories, v.Teams, v.Sectors = first("desk.filter.kinds"), first("desk.filter.stages"), first("desk.filter.categories"), first("desk.filter.teams"), first("desk.filter.sectors")
	for _, name := range s.Kinds {
		k, _ := d.Dossiers.Kind(name)
		v.Kinds = append(v.Kinds, page.Option{Value: k.Name, Label: c.T(k.Label), Selected: v.Query.Kind == k.Name})
		if v.Query.Kind == k.Name || len(s.Kinds) == 1 {
			for _, stage := range k.Stages {
				v.Stages = append(v.Stages, page.Option{Value: stage.Name, Label: c.T(stage.Label), Selected: v.Query.Stage == stage.Name})
			}
		}
	}
	categories, err := d.Dossiers.Categories(ctx, tx, &s)
	if err != nil {
		return err
	}
	for _, name := range categories {
		v.Categories = append(v.Categories, page.Option{Value: name, Label: name, Selected: v.Query.Category == name})
	}
	for _, x := range crews {
		v.Teams = append(v.Teams, page.Option{Value: x.ID.String(), Label: x.Name, Selected: v.Query.Team == x.ID})
	}
	sectors, err := sector.List(ctx, tx)
	if err != nil {
		return err
	}
	for _, x := range sectors {
		v.Sectors = append(v.Sectors, page.Option{Value: x.ID.String(), Label: x.Name, Selected: v.Query.Sector == x.ID})
	}
	saved, err := d.Dossiers.Filters(ctx, tx, c.Actor.ID)
	if err != nil {
		return err
	}
	now := v.Query.values().Encode()
	for _, x := range saved {
		v.Saved = append(v.Saved, savedLink{page.Link{Label: x.Name, Href: c.Href(Path + "?" + x.Query), Current: x.Query == now}, c.Href(Path + "/filtres/" + x.ID.String() + "/oublier")})
	}
	return nil
}

// gestures are what can be done with several requests at once.
func (d *Desk) gestures(c *web.Context) []page.Option {
	list := []page.Option{{Value: "prendre", Label: c.T("desk.bulk.take")}}
	if c.Actor.Can(MayAssign) {
		list = append(list, page.Option{Value: "attribuer", Label: c.T("desk.bulk.assign")})
	}
	return append(list, page.Option{Value: "avancer", Label: c.T("desk.bulk.advance")}, page.Option{Value: "clore", Label: c.T("desk.bulk.close")})
}

// groups cuts the rows by urgency; closed ones stay together.
func (d *Desk) groups(c *web.Context, rows []dossier.Dossier, crews map[store.ID]string, v queueView) ([]page.QueueGroup, error) {
	var owners []store.ID
	for _, x := range rows {
		if x.OwnerID != 0 {
			owners = append(owners, x.OwnerID)
		}
	}
	names, err := d.People.Names(c.Ctx(), owners)
	if err != nil {
		return nil, err
	}
	var out []page.QueueGroup
	for _, x := range rows {
		label, late := d.urgency(c, x, v)
		if len(out) == 0 || out[len(out)-1].Label != label {
			out = append(out, page.QueueGroup{Label: label, Late: late})
		}
		g := &out[len(out)-1]
		g.Rows = append(g.Rows, d.row(c, x, crews, names))
	}
	return out, nil
}

// urgency is the group a request stands in.
func (d *Desk) urgency(c *web.Context, x dossier.Dossier, v queueView) (label string, late bool) {
	end := endOfDay(c)
	switch {
	case x.Closed():
		return c.T("desk.group.closed"), false
	case x.Late(c.Now()):
		return c.T("desk.group.late", "Count", v.Counts.Late), true
	case x.Paused():
		return c.T("desk.group.paused"), false
	case x.DueAt.IsZero():
		return c.T("desk.group.none"), false
	case !x.DueAt.After(end):
		return c.T("desk.group.today", "Count", max(v.Counts.Today-v.Counts.Late, 0)), false
	case !x.DueAt.After(end.AddDate(0, 0, 7)):
		return c.T("desk.group.week"), false
	}
	return c.T("desk.group.later"), false
}

func (d *Desk) row(c *web.Context, x dossier.Dossier, crews map[store.ID]string, names map[store.ID]string) page.QueueRow {
	k, _ := d.Dossiers.Kind(x.Kind)
	r := page.QueueRow{ID: x.ID.String(), Due: dueWords(c, x), Title: x.Title, Href: c.Href(Path + "/" + x.ID.String()), Service: c.T(k.Label), From: crews[x.TeamID], Late: x.Late(c.Now())}
	r.Note = x.Number + " · " + stageLabel(c.Ctx(), k, x)
	if x.Category != "" {
		r.Note += " · " + x.Category
	}
	if x.OwnerID != 0 {
		r.Owner = square(x.OwnerID, names[x.OwnerID])
	}
	return r
}

// square is somebody as two letters; the tone helps to tell people apart.
func square(id store.ID, name string) *page.Person {
	p := person2(name)
	p.Tone = int(uint64(id)%3) + 1
	return &p
}

func stageLabel(ctx context.Context, k dossier.Kind, x dossier.Dossier) string {
	for _, s := range k.Stages {
		if s.Name == x.Stage {
			return i18n.T(ctx, s.Label)
		}
	}
	return x.Stage
}

// dueWords is the date of a request as the queue says it.
func dueWords(c *web.Context, x dossier.Dossier) string {
	ctx, now := c.Ctx(), c.Now()
	at := location(c)
	switch {
	case x.Closed():
		return i18n.From(ctx).DayShort(x.ClosedAt)
	case x.Paused() && !x.PauseUntil.IsZero():
		return c.T("desk.due.until", "Day", i18n.From(ctx).DayShort(x.PauseUntil))
	case x.Paused():
		return c.T("desk.due.paused")
	case x.DueAt.IsZero():
		return c.T("desk.due.none")
	case x.Late(now):
		late := now.Sub(x.DueAt)
		if late < 24*time.Hour {
			return i18n.N(ctx, "desk.due.hours", max(int(late.Hours()), 1))
		}
		return i18n.N(ctx, "desk.due.days", int(late.Hours()/24))
	case !x.DueAt.After(endOfDay(c)):
		local := x.DueAt.In(at)
		if local.Hour() == 0 && local.Minute() == 0 {
			return c.T("desk.due.today")
		}
		return c.T("desk.due.before", "Clock", i18n.From(ctx).Clock(local))
	}
	return i18n.From(ctx).DayShort(x.DueDay())
}

func (d *Desk) saveFilter(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	values, _ := url.ParseQuery(form.Get("requete")) // what cannot be read narrows nothing
	q := parseQuery(values, c)
	err = c.Store.Update(c.Ctx(), func(tx *store.Tx) error {
		_, err := d.Dossiers.SaveFilter(c.Ctx(), tx, c.Actor.ID, dossier.Saved{Name: form.Get("nom"), Query: q.values().Encode()})
		return err
	})
	if errs, ok := c.FieldErrors(err); err != nil && ok {
		return d.renderQueue(c, http.StatusUnprocessableEntity, queueView{Query: q, Errors: errs, FilterName: form.Get("nom")})
	}
	if err != nil {
		return err
	}
	c.Flash(c.T("desk.saved.done", "Name", form.Get("nom")))
	return c.Redirect(Path + "?" + q.values().Encode())
}

func (d *Desk) forgetFilter(c *web.Context) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	if err := c.Store.Update(c.Ctx(), func(tx *store.Tx) error { return d.Dossiers.ForgetFilter(c.Ctx(), tx, c.Actor.ID, id) }); err != nil {
		return err
	}
	c.Flash(c.T("desk.saved.forgotten"))
	return c.Redirect(Path)
}
