package appointment

import (
	"cmp"
	"context"
	"net/http"
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

// exceptionsView is the days on which one range is not as usual.
type exceptionsView struct {
	Done   string
	Table  page.TableData
	Action string
	Typed  exceptionTyped
	Places []page.Option
	Errors []page.FieldError
}

// exceptionTyped is the form of one exception: no hours, the day is closed.
type exceptionTyped struct{ Day, Hours, Place string }

// read turns what was typed into an override of the engine.
func (t exceptionTyped) read() (o booking.Override, err error) {
	var wrong fault.Fields
	o.Day = readDay(&wrong, "exception_day", t.Day, true)
	if o.Cancelled = t.Hours == ""; !o.Cancelled {
		spans, err := hours.ParseDay(t.Hours)
		if err != nil || len(spans) != 1 {
			wrong.Add("exception_hours", "appointment.staff.error.one_span")
		} else {
			o.From, o.To = spans[0].From, spans[0].To
		}
	}
	if o.PlaceID, err = optionalID(t.Place); err != nil {
		return o, err
	}
	return o, wrong.Err()
}

// exceptions reads what stands for a range, today and later.
func (s *Service) exceptions(c *web.Context, tx *store.Tx, r *roster, rule booking.Rule, v exceptionsView) (exceptionsView, error) {
	ctx, zone := c.Ctx(), i18n.Location(c.Ctx())
	list, err := s.booking.Overrides(ctx, tx, rule.ID)
	if err != nil {
		return v, err
	}
	v.Action = c.Href(rangesPath + "/" + rule.ID.String() + "/exceptions")
	site, _ := store.ParseID(v.Typed.Place)
	v.Places = placeOptions(r, site, c.T("appointment.staff.exception.same"))
	v.Table = page.TableData{Caption: c.T("appointment.staff.exceptions"), CaptionHidden: true, Columns: []page.Column{{Label: c.T("appointment.staff.exception.day")},
		{Label: c.T("appointment.staff.exception.what")}, {Label: c.T("appointment.staff.place")}, {Label: c.T("appointment.staff.col.do"), Hidden: true}}}
	for _, o := range list {
		if o.Day.Before(today(c)) {
			continue
		}
		what := c.T("appointment.staff.exception.closed")
		if !o.Cancelled {
			what = hours.FormatIn(i18n.From(ctx), []hours.Span{{From: o.From, To: o.To}})
		}
		day := i18n.DayWithYear(ctx, o.Day.At(720, zone), c.Now())
		v.Table.Rows = append(v.Table.Rows, []page.Cell{{Text: capital(day), Head: true}, {Text: what},
			{Text: cmp.Or(r.places[o.PlaceID].Name, c.T("appointment.staff.exception.same"))}, {Body: dropException(v.Action+"/retirer", o.Day.String(), day)}})
	}
	return v, nil
}

// keepException opens one day otherwise, or closes it, and says who was to come.
func (s *Service) keepException(c *web.Context) error {
	rule, err := s.askedRule(c)
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	typed := exceptionTyped{strings.TrimSpace(form.Get("exception_day")), strings.TrimSpace(form.Get("exception_hours")), form.Get("exception_place")}
	o, err := typed.read()
	left := 0
	if err == nil {
		err = c.Store.Update(c.Ctx(), func(tx *store.Tx) error {
			if o.PlaceID != 0 {
				if at, err := s.placeOf(c.Ctx(), tx, o.PlaceID); err != nil || at.ID == 0 {
					return cmp.Or(err, error(fault.New(fault.NotFound, "")))
				}
			}
			if err := s.booking.SetOverride(c.Ctx(), tx, rule.ID, o); err != nil {
				return err
			}
			left, err = s.expected(c.Ctx(), tx, rule.ResourceID, o.Day)
			return err
		})
	}
	if fields, invalid := c.FieldErrors(err); err != nil && invalid {
		for i := range fields { // the engine names its own fields
			switch fields[i].Field {
			case "day", "":
				fields[i].Field = "exception_day"
			case "hours":
				fields[i].Field = "exception_hours"
			}
		}
		return s.renderRange(c, http.StatusUnprocessableEntity, rule.ID, rangeFormView{Typed: shownRange(rule), Exceptions: exceptionsView{Typed: typed, Errors: fields}})
	}
	if err != nil {
		return err
	}
	text := c.T("appointment.staff.exception.kept")
	if left > 0 {
		text += " " + i18n.N(c.Ctx(), "appointment.staff.exception.left", left)
	}
	c.Flash(text)
	return c.Redirect(rangesPath + "/" + rule.ID.String())
}

// expected counts who is still to come to an agent on a day.
func (s *Service) expected(ctx context.Context, tx *store.Tx, agent store.ID, day calendar.Date) (int, error) {
	zone := i18n.Location(ctx)
	list, err := s.List(ctx, tx, Filter{From: day.Start(zone), To: day.AddDays(1).Start(zone), Agents: []store.ID{agent}, Status: Booked})
	return len(list), err
}

// liftException gives a day its usual hours back.
func (s *Service) liftException(c *web.Context) error {
	rule, err := s.askedRule(c)
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	day, err := calendar.ParseDate(form.Get("jour"))
	if err != nil {
		return fault.New(fault.NotFound, "").Because(err)
	}
	if err := c.Store.Update(c.Ctx(), func(tx *store.Tx) error { return s.booking.ClearOverride(c.Ctx(), tx, rule.ID, day) }); err != nil {
		return err
	}
	c.Flash(c.T("appointment.staff.exception.lifted"))
	return c.Redirect(rangesPath + "/" + rule.ID.String())
}
