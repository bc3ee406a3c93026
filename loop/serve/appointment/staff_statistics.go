package appointment

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"parvis/engine/indicator"
	"parvis/platform/calendar"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// bar is one line of a drawing: a rate, its interval, its words.
type bar struct {
	Label, Value string
	X, Low, High float64 // shares of the width, 0 to 1
	Y            int     // top of the line
}

// cutTable is one cut: the drawing and the same figures in a table.
type cutTable struct {
	ID, Title string
	Bars      []bar
	Height    int
	Aria      string
	Scale     []bar // marks of the scale: Label and X
	Table     page.TableData
}

// weekBar is one week of the drawing of weeks.
type weekBar struct {
	X, Width     float64
	Seen, NoShow float64 // heights
	SeenY, NoY   float64
}

type statisticsView struct {
	Action      string
	First, Last string
	Errors      []page.FieldError
	Rate        page.StatData
	Sentence    string
	Compared    string
	Unknown     string
	Figures     []page.StatData
	Cuts        []cutTable
	Weeks       []weekBar
	WeeksAria   string
	WeekTable   page.TableData
	Exports     []page.ButtonData
	Empty       *page.EmptyData
}

// maxPeriod bounds a period, in days.
const maxPeriod = 5*366 + 1

// period reads « du » and « au », both included; by default the ninety days
// that end today.
func period(c *web.Context, days int) (first, last calendar.Date, err error) {
	last = today(c)
	first = last.AddDays(1 - days)
	var wrong fault.Fields
	if v := c.Query("du"); v != "" {
		first = readDay(&wrong, "du", v, true)
	}
	if v := c.Query("au"); v != "" {
		last = readDay(&wrong, "au", v, true)
	}
	if len(wrong) == 0 && (last.Before(first) || last.Sub(first) > maxPeriod) {
		wrong.Add("au", "appointment.staff.error.period")
	}
	return first, last, wrong.Err()
}

// showStatistics is who did not come, how sure that is, and what goes with it.
func (s *Service) showStatistics(c *web.Context) error {
	ctx, zone := c.Ctx(), i18n.Location(c.Ctx())
	v := statisticsView{Action: c.Href(statisticsPath)}
	first, last, err := period(c, 90)
	status := http.StatusOK
	if fields, invalid := c.FieldErrors(err); err != nil && invalid {
		v.Errors, status = fields, http.StatusUnprocessableEntity
		v.First, v.Last = c.Query("du"), c.Query("au")
		last = today(c)
		first = last.AddDays(-89)
	} else if err != nil {
		return err
	} else {
		v.First, v.Last = dateTyped(first), dateTyped(last)
	}
	days := last.Sub(first) + 1
	now, err := s.Statistics(ctx, c.Store, first.Start(zone), last.AddDays(1).Start(zone), zone)
	if err != nil {
		return err
	}
	before, err := s.Statistics(ctx, c.Store, first.AddDays(-days).Start(zone), first.Start(zone), zone)
	if err != nil {
		return err
	}
	var r *roster
	if err := c.Store.View(ctx, func(tx *store.Tx) (err error) {
		r, err = s.roster(ctx, tx)
		return err
	}); err != nil {
		return err
	}
	s.headline(c, &v, now.All, before.All, first, days)
	for _, cut := range Cuts() {
		if t, ok := cutOf(ctx, cut, now.Lines[cut], r); ok {
			v.Cuts = append(v.Cuts, t)
		}
	}
	weeks(ctx, &v, now.Lines[ByWeek])
	if c.Actor.Can(MayRead) {
		v.Exports = periodExports(c, first, last)
	}
	if total := now.All.NoShow.Of + now.All.Excused + now.All.Revoked + now.All.Unknown; total == 0 {
		v.Empty = &page.EmptyData{Drawing: "hall", Title: c.T("appointment.staff.statistics.empty"), Text: c.T("appointment.staff.statistics.empty.text")}
	}
	zoneNoon := func(d calendar.Date) time.Time { return d.At(720, zone) }
	p, err := s.workspace(c, c.T("appointment.staff.statistics.title"), capital(i18n.Period(ctx, zoneNoon(first), zoneNoon(last))), v.Errors)
	if err != nil {
		return err
	}
	p.Crumbs = deskCrumbs(c, page.Link{Label: c.T("appointment.staff.statistics")})
	return c.RenderStatus(status, statisticsPage(p, v))
}

// sentence is « 7,1 % d’absents, 412 sur 5 812, entre 6,5 et 7,8 % ».
func sentence(ctx context.Context, x indicator.Share) string {
	if !x.Shown() {
		return i18n.T(ctx, "appointment.staff.statistics.few")
	}
	low, high := x.Interval()
	return i18n.T(ctx, "appointment.staff.statistics.sentence", "Rate", i18n.Percent(ctx, x.Rate()), "Count", i18n.Number(ctx, x.Count), "Of", i18n.Number(ctx, x.Of),
		"Low", i18n.Decimal(ctx, 100*low, 1), "High", i18n.Percent(ctx, high))
}

