package appointment

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"parvis/platform/calendar"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// shownLate and shownWeek bound the lines of one urgency: the rest follows once
// they are done, and is in the agenda.
const (
	shownLate = 50
	shownWeek = 8
)

type deskView struct {
	Done     string
	Gestures []page.Gesture
	Queue    page.QueueData
	Bulk     page.BulkData
	Counter  []page.DayItem
	Count    string
	Action   string // of the form around the marks
	Week     page.WeekData
	Legend   []page.Person
	Agenda   page.ButtonData
	Write    bool
	Empty    *page.EmptyData
	Calm     page.EmptyData
	Free     page.EmptyData
}

// showDesk is Aujourd’hui: what is late first, the counter, the week.
func (s *Service) showDesk(c *web.Context) error {
	ctx, now, zone := c.Ctx(), c.Now(), i18n.Location(c.Ctx())
	day := today(c)
	v := deskView{Done: c.TakeFlash(), Gestures: gestures(c), Action: c.Href(deskPath + "/presences"), Write: c.Actor.Can(MayWrite),
		Agenda: page.ButtonData{Label: c.T("appointment.staff.open_agenda"), Href: c.Href(agendaPath + "?vue=semaine")}}
	var late int
	err := c.Store.View(ctx, func(tx *store.Tx) error {
		r, err := s.roster(ctx, tx)
		if err != nil {
			return err
		}
		if late, _, err = s.Unmarked(ctx, tx); err != nil {
			return err
		}
		past, err := s.List(ctx, tx, Filter{To: now, Status: Booked, Limit: shownLate})
		if err != nil {
			return err
		}
		all, err := s.List(ctx, tx, Filter{From: day.Start(zone), To: day.AddDays(1).Start(zone)})
		if err != nil {
			return err
		}
		next, err := s.List(ctx, tx, Filter{From: day.AddDays(1).Start(zone), To: monday(day).AddDays(7).Start(zone), Status: Booked})
		if err != nil {
			return err
		}
		if err := s.meet(ctx, tx, r, slices.Concat(past, all, next[:min(len(next), shownWeek)])); err != nil {
			return err
		}
		lanes := r.lanes(c, 0)
		v.Legend = legend(lanes)
		v.Queue = s.queue(c, r, lanes, late, past, all, next)
		v.Counter, v.Count = counter(c, r, all, v.Write)
		v.Empty = beginning(c, r)
		shown, err := s.weekOf(c, tx, r)
		if err != nil {
			return err
		}
		v.Week, err = s.week(c, tx, r, lanes, shown)
		return err
	})
	if err != nil {
		return err
	}
	v.Bulk = page.BulkData{FormID: "presences", Action: v.Action, Name: "statut", Summary: i18n.N(ctx, "appointment.staff.queue.total", late),
		All:     page.Link{Label: c.T("appointment.staff.queue.all"), Href: v.Agenda.Href},
		Options: []page.Option{{Value: string(Seen), Label: c.T("appointment.staff.bulk.seen")}, {Value: string(NoShow), Label: c.T("appointment.staff.bulk.noshow")}}}
	v.Calm = page.EmptyData{Small: true, Title: c.T("appointment.staff.calm"), Text: c.T("appointment.staff.calm.text")}
	v.Free = page.EmptyData{Small: true, Title: c.T("appointment.staff.free"), Text: c.T("appointment.staff.free.text")}
	first, _, _ := strings.Cut(c.Actor.Name, " ")
	heading := c.T("appointment.staff.hello.calm", "Name", first)
	if late > 0 {
		heading = i18n.N(ctx, "appointment.staff.hello.late", late, "Name", first)
	}
	p, err := s.workspace(c, heading, "", nil)
	if err != nil {
		return err
	}
	p.Title = c.T("appointment.staff.desk")
	p.Kicker = c.T("appointment.staff.now", "Day", i18n.DayWithYear(ctx, now, time.Time{}), "Clock", i18n.Clock(ctx, now))
	return c.Render(deskPage(p, v))
}

