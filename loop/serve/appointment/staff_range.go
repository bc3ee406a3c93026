package appointment

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"parvis/core/person"
	"parvis/core/territory"
	"parvis/engine/booking"
	"parvis/platform/calendar"
	"parvis/platform/fault"
	"parvis/platform/hours"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// agentRanges is one agent with the ranges they opened.
type agentRanges struct {
	Panel    page.PanelData
	Table    page.TableData
	Warnings []string
}

type rangesView struct {
	Done   string
	Agents []agentRanges
	Empty  *page.EmptyData
	Nobody []page.Link // reasons that nobody opens
	Staff  []page.Option
	Name   string
	Action string
	Errors []page.FieldError
}

// openings counts, per tag of a reason, the agents who opened it.
func (s *Service) openings(ctx context.Context, tx *store.Tx) (map[string]int, error) {
	list, err := s.booking.Resources(ctx, tx, booking.Person, 0, maxAgents)
	if err != nil {
		return nil, err
	}
	out := map[string]int{}
	for _, x := range list {
		rules, err := s.booking.Rules(ctx, tx, x.ID)
		if err != nil {
			return nil, err
		}
		seen := map[string]bool{}
		for _, r := range rules {
			for _, tag := range r.Tags {
				if x.Active && !seen[tag] {
					seen[tag] = true
					out[tag]++
				}
			}
		}
	}
	return out, nil
}

func (s *Service) listRanges(c *web.Context) error {
	return s.renderRanges(c, http.StatusOK, rangesView{Done: c.TakeFlash()})
}

