package report

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"parvis/engine/dossier"
	"parvis/platform/geo"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

const categoriesPath = "/bureau/signalements-categories"

func (s *Reports) staffRoutes() []web.Route {
	get := func(path string, may web.Permission, h web.Handler, sample string) web.Route {
		return web.Route{Method: http.MethodGet, Path: path, Permission: may, Handle: h, Sample: sample}
	}
	post := func(path string, may web.Permission, h web.Handler) web.Route {
		return web.Route{Method: http.MethodPost, Path: path, Permission: may, Handle: h}
	}
	return []web.Route{
		get(deskPath, MayRead, s.deskList, ""),
		get(deskPath+"/export", MayRead, s.export, "-"),
		get(deskPath+"/moderation", MayModerate, s.deskModeration, ""),
		get(deskPath+"/statistiques", MayMeasure, s.deskStatistics, ""),
		get(deskPath+"/{id}", MayRead, s.deskOne, "-"),
		post(deskPath+"/{id}/tri", MayWrite, s.deskSort),
		post(deskPath+"/{id}/etat", MayWrite, s.deskAdvance),
		post(deskPath+"/{id}/clore", MayWrite, s.deskClose),
		post(deskPath+"/{id}/fusion", MayWrite, s.deskMerge),
		post(deskPath+"/{id}/separer", MayWrite, s.deskUnmerge),
		post(deskPath+"/{id}/moderation", MayModerate, s.deskModerate),
		get(deskPath+"/{id}/photo/{photo}", MayRead, s.deskPhoto, "-"),
		get(deskPath+"/{id}/photo/{photo}/flouter", MayModerate, s.askBlur, "-"),
		post(deskPath+"/{id}/photo/{photo}/flouter", MayModerate, s.blur),
		get(categoriesPath, MaySet, s.deskCategories, ""),
		get(categoriesPath+"/nouvelle", MaySet, s.newCategory, ""),
		post(categoriesPath+"/nouvelle", MaySet, s.createCategory),
		get(categoriesPath+"/{id}", MaySet, s.editCategory, "-"),
		post(categoriesPath+"/{id}", MaySet, s.writeCategory),
	}
}

// staffFilter is what the staff chose to see.
type staffFilter struct {
	State, Category, Crew, Query, Zone string
	Late, Double                       bool
}

func readStaffFilter(q url.Values) staffFilter {
	return staffFilter{State: q.Get("etat"), Category: q.Get("categorie"), Crew: q.Get("equipe"), Query: strings.TrimSpace(q.Get("q")), Zone: q.Get("zone"), Late: q.Get("retard") != ""}
}

func (f staffFilter) values() url.Values {
	v := url.Values{}
	for k, x := range map[string]string{"etat": f.State, "categorie": f.Category, "equipe": f.Crew, "q": f.Query, "zone": f.Zone} {
		if x != "" {
			v.Set(k, x)
		}
	}
	if f.Late {
		v.Set("retard", "1")
	}
	return v
}

func (f staffFilter) filter() Filter {
	out := Filter{Query: f.Query, Late: f.Late}
	switch st := State(f.State); {
	case f.State == "":
		out.Open = true
	case f.State == "tous":
	case f.State == "clos":
		out.States = slices.DeleteFunc(States(), func(x State) bool { return !x.Final() })
	case st.Known():
		out.States, out.Merged = []State{st}, st == Duplicate
	}
	if id, err := store.ParseID(f.Category); err == nil {
		out.Category = id
	}
	if id, err := store.ParseID(f.Crew); err == nil {
		out.Crew = id
	}
	if b, ok := readZone(f.Zone); ok {
		out.Bounds = &b
	}
	if number, ok := dossier.ParseNumber(f.Query); ok {
		out.Query, out.Number = "", number
		out.Open, out.Merged = false, true
	}
	return out
}

type deskView struct {
	Filter     staffFilter
	States     []page.Option
	Categories []page.Option
	Crews      []page.Option
	Table      page.TableData
	Map        mapView
	Next       string
	Summary    string
	Empty      *page.EmptyData
	Action     string
	Exports    []page.ButtonData
}

// deskPageSize is the number of reports on a page of the staff.
const deskPageSize = 50

