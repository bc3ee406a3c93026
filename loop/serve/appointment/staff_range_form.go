package appointment

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"parvis/engine/booking"
	"parvis/platform/calendar"
	"parvis/platform/fault"
	"parvis/platform/hours"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// rangeTyped is the form of a range as typed.
type rangeTyped struct {
	Agent, Place  string
	Days          []string // "1" to "7"
	Hours         string
	Reasons       []string
	First, Last   string
	Weeks, School string
	Except        string
	Kept          string // RFC 5545, a rhythm that the form cannot write
}

func typedRange(form url.Values) rangeTyped {
	return rangeTyped{form.Get("agent"), form.Get("place"), form["day"], form.Get("hours"), form["reason"], form.Get("first"), form.Get("last"), form.Get("weeks"), form.Get("school"), form.Get("except"), ""}
}

// shownRange fills the form with a rule.
func shownRange(rule booking.Rule) rangeTyped {
	t := rangeTyped{Agent: rule.ResourceID.String(), Place: idText(rule.PlaceID), First: dateTyped(rule.When.Start), Last: dateTyped(rule.When.Until), Weeks: rhythmOf(rule.When), School: string(rule.School)}
	for _, d := range daysOf(rule.When) {
		t.Days = append(t.Days, strconv.Itoa(d))
	}
	t.Hours = hours.Format([]hours.Span{{From: rule.When.From, To: rule.When.To}})
	for _, tag := range rule.Tags {
		t.Reasons = append(t.Reasons, strings.TrimPrefix(tag, "reason:"))
	}
	var days []string
	for _, d := range rule.When.Exceptions {
		days = append(days, dateTyped(d))
	}
	t.Except = strings.Join(days, ", ")
	return t
}

// read turns what was typed into rules: one per span of hours.
func (t rangeTyped) read(c *web.Context) ([]booking.Rule, error) {
	var wrong fault.Fields
	var rule booking.Rule
	agent, err := store.ParseID(t.Agent)
	if err != nil {
		wrong.Add("agent", "appointment.staff.error.agent_choose")
	}
	rule.ResourceID = agent
	if rule.PlaceID, err = optionalID(t.Place); err != nil {
		return nil, err
	}
	var days []string
	for i, code := range weekdays {
		if slices.Contains(t.Days, strconv.Itoa(i+1)) {
			days = append(days, code)
		}
	}
	if len(days) == 0 && t.Weeks != oneDay && t.Weeks != keptAsIs {
		wrong.Add("days", "appointment.staff.error.days")
	}
	spans, err := hours.ParseDay(t.Hours)
	if err != nil || len(spans) == 0 {
		wrong.Add("hours", "appointment.staff.error.hours")
	}
	for _, v := range t.Reasons {
		id, err := store.ParseID(v)
		if err != nil {
			return nil, fault.New(fault.NotFound, "").Because(err)
		}
		rule.Tags = append(rule.Tags, Tag(id))
	}
	if len(rule.Tags) == 0 {
		wrong.Add("reasons", "appointment.staff.error.reasons")
	}
	rule.When.Start = readDay(&wrong, "first", t.First, true)
	rule.When.Until = readDay(&wrong, "last", t.Last, false)
	if !wrong.Has("first") && !wrong.Has("last") && !rule.When.Until.IsZero() && rule.When.Until.Before(rule.When.Start) {
		wrong.Add("last", "appointment.staff.error.last")
	}
	if !knownRhythm(t.Weeks) {
		wrong.Add("weeks", "booking.field.when")
	}
	for _, v := range strings.FieldsFunc(t.Except, func(r rune) bool { return r == ',' || r == ';' || r == '\n' || r == '\r' }) {
		if v = strings.TrimSpace(v); v != "" {
			if d := readDay(&wrong, "except", v, true); !wrong.Has("except") {
				rule.When.Exceptions = append(rule.When.Exceptions, d)
			}
		}
	}
	recur(&rule.When, t.Weeks, days, t.Kept)
	if rule.School = booking.School(t.School); rule.School != booking.AnyDay {
		zone, ok := calendar.SchoolZoneOf(region(c))
		if !ok {
			wrong.Add("school", "appointment.staff.error.school")
		}
		rule.SchoolZone = zone
	}
	var out []booking.Rule
	for _, x := range spans {
		one := rule
		one.When.From, one.When.To = x.From, x.To
		out = append(out, one)
	}
	return out, once(wrong).Err()
}

