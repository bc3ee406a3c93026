package barometer

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"parvis/core/notify"
	"parvis/engine/dossier"
	"parvis/platform/event"
	"parvis/platform/store"
)

const (
	noticeInvite = "barometer.invite"
	noticeRemind = "barometer.remind"
)

// remindAfter is when the one reminder leaves, unless there was an answer.
const remindAfter = 7 * 24 * time.Hour

// closed answers dossier.closed: of every kind but those that tell by an event
// of their own.
func (s *Service) closed(ctx context.Context, e event.Event) error {
	var said struct{ Kind, Stage string }
	if err := e.Decode(&said); err != nil {
		return err
	}
	return s.finished(ctx, e, "barometer.closed", said.Kind, said.Stage)
}

// marked answers appointment.marked, for appointments that have no dossier; the
// guard makes one invitation of both events.
func (s *Service) marked(ctx context.Context, e event.Event) error {
	var said struct{ Status string }
	if err := e.Decode(&said); err != nil {
		return err
	}
	return s.finished(ctx, e, "barometer.marked", "appointment", said.Status)
}

// finished counts a request that came to its end and invites who made it.
func (s *Service) finished(ctx context.Context, e event.Event, subscriber, kind, stage string) error {
	done := false
	for _, k := range s.kinds {
		done = done || k.Name == kind && k.Done(stage)
	}
	if !done {
		return nil
	}
	return s.bus.Once(ctx, e, subscriber, func(tx *store.Tx) error {
		d, err := s.dossiers.BySubject(ctx, tx, e.Subject)
		if errors.Is(err, store.ErrNotFound) {
			return nil // erased meanwhile: nobody to ask
		}
		if err != nil {
			return err
		}
		return s.invite(ctx, tx, d)
	})
}

// invite makes the one invitation of a request.
func (s *Service) invite(ctx context.Context, tx *store.Tx, d dossier.Dossier) error {
	w, err := s.where(ctx, tx)
	if err != nil {
		return err
	}
	month := monthOf(tx.Now(), w.Zone)
	fresh, err := s.guard(ctx, tx, month, d.SubjectRef)
	if err != nil || !fresh {
		return err
	}
	p := place{Service: d.Kind, Month: month, Source: string(Invited), Channel: string(d.Channel), Delay: delayOf(d)}
	if err := add(ctx, tx, p, cell{fieldFinished, ""}, 1); err != nil {
		return err
	}
	topic, err := s.topic(ctx, tx, d.Kind)
	if err != nil {
		return err
	}
	to, err := s.reach(ctx, tx, d)
	if err != nil {
		return err
	}
	if !topic.Asks() {
		return nil
	}
	if to, err = s.willing(ctx, tx, to); err != nil {
		return err
	}
	channels, err := s.hub.Reach(ctx, tx, noticeInvite, to)
	if err != nil || len(channels) == 0 {
		return err // neither address nor number: the counter gives a card
	}
	if err := add(ctx, tx, p, cell{fieldInvited, ""}, 1); err != nil {
		return err
	}
	seed := newSecret()
	_, key, err := s.issue(ctx, tx, w.Zone, token{Month: month, Service: p.Service, Source: p.Source, Channel: p.Channel, Delay: p.Delay}, seed)
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, w, to, topic, seed, key)
}

// tell queues the invitation and its reminder. Their subject names no request.
func (s *Service) tell(ctx context.Context, tx *store.Tx, w Where, to notify.To, t Topic, seed, key string) error {
	link := w.URL + "/avis/" + seed
	var name any = t.Label
	if t.key != "" { // written when the language of the addressee is known
		name = notify.Words(t.key)
	}
	data := map[string]any{"Service": name, "Link": link, "Bad": link + "?s=bad", "Medium": link + "?s=medium", "Good": link + "?s=good",
		"Refuse": w.URL + "/avis/refus/" + s.refusalCode(tx.Territory(), to)}
	end := tx.Now().AddDate(0, 0, window)
	for _, m := range []notify.Message{
		{Notice: noticeInvite, Key: key + ":1"},
		{Notice: noticeRemind, Key: key + ":2", At: tx.Now().Add(remindAfter)},
	} {
		m.To, m.Data, m.Deadline = to, data, end
		if err := s.hub.Send(ctx, tx, m); err != nil {
			return err
		}
	}
	return nil
}

// guard tells whether this request is asked about for the first time.
func (s *Service) guard(ctx context.Context, tx *store.Tx, month, subject string) (bool, error) {
	own, err := s.keyOf(ctx, tx, month)
	if err != nil {
		return false, err
	}
	keys, err := s.keys(ctx, tx, "")
	if err != nil {
		return false, err
	}
	for _, key := range keys {
		var n int
		if err := tx.Get(ctx, &n, `SELECT COUNT(*) FROM barometer_guard WHERE territory_id = @territory AND hash = ?`, hex.EncodeToString(seal(key, "guard", subject))); err != nil {
			return false, fmt.Errorf("barometer: looking for an invitation: %w", err)
		}
		if n > 0 {
			return false, nil
		}
	}
	n, err := tx.Exec(ctx, `INSERT INTO barometer_guard (territory_id, hash, month) VALUES (@territory, ?, ?) ON CONFLICT (territory_id, hash) DO NOTHING`,
		hex.EncodeToString(seal(own, "guard", subject)), month)
	if err != nil {
		return false, fmt.Errorf("barometer: noting an invitation: %w", err)
	}
	return n == 1, nil
}

