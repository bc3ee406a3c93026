package desk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"parvis/core/crew"
	"parvis/core/link"
	"parvis/core/person"
	"parvis/core/sector"
	"parvis/engine/dossier"
	"parvis/platform/i18n"
	"parvis/platform/phone"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// sheetView is the page of one request.
type sheetView struct {
	Dossier   dossier.Dossier
	Kind      dossier.Kind
	Steps     []page.Step
	Facts     []page.Fact
	Part      dossier.Part
	Files     []dossier.File
	Links     []link.Link
	Merged    []dossier.Dossier
	Kept      dossier.Dossier
	Followers int
	Templates []page.Option
	Advances  []dossier.Stage
	Ends      []dossier.Stage
	Owners    []page.Option
	Teams     []page.Option
	Missing   []string // placeholders of the chosen template without value
	Preview   string
	Done      string

	Write, Assign, Moves, Answers, Attach, Reopens, Mine bool

	// What somebody typed in a form that came back, and why it did.
	Form   string
	Typed  url.Values
	Errors []page.FieldError
	Action string // address of the sheet
	Queue  string
}

// typed is what was written in a field of a form that came back.
func (v sheetView) typed(form, field string) string {
	if v.Form != form {
		return ""
	}
	return v.Typed.Get(field)
}

// wrong is the mistake in a field of a form that came back.
func (v sheetView) wrong(form, field string) string {
	if v.Form != form {
		return ""
	}
	return web.ErrorOf(v.Errors, field)
}

func (d *Desk) show(c *web.Context) error {
	v := sheetView{Done: c.TakeFlash()}
	if t := c.Query("modele"); t != "" {
		v.Form, v.Typed = "repondre", url.Values{"modele": {t}}
	}
	return d.renderSheet(c, http.StatusOK, v)
}

