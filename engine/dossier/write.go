package dossier

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"parvis/core/notify"
	"parvis/platform/event"
	"parvis/platform/i18n"
	"parvis/platform/phone"
	"parvis/platform/store"
)

// Sender sends messages in the caller's transaction; notify.Hub does.
type Sender interface {
	Send(ctx context.Context, tx *store.Tx, m notify.Message) error
}

// Site is a territory as messages show it.
type Site struct {
	URL      string // "https://parvis.example/vouneuil", without final slash
	Location *time.Location
}

// Colleague is somebody who works for a territory.
type Colleague struct {
	ID                store.ID
	Name, Email, Lang string
}

// People finds colleagues. Those who left are not given.
type People interface {
	// Colleagues finds people by their identifiers.
	Colleagues(ctx context.Context, territory string, ids []store.ID) ([]Colleague, error)
	// Crew is the people of a team.
	Crew(ctx context.Context, tx *store.Tx, team store.ID) ([]store.ID, error)
	// Managers answer for a service in the territory.
	Managers(ctx context.Context, territory, service string) ([]Colleague, error)
}

// Notices are what the engine writes.
func Notices() []notify.Notice {
	of := map[string]string{"Number": "V-2026-01184", "Title": "Lampadaire éteint devant l’école élémentaire", "Link": "https://parvis.example.fr/vouneuil/suivi/4QfJt8nDUS8hYm2k2pIhYw4QfJt8nDUS"}
	with := func(more map[string]string) map[string]string {
		for k, v := range of {
			more[k] = v
		}
		return more
	}
	both := []notify.Channel{notify.Mail, notify.SMS}
	words := "Une équipe est passée ce matin et a commandé la pièce qui manque."
	return []notify.Notice{
		{Name: "dossier.receipt", Label: "dossier.notice.receipt.label", Channels: both, Fields: with(map[string]string{"Due": "Nous vous répondons avant le vendredi 27 novembre."})},
		{Name: "dossier.news", Label: "dossier.notice.news.label", Channels: both, Fields: with(map[string]string{"What": "Prise en charge", "Words": words, "Reply": "Vous pouvez répondre à ce message."})},
		{Name: "dossier.follow", Label: "dossier.notice.follow.label", Channels: both, Fields: with(map[string]string{"What": "Prise en charge", "Words": words})},
		{Name: "dossier.warning", Label: "dossier.notice.warning.label", Channels: []notify.Channel{notify.Mail}, Fields: with(map[string]string{"Level": "La moitié du délai est passée", "Due": "vendredi 27 novembre à 17 h"})},
		{Name: "dossier.given", Label: "dossier.notice.given.label", Channels: []notify.Channel{notify.Mail}, Fields: with(map[string]string{"Note": words})},
	}
}

// On is what the engine reacts to: its own events, after their transaction.
func (e *Engine) On() []event.Subscription {
	if e.cfg.DB == nil || e.cfg.Hub == nil || e.cfg.Site == nil {
		return nil
	}
	list := []event.Subscription{event.On("dossier.warned", "dossier.warned", e.onWarned), event.On("dossier.assigned", "dossier.assigned", e.onAssigned)}
	for _, kind := range []string{"opened", "advanced", "closed", "message", "paused", "resumed", "reopened", "due", "merged", "unmerged"} {
		list = append(list, event.On("dossier."+kind, "dossier.write."+kind, e.onNews))
	}
	return list
}

// told is a request an event speaks of; ok is false when it is gone or when its
// service writes itself.
func (e *Engine) told(ctx context.Context, tx *store.Tx, h Happened) (d Dossier, ok bool, err error) {
	d, err = e.Get(ctx, tx, h.Dossier)
	if errors.Is(err, store.ErrNotFound) {
		return d, false, nil
	}
	return d, err == nil, err
}