// delayOf is whether the request was closed by the date it announced.
func delayOf(d dossier.Dossier) string {
	switch {
	case d.DueAt.IsZero() || d.ClosedAt.IsZero():
		return noDelay
	case d.ClosedAt.Before(d.DueAt):
		return inTime
	}
	return late
}

var seedInLink = regexp.MustCompile(`(/avis/)([A-Za-z0-9_-]{22})(\?|$|[^A-Za-z0-9_-])`)

// finish writes the token in place of its seed as the message leaves: the token
// is in no row and in no log.
func (s *Service) finish(ctx context.Context, tx *store.Tx, text string) (string, error) {
	if !strings.Contains(text, "/avis/") {
		return text, nil
	}
	keys, err := s.keys(ctx, tx, "")
	if err != nil {
		return "", err
	}
	for _, m := range seedInLink.FindAllStringSubmatch(text, 10) {
		for _, key := range keys {
			secret := grow(key, m[2])
			var n int
			if err := tx.Get(ctx, &n, `SELECT COUNT(*) FROM barometer_token WHERE territory_id = @territory AND hash = ?`, hashOf(key, secret)); err != nil {
				return "", fmt.Errorf("barometer: finishing a link: %w", err)
			}
			if n > 0 {
				text = strings.ReplaceAll(text, m[1]+m[2], m[1]+secret)
				break
			}
		}
	}
	return text, nil
}

// refusalCode is the secret of « ne plus me demander mon avis », per address.
func (s *Service) refusalCode(territory string, to notify.To) string {
	who := strings.ToLower(to.Email)
	if who == "" {
		who = to.Phone.E164()
	}
	return s.codeOf(territory, who)
}

func (s *Service) codeOf(territory, who string) string {
	return hex.EncodeToString(seal(s.secret, "refusal", territory+"\x00"+who)[:16])
}

var refusalForm = regexp.MustCompile(`^[0-9a-f]{32}$`)

// refusalHash is what the row keeps of a code: who reads the table cannot make
// the code again, nor the address.
func (s *Service) refusalHash(code string) string {
	return hex.EncodeToString(seal(s.secret, "refused", code))
}

// Refuse stops all invitations to an address. Twice changes nothing.
func (s *Service) Refuse(ctx context.Context, h store.Handle, code string) error {
	if !refusalForm.MatchString(code) {
		return store.ErrNotFound
	}
	return h.Update(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO barometer_refusal (territory_id, hash, refused_at) VALUES (@territory, ?, ?) ON CONFLICT (territory_id, hash) DO NOTHING`,
			s.refusalHash(code), tx.Now()); err != nil {
			return fmt.Errorf("barometer: keeping a refusal: %w", err)
		}
		return nil
	})
}

// willing takes away the address and the number that refused.
func (s *Service) willing(ctx context.Context, tx *store.Tx, to notify.To) (notify.To, error) {
	refused := func(who string) (bool, error) {
		if who == "" {
			return false, nil
		}
		var n int
		err := tx.Get(ctx, &n, `SELECT COUNT(*) FROM barometer_refusal WHERE territory_id = @territory AND hash = ?`, s.refusalHash(s.codeOf(tx.Territory(), who)))
		return n > 0, err
	}
	byMail, err := refused(strings.ToLower(to.Email))
	if err != nil {
		return to, fmt.Errorf("barometer: reading refusals: %w", err)
	}
	bySMS, err := refused(to.Phone.E164())
	if err != nil {
		return to, fmt.Errorf("barometer: reading refusals: %w", err)
	}
	if byMail || bySMS {
		return notify.To{Lang: to.Lang}, nil // one person, whatever the channel
	}
	return to, nil
}

// Card makes an invitation on paper, for somebody at the counter: its address
// is shown once and kept nowhere.
func (s *Service) Card(ctx context.Context, h store.Handle, service string, n int) (links []string, topic Topic, err error) {
	err = h.Update(ctx, func(tx *store.Tx) error {
		links = nil
		w, err := s.where(ctx, tx)
		if err != nil {
			return err
		}
		if topic, err = s.topic(ctx, tx, service); err != nil {
			return err
		}
		if !topic.Asks() {
			return ErrSpent
		}
		month := monthOf(tx.Now(), w.Zone)
		p := place{Service: topic.Name, Month: month, Source: string(Invited), Channel: string(dossier.Paper)}
		if err := add(ctx, tx, p, cell{fieldInvited, ""}, n); err != nil {
			return err
		}
		for range n {
			secret, _, err := s.issue(ctx, tx, w.Zone, token{Month: month, Service: p.Service, Source: p.Source, Channel: p.Channel}, "")
			if err != nil {
				return err
			}
			links = append(links, w.URL+"/avis/"+secret)
		}
		return nil
	})
	return links, topic, err
}
