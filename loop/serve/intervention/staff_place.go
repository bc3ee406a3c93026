package intervention

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"parvis/platform/calendar"
	"parvis/platform/fault"
	"parvis/platform/geo"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/tabular"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// mapWidth and mapHeight are the picture's, in its own units; hexSide that of a tile.
const (
	mapWidth  = 720
	mapHeight = 520
	hexSide   = 14.0
)

type placesView struct {
	Action   string
	Trades   []page.Option
	Periods  []page.Option
	Stats    []page.StatData
	Tiles    []hexagon
	Pins     []pin
	Contours []string
	Scale    string
	ScaleX   string
	ViewBox  string
	Label    string
	Legend   []legendLine
	Table    page.TableData
	Exports  []page.ButtonData
	Empty    *page.EmptyData
	Note     string
}

type pin struct{ X, Y, Text string }

type legendLine struct {
	Class int
	Text  string
}

// placesQuery reads what is asked: a trade, the first of the territory when
// none; a period in days, a year when none.
func (s *Service) placesQuery(c *web.Context, tx *store.Tx) (RecurrenceQuery, []Trade, int, error) {
	list, err := s.Trades(c.Ctx(), tx, true)
	if err != nil {
		return RecurrenceQuery{}, nil, 0, err
	}
	days := 365
	if n, err := strconv.Atoi(c.Query("jours")); err == nil && n > 0 && n <= 3660 {
		days = n
	}
	q := RecurrenceQuery{Trade: idOf(c.Query("metier")), To: tx.Now(), From: tx.Now().AddDate(0, 0, -days)}
	if q.Trade == 0 {
		for _, t := range list {
			if t.Code == "graffiti" || q.Trade == 0 {
				q.Trade = t.ID
			}
		}
	}
	return q, list, days, nil
}

// places shows what comes back: the tiles, the first fifty, how long it stays
// clean.
func (s *Service) places(c *web.Context) error {
	ctx := c.Ctx()
	v := placesView{Action: c.Href(placesPath)}
	var r Recurrence
	var q RecurrenceQuery
	var trade Trade
	var days int
	err := c.Store.View(ctx, func(tx *store.Tx) error {
		var list []Trade
		var err error
		if q, list, days, err = s.placesQuery(c, tx); err != nil {
			return err
		}
		v.Trades = nil
		for _, t := range list {
			v.Trades = append(v.Trades, page.Option{Value: t.ID.String(), Label: t.Name, Selected: t.ID == q.Trade})
			if t.ID == q.Trade {
				trade = t
			}
		}
		if r, err = s.Recurrence(ctx, tx, q); err != nil || s.Contours == nil {
			return err
		}
		lines, err := s.Contours(ctx, tx)
		if err == nil && len(lines) > 0 {
			v.draw(c, r, lines)
		}
		return err
	})
	if err != nil {
		return err
	}
	if v.ViewBox == "" {
		v.draw(c, r, nil)
	}
	for _, n := range []int{90, 365, 1095, 1826} {
		v.Periods = append(v.Periods, page.Option{Value: strconv.Itoa(n), Label: c.T("intervention.period." + strconv.Itoa(n)), Selected: n == days})
	}
	v.fill(c, r, trade)
	query := url.Values{"metier": {q.Trade.String()}, "jours": {strconv.Itoa(days)}}
	for _, f := range []string{"csv", "geojson"} {
		query.Set("format", f)
		v.Exports = append(v.Exports, page.ButtonData{Label: c.T("intervention.export." + f), Icon: "down", Small: true, Href: c.Href(placesPath + "/export?" + query.Encode())})
	}
	title := c.T("intervention.places.title")
	if len(r.Top) > 0 && r.Top[0].Count > 1 {
		title = c.T("intervention.places.most", "Place", r.Top[0].name(c), "N", r.Top[0].Count)
	}
	p, err := s.workspace(c, c.T("intervention.places.menu"), c.T("intervention.places.lead", "Trade", trade.Name, "Period", i18n.Period(ctx, q.From, q.To), "N", i18n.Number(ctx, r.Count), "Places", i18n.Number(ctx, r.Places)), nil)
	if err != nil {
		return err
	}
	p.Heading = title
	return c.Render(placesPage(p, v))
}

