package intervention

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"parvis/platform/calendar"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

func (s *Service) plans(c *web.Context) error {
	ctx, zone := c.Ctx(), i18n.Location(c.Ctx())
	v := tradesView{Done: c.TakeFlash(), New: page.ButtonData{Label: c.T("intervention.plan.new"), Icon: "plus", Kind: "primary", Href: c.Href(plansPath + "/nouveau")}}
	v.Table = page.TableData{Caption: c.T("intervention.plans.title"), CaptionHidden: true, Empty: c.T("intervention.plans.none"), Columns: []page.Column{{Label: c.T("intervention.plan.name")}, {Label: c.T("intervention.col.trade")}, {Label: c.T("intervention.plan.rule")},
		{Label: c.T("intervention.plan.next")}, {Label: c.T("intervention.col.crew")}}}
	err := c.Store.View(ctx, func(tx *store.Tx) error {
		r, err := s.roster(ctx, tx)
		if err != nil {
			return err
		}
		w, err := s.Where(ctx, tx)
		if err != nil {
			return err
		}
		list, err := s.Plans(ctx, tx)
		v.Table.Rows = nil
		today := calendar.DateOf(tx.Now(), zone)
		for _, p := range list {
			next := c.T("intervention.plan.off")
			if days, err := p.Days(today, today.AddDays(400), w.Zone); err == nil && p.Active && len(days) > 0 {
				next = i18n.Day(ctx, days[0][1].At(p.Rule.V.From, zone))
			}
			v.Table.Rows = append(v.Table.Rows, []page.Cell{{Text: p.Name, Href: c.Href(plansPath + "/" + p.ID.String()), Head: true}, {Text: r.trades[p.TradeID].Name}, {Text: p.Rule.V.RRule}, {Text: next}, {Text: r.crews[p.CrewID].Name}})
		}
		return err
	})
	if err != nil {
		return err
	}
	p, err := s.workspace(c, c.T("intervention.plans.title"), c.T("intervention.plans.lead"), nil)
	if err != nil {
		return err
	}
	return c.Render(tradesPage(p, v))
}

type planView struct {
	Action                        string
	Typed                         url.Values
	Errors                        []page.FieldError
	Trades, Crews, Every, Offdays []page.Option
	Next                          []string
}

// planRules are the rhythms that are chosen by their name; another one is
// written as in RFC 5545.
func planRules() []string {
	return []string{"FREQ=DAILY", "FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2", "FREQ=MONTHLY", "FREQ=MONTHLY;INTERVAL=3", "FREQ=MONTHLY;INTERVAL=6", "FREQ=YEARLY", "FREQ=YEARLY;INTERVAL=2"}
}

func (s *Service) newPlan(c *web.Context) error {
	return s.renderPlan(c, http.StatusOK, url.Values{"version": {"0"}, "active": {"1"}, "every": {"FREQ=MONTHLY"}, "start": {c.Now().In(i18n.Location(c.Ctx())).Format("02/01/2006")}, "hour": {"8 h"}, "minutes": {"60"}, "horizon": {"60"}, "holidays": {"shift"}}, nil, nil)
}

func (s *Service) editPlan(c *web.Context) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	var p Plan
	var a Asset
	var next []string
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		if p, err = s.PlanOf(c.Ctx(), tx, id); err != nil {
			return err
		}
		w, err := s.Where(c.Ctx(), tx)
		if err != nil {
			return err
		}
		today := calendar.DateOf(tx.Now(), w.Location)
		if days, err := p.Days(today, today.AddDays(800), w.Zone); err == nil {
			next = nil
			for _, d := range days[:min(len(days), 6)] {
				next = append(next, i18n.DayWithYear(c.Ctx(), d[1].At(p.Rule.V.From, w.Location), tx.Now()))
			}
		}
		if p.AssetID != 0 {
			a, err = s.Asset(c.Ctx(), tx, p.AssetID)
		}
		return err
	})
	if err != nil {
		return err
	}
	x := p.Rule.V
	typed := url.Values{"version": {strconv.FormatInt(p.Version, 10)}, "name": {p.Name}, "trade": {p.TradeID.String()}, "crew": {p.CrewID.String()}, "address": {p.Address}, "description": {p.Description}, "every": {x.RRule}, "start": {x.Start.At(0, time.UTC).Format("02/01/2006")},
		"hour": {i18n.ClockMinutes(c.Ctx(), x.From)}, "minutes": {strconv.Itoa(x.To - x.From)}, "horizon": {strconv.Itoa(p.HorizonDays)}, "holidays": {p.Holidays}}
	if p.Active {
		typed.Set("active", "1")
	}
	if a.ID != 0 {
		typed.Set("asset", a.Kind+"/"+a.Code)
	}
	known := false
	for _, r := range planRules() {
		known = known || r == x.RRule
	}
	if !known {
		typed.Set("every", "")
		typed.Set("rule", x.RRule)
	}
	return s.renderPlan(c, http.StatusOK, typed, nil, next)
}