// gestures are what the desk does many times a day, those permitted.
func gestures(c *web.Context) []page.Gesture {
	var out []page.Gesture
	for _, g := range []struct {
		may                  web.Permission
		icon, key, path, hit string
	}{{MayWrite, "cal", "appointment.staff.gesture.book", bookPath, "r"}, {MayRead, "clock", "appointment.staff.gesture.agenda", agendaPath, "a"},
		{MaySet, "set", "appointment.staff.gesture.ranges", rangesPath, "p"}, {MayWrite, "pause", "appointment.staff.gesture.absences", absencesPath, "b"}} {
		if c.Actor.Can(g.may) {
			out = append(out, page.Gesture{Icon: g.icon, Label: c.T(g.key), Href: c.Href(g.path), Key: g.hit})
		}
	}
	return out
}

// queue is what waits: the past without a mark, the rest of today, of the week.
func (s *Service) queue(c *web.Context, r *roster, lanes []lane, late int, past, day, next []Appointment) page.QueueData {
	ctx, now := c.Ctx(), c.Now()
	row := func(a Appointment, late bool) page.QueueRow {
		reason, due := r.reasons[a.ReasonID], i18n.DayTimeRelative(ctx, a.StartsAt, now)
		switch {
		case dayOf(ctx, a.StartsAt) == today(c):
			due = i18n.Clock(ctx, a.StartsAt)
		case !late:
			due = dayLabel(ctx, a.StartsAt) + ", " + i18n.Clock(ctx, a.StartsAt)
		}
		q := page.QueueRow{ID: a.ID.String(), Due: due, Title: r.who(ctx, a), Href: c.Href(sheetPath + "/" + a.ID.String()),
			Note: strings.Trim(a.Number+" · "+reason.Name, " ·"), Tint: reason.Colour, Service: cmp.Or(reason.Team, reason.Name), From: r.places[a.PlaceID].Name, Late: late}
		if x, ok := r.agent(a); ok {
			p := square(x, tone(lanes, x.ID))
			q.Owner = &p
		}
		return q
	}
	group := func(key string, n int, list []Appointment, late bool) page.QueueGroup {
		g := page.QueueGroup{Label: i18n.N(ctx, key, n), Late: late}
		for _, a := range list {
			g.Rows = append(g.Rows, row(a, late))
		}
		return g
	}
	d := page.QueueData{Caption: c.T("appointment.staff.queue.caption"), Name: "rdv", FormID: "presences",
		Columns: [4]string{c.T("appointment.staff.col.when"), c.T("appointment.staff.col.who"), c.T("appointment.staff.col.where"), c.T("appointment.staff.col.agent")}}
	if len(past) > 0 {
		d.Groups = append(d.Groups, group("appointment.staff.queue.late", late, past, true))
	}
	coming := slices.DeleteFunc(slices.Clone(day), func(a Appointment) bool { return a.Status != Booked || a.StartsAt.Before(now) })
	if len(coming) > 0 {
		d.Groups = append(d.Groups, group("appointment.staff.queue.today", len(coming), coming, false))
	}
	if len(next) > 0 {
		d.Groups = append(d.Groups, group("appointment.staff.queue.week", len(next), next[:min(len(next), shownWeek)], false))
	}
	return d
}

// counter is the list of the day with its marks.
func counter(c *web.Context, r *roster, day []Appointment, write bool) (items []page.DayItem, count string) {
	ctx, now := c.Ctx(), c.Now()
	live := 0
	for _, a := range day {
		who, reason := r.who(ctx, a), r.reasons[a.ReasonID]
		it := page.DayItem{Time: i18n.Clock(ctx, a.StartsAt), Title: who, Detail: reason.Name, Tint: reason.Colour, Href: c.Href(sheetPath + "/" + a.ID.String())}
		it.Badge, it.Kind = state(ctx, a, now)
		switch {
		case a.Status != Booked || (a.EndsAt.Before(now) && a.ArrivedAt.IsZero()):
			it.State = "past"
		case !a.StartsAt.After(now) && a.EndsAt.After(now), !a.ArrivedAt.IsZero():
			it.State = "now"
		}
		if write {
			it.Actions = marks(ctx, a, who, now, c.Href)
		}
		if !a.Status.Final() {
			live++
		}
		items = append(items, it)
	}
	return items, i18n.N(ctx, "appointment.staff.count", live)
}