func (d *Desk) renderSheet(c *web.Context, status int, v sheetView) error {
	ctx := c.Ctx()
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	var entries []dossier.Entry
	var crews []crew.Crew
	var place string
	err = c.Store.View(ctx, func(tx *store.Tx) (err error) {
		if v.Dossier, v.Kind, err = d.find(ctx, tx, c.Actor, id); err != nil {
			return err
		}
		if entries, err = d.Dossiers.Timeline(ctx, tx, id, false); err != nil {
			return err
		}
		if v.Files, err = d.Dossiers.Files(ctx, tx, id, false); err != nil {
			return err
		}
		if v.Followers, err = d.Dossiers.CountFollowers(ctx, tx, id); err != nil {
			return err
		}
		if v.Merged, err = d.Dossiers.Merged(ctx, tx, id); err != nil {
			return err
		}
		if v.Dossier.MergedInto != 0 {
			if v.Kept, err = d.Dossiers.Get(ctx, tx, v.Dossier.MergedInto); err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		if crews, err = crew.List(ctx, tx, true); err != nil {
			return err
		}
		if v.Dossier.SectorID != 0 {
			s, err := sector.Get(ctx, tx, v.Dossier.SectorID)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			place = s.Name
			if s.ContactName != "" {
				place += " (" + s.ContactName + ")"
			}
		}
		return d.answerForm(c, tx, &v)
	})
	if err != nil {
		return err
	}
	if err := d.dress(c, &v, entries, crews, place); err != nil {
		return err
	}
	x := v.Dossier
	p, err := c.StaffPage(x.Number + " · " + x.Title)
	if err != nil {
		return err
	}
	p.Heading, p.HasError = x.Title, len(v.Errors) > 0
	p.Crumbs = []page.Link{{Label: c.T("desk.title"), Href: c.Href(Path)}, {Label: x.Number}}
	p.Tools = sheetState(v)
	p.Head = page.Script("desk.js")
	v.Action, v.Queue = c.Href(Path+"/"+x.ID.String()), c.Href(Path)
	return c.RenderStatus(status, sheetPage(p, v))
}

// answerForm offers the templates that fit, and fills the one that was chosen.
func (d *Desk) answerForm(c *web.Context, tx *store.Tx, v *sheetView) error {
	all, err := d.Dossiers.Templates(c.Ctx(), tx)
	if err != nil {
		return err
	}
	chosen := v.typed("repondre", "modele")
	v.Templates = []page.Option{{Label: c.T("desk.answer.free")}}
	for _, t := range all {
		if !t.Fits(v.Dossier) {
			continue
		}
		v.Templates = append(v.Templates, page.Option{Value: t.ID.String(), Label: t.Label, Selected: t.ID.String() == chosen})
		if t.ID.String() != chosen || v.Typed.Has("text") {
			continue
		}
		text, missing, err := d.Dossiers.Fill(c.Ctx(), tx, t, v.Dossier, c.Actor.Name, c.Site.Name)
		if err != nil {
			return err
		}
		v.Missing = missing
		v.Typed.Set("text", text)
	}
	return nil
}

// dress turns what was read into what is shown.
func (d *Desk) dress(c *web.Context, v *sheetView, entries []dossier.Entry, crews []crew.Crew, place string) (err error) {
	ctx, x := c.Ctx(), v.Dossier
	v.Write, v.Assign = d.may(c.Actor, v.Kind, MayWrite), d.may(c.Actor, v.Kind, MayAssign)
	v.Mine = x.OwnerID == c.Actor.ID
	v.Moves = v.Write && !v.Kind.OwnMoves && !x.Closed()
	v.Answers = v.Write && v.Kind.Messages && !x.Closed()
	v.Attach = v.Write && d.Files != nil
	v.Reopens = v.Write && !v.Kind.OwnMoves && x.Closed() && x.MergedInto == 0 && v.Kind.Reopen > 0 && !c.Now().After(x.ClosedAt.Add(v.Kind.Reopen))
	if v.Moves {
		v.Advances, v.Ends = v.Kind.Steps(x.Stage), v.Kind.Ends(x.Stage)
	}
	names, err := d.names(ctx, x, entries)
	if err != nil {
		return err
	}
	teams := crewNames(crews)
	v.Steps = staffSteps(c, entries, names, teams)
	v.Facts = d.facts(c, x, v, names, teams, place)
	if v.Write && !x.Closed() {
		if v.Owners, err = d.owners(c, x); err != nil {
			return err
		}
		v.Teams = []page.Option{{Label: c.T("desk.team.none")}}
		for _, t := range crews {
			if t.Active || t.ID == x.TeamID {
				v.Teams = append(v.Teams, page.Option{Value: t.ID.String(), Label: t.Name, Selected: t.ID == x.TeamID})
			}
		}
	}
	if v.Kind.Sheet != nil {
		if v.Part, err = v.Kind.Sheet(c, x); err != nil {
			return err
		}
	}
	if d.Links != nil {
		if l := d.Links(); l != nil {
			v.Links, err = l.Of(ctx, c.Store, c.Actor, link.Ref(x.SubjectRef))
		}
	}
	return err
}

// names are those of everybody the sheet speaks of.
func (d *Desk) names(ctx context.Context, x dossier.Dossier, entries []dossier.Entry) (map[store.ID]string, error) {
	var ids []store.ID
	add := func(id store.ID) {
		if id != 0 && !slices.Contains(ids, id) && len(ids) < 1000 {
			ids = append(ids, id)
		}
	}
	add(x.OwnerID)
	for _, e := range entries {
		if e.Author.Kind == dossier.Staff {
			add(e.Author.ID)
		}
		if id, err := store.ParseID(e.Args["owner"]); err == nil {
			add(id)
		}
	}
	return d.People.Names(ctx, ids)
}

// staffSteps is the whole timeline as staff read it, the latest first: they come
// for what is new.
func staffSteps(c *web.Context, entries []dossier.Entry, names, teams map[store.ID]string) []page.Step {
	ctx := c.Ctx()
	out := make([]page.Step, 0, len(entries))
	for _, e := range slices.Backward(entries) {
		s := page.Step{Title: e.Title(ctx), When: i18n.DayTimeRelative(ctx, e.At, c.Now()), Text: e.Body, State: "done"}
		if e.Kind == dossier.AssignmentEntry {
			s.Title = givenTo(ctx, e, names, teams)
		}
		switch {
		case e.Author.Kind == dossier.Staff && names[e.Author.ID] != "":
			s.When += " · " + names[e.Author.ID]
		case e.Author.Kind == dossier.System:
			s.When += " · " + i18n.T(ctx, "desk.author.system")
		}
		if !e.Public {
			s.When += " · " + i18n.T(ctx, "desk.entry.internal")
		}
		out = append(out, s)
	}
	return out
}

// givenTo says who has the request now.
func givenTo(ctx context.Context, e dossier.Entry, names, teams map[store.ID]string) string {
	owner, _ := store.ParseID(e.Args["owner"]) // 0 is nobody
	team, _ := store.ParseID(e.Args["team"])
	switch {
	case names[owner] != "" && teams[team] != "":
		return i18n.T(ctx, "desk.given.both", "Name", names[owner], "Team", teams[team])
	case names[owner] != "":
		return i18n.T(ctx, "desk.given.owner", "Name", names[owner])
	case teams[team] != "":
		return i18n.T(ctx, "desk.given.team", "Team", teams[team])
	}
	return i18n.T(ctx, "desk.given.nobody")
}

func (d *Desk) facts(c *web.Context, x dossier.Dossier, v *sheetView, names, teams map[store.ID]string, place string) []page.Fact {
	ctx, now := c.Ctx(), c.Now()
	orNone := func(s string) string {
		if s == "" {
			return c.T("desk.fact.nobody")
		}
		return s
	}
	list := []page.Fact{
		{Label: c.T("desk.fact.number"), Value: x.Number, Num: true},
		{Label: c.T("desk.fact.kind"), Value: c.T(v.Kind.Label), Note: x.Category},
		{Label: c.T("desk.fact.owner"), Value: orNone(names[x.OwnerID]), Note: teams[x.TeamID]},
		{Label: c.T("desk.fact.opened"), Value: i18n.DayTimeRelative(ctx, x.OpenedAt, now), Note: c.T("desk.channel." + string(x.Channel))},
	}
	switch {
	case x.Closed():
		list = append(list, page.Fact{Label: c.T("desk.fact.closed"), Value: i18n.DayTimeRelative(ctx, x.ClosedAt, now)})
	case !x.DueAt.IsZero():
		f := page.Fact{Label: c.T("desk.fact.due"), Value: i18n.DayWithYear(ctx, x.DueDay(), now)}
		if x.DueFixed {
			f.Note = c.T("desk.fact.due.fixed")
		}
		list = append(list, f)
	}
	if place != "" {
		list = append(list, page.Fact{Label: c.T("desk.fact.sector"), Value: place})
	}
	if n, err := phone.Parse(x.Phone, ""); err == nil {
		list = append(list, page.Fact{Label: c.T("desk.fact.phone"), Value: n.National(), Num: true})
	}
	if x.Email != "" {
		list = append(list, page.Fact{Label: c.T("desk.fact.email"), Value: x.Email})
	}
	if x.RequesterID != 0 && c.Actor.Can(person.Read) {
		list = append(list, page.Fact{Label: c.T("desk.fact.requester"), Value: c.T("desk.fact.requester.known"), Href: c.Href("/usagers/" + x.RequesterID.String()), LinkLabel: c.T("desk.fact.requester.see")})
	}
	if v.Followers > 0 {
		list = append(list, page.Fact{Label: c.T("desk.fact.followers"), Value: i18n.N(ctx, "desk.followers", v.Followers)})
	}
	if x.Reopened > 0 {
		list = append(list, page.Fact{Label: c.T("desk.fact.reopened"), Value: i18n.N(ctx, "desk.times", x.Reopened)})
	}
	return append(list, v.Part.Facts...)
}

// owners are who works here.
func (d *Desk) owners(c *web.Context, x dossier.Dossier) ([]page.Option, error) {
	staff, err := d.Staff(c.Ctx(), c.Found.Territory)
	if err != nil {
		return nil, err
	}
	out := []page.Option{{Label: c.T("desk.owner.none")}}
	for _, m := range staff {
		out = append(out, page.Option{Value: m.ID.String(), Label: m.Name, Selected: m.ID == x.OwnerID})
	}
	return out, nil
}

// works tells whether somebody works here; 0 is nobody, and may be given to.
func (d *Desk) works(c *web.Context, id store.ID) (bool, error) {
	if id == 0 {
		return true, nil
	}
	staff, err := d.Staff(c.Ctx(), c.Found.Territory)
	return slices.ContainsFunc(staff, func(m dossier.Colleague) bool { return m.ID == id }), err
}

// person2 is somebody as two letters.
func person2(name string) page.Person { return person.Person{Name: name}.Square() }

// until reads a day typed in a form, as its first instant here.
func until(typed string, at *time.Location) (time.Time, bool) {
	if typed == "" {
		return time.Time{}, true
	}
	for _, form := range []string{time.DateOnly, "02/01/2006", "2/1/2006"} {
		if t, err := time.ParseInLocation(form, typed, at); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
