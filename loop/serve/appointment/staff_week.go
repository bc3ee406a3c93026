package appointment

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"time"

	"parvis/engine/booking"
	"parvis/platform/calendar"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// maxLanes is how many agents a week shows side by side: as many as have a tone.
const maxLanes = 3

// lane is one agent of the week.
type lane struct {
	booking.Resource
	Tone int // 1 to 3
}

// lanes are the agents shown: the one asked for, or the reader's own desks
// first, then the others by name.
func (r *roster) lanes(c *web.Context, agent store.ID) []lane {
	mine := "person:" + c.Actor.ID.String()
	list := slices.Clone(r.agents)
	slices.SortStableFunc(list, func(a, b booking.Resource) int {
		return cmp.Compare(rank(b.OwnerRef == mine), rank(a.OwnerRef == mine))
	})
	var out []lane
	for _, x := range list {
		if len(out) < maxLanes && ((agent == 0 && x.Active) || x.ID == agent) {
			out = append(out, lane{x, len(out) + 1})
		}
	}
	return out
}

func rank(b bool) int {
	if b {
		return 1
	}
	return 0
}

func tone(lanes []lane, id store.ID) int {
	for _, l := range lanes {
		if l.ID == id {
			return l.Tone
		}
	}
	return 0
}

func legend(lanes []lane) []page.Person {
	var out []page.Person
	for _, l := range lanes {
		out = append(out, square(l.Resource, l.Tone))
	}
	return out
}

func resources(lanes []lane) []store.ID {
	var out []store.ID
	for _, l := range lanes {
		out = append(out, l.ID)
	}
	return out
}

// diaryWeek is what a week is drawn from.
type diaryWeek struct {
	open     map[store.ID][]calendar.Interval // opened, absences removed
	taken    map[store.ID][]booking.Reservation
	away     map[store.ID][]booking.Closure
	byBook   map[store.ID]Appointment
	from, to int // minutes since midnight shown
}

// readWeek reads openings, absences and bookings of the lanes in [from, to).
func (s *Service) readWeek(ctx context.Context, tx *store.Tx, r *roster, lanes []lane, from, to time.Time) (*diaryWeek, error) {
	ids := resources(lanes)
	w := &diaryWeek{open: map[store.ID][]calendar.Interval{}, taken: map[store.ID][]booking.Reservation{}, away: map[store.ID][]booking.Closure{},
		byBook: map[store.ID]Appointment{}, from: 8 * 60, to: 18 * 60}
	spans, err := s.booking.Spans(ctx, tx, ids, from, to)
	if err != nil {
		return nil, err
	}
	closures, err := s.booking.Closures(ctx, tx, from, to)
	if err != nil {
		return nil, err
	}
	agenda, err := s.booking.Agenda(ctx, tx, ids, from, to)
	if err != nil {
		return nil, err
	}
	list, err := s.List(ctx, tx, Filter{From: from.Add(-booking.MaxLength), To: to, Agents: ids, Live: true})
	if err != nil {
		return nil, err
	}
	if err := s.meet(ctx, tx, r, list); err != nil {
		return nil, err
	}
	for _, a := range list {
		w.byBook[a.BookingID] = a
	}
	for _, id := range ids {
		for _, o := range spans[id] {
			left := []calendar.Interval{o.Interval}
			for _, c := range closures {
				if hits(c, id, o.PlaceID) {
					left = calendar.Subtract(left, []calendar.Interval{calendar.Span(c.StartsAt, c.EndsAt)})
				}
			}
			w.open[id] = calendar.Union(w.open[id], left)
		}
		for _, c := range closures {
			if hits(c, id, 0) {
				w.away[id] = append(w.away[id], c)
			}
		}
		for _, b := range agenda {
			if slices.Contains(b.Resources(), id) {
				w.taken[id] = append(w.taken[id], b)
			}
		}
	}
	return w, nil
}

// weekOf is the day whose week is drawn when today's is asked: today, or the
// Monday that follows when nothing is open nor booked any more from today to
// Sunday. Nobody opens the agenda on a Sunday to look at last week.
func (s *Service) weekOf(c *web.Context, tx *store.Tx, r *roster) (calendar.Date, error) {
	ctx, zone, day := c.Ctx(), i18n.Location(c.Ctx()), today(c)
	next := monday(day).AddDays(7)
	from, to := day.Start(zone), next.Start(zone)
	list, err := s.List(ctx, tx, Filter{From: from, To: to, Live: true, Limit: 1})
	if err != nil || len(list) > 0 || len(r.agents) == 0 {
		return day, err
	}
	var ids []store.ID
	for _, x := range r.agents {
		if x.Active {
			ids = append(ids, x.ID)
		}
	}
	open, err := s.booking.Spans(ctx, tx, ids, from, to)
	if err != nil {
		return day, err
	}
	for _, spans := range open {
		if len(spans) > 0 {
			return day, nil
		}
	}
	return next, nil
}