// once keeps the first mistake of each field.
func once(list fault.Fields) fault.Fields {
	var out fault.Fields
	for _, f := range list {
		if !out.Has(f.Name) {
			out = append(out, f)
		}
	}
	return out
}

type rangeFormView struct {
	Action, Back string
	Typed        rangeTyped
	Agents       []page.Option
	Places       []page.Option
	Days         []page.CheckData
	Reasons      []page.CheckData
	Weeks        []page.Option
	School       []page.Option // empty where no school zone is known
	Delete       string
	Frozen       bool           // the agent of a range does not change
	Exceptions   exceptionsView // of a range that is kept
	Errors       []page.FieldError
}

func (s *Service) newRange(c *web.Context) error {
	t := rangeTyped{Agent: c.Query("agent"), First: dateTyped(today(c)), Days: []string{"1", "2", "3", "4", "5"}}
	if v := c.Query("motif"); v != "" {
		t.Reasons = []string{v}
	}
	return s.renderRange(c, http.StatusOK, 0, rangeFormView{Typed: t})
}

// askedRule finds the range of the address, with its agent; one that belongs to
// another service, or another territory, is NotFound.
func (s *Service) askedRule(c *web.Context) (rule booking.Rule, err error) {
	id, err := c.ID("id")
	if err != nil {
		return rule, err
	}
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) error {
		if rule, err = s.booking.Rule(c.Ctx(), tx, id); err != nil {
			return err
		}
		x, err := s.booking.Resource(c.Ctx(), tx, rule.ResourceID)
		if err == nil && x.Kind != booking.Person {
			err = store.ErrNotFound
		}
		return err
	})
	return rule, err
}

func (s *Service) editRange(c *web.Context) error {
	rule, err := s.askedRule(c)
	if err != nil {
		return err
	}
	return s.renderRange(c, http.StatusOK, rule.ID, rangeFormView{Typed: shownRange(rule), Exceptions: exceptionsView{Done: c.TakeFlash()}})
}

func (s *Service) renderRange(c *web.Context, status int, id store.ID, v rangeFormView) error {
	ctx := c.Ctx()
	v.Action, v.Back = c.Href(rangesPath+"/nouvelle"), c.Href(rangesPath)
	heading := c.T("appointment.staff.range.new")
	if id != 0 {
		v.Action, v.Frozen, heading = c.Href(rangesPath+"/"+id.String()), true, c.T("appointment.staff.range.edit")
		v.Delete = v.Action + "/supprimer"
	}
	err := c.Store.View(ctx, func(tx *store.Tx) error {
		r, err := s.roster(ctx, tx)
		if err != nil {
			return err
		}
		agent, _ := store.ParseID(v.Typed.Agent) // anything else is nobody
		site, _ := store.ParseID(v.Typed.Place)
		v.Agents, v.Places = agentOptions(r, agent, c.T("appointment.staff.choose")), placeOptions(r, site, c.T("appointment.staff.any.place"))
		v.Reasons = nil
		for _, x := range r.order {
			chosen := slices.Contains(v.Typed.Reasons, x.ID.String())
			if x.Active || chosen {
				v.Reasons = append(v.Reasons, page.CheckData{Name: "reason", Value: x.ID.String(), Label: x.Name, Checked: chosen})
			}
		}
		if id != 0 {
			v.Exceptions, err = s.exceptions(c, tx, r, booking.Rule{ID: id}, v.Exceptions)
		}
		return err
	})
	if err != nil {
		return err
	}
	for i := 1; i <= 7; i++ {
		n := strconv.Itoa(i)
		v.Days = append(v.Days, page.CheckData{Name: "day", Value: n, Label: c.T("appointment.staff.weekday." + n), Checked: slices.Contains(v.Typed.Days, n)})
	}
	v.Weeks = rhythmOptions(c, v.Typed.Weeks)
	if _, ok := calendar.SchoolZoneOf(region(c)); ok {
		for _, x := range []struct{ value, key string }{{"", "any"}, {"term", "term"}, {"holidays", "holidays"}} {
			v.School = append(v.School, page.Option{Value: x.value, Label: c.T("appointment.staff.school." + x.key), Selected: v.Typed.School == x.value})
		}
	}
	p, err := s.workspace(c, heading, c.T("appointment.staff.range.lead"), append(v.Errors, v.Exceptions.Errors...))
	if err != nil {
		return err
	}
	p.Crumbs = deskCrumbs(c, page.Link{Label: c.T("appointment.staff.ranges"), Href: c.Href(rangesPath)}, page.Link{Label: heading})
	return c.RenderStatus(status, rangeFormPage(p, v))
}

