package report

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parvis/core/notify"
	"parvis/engine/dossier"
	"parvis/platform/event"
	"parvis/platform/phone"
	"parvis/platform/store"
)

// The notices of the service.
const (
	noticeReceived = "report.received"
	noticeAccepted = "report.accepted"
	noticePlanned  = "report.planned"
	noticeClosed   = "report.closed"
	noticeMerged   = "report.merged"
	noticeReopened = "report.reopened"
	noticeLate     = "report.late"
	noticeMessage  = "report.message"
)

// notices declares them with the longest realistic values.
func notices() []notify.Notice {
	fields := map[string]string{"Number": "P-2026-123456", "Title": "Trottoir abîmé ou encombré, rue du Général-de-Gaulle, devant le 112",
		"Due": "mercredi 30 septembre", "Day": "mercredi 30 septembre", "Outcome": "Hors compétence", "Kept": "P-2026-123455",
		"Reason": "L’équipe a posé un enrobé neuf sur deux mètres. Merci de nous l’avoir dit.",
		"Text":   "Pouvez-vous nous dire devant quel numéro\u00a0?",
		"Code":   "Votre code de suivi\u00a0: ABCDE23456", "Link": "https://signalements.grandpoitiers.example/grand-poitiers/suivi/abcdefghijklmnopqrstuvwxyz012345",
		"Stop": "https://signalements.grandpoitiers.example/grand-poitiers/signalements/arret/abcdefghijklmnopqrstuvwx"}
	two := []notify.Channel{notify.Mail, notify.SMS}
	var out []notify.Notice
	for _, name := range []string{noticeReceived, noticeAccepted, noticePlanned, noticeClosed, noticeMerged, noticeReopened, noticeLate, noticeMessage} {
		out = append(out, notify.Notice{Name: name, Label: "report.notice." + name[len("report."):] + ".label", Channels: two, Urgent: name == noticeReceived,
			Sensitive: name == noticeMessage, Fields: fields})
	}
	return out
}

// words are the placeholders that every notice may use.
func (s *Reports) words(ctx context.Context, tx *store.Tx, r Report) (map[string]any, Where, error) {
	w, err := s.Where(ctx, tx)
	if err != nil {
		return nil, w, err
	}
	data := map[string]any{"Number": r.Number, "Title": dossierTitle(r), "Due": notify.Words("report.notice.nodue"), "Day": notify.Words("report.notice.noday"),
		"Outcome": notify.Words(r.State.Label()), "Reason": r.Reason, "Kept": "", "Text": "", "Code": "", "Link": w.URL + r.Path(), "Stop": ""}
	if !r.DueAt.IsZero() {
		data["Due"] = notify.Day(r.DueAt.Add(-time.Microsecond))
	}
	if !r.PlannedAt.IsZero() {
		data["Day"] = notify.Day(r.PlannedAt)
	}
	return data, w, nil
}

// tellReceived is the receipt (CRPA art. R. 112-5: number, date, who answers).
func (s *Reports) tellReceived(ctx context.Context, tx *store.Tx, r Report, d Draft) error {
	if s.Hub == nil || !d.Contact.Reachable() {
		return nil
	}
	data, w, err := s.words(ctx, tx, r)
	if err != nil {
		return err
	}
	data["Link"] = w.URL + dossier.Path + "/" + r.Token
	return s.Hub.Send(ctx, tx, notify.Message{Notice: noticeReceived, To: addressee(d.Contact.Name(), d.Contact.Email, d.Contact.Phone, d.Lang), Subject: r.Ref(),
		Data: data, Key: r.Ref() + ":received"})
}

func addressee(name, email, number, lang string) notify.To {
	to := notify.To{Name: name, Email: email, Lang: lang}
	if n, err := phone.Parse(number, ""); err == nil {
		to.Phone = n
	}
	return to
}

// happened is what the events of dossiers carry.
type happened struct {
	Dossier store.ID `json:"dossier"`
	Kind    string   `json:"kind"`
	Stage   string   `json:"stage"`
	Level   int      `json:"level"`
}

