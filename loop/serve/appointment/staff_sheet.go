package appointment

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"time"

	"parvis/core/notify"
	"parvis/core/person"
	"parvis/engine/dossier"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// sheet is an appointment with all that is known of it.
type sheet struct {
	Appointment
	Reason   Reason
	Resident person.Resident
	roster   *roster
	entries  []dossier.Entry
	messages []notify.Entry
	others   []Appointment // of the same person, still to come
}

type sheetView struct {
	Done, Return string
	Ticket       page.TicketData
	Person       []page.Fact
	Badge, Kind  string
	Marks        []page.ButtonData
	MarkForm     string
	Change       []page.ButtonData
	Steps        []page.Step
	Messages     page.TableData
	Others       []page.Link
	Note         string
	NoteForm     string // "" when the reader may not write
	Errors       []page.FieldError
}

// maxMessages bounds the messages shown on a sheet.
const maxMessages = 50

// sheet reads an appointment; NotFound for one of another territory.
func (s *Service) sheet(c *web.Context) (x sheet, err error) {
	id, err := c.ID("id")
	if err != nil {
		return x, err
	}
	ctx := c.Ctx()
	err = c.Store.View(ctx, func(tx *store.Tx) (err error) {
		if x.Appointment, err = s.Get(ctx, tx, id); err != nil {
			return err
		}
		if x.roster, err = s.roster(ctx, tx); err != nil {
			return err
		}
		if err = s.meet(ctx, tx, x.roster, []Appointment{x.Appointment}); err != nil {
			return err
		}
		x.Reason, x.Resident = x.roster.reasons[x.ReasonID], x.roster.met[x.ResidentID]
		if x.DossierID != 0 {
			if x.entries, err = s.dossiers.Timeline(ctx, tx, x.DossierID, false); err != nil {
				return err
			}
		}
		if x.messages, err = s.hub.Log(ctx, tx, notify.Filter{Subject: x.ref()}, notify.Cursor{}, maxMessages); err != nil {
			return err
		}
		x.others, err = s.upcoming(ctx, tx, x.ResidentID, x.ID)
		return err
	})
	return x, err
}

// maxUpcoming bounds the other appointments of one person that are shown.
const maxUpcoming = 5

// upcoming are the live appointments of a person, but one.
func (s *Service) upcoming(ctx context.Context, tx *store.Tx, resident, but store.ID) ([]Appointment, error) {
	if resident == 0 {
		return nil, nil
	}
	list, err := s.List(ctx, tx, Filter{From: tx.Now(), Resident: resident, Status: Booked, Limit: maxUpcoming + 1})
	var out []Appointment
	for _, a := range list {
		if a.ID != but && len(out) < maxUpcoming {
			out = append(out, a)
		}
	}
	return out, err
}

func (x sheet) who(ctx context.Context) string { return called(ctx, x.Resident) }

func (x sheet) path(c *web.Context) string { return c.Href(sheetPath + "/" + x.ID.String()) }

func (s *Service) showSheet(c *web.Context) error {
	x, err := s.sheet(c)
	if err != nil {
		return err
	}
	return s.renderSheet(c, http.StatusOK, x, sheetView{Done: c.TakeFlash(), Note: x.Note})
}

func (s *Service) renderSheet(c *web.Context, status int, x sheet, v sheetView) error {
	ctx, now := c.Ctx(), c.Now()
	names, err := s.people.Names(ctx, authors(x))
	if err != nil {
		return err
	}
	v.Return = sheetPath + "/" + x.ID.String()
	v.Ticket = x.ticket(ctx, names)
	v.Person = x.contact(ctx)
	v.Badge, v.Kind = state(ctx, x.Appointment, now)
	if v.Badge == "" {
		v.Badge, v.Kind = c.T("appointment.status.booked"), "info"
	}
	v.Steps = historySteps(ctx, x.entries, names, now)
	v.Messages = messageTable(ctx, x.messages, now)
	for _, a := range x.others {
		v.Others = append(v.Others, page.Link{Label: i18n.DayTimeRelative(ctx, a.StartsAt, now) + ", " + x.roster.reasons[a.ReasonID].Name, Href: c.Href(sheetPath + "/" + a.ID.String())})
	}
	if c.Actor.Can(MayWrite) {
		v.NoteForm, v.MarkForm = x.path(c)+"/note", x.path(c)+"/statut"
		v.Marks = marks(ctx, x.Appointment, x.who(ctx), now, c.Href)
		if x.Status == Booked {
			v.Change = []page.ButtonData{{Label: c.T("appointment.staff.move"), Icon: "move", Href: x.path(c) + "/deplacer"},
				{Label: c.T("appointment.staff.cancel"), Icon: "x", Href: x.path(c) + "/annuler"}}
		}
	}
	p, err := s.workspace(c, x.who(ctx), "", v.Errors)
	if err != nil {
		return err
	}
	p.Kicker = strings.Trim(x.Number+" · "+x.Reason.Name, " ·")
	p.Crumbs = deskCrumbs(c, page.Link{Label: c.T("appointment.staff.agenda"), Href: c.Href(dayHref(dayOf(ctx, x.StartsAt)))}, page.Link{Label: cmp.Or(x.Number, x.who(ctx))})
	return c.RenderStatus(status, sheetPage(p, v))
}

