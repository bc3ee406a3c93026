package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"parvis/platform/fault"
	"parvis/platform/sms"
	"parvis/platform/store"
)

// Entry is one message as the delivery log shows it. Title and Body are empty
// when the notice is sensitive or the text is erased.
type Entry struct {
	ID          store.ID
	Rank        int // 0: somebody has to look
	Notice      string
	Channel     Channel
	Lang        string
	SubjectRef  string
	Recipient   string // empty after six months
	Name        string
	Title, Body string
	Urgent      bool
	Sensitive   bool
	OverStop    bool
	Encoding    string
	Parts       int
	Cost        sms.Cost
	State       State
	Reason      string
	Error       string
	Attempts    int
	HasText     bool // it could be sent again
	CreatedAt   time.Time
	DueAt       time.Time
	DeadlineAt  time.Time
	JobAt       time.Time
	SendingAt   time.Time
	SentAt      time.Time
	DeliveredAt time.Time
}

// CanResend tells whether staff may send the message again at now.
func (e Entry) CanResend(now time.Time) bool {
	return (e.State == Failed || e.State == Doubtful) && e.HasText && (e.DeadlineAt.IsZero() || now.Before(e.DeadlineAt))
}

const entryColumns = `id, rank, notice, channel, lang, subject_ref, COALESCE(recipient, '') AS recipient, COALESCE(recipient_name, '') AS name,
	CASE WHEN sensitive THEN '' ELSE COALESCE(title, '') END AS title, CASE WHEN sensitive THEN '' ELSE COALESCE(body, '') END AS body,
	urgent, sensitive, over_stop, encoding, parts, cost, state, reason, error, attempts, body IS NOT NULL AND (channel = 'sms' OR layout IS NOT NULL) AS has_text,
	created_at, due_at, deadline_at, job_at, sending_at, sent_at, delivered_at`

// Filter narrows the log; empty fields take everything.
type Filter struct {
	State     State
	Channel   Channel
	Notice    string
	Subject   string
	Recipient string // exact: an address, or a number in E.164
}

// Cursor is a place in the log: the last entry of the page before. Zero: the start.
type Cursor struct {
	Rank int
	ID   store.ID
}

// Log lists messages of the territory of the transaction: those somebody has to
// look at first, then newest first, at most limit after the cursor.
func (h *Hub) Log(ctx context.Context, tx *store.Tx, f Filter, after Cursor, limit int) ([]Entry, error) {
	where, args := []string{"territory_id = @territory"}, []any{}
	add := func(condition string, a ...any) {
		where = append(where, condition)
		args = append(args, a...)
	}
	if f.State != "" {
		add("state = ?", f.State)
	}
	if f.Channel != "" {
		add("channel = ?", f.Channel)
	}
	if f.Notice != "" {
		add("notice = ?", f.Notice)
	}
	if f.Subject != "" {
		add("subject_ref = ?", f.Subject)
	}
	if f.Recipient != "" {
		add("recipient_hash = ?", h.hash(f.Recipient))
	}
	if after.ID != 0 {
		add("(rank > ? OR (rank = ? AND id < ?))", after.Rank, after.Rank, after.ID)
	}
	var out []Entry
	err := tx.Select(ctx, &out, `SELECT `+entryColumns+` FROM message WHERE `+strings.Join(where, " AND ")+` ORDER BY rank, id DESC LIMIT ?`, append(args, limit)...)
	if err != nil {
		return nil, fmt.Errorf("notify: listing messages: %w", err)
	}
	return out, nil
}

// Entry reads one message of the territory of the transaction.
func (h *Hub) Entry(ctx context.Context, tx *store.Tx, id store.ID) (Entry, error) {
	var e Entry
	err := tx.Get(ctx, &e, `SELECT `+entryColumns+` FROM message WHERE territory_id = @territory AND id = ?`, id)
	if err != nil {
		return e, fmt.Errorf("notify: reading a message: %w", err)
	}
	return e, nil
}

// Count is how many messages stand in a state.
type Count struct {
	State    State
	Channel  Channel
	Messages int
}

// Counts counts the messages of the territory of the transaction that were
// queued since then.
func (h *Hub) Counts(ctx context.Context, tx *store.Tx, since time.Time) ([]Count, error) {
	var out []Count
	err := tx.Select(ctx, &out, `SELECT state, channel, COUNT(*) AS messages FROM message
		WHERE territory_id = @territory AND created_at >= ? GROUP BY state, channel ORDER BY state, channel`, since)
	if err != nil {
		return nil, fmt.Errorf("notify: counting messages: %w", err)
	}
	return out, nil
}

// Attention counts the messages that somebody has to look at.
func (h *Hub) Attention(ctx context.Context, tx *store.Tx) (int, error) {
	var n int
	if err := tx.Get(ctx, &n, `SELECT COUNT(*) FROM message WHERE territory_id = @territory AND rank = 0`); err != nil {
		return 0, fmt.Errorf("notify: counting messages: %w", err)
	}
	return n, nil
}

// Resend queues a failed or doubtful message again, because a member of staff
// decided so. The mail keeps its Message-ID. Conflict when it is in another
// state, Gone when its text is erased or its deadline has passed.
func (h *Hub) Resend(ctx context.Context, tx *store.Tx, id store.ID) error {
	e, err := h.Entry(ctx, tx, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return fault.New(fault.NotFound, "")
	case err != nil:
		return err
	case e.State != Failed && e.State != Doubtful:
		return fault.New(fault.Conflict, "notify.error.state")
	case !e.CanResend(tx.Now()):
		return fault.New(fault.Gone, "notify.error.late")
	}
	n, err := tx.Exec(ctx, `UPDATE message SET state = 'queued', reason = '', error = '', rank = 1, attempts = 0, due_at = ?, job_at = ?
		WHERE territory_id = @territory AND id = ? AND state = ?`, tx.Now(), tx.Now(), id, e.State)
	if err != nil {
		return fmt.Errorf("notify: sending again: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "notify.error.state")
	}
	return h.schedule(ctx, tx, id, tx.Now())
}

// Handled takes a message off the list of those to look at.
func (h *Hub) Handled(ctx context.Context, tx *store.Tx, id store.ID) error {
	n, err := tx.Exec(ctx, `UPDATE message SET rank = 1 WHERE territory_id = @territory AND id = ? AND rank = 0`, id)
	if err != nil {
		return fmt.Errorf("notify: putting a message away: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "notify.error.state")
	}
	return nil
}