// beginning tells who has opened nothing yet what comes first.
func beginning(c *web.Context, r *roster) *page.EmptyData {
	e := &page.EmptyData{Drawing: "hall", Title: c.T("appointment.staff.start.title"), Text: c.T("appointment.staff.start.text")}
	switch {
	case len(r.order) > 0 && len(r.agents) > 0:
		return nil
	case !c.Actor.Can(MaySet):
	case len(r.order) == 0:
		e.Actions = []page.ButtonData{{Label: c.T("appointment.staff.reason.new"), Href: c.Href(reasonsPath + "/nouveau")}}
	default:
		e.Actions = []page.ButtonData{{Label: c.T("appointment.staff.start.agent"), Href: c.Href(rangesPath)}}
	}
	return e
}

// maxMarks bounds how many are marked at once.
const maxMarks = 200

// markMany marks the chosen rows; those whose day has not come are left, and said.
func (s *Service) markMany(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	status := Status(form.Get("statut"))
	chosen := form["rdv"]
	if len(chosen) > maxMarks {
		chosen = chosen[:maxMarks]
	}
	done, left := 0, 0
	for _, v := range chosen {
		id, err := store.ParseID(v)
		if err != nil {
			return fault.New(fault.NotFound, "appointment.error.no_appointment").Because(err)
		}
		switch _, err := s.Mark(c.Ctx(), c.Store, id, c.Actor.ID, status); {
		case fault.Is(err, fault.Conflict):
			left++
		case err != nil:
			return err
		default:
			done++
		}
	}
	text := i18n.N(c.Ctx(), "appointment.staff.bulk.done", done)
	if len(chosen) == 0 {
		text = c.T("appointment.staff.bulk.none")
	}
	if left > 0 {
		text += " " + i18n.N(c.Ctx(), "appointment.staff.bulk.left", left)
	}
	c.Flash(text)
	return c.Redirect(back(form, deskPath))
}

// markOne is one click: came, absent, or the mark taken back.
func (s *Service) markOne(c *web.Context) error {
	return s.clicked(c, func(ctx context.Context, id store.ID, form func(string) string) (string, error) {
		a, err := s.Mark(ctx, c.Store, id, c.Actor.ID, Status(form("statut")))
		if err != nil {
			return "", err
		}
		return i18n.T(ctx, "appointment.staff.marked."+string(a.Status)), nil
	})
}

// noteArrival says that somebody waits, or no longer.
func (s *Service) noteArrival(c *web.Context) error {
	return s.clicked(c, func(ctx context.Context, id store.ID, form func(string) string) (string, error) {
		in := form("ici") == "1"
		if err := s.Arrive(ctx, c.Store, id, in); err != nil {
			return "", err
		}
		if in {
			return i18n.T(ctx, "appointment.staff.arrival.noted"), nil
		}
		return i18n.T(ctx, "appointment.staff.arrival.removed"), nil
	})
}

// clicked does what one button asks, tells it and goes back.
func (s *Service) clicked(c *web.Context, do func(ctx context.Context, id store.ID, form func(string) string) (string, error)) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	text, err := do(c.Ctx(), id, form.Get)
	if err != nil {
		return err
	}
	c.Flash(text)
	return c.Redirect(back(form, sheetPath+"/"+id.String()))
}

// weekTitle is « Du 23 au 29 novembre 2026 ».
func weekTitle(ctx context.Context, first, last calendar.Date) string {
	zone := i18n.Location(ctx)
	return capital(i18n.Period(ctx, first.At(720, zone), last.At(720, zone)))
}

// dayHref is the agenda of a day.
func dayHref(d calendar.Date) string { return fmt.Sprintf("%s?jour=%s", agendaPath, d) }