// ticket is when, where, why and how it was booked.
func (x sheet) ticket(ctx context.Context, names map[store.ID]string) page.TicketData {
	weekday, day, month := parts(ctx, x.StartsAt)
	at := x.roster.places[x.PlaceID]
	where := page.Fact{Label: i18n.T(ctx, "appointment.staff.fact.where"), Value: whereabouts(ctx, x.Reason, at)}
	if x.Mode == OnSite {
		where.Note = joined(at.Lines())
	}
	booked := i18n.T(ctx, "appointment.channel."+string(x.Channel))
	if name := names[x.BookedBy]; name != "" {
		booked += ", " + i18n.T(ctx, "appointment.staff.booked_by", "Name", name)
	}
	facts := []page.Fact{where, {Label: i18n.T(ctx, "appointment.staff.fact.reason"), Value: x.Reason.Name, Note: i18n.Duration(ctx, x.EndsAt.Sub(x.StartsAt))}}
	if with := x.roster.agentNames(x.roster.serving[x.ID]); with != "" {
		facts = append(facts, page.Fact{Label: i18n.T(ctx, "appointment.staff.fact.with"), Value: with})
	}
	if x.Number != "" {
		facts = append(facts, page.Fact{Label: i18n.T(ctx, "appointment.staff.fact.number"), Value: x.Number, Num: true})
	}
	facts = append(facts, page.Fact{Label: i18n.T(ctx, "appointment.staff.fact.channel"), Value: booked, Note: i18n.DayTime(ctx, x.CreatedAt)})
	if x.OnBehalf != "" {
		facts = append(facts, page.Fact{Label: i18n.T(ctx, "appointment.staff.fact.relay"), Value: x.OnBehalf})
	}
	if !x.ArrivedAt.IsZero() {
		facts = append(facts, page.Fact{Label: i18n.T(ctx, "appointment.staff.fact.arrived"), Value: i18n.Clock(ctx, x.ArrivedAt), Num: true})
	}
	return page.TicketData{Weekday: weekday, Day: day, Month: month, Time: i18n.Clock(ctx, x.StartsAt), Facts: facts, Off: offWord(ctx, x.Appointment)}
}

// contact is how to reach the person.
func (x sheet) contact(ctx context.Context) []page.Fact {
	var out []page.Fact
	if !x.Resident.Phone.IsZero() {
		out = append(out, page.Fact{Label: i18n.T(ctx, "appointment.staff.fact.phone"), Value: x.Resident.Phone.National(), Num: true})
	}
	if x.Resident.Email != "" {
		out = append(out, page.Fact{Label: i18n.T(ctx, "appointment.staff.fact.email"), Value: x.Resident.Email})
	}
	if len(out) == 0 {
		out = append(out, page.Fact{Label: i18n.T(ctx, "appointment.staff.fact.contact"), Value: i18n.T(ctx, "appointment.staff.unreachable")})
	}
	if x.FirstVisit {
		out = append(out, page.Fact{Label: i18n.T(ctx, "appointment.staff.fact.visit"), Value: i18n.T(ctx, "appointment.staff.first_visit")})
	}
	return out
}

// authors are the members of staff that a sheet names.
func authors(x sheet) []store.ID {
	ids := []store.ID{x.BookedBy, x.StatusBy}
	for _, e := range x.entries {
		if e.Author.Kind == dossier.Staff {
			ids = append(ids, e.Author.ID)
		}
	}
	return ids
}

// historySteps are the timeline as staff read it: what happened, who, the words.
func historySteps(ctx context.Context, entries []dossier.Entry, names map[store.ID]string, now time.Time) []page.Step {
	var out []page.Step
	for i, e := range entries {
		title := i18n.T(ctx, "appointment.staff.entry."+string(e.Kind))
		if e.TextKey != "" {
			var args []any
			for k, v := range e.Args {
				args = append(args, k, v)
			}
			title = i18n.T(ctx, e.TextKey, args...)
		}
		by := i18n.T(ctx, "appointment.staff.author."+string(e.Author.Kind))
		if name := names[e.Author.ID]; e.Author.Kind == dossier.Staff && name != "" {
			by = name
		}
		step := page.Step{Title: title, When: i18n.DayTimeRelative(ctx, e.At, now) + ", " + by, Text: e.Body, State: "done"}
		if i == len(entries)-1 {
			step.State = "now"
		}
		out = append(out, step)
	}
	return out
}

