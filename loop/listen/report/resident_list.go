package report

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"parvis/platform/geo"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// pageSize is the number of reports on a page of the list.
const pageSize = 20

// listItem is one report of a list: the same number, colour and word as its
// pin.
type listItem struct {
	N           int
	Title, Href string
	Number      string
	Pin         string
	Tone, Word  string
	Lines       []string
	Point       geo.Point
	Located     bool
}

type listView struct {
	Figures []figure
	Query   string
	State   string
	Filters []page.Link
	Items   []listItem
	Map     mapView
	Next    string
	Empty   *page.EmptyData
	Ask     string
	Feed    string
	Offline string
	Follow  string
	Action  string
	Zone    string
}

type figure struct{ Value, Text string }

// filterNames are the values of the filter « etat ».
var filterNames = []string{"", "a-verifier", "planifies", "repares"}

func filterOf(name string, now time.Time) Filter {
	f := Filter{Public: true}
	switch name {
	case "a-verifier":
		f.Tones, f.Open = []PublicState{ToCheck}, true
	case "planifies":
		f.Tones, f.Open = []PublicState{Underway}, true
	case "repares":
		f.Tones, f.ClosedFrom = []PublicState{Mended}, now.AddDate(0, 0, -30)
	}
	return f
}

// showList is what does not work in the street, and what is done about it.
func (s *Reports) showList(c *web.Context) error {
	if _, err := s.list(c.Ctx(), c.Store); err != nil {
		return err
	}
	state := c.Query("etat")
	f := filterOf(state, c.Now())
	f.Query = c.Query("q")
	bounds, zoned := readZone(c.Query("zone"))
	if zoned {
		f.Bounds = &bounds
	}
	after, err := readCursor(c.Query("apres"))
	if err != nil {
		return err
	}
	v := listView{Query: f.Query, State: state, Ask: c.Href(askPath), Feed: c.Href(listPath + "/flux.rss"), Follow: c.Href(listPath + "/suivre"), Action: c.Href(listPath), Zone: c.Query("zone")}
	var rows []Report
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		rows, err = s.List(c.Ctx(), tx, f, after, pageSize+1)
		return err
	})
	if err != nil {
		return err
	}
	here := url.Values{}
	for k, x := range map[string]string{"q": f.Query, "etat": state, "zone": v.Zone} {
		if x != "" {
			here.Set(k, x)
		}
	}
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		here.Set("apres", writeCursor(rows[pageSize-1].Cursor()))
		v.Next = c.Href(listPath + "?" + here.Encode())
		here.Del("apres")
	}
	for i, r := range rows {
		v.Items = append(v.Items, s.item(c, r, i+1))
	}
	if err := s.fillList(c, &v, f, here, bounds, zoned); err != nil {
		return err
	}
	p := s.begin(c, c.T("report.list.title"), c.T("report.list.verb"))
	p.Crumbs, p.NoIndex = nil, c.Request.URL.RawQuery != ""
	p.Description = c.T("report.list.lead")
	return c.Render(listPage(p, v))
}

// fillList adds figures, filters and the map.
func (s *Reports) fillList(c *web.Context, v *listView, f Filter, here url.Values, bounds geo.Bounds, zoned bool) error {
	fig, err := s.lately(c.Ctx(), c.Store)
	if err != nil {
		return err
	}
	v.Figures = figuresOnTop(c.Ctx(), fig)
	for i, name := range filterNames {
		q := url.Values{}
		for k := range here {
			q.Set(k, here.Get(k))
		}
		q.Del("etat")
		if name != "" {
			q.Set("etat", name)
		}
		href := listPath
		if len(q) > 0 {
			href += "?" + q.Encode()
		}
		n := [...]int{fig.Open + fig.FixedMonth, fig.ToCheck, fig.Underway, fig.FixedMonth}[i]
		key := [...]string{"all", "check", "planned", "fixed"}[i]
		v.Filters = append(v.Filters, page.Link{Label: c.T("report.filter."+key, "N", i18n.From(c.Ctx()).Integer(int64(n))), Href: c.Href(href), Current: name == v.State})
	}
	if v.Map, err = s.listMap(c, listPath, v.Items, f, here, bounds, zoned); err != nil {
		return err
	}
	if len(v.Items) == 0 {
		v.Empty = &page.EmptyData{Title: c.T("report.list.none"), Text: c.T("report.list.none.text"), Actions: []page.ButtonData{{Label: c.T("report.ask.button"), Href: v.Ask}}}
		if v.Query != "" || v.State != "" || zoned {
			v.Empty.Text = c.T("report.list.none.filter")
			v.Empty.Actions = append(v.Empty.Actions, page.ButtonData{Label: c.T("report.list.all"), Href: c.Href(listPath)})
		}
	}
	v.Offline = c.T("report.list.counter")
	if c.Site.Phone != "" {
		v.Offline = c.T("report.list.offline", "Phone", c.Site.Phone)
	}
	return nil
}

