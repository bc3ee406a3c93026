package report

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"parvis/core/link"
	"parvis/engine/dossier"
	"parvis/platform/fault"
	"parvis/platform/geo"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

type deskSheet struct {
	Report     Report
	Category   Category
	Done       string
	Errors     []page.FieldError
	Facts      []page.Fact
	Said       []Said
	Photos     []photoView
	Map        *mapView
	Near       []page.Tile
	NearNumber []page.Option
	Links      []link.Link
	Merged     string // address of the one that goes on
	Text       string
	Place      string
	Show       bool

	Categories, Priorities, Crews, Owners, Steps, Ends, Causes []page.Option
	Lat, Lon, Planned, Note, Reason                            string
	Path                                                       string
	Dossier                                                    string
	Public                                                     string
	MayWrite, MayModerate                                      bool
}

// sheet is what the service shows on the sheet of the desk.
func (s *Reports) sheet(c *web.Context, d dossier.Dossier) (dossier.Part, error) {
	v, err := s.readSheet(c, func(ctx context.Context, tx *store.Tx) (Report, error) { return s.ByDossier(ctx, tx, d.ID) })
	if err != nil {
		return dossier.Part{}, err
	}
	part := dossier.Part{Facts: v.Facts, Body: sheetPart(v)}
	if v.MayWrite {
		part.Actions = append(part.Actions, page.ButtonData{Label: c.T("report.desk.treat"), Href: c.Href(v.Report.StaffPath())})
	}
	if v.Public != "" {
		part.Actions = append(part.Actions, page.ButtonData{Label: c.T("report.receipt.public"), Href: v.Public})
	}
	return part, nil
}

// actions are what the author can do on their page.
func (s *Reports) actions(ctx context.Context, d dossier.Dossier) []page.ButtonData { return nil }

