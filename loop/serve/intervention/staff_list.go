package intervention

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/tabular"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// pageSize is how many orders a list shows.
const pageSize = 60

type ordersView struct {
	Done     string
	Action   string
	Stats    []page.StatData
	State    string
	States   []page.Option
	Trades   []page.Option
	Crews    []page.Option
	Text     string
	Queue    page.QueueData
	Bulk     page.BulkData
	MayPlan  bool
	Empty    *page.EmptyData
	Pager    page.PagerData
	Gestures []page.Gesture
}

// orders is the list, late first.
func (s *Service) orders(c *web.Context) error {
	ctx := c.Ctx()
	v := ordersView{Done: c.TakeFlash(), Action: c.Href(ordersPath), State: c.Query("etat"), Text: c.Query("q"), MayPlan: c.Actor.Can(MayPlan)}
	f := Filter{Trade: idOf(c.Query("metier")), Crew: idOf(c.Query("equipe")), Text: v.Text}
	switch {
	case v.State == "" || v.State == "open":
		f.Open = true
	case v.State == "mine":
		f.Open, f.Person = true, c.Actor.ID
	case v.State == "late":
		f.Late = true
	case v.State != "all":
		f.States = []State{State(v.State)}
	}
	if !f.Open && !f.Late {
		f.After = idOf(c.Query("avant"))
	}
	var counts Counts
	var list []Order
	var r *roster
	err := c.Store.View(ctx, func(tx *store.Tx) (err error) {
		if r, err = s.roster(ctx, tx); err != nil {
			return err
		}
		if counts, err = s.Count(ctx, tx); err != nil {
			return err
		}
		list, err = s.List(ctx, tx, f, pageSize+1)
		return err
	})
	if err != nil {
		return err
	}
	if len(list) > pageSize {
		list = list[:pageSize]
		if !f.Open && !f.Late {
			q := url.Values{"etat": {v.State}, "metier": {c.Query("metier")}, "equipe": {c.Query("equipe")}, "q": {v.Text}, "avant": {list[pageSize-1].ID.String()}}
			v.Pager.NextHref = c.Href(ordersPath + "?" + q.Encode())
		} else {
			v.Pager.Summary = c.T("intervention.orders.first", "N", pageSize)
		}
	}
	v.Trades, v.Crews = r.tradeOptions(c, f.Trade, c.T("intervention.filter.trade")), r.crewOptions(c, f.Crew, c.T("intervention.filter.crew"))
	v.States = stateOptions(c, v.State)
	v.Queue = s.queue(c, r, list)
	v.Bulk = page.BulkData{FormID: "lot", Action: c.Href(ordersPath + "/lot"), Name: "geste", Options: []page.Option{{Value: "check", Label: c.T("intervention.bulk.check")}, {Value: "cancel", Label: c.T("intervention.bulk.cancel")}},
		Summary: i18n.N(ctx, "intervention.orders.count", counts.Open), All: page.Link{Label: c.T("intervention.export"), Href: c.Href(ordersPath + "/export?" + c.Request.URL.RawQuery)}}
	if len(list) == 0 {
		v.Empty = &page.EmptyData{Title: c.T("intervention.orders.none"), Text: c.T("intervention.orders.none.text"), Actions: []page.ButtonData{{Label: c.T("intervention.new"), Href: c.Href(ordersPath + "/nouvelle")}}}
	}
	if v.MayPlan {
		v.Gestures = []page.Gesture{{Icon: "plus", Label: c.T("intervention.new"), Href: c.Href(ordersPath + "/nouvelle"), Key: "n"}, {Icon: "cal", Label: c.T("intervention.day.title"), Href: c.Href(dayPath), Key: "p"},
			{Icon: "pin", Label: c.T("intervention.places.menu"), Href: c.Href(placesPath), Key: "l"}, {Icon: "sms", Label: c.T("intervention.field.title"), Href: c.Href(fieldPath), Key: "t"}}
	}
	heading := i18n.N(ctx, "intervention.orders.late", counts.Late)
	if counts.Late == 0 {
		heading = c.T("intervention.orders.ontime")
	}
	p, err := c.StaffPage(c.T("intervention.orders.title"))
	if err != nil {
		return err
	}
	p.Heading = heading
	p.Lead = c.T("intervention.orders.lead", "Open", counts.Open, "ToPlan", counts.ToPlan, "ToCheck", counts.ToCheck)
	return c.Render(ordersPage(p, v))
}

func stateOptions(c *web.Context, chosen string) []page.Option {
	out := []page.Option{{Value: "open", Label: c.T("intervention.filter.open")}, {Value: "late", Label: c.T("intervention.filter.late")}, {Value: "mine", Label: c.T("intervention.filter.mine")}}
	for _, st := range States() {
		out = append(out, page.Option{Value: string(st), Label: c.T("intervention.state." + string(st)), Group: c.T("intervention.filter.state")})
	}
	out = append(out, page.Option{Value: "all", Label: c.T("intervention.filter.all")})
	for i := range out {
		out[i].Selected = out[i].Value == chosen
	}
	return out
}

