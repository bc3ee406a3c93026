package appointment

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"parvis/core/place"
	"parvis/engine/dossier"
	"parvis/platform/calendar"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/phone"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// ticket is an appointment with all its page shows.
type ticket struct {
	Appointment
	Link    string
	Reason  Reason
	Place   place.Place
	Phone   phone.Number
	Entries []dossier.Entry
}

// mine finds the appointment of the address.
func (s *Service) mine(c *web.Context) (ticket, error) {
	t := ticket{Link: c.Param("link")}
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		if t.Appointment, err = s.ByLink(c.Ctx(), tx, t.Link); err != nil {
			return err
		}
		if t.Reason, err = s.Reason(c.Ctx(), tx, t.ReasonID); err != nil {
			return err
		}
		if t.Place, err = s.placeOf(c.Ctx(), tx, t.PlaceID); err != nil {
			return err
		}
		if t.ResidentID != 0 {
			res, err := s.people.Residents.Get(c.Ctx(), tx, t.ResidentID)
			if err != nil && !web.Gone(err) {
				return err
			}
			t.Phone = res.Phone
		}
		if t.DossierID != 0 {
			t.Entries, err = s.dossiers.Timeline(c.Ctx(), tx, t.DossierID, true)
		}
		return err
	})
	return t, err
}

type ticketView struct {
	Ticket    page.TicketData
	Done      string
	Warn      string
	Live      bool // still to come
	ICS       string
	Move      string // "" when it is too late
	Cancel    string
	Again     string // "" or where another one is booked
	Deadlines []string
	Bring     []string
	Discreet  string // said in place of a sensitive reason
	Know      []page.Link
	Steps     []page.Step
	Ways      []page.Way
	Coming    bool // the resident said so
}

// showTicket is the resident's page of the appointment.
func (s *Service) showTicket(c *web.Context) error {
	t, err := s.mine(c)
	if err != nil {
		return err
	}
	return s.renderTicket(c, http.StatusOK, t, "")
}

func (s *Service) renderTicket(c *web.Context, status int, t ticket, warn string) error {
	ctx, now, path := c.Ctx(), c.Now(), "/r/"+t.Link
	weekday, day, month := parts(ctx, t.StartsAt)
	v := ticketView{Done: c.TakeFlash(), Warn: warn, Live: t.Live(now), Ways: s.ways(c, t.Place), Steps: ticketSteps(ctx, t, now), Coming: t.Confirmed == "yes"}
	facts := s.recap(c, t.Reason, t.Place, time.Time{}, true)
	if t.Reason.Mode == OnSite && t.Place.Located() {
		facts[len(facts)-1].Href, facts[len(facts)-1].LinkLabel = mapOf(t.Place), c.T("appointment.page.ticket.map")
	}
	if t.Mode == Phone && !t.Phone.IsZero() {
		facts[len(facts)-1].Note = c.T("appointment.page.ticket.called", "Phone", maskedPhone(ctx, t.Phone))
	}
	if t.OnBehalf != "" {
		facts = append(facts, page.Fact{Label: c.T("appointment.page.ticket.relay"), Value: t.OnBehalf})
	}
	facts = append(facts, page.Fact{Label: c.T("appointment.page.ticket.number"), Value: t.Number, Num: true})
	v.Ticket = page.TicketData{Weekday: weekday, Day: day, Month: month, Time: i18n.Clock(ctx, t.StartsAt), Facts: facts, Off: offWord(ctx, t.Appointment)}
	p := s.begin(c, "", "", crumbHome(c), page.Link{Label: c.T("appointment.page.ticket")})
	p.Heading, p.Lead, p.VerbNote = s.ticketWords(c, t, now)
	p.Title, p.Width, p.NoIndex, p.HasError = c.T("appointment.page.ticket.title", "When", i18n.DayTime(ctx, t.StartsAt)), page.Medium, true, status != http.StatusOK
	if v.Live {
		v.ICS = c.Href(path + "/rendez-vous.ics")
		if t.Reason.MayMove(t.StartsAt, now) && t.Reason.Active {
			v.Move = c.Href(path + "/deplacer")
		}
		if t.StartsAt.After(now) && t.Reason.MayCancel(t.StartsAt, now) {
			v.Cancel = c.Href(path + "/annuler")
		}
		v.Deadlines = s.deadlines(c, t, v)
		v.Bring, v.Know = s.advice(c, t)
		if t.Reason.Sensitive {
			v.Discreet = c.T("appointment.page.ticket.discreet") + " " + call(c)
		}
	} else if t.Reason.Active && t.Reason.Online && !t.Reason.Sensitive {
		v.Again = c.Href(home + "/motif/" + t.ReasonID.String())
	}
	return c.RenderStatus(status, ticketPage(p, v))
}