// readSheet gathers all that the staff sees of a report.
func (s *Reports) readSheet(c *web.Context, find func(context.Context, *store.Tx) (Report, error)) (deskSheet, error) {
	cats, err := s.list(c.Ctx(), c.Store)
	if err != nil {
		return deskSheet{}, err
	}
	v := deskSheet{MayWrite: c.Actor.Can(MayWrite), MayModerate: c.Actor.Can(MayModerate)}
	ctx := c.Ctx()
	var author Contact
	var near []Candidate
	var crews []Choice
	var d dossier.Dossier
	err = c.Store.View(ctx, func(tx *store.Tx) (err error) {
		if v.Report, err = find(ctx, tx); err != nil {
			return err
		}
		r := v.Report
		if v.Category, err = s.Category(ctx, tx, r.CategoryID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if author, _, err = s.Author(ctx, tx, r.ID); err != nil {
			return err
		}
		if d, err = s.Dossiers.Get(ctx, tx, r.DossierID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if crews, err = s.crews(c, tx); err != nil {
			return err
		}
		var point *geo.Point
		if p, ok := r.Point(); ok {
			point = &p
		}
		if r.MergedInto != 0 {
			kept, err := s.Get(ctx, tx, r.MergedInto)
			if err == nil {
				v.Merged = kept.Number
			}
			return nil
		}
		near, err = s.Near(ctx, tx, Query{Category: r.CategoryID, Point: point, Address: r.Address, Text: r.Text, Except: r.ID, Staff: true})
		return err
	})
	if err != nil {
		return v, err
	}
	return v, s.fillSheet(c, &v, cats, author, near, crews, d)
}

func (s *Reports) fillSheet(c *web.Context, v *deskSheet, cats []Category, author Contact, near []Candidate, crews []Choice, d dossier.Dossier) error {
	ctx, r, now := c.Ctx(), v.Report, c.Now()
	v.Path, v.Dossier = c.Href(r.StaffPath()), c.Href("/bureau/demandes/"+r.DossierID.String())
	if r.Visible {
		v.Public = c.Href(r.Path())
	}
	v.Facts = append(v.Facts, page.Fact{Label: c.T("report.ask.what"), Value: r.Title, Note: v.Category.Heading}, page.Fact{Label: c.T("report.desk.priority"), Value: c.T(r.Priority.Label())})
	if r.Address != "" {
		v.Facts = append(v.Facts, page.Fact{Label: c.T("report.ask.where"), Value: r.Address})
	}
	if !r.DueAt.IsZero() {
		v.Facts = append(v.Facts, page.Fact{Label: c.T("report.receipt.due"), Value: i18n.DayWithYear(ctx, r.DueAt.Add(-time.Microsecond), now)})
	}
	switch {
	case author.Reachable() || author.Name() != "":
		v.Facts = append(v.Facts, page.Fact{Label: c.T("report.desk.author"), Value: strings.TrimSpace(author.Name() + " " + author.Email), Note: i18n.Phone(ctx, author.Phone)})
	default:
		v.Facts = append(v.Facts, page.Fact{Label: c.T("report.desk.author"), Value: c.T("report.desk.anonymous")})
	}
	v.Facts = append(v.Facts, page.Fact{Label: c.T("report.desk.column.voices"), Value: i18n.From(ctx).Integer(int64(r.Followers)), Num: true})
	if r.Source != "" {
		v.Facts = append(v.Facts, page.Fact{Label: c.T("report.desk.source"), Value: r.Source, Note: r.ExternalID})
	}
	v.Said = v.Category.Say(ctx, r.Answers.V)
	for _, x := range r.Photos {
		src := v.Path + "/photo/" + x.ID.String()
		v.Photos = append(v.Photos, photoView{ID: x.ID.String(), Src: src + "?petite=1", Full: src, Alt: c.T("report.photo." + string(x.Role) + ".staff"), Caption: c.T("report.photo.state." + string(x.State)),
			When: i18n.Day(ctx, x.CreatedAt), State: x.State, Width: x.Width, Height: x.Height})
	}
	for _, x := range near {
		text := c.T(x.State.Label())
		if x.Metres >= 0 {
			text += " · " + c.T("report.same.metres", "N", i18n.Decimal(ctx, x.Metres, 0))
		}
		v.Near = append(v.Near, page.Tile{Title: x.Number + " · " + headingOf(x.Report), Text: text, Href: c.Href(x.StaffPath())})
		if !x.Closed() {
			v.NearNumber = append(v.NearNumber, page.Option{Value: x.Number, Label: x.Number + " · " + headingOf(x.Report)})
		}
	}
	if p, ok := r.Point(); ok {
		m, frame, err := s.draw(ctx, c.Store, geo.Around(p, max(float64(v.Category.Radius()), 150)), 360)
		if err != nil {
			return err
		}
		x, y := frame.XY(p)
		m.Pins = append(m.Pins, mapPin{Transform: move(x, y), Class: r.PublicState().Pin()})
		for i, n := range near {
			if np, ok := n.Point(); ok {
				nx, ny := frame.XY(np)
				m.Pins = append(m.Pins, mapPin{Transform: move(nx, ny), Class: n.PublicState().Pin(), Text: string(rune('A' + i)), Href: c.Href(n.StaffPath())})
			}
		}
		m.Aria = c.T("report.map.one", "Place", headingOf(r))
		v.Map = &m
		v.Lat, v.Lon = degrees(p.Lat), degrees(p.Lon)
	}
	v.Text, v.Place, v.Show = r.TextShown, r.Address, r.Moderation != Hidden
	if v.Text == "" && r.Moderation == Waiting {
		v.Text, _ = mask(r.Text)
	}
	if s.Links != nil {
		if links := s.Links(); links != nil {
			var err error
			if v.Links, err = links.Of(ctx, c.Store, c.Actor, link.Ref(r.Ref())); err != nil {
				return err
			}
		}
	}
	return s.fillForms(c, v, cats, crews, d)
}

func (s *Reports) fillForms(c *web.Context, v *deskSheet, cats []Category, crews []Choice, d dossier.Dossier) error {
	r := v.Report
	v.Categories = categoryOptions(c, cats, r.CategoryID.String(), false)
	for _, p := range Priorities() {
		v.Priorities = append(v.Priorities, page.Option{Value: p.String(), Label: c.T(p.Label()), Selected: p == r.Priority})
	}
	v.Crews = choiceOptions(c.T("report.desk.nocrew"), crews, r.CrewID.String())
	if s.StaffList != nil {
		people, err := s.StaffList(c.Ctx(), c.Store)
		if err != nil {
			return err
		}
		v.Owners = choiceOptions(c.T("report.desk.noowner"), people, d.OwnerID.String())
	}
	k, _ := s.Dossiers.Kind(Kind)
	for _, x := range k.Steps(string(r.State)) {
		v.Steps = append(v.Steps, page.Option{Value: x.Name, Label: c.T(x.Label)})
	}
	for _, x := range Finals() {
		v.Ends = append(v.Ends, page.Option{Value: string(x), Label: c.T(x.Label())})
	}
	if causes := v.Category.Detail.V.Causes; len(causes) > 0 {
		v.Causes = []page.Option{{Label: c.T("report.desk.nocause")}}
		for _, x := range causes {
			v.Causes = append(v.Causes, page.Option{Value: x, Label: x})
		}
	}
	return nil
}

// deskOne is the page where a report is qualified, moderated, merged, closed.
func (s *Reports) deskOne(c *web.Context) error {
	return s.renderOne(c, http.StatusOK, nil, nil)
}

func (s *Reports) renderOne(c *web.Context, status int, errs []page.FieldError, fill func(*deskSheet)) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	v, err := s.readSheet(c, func(ctx context.Context, tx *store.Tx) (Report, error) { return s.Get(ctx, tx, id) })
	if err != nil {
		return err
	}
	v.Errors = errs
	if status == http.StatusOK {
		v.Done = c.TakeFlash()
	}
	if fill != nil {
		fill(&v)
	}
	p, err := c.StaffPage(headingOf(v.Report))
	if err != nil {
		return err
	}
	p.Heading, p.Head, p.HasError, p.Kicker = p.Title, assets(), len(errs) > 0, v.Report.Number
	p.Crumbs = []page.Link{{Label: c.T("report.label"), Href: c.Href(deskPath)}, {Label: v.Report.Number}}
	p.Tools = templ.Component(page.Word(v.Report.PublicState().Tone(), c.T(v.Report.State.Label())))
	return c.RenderStatus(status, deskSheetPage(p, v))
}

func (s *Reports) author(c *web.Context) dossier.Author {
	return dossier.Author{Kind: dossier.Staff, ID: c.Actor.ID}
}

// act reads a form, runs do, and comes back to the sheet: with the mistakes and
// what was typed, or with what was done.
func (s *Reports) act(c *web.Context, done string, do func(id store.ID, f url.Values) error) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	f, err := c.Form()
	if err != nil {
		return err
	}
	err = do(id, f)
	conflict := fault.Is(err, fault.Conflict) || fault.Is(err, fault.Gone)
	if errs, ok := c.FieldErrors(err); err != nil && (ok || conflict) {
		if conflict {
			errs = []page.FieldError{{Message: c.T(orKey(fault.Of(err).Key), fault.Of(err).Args...)}}
		}
		return s.renderOne(c, fault.Of(err).Kind.Status(), errs, func(v *deskSheet) {
			v.Reason, v.Note, v.Planned = f.Get("reason"), f.Get("note"), f.Get("planned")
			if f.Has("lat") {
				v.Lat, v.Lon = f.Get("lat"), f.Get("lon")
			}
			if f.Has("text") {
				v.Text = f.Get("text")
			}
		})
	}
	if err != nil {
		return err
	}
	c.Flash(c.T(done))
	return c.Redirect(deskPath + "/" + id.String())
}

