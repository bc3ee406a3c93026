package appointment

import (
	"context"
	"errors"
	"fmt"

	"parvis/core/notify"
	"parvis/core/place"
	"parvis/platform/calendar"
	"parvis/platform/phone"
	"parvis/platform/store"
)

// The notices of the service.
const (
	noticeBooked    = "appointment.booked"
	noticeMoved     = "appointment.moved"
	noticeCancelled = "appointment.cancelled"
	noticeReminder  = "appointment.reminder"
	noticeReply     = "appointment.reply"
)

// notices declares them with the longest realistic values.
func notices() []notify.Notice {
	fields := map[string]string{"Reason": "Carte nationale d’identité et passeport", "Start": "mercredi 30 septembre à 10 h 45",
		"Place": "Maison des solidarités de Châtellerault", "Address": "12, rue du Général-de-Gaulle, 86100 Châtellerault",
		"Number": "V-2026-123456", "Link": "https://rendez-vous.lavienne.example/la-vienne/r/abcdefghijklmnopqrstuvwx", "Bring": ""}
	two := []notify.Channel{notify.Mail, notify.SMS}
	return []notify.Notice{
		{Name: noticeBooked, Label: "appointment.notice.booked.label", Channels: two, Urgent: true, Sensitive: true, Fields: fields},
		{Name: noticeMoved, Label: "appointment.notice.moved.label", Channels: two, Urgent: true, Sensitive: true, Fields: fields},
		{Name: noticeCancelled, Label: "appointment.notice.cancelled.label", Channels: two, Urgent: true, Sensitive: true, Fields: fields},
		{Name: noticeReminder, Label: "appointment.notice.reminder.label", Channels: two, Sensitive: true, Fields: fields},
		{Name: noticeReply, Label: "appointment.notice.reply.label", Channels: []notify.Channel{notify.SMS}, Urgent: true, Sensitive: true,
			Fields: map[string]string{"Text": "Vous avez 2 rendez-vous. Pour annuler, répondez NON 1 (mercredi 30 septembre à 10 h 45) ou NON 2 (jeudi 1er octobre à 14 h 15)."}},
	}
}

func addressee(c Contact) notify.To {
	to := notify.To{Name: c.Name(), Email: c.Email, Lang: c.Lang}
	if n, err := phone.Parse(c.Phone, ""); err == nil {
		to.Phone = n
	}
	return to
}

// words are the placeholders of every notice. A sensitive reason is never
// named: whoever holds the phone reads only the date and the place.
func (s *Service) words(ctx context.Context, tx *store.Tx, a Appointment, r Reason, link string) (map[string]any, place.Place, error) {
	var p place.Place
	if a.PlaceID != 0 {
		var err error
		if p, err = place.Get(ctx, tx, a.PlaceID); err != nil && !isGone(err) {
			return nil, p, err
		}
	}
	data := map[string]any{"Reason": r.Name, "Start": notify.DayTime(a.StartsAt), "Place": p.Name, "Address": joined(p.Lines()),
		"Number": a.Number, "Bring": r.AfterText, "Link": s.linkTo(ctx, tx, link)}
	if r.Sensitive {
		data["Reason"], data["Bring"] = notify.Words("appointment.notice.discreet"), ""
	}
	if a.PlaceID == 0 || a.Mode != OnSite {
		data["Place"], data["Address"] = notify.Words("appointment.mode."+string(a.Mode)), ""
	}
	return data, p, nil
}

// tell sends the message that an appointment was booked, moved or cancelled,
// with its calendar file.
func (s *Service) tell(ctx context.Context, tx *store.Tx, notice string, d Done, r Reason, c Contact) error {
	data, p, err := s.words(ctx, tx, d.Appointment, r, d.Link)
	if err != nil {
		return err
	}
	var ics []byte
	if c.Email != "" {
		if ics, err = s.calendarFile(ctx, tx, d.Appointment, r, p, d.Link, calendar.Person{Name: c.Name(), Email: c.Email}); err != nil {
			return err
		}
	}
	return s.hub.Send(ctx, tx, notify.Message{Notice: notice, To: addressee(c), Subject: d.ref(), Data: data, ICS: ics,
		Key: fmt.Sprintf("%s:%s:%d", d.ref(), notice, d.Sequence), Deadline: d.StartsAt})
}

