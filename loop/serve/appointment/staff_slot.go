package appointment

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"parvis/engine/booking"
	"parvis/platform/calendar"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

func dayOf(ctx context.Context, t time.Time) calendar.Date {
	return calendar.DateOf(t, i18n.Location(ctx))
}

// slotGrid is a week of free starts as staff see them.
type slotGrid struct {
	Nav   page.WeekNavData
	First *page.FirstSlotData
	Days  []page.SlotDay
	None  string // why there is nothing, and what to do
}

// slotsAsked is for what and whom starts are looked for.
type slotsAsked struct {
	Reason Reason
	Place  store.ID
	Agent  store.ID
	From   calendar.Date
	Not    time.Time // start that an appointment already has, not offered again
}

func (a slotsAsked) agents() []store.ID {
	if a.Agent == 0 {
		return nil
	}
	return []store.ID{a.Agent}
}

// grid finds the starts of seven days; name is that of the buttons.
func (s *Service) grid(c *web.Context, a slotsAsked, name string, href func(calendar.Date) string) (slotGrid, error) {
	ctx, zone, now := c.Ctx(), i18n.Location(c.Ctx()), today(c)
	var g slotGrid
	first, err := s.Slots(ctx, c.Store, Ask{Reason: a.Reason, Place: a.Place, Agents: a.agents(), From: c.Now(), Limit: 2, Staff: true})
	if err != nil {
		return g, err
	}
	first.Slots = slices.DeleteFunc(first.Slots, func(x booking.Slot) bool { return x.Start.Equal(a.Not) })
	if a.From.IsZero() {
		a.From = now
		if len(first.Slots) > 0 {
			a.From = calendar.DateOf(first.Slots[0].Start, zone)
		}
	}
	if a.From.Before(now) {
		a.From = now
	}
	if len(first.Slots) == 0 {
		g.None = c.T("appointment.staff.slot.none")
		return g, nil
	}
	earliest := first.Slots[0].Start
	g.First = &page.FirstSlotData{When: i18n.DayTime(ctx, earliest), Detail: i18n.Duration(ctx, a.Reason.Duration()), Name: name, Value: startValue(earliest)}
	found, err := s.Slots(ctx, c.Store, Ask{Reason: a.Reason, Place: a.Place, Agents: a.agents(), From: a.From.Start(zone), Days: 7, Staff: true})
	if err != nil {
		return g, err
	}
	byDay := map[calendar.Date]*page.SlotDay{}
	for i := range 7 {
		d := a.From.AddDays(i)
		weekday, day, month := parts(ctx, d.At(720, zone))
		byDay[d] = &page.SlotDay{Label: weekday, Date: day + "\u00a0" + month, Closed: c.T("appointment.staff.slot.closed")}
	}
	for _, x := range found.Slots {
		d := byDay[calendar.DateOf(x.Start, zone)]
		if d == nil || x.Start.Equal(a.Not) {
			continue
		}
		d.Closed = ""
		choice := page.SlotChoice{Label: i18n.Clock(ctx, x.Start), Value: startValue(x.Start), Aria: i18n.DayTime(ctx, x.Start), First: x.Start.Equal(earliest)}
		if minutes(x.Start, zone) < 13*60 {
			d.Morning = append(d.Morning, choice)
		} else {
			d.Afternoon = append(d.Afternoon, choice)
		}
	}
	for i := range 7 {
		d := a.From.AddDays(i)
		if weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday; !weekend || byDay[d].Closed == "" {
			g.Days = append(g.Days, *byDay[d])
		}
	}
	g.Nav = page.WeekNavData{Title: weekTitle(ctx, a.From, a.From.AddDays(6)), NextHref: href(a.From.AddDays(7)), NextHidden: c.T("appointment.staff.nav.next")}
	if a.From.After(now) {
		before := a.From.AddDays(-7)
		if before.Before(now) {
			before = now
		}
		g.Nav.PrevHref, g.Nav.PrevHidden = href(before), c.T("appointment.staff.nav.prev")
	}
	return g, nil
}

// nearest are the free starts around one that was lost, as answers to choose from.
func (s *Service) nearest(c *web.Context, a slotsAsked, start time.Time) ([]page.ChoiceData, error) {
	found, err := s.booking.Nearest(c.Ctx(), c.Store, a.Reason.demand(a.Place, a.agents()), start, c.Now(), 6)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(x, y booking.Slot) int { return cmp.Compare(x.Start.UnixMicro(), y.Start.UnixMicro()) })
	var out []page.ChoiceData
	for _, x := range found {
		if x.Start.Equal(a.Not) {
			continue
		}
		out = append(out, page.ChoiceData{Name: "debut", Value: startValue(x.Start), Title: i18n.DayTime(c.Ctx(), x.Start)})
	}
	return out, nil
}

// forced is a start typed by staff, outside what is open.
type forced struct {
	On             bool
	Day, Hour, Why string
}

func readForced(get func(string) string) forced {
	return forced{On: get("force") == "1", Day: strings.TrimSpace(get("jour")), Hour: strings.TrimSpace(get("heure")), Why: strings.TrimSpace(get("why"))}
}

// start reads the day and the hour; a forced start needs its sentence.
func (f forced) start(zone *time.Location) (time.Time, error) {
	var wrong fault.Fields
	day := readDay(&wrong, "jour", f.Day, true)
	at := readClock(&wrong, "heure", f.Hour, false)
	if f.Why == "" {
		wrong.Add("why", "appointment.error.why")
	}
	if err := wrong.Err(); err != nil {
		return time.Time{}, err
	}
	return day.At(at, zone).UTC(), nil
}