func (s *Service) headline(c *web.Context, v *statisticsView, now, before Line, first calendar.Date, days int) {
	ctx, zone := c.Ctx(), i18n.Location(c.Ctx())
	v.Sentence = sentence(ctx, now.NoShow)
	v.Rate = page.StatData{Label: c.T("appointment.staff.statistics.absent"), Value: c.T("appointment.staff.statistics.few.short")}
	if now.NoShow.Shown() {
		v.Rate.Value = i18n.Percent(ctx, now.NoShow.Rate())
	}
	past := capital(i18n.Period(ctx, first.AddDays(-days).At(720, zone), first.AddDays(-1).At(720, zone)))
	v.Compared = c.T("appointment.staff.statistics.before.few", "Period", past)
	if before.NoShow.Shown() {
		v.Compared = c.T("appointment.staff.statistics.before", "Period", past, "Sentence", sentence(ctx, before.NoShow), "Verdict", c.T("appointment.staff.statistics."+verdict(now.NoShow, before.NoShow)))
	}
	if now.Unknown > 0 {
		v.Unknown = i18n.N(ctx, "appointment.staff.statistics.unknown", now.Unknown)
	}
	if now.NoShow.Of+now.Excused+now.Revoked < indicator.Fewest {
		return
	}
	for _, x := range []struct {
		key string
		n   int
	}{{"seen", now.Seen}, {"noshow", now.NoShow.Count}, {"excused", now.Excused}, {"revoked", now.Revoked}} {
		v.Figures = append(v.Figures, page.StatData{Label: capital(c.T("appointment.status." + x.key)), Value: i18n.Number(ctx, x.n)})
	}
}

// verdict compares two shares by their intervals: what overlaps may be chance.
func verdict(now, before indicator.Share) string {
	if !now.Shown() || !before.Shown() {
		return "same"
	}
	low, high := now.Interval()
	oldLow, oldHigh := before.Interval()
	switch {
	case high < oldLow:
		return "better"
	case low > oldHigh:
		return "worse"
	}
	return "same"
}

// lineLabel says what a line of a cut counts.
func lineLabel(ctx context.Context, cut Cut, key string, r *roster) string {
	switch cut {
	case ByReason, ByPlace:
		id, _ := store.ParseID(key) // 0 is none
		if cut == ByReason {
			return r.reasons[id].Name
		}
		return cmp.Or(r.places[id].Name, i18n.T(ctx, "appointment.staff.statistics.no_place"))
	case ByChannel:
		return i18n.T(ctx, "appointment.channel."+key)
	case ByWeekday:
		return capital(i18n.T(ctx, "appointment.staff.weekday."+key))
	case ByHour:
		n, _ := strconv.Atoi(key)
		return i18n.ClockMinutes(ctx, 60*n)
	case ByDelay:
		return i18n.T(ctx, "appointment.staff.delay."+strings.TrimSuffix(key, "+"))
	case ByWeek:
		d, err := calendar.ParseDate(key)
		if err != nil {
			return key
		}
		return i18n.T(ctx, "appointment.staff.statistics.week_of", "Day", i18n.Date(ctx, d.At(720, i18n.Location(ctx))))
	}
	return i18n.T(ctx, "appointment.staff.cut."+string(cut)+"."+key)
}

// order sorts the lines of a cut: hours, days and delays as they follow, the
// others by base.
func order(cut Cut, lines []Line) []Line {
	out := slices.Clone(lines)
	number := func(l Line) int {
		if cut == ByDelay {
			return slices.IndexFunc(delays[:], func(d struct {
				days int
				key  string
			}) bool {
				return d.key == l.Key
			})
		}
		n, _ := strconv.Atoi(l.Key)
		return n
	}
	slices.SortStableFunc(out, func(a, b Line) int {
		switch cut {
		case ByDelay, ByHour, ByWeekday:
			return cmp.Compare(number(a), number(b))
		case ByWeek:
			return cmp.Compare(a.Key, b.Key)
		}
		return cmp.Or(cmp.Compare(b.NoShow.Of, a.NoShow.Of), cmp.Compare(a.Key, b.Key))
	})
	return out
}

// rowHeight of a drawing, in its own units.
const rowHeight = 30