// offWord says why an appointment no longer counts, "" while it does.
func offWord(ctx context.Context, a Appointment) string {
	if !a.Status.Final() {
		return ""
	}
	return capital(i18n.T(ctx, "appointment.status."+string(a.Status)))
}

// ticketWords are the h1, the sentence under it and the state beside the verb.
func (s *Service) ticketWords(c *web.Context, t ticket, now time.Time) (heading, lead, note string) {
	ctx := c.Ctx()
	switch {
	case t.Status.Final():
		return c.T("appointment.page.ticket.cancelled"), c.T("appointment.page.ticket.cancelled.text", "When", i18n.DayTime(ctx, t.StartsAt)), c.T("appointment.status." + string(t.Status))
	case t.Status == Seen, t.Status == NoShow:
		return c.T("appointment.page.ticket." + string(t.Status)), "", c.T("appointment.page.ticket.past")
	case !t.Live(now):
		return c.T("appointment.page.ticket.past"), c.T("appointment.page.ticket.past.text"), c.T("appointment.page.ticket.past")
	}
	weekday, _, _ := parts(ctx, t.StartsAt)
	zone := i18n.Location(ctx)
	days := civilDays(now, t.StartsAt, zone)
	switch {
	case days <= 0:
		heading = c.T("appointment.page.ticket.today")
	case days == 1:
		heading = c.T("appointment.page.ticket.tomorrow")
	case days < 7:
		heading = c.T("appointment.page.ticket.weekday", "Day", weekday)
	default:
		heading = c.T("appointment.page.ticket.later", "Day", i18n.Day(ctx, t.StartsAt))
	}
	for _, step := range t.Reason.Reminders.V { // the next one: they are sorted, the earliest first
		if at := t.StartsAt.Add(-step.Lead()); at.After(now) {
			lead = c.T("appointment.page.ticket.reminder", "Before", i18n.Duration(ctx, step.Lead()))
			break
		}
	}
	return heading, lead, c.T("appointment.page.ticket.booked")
}

// civilDays is how many midnights lie between two instants.
func civilDays(from, to time.Time, zone *time.Location) int {
	a, b := from.In(zone), to.In(zone)
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return int(day(b).Sub(day(a)).Hours() / 24)
}

// deadlines say until when one may change or cancel, or that it is too late.
func (s *Service) deadlines(c *web.Context, t ticket, v ticketView) []string {
	ctx := c.Ctx()
	until := func(hours int) string {
		return i18n.DayTimeRelative(ctx, t.StartsAt.Add(-time.Duration(hours)*time.Hour), c.Now())
	}
	var out []string
	switch {
	case v.Move != "":
		out = append(out, c.T("appointment.page.ticket.move_until", "When", until(t.Reason.MoveHours)))
	case v.Cancel != "":
		out = append(out, strings.TrimSpace(c.T("appointment.page.ticket.move_late")+" "+call(c)))
	}
	if v.Cancel != "" {
		out = append(out, c.T("appointment.page.ticket.cancel_until", "When", until(t.Reason.CancelHours)))
		if t.Phone.SMSAllowed() && len(t.Reason.Reminders.V) > 0 {
			out = append(out, c.T("appointment.page.ticket.answer"))
		}
		return out
	}
	return append(out, strings.TrimSpace(c.T("appointment.page.ticket.cancel_late")+" "+call(c)))
}

// advice is what to bring, line by line, and what is good to know of the place.
// Nothing of it is said for a sensitive reason: the page opens from a message.
func (s *Service) advice(c *web.Context, t ticket) (bring []string, know []page.Link) {
	if !t.Reason.Sensitive {
		bring = lines(t.Reason.AfterText)
	}
	if t.Reason.Mode != OnSite {
		return bring, nil
	}
	if t.Place.Accessible {
		know = append(know, page.Link{Label: c.T("appointment.page.ticket.accessible")})
	}
	for _, l := range lines(t.Place.Comment) {
		know = append(know, page.Link{Label: l})
	}
	if len(know) > 0 {
		know = append(know, page.Link{Label: c.T("appointment.page.ticket.company")})
	}
	return bring, know
}