type shiftView struct {
	Now     string // where it is
	Action  string
	Back    string
	Grid    slotGrid
	Forced  forced
	Nearest []page.ChoiceData
	Lost    string
	Errors  []page.FieldError
	Agents  []page.Option
	Places  []page.Option
	Filter  string
}

func (s *Service) askShift(c *web.Context) error {
	x, err := s.sheet(c)
	if err != nil {
		return err
	}
	return s.renderShift(c, http.StatusOK, x, shiftView{}, time.Time{})
}

// shiftAsked reads for whom starts are looked for; a range of another territory
// is NotFound.
func (s *Service) shiftAsked(c *web.Context, x sheet, get func(string) string) (slotsAsked, error) {
	a := slotsAsked{Reason: x.Reason, Place: x.PlaceID}
	if d, err := calendar.ParseDate(get("du")); err == nil {
		a.From = d
	}
	var err error
	if a.Agent, err = optionalID(get("agent")); err != nil {
		return a, err
	}
	if v := get("lieu"); v != "" {
		if a.Place, err = optionalID(v); err != nil {
			return a, err
		}
	}
	if a.Place == x.PlaceID && (a.Agent == 0 || slices.Contains(x.roster.serving[x.ID], a.Agent)) {
		a.Not = x.StartsAt // with another agent, the same hour is a change
	}
	return a, c.Store.View(c.Ctx(), func(tx *store.Tx) error { return s.known(c.Ctx(), tx, a.Agent) })
}

func (s *Service) renderShift(c *web.Context, status int, x sheet, v shiftView, lost time.Time) error {
	if x.Status.Final() {
		return fault.New(fault.Gone, "appointment.error.cancelled_already")
	}
	ctx := c.Ctx()
	get := c.Query
	if c.Request.Method == http.MethodPost {
		get = func(name string) string { return c.Request.PostForm.Get(name) }
	}
	a, err := s.shiftAsked(c, x, get)
	if err != nil {
		return err
	}
	v.Action, v.Back = x.path(c)+"/deplacer", x.path(c)
	q := func(d calendar.Date) url.Values {
		return url.Values{"du": {d.String()}, "agent": {idText(a.Agent)}, "lieu": {idText(a.Place)}}
	}
	if v.Grid, err = s.grid(c, a, "debut", func(d calendar.Date) string { return withQuery(v.Action, q(d)) }); err != nil {
		return err
	}
	v.Agents = agentOptions(x.roster, a.Agent, c.T("appointment.staff.any.agent"))
	v.Places = placeOptions(x.roster, a.Place, c.T("appointment.staff.same.place"))
	v.Now = c.T("appointment.staff.move.now", "Start", i18n.DayTime(ctx, x.StartsAt), "Reason", x.Reason.Name)
	if !lost.IsZero() {
		v.Lost = i18n.DayTime(ctx, lost)
		if v.Nearest, err = s.nearest(c, a, lost); err != nil {
			return err
		}
	}
	p, err := s.workspace(c, c.T("appointment.staff.move.title", "Name", x.who(ctx)), v.Now, v.Errors)
	if err != nil {
		return err
	}
	p.Crumbs = deskCrumbs(c, page.Link{Label: cmp.Or(x.Number, x.who(ctx)), Href: x.path(c)}, page.Link{Label: c.T("appointment.staff.move")})
	return c.RenderStatus(status, shiftPage(p, v, idText(a.Agent), idText(a.Place)))
}

// idText is an identifier in a form, "" for none.
func idText(id store.ID) string {
	if id == 0 {
		return ""
	}
	return id.String()
}

// shift moves the appointment to the chosen start, or to a forced one.
func (s *Service) shift(c *web.Context) error {
	x, err := s.sheet(c)
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	a, err := s.shiftAsked(c, x, form.Get)
	if err != nil {
		return err
	}
	v := shiftView{Forced: readForced(form.Get)}
	start, ok := parseStart(form.Get("debut"))
	switch {
	case ok:
		v.Forced.On = false
	case v.Forced.On:
		start, err = v.Forced.start(i18n.Location(c.Ctx()))
	default:
		err = fault.New(fault.Invalid, "appointment.staff.error.start")
	}
	if err == nil {
		_, err = s.Move(c.Ctx(), c.Store, x.ID, Author{Staff: c.Actor.ID}, Shift{Start: start, Place: a.Place, Agents: a.agents(), Force: v.Forced.On, Why: whyOf(v.Forced)})
	}
	if fields, invalid := c.FieldErrors(err); err != nil && invalid {
		v.Errors = fields
		return s.renderShift(c, http.StatusUnprocessableEntity, x, v, time.Time{})
	}
	if _, taken := WasTaken(err); taken {
		v.Errors = []page.FieldError{{Message: c.T("appointment.staff.error.taken", "Start", i18n.DayTime(c.Ctx(), start))}}
		return s.renderShift(c, http.StatusConflict, x, v, start)
	}
	if err != nil {
		return err
	}
	c.Flash(c.T("appointment.staff.move.done", "Start", i18n.DayTime(c.Ctx(), start)))
	return c.Redirect(sheetPath + "/" + x.ID.String())
}

func whyOf(f forced) string {
	if f.On {
		return f.Why
	}
	return ""
}