func (s *Service) addRange(c *web.Context) error { return s.saveRange(c, booking.Rule{}) }

func (s *Service) changeRange(c *web.Context) error {
	rule, err := s.askedRule(c)
	if err != nil {
		return err
	}
	return s.saveRange(c, rule)
}

// saveRange writes the rules, the first one in place of the old, and tells
// where they overlap others.
func (s *Service) saveRange(c *web.Context, old booking.Rule) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	ctx, typed := c.Ctx(), typedRange(form)
	if old.ID != 0 {
		typed.Agent, typed.Kept = old.ResourceID.String(), old.When.RRule
	}
	rules, err := typed.read(c)
	var overlaps []booking.Overlap
	if err == nil {
		rules[0].ID = old.ID
		err = c.Store.Update(ctx, func(tx *store.Tx) error {
			overlaps = nil
			for _, rule := range rules {
				if err := s.checkRange(ctx, tx, rule); err != nil {
					return err
				}
				_, found, err := s.booking.SaveRule(ctx, tx, rule)
				if err != nil {
					return err
				}
				overlaps = append(overlaps, found...)
			}
			return nil
		})
	}
	if fields, invalid := c.FieldErrors(err); err != nil && invalid {
		return s.renderRange(c, http.StatusUnprocessableEntity, old.ID, rangeFormView{Typed: typed, Errors: fields})
	}
	if err != nil {
		return err
	}
	text := c.T("appointment.staff.range.saved")
	if len(overlaps) > 0 {
		text += " " + i18n.N(ctx, "appointment.staff.range.overlap", overlaps[0].Days, "Day", i18n.Day(ctx, overlaps[0].First.At(720, i18n.Location(ctx))))
	}
	c.Flash(text)
	return c.Redirect(rangesPath)
}

// checkRange refuses an agent, a place or a reason of another territory.
func (s *Service) checkRange(ctx context.Context, tx *store.Tx, rule booking.Rule) error {
	x, err := s.booking.Resource(ctx, tx, rule.ResourceID)
	if err != nil {
		return err
	}
	if x.Kind != booking.Person {
		return fault.New(fault.NotFound, "")
	}
	if rule.PlaceID != 0 {
		if at, err := s.placeOf(ctx, tx, rule.PlaceID); err != nil || at.ID == 0 {
			return cmp.Or(err, error(fault.New(fault.NotFound, "")))
		}
	}
	for _, tag := range rule.Tags {
		id, err := store.ParseID(strings.TrimPrefix(tag, "reason:"))
		if err != nil {
			return fault.New(fault.NotFound, "").Because(err)
		}
		if _, err := s.Reason(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}

// dropRange closes a range from today on; what is booked stays.
func (s *Service) dropRange(c *web.Context) error {
	rule, err := s.askedRule(c)
	if err != nil {
		return err
	}
	err = c.Store.Update(c.Ctx(), func(tx *store.Tx) error { return s.booking.DeleteRule(c.Ctx(), tx, rule.ID) })
	if err != nil {
		return err
	}
	c.Flash(c.T("appointment.staff.range.dropped"))
	return c.Redirect(rangesPath)
}