// deskList is every report, on a list and on a map.
func (s *Reports) deskList(c *web.Context) error {
	cats, err := s.list(c.Ctx(), c.Store)
	if err != nil {
		return err
	}
	f := readStaffFilter(c.Request.URL.Query())
	chosen := f.filter()
	after, err := readCursor(c.Query("apres"))
	if err != nil {
		return err
	}
	v := deskView{Filter: f, Action: c.Href(deskPath), Categories: categoryOptions(c, cats, f.Category, true)}
	var rows []Report
	var crews []Choice
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		if crews, err = s.crews(c, tx); err != nil {
			return err
		}
		rows, err = s.List(c.Ctx(), tx, chosen, after, deskPageSize+1)
		return err
	})
	if err != nil {
		return err
	}
	here := f.values()
	if len(rows) > deskPageSize {
		rows = rows[:deskPageSize]
		here.Set("apres", writeCursor(rows[deskPageSize-1].Cursor()))
		v.Next = c.Href(deskPath + "?" + here.Encode())
		here.Del("apres")
	}
	v.States = stateOptions(c, f.State)
	v.Crews = choiceOptions(c.T("report.desk.anycrew"), crews, f.Crew)
	v.Table = s.deskTable(c, rows, crews)
	if len(rows) == 0 {
		v.Empty = &page.EmptyData{Title: c.T("report.desk.none"), Text: c.T("report.desk.none.text"), Small: true, Actions: []page.ButtonData{{Label: c.T("report.desk.all"), Href: c.Href(deskPath + "?etat=tous")}}}
	}
	for _, x := range []string{"csv", "xlsx"} {
		q := f.values()
		q.Set("format", x)
		v.Exports = append(v.Exports, page.ButtonData{Label: c.T("report.desk.export." + x), Icon: "down", Href: c.Href(deskPath + "/export?" + q.Encode()), Small: true})
	}
	if v.Map, err = s.deskMap(c, rows, chosen, here); err != nil {
		return err
	}
	p, err := c.StaffPage(c.T("report.desk.title"))
	if err != nil {
		return err
	}
	p.Heading, p.Head = p.Title, assets()
	return c.Render(deskPage(p, v))
}

func (s *Reports) crews(c *web.Context, tx *store.Tx) ([]Choice, error) {
	if s.CrewList == nil {
		return nil, nil
	}
	return s.CrewList(c.Ctx(), tx)
}

func nameOf(list []Choice, id store.ID) string {
	for _, x := range list {
		if x.ID == id {
			return x.Name
		}
	}
	return ""
}

func choiceOptions(none string, list []Choice, chosen string) []page.Option {
	out := []page.Option{{Label: none}}
	for _, x := range list {
		out = append(out, page.Option{Value: x.ID.String(), Label: x.Name, Selected: x.ID.String() == chosen})
	}
	return out
}

func categoryOptions(c *web.Context, cats []Category, chosen string, any bool) []page.Option {
	var out []page.Option
	if any {
		out = append(out, page.Option{Label: c.T("report.desk.anycategory")})
	}
	for _, x := range cats {
		if x.Active || x.ID.String() == chosen {
			out = append(out, page.Option{Value: x.ID.String(), Label: x.Label, Group: x.Heading, Selected: x.ID.String() == chosen})
		}
	}
	return out
}

func stateOptions(c *web.Context, chosen string) []page.Option {
	out := []page.Option{{Label: c.T("report.desk.open")}, {Value: "tous", Label: c.T("report.desk.every"), Selected: chosen == "tous"}, {Value: "clos", Label: c.T("report.desk.closed"), Selected: chosen == "clos"}}
	for _, x := range States() {
		out = append(out, page.Option{Value: string(x), Label: c.T(x.Label()), Selected: string(x) == chosen})
	}
	return out
}

func (s *Reports) deskTable(c *web.Context, rows []Report, crews []Choice) page.TableData {
	ctx, now := c.Ctx(), c.Now()
	t := page.TableData{Caption: c.T("report.desk.title"), CaptionHidden: true, Columns: []page.Column{{Label: c.T("report.desk.column.report")}, {Label: c.T("report.desk.column.state")},
		{Label: c.T("report.desk.column.due")}, {Label: c.T("report.desk.column.crew")}, {Label: c.T("report.desk.column.voices"), Right: true}}}
	for i, r := range rows {
		note := r.Number
		if r.Address != "" {
			note += " · " + shorten(r.Address, 70)
		}
		if r.Private {
			note += " · " + c.T("report.desk.private")
		}
		due := page.Cell{Text: "–"}
		if !r.DueAt.IsZero() {
			due = page.Cell{Text: i18n.DateNumeric(ctx, r.DueAt.Add(-time.Microsecond))}
			if r.Late(now) {
				due = page.Cell{Body: page.Word("late", i18n.T(ctx, "report.desk.late", "Day", i18n.DateNumeric(ctx, r.DueAt.Add(-time.Microsecond))))}
			}
		}
		t.Rows = append(t.Rows, []page.Cell{{Head: true, Body: deskName(c.Href(r.StaffPath()), i+1, r, note)}, {Body: page.Word(r.PublicState().Tone(), c.T(r.State.Label()))},
			due, {Text: nameOf(crews, r.CrewID)}, {Text: i18n.From(ctx).Integer(int64(r.Followers))}})
	}
	return t
}

// deskMap draws the reports of the page with their number, and the others of
// the filter in groups.
func (s *Reports) deskMap(c *web.Context, rows []Report, f Filter, here url.Values) (mapView, error) {
	var items []listItem
	for i, r := range rows {
		x := listItem{N: i + 1, Title: r.Title, Href: c.Href(r.StaffPath()), Pin: r.PublicState().Pin()}
		x.Point, x.Located = r.Point()
		items = append(items, x)
	}
	var zone geo.Bounds
	if f.Bounds != nil {
		zone = *f.Bounds
	}
	return s.listMap(c, deskPath, items, f, here, zone, f.Bounds != nil)
}