// lines cuts a text of the settings, with or without dashes at the head.
func lines(text string) []string {
	var out []string
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(strings.TrimLeft(l, "-–•* \t")); l != "" {
			out = append(out, l)
		}
	}
	return out
}

func mapOf(p place.Place) string {
	lat, lon := strconv.FormatFloat(p.Lat, 'f', 5, 64), strconv.FormatFloat(p.Lon, 'f', 5, 64)
	return "https://www.openstreetmap.org/?mlat=" + lat + "&mlon=" + lon + "#map=17/" + lat + "/" + lon
}

// ticketSteps are what happened, as the resident reads it.
func ticketSteps(ctx context.Context, t ticket, now time.Time) []page.Step {
	var out []page.Step
	for i, e := range t.Entries {
		title := i18n.T(ctx, "appointment.page.ticket.news")
		if e.TextKey != "" {
			var args []any
			for name, value := range e.Args {
				args = append(args, name, value)
			}
			title = i18n.T(ctx, e.TextKey, args...)
		}
		step := page.Step{Title: title, When: i18n.DayTimeRelative(ctx, e.At, now), Text: e.Body, State: "done"}
		switch last := i == len(t.Entries)-1; {
		case last && t.Live(now):
			step.State = "now"
		case last && t.Status.Final():
			step.State = "off"
		}
		out = append(out, step)
	}
	if t.Live(now) {
		out = append(out, page.Step{Title: i18n.T(ctx, "appointment.page.ticket.coming"), When: i18n.DayTimeRelative(ctx, t.StartsAt, now), State: "todo"})
	}
	return out
}

// giveCalendar is the file for the resident's own agenda.
func (s *Service) giveCalendar(c *web.Context) error {
	t, err := s.mine(c)
	if err != nil {
		return err
	}
	var ics []byte
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		ics, err = s.calendarFile(c.Ctx(), tx, t.Appointment, t.Reason, t.Place, t.Link, calendar.Person{})
		return err
	})
	switch {
	case err != nil:
		return err
	case ics == nil:
		return fault.New(fault.Gone, "appointment.error.cancelled_already")
	}
	return c.File("text/calendar; charset=utf-8", "rendez-vous.ics", ics)
}

// askMove shows the slots again; the appointment stays until another is chosen.
func (s *Service) askMove(c *web.Context) error {
	t, err := s.mine(c)
	if err != nil {
		return err
	}
	if !t.Live(c.Now()) || !t.Reason.Active || !t.Reason.MayMove(t.StartsAt, c.Now()) {
		return c.Redirect("/r/" + t.Link)
	}
	at, err := optionalID(c.Query("lieu"))
	if err != nil {
		return err
	}
	return s.renderSlots(c, http.StatusOK, t.moving(at))
}

func (t ticket) moving(at store.ID) slotsAsk {
	if at == 0 {
		at = t.PlaceID
	}
	return slotsAsk{Reason: t.Reason, Place: at, Moving: &t.Appointment, Link: t.Link}
}

// moveTicket takes the new start; who loses the race keeps the old one.
func (s *Service) moveTicket(c *web.Context) error {
	t, err := s.mine(c)
	if err != nil {
		return err
	}
	f, err := c.Form()
	if err != nil {
		return err
	}
	at, err := optionalID(f.Get("lieu"))
	if err != nil {
		return err
	}
	ask := t.moving(at)
	start, ok := parseStart(f.Get("c"))
	if !ok {
		ask.Message = c.T("appointment.page.slot.none_chosen")
		return s.renderSlots(c, http.StatusUnprocessableEntity, ask)
	}
	if start.Equal(t.StartsAt) && ask.Place == t.PlaceID { // the second click
		return c.Redirect("/r/" + t.Link)
	}
	a, err := s.Move(c.Ctx(), c.Store, t.ID, Author{}, Shift{Start: start, Place: ask.Place})
	if err == nil {
		c.Flash(c.T("appointment.page.ticket.moved", "When", i18n.DayTime(c.Ctx(), a.StartsAt)))
		return c.Redirect("/r/" + t.Link)
	}
	if f := fault.Of(err); f.Key == "appointment.error.window" {
		return s.refused(c, ask, start, err)
	}
	if _, taken := WasTaken(err); taken {
		return s.refused(c, ask, start, err)
	}
	return s.tooLate(c, t, err)
}

