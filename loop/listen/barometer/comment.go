package barometer

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"parvis/platform/fault"
	"parvis/platform/store"
)

// State is where a comment stands.
type State string

// The states.
const (
	Waiting   State = "waiting"
	Published State = "published" // as its author wrote it
	Hidden    State = "masked"    // published with what was hidden in it
	Refused   State = "refused"
)

// States lists them in the order of the page.
func States() []State { return []State{Waiting, Published, Hidden, Refused} }

// Comment is what somebody wrote, without who.
type Comment struct {
	ID           store.ID
	Field        string
	Service      string
	Month        string
	Satisfaction Satisfaction
	Text         string // as written: for the staff of the service
	Shown        string // masked: for everybody once published
	Flags        string // separated by spaces
	State        State
	Reason       string
	Reply        string
	RepliedAt    time.Time
	ActionID     store.ID
	DecidedAt    time.Time
}

// Public is the text that everybody reads; "" while nothing is published.
func (c Comment) Public() string {
	switch c.State {
	case Published:
		return c.Text
	case Hidden:
		return c.Shown
	}
	return ""
}

const commentColumns = `id, field, service, month, satisfaction, text, shown, flags, state, reason, reply, replied_at, action_id, decided_at`

// keepComment keeps a comment, waiting; changed later in the form it waits again.
func (s *Service) keepComment(ctx context.Context, tx *store.Tx, a Answer, field, text string) error {
	m := s.masker.mask(text)
	flags := make([]string, len(m.Flags))
	for i, f := range m.Flags {
		flags[i] = string(f)
	}
	_, err := tx.Exec(ctx, `INSERT INTO barometer_comment (territory_id, id, answer_id, field, service, month, satisfaction, text, shown, flags, state, reason, reply, action_id, decided_by)
		VALUES (@territory, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', '', '', 0, 0)
		ON CONFLICT (territory_id, answer_id, field) DO UPDATE SET text = excluded.text, shown = excluded.shown, flags = excluded.flags, state = 'waiting', satisfaction = excluded.satisfaction`,
		drawn(), a.ID, field, a.Service, a.Month, int(a.Satisfaction), text, m.Text, strings.Join(flags, " "))
	if err != nil {
		return fmt.Errorf("barometer: keeping a comment: %w", err)
	}
	return nil
}

// CommentFilter chooses comments. Zero: all.
type CommentFilter struct {
	State   State
	Service string
	// Public keeps what everybody may read.
	Public      bool
	BeforeMonth string // with Before, the keyset of the page
	Before      store.ID
}

// Comments lists comments, the newest month first, at most limit.
func (s *Service) Comments(ctx context.Context, tx *store.Tx, f CommentFilter, limit int) ([]Comment, error) {
	if f.BeforeMonth == "" {
		f.BeforeMonth, f.Before = "9999-99", math.MaxInt64
	}
	where, args := `(month < ? OR month = ? AND id < ?)`, []any{f.BeforeMonth, f.BeforeMonth, f.Before}
	if f.State != "" {
		where, args = where+` AND state = ?`, append(args, string(f.State))
	}
	if f.Public {
		where += ` AND state IN ('published', 'masked') AND field = 'verbatim'`
	}
	if f.Service != "" {
		where, args = where+` AND service = ?`, append(args, f.Service)
	}
	var out []Comment
	err := tx.Select(ctx, &out, `SELECT `+commentColumns+` FROM barometer_comment WHERE territory_id = @territory AND `+where+` ORDER BY month DESC, id DESC LIMIT ?`, append(args, limit)...)
	if err != nil {
		return nil, fmt.Errorf("barometer: listing comments: %w", err)
	}
	return out, nil
}

// comment finds one.
func (s *Service) comment(ctx context.Context, tx *store.Tx, id store.ID) (Comment, error) {
	var c Comment
	err := tx.Get(ctx, &c, `SELECT `+commentColumns+` FROM barometer_comment WHERE territory_id = @territory AND id = ?`, id)
	return c, err
}

// waiting counts the comments nobody has decided about.
func (s *Service) waiting(ctx context.Context, tx *store.Tx) (n int, err error) {
	err = tx.Get(ctx, &n, `SELECT COUNT(*) FROM barometer_comment WHERE territory_id = @territory AND state = 'waiting'`)
	return n, err
}

// Decision is what staff say about a comment.
type Decision struct {
	State  State
	Shown  string // the masked text, as corrected by hand
	Reason string // required to refuse
	Reply  string // public; optional
	Action store.ID
	By     store.ID
}