// noticeOf is the notice of an event, "" when nobody is told.
func noticeOf(kind string, h happened) string {
	switch kind {
	case "dossier.advanced":
		switch State(h.Stage) {
		case Accepted:
			return noticeAccepted
		case Planned:
			return noticePlanned
		}
	case "dossier.closed":
		return noticeClosed
	case "dossier.merged":
		return noticeMerged
	case "dossier.reopened":
		return noticeReopened
	case "dossier.message":
		return noticeMessage
	case "dossier.warned":
		if h.Level >= 100 {
			return noticeLate
		}
	}
	return ""
}

// news tells everybody who follows a report what happened to it, whoever did
// it: this service, the desk, an intervention.
func (s *Reports) news(ctx context.Context, e event.Event) error {
	var h happened
	if err := e.Decode(&h); err != nil {
		return err
	}
	notice := noticeOf(e.Kind, h)
	if h.Kind != Kind || notice == "" || s.Hub == nil {
		return nil
	}
	return s.Bus.Once(ctx, e, "report.news", func(tx *store.Tx) error {
		r, err := s.ByDossier(ctx, tx, h.Dossier)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return s.spread(ctx, tx, e, r, notice)
	})
}

func (s *Reports) spread(ctx context.Context, tx *store.Tx, e event.Event, r Report, notice string) error {
	entries, err := s.Dossiers.Timeline(ctx, tx, r.DossierID, true)
	if err != nil {
		return err
	}
	last := lastAt(entries, e.At, notice)
	if notice == noticeMessage && (last.Author.Kind == dossier.Resident || last.Body == "") {
		return nil // their own words
	}
	if notice == noticeClosed && r.Reason == "" && last.Body != "" {
		r.Reason, _ = mask(last.Body)
		if _, err := tx.Exec(ctx, `UPDATE report SET reason = ? WHERE territory_id = @territory AND id = ? AND reason = ''`, r.Reason, r.ID); err != nil {
			return fmt.Errorf("report: noting why: %w", err)
		}
	}
	data, w, err := s.words(ctx, tx, r)
	if err != nil {
		return err
	}
	data["Text"] = last.Body
	if notice == noticeClosed && last.Body != "" {
		data["Reason"] = last.Body
	}
	if r.MergedInto != 0 {
		if kept, err := s.Get(ctx, tx, r.MergedInto); err == nil {
			data["Kept"] = kept.Number
		}
	}
	author, lang, err := s.Author(ctx, tx, r.ID)
	if err != nil {
		return err
	}
	send := func(to notify.To, who string, link, stop string) error {
		mine := map[string]any{}
		for k, v := range data {
			mine[k] = v
		}
		mine["Link"], mine["Stop"] = link, stop
		return s.Hub.Send(ctx, tx, notify.Message{Notice: notice, To: to, Subject: r.Ref(), Data: mine, Key: r.Ref() + ":" + e.ID.String() + ":" + who})
	}
	if author.Reachable() {
		token, err := s.Dossiers.NewLink(ctx, tx, r.DossierID, 0)
		if err != nil {
			return err
		}
		if err := send(addressee(author.Name(), author.Email, author.Phone, lang), "author", w.URL+dossier.Path+"/"+token, ""); err != nil {
			return err
		}
	}
	if notice == noticeMessage {
		return nil // a conversation is between two
	}
	for after := store.ID(0); ; {
		list, err := s.Dossiers.Followers(ctx, tx, r.DossierID, after, 500)
		if err != nil {
			return err
		}
		for _, f := range list {
			after = f.ID
			link := w.URL + r.Path()
			if err := send(addressee("", f.Email, f.Phone, f.Lang), f.ID.String(), link, w.URL+s.stopPath(tx.Territory(), r.ID, f.ID)); err != nil {
				return err
			}
		}
		if len(list) < 500 {
			return nil
		}
	}
}

// lastAt is the entry that an event speaks of: the last one written with it.
func lastAt(entries []dossier.Entry, at time.Time, notice string) dossier.Entry {
	for i := len(entries) - 1; i >= 0; i-- {
		x := entries[i]
		if x.At.Equal(at) && (notice != noticeMessage || x.Kind == dossier.MessageEntry) && (notice == noticeMessage || x.Kind != dossier.MessageEntry) {
			return x
		}
	}
	return dossier.Entry{}
}