func (s *Service) renderRanges(c *web.Context, status int, v rangesView) error {
	ctx := c.Ctx()
	members, _, err := s.people.Staff(ctx, c.Store.Territory(), person.StaffQuery{Limit: maxAgents})
	if err != nil {
		return err
	}
	err = c.Store.View(ctx, func(tx *store.Tx) error {
		v.Agents, v.Nobody = nil, nil
		r, err := s.roster(ctx, tx)
		if err != nil {
			return err
		}
		open := map[string]bool{}
		for _, x := range r.agents {
			g, err := s.agentRanges(c, tx, r, x, open)
			if err != nil {
				return err
			}
			v.Agents = append(v.Agents, g)
		}
		for _, reason := range r.order {
			if reason.Active && !open[reason.Tag()] {
				v.Nobody = append(v.Nobody, page.Link{Label: reason.Name, Href: c.Href(here(rangesPath+"/nouvelle", url.Values{"motif": {reason.ID.String()}}))})
			}
		}
		v.Staff = []page.Option{{Label: c.T("appointment.staff.agent.free")}}
		for _, m := range members {
			if !slices.ContainsFunc(r.agents, func(x booking.Resource) bool { return x.OwnerRef == "person:"+m.ID.String() }) {
				v.Staff = append(v.Staff, page.Option{Value: m.ID.String(), Label: m.Name})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(v.Agents) == 0 {
		v.Empty = &page.EmptyData{Drawing: "hall", Title: c.T("appointment.staff.ranges.empty"), Text: c.T("appointment.staff.ranges.empty.text")}
	}
	v.Action = c.Href(rangesPath + "/agents")
	p, err := s.workspace(c, c.T("appointment.staff.ranges"), c.T("appointment.staff.ranges.lead"), v.Errors)
	if err != nil {
		return err
	}
	p.Crumbs = deskCrumbs(c, page.Link{Label: c.T("appointment.staff.ranges")})
	return c.RenderStatus(status, rangesPage(p, v))
}

// agentRanges lists the ranges of one agent and where they overlap (S17).
func (s *Service) agentRanges(c *web.Context, tx *store.Tx, r *roster, x booking.Resource, open map[string]bool) (agentRanges, error) {
	ctx := c.Ctx()
	g := agentRanges{Panel: page.PanelData{ID: "agent-" + x.ID.String(), Title: x.Name, Tools: []page.ButtonData{{Label: c.T("appointment.staff.range.new"), Icon: "plus", Hidden: x.Name,
		Href: c.Href(here(rangesPath+"/nouvelle", url.Values{"agent": {x.ID.String()}}))}}}}
	g.Table = page.TableData{Caption: c.T("appointment.staff.range.caption", "Name", x.Name), CaptionHidden: true, Empty: c.T("appointment.staff.range.none"),
		Columns: []page.Column{{Label: c.T("appointment.staff.range.days")}, {Label: c.T("appointment.staff.range.hours")}, {Label: c.T("appointment.staff.place")},
			{Label: c.T("appointment.staff.reasons")}, {Label: c.T("appointment.staff.range.valid")}}}
	rules, err := s.booking.Rules(ctx, tx, x.ID)
	if err != nil {
		return g, err
	}
	told := map[string]bool{}
	for _, rule := range rules {
		for _, tag := range rule.Tags {
			open[tag] = open[tag] || x.Active
		}
		site := cmp.Or(rule.PlaceID, x.PlaceID)
		g.Table.Rows = append(g.Table.Rows, []page.Cell{{Text: ruleDays(ctx, rule.When), Note: weeksNote(ctx, rule.When.Weeks), Href: c.Href(rangesPath + "/" + rule.ID.String()), Head: true},
			{Text: hours.FormatIn(i18n.From(ctx), []hours.Span{{From: rule.When.From, To: rule.When.To}})}, {Text: cmp.Or(r.places[site].Name, c.T("appointment.staff.any.place"))},
			{Text: tagNames(ctx, r, rule.Tags)}, {Text: validity(ctx, rule.When)}})
		overlaps, err := s.booking.Overlaps(ctx, tx, x.ID, rule.ID)
		if err != nil {
			return g, err
		}
		for _, o := range overlaps {
			pair := fmt.Sprint(min(o.RuleID, rule.ID), max(o.RuleID, rule.ID))
			if !told[pair] {
				told[pair] = true
				g.Warnings = append(g.Warnings, i18n.N(ctx, "appointment.staff.range.overlap", o.Days, "Day", i18n.Day(ctx, o.First.At(720, i18n.Location(ctx)))))
			}
		}
	}
	return g, nil
}

// weekdays are the codes of RFC 5545 from Monday on.
var weekdays = [...]string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}

func ruleDays(ctx context.Context, when calendar.Rule) string {
	days := daysOf(when)
	if len(days) == 0 {
		return i18n.Day(ctx, when.Start.At(720, i18n.Location(ctx)))
	}
	var out []string
	for _, d := range days {
		out = append(out, i18n.T(ctx, "appointment.staff.weekday."+strconv.Itoa(d)))
	}
	return capital(strings.Join(out, ", "))
}

// daysOf are the weekdays of a weekly rule, 1 Monday to 7 Sunday; none for a
// single day.
func daysOf(when calendar.Rule) []int {
	_, list, ok := strings.Cut(when.RRule, "BYDAY=")
	if !ok {
		return nil
	}
	list, _, _ = strings.Cut(list, ";")
	var out []int
	for i, code := range weekdays {
		if slices.Contains(strings.Split(list, ","), code) {
			out = append(out, i+1)
		}
	}
	return out
}

func weeksNote(ctx context.Context, w calendar.Weeks) string {
	if w == calendar.OddWeeks || w == calendar.EvenWeeks {
		return i18n.T(ctx, "appointment.staff.weeks."+string(w))
	}
	return ""
}

func tagNames(ctx context.Context, r *roster, tags []string) string {
	var out []string
	for _, x := range r.order {
		if slices.Contains(tags, x.Tag()) {
			out = append(out, x.Name)
		}
	}
	if len(out) == 0 {
		return i18n.T(ctx, "appointment.staff.range.no_reason")
	}
	return strings.Join(out, ", ")
}

func validity(ctx context.Context, when calendar.Rule) string {
	zone := i18n.Location(ctx)
	if when.RRule == "" {
		return i18n.T(ctx, "appointment.staff.range.once")
	}
	if when.Until.IsZero() {
		return i18n.T(ctx, "appointment.staff.range.since", "Day", i18n.Date(ctx, when.Start.At(720, zone)))
	}
	return i18n.Period(ctx, when.Start.At(720, zone), when.Until.At(720, zone))
}

// addAgent makes somebody of the staff, or a desk, bookable.
func (s *Service) addAgent(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	x := booking.Resource{Kind: booking.Person, Name: strings.TrimSpace(form.Get("agent_name")), TimeZone: i18n.Location(c.Ctx()).String(), HolidayZone: calendar.ZoneMainland, Active: true}
	if t := territory.Of(c); t != nil {
		x.HolidayZone = t.HolidayZone()
	}
	if v := form.Get("agent_person"); v != "" {
		id, err := store.ParseID(v)
		if err != nil {
			return fault.New(fault.NotFound, "").Because(err)
		}
		m, err := s.people.Member(c.Ctx(), c.Store.Territory(), id)
		if err != nil {
			return err
		}
		x.Name, x.OwnerRef = m.Name, "person:"+id.String()
	}
	var wrong fault.Fields
	if x.Name == "" || len(x.Name) > 200 {
		wrong.Add("agent_name", "appointment.staff.error.agent")
	}
	err = wrong.Err()
	var id store.ID
	if err == nil {
		err = c.Store.Update(c.Ctx(), func(tx *store.Tx) (err error) {
			id, err = s.booking.AddResource(c.Ctx(), tx, x)
			return err
		})
	}
	if fields, invalid := c.FieldErrors(err); err != nil && invalid {
		return s.renderRanges(c, http.StatusUnprocessableEntity, rangesView{Name: form.Get("agent_name"), Errors: fields})
	}
	if err != nil {
		return err
	}
	c.Flash(c.T("appointment.staff.agent.added", "Name", x.Name))
	return c.Redirect(here(rangesPath+"/nouvelle", url.Values{"agent": {id.String()}}))
}

// rangeTyped is the form of a range as typed.
type rangeTyped struct {
	Agent, Place  string
	Days          []string // "1" to "7"
	Hours         string
	Reasons       []string
	First, Last   string
	Weeks, School string
	Except        string
}

func typedRange(form url.Values) rangeTyped {
	return rangeTyped{form.Get("agent"), form.Get("place"), form["day"], form.Get("hours"), form["reason"], form.Get("first"), form.Get("last"), form.Get("weeks"), form.Get("school"), form.Get("except")}
}

// shownRange fills the form with a rule.
func shownRange(rule booking.Rule) rangeTyped {
	t := rangeTyped{Agent: rule.ResourceID.String(), Place: idText(rule.PlaceID), First: dateTyped(rule.When.Start), Last: dateTyped(rule.When.Until), Weeks: string(rule.When.Weeks), School: string(rule.School)}
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
	if len(days) == 0 {
		wrong.Add("days", "appointment.staff.error.days")
	}
	rule.When.RRule = "FREQ=WEEKLY;BYDAY=" + strings.Join(days, ",")
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
	rule.When.Weeks = calendar.Weeks(t.Weeks)
	for _, v := range strings.FieldsFunc(t.Except, func(r rune) bool { return r == ',' || r == ';' || r == '\n' || r == '\r' }) {
		if v = strings.TrimSpace(v); v != "" {
			if d := readDay(&wrong, "except", v, true); !wrong.Has("except") {
				rule.When.Exceptions = append(rule.When.Exceptions, d)
			}
		}
	}
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
	Frozen       bool // the agent of a range does not change
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
	return s.renderRange(c, http.StatusOK, rule.ID, rangeFormView{Typed: shownRange(rule)})
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
		return nil
	})
	if err != nil {
		return err
	}
	for i := 1; i <= 7; i++ {
		n := strconv.Itoa(i)
		v.Days = append(v.Days, page.CheckData{Name: "day", Value: n, Label: c.T("appointment.staff.weekday." + n), Checked: slices.Contains(v.Typed.Days, n)})
	}
	for _, w := range []string{"all", "odd", "even"} {
		v.Weeks = append(v.Weeks, page.Option{Value: w, Label: c.T("appointment.staff.weeks." + w), Selected: v.Typed.Weeks == w})
	}
	if _, ok := calendar.SchoolZoneOf(region(c)); ok {
		for _, x := range []struct{ value, key string }{{"", "any"}, {"term", "term"}, {"holidays", "holidays"}} {
			v.School = append(v.School, page.Option{Value: x.value, Label: c.T("appointment.staff.school." + x.key), Selected: v.Typed.School == x.value})
		}
	}
	p, err := s.workspace(c, heading, c.T("appointment.staff.range.lead"), v.Errors)
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
		typed.Agent = old.ResourceID.String()
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