// name is a place for people: its asset or address, else where it is.
func (x PlaceCount) name(c *web.Context) string {
	switch {
	case x.Label != "":
		return x.Label
	case x.Lat != nil && x.Lon != nil:
		return strconv.FormatFloat(*x.Lat, 'f', 5, 64) + " " + strconv.FormatFloat(*x.Lon, 'f', 5, 64)
	}
	return c.T("intervention.places.unknown")
}

// draw makes the picture.
func (v *placesView) draw(c *web.Context, r Recurrence, lines json.RawMessage) {
	area, err := geo.ReadArea(lines)
	known := err == nil && !area.Empty()
	if len(r.Points) == 0 && !known {
		return
	}
	b := geo.BoundsOf(r.Points)
	if len(r.Points) == 0 {
		b = area.Bounds()
	}
	f := geo.NewFrame(b, mapWidth, mapHeight)
	if known {
		v.Contours = append(v.Contours, geo.ContoursSVG(area, f))
	}
	tiles, bounds := hexagons(r, f, hexSide)
	v.Tiles = tiles
	for i, least := range bounds {
		text := c.T("intervention.legend.from", "N", i18n.Number(c.Ctx(), least))
		if i+1 < len(bounds) && bounds[i+1]-1 > least {
			text = c.T("intervention.legend.range", "From", i18n.Number(c.Ctx(), least), "To", i18n.Number(c.Ctx(), bounds[i+1]-1))
		} else if i+1 < len(bounds) {
			text = i18n.Number(c.Ctx(), least)
		}
		v.Legend = append(v.Legend, legendLine{i + 1, text})
	}
	for i, p := range r.Top[:min(len(r.Top), 10)] {
		if p.Lat == nil || p.Lon == nil {
			continue
		}
		x, y := f.XY(geo.Point{Lat: *p.Lat, Lon: *p.Lon})
		v.Pins = append(v.Pins, pin{fmt.Sprintf("%.1f", x), fmt.Sprintf("%.1f", y), strconv.Itoa(i + 1)})
	}
	for _, m := range []float64{50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000} {
		if px := m / f.Metres(); px > 60 {
			v.ScaleX = fmt.Sprintf("%.1f", 16+px)
			v.Scale = i18n.Number(c.Ctx(), int(m)) + "\u00a0m"
			if m >= 1000 {
				v.Scale = i18n.Number(c.Ctx(), int(m/1000)) + "\u00a0km"
			}
			break
		}
	}
	v.ViewBox = fmt.Sprintf("0 0 %d %d", mapWidth, mapHeight)
	v.Label = c.T("intervention.places.picture", "Tiles", i18n.Number(c.Ctx(), len(tiles)), "Places", i18n.Number(c.Ctx(), r.Places))
}

// lasted is « 12 jours », « plus de 40 jours », or nothing when nothing is known.
func lasted(c *web.Context, days float64, known bool, spans int) string {
	switch {
	case spans == 0:
		return ""
	case known:
		return c.T("intervention.days", "N", i18n.Number(c.Ctx(), int(days+0.5)))
	}
	return c.T("intervention.days.more", "N", i18n.Number(c.Ctx(), int(days)))
}

