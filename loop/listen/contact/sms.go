package contact

import (
	"context"
	"fmt"
	"strings"

	"parvis/core/notify"
	"parvis/platform/event"
	"parvis/platform/job"
	"parvis/platform/search"
	"parvis/platform/sms"
	"parvis/platform/store"
)

// dailyRequests bounds the requests one number may open in a day by SMS; the
// texts beyond are kept in its thread and answered by nobody but a person.
const dailyRequests = 5

// onSMS files what somebody wrote: a keyword opens a request, which is
// acknowledged with its number; anything else waits for a person, with the
// thread. OUI, NON, STOP, AIDE and choices in a list belong to others.
func (s *Service) onSMS(ctx context.Context, e event.Event) error {
	var said notify.Received
	if err := e.Decode(&said); err != nil {
		return err
	}
	_, raw, _ := strings.Cut(e.Subject, ":")
	id, err := store.ParseID(raw)
	if err != nil {
		return job.Dead(fmt.Errorf("contact: an SMS without number: %w", err))
	}
	if said.Keyword != sms.WordNone {
		return nil
	}
	return s.bus.Once(ctx, e, "contact.sms", func(tx *store.Tx) error {
		in, err := s.hub.Inbound(ctx, tx, id)
		if err != nil {
			return err
		}
		if len(said.About) > 0 && choice(in.Text) {
			return nil
		}
		words, err := s.Words(ctx, tx)
		if err != nil {
			return err
		}
		kind, text := words.Read(in.Text)
		x := Entry{Key: "sms:" + id.String(), Channel: SMS, Kind: kind, Text: clip(text), InboundID: id, Sender: s.hub.Hash(in.Phone.E164())}
		if x, _, err = s.add(ctx, tx, x); err != nil || kind == Message || text == "" {
			return err
		}
		if !in.Phone.SMSAllowed() { // a short number cannot be answered: somebody looks
			return nil
		}
		var today int
		if err := tx.Get(ctx, &today, `SELECT COUNT(*) FROM contact_entry WHERE territory_id = @territory AND sender = ? AND received_at > ? AND subject_ref <> ''`, x.Sender, tx.Now().AddDate(0, 0, -1)); err != nil {
			return err
		}
		if today >= dailyRequests {
			return nil
		}
		_, err = s.open(ctx, tx, x, Person{Phone: in.Phone.E164(), Lang: "fr"})
		return err
	})
}

// choice tells a bare number: « 2 » chooses in a list of another service, and so
// do « OUI 2 » and « NON 2 ».
func choice(text string) bool {
	digits := 0
	rest := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			digits++
			return -1
		}
		return r
	}, text)
	word := sms.Keyword(rest)
	return digits > 0 && digits <= 2 && (strings.TrimSpace(rest) == "" || word == sms.WordYes || word == sms.WordNo)
}

func clip(text string) string {
	if r := []rune(text); len(r) > longest {
		return string(r[:longest])
	}
	return text
}

// Understands tells whether a text begins with a keyword of the territory: the
// hub then leaves the answer to this service.
func (s *Service) Understands(ctx context.Context, tx *store.Tx, text string) (bool, error) {
	words, err := s.Words(ctx, tx)
	if err != nil {
		return false, err
	}
	kind, rest := words.Read(text)
	return kind != Message && rest != "", nil
}

// Words are the keywords of the territory; those of everybody when it chose none.
func (s *Service) Words(ctx context.Context, tx *store.Tx) (Words, error) {
	out := Words{}
	err := tx.Each(ctx, `SELECT word, kind FROM contact_word WHERE territory_id = @territory LIMIT 200`, nil, func(scan func(...any) error) error {
		var word, kind string
		err := scan(&word, &kind)
		out[word] = Kind(kind)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("contact: reading keywords: %w", err)
	}
	if len(out) == 0 {
		return defaults(), nil
	}
	return out, nil
}

// SaveWords replaces the keywords of a territory: for each kind, words parted by
// spaces or commas. The four words of everybody cannot be taken.
func (s *Service) SaveWords(ctx context.Context, h store.Handle, typed map[Kind]string) error {
	words := Words{}
	for kind, list := range typed {
		for _, w := range strings.FieldsFunc(list, func(r rune) bool { return strings.ContainsRune(" ,;\n\t", r) }) {
			f := search.Fold(tidy(w))
			if f == "" || len(f) > 30 || strings.ContainsRune(f, ' ') {
				return field(string(kind), "contact.error.word")
			}
			if sms.Keyword(w) != sms.WordNone {
				return field(string(kind), "contact.error.reserved", "Word", w)
			}
			if other, twice := words[f]; twice && other != kind {
				return field(string(kind), "contact.error.twice", "Word", w)
			}
			words[f] = kind
		}
	}
	return h.Update(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM contact_word WHERE territory_id = @territory`); err != nil {
			return err
		}
		for w, kind := range words {
			if _, err := tx.Exec(ctx, `INSERT INTO contact_word (territory_id, word, kind) VALUES (@territory, ?, ?)`, w, string(kind)); err != nil {
				return fmt.Errorf("contact: keeping keywords: %w", err)
			}
		}
		return nil
	})
}

// Line is one SMS of a thread: from the person, or to them.
type Line struct {
	Ours bool
	Text string
	At   string // RFC 3339, for order
}

// Reply writes back to who sent an SMS. Conflict when the number is no longer
// known.
func (s *Service) Reply(ctx context.Context, h store.Handle, id, by store.ID, text string) error {
	text = tidy(text)
	if text == "" || len([]rune(text)) > 612 {
		return field("reply", "contact.error.reply")
	}
	return h.Update(ctx, func(tx *store.Tx) error {
		e, err := s.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		in, err := s.hub.Inbound(ctx, tx, e.InboundID)
		if err != nil || in.Phone.IsZero() {
			return field("reply", "contact.error.unknown")
		}
		if err := s.hub.Send(ctx, tx, notify.Message{Notice: noticeReply, To: notify.To{Phone: in.Phone, Lang: "fr"}, Subject: "contribution:" + id.String(),
			Data: map[string]any{"Text": text}, Key: "contact:reply:" + id.String() + ":" + store.NewID().String()}); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE contact_entry SET state = 'done' WHERE territory_id = @territory AND id = ? AND state = 'open'`, id)
		return err
	})
}
