package appointment

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"parvis/platform/calendar"
	"parvis/platform/fault"
	"parvis/platform/hours"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// Addresses of the staff pages.
const (
	deskPath       = "/bureau"
	agendaPath     = "/bureau/agenda"
	sheetPath      = "/bureau/rendez-vous"
	bookPath       = "/bureau/rendez-vous/nouveau"
	statisticsPath = "/bureau/rendez-vous/statistiques"
	exportPath     = "/bureau/rendez-vous/export"
	reasonsPath    = "/bureau/motifs"
	rangesPath     = "/bureau/plages"
	absencesPath   = "/bureau/absences"
)

// staffRoutes are the pages of the staff.
func (s *Service) staffRoutes() []web.Route {
	get := func(path string, may web.Permission, sample string, h web.Handler) web.Route {
		return web.Route{Method: http.MethodGet, Path: path, Permission: may, Handle: h, Sample: sample}
	}
	post := func(path string, may web.Permission, h web.Handler) web.Route {
		return web.Route{Method: http.MethodPost, Path: path, Permission: may, Handle: h}
	}
	const one, reason, opening = sheetPath + "/{id}", reasonsPath + "/{id}", rangesPath + "/{id}"
	return []web.Route{
		get(deskPath, MayRead, "", s.showDesk),
		post(deskPath+"/presences", MayWrite, s.markMany),
		get(agendaPath, MayRead, "", s.showAgenda),
		get(bookPath, MayWrite, "", s.askBooking),
		post(bookPath, MayWrite, s.bookForSomebody),
		get(statisticsPath, MayMeasure, "", s.showStatistics),
		get(exportPath, MayRead, "", s.export),
		get(one, MayRead, sheetPath+"/{appointment.id}", s.showSheet),
		post(one+"/statut", MayWrite, s.markOne),
		post(one+"/arrivee", MayWrite, s.noteArrival),
		post(one+"/note", MayWrite, s.keepNote),
		get(one+"/deplacer", MayWrite, sheetPath+"/{appointment.id}/deplacer", s.askShift),
		post(one+"/deplacer", MayWrite, s.shift),
		get(one+"/annuler", MayWrite, sheetPath+"/{appointment.id}/annuler", s.askRevoke),
		post(one+"/annuler", MayWrite, s.revoke),
		get(reasonsPath, MaySet, "", s.listReasons),
		get(reasonsPath+"/nouveau", MaySet, "", s.newReason),
		post(reasonsPath+"/nouveau", MaySet, s.addReason),
		get(reason, MaySet, reasonsPath+"/{appointment.reason}", s.editReason),
		post(reason, MaySet, s.changeReason),
		post(reason+"/etat", MaySet, s.switchReason),
		get(rangesPath, MaySet, "", s.listRanges),
		post(rangesPath+"/agents", MaySet, s.addAgent),
		get(agentsPath+"/{id}", MaySet, agentsPath+"/{appointment.agent}", s.editAgent),
		post(agentsPath+"/{id}", MaySet, s.renameAgent),
		post(agentsPath+"/{id}/etat", MaySet, s.switchAgent),
		get(rangesPath+"/nouvelle", MaySet, "", s.newRange),
		post(rangesPath+"/nouvelle", MaySet, s.addRange),
		get(opening, MaySet, rangesPath+"/{appointment.range}", s.editRange),
		post(opening, MaySet, s.changeRange),
		post(opening+"/exceptions", MaySet, s.keepException),
		post(opening+"/exceptions/retirer", MaySet, s.liftException),
		post(opening+"/supprimer", MaySet, s.dropRange),
		get(absencesPath, MayWrite, "", s.listAbsences),
		post(absencesPath, MayWrite, s.addAbsence),
		post(absencesPath+"/{id}/supprimer", MayWrite, s.dropAbsence),
	}
}

// workspace starts a page of the staff.
func (s *Service) workspace(c *web.Context, heading, lead string, errs []page.FieldError) (page.Page, error) {
	p, err := c.StaffPage(heading)
	p.Heading, p.Lead, p.HasError = heading, lead, len(errs) > 0
	return p, err
}

// deskCrumbs lead back from a page under Aujourd’hui.
func deskCrumbs(c *web.Context, links ...page.Link) []page.Link {
	return append([]page.Link{{Label: c.T("appointment.staff.desk"), Href: c.Href(deskPath)}}, links...)
}

// back is where a small form returns to: a page of the desk, never elsewhere.
func back(form url.Values, otherwise string) string {
	if to := form.Get("retour"); to == deskPath || strings.HasPrefix(to, deskPath+"/") || strings.HasPrefix(to, deskPath+"?") {
		return to
	}
	return otherwise
}

// here is the address of the page without that of the site, for "retour".
func here(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// today is the civil day of the territory.
func today(c *web.Context) calendar.Date {
	return calendar.DateOf(c.Now(), i18n.Location(c.Ctx()))
}

// dayAsked is the day named in the address; what cannot be read is the day given.
func dayAsked(c *web.Context, name string, otherwise calendar.Date) calendar.Date {
	if d, err := calendar.ParseDate(c.Query(name)); err == nil {
		return d
	}
	return otherwise
}

// monday begins the week of a day.
func monday(d calendar.Date) calendar.Date { return d.AddDays(-((int(d.Weekday()) + 6) % 7)) }

// dateTyped is how a form shows a day again: 24/11/2026.
func dateTyped(d calendar.Date) string {
	if d.IsZero() {
		return ""
	}
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Format("02/01/2006")
}

// readDay reads a day typed in a form.
func readDay(wrong *fault.Fields, name, v string, need bool) calendar.Date {
	v = strings.TrimSpace(v)
	if v == "" && !need {
		return calendar.Date{}
	}
	d, err := calendar.ParseDate(v)
	if err != nil {
		wrong.Add(name, "appointment.staff.error.day")
	}
	return d
}

// readClock reads an hour typed in a form as minutes after midnight; an end may
// be midnight, 1440.
func readClock(wrong *fault.Fields, name, v string, end bool) int {
	v = strings.TrimSpace(v)
	spans, err := hours.ParseDay(v + " – 24 h")
	if end && err == nil && len(spans) == 1 && spans[0].From == 0 {
		return 24 * 60
	}
	if v == "" || err != nil || len(spans) != 1 || spans[0].To != 24*60 {
		wrong.Add(name, "appointment.staff.error.hour")
		return 0
	}
	return spans[0].From
}

// known refuses a resource that the territory does not have.
func (s *Service) known(ctx context.Context, tx *store.Tx, resource store.ID) error {
	if resource == 0 {
		return nil
	}
	_, err := s.booking.Resource(ctx, tx, resource)
	return err
}
