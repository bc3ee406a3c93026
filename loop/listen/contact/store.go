package contact

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"parvis/core/link"
	"parvis/engine/dossier"
	"parvis/platform/fault"
	"parvis/platform/search"
	"parvis/platform/store"
)

const columns = `id, key, channel, kind, state, text, area, sender, inbound_id, subject_ref, number, batch_id, keyed_by, automatic, said_on, received_at`

// add keeps a contribution under its key: one that is known already changes
// nothing and is returned as it is, with false.
func (s *Service) add(ctx context.Context, tx *store.Tx, e Entry) (Entry, bool, error) {
	e.ID, e.ReceivedAt = store.NewID(), tx.Now()
	if e.State == "" {
		e.State = Open
	}
	n, err := tx.Exec(ctx, `INSERT INTO contact_entry (territory_id, text_fold, `+columns+`) VALUES (@territory, ?, `+store.In(16)+`) ON CONFLICT (territory_id, key) DO NOTHING`,
		search.Fold(e.Text), e.ID, e.Key, string(e.Channel), string(e.Kind), string(e.State), e.Text, e.Area, e.Sender, e.InboundID, e.SubjectRef, e.Number, e.BatchID, e.KeyedBy, e.Automatic, e.SaidOn, e.ReceivedAt)
	if err != nil {
		return e, false, fmt.Errorf("contact: keeping a contribution: %w", err)
	}
	if n == 0 {
		err := tx.Get(ctx, &e, `SELECT `+columns+` FROM contact_entry WHERE territory_id = @territory AND key = ?`, e.Key)
		return e, false, err
	}
	return e, true, s.bus.Append(ctx, tx, "contact.received", string(link.To("contribution", e.ID)), map[string]any{"channel": e.Channel, "kind": e.Kind})
}

// Person is who wants an answer, as far as they said.
type Person struct{ Phone, Email, Lang string }

// open makes a request of a contribution, so that it has a number, a date and
// somebody who answers. Reports go where app/ wires them.
func (s *Service) open(ctx context.Context, tx *store.Tx, e Entry, p Person) (Entry, error) {
	by := dossier.Author{Kind: dossier.Resident}
	if e.KeyedBy != 0 {
		by = dossier.Author{Kind: dossier.Staff, ID: e.KeyedBy}
	}
	if e.Kind == Report && s.report != nil {
		ref, number, err := s.report(ctx, tx, Reported{Text: e.Text, Place: e.Area, Channel: e.Channel.dossier(), Person: p, Staff: e.KeyedBy, Key: e.Key})
		if err != nil && fault.Of(err) == nil {
			return e, err
		}
		if err == nil {
			e.SubjectRef, e.Number = ref, number
			return s.tie(ctx, tx, e)
		}
		// What reports refuse is still somebody's words: a person reads them.
	}
	title := e.Text
	if r := []rune(title); len(r) > 80 {
		title = string(r[:79]) + "…"
	}
	d, err := s.dossiers.Open(ctx, tx, dossier.Opening{Kind: DossierName, Subject: string(link.To(DossierName, e.ID)), Title: title, Channel: e.Channel.dossier(), By: by, Phone: p.Phone, Email: p.Email, Text: e.Text})
	if err != nil {
		return e, fmt.Errorf("contact: opening a request: %w", err)
	}
	e.SubjectRef, e.Number = d.SubjectRef, d.Number
	return s.tie(ctx, tx, e)
}

func (s *Service) tie(ctx context.Context, tx *store.Tx, e Entry) (Entry, error) {
	e.State = Done // the request goes on; nothing waits in the ledger
	if _, err := tx.Exec(ctx, `UPDATE contact_entry SET subject_ref = ?, number = ?, state = ? WHERE territory_id = @territory AND id = ?`, e.SubjectRef, e.Number, string(e.State), e.ID); err != nil {
		return e, fmt.Errorf("contact: tying a contribution: %w", err)
	}
	return e, nil
}

// Get finds one; store.ErrNotFound.
func (s *Service) Get(ctx context.Context, tx *store.Tx, id store.ID) (Entry, error) {
	var e Entry
	err := tx.Get(ctx, &e, `SELECT `+columns+` FROM contact_entry WHERE territory_id = @territory AND id = ?`, id)
	return e, err
}

// Filter chooses contributions. Zero: all but those undone.
type Filter struct {
	State   State
	Channel Channel
	Kind    Kind
	Text    string
	Batch   store.ID
	Sender  string
	Before  store.ID
}