func orKey(key string) string {
	if key == "" {
		return "report.error.changed"
	}
	return key
}

func (s *Reports) deskSort(c *web.Context) error {
	return s.act(c, "report.desk.sorted", func(id store.ID, f url.Values) error {
		to := Sorting{Address: f.Get("address")}
		to.Category, _ = store.ParseID(f.Get("category"))
		to.Crew, _ = store.ParseID(f.Get("crew"))
		to.Owner, _ = store.ParseID(f.Get("owner"))
		to.Priority = readPriority(f.Get("priority"))
		p, _, ok := readPoint(f)
		if !ok {
			return fault.Fields{{Name: "lat", Key: "report.error.point"}}.Err()
		}
		to.Point = p
		_, err := s.Sort(c.Ctx(), c.Store, id, s.author(c), to)
		return err
	})
}

func (s *Reports) deskAdvance(c *web.Context) error {
	return s.act(c, "report.desk.advanced", func(id store.ID, f url.Values) error {
		var planned time.Time
		if x := strings.TrimSpace(f.Get("planned")); x != "" {
			day, err := readDay(x)
			if err != nil {
				return fault.Fields{{Name: "planned", Key: "report.error.answer.date", Args: []any{"Label", c.T("report.desk.planned")}}}.Err()
			}
			planned = time.Date(day.Year(), day.Month(), day.Day(), 12, 0, 0, 0, i18n.Location(c.Ctx()))
		}
		_, err := s.Advance(c.Ctx(), c.Store, id, s.author(c), State(f.Get("state")), planned, f.Get("note"))
		return err
	})
}

func (s *Reports) deskClose(c *web.Context) error {
	return s.act(c, "report.desk.closeddone", func(id store.ID, f url.Values) error {
		_, err := s.Close(c.Ctx(), c.Store, id, s.author(c), Closing{State: State(f.Get("end")), Reason: f.Get("reason"), Cause: f.Get("cause")})
		return err
	})
}

func (s *Reports) deskMerge(c *web.Context) error {
	return s.act(c, "report.desk.merged", func(id store.ID, f url.Values) error {
		number, ok := dossier.ParseNumber(f.Get("number"))
		var into Report
		err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
			into, err = s.ByNumber(c.Ctx(), tx, number)
			return err
		})
		if !ok || errors.Is(err, store.ErrNotFound) {
			return fault.Fields{{Name: "number", Key: "report.error.number"}}.Err()
		}
		if err != nil {
			return err
		}
		_, err = s.Merge(c.Ctx(), c.Store, id, into.ID, s.author(c))
		return err
	})
}

func (s *Reports) deskUnmerge(c *web.Context) error {
	return s.act(c, "report.desk.unmerged", func(id store.ID, _ url.Values) error {
		_, err := s.Unmerge(c.Ctx(), c.Store, id, s.author(c))
		return err
	})
}