// queue groups by urgency: late, today, this week, later, without a date; then
// what is over.
func (s *Service) queue(c *web.Context, r *roster, list []Order) page.QueueData {
	ctx, now := c.Ctx(), c.Now()
	q := page.QueueData{Caption: c.T("intervention.orders.title"), Name: "id", FormID: "lot", Columns: [4]string{"", c.T("intervention.col.what"), c.T("intervention.col.trade"), c.T("intervention.col.crew")}}
	names := []string{"late", "today", "week", "later", "nodate", "over"}
	rows := map[string][]page.QueueRow{}
	end := endOfDay(now, i18n.Location(ctx))
	for _, o := range list {
		group := "later"
		switch {
		case o.State.Over():
			group = "over"
		case o.DueAt.IsZero():
			group = "nodate"
		case o.DueAt.Before(now):
			group = "late"
		case o.DueAt.Before(end):
			group = "today"
		case o.DueAt.Before(end.AddDate(0, 0, 7)):
			group = "week"
		}
		row := page.QueueRow{ID: o.ID.String(), Title: o.Title, Href: c.Href(ordersPath + "/" + o.ID.String()), Late: group == "late", Service: r.trades[o.TradeID].Name, From: c.T("intervention.state." + string(o.State))}
		row.Note = strings.Join(filled(o.Number, o.Address, s.planned(ctx, o, now)), " · ")
		switch {
		case o.State.Over():
			row.Due = i18n.DayShort(ctx, o.StateAt)
		case !o.DueAt.IsZero():
			row.Due = i18n.DayTimeRelative(ctx, o.DueAt, now)
			if !strings.Contains(row.Due, ",") {
				row.Due = i18n.DayShort(ctx, o.DueAt)
			}
		}
		if x, ok := r.crews[o.CrewID]; ok {
			row.Owner = &page.Person{Initials: initials(x.Name), Name: x.Name, Tone: int(x.ID%3) + 1}
		}
		rows[group] = append(rows[group], row)
	}
	for _, n := range names {
		if len(rows[n]) > 0 {
			q.Groups = append(q.Groups, page.QueueGroup{Label: c.T("intervention.group."+n, "N", len(rows[n])), Late: n == "late", Rows: rows[n]})
		}
	}
	return q
}

func (s *Service) planned(ctx context.Context, o Order, now time.Time) string {
	if o.PlannedStart.IsZero() || o.State.Over() {
		return ""
	}
	return i18n.T(ctx, "intervention.planned.at", "When", i18n.DayTimeRelative(ctx, o.PlannedStart, now))
}

func filled(list ...string) []string {
	var out []string
	for _, x := range list {
		if x != "" {
			out = append(out, x)
		}
	}
	return out
}

func endOfDay(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, zone)
}

// initials are two letters of a name.
func initials(name string) string {
	words := strings.Fields(name)
	out := []rune{}
	for _, w := range words {
		out = append(out, []rune(strings.ToUpper(w))[0])
	}
	if len(out) > 2 {
		out = []rune{out[0], out[len(out)-1]}
	}
	return string(out)
}

// bulk checks or cancels the chosen orders; those whose state does not allow it
// are counted apart.
func (s *Service) bulk(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	to := Checked
	if form.Get("geste") == "cancel" {
		to = Cancelled
	}
	done, left := 0, 0
	for _, v := range form["id"][:min(len(form["id"]), 200)] {
		err := c.Store.Update(c.Ctx(), func(tx *store.Tx) error {
			_, err := s.Advance(c.Ctx(), tx, idOf(v), Move{To: to, By: c.Actor.ID, Chief: true, Reason: c.T("intervention.bulk.reason")})
			return err
		})
		if _, refused := c.FieldErrors(err); err != nil && (refused || web.Gone(err)) {
			left++
			continue
		}
		if err != nil {
			return err
		}
		done++
	}
	c.Flash(c.T("intervention.bulk.done", "N", done, "Left", left))
	return c.Redirect(ordersPath)
}

// maxExport bounds one file, in rows.
const maxExport = 100_000

// exportOrders is the orders of a filter as a file, for the business software.
func (s *Service) exportOrders(c *web.Context) error {
	ctx, zone := c.Ctx(), i18n.Location(c.Ctx())
	columns := []string{"numero", "etat", "metier", "titre", "adresse", "latitude", "longitude", "equipe", "priorite", "echeance", "prevue", "faite", "recue", "controlee", "minutes", "cout_euros", "quantite", "unite", "issue", "origine"}
	var rows [][]string
	f := Filter{Trade: idOf(c.Query("metier")), Crew: idOf(c.Query("equipe")), Text: c.Query("q")}
	if st := c.Query("etat"); st != "" && st != "open" && st != "late" && st != "mine" && st != "all" {
		f.States = []State{State(st)}
	}
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(zone).Format("2006-01-02 15:04")
	}
	var last store.ID = 1
	for len(rows) < maxExport-1 {
		var list []Order
		var r *roster
		f.Since = last
		if err := c.Store.View(ctx, func(tx *store.Tx) (err error) {
			if r, err = s.roster(ctx, tx); err != nil {
				return err
			}
			list, err = s.List(ctx, tx, f, 2000)
			return err
		}); err != nil {
			return err
		}
		for _, o := range list {
			t := r.trades[o.TradeID]
			lat, lon := "", ""
			if o.HasPoint() {
				lat, lon = strconv.FormatFloat(*o.Lat, 'f', 6, 64), strconv.FormatFloat(*o.Lon, 'f', 6, 64)
			}
			rows = append(rows, []string{o.Number, c.T("intervention.state." + string(o.State)), t.Name, o.Title, o.Address, lat, lon, r.crews[o.CrewID].Name, strconv.Itoa(o.Priority), at(o.DueAt), at(o.PlannedStart),
				at(o.DoneAt), at(o.DoneReceivedAt), at(o.CheckedAt), strconv.FormatInt(o.Minutes, 10), writeCents(o.Cents), strings.Replace(strconv.FormatFloat(o.Quantity, 'f', -1, 64), ".", ",", 1), t.Config.V.Unit, o.Outcome, string(o.Origin)})
			last = o.ID
		}
		if len(list) < 2000 {
			break
		}
	}
	body, err := tabular.CSV(columns, rows)
	if err != nil {
		return err
	}
	return c.File(tabular.CSVType, "interventions.csv", body)
}
