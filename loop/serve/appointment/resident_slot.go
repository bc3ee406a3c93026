package appointment

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"parvis/core/place"
	"parvis/core/territory"
	"parvis/engine/booking"
	"parvis/platform/calendar"
	"parvis/platform/fault"
	"parvis/platform/geo"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// slotsAsk is what the page of slots is about: a reason, maybe a place, the
// first day shown, and what is done with the choice.
type slotsAsk struct {
	Reason  Reason
	Place   store.ID // 0 any
	Token   string   // reservation being changed: what was typed there follows
	Moving  *Appointment
	Link    string // of Moving
	Lost    time.Time
	Message string // what is wrong, when nothing was lost
}

// path is where the page is, and where its form goes.
func (a slotsAsk) path() string {
	if a.Moving != nil {
		return "/r/" + a.Link + "/deplacer"
	}
	return slotsPath(a.Reason.ID)
}

// held tells whether a start is the one the appointment that moves already has.
func (a slotsAsk) held(slot *booking.Slot) bool {
	return a.Moving != nil && slot.Start.Equal(a.Moving.StartsAt) && slot.Place == a.Moving.PlaceID
}

// query keeps the choices made from one page of days to the next.
func (a slotsAsk) query(day calendar.Date) url.Values {
	q := url.Values{"reservation": {a.Token}}
	if a.Place != 0 {
		q.Set("lieu", a.Place.String())
	}
	if !day.IsZero() {
		q.Set("du", day.String())
	}
	return q
}

type slotsView struct {
	Action    string
	Hidden    [][2]string
	Lost      string            // the start that was just taken, in words
	Nearest   []page.SlotChoice // free starts around it
	Message   string
	Before    string // restriction of the reason
	Keep      string // sentence about the appointment that moves
	KeepHref  string
	First     *page.FirstSlotData
	Nav       page.WeekNavData
	Days      []page.SlotDay
	Later     page.Link // when the days shown are empty
	Answers   []page.Answer
	Elsewhere []page.Tile
	Empty     *page.EmptyData
	Ways      []page.Way
}

// askSlot is the third question.
func (s *Service) askSlot(c *web.Context) error {
	r, err := s.bookable(c)
	if err != nil {
		return err
	}
	at, err := optionalID(c.Query("lieu"))
	if err != nil {
		return err
	}
	return s.renderSlots(c, http.StatusOK, slotsAsk{Reason: r, Place: at, Token: c.Query("reservation")})
}

// optionalID reads an identifier that may be missing.
func optionalID(v string) (store.ID, error) {
	if v == "" || v == "0" {
		return 0, nil
	}
	id, err := store.ParseID(v)
	if err != nil {
		return 0, fault.New(fault.NotFound, "").Because(err)
	}
	return id, nil
}

// takeSlot holds the chosen start.
func (s *Service) takeSlot(c *web.Context) error {
	r, err := s.bookable(c)
	if err != nil {
		return err
	}
	f, err := c.Form()
	if err != nil {
		return err
	}
	ask := slotsAsk{Reason: r, Token: f.Get("reservation")}
	if ask.Place, err = optionalID(f.Get("lieu")); err != nil {
		return err
	}
	start, ok := parseStart(f.Get("c"))
	if !ok {
		ask.Message = c.T("appointment.page.slot.none_chosen")
		return s.renderSlots(c, http.StatusUnprocessableEntity, ask)
	}
	held, err := s.Hold(c.Ctx(), c.Store, r.ID, ask.Place, start)
	if err != nil {
		return s.refused(c, ask, start, err)
	}
	if err := s.inherit(c.Ctx(), c.Store, ask.Token, held.Token); err != nil {
		return err
	}
	return c.Redirect(heldPath(held.Token))
}

