package report

import (
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"parvis/platform/fault"
	"parvis/platform/geo"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

type whereView struct {
	Draft    unsent
	Warning  string
	Errors   []page.FieldError
	Outside  *Outside
	Lat, Lon string // as typed
	Map      mapView
	Answers  []page.Answer
	Action   string
	Ways     []page.Way
}

// askWhere is the second question.
func (s *Reports) askWhere(c *web.Context) error {
	d, cat, done, err := s.current(c)
	if err != nil || done {
		return err
	}
	return s.renderWhere(c, http.StatusOK, d, cat, whereView{})
}

func (s *Reports) renderWhere(c *web.Context, status int, d unsent, cat Category, v whereView) error {
	v.Draft, v.Warning, v.Action, v.Ways, v.Answers = d, cat.Detail.V.Warning, c.Href(s.step(d, "lieu")), ways(c), s.answered(c, d, cat, "lieu")
	if d.Located && v.Lat == "" {
		v.Lat, v.Lon = degrees(d.Lat), degrees(d.Lon)
	}
	var err error
	if v.Map, err = s.pickMap(c, d); err != nil {
		return err
	}
	p := s.begin(c, c.T("report.ask.where.title"), c.T("report.ask.question", "N", 2), crumbAsk(c), page.Link{Label: c.T("report.ask.where")})
	p.Heading, p.Width, p.NoIndex, p.HasError = p.Title, page.Narrow, true, len(v.Errors) > 0
	return c.RenderStatus(status, wherePage(p, v))
}

func degrees(f float64) string { return strconv.FormatFloat(f, 'f', 6, 64) }

// readPoint reads typed coordinates; nil when both are empty, ok is false when
// they are not a place on Earth.
func readPoint(f url.Values) (p *geo.Point, accuracy float64, ok bool) {
	lat, lon := strings.TrimSpace(f.Get("lat")), strings.TrimSpace(f.Get("lon"))
	if lat == "" && lon == "" {
		return nil, 0, true
	}
	x, errX := strconv.ParseFloat(strings.ReplaceAll(lat, ",", "."), 64)
	y, errY := strconv.ParseFloat(strings.ReplaceAll(lon, ",", "."), 64)
	at := geo.Point{Lat: x, Lon: y}
	if errX != nil || errY != nil || !at.Valid() || math.Abs(x)+math.Abs(y) < 1e-9 {
		return nil, 0, false
	}
	accuracy, err := strconv.ParseFloat(f.Get("accuracy"), 64)
	if err != nil || !(accuracy >= 0 && accuracy < 1e6) {
		accuracy = 0
	}
	return &at, accuracy, true
}

// chooseWhere keeps the place and looks for reports that say the same.
func (s *Reports) chooseWhere(c *web.Context) error {
	d, cat, done, err := s.current(c)
	if err != nil || done {
		return err
	}
	f, err := c.Form()
	if err != nil {
		return err
	}
	var wrong fault.Fields
	v := whereView{Lat: f.Get("lat"), Lon: f.Get("lon")}
	d.Address = tidy(strings.ToValidUTF8(f.Get("address"), ""))
	if utf8.RuneCountInString(d.Address) > maxAddress {
		d.Address = string([]rune(d.Address)[:maxAddress])
		wrong.Add("address", "report.error.address.long", "Max", maxAddress)
	}
	p, accuracy, ok := readPoint(f)
	d.Located = false
	switch {
	case !ok:
		wrong.Add("address", "report.error.point")
	case p != nil:
		d.Located, d.Lat, d.Lon, d.Accuracy = true, p.Lat, p.Lon, accuracy
		if s.Within != nil {
			out, inside, err := s.Within(c.Ctx(), c.Store.Territory(), *p)
			if err != nil {
				return err
			}
			if !inside {
				wrong.Add("address", "report.error.outside", "Name", out.Name, "Here", c.Site.FullName())
				v.Outside = &out
				d.Located = false
			}
		}
	case d.Address == "":
		wrong.Add("address", "report.error.where")
	}
	d.Asked = true
	if err := s.saveDraft(c.Ctx(), c.Store, d); err != nil {
		return err
	}
	if len(wrong) > 0 {
		v.Errors, _ = c.FieldErrors(wrong.Err())
		return s.renderWhere(c, http.StatusUnprocessableEntity, d, cat, v)
	}
	same, err := s.same(c, d)
	if err != nil {
		return err
	}
	if len(same) > 0 && !cat.Private() {
		return c.Redirect(s.step(d, "proches"))
	}
	return c.Redirect(s.step(d, "details"))
}

// same are the reports that may say what the draft says.
func (s *Reports) same(c *web.Context, d unsent) (out []Candidate, err error) {
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		out, err = s.Near(c.Ctx(), tx, Query{Category: d.Category, Point: d.point(), Address: d.Address, Text: d.Text})
		return err
	})
	return out, err
}

// sameSpot is the distance under which two positions are one, in metres.
const sameSpot = 8

type sameView struct {
	Items   []listItem
	Action  string
	Radius  string
	Answers []page.Answer
	Ways    []page.Way
}

// askSame shows those that may say the same.
func (s *Reports) askSame(c *web.Context) error {
	d, cat, done, err := s.current(c)
	if err != nil || done {
		return err
	}
	found, err := s.same(c, d)
	if err != nil {
		return err
	}
	if len(found) == 0 || cat.Private() {
		return c.Redirect(s.step(d, "details"))
	}
	v := sameView{Action: c.Href(s.step(d, "proches")), Answers: s.answered(c, d, cat, "proches"), Ways: ways(c)}
	for i, x := range found {
		item := s.item(c, x.Report, i+1)
		switch {
		case x.Metres >= sameSpot:
			item.Lines = append(item.Lines, c.T("report.same.metres", "N", i18n.Decimal(c.Ctx(), math.Round(x.Metres/5)*5, 0)))
		case x.Metres >= 0:
			item.Lines = append(item.Lines, c.T("report.same.here"))
		}
		v.Items = append(v.Items, item)
	}
	p := s.begin(c, i18n.N(c.Ctx(), "report.same.title", len(found)), c.T("report.ask.question", "N", 2), crumbAsk(c), page.Link{Label: c.T("report.same")})
	p.Heading, p.Lead, p.Width, p.NoIndex = p.Title, c.T("report.same.lead"), page.Medium, true
	return c.Render(samePage(p, v))
}

// chooseSame leads to the one that says the same, or on.
func (s *Reports) chooseSame(c *web.Context) error {
	d, _, done, err := s.current(c)
	if err != nil || done {
		return err
	}
	f, err := c.Form()
	if err != nil {
		return err
	}
	if number := f.Get("meme"); number != "" {
		return c.Redirect(listPath + "/" + url.PathEscape(number) + "/moi-aussi")
	}
	d.Compared = true
	if err := s.saveDraft(c.Ctx(), c.Store, d); err != nil {
		return err
	}
	return c.Redirect(s.step(d, "details"))
}
