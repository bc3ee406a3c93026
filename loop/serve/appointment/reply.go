package appointment

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"parvis/core/notify"
	"parvis/core/person"
	"parvis/platform/event"
	"parvis/platform/i18n"
	"parvis/platform/job"
	"parvis/platform/phone"
	"parvis/platform/sms"
	"parvis/platform/store"
)

// replyWindow is how far ahead an answer is understood: beyond, nobody was
// reminded of anything.
const replyWindow = 60 * 24 * time.Hour

// maxListed bounds the appointments a text message can number.
const maxListed = 4

// onSMS answers OUI and NON. A number may be a family's: with several
// appointments it answers a numbered list, never a guess. The answers name
// neither the person nor the reason. STOP and the rest are not ours.
func (s *Service) onSMS(ctx context.Context, e event.Event) error {
	var said notify.Received
	if err := e.Decode(&said); err != nil {
		return err
	}
	_, number, _ := strings.Cut(e.Subject, ":")
	id, err := store.ParseID(number)
	if err != nil {
		return job.Dead(fmt.Errorf("appointment: an SMS without number: %w", err))
	}
	return s.bus.Once(ctx, e, "appointment.sms", func(tx *store.Tx) error {
		in, err := s.hub.Inbound(ctx, tx, id)
		if err != nil {
			return err
		}
		word := sms.Keyword(strings.Map(noDigit, in.Text)) // « NON 2 » is NON
		if word != sms.WordYes && word != sms.WordNo {
			return nil
		}
		list, err := s.comingOf(ctx, tx, in.Phone)
		if err != nil || len(list) == 0 {
			return err
		}
		a, ok := chosen(list, in.Text)
		if !ok {
			return s.reply(ctx, tx, e, in.Phone, list[0].Lang, listing(list, word))
		}
		if word == sms.WordYes {
			if err := s.Answer(ctx, tx, a, true); err != nil {
				return err
			}
			return s.reply(ctx, tx, e, in.Phone, a.Lang, words("appointment.reply.confirmed", a))
		}
		return s.refuse(ctx, tx, e, in.Phone, a)
	})
}

func noDigit(r rune) rune {
	if r >= '0' && r <= '9' {
		return -1
	}
	return r
}

// refuse asks once before cancelling: the first NON is kept, the second cancels.
func (s *Service) refuse(ctx context.Context, tx *store.Tx, e event.Event, from phone.Number, a Appointment) error {
	r, err := s.Reason(ctx, tx, a.ReasonID)
	if err != nil {
		return err
	}
	switch {
	case !r.MayCancel(a.StartsAt, tx.Now()):
		return s.reply(ctx, tx, e, from, a.Lang, words("appointment.reply.too_late", a))
	case a.Confirmed != "no":
		if err := s.Answer(ctx, tx, a, false); err != nil {
			return err
		}
		return s.reply(ctx, tx, e, from, a.Lang, words("appointment.reply.sure", a))
	}
	_, err = s.cancel(ctx, tx, a.ID, Author{}, "")
	return err // the message that it is cancelled leaves with the cancellation
}

// comingOf lists the next appointments of a number, by start.
func (s *Service) comingOf(ctx context.Context, tx *store.Tx, from phone.Number) ([]Appointment, error) {
	people, _, err := s.people.Residents.Search(ctx, tx, person.Query{Text: from.E164(), Limit: 20})
	if err != nil {
		return nil, err
	}
	var out []Appointment
	for _, p := range people {
		if p.Phone != from {
			continue
		}
		list, err := s.List(ctx, tx, Filter{Resident: p.ID, Status: Booked, From: tx.Now(), To: tx.Now().Add(replyWindow), Limit: maxListed})
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	slices.SortStableFunc(out, func(a, b Appointment) int { return a.StartsAt.Compare(b.StartsAt) })
	return out[:min(len(out), maxListed)], nil
}

// chosen is the appointment meant: the only one, or the one whose number of the
// list stands in the text, « NON 2 ».
func chosen(list []Appointment, text string) (Appointment, bool) {
	if len(list) == 1 {
		return list[0], true
	}
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' }) {
		if n, err := strconv.Atoi(w); err == nil && n >= 1 && n <= len(list) {
			return list[n-1], true
		}
	}
	return Appointment{}, false
}

func words(key string, a Appointment) notify.Value {
	return func(l *i18n.Localizer) string { return l.T(key, "Start", l.DayTime(a.StartsAt)) }
}

func listing(list []Appointment, k sms.Word) notify.Value {
	return func(l *i18n.Localizer) string {
		word := l.T("appointment.reply.yes")
		if k == sms.WordNo {
			word = l.T("appointment.reply.no")
		}
		parts := make([]string, len(list))
		for i, a := range list {
			parts[i] = l.T("appointment.reply.item", "Word", word, "N", i+1, "Start", l.DayTime(a.StartsAt))
		}
		return l.T("appointment.reply.several", "List", strings.Join(parts, ", "))
	}
}

func (s *Service) reply(ctx context.Context, tx *store.Tx, e event.Event, to phone.Number, lang string, text notify.Value) error {
	return s.hub.Send(ctx, tx, notify.Message{Notice: noticeReply, To: notify.To{Phone: to, Lang: lang}, Subject: e.Subject,
		Data: map[string]any{"Text": text}, Key: "appointment:reply:" + e.ID.String()})
}