func (s *Service) renderPlan(c *web.Context, status int, typed url.Values, errs []page.FieldError, next []string) error {
	v := planView{Action: c.Href(plansPath + "/nouveau"), Typed: typed, Errors: errs, Next: next}
	if id := c.Param("id"); id != "" && id != "nouveau" {
		v.Action = c.Href(plansPath + "/" + id)
	}
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) error {
		r, err := s.roster(c.Ctx(), tx)
		if err != nil {
			return err
		}
		v.Trades, v.Crews = r.tradeOptions(c, idOf(typed.Get("trade")), c.T("intervention.choose")), r.crewOptions(c, idOf(typed.Get("crew")), c.T("intervention.crew.none"))
		return nil
	})
	if err != nil {
		return err
	}
	for i, r := range planRules() {
		v.Every = append(v.Every, page.Option{Value: r, Label: c.T("intervention.every." + strconv.Itoa(i)), Selected: typed.Get("every") == r})
	}
	v.Every = append(v.Every, page.Option{Value: "", Label: c.T("intervention.every.other"), Selected: typed.Get("every") == ""})
	for _, h := range []string{"shift", "skip", "keep"} {
		v.Offdays = append(v.Offdays, page.Option{Value: h, Label: c.T("intervention.holidays." + h), Selected: typed.Get("holidays") == h})
	}
	title := typed.Get("name")
	if title == "" || typed.Get("version") == "0" {
		title = c.T("intervention.plan.new")
	}
	p, err := s.workspace(c, title, c.T("intervention.plan.lead"), errs, page.Link{Label: c.T("intervention.plans.title"), Href: c.Href(plansPath)})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, planPage(p, v))
}

func (s *Service) savePlan(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	p, err := s.readPlan(form)
	if id := c.Param("id"); id != "nouveau" {
		if p.ID, _ = store.ParseID(id); p.ID == 0 {
			return store.ErrNotFound
		}
	} else {
		p.Version = 0
	}
	if err == nil {
		err = c.Store.Update(c.Ctx(), func(tx *store.Tx) error {
			q := p
			if code := strings.TrimSpace(form.Get("asset")); code != "" {
				id, err := s.assetTyped(c.Ctx(), tx, code)
				if err != nil {
					return err
				}
				q.AssetID = id
			}
			saved, err := s.SavePlan(c.Ctx(), tx, q)
			if err != nil {
				return err
			}
			_, err = s.RunPlan(c.Ctx(), tx, saved)
			return err
		})
	}
	if fields, invalid := c.FieldErrors(err); err != nil && invalid {
		return s.renderPlan(c, http.StatusUnprocessableEntity, form, fields, nil)
	}
	if err != nil {
		return err
	}
	c.Flash(c.T("intervention.plan.saved", "Name", p.Name))
	return c.Redirect(plansPath)
}

// readPlan is the plan of a form.
func (s *Service) readPlan(form url.Values) (Plan, error) {
	var wrong fault.Fields
	p := Plan{Name: form.Get("name"), TradeID: idOf(form.Get("trade")), CrewID: idOf(form.Get("crew")), Address: strings.TrimSpace(form.Get("address")), Description: strings.TrimSpace(form.Get("description")),
		Holidays: form.Get("holidays"), Active: form.Get("active") == "1"}
	p.Version, _ = strconv.ParseInt(form.Get("version"), 10, 64)
	p.HorizonDays = readNumber(&wrong, form, "horizon", "intervention.error.horizon")
	rule := calendar.Rule{RRule: form.Get("every")}
	if rule.RRule == "" {
		rule.RRule = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(form.Get("rule")), "RRULE:"))
	}
	start, err := calendar.ParseDate(strings.TrimSpace(form.Get("start")))
	if err != nil {
		wrong.Add("start", "intervention.error.day")
	}
	// A rhythm without days of its own is that of its first day.
	if err == nil && strings.HasPrefix(rule.RRule, "FREQ=WEEKLY") && !strings.Contains(rule.RRule, "BYDAY") {
		rule.RRule += ";BYDAY=" + []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}[start.Weekday()]
	}
	from, ok := readClock(form.Get("hour"))
	if !ok {
		wrong.Add("hour", "intervention.error.hour")
	}
	rule.Start, rule.From = start, from
	rule.To = from + max(1, readNumber(&wrong, form, "minutes", "intervention.error.minutes"))
	p.Rule.V = rule
	if err := p.Check(); err != nil {
		for _, f := range fault.Of(err).Fields {
			if f.Name == "rule" && (wrong.Has("start") || wrong.Has("hour")) {
				continue
			}
			if !wrong.Has(f.Name) {
				wrong = append(wrong, f)
			}
		}
	}
	return p, wrong.Err()
}