// week draws the days of the week of a day; Saturday and Sunday only when
// something is open or booked.
func (s *Service) week(c *web.Context, tx *store.Tx, r *roster, lanes []lane, day calendar.Date) (page.WeekData, error) {
	ctx, zone, now := c.Ctx(), i18n.Location(c.Ctx()), c.Now()
	first := monday(day)
	w, err := s.readWeek(ctx, tx, r, lanes, first.Start(zone), first.AddDays(7).Start(zone))
	if err != nil {
		return page.WeekData{}, err
	}
	w.frame(zone)
	d := page.WeekData{From: w.from, To: w.to}
	if day := calendar.DateOf(now, zone); !day.Before(first) && day.Before(first.AddDays(7)) {
		d.Now = minutes(now, zone)
	}
	for i := range 7 {
		date := first.AddDays(i)
		noon := date.At(720, zone)
		pd := page.WeekDay{Label: dayLabel(ctx, noon), Aria: i18n.Day(ctx, noon), Href: c.Href(dayHref(date)), Today: date == today(c)}
		used := i < 5
		for _, l := range lanes {
			events := w.events(c, r, l, date)
			used = used || slices.ContainsFunc(events, func(e page.WeekEvent) bool { return e.Kind != "closed" })
			pd.Lanes = append(pd.Lanes, page.WeekLane{Owner: square(l.Resource, l.Tone), Events: events})
		}
		if used {
			d.Days = append(d.Days, pd)
		}
	}
	return d, nil
}

// dayLabel is « lundi 23 ».
func dayLabel(ctx context.Context, t time.Time) string {
	weekday, day, _ := parts(ctx, t)
	return weekday + "\u00a0" + day
}

func minutes(t time.Time, zone *time.Location) int {
	t = t.In(zone)
	return 60*t.Hour() + t.Minute()
}

// frame widens the hours shown to all that is open or booked, twelve hours at most.
func (w *diaryWeek) frame(zone *time.Location) {
	low, high := 24*60, 0
	see := func(x calendar.Interval) {
		from, to := minutes(x.From(), zone), minutes(x.To(), zone)
		if to <= from {
			to = 24 * 60
		}
		low, high = min(low, from), max(high, to)
	}
	for id := range w.open {
		for _, x := range w.open[id] {
			see(x)
		}
	}
	for id := range w.taken {
		for _, b := range w.taken[id] {
			see(calendar.Span(b.StartsAt, b.EndsAt))
		}
	}
	if high > low {
		w.from = low / 60 * 60
		w.to = min((high+59)/60*60, w.from+12*60)
	}
}

// shortest is the shortest free time that is worth drawing.
const shortest = 30 * time.Minute

// events are the busy, free and closed times of one agent on one day.
func (w *diaryWeek) events(c *web.Context, r *roster, l lane, date calendar.Date) []page.WeekEvent {
	ctx, zone := c.Ctx(), i18n.Location(c.Ctx())
	shown := []calendar.Interval{{Start: date.At(w.from, zone).UnixMicro(), End: date.At(w.to, zone).UnixMicro()}}
	open := calendar.Intersect(calendar.Union(w.open[l.ID]), shown)
	var out []page.WeekEvent
	var busy []calendar.Interval
	for _, b := range w.taken[l.ID] {
		x := calendar.Span(b.StartsAt, b.EndsAt)
		if len(calendar.Intersect([]calendar.Interval{x}, shown)) == 0 {
			continue
		}
		busy = append(busy, calendar.Span(b.StartsAt.Add(-b.BufferBefore), b.EndsAt.Add(b.BufferAfter)))
		e := page.WeekEvent{Start: minutes(b.StartsAt, zone), Minutes: int(b.EndsAt.Sub(b.StartsAt).Minutes()), Label: i18n.T(ctx, "appointment.staff.week.taken")}
		if a, ok := w.byBook[b.ID]; ok {
			e.Label = cmp.Or(r.met[a.ResidentID].LastName, r.who(ctx, a))
			e.Href = c.Href(sheetPath + "/" + a.ID.String())
			e.Tint = r.reasons[a.ReasonID].Colour
			e.Aria = i18n.Clock(ctx, a.StartsAt) + ", " + r.who(ctx, a) + ", " + r.reasons[a.ReasonID].Name
		}
		out = append(out, e)
	}
	for _, x := range calendar.Subtract(open, calendar.Union(busy)) {
		if x.Duration() < shortest {
			continue
		}
		e := page.WeekEvent{Start: minutes(x.From(), zone), Minutes: int(x.Duration().Minutes()), Label: i18n.T(ctx, "appointment.staff.week.free"), Kind: "free"}
		e.Aria = i18n.T(ctx, "appointment.staff.week.free.aria", "From", i18n.Clock(ctx, x.From()), "To", i18n.Clock(ctx, x.To()))
		if c.Actor.Can(MayWrite) && x.To().After(c.Now()) {
			e.Href = c.Href(here(bookPath, url.Values{"agent": {l.ID.String()}, "du": {date.String()}}))
		}
		out = append(out, e)
	}
	// Openings are computed from today on: what was closed last week is not known.
	if date.Before(today(c)) && len(open) == 0 {
		shown = nil
	}
	for _, x := range calendar.Subtract(shown, calendar.Union(open, busy)) {
		e := page.WeekEvent{Start: minutes(x.From(), zone), Minutes: int(x.Duration().Minutes()), Kind: "closed"}
		for _, a := range w.away[l.ID] {
			if calendar.Span(a.StartsAt, a.EndsAt).Overlaps(x) {
				e.Label = a.Label
			}
		}
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b page.WeekEvent) int { return cmp.Compare(a.Start, b.Start) })
	return out
}

// hits tells whether a closure concerns a resource at a place.
func hits(c booking.Closure, resource, place store.ID) bool {
	switch {
	case c.ResourceID != 0:
		return c.ResourceID == resource
	case c.PlaceID != 0:
		return c.PlaceID == place
	}
	return true
}