// messageTable lists what was sent about an appointment, and what became of it.
func messageTable(ctx context.Context, list []notify.Entry, now time.Time) page.TableData {
	t := page.TableData{Caption: i18n.T(ctx, "appointment.staff.messages"), CaptionHidden: true, Empty: i18n.T(ctx, "appointment.staff.messages.none"),
		Columns: []page.Column{{Label: i18n.T(ctx, "appointment.staff.col.message")}, {Label: i18n.T(ctx, "appointment.staff.col.channel")},
			{Label: i18n.T(ctx, "appointment.staff.col.when")}, {Label: i18n.T(ctx, "appointment.staff.col.state")}}}
	for _, m := range list {
		at := m.DueAt
		if !m.SentAt.IsZero() {
			at = m.SentAt
		}
		kind := "info"
		switch m.State {
		case notify.Failed, notify.Doubtful:
			kind = "late"
		case notify.Sent, notify.Delivered:
			kind = "ok"
		}
		t.Rows = append(t.Rows, []page.Cell{{Text: i18n.T(ctx, "appointment.notice."+strings.TrimPrefix(m.Notice, "appointment.")+".label"), Head: true},
			{Text: i18n.T(ctx, "appointment.staff.by."+string(m.Channel))}, {Text: i18n.DayTimeRelative(ctx, at, now)},
			{Body: page.Badge(kind, i18n.T(ctx, "appointment.staff.message."+string(m.State)))}})
	}
	return t
}

// keepNote replaces the note of the staff.
func (s *Service) keepNote(c *web.Context) error {
	x, err := s.sheet(c)
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	note := strings.TrimSpace(form.Get("note"))
	err = s.Note(c.Ctx(), c.Store, x.ID, note)
	if fields, invalid := c.FieldErrors(err); err != nil && invalid {
		return s.renderSheet(c, http.StatusUnprocessableEntity, x, sheetView{Note: note, Errors: fields})
	}
	if err != nil {
		return err
	}
	c.Flash(c.T("appointment.staff.note.kept"))
	return c.Redirect(sheetPath + "/" + x.ID.String())
}

type revokeView struct {
	Ticket page.TicketData
	Action string
	Back   string
	Why    string
	Told   string // who will be told, and how
	Errors []page.FieldError
}

func (s *Service) askRevoke(c *web.Context) error {
	x, err := s.sheet(c)
	if err != nil {
		return err
	}
	return s.renderRevoke(c, http.StatusOK, x, revokeView{})
}

func (s *Service) renderRevoke(c *web.Context, status int, x sheet, v revokeView) error {
	if x.Status.Final() {
		return fault.New(fault.Gone, "appointment.error.cancelled_already")
	}
	v.Ticket, v.Action, v.Back = x.ticket(c.Ctx(), nil), x.path(c)+"/annuler", x.path(c)
	v.Told = c.T("appointment.staff.cancel.told")
	if !x.Resident.Reachable() {
		v.Told = c.T("appointment.staff.cancel.untold", "Name", x.who(c.Ctx()))
	}
	p, err := s.workspace(c, c.T("appointment.staff.cancel.title", "Name", x.who(c.Ctx())), "", v.Errors)
	if err != nil {
		return err
	}
	p.Crumbs = deskCrumbs(c, page.Link{Label: cmp.Or(x.Number, x.who(c.Ctx())), Href: x.path(c)}, page.Link{Label: c.T("appointment.staff.cancel")})
	return c.RenderStatus(status, revokePage(p, v))
}

// revoke cancels in the name of the service; the sentence stays in the history.
func (s *Service) revoke(c *web.Context) error {
	x, err := s.sheet(c)
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	why := strings.TrimSpace(form.Get("why"))
	var wrong fault.Fields
	if why == "" {
		wrong.Add("why", "appointment.staff.error.cancel_why")
	}
	err = wrong.Err()
	if err == nil {
		_, err = s.Cancel(c.Ctx(), c.Store, x.ID, Author{Staff: c.Actor.ID}, why)
	}
	if fields, invalid := c.FieldErrors(err); err != nil && invalid {
		for i := range fields { // the engine of dossiers names its own field
			if fields[i].Field == "message" {
				fields[i].Field = "why"
			}
		}
		return s.renderRevoke(c, http.StatusUnprocessableEntity, x, revokeView{Why: why, Errors: fields})
	}
	if err != nil {
		return err
	}
	c.Flash(c.T("appointment.staff.cancel.done"))
	return c.Redirect(sheetPath + "/" + x.ID.String())
}