// plan queues the reminders that are still to come. A step whose hour is past
// at the time of booking is covered by the confirmation, which leaves at once
// and says the same: there is no hole between the two, and no message twice.
func (s *Service) plan(ctx context.Context, tx *store.Tx, d Done, r Reason, c Contact) error {
	data, _, err := s.words(ctx, tx, d.Appointment, r, d.Link)
	if err != nil {
		return err
	}
	for _, step := range r.Reminders.V {
		at := d.StartsAt.Add(-step.Lead())
		if !at.After(tx.Now()) {
			continue
		}
		to := addressee(c)
		switch {
		case step.Channel == "mail" && to.Email != "":
			to.Phone = phone.Number{}
		case step.Channel == "sms" && to.Phone.SMSAllowed():
			to.Email = ""
		}
		err := s.hub.Send(ctx, tx, notify.Message{Notice: noticeReminder, To: to, Subject: d.ref(), Data: data,
			Key: fmt.Sprintf("%s:reminder:%d:%d", d.ref(), step.Before, d.Sequence), At: at, Deadline: d.StartsAt})
		if err != nil {
			return err
		}
	}
	return nil
}

// retell cancels the messages that are waiting, tells the change and plans the
// reminders of what remains.
func (s *Service) retell(ctx context.Context, tx *store.Tx, notice string, a Appointment, r Reason) error {
	if _, err := s.hub.Cancel(ctx, tx, a.ref()); err != nil {
		return err
	}
	if a.ResidentID == 0 {
		return nil
	}
	res, err := s.people.Residents.Get(ctx, tx, a.ResidentID)
	if errors.Is(err, store.ErrNotFound) {
		return nil // erased at their request
	}
	if err != nil {
		return err
	}
	c := Contact{FirstName: res.FirstName, LastName: res.LastName, Phone: res.Phone.E164(), Email: res.Email, Lang: a.Lang}
	d := Done{Appointment: a, Link: s.Link(tx.Territory(), a.ID)}
	if err := s.tell(ctx, tx, notice, d, r, c); err != nil || a.Status.Final() {
		return err
	}
	return s.plan(ctx, tx, d, r, c)
}

// calendarFile is the file for agendas (RFC 5545): one UID for the life of the
// appointment, a SEQUENCE that rises, CANCEL at the end. It invites the attendee
// it is mailed to (RFC 5546, REQUEST); without one, or when the territory has no
// address to answer to, it is published. nil when there is nothing to cancel with.
func (s *Service) calendarFile(ctx context.Context, tx *store.Tx, a Appointment, r Reason, p place.Place, link string, to calendar.Person) ([]byte, error) {
	who, err := s.where(ctx, tx)
	if err != nil {
		return nil, err
	}
	method, invited := calendar.MethodPublish, []calendar.Person(nil)
	switch {
	case a.Status.Final() && who.Email == "":
		return nil, nil
	case a.Status.Final():
		method = calendar.MethodCancel
	case to.Email != "" && who.Email != "":
		method, invited = calendar.MethodRequest, []calendar.Person{to}
	}
	summary, bring := r.Name, r.AfterText
	if r.Sensitive { // what to bring says what it is about
		summary, bring = who.Discreet, ""
	}
	return calendar.ICS(calendar.Event{UID: a.ID.String() + "@" + who.Domain, Sequence: int(a.Sequence), Method: method, Start: a.StartsAt, End: a.EndsAt,
		Summary: summary + " · " + who.Name, Location: joined(append([]string{p.Name}, p.Lines()...)), Description: bring, URL: s.linkTo(ctx, tx, link),
		Organizer: calendar.Person{Name: who.Name, Email: who.Email}, Attendees: invited, Stamp: tx.Now(), TZ: who.Zone})
}

func isGone(err error) bool { return errors.Is(err, store.ErrNotFound) }

func joined(lines []string) string {
	out := ""
	for _, l := range lines {
		if l == "" {
			continue
		}
		if out != "" {
			out += ", "
		}
		out += l
	}
	return out
}
