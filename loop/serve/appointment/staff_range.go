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
	g := agentRanges{Panel: page.PanelData{ID: "agent-" + x.ID.String(), Title: x.Name, Tools: []page.ButtonData{
		{Label: c.T("appointment.staff.agent.edit"), Icon: "pen", Hidden: x.Name, Href: c.Href(agentsPath + "/" + x.ID.String())}, {Label: c.T("appointment.staff.range.new"), Icon: "plus", Hidden: x.Name,
			Href: c.Href(here(rangesPath+"/nouvelle", url.Values{"agent": {x.ID.String()}}))}}}}
	g.Table = page.TableData{Caption: c.T("appointment.staff.range.caption", "Name", x.Name), CaptionHidden: true, Empty: c.T("appointment.staff.range.none"),
		Columns: []page.Column{{Label: c.T("appointment.staff.range.days")}, {Label: c.T("appointment.staff.range.hours")}, {Label: c.T("appointment.staff.place")},
			{Label: c.T("appointment.staff.reasons")}, {Label: c.T("appointment.staff.range.valid")}}}
	if !x.Active {
		g.Panel.Badge = c.T("appointment.staff.agent.off")
	}
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
		g.Table.Rows = append(g.Table.Rows, []page.Cell{{Text: ruleDays(ctx, rule.When), Note: weeksNote(ctx, rule.When), Href: c.Href(rangesPath + "/" + rule.ID.String()), Head: true},
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

// weeksNote says how often a range comes back, where it is not every week.
func weeksNote(ctx context.Context, when calendar.Rule) string {
	if rhythm := rhythmOf(when); rhythm != everyWeek && rhythm != oneDay {
		return rhythmWord(ctx, rhythm)
	}
	return ""
}

func tagNames(ctx context.Context, r *roster, tags []string) string {
	var out []string
	every := true
	for _, x := range r.order {
		if slices.Contains(tags, x.Tag()) {
			out = append(out, x.Name)
		} else if x.Active {
			every = false
		}
	}
	if every && len(out) > 2 {
		return i18n.T(ctx, "appointment.staff.range.every_reason")
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