// Decide publishes, masks or refuses. Invalid names the field.
func (s *Service) Decide(ctx context.Context, h store.Handle, id store.ID, d Decision) error {
	var wrong fault.Fields
	d.Shown, d.Reason, d.Reply = clean(d.Shown), clean(d.Reason), clean(d.Reply)
	switch d.State {
	case Published, Hidden:
	case Refused:
		if d.Reason == "" {
			wrong.Add("reason", "barometer.error.reason")
		}
	default:
		wrong.Add("state", "barometer.error.state")
	}
	if d.State == Hidden && d.Shown == "" {
		wrong.Add("shown", "barometer.error.shown")
	}
	for field, text := range map[string]string{"shown": d.Shown, "reason": d.Reason, "reply": d.Reply} {
		if utf8.RuneCountInString(text) > longestComment {
			wrong.Add(field, "barometer.error.long", "Max", longestComment)
		}
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	return h.Update(ctx, func(tx *store.Tx) error {
		c, err := s.comment(ctx, tx, id)
		if err != nil {
			return err
		}
		if c.Text == "" && d.State == Published {
			return fault.New(fault.Gone, "barometer.error.erased")
		}
		replied := c.RepliedAt
		if d.Reply != c.Reply {
			replied = tx.Now()
		}
		if d.Reply == "" {
			replied = time.Time{}
		}
		_, err = tx.Exec(ctx, `UPDATE barometer_comment SET state = ?, shown = CASE WHEN ? <> '' THEN ? ELSE shown END, reason = ?, reply = ?, replied_at = ?, action_id = ?, decided_at = ?, decided_by = ?
			WHERE territory_id = @territory AND id = ?`, string(d.State), d.Shown, d.Shown, d.Reason, d.Reply, replied, d.Action, tx.Now(), d.By, id)
		if err != nil {
			return fmt.Errorf("barometer: deciding: %w", err)
		}
		return nil
	})
}

// eraseRefused empties the comments refused for a month: what is not published
// is not kept. Those published with something hidden keep what is shown.
func eraseRefused(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	n, err := tx.Exec(ctx, `UPDATE barometer_comment SET text = '', shown = '' WHERE territory_id = @territory AND id IN
		(SELECT id FROM barometer_comment WHERE territory_id = @territory AND state = 'refused' AND text <> '' AND decided_at < ? LIMIT ?)`, before, limit)
	if err != nil {
		return n, fmt.Errorf("barometer: erasing refused comments: %w", err)
	}
	m, err := tx.Exec(ctx, `UPDATE barometer_comment SET text = shown WHERE territory_id = @territory AND id IN
		(SELECT id FROM barometer_comment WHERE territory_id = @territory AND state = 'masked' AND text <> shown AND decided_at < ? LIMIT ?)`, before, limit)
	if err != nil {
		return n, fmt.Errorf("barometer: erasing what was masked: %w", err)
	}
	return n + m, nil
}

// Contact is somebody who asked, apart from any answer, to be called back.
type Contact struct {
	ID      store.ID
	Service string
	Email   string
	Text    string
	AskedAt time.Time
	DoneAt  time.Time
}

// AskContact keeps the wish of somebody to be written to. It is tied to the
// service, not to the answer.
func (s *Service) AskContact(ctx context.Context, h store.Handle, c Contact) error {
	return h.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO barometer_contact (territory_id, id, service, email, text, asked_at, done_by) VALUES (@territory, ?, ?, ?, ?, ?, 0)`,
			store.NewID(), c.Service, c.Email, c.Text, tx.Now().Truncate(24*time.Hour))
		if err != nil {
			return fmt.Errorf("barometer: keeping a wish to be contacted: %w", err)
		}
		return nil
	})
}

// Contacts lists those who asked, the open ones first.
func (s *Service) Contacts(ctx context.Context, tx *store.Tx, limit int) ([]Contact, error) {
	var out []Contact
	err := tx.Select(ctx, &out, `SELECT id, service, email, text, asked_at, done_at FROM barometer_contact WHERE territory_id = @territory
		ORDER BY CASE WHEN done_at IS NULL THEN 0 ELSE 1 END, asked_at, id LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("barometer: listing contacts: %w", err)
	}
	return out, nil
}

// ContactDone notes that somebody was written to.
func (s *Service) ContactDone(ctx context.Context, h store.Handle, id, by store.ID) error {
	return h.Update(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE barometer_contact SET done_at = ?, done_by = ? WHERE territory_id = @territory AND id = ?`, tx.Now(), by, id)
		if err == nil && n == 0 {
			err = store.ErrNotFound
		}
		return err
	})
}
