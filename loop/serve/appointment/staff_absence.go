package appointment

import (
	"context"
	"net/http"
	"net/url"
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

// absenceTyped is the form as typed. Scope is "a" and an agent, "l" and a
// place, or "" for the whole territory.
type absenceTyped struct {
	Scope            string
	First, FirstHour string
	Last, LastHour   string
	Label            string
}

func typedAbsence(form url.Values) absenceTyped {
	return absenceTyped{form.Get("scope"), form.Get("first"), form.Get("first_hour"), form.Get("last"), form.Get("last_hour"), strings.TrimSpace(form.Get("label"))}
}

// read turns what was typed into a closure. Without hours the days are whole;
// without a last day it is the first one.
func (t absenceTyped) read(zone *time.Location) (booking.Closure, error) {
	x := booking.Closure{Kind: booking.Closed, Label: t.Label}
	var wrong fault.Fields
	kind, id, _ := strings.Cut(t.Scope, ":")
	target, err := optionalID(id)
	switch {
	case err != nil:
		return x, err
	case t.Scope == "":
		wrong.Add("scope", "appointment.staff.error.scope")
	case kind == "a":
		x.Kind, x.ResourceID = booking.Absence, target
	case kind == "l":
		x.PlaceID = target
	}
	first := readDay(&wrong, "first", t.First, true)
	last := first
	if strings.TrimSpace(t.Last) != "" {
		last = readDay(&wrong, "last", t.Last, true)
	}
	from, to := 0, 24*60
	if strings.TrimSpace(t.FirstHour) != "" {
		from = readClock(&wrong, "first_hour", t.FirstHour, false)
	}
	if strings.TrimSpace(t.LastHour) != "" {
		to = readClock(&wrong, "last_hour", t.LastHour, true)
	}
	if len(t.Label) > 120 {
		wrong.Add("label", "appointment.error.long", "Max", 120)
	}
	if err := wrong.Err(); err != nil {
		return x, err
	}
	x.StartsAt, x.EndsAt = first.At(from, zone).UTC(), last.At(to, zone).UTC()
	if !x.EndsAt.After(x.StartsAt) {
		wrong.Add("last", "appointment.staff.error.last")
	}
	return x, wrong.Err()
}

// hit is what an absence would meet.
type hit struct {
	Appointments []Appointment
	Others       int // holds, and bookings of other services
}

// hitsOf lists the appointments that a closure would meet.
func (s *Service) hitsOf(ctx context.Context, tx *store.Tx, x booking.Closure) (hit, error) {
	var h hit
	list, err := s.booking.Affected(ctx, tx, x)
	if err != nil || len(list) == 0 {
		return h, err
	}
	first, last := list[0].StartsAt, list[0].StartsAt
	taken := map[store.ID]bool{}
	for _, b := range list {
		taken[b.ID] = true
		if b.StartsAt.Before(first) {
			first = b.StartsAt
		}
		if b.StartsAt.After(last) {
			last = b.StartsAt
		}
	}
	all, err := s.List(ctx, tx, Filter{From: first, To: last.Add(time.Microsecond), Status: Booked})
	for _, a := range all {
		if taken[a.BookingID] {
			h.Appointments = append(h.Appointments, a)
		}
	}
	h.Others = len(list) - len(h.Appointments)
	return h, err
}

type absencesView struct {
	Done    string
	Table   page.TableData
	Action  string
	Typed   absenceTyped
	Scopes  []page.Option
	Errors  []page.FieldError
	Hits    *page.TableData
	HitText string
	Others  string
}

func (s *Service) listAbsences(c *web.Context) error {
	return s.renderAbsences(c, http.StatusOK, absencesView{Done: c.TakeFlash(), Typed: absenceTyped{First: dateTyped(dayAsked(c, "jour", calendar.Date{}))}}, hit{})
}

func (s *Service) renderAbsences(c *web.Context, status int, v absencesView, h hit) error {
	ctx, now, zone := c.Ctx(), c.Now(), i18n.Location(c.Ctx())
	v.Action = c.Href(absencesPath)
	v.Table = page.TableData{Caption: c.T("appointment.staff.absences.list"), CaptionHidden: true, Empty: c.T("appointment.staff.absences.none"),
		Columns: []page.Column{{Label: c.T("appointment.staff.absence.who")}, {Label: c.T("appointment.staff.col.when")}, {Label: c.T("appointment.staff.absence.label")}, {Label: c.T("appointment.staff.absence.hits"), Right: true},
			{Label: c.T("appointment.staff.col.actions"), Hidden: true}}}
	err := c.Store.View(ctx, func(tx *store.Tx) error {
		v.Table.Rows = nil
		r, err := s.roster(ctx, tx)
		if err != nil {
			return err
		}
		v.Scopes = scopes(c, r, v.Typed.Scope)
		list, err := s.booking.Closures(ctx, tx, now, now.AddDate(2, 0, 0))
		if err != nil {
			return err
		}
		for _, x := range list {
			who, ok := scopeName(c, r, x)
			if !ok { // of a room or a vehicle: another service shows it
				continue
			}
			met, err := s.hitsOf(ctx, tx, x)
			if err != nil {
				return err
			}
			n := page.Cell{Text: i18n.Number(ctx, len(met.Appointments))}
			if len(met.Appointments) > 0 {
				n.Href = c.Href(dayHref(dayOf(ctx, met.Appointments[0].StartsAt)))
			}
			v.Table.Rows = append(v.Table.Rows, []page.Cell{{Text: who, Head: true}, {Text: closureTime(ctx, x, zone)}, {Text: x.Label}, n,
				{Body: dropButton(c.Href(absencesPath+"/"+x.ID.String()+"/supprimer"), who)}})
		}
		if v.Hits == nil {
			return nil
		}
		if err := s.meet(ctx, tx, r, h.Appointments); err != nil {
			return err
		}
		v.Hits.Rows = nil
		for _, a := range h.Appointments {
			at := c.Href(sheetPath + "/" + a.ID.String())
			v.Hits.Rows = append(v.Hits.Rows, []page.Cell{{Text: i18n.DayTimeRelative(ctx, a.StartsAt, now), Head: true}, {Text: r.who(ctx, a), Href: at}, {Text: r.reasons[a.ReasonID].Name},
				{Text: c.T("appointment.staff.move"), Href: at + "/deplacer"}, {Text: c.T("appointment.staff.cancel"), Href: at + "/annuler"}})
		}
		return nil
	})
	if err != nil {
		return err
	}
	if v.Hits != nil {
		v.HitText = i18n.N(ctx, "appointment.staff.absence.hit", len(h.Appointments))
		if h.Others > 0 {
			v.Others = i18n.N(ctx, "appointment.staff.absence.others", h.Others)
		}
	}
	p, err := s.workspace(c, c.T("appointment.staff.absences"), c.T("appointment.staff.absences.lead"), v.Errors)
	if err != nil {
		return err
	}
	p.Crumbs = deskCrumbs(c, page.Link{Label: c.T("appointment.staff.absences")})
	return c.RenderStatus(status, absencesPage(p, v))
}

// scopes are the agents, the places and the whole territory.
func scopes(c *web.Context, r *roster, chosen string) []page.Option {
	out := []page.Option{{Label: c.T("appointment.staff.choose")}}
	add := func(value, label, group string) {
		out = append(out, page.Option{Value: value, Label: label, Group: group, Selected: value == chosen})
	}
	add("t:0", c.T("appointment.staff.absence.all"), "")
	for _, x := range r.agents {
		if x.Active {
			add("a:"+x.ID.String(), x.Name, c.T("appointment.staff.absence.agents"))
		}
	}
	for _, x := range r.sites {
		if x.Active {
			add("l:"+x.ID.String(), x.Name, c.T("appointment.staff.absence.places"))
		}
	}
	return out
}

// scopeName is whom a closure concerns; ok is false for what is not served here.
func scopeName(c *web.Context, r *roster, x booking.Closure) (name string, ok bool) {
	switch {
	case x.ResourceID != 0:
		name = r.agentNames([]store.ID{x.ResourceID})
		return name, name != ""
	case x.PlaceID != 0:
		return r.places[x.PlaceID].Name, true
	}
	return c.T("appointment.staff.absence.all"), true
}

// closureTime is « du 24 au 30 novembre 2026 » or a day with its hours.
func closureTime(ctx context.Context, x booking.Closure, zone *time.Location) string {
	first, last := calendar.DateOf(x.StartsAt, zone), calendar.DateOf(x.EndsAt.Add(-time.Microsecond), zone)
	text := i18n.Period(ctx, x.StartsAt, x.EndsAt.Add(-time.Microsecond))
	whole := minutes(x.StartsAt, zone) == 0 && minutes(x.EndsAt, zone) == 0
	switch {
	case whole:
		return text
	case first == last:
		return text + ", " + i18n.ClockRange(ctx, x.StartsAt, x.EndsAt)
	}
	return i18n.T(ctx, "appointment.staff.absence.period", "From", i18n.DayTime(ctx, x.StartsAt), "To", i18n.DayTime(ctx, x.EndsAt))
}

// addAbsence writes an absence; when it meets appointments it shows them first.
func (s *Service) addAbsence(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	ctx, typed := c.Ctx(), typedAbsence(form)
	x, err := typed.read(i18n.Location(ctx))
	var h hit
	saved := false
	if err == nil {
		err = c.Store.Update(ctx, func(tx *store.Tx) error {
			saved = false
			if err := s.known(ctx, tx, x.ResourceID); err != nil {
				return err
			}
			if at, err := s.placeOf(ctx, tx, x.PlaceID); err != nil || at.ID != x.PlaceID {
				if err == nil {
					err = fault.New(fault.NotFound, "")
				}
				return err
			}
			var err error
			if h, err = s.hitsOf(ctx, tx, x); err != nil {
				return err
			}
			if len(h.Appointments)+h.Others > 0 && form.Get("vu") != "1" {
				return nil
			}
			saved = true
			_, err = s.booking.AddClosure(ctx, tx, x)
			return err
		})
	}
	if fields, invalid := c.FieldErrors(err); err != nil && invalid {
		return s.renderAbsences(c, http.StatusUnprocessableEntity, absencesView{Typed: typed, Errors: fields}, hit{})
	}
	if err != nil {
		return err
	}
	if !saved {
		t := page.TableData{Caption: c.T("appointment.staff.absence.hits"), CaptionHidden: true, Columns: []page.Column{{Label: c.T("appointment.staff.col.when")}, {Label: c.T("appointment.staff.col.who")},
			{Label: c.T("appointment.staff.fact.reason")}, {Label: c.T("appointment.staff.move")}, {Label: c.T("appointment.staff.cancel")}}}
		return s.renderAbsences(c, http.StatusOK, absencesView{Typed: typed, Hits: &t}, h)
	}
	text := c.T("appointment.staff.absence.saved")
	if n := len(h.Appointments); n > 0 {
		text += " " + i18n.N(ctx, "appointment.staff.absence.left", n)
	}
	c.Flash(text)
	return c.Redirect(absencesPath)
}

// dropAbsence opens again what an absence had closed.
func (s *Service) dropAbsence(c *web.Context) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	err = c.Store.Update(c.Ctx(), func(tx *store.Tx) error { return s.booking.DeleteClosure(c.Ctx(), tx, id) })
	if err != nil {
		return err
	}
	c.Flash(c.T("appointment.staff.absence.dropped"))
	return c.Redirect(absencesPath)
}