// fill writes the figures and the table.
func (v *placesView) fill(c *web.Context, r Recurrence, t Trade) {
	ctx := c.Ctx()
	if r.Count == 0 {
		v.Empty = &page.EmptyData{Title: c.T("intervention.places.none"), Text: c.T("intervention.places.none.text")}
		return
	}
	v.Stats = []page.StatData{
		{Label: c.T("intervention.stat.again"), Value: i18n.Percent(ctx, float64(r.Again)/float64(max(r.Places, 1))), Target: c.T("intervention.stat.again.of", "N", i18n.Number(ctx, r.Again), "Of", i18n.Number(ctx, r.Places))},
		{Label: c.T("intervention.stat.days"), Value: lasted(c, r.Days, r.Known, r.Spans), Target: c.T("intervention.stat.days.of", "N", i18n.Number(ctx, r.Spans))},
	}
	v.Note = c.T("intervention.places.how")
	v.Table = page.TableData{Caption: c.T("intervention.places.list"), CaptionHidden: true, Columns: []page.Column{{Label: c.T("intervention.places.rank"), Right: true}, {Label: c.T("intervention.places.place")}, {Label: c.T("intervention.places.times"), Right: true},
		{Label: c.T("intervention.places.days"), Right: true}, {Label: c.T("intervention.places.trend"), Right: true}, {Label: c.T("intervention.fact.minutes"), Right: true}, {Label: c.T("intervention.fact.cost"), Right: true}, {Label: c.T("intervention.places.last")}}}
	for i, p := range r.Top {
		href := ""
		if p.AssetID != 0 {
			href = c.Href(assetsPath + "/" + p.AssetID.String())
		} else if p.Label != "" {
			href = c.Href(ordersPath + "?etat=all&q=" + url.QueryEscape(p.Label))
		}
		trend := fmt.Sprintf("%+d", p.Recent-p.Before)
		trend = strings.Replace(trend, "-", "−", 1)
		if p.Recent == p.Before {
			trend = "="
		}
		quantity := ""
		if p.Quantity > 0 {
			quantity = i18n.Number(ctx, p.Quantity) + "\u00a0" + t.Config.V.Unit
		}
		v.Table.Rows = append(v.Table.Rows, []page.Cell{{Text: strconv.Itoa(i + 1)}, {Text: p.name(c), Href: href, Head: true, Note: quantity}, {Text: i18n.Number(ctx, p.Count)}, {Text: lasted(c, p.Days, p.Known, p.Spans)},
			{Text: trend}, {Text: i18n.Duration(ctx, time.Duration(p.Minutes)*time.Minute)}, {Text: i18n.Money(ctx, p.Cents)}, {Text: i18n.DateNumeric(ctx, p.Last)}})
	}
}

// exportPlaces is the places of a period as CSV or GeoJSON, up to 5 000.
func (s *Service) exportPlaces(c *web.Context) error {
	var r Recurrence
	if err := c.Store.View(c.Ctx(), func(tx *store.Tx) error {
		q, _, _, err := s.placesQuery(c, tx)
		if err != nil {
			return err
		}
		q.Top = 5000
		r, err = s.Recurrence(c.Ctx(), tx, q)
		return err
	}); err != nil {
		return err
	}
	switch c.Query("format") {
	case "", "csv":
		columns := []string{"rang", "lieu", "latitude", "longitude", "interventions", "jours_median", "median_atteint", "minutes", "cout_euros", "quantite", "derniere", "90_derniers_jours", "90_precedents"}
		var rows [][]string
		for i, p := range r.Top {
			lat, lon := "", ""
			if p.Lat != nil && p.Lon != nil {
				lat, lon = strconv.FormatFloat(*p.Lat, 'f', 6, 64), strconv.FormatFloat(*p.Lon, 'f', 6, 64)
			}
			rows = append(rows, []string{strconv.Itoa(i + 1), p.name(c), lat, lon, strconv.Itoa(p.Count), strconv.FormatFloat(p.Days, 'f', 1, 64), strconv.FormatBool(p.Known), strconv.FormatInt(p.Minutes, 10), writeCents(p.Cents),
				strconv.FormatFloat(p.Quantity, 'f', -1, 64), p.Last.Format(time.DateOnly), strconv.Itoa(p.Recent), strconv.Itoa(p.Before)})
		}
		body, err := tabular.CSV(columns, rows)
		if err != nil {
			return err
		}
		return c.File(tabular.CSVType, "lieux.csv", body)
	case "geojson":
		features := []any{}
		for _, p := range r.Top {
			if p.Lat == nil || p.Lon == nil {
				continue
			}
			features = append(features, map[string]any{"type": "Feature", "geometry": map[string]any{"type": "Point", "coordinates": []float64{*p.Lon, *p.Lat}},
				"properties": map[string]any{"lieu": p.name(c), "interventions": p.Count, "jours_median": p.Days, "median_atteint": p.Known, "minutes": p.Minutes, "cout_centimes": p.Cents, "derniere": p.Last.Format(time.DateOnly)}})
		}
		body, err := json.Marshal(map[string]any{"type": "FeatureCollection", "features": features})
		if err != nil {
			return err
		}
		return c.File("application/geo+json", "lieux.geojson", body)
	}
	return fault.New(fault.NotFound, "")
}