// List lists contributions, newest first, at most limit.
func (s *Service) List(ctx context.Context, tx *store.Tx, f Filter, limit int) ([]Entry, error) {
	if f.Before == 0 {
		f.Before = math.MaxInt64
	}
	where, args := `id < ?`, []any{f.Before}
	and := func(clause string, v any) { where, args = where+" AND "+clause, append(args, v) }
	if f.State != "" {
		and(`state = ?`, string(f.State))
	} else {
		where += ` AND state <> 'undone'`
	}
	if f.Channel != "" {
		and(`channel = ?`, string(f.Channel))
	}
	if f.Kind != "" {
		and(`kind = ?`, string(f.Kind))
	}
	if f.Batch != 0 {
		and(`batch_id = ?`, f.Batch)
	}
	if f.Sender != "" {
		and(`sender = ?`, f.Sender)
	}
	if t := search.Fold(f.Text); t != "" {
		and(`text_fold LIKE ? ESCAPE '!'`, "%"+like(t)+"%")
	}
	var out []Entry
	err := tx.Select(ctx, &out, `SELECT `+columns+` FROM contact_entry WHERE territory_id = @territory AND `+where+` ORDER BY id DESC LIMIT ?`, append(args, limit)...)
	if err != nil {
		return nil, fmt.Errorf("contact: listing: %w", err)
	}
	return out, nil
}

// Count is how many contributions came by each channel in [from, to).
func (s *Service) Count(ctx context.Context, tx *store.Tx, from, to time.Time) (map[Channel]int, error) {
	out := map[Channel]int{}
	err := tx.Each(ctx, `SELECT channel, COUNT(*) FROM contact_entry WHERE territory_id = @territory AND received_at >= ? AND received_at < ? AND state <> 'undone' GROUP BY channel`, []any{from, to}, func(scan func(...any) error) error {
		var c string
		var n int
		err := scan(&c, &n)
		out[Channel(c)] = n
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("contact: counting: %w", err)
	}
	return out, nil
}

// Settle closes a contribution that asked for nothing more.
func (s *Service) Settle(ctx context.Context, h store.Handle, id store.ID) error {
	return h.Update(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE contact_entry SET state = 'done' WHERE territory_id = @territory AND id = ? AND state = 'open'`, id)
		if err != nil || n > 0 {
			return err
		}
		_, err = s.Get(ctx, tx, id)
		return err
	})
}

// Convert makes a request of a contribution that is open: somebody will answer.
func (s *Service) Convert(ctx context.Context, h store.Handle, id, by store.ID, kind Kind) (Entry, error) {
	var e Entry
	err := h.Update(ctx, func(tx *store.Tx) (err error) {
		if e, err = s.Get(ctx, tx, id); err != nil {
			return err
		}
		if e.SubjectRef != "" || e.State == Undone {
			return fault.New(fault.Conflict, "contact.error.open")
		}
		p, err := s.person(ctx, tx, e)
		if err != nil {
			return err
		}
		e.Kind = kind
		if err := e.check(); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE contact_entry SET kind = ? WHERE territory_id = @territory AND id = ?`, string(kind), id); err != nil {
			return fmt.Errorf("contact: converting: %w", err)
		}
		keyed := e.KeyedBy
		if e.KeyedBy == 0 {
			e.KeyedBy = by
		}
		e, err = s.open(ctx, tx, e, p)
		e.KeyedBy = keyed
		return err
	})
	return e, err
}

// person is who sent an SMS, while its number is kept.
func (s *Service) person(ctx context.Context, tx *store.Tx, e Entry) (Person, error) {
	if e.InboundID == 0 {
		return Person{}, nil
	}
	in, err := s.hub.Inbound(ctx, tx, e.InboundID)
	if errors.Is(err, store.ErrNotFound) {
		return Person{}, nil
	}
	return Person{Phone: in.Phone.E164(), Lang: "fr"}, err
}

// purge erases what people wrote, two years after: the counts stay.
func purge(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	return tx.Exec(ctx, `UPDATE contact_entry SET text = '', text_fold = '', sender = '', area = '', inbound_id = 0 WHERE territory_id = @territory AND id IN
		(SELECT id FROM contact_entry WHERE territory_id = @territory AND received_at < ? AND (text <> '' OR sender <> '') LIMIT ?)`, before, limit)
}