// onNews writes to the requester and to the followers what they may read. Every
// message has a key made of the line of the timeline and of the addressee:
// however often the event is delivered, each is written to once.
func (e *Engine) onNews(ctx context.Context, ev event.Event) error {
	var h Happened
	if err := ev.Decode(&h); err != nil {
		return err
	}
	if k, ok := e.kinds[h.Kind]; !ok || !k.Notify || h.Entry == 0 {
		return nil
	}
	in := e.cfg.DB.In(ev.Territory)
	var n news
	err := in.Update(ctx, func(tx *store.Tx) (err error) {
		n = news{kind: ev.Kind}
		if n.d, n.ok, err = e.told(ctx, tx, h); err != nil || !n.ok {
			return err
		}
		if n.entry, err = e.line(ctx, tx, n.d.ID, h.Entry); err != nil {
			return err
		}
		if n.site, err = e.cfg.Site(ctx, tx); err != nil {
			return err
		}
		if n.entry.Public && n.entry.Author.Kind != Resident || ev.Kind == "dossier.opened" {
			return e.writeRequester(ctx, tx, n)
		}
		return nil
	})
	if err != nil || !n.ok || !n.entry.Public || n.entry.Own || ev.Kind == "dossier.opened" {
		return err
	}
	for after := store.ID(0); ; {
		var list []Follower
		err := in.Update(ctx, func(tx *store.Tx) (err error) {
			if list, err = e.Followers(ctx, tx, n.d.ID, after, batch); err != nil {
				return err
			}
			for _, f := range list {
				if err := e.writeFollower(ctx, tx, n, f); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || len(list) < batch {
			return err
		}
		after = list[len(list)-1].ID
	}
}

// news is one thing to tell.
type news struct {
	kind  string
	d     Dossier
	ok    bool
	entry Entry
	site  Site
}

// line is one entry of a timeline.
func (e *Engine) line(ctx context.Context, tx *store.Tx, id, entry store.ID) (Entry, error) {
	var r entryRow
	err := tx.Get(ctx, &r, `SELECT id, kind, public, shared, author_kind, author_id, text_key, args, body, occurred_at FROM dossier_entry
		WHERE territory_id = @territory AND dossier_id = ? AND id = ?`, id, entry)
	if err != nil {
		return Entry{}, fmt.Errorf("dossier: reading what happened: %w", err)
	}
	return r.entry(), nil
}

func (e *Engine) writeRequester(ctx context.Context, tx *store.Tx, n news) error {
	to := notify.To{Email: n.d.Email, Lang: n.d.Lang}
	if x, err := phone.Parse(n.d.Phone, ""); err == nil {
		to.Phone = x
	}
	if to.Email == "" && n.d.Phone == "" {
		return nil
	}
	token, err := e.NewLink(ctx, tx, n.d.ID, 0)
	if err != nil {
		return err
	}
	m := notify.Message{Notice: "dossier.news", To: to, Subject: n.d.SubjectRef, Key: "dossier:" + n.d.ID.String() + ":" + n.entry.ID.String(),
		Data: map[string]any{"Number": n.d.Number, "Title": n.d.Title, "Link": n.site.URL + Path + "/" + token}}
	if n.kind == "dossier.opened" {
		m.Notice = "dossier.receipt"
		m.Data["Due"] = notify.Value(func(l *i18n.Localizer) string {
			if n.d.DueAt.IsZero() {
				return ""
			}
			return l.T("dossier.notice.due", "Day", l.Day(n.d.DueDay()))
		})
		return e.cfg.Hub.Send(ctx, tx, m)
	}
	m.Data["What"], m.Data["Words"], m.Data["Reply"] = n.what(), n.entry.Body, ""
	if k := e.kinds[n.d.Kind]; k.Messages && to.Email != "" && e.cfg.ReplyTo != nil {
		reply, err := e.NewReply(ctx, tx, n.d.ID, 0)
		if err != nil {
			return err
		}
		if m.ReplyTo = e.cfg.ReplyTo(reply); m.ReplyTo != "" {
			m.Data["Reply"] = notify.Words("dossier.notice.reply")
		}
	}
	return e.cfg.Hub.Send(ctx, tx, m)
}

func (e *Engine) writeFollower(ctx context.Context, tx *store.Tx, n news, f Follower) error {
	to := notify.To{Email: f.Email, Lang: f.Lang}
	if x, err := phone.Parse(f.Phone, ""); err == nil {
		to.Phone = x
	}
	token, err := e.newLink(ctx, tx, n.d.ID, f.ID, 0)
	if err != nil {
		return err
	}
	return e.cfg.Hub.Send(ctx, tx, notify.Message{Notice: "dossier.follow", To: to, Subject: n.d.SubjectRef,
		Key:  "dossier:" + n.d.ID.String() + ":" + n.entry.ID.String() + ":" + f.ID.String(),
		Data: map[string]any{"Number": n.d.Number, "Title": n.d.Title, "Link": n.site.URL + Path + "/" + token, "What": n.what(), "Words": n.entry.Body}})
}

// what is the line of the timeline in the addressee's language.
func (n news) what() notify.Value {
	return func(l *i18n.Localizer) string { return entryTitle(l, n.entry, false) }
}

// onWarned tells the owner at half of the time, the team with them at eight
// tenths, and those who answer for the service when the date is past; whoever is
// missing is replaced by the next.
func (e *Engine) onWarned(ctx context.Context, ev event.Event) error {
	var h Happened
	if err := ev.Decode(&h); err != nil || h.Passed || e.cfg.Staff == nil {
		return err
	}
	return e.cfg.DB.In(ev.Territory).Update(ctx, func(tx *store.Tx) error {
		d, ok, err := e.told(ctx, tx, h)
		if err != nil || !ok || d.Closed() || d.Paused() {
			return err
		}
		to, err := e.escalate(ctx, tx, d, h.Level)
		if err != nil {
			return err
		}
		return e.writeStaff(ctx, tx, d, "dossier.warning", "dossier:"+d.ID.String()+":warned:"+strconv.FormatInt(d.DueAt.UnixMicro(), 36)+":"+strconv.FormatInt(h.Level, 10), to,
			map[string]any{"Level": notify.Words("dossier.warning." + strconv.FormatInt(h.Level, 10)), "Due": notify.DayTime(d.DueDay())})
	})
}

// escalate is who is told of a level.
func (e *Engine) escalate(ctx context.Context, tx *store.Tx, d Dossier, level int64) ([]Colleague, error) {
	owner, err := e.colleagues(ctx, tx, d.OwnerID)
	if err != nil {
		return nil, err
	}
	if level < 80 && len(owner) > 0 {
		return owner, nil
	}
	to := owner
	if d.TeamID != 0 {
		ids, err := e.cfg.Staff.Crew(ctx, tx, d.TeamID)
		if err != nil {
			return nil, fmt.Errorf("dossier: the team of a request: %w", err)
		}
		team, err := e.colleagues(ctx, tx, ids...)
		if err != nil {
			return nil, err
		}
		to = append(to, team...)
	}
	if level < 100 && len(to) > 0 {
		return to, nil
	}
	managers, err := e.cfg.Staff.Managers(ctx, tx.Territory(), e.kinds[d.Kind].Of())
	if err != nil {
		return nil, fmt.Errorf("dossier: who answers for %s: %w", d.Kind, err)
	}
	return append(to, managers...), nil
}

func (e *Engine) colleagues(ctx context.Context, tx *store.Tx, ids ...store.ID) ([]Colleague, error) {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id store.ID) bool { return id == 0 })
	if len(ids) == 0 {
		return nil, nil
	}
	out, err := e.cfg.Staff.Colleagues(ctx, tx.Territory(), ids)
	if err != nil {
		return nil, fmt.Errorf("dossier: finding colleagues: %w", err)
	}
	return out, nil
}

func (e *Engine) writeStaff(ctx context.Context, tx *store.Tx, d Dossier, notice, key string, to []Colleague, data map[string]any) error {
	site, err := e.cfg.Site(ctx, tx)
	if err != nil {
		return err
	}
	data["Number"], data["Title"], data["Link"] = d.Number, d.Title, site.URL+Desk+"/"+d.ID.String()
	if d.Private { // mail is no place for what only a few may read
		data["Title"] = notify.Words("dossier.private.title")
	}
	seen := map[store.ID]bool{}
	for _, x := range to {
		if seen[x.ID] || x.Email == "" {
			continue
		}
		seen[x.ID] = true
		if err := e.cfg.Hub.Send(ctx, tx, notify.Message{Notice: notice, To: notify.To{Name: x.Name, Email: x.Email, Lang: x.Lang}, Subject: d.SubjectRef,
			Data: data, Key: key + ":" + x.ID.String()}); err != nil {
			return err
		}
	}
	return nil
}

// onAssigned tells somebody that a request is theirs now, unless they took it
// themselves.
func (e *Engine) onAssigned(ctx context.Context, ev event.Event) error {
	var h Happened
	if err := ev.Decode(&h); err != nil || h.Entry == 0 || e.cfg.Staff == nil {
		return err
	}
	return e.cfg.DB.In(ev.Territory).Update(ctx, func(tx *store.Tx) error {
		d, ok, err := e.told(ctx, tx, h)
		if err != nil || !ok || d.OwnerID == 0 {
			return err
		}
		x, err := e.line(ctx, tx, d.ID, h.Entry)
		if err != nil || x.Author.ID == d.OwnerID || x.Args["owner"] != d.OwnerID.String() {
			return err
		}
		to, err := e.colleagues(ctx, tx, d.OwnerID)
		if err != nil {
			return err
		}
		note := x.Body
		if d.Private {
			note = ""
		}
		return e.writeStaff(ctx, tx, d, "dossier.given", "dossier:"+d.ID.String()+":given:"+x.ID.String(), to, map[string]any{"Note": note})
	})
}

// Desk is the path of the queue of the staff.
const Desk = "/bureau/demandes"