// refused shows the slots again when the start is lost or not open to residents.
func (s *Service) refused(c *web.Context, ask slotsAsk, start time.Time, err error) error {
	if _, taken := WasTaken(err); taken {
		ask.Lost = start
		return s.renderSlots(c, http.StatusConflict, ask)
	}
	if f := fault.Of(err); f.Kind == fault.Conflict && f.Key != "" {
		ask.Message = c.T(f.Key, f.Args...)
		return s.renderSlots(c, http.StatusConflict, ask)
	}
	return err
}

// parseStart reads what the buttons of the slots send.
func parseStart(v string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339, v)
	return t.UTC(), err == nil
}

func startValue(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// shownDays is how many civil days one page of slots covers: five open ones.
const shownDays = 7

func (s *Service) renderSlots(c *web.Context, status int, ask slotsAsk) error {
	ctx, zone, now := c.Ctx(), i18n.Location(c.Ctx()), c.Now()
	v := slotsView{Action: c.Href(ask.path()), Message: ask.Message, Before: ask.Reason.BeforeText, Hidden: [][2]string{{"lieu", ask.Place.String()}}}
	if ask.Token != "" {
		v.Hidden = append(v.Hidden, [2]string{"reservation", ask.Token})
	}
	first, err := s.firstFor(ctx, c.Store, ask, now)
	if err != nil {
		return err
	}
	sites, err := s.FirstPerPlace(ctx, c.Store, ask.Reason)
	if err != nil {
		return err
	}
	ids := []store.ID{ask.Place}
	for _, slot := range sites {
		ids = append(ids, slot.Place)
	}
	places, err := s.placesOf(ctx, c.Store, ids)
	if err != nil {
		return err
	}
	chosen, questions := places[ask.Place], 3
	if len(sites) < 2 || ask.Reason.Mode != OnSite {
		questions = 2 // the place was not asked
		if len(sites) == 1 {
			chosen = places[sites[0].Place]
		}
	}
	v.Ways = s.ways(c, chosen)
	v.Answers = s.answers(c, ask, chosen, len(sites) > 1)
	v.Elsewhere = elsewhere(c, ask, first, sites, places)
	if !ask.Lost.IsZero() {
		v.Lost = i18n.DayTime(ctx, ask.Lost)
		near, err := s.Nearest(ctx, c.Store, ask.Reason, ask.Place, ask.Lost, 3)
		if err != nil {
			return err
		}
		for _, slot := range near {
			v.Nearest = append(v.Nearest, page.SlotChoice{Label: i18n.DayTime(ctx, slot.Start), Value: startValue(slot.Start)})
		}
	}
	if m := ask.Moving; m != nil {
		v.Keep, v.KeepHref = c.T("appointment.page.move.keep", "When", i18n.DayTime(ctx, m.StartsAt)), c.Href("/r/"+ask.Link)
	}
	if first == nil {
		v.Empty = s.noSlot(c, len(v.Elsewhere) > 0)
	} else {
		detail := i18n.Duration(ctx, ask.Reason.Duration())
		if p, ok := places[first.Place]; ok {
			detail = p.Name + ", " + detail
		}
		v.First = &page.FirstSlotData{When: i18n.DayTime(ctx, first.Start), Detail: detail, Name: "c", Value: startValue(first.Start)}
		from, problem := s.firstDay(c, ask.Reason, calendar.DateOf(first.Start, zone))
		if problem != "" && v.Message == "" {
			v.Message = problem
		}
		if err := s.days(c, &v, ask, first.Start, from); err != nil {
			return err
		}
	}
	note, crumb := c.T("appointment.page.question", "N", questions, "Of", questions), c.T("appointment.page.slot")
	if ask.Moving != nil {
		note, crumb = c.T("appointment.page.move.note"), c.T("appointment.page.move")
	}
	p := s.begin(c, c.T("appointment.page.slot.title"), note, crumbHome(c), page.Link{Label: crumb})
	p.Heading, p.HasError = c.T("appointment.page.slot.heading"), status != http.StatusOK
	p.NoIndex = ask.Token != "" || ask.Moving != nil || c.Request.URL.RawQuery != ""
	return c.RenderStatus(status, slotsPage(p, v))
}

// firstFor is the first free start from an instant on; an appointment that moves
// is not offered the start that it has, were another agent free then.
func (s *Service) firstFor(ctx context.Context, h store.Handle, ask slotsAsk, from time.Time) (*booking.Slot, error) {
	first, err := s.First(ctx, h, ask.Reason, ask.Place, from)
	if err != nil || first == nil || !ask.held(first) {
		return first, err
	}
	return s.First(ctx, h, ask.Reason, ask.Place, first.Start.Add(time.Minute))
}

// firstDay reads ?du=: a day that does not exist or is not open is said, and
// the first free day is shown instead.
func (s *Service) firstDay(c *web.Context, r Reason, first calendar.Date) (day calendar.Date, problem string) {
	raw := c.Query("du")
	if raw == "" {
		return first, ""
	}
	day, err := calendar.ParseDate(raw)
	if err != nil {
		return first, c.T("appointment.page.slot.bad_day")
	}
	_, to := r.Window(c.Now())
	if last := calendar.DateOf(to, i18n.Location(c.Ctx())); day.After(last) {
		return first, c.T("appointment.page.slot.far_day", "Day", i18n.Date(c.Ctx(), to))
	}
	if day.Before(first) {
		return first, ""
	}
	return day, ""
}

// days fills the columns from a day on.
func (s *Service) days(c *web.Context, v *slotsView, ask slotsAsk, first time.Time, from calendar.Date) error {
	ctx, zone := c.Ctx(), i18n.Location(c.Ctx())
	found, err := s.Slots(ctx, c.Store, Ask{Reason: ask.Reason, Place: ask.Place, From: from.Start(zone), Days: shownDays})
	if err != nil {
		return err
	}
	byDay := map[calendar.Date][]booking.Slot{}
	for _, slot := range found.Slots {
		if ask.held(&slot) {
			continue
		}
		d := calendar.DateOf(slot.Start, zone)
		byDay[d] = append(byDay[d], slot)
	}
	off := calendar.ZoneMainland
	if t := territory.Of(c); t != nil {
		off = t.HolidayZone()
	}
	low, high := ask.Reason.Window(c.Now())
	var shown []calendar.Date
	for i := range shownDays {
		d := from.AddDays(i)
		if weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday; weekend && len(byDay[d]) == 0 || d.After(calendar.DateOf(high, zone)) {
			continue
		}
		shown = append(shown, d)
		noon := d.At(12*60, zone)
		weekday, day, month := parts(ctx, noon)
		col := page.SlotDay{Label: weekday, Date: day + "\u00a0" + month}
		for _, slot := range byDay[d] {
			choice := page.SlotChoice{Label: i18n.Clock(ctx, slot.Start), Value: startValue(slot.Start), Aria: i18n.DayTime(ctx, slot.Start), First: slot.Start.Equal(first)}
			if slot.Start.Before(noon) {
				col.Morning = append(col.Morning, choice)
			} else {
				col.Afternoon = append(col.Afternoon, choice)
			}
		}
		if len(byDay[d]) == 0 {
			col.Closed = c.T("appointment.page.slot.no")
			if _, holiday := calendar.HolidayOn(d, off); holiday {
				col.Closed = c.T("appointment.page.slot.holiday")
			}
		}
		v.Days = append(v.Days, col)
	}
	if len(shown) == 0 { // a weekend at the very end of the window
		return nil
	}
	last := shown[len(shown)-1]
	v.Nav.Title = capital(i18n.Period(ctx, shown[0].At(12*60, zone), last.At(12*60, zone)))
	here := ask.path()
	if firstDay := calendar.DateOf(first, zone); from.After(firstDay) {
		back := from.AddDays(-shownDays)
		if back.Before(firstDay) {
			back = firstDay
		}
		v.Nav.PrevHref, v.Nav.PrevHidden = c.Href(withQuery(here, ask.query(back))), c.T("appointment.page.slot.prev", "Day", i18n.Day(ctx, shown[0].At(12*60, zone)))
	}
	if next := from.AddDays(shownDays); next.Start(zone).Before(high) && next.Start(zone).After(low) {
		v.Nav.NextHref, v.Nav.NextHidden = c.Href(withQuery(here, ask.query(next))), c.T("appointment.page.slot.next", "Day", i18n.Day(ctx, last.At(12*60, zone)))
	}
	if len(found.Slots) > 0 {
		return nil
	}
	later, err := s.firstFor(ctx, c.Store, ask, from.AddDays(shownDays).Start(zone))
	if err != nil || later == nil {
		return err
	}
	v.Later = page.Link{Label: i18n.DayTime(ctx, later.Start), Href: c.Href(withQuery(here, ask.query(calendar.DateOf(later.Start, zone))))}
	return nil
}

// capital is the text with a capital letter at its head.
func capital(s string) string {
	for _, r := range s {
		return strings.ToUpper(string(r)) + s[len(string(r)):]
	}
	return s
}

// answers are those given so far, each with the way to change it.
func (s *Service) answers(c *web.Context, ask slotsAsk, chosen place.Place, several bool) []page.Answer {
	ctx := c.Ctx()
	answer := reasonAnswer(c, ask.Reason)
	where := page.Answer{Label: c.T("appointment.page.place"), Value: whereabouts(ctx, ask.Reason, chosen), Detail: placeDetail(ctx, chosen), Hidden: c.T("appointment.page.place.hidden")}
	if ask.Place == 0 && several {
		where.Value = c.T("appointment.page.place.any")
	}
	if several && ask.Moving == nil {
		where.Href = c.Href(home + "/motif/" + ask.Reason.ID.String())
	}
	if ask.Moving == nil {
		return []page.Answer{answer, where}
	}
	answer.Href = ""
	if ask.Reason.Sensitive {
		answer.Value, answer.Detail = c.T("appointment.notice.discreet"), ""
	}
	return []page.Answer{answer, where}
}

// maxElsewhere bounds the places proposed beside the chosen one.
const maxElsewhere = 3

// elsewhere are the places that are free sooner than the chosen one.
func elsewhere(c *web.Context, ask slotsAsk, first *booking.Slot, sites []booking.Slot, places map[store.ID]place.Place) []page.Tile {
	if ask.Place == 0 {
		return nil
	}
	var out []page.Tile
	for _, slot := range sites {
		p, known := places[slot.Place]
		if !known || slot.Place == ask.Place || first != nil && !slot.Start.Before(first.Start) || len(out) == maxElsewhere {
			continue
		}
		other := ask
		other.Place = slot.Place
		title := p.Name
		if at := places[ask.Place]; at.Located() && p.Located() {
			title += ", " + c.T("appointment.page.slot.km", "Km", kilometres(at, p))
		}
		out = append(out, page.Tile{Title: title, Text: i18n.DayTimeRelative(c.Ctx(), slot.Start, c.Now()),
			Href: c.Href(withQuery(ask.path(), other.query(calendar.Date{})))})
	}
	return out
}

// kilometres between two places, at least 1.
func kilometres(a, b place.Place) int {
	return max(1, int(geo.Distance(geo.Point{Lat: a.Lat, Lon: a.Lon}, geo.Point{Lat: b.Lat, Lon: b.Lon})/1000+0.5))
}

// noSlot is the page without any start.
func (s *Service) noSlot(c *web.Context, elsewhere bool) *page.EmptyData {
	text := c.T("appointment.page.slot.empty.text")
	if elsewhere {
		text = c.T("appointment.page.slot.empty.elsewhere")
	}
	if number := call(c); number != "" {
		text += " " + number
	}
	return &page.EmptyData{Title: c.T("appointment.page.slot.empty"), Text: text,
		Actions: []page.ButtonData{{Label: c.T("appointment.page.slot.empty.other"), Href: c.Href(home)}}}
}