// tooLate shows the page of the appointment with why nothing changed.
func (s *Service) tooLate(c *web.Context, t ticket, err error) error {
	f := fault.Of(err)
	if f.Kind != fault.Conflict && f.Kind != fault.Gone || f.Key == "" {
		return err
	}
	return s.renderTicket(c, f.Kind.Status(), t, c.T(f.Key, f.Args...))
}

// actView is a page that asks once before it does something: links are
// followed by scanners, buttons are not.
type actView struct {
	Facts  []page.Fact
	Text   string
	Action string
	Button string
	Back   string
	Other  []page.ButtonData
	Ways   []page.Way
}

// askCancel asks before cancelling.
func (s *Service) askCancel(c *web.Context) error {
	t, err := s.mine(c)
	if err != nil {
		return err
	}
	if !t.Live(c.Now()) || !t.StartsAt.After(c.Now()) || !t.Reason.MayCancel(t.StartsAt, c.Now()) {
		return c.Redirect("/r/" + t.Link)
	}
	v := actView{Facts: s.recap(c, t.Reason, t.Place, t.StartsAt, true), Text: c.T("appointment.page.cancel.text"), Action: c.Href("/r/" + t.Link + "/annuler"),
		Button: c.T("appointment.page.cancel.do"), Back: c.Href("/r/" + t.Link), Ways: s.ways(c, t.Place)}
	if t.Reason.Active && t.Reason.MayMove(t.StartsAt, c.Now()) {
		v.Other = []page.ButtonData{{Label: c.T("appointment.page.ticket.move"), Icon: "move", Href: c.Href("/r/" + t.Link + "/deplacer")}}
	}
	return s.renderAct(c, c.T("appointment.page.cancel.title"), v)
}

func (s *Service) renderAct(c *web.Context, title string, v actView) error {
	p := s.begin(c, title, "", crumbHome(c), page.Link{Label: c.T("appointment.page.ticket"), Href: v.Back}, page.Link{Label: title})
	p.Heading, p.Width, p.NoIndex = title, page.Narrow, true
	return c.Render(actPage(p, v))
}

// cancelTicket frees the start.
func (s *Service) cancelTicket(c *web.Context) error {
	t, err := s.mine(c)
	if err != nil {
		return err
	}
	if t.Status.Final() {
		return c.Redirect("/r/" + t.Link)
	}
	if _, err := s.Cancel(c.Ctx(), c.Store, t.ID, Author{}, ""); err != nil {
		return s.tooLate(c, t, err)
	}
	c.Flash(c.T("appointment.page.cancel.done"))
	return c.Redirect("/r/" + t.Link)
}

// askComing is where reminders lead: one button.
func (s *Service) askComing(c *web.Context) error {
	t, err := s.mine(c)
	if err != nil {
		return err
	}
	if !t.Live(c.Now()) || t.Confirmed == "yes" {
		return c.Redirect("/r/" + t.Link)
	}
	v := actView{Facts: s.recap(c, t.Reason, t.Place, t.StartsAt, true), Text: c.T("appointment.page.coming.text"), Action: c.Href("/r/" + t.Link + "/confirmer"),
		Button: c.T("appointment.page.coming.do"), Back: c.Href("/r/" + t.Link), Ways: s.ways(c, t.Place)}
	if t.Reason.Active && t.Reason.MayMove(t.StartsAt, c.Now()) {
		v.Other = append(v.Other, page.ButtonData{Label: c.T("appointment.page.ticket.move"), Icon: "move", Href: c.Href("/r/" + t.Link + "/deplacer")})
	}
	if t.StartsAt.After(c.Now()) && t.Reason.MayCancel(t.StartsAt, c.Now()) {
		v.Other = append(v.Other, page.ButtonData{Label: c.T("appointment.page.ticket.cancel"), Href: c.Href("/r/" + t.Link + "/annuler")})
	}
	return s.renderAct(c, c.T("appointment.page.coming.title"), v)
}

// confirmComing keeps that the resident comes.
func (s *Service) confirmComing(c *web.Context) error {
	t, err := s.mine(c)
	if err != nil {
		return err
	}
	if t.Live(c.Now()) {
		err := c.Store.Update(c.Ctx(), func(tx *store.Tx) error {
			a, err := s.Get(c.Ctx(), tx, t.ID)
			if err != nil || !a.Live(tx.Now()) {
				return err
			}
			return s.Answer(c.Ctx(), tx, a, true)
		})
		if err != nil {
			return err
		}
		c.Flash(c.T("appointment.page.coming.done"))
	}
	return c.Redirect("/r/" + t.Link)
}