// item is a report as a line of a list.
func (s *Reports) item(c *web.Context, r Report, n int) listItem {
	ctx, now := c.Ctx(), c.Now()
	pub := r.PublicState()
	x := listItem{N: n, Title: r.Title, Href: c.Href(r.Path()), Number: r.Number, Pin: pub.Pin(), Tone: pub.Tone(), Word: publicWord(ctx, r)}
	x.Point, x.Located = r.Point()
	if r.Address != "" {
		x.Lines = append(x.Lines, r.Address)
	}
	var line []string
	switch {
	case pub == Mended:
		line = append(line, c.T("report.line.fixed", "Day", i18n.DayWithYear(ctx, r.ClosedAt, now), "Delay", tookWords(ctx, r)))
	case r.Closed():
		line = append(line, c.T("report.line.closed", "Day", i18n.DayWithYear(ctx, r.ClosedAt, now)))
	case r.State == Planned && !r.PlannedAt.IsZero():
		line = append(line, c.T("report.line.planned", "Day", i18n.DayWithYear(ctx, r.PlannedAt, now)))
	default:
		line = append(line, c.T("report.line.opened", "When", agoWords(ctx, r.OpenedAt, now)))
	}
	if r.Followers > 0 {
		line = append(line, i18n.N(ctx, "report.line.follow", r.Followers))
	}
	x.Lines = append(x.Lines, strings.Join(line, " · "))
	return x
}

// publicWord is the state in a word.
func publicWord(ctx context.Context, r Report) string {
	switch r.PublicState() {
	case ToCheck:
		return i18n.T(ctx, "report.public.check")
	case Underway:
		return i18n.T(ctx, r.State.Label())
	}
	return i18n.T(ctx, r.State.Label())
}

// tookWords is how long a report took, in days.
func tookWords(ctx context.Context, r Report) string {
	days := int(r.ClosedAt.Sub(r.OpenedAt).Hours()/24 + 0.5)
	if days < 1 {
		return i18n.T(ctx, "report.took.day")
	}
	return i18n.N(ctx, "report.took.days", days)
}

// agoWords is when something happened, as one says it.
func agoWords(ctx context.Context, t, now time.Time) string {
	loc := i18n.Location(ctx)
	days := int(now.In(loc).Sub(t.In(loc)).Hours() / 24)
	if days < 2 {
		return i18n.DayTimeRelative(ctx, t, now)
	}
	if days < 30 {
		return i18n.N(ctx, "report.ago.days", days)
	}
	return i18n.T(ctx, "report.ago.on", "Day", i18n.DayWithYear(ctx, t, now))
}

func readCursor(q string) (Cursor, error) {
	at, id, ok := strings.Cut(q, "-")
	if !ok {
		return Cursor{}, nil
	}
	us, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return Cursor{}, store.ErrNotFound
	}
	n, err := store.ParseID(id)
	if err != nil {
		return Cursor{}, store.ErrNotFound
	}
	return Cursor{store.Time(us), n}, nil
}

func writeCursor(c Cursor) string {
	return strconv.FormatInt(store.Micros(c.At), 10) + "-" + c.ID.String()
}

// figuresOnTop are the four numbers on top, those that are known.
func figuresOnTop(ctx context.Context, f Figures) []figure {
	var out []figure
	if f.Closed >= minCount {
		out = append(out, figure{i18n.N(ctx, "report.figure.days", f.MedianDays), i18n.T(ctx, "report.figure.median")},
			figure{i18n.Percent(ctx, f.InTime), i18n.T(ctx, "report.figure.intime")})
	}
	text := i18n.N(ctx, "report.figure.open", f.Open)
	if f.Late > 0 {
		text += i18n.N(ctx, "report.figure.late", f.Late)
	}
	out = append(out, figure{i18n.From(ctx).Integer(int64(f.Open)), text})
	if f.Opinions >= minCount {
		out = append(out, figure{i18n.T(ctx, "report.figure.mean", "Mean", i18n.Decimal(ctx, f.Mean, 1)), i18n.N(ctx, "report.figure.opinions", f.Opinions)})
	}
	return out
}