type dayView struct {
	Done   string
	Action string
	Prev   page.Link
	Next   page.Link
	Week   page.WeekData
	Queue  page.QueueData
	Empty  bool
}

// day is the plan of a day: a lane per team, and what is to be planned.
func (s *Service) day(c *web.Context) error {
	ctx, zone := c.Ctx(), i18n.Location(c.Ctx())
	date := calendar.DateOf(c.Now(), zone)
	if d, err := calendar.ParseDate(c.Query("jour")); err == nil {
		date = d
	}
	v := dayView{Done: c.TakeFlash(), Action: c.Href(dayPath), Prev: page.Link{Label: c.T("intervention.day.before"), Href: c.Href(dayPath + "?jour=" + date.AddDays(-1).String())},
		Next: page.Link{Label: c.T("intervention.day.after"), Href: c.Href(dayPath + "?jour=" + date.AddDays(1).String())}}
	v.Week = page.WeekData{From: 7 * 60, To: 19 * 60}
	err := c.Store.View(ctx, func(tx *store.Tx) error {
		r, err := s.roster(ctx, tx)
		if err != nil {
			return err
		}
		list, err := s.List(ctx, tx, Filter{From: date.Start(zone), To: date.AddDays(1).Start(zone)}, 500)
		if err != nil {
			return err
		}
		lanes := map[store.ID]*page.WeekLane{}
		day := page.WeekDay{Label: i18n.DayShort(ctx, date.At(0, zone)), Aria: i18n.Day(ctx, date.At(0, zone)), Today: date == calendar.DateOf(c.Now(), zone)}
		var order []store.ID
		for _, x := range r.teams {
			if x.Active {
				order = append(order, x.ID)
				lanes[x.ID] = &page.WeekLane{Owner: page.Person{Initials: initials(x.Name), Name: x.Name, Tone: len(order)}}
			}
		}
		order = append(order, 0)
		lanes[0] = &page.WeekLane{Owner: page.Person{Initials: "?", Name: c.T("intervention.crew.none")}}
		for _, o := range list {
			lane := lanes[o.CrewID]
			if lane == nil {
				lane = lanes[0]
			}
			start := o.PlannedStart.In(zone)
			lane.Events = append(lane.Events, page.WeekEvent{Start: start.Hour()*60 + start.Minute(), Minutes: max(20, int(o.PlannedEnd.Sub(o.PlannedStart).Minutes())), Label: o.Title, Href: c.Href(ordersPath + "/" + o.ID.String()),
				Aria: i18n.ClockRange(ctx, o.PlannedStart, o.PlannedEnd) + ", " + o.Title + ", " + lane.Owner.Name + ", " + c.T("intervention.state."+string(o.State))})
		}
		for _, id := range order[:min(len(order), 6)] {
			if id != 0 || len(lanes[0].Events) > 0 {
				day.Lanes = append(day.Lanes, *lanes[id])
			}
		}
		v.Week.Days, v.Empty = []page.WeekDay{day}, len(list) == 0
		if day.Today {
			now := c.Now().In(zone)
			v.Week.Now = now.Hour()*60 + now.Minute()
		}
		todo, err := s.List(ctx, tx, Filter{Open: true, States: []State{ToPlan, Suspended}}, 40)
		v.Queue = s.queue(c, r, todo)
		v.Queue.FormID = ""
		return err
	})
	if err != nil {
		return err
	}
	p, err := s.workspace(c, c.T("intervention.day.heading", "Day", i18n.DayWithYear(ctx, date.At(0, zone), c.Now())), "", nil)
	if err != nil {
		return err
	}
	return c.Render(dayPage(p, v))
}