// cutOf draws one cut; a cut of a single line says nothing more than the whole.
func cutOf(ctx context.Context, cut Cut, lines []Line, r *roster) (cutTable, bool) {
	t := cutTable{ID: "par-" + string(cut), Title: i18n.T(ctx, "appointment.staff.cut."+string(cut))}
	if len(lines) < 2 {
		return t, false
	}
	t.Table = page.TableData{Caption: t.Title, CaptionHidden: true, Columns: []page.Column{{Label: i18n.T(ctx, "appointment.staff.cut.of."+string(cut))}, {Label: i18n.T(ctx, "appointment.staff.statistics.absent"), Right: true},
		{Label: i18n.T(ctx, "appointment.staff.statistics.base"), Right: true}, {Label: i18n.T(ctx, "appointment.staff.statistics.interval"), Right: true}}}
	sorted := order(cut, lines)
	top := 0.1
	for _, l := range sorted {
		if _, high := l.NoShow.Interval(); l.NoShow.Shown() {
			top = max(top, high)
		}
	}
	top = math.Min(1, math.Ceil(top*10)/10)
	for _, l := range sorted {
		label := lineLabel(ctx, cut, l.Key, r)
		if !l.NoShow.Shown() {
			t.Table.Rows = append(t.Table.Rows, []page.Cell{{Text: label, Head: true}, {Text: i18n.T(ctx, "appointment.staff.statistics.few.short")}, {Text: "–"}, {Text: "–"}})
			continue
		}
		low, high := l.NoShow.Interval()
		rate := i18n.Percent(ctx, l.NoShow.Rate())
		t.Table.Rows = append(t.Table.Rows, []page.Cell{{Text: label, Head: true}, {Text: rate}, {Text: i18n.Number(ctx, l.NoShow.Of)},
			{Text: i18n.T(ctx, "appointment.staff.statistics.between", "Low", i18n.Decimal(ctx, 100*low, 1), "High", i18n.Percent(ctx, high))}})
		t.Bars = append(t.Bars, bar{Label: label, Value: rate, X: l.NoShow.Rate() / top, Low: low / top, High: high / top, Y: rowHeight * len(t.Bars)})
	}
	t.Height = rowHeight*len(t.Bars) + 26
	for _, x := range []float64{0, 0.5, 1} {
		t.Scale = append(t.Scale, bar{Label: i18n.Percent(ctx, x*top), X: x})
	}
	t.Aria = i18n.T(ctx, "appointment.staff.statistics.aria", "Title", t.Title)
	return t, true
}

// The drawing of weeks, in its own units.
const (
	weeksWidth  = 720
	weeksHeight = 120
)

// weeks draws how many came and did not, week by week.
func weeks(ctx context.Context, v *statisticsView, lines []Line) {
	sorted := order(ByWeek, lines)
	v.WeekTable = page.TableData{Caption: i18n.T(ctx, "appointment.staff.statistics.weeks"), CaptionHidden: true, Columns: []page.Column{{Label: i18n.T(ctx, "appointment.staff.statistics.week")}}}
	for _, s := range []Status{Seen, NoShow, Excused, Revoked} {
		v.WeekTable.Columns = append(v.WeekTable.Columns, page.Column{Label: capital(i18n.T(ctx, "appointment.status."+string(s))), Right: true})
	}
	v.WeekTable.Columns = append(v.WeekTable.Columns, page.Column{Label: capital(i18n.T(ctx, "appointment.status.unmarked")), Right: true})
	most := 1
	for _, l := range sorted {
		most = max(most, l.NoShow.Of)
	}
	width := math.Min(96, weeksWidth/float64(max(1, len(sorted))))
	for i, l := range sorted {
		total := l.NoShow.Of + l.Excused + l.Revoked + l.Unknown
		row := []page.Cell{{Text: lineLabel(ctx, ByWeek, l.Key, nil), Head: true}}
		if total < indicator.Fewest {
			few := i18n.T(ctx, "appointment.staff.statistics.few.short")
			v.WeekTable.Rows = append(v.WeekTable.Rows, append(row, page.Cell{Text: few}, page.Cell{Text: "–"}, page.Cell{Text: "–"}, page.Cell{Text: "–"}, page.Cell{Text: "–"}))
			continue
		}
		for _, n := range []int{l.Seen, l.NoShow.Count, l.Excused, l.Revoked, l.Unknown} {
			row = append(row, page.Cell{Text: i18n.Number(ctx, n)})
		}
		v.WeekTable.Rows = append(v.WeekTable.Rows, row)
		b := weekBar{X: float64(i) * width, Width: width * 0.8}
		b.Seen = float64(l.Seen) / float64(most) * weeksHeight
		b.NoShow = float64(l.NoShow.Count) / float64(most) * weeksHeight
		b.SeenY = weeksHeight - b.Seen
		b.NoY = b.SeenY - b.NoShow
		v.Weeks = append(v.Weeks, b)
	}
	v.WeeksAria = i18n.T(ctx, "appointment.staff.statistics.aria", "Title", i18n.T(ctx, "appointment.staff.statistics.weeks"))
}

// unit writes a length of a drawing.
func unit(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }

// along puts a share on the scale of a cut: labels take the left.
func along(x float64) string { return unit(barsLeft + x*barsWidth) }

// The drawing of a cut: words on the left, bars, values on the right.
const (
	barsLeft  = 290
	barsWidth = 340
)

// periodExports are the files of a period.
func periodExports(c *web.Context, first, last calendar.Date) []page.ButtonData {
	var out []page.ButtonData
	for _, format := range []string{"csv", "xlsx"} {
		q := url.Values{"du": {first.String()}, "au": {last.String()}, "format": {format}}
		out = append(out, page.ButtonData{Label: c.T("appointment.staff.export." + format), Icon: "down", NoPrint: true, Href: c.Href(here(exportPath, q))})
	}
	return out
}

// box is the viewBox of a drawing.
func box(width, height int) string { return fmt.Sprintf("0 0 %d %d", width, height) }
