package report

import (
	"slices"
	"time"

	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

type statisticsView struct {
	First, Last string
	Errors      []page.FieldError
	Figures     []page.StatData
	Kinds       page.TableData
	Causes      page.TableData
	Action      string
	Empty       *page.EmptyData
}

// deskStatistics is what comes back most often, and how fast it is mended.
func (s *Reports) deskStatistics(c *web.Context) error {
	loc, now := i18n.Location(c.Ctx()), c.Now()
	from, to := now.AddDate(-1, 0, 0), now
	v := statisticsView{Action: c.Href(deskPath + "/statistiques")}
	for _, x := range []struct {
		name string
		to   *time.Time
		add  int
	}{{"du", &from, 0}, {"au", &to, 1}} {
		if q := c.Query(x.name); q != "" {
			day, err := readDay(q)
			if err != nil {
				v.Errors = append(v.Errors, page.FieldError{Field: x.name, Message: c.T("report.error.answer.date", "Label", c.T("report.statistics."+x.name))})
				continue
			}
			*x.to = time.Date(day.Year(), day.Month(), day.Day()+x.add, 0, 0, 0, 0, loc)
		}
	}
	v.First, v.Last = from.In(loc).Format("02/01/2006"), to.In(loc).Add(-time.Microsecond).Format("02/01/2006")
	cats, err := s.list(c.Ctx(), c.Store)
	if err != nil {
		return err
	}
	var kinds []CategoryCount
	var causes []CauseCount
	var spans []time.Duration
	var inTime, promised int
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		if kinds, err = s.ByCategory(c.Ctx(), tx, from, to); err != nil {
			return err
		}
		if causes, err = s.Causes(c.Ctx(), tx, from, to); err != nil {
			return err
		}
		spans, inTime, promised, err = s.spans(c.Ctx(), tx, from, to)
		return err
	})
	if err != nil {
		return err
	}
	s.fillStatistics(c, &v, cats, kinds, causes, spans, inTime, promised)
	p, err := c.StaffPage(c.T("report.menu.statistics"))
	if err != nil {
		return err
	}
	p.Heading, p.Lead, p.HasError = p.Title, c.T("report.statistics.lead"), len(v.Errors) > 0
	return c.Render(statisticsPage(p, v))
}

func (s *Reports) fillStatistics(c *web.Context, v *statisticsView, cats []Category, kinds []CategoryCount, causes []CauseCount, spans []time.Duration, inTime, promised int) {
	ctx := c.Ctx()
	label := func(id store.ID) string {
		i := slices.IndexFunc(cats, func(x Category) bool { return x.ID == id })
		if i < 0 {
			return "–"
		}
		return cats[i].Label
	}
	n := func(x int) page.Cell { return page.Cell{Text: i18n.From(ctx).Integer(int64(x))} }
	opened, late := 0, 0
	v.Kinds = page.TableData{Caption: c.T("report.statistics.kinds"), Columns: []page.Column{{Label: c.T("report.ask.what")}, {Label: c.T("report.statistics.opened"), Right: true},
		{Label: c.T("report.statistics.fixed"), Right: true}, {Label: c.T("report.statistics.late"), Right: true}, {Label: c.T("report.statistics.intime"), Right: true}, {Label: c.T("report.statistics.merged"), Right: true}}}
	for _, x := range kinds {
		opened, late = opened+x.Opened, late+x.Late
		v.Kinds.Rows = append(v.Kinds.Rows, []page.Cell{{Head: true, Text: label(x.CategoryID)}, n(x.Opened), n(x.Fixed), n(x.Late), {Text: percent(ctx, x.InTime, x.Promised), Note: c.T("report.statistics.of", "N", x.Promised)}, n(x.Merged)})
	}
	v.Causes = page.TableData{Caption: c.T("report.statistics.causes"), Empty: c.T("report.statistics.nocauses"), Columns: []page.Column{{Label: c.T("report.ask.what")}, {Label: c.T("report.desk.cause")},
		{Label: c.T("report.statistics.times"), Right: true}, {Label: c.T("report.statistics.mean"), Right: true}}}
	for _, x := range causes {
		cause := x.Cause
		if cause == "" {
			cause = c.T("report.desk.nocause")
		}
		v.Causes.Rows = append(v.Causes.Rows, []page.Cell{{Head: true, Text: label(x.CategoryID)}, {Text: cause}, n(x.N), {Text: i18n.Decimal(ctx, x.MeanDays, 1)}})
	}
	median := "–"
	if len(spans) > 0 {
		median = i18n.Decimal(ctx, spans[len(spans)/2].Hours()/24, 1)
	}
	v.Figures = []page.StatData{{Label: c.T("report.statistics.opened"), Value: i18n.From(ctx).Integer(int64(opened))},
		{Label: c.T("report.metric.median"), Value: median, Since: c.T("report.statistics.base", "N", len(spans))},
		{Label: c.T("report.metric.intime"), Value: percent(ctx, inTime, promised), Since: c.T("report.statistics.base", "N", promised)},
		{Label: c.T("report.statistics.late"), Value: i18n.From(ctx).Integer(int64(late))}}
	if opened == 0 && len(spans) == 0 {
		v.Empty = &page.EmptyData{Title: c.T("report.statistics.none"), Text: c.T("report.statistics.none.text"), Actions: []page.ButtonData{{Label: c.T("report.desk.see"), Href: c.Href(deskPath)}}}
	}
}
