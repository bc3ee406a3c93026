package notify

import (
	"context"
	"fmt"

	"parvis/platform/phone"
	"parvis/platform/store"
)

// Written lists the messages sent to a person, newest first, at most limit. An
// empty address or number is left aside.
func (h *Hub) Written(ctx context.Context, tx *store.Tx, email string, n phone.Number, limit int) ([]Entry, error) {
	hashes := h.hashes(email, n)
	if len(hashes) == 0 {
		return nil, nil
	}
	var out []Entry
	err := tx.Select(ctx, &out, `SELECT `+entryColumns+` FROM message
		WHERE territory_id = @territory AND recipient_hash IN (`+store.In(len(hashes))+`) ORDER BY id DESC LIMIT ?`, append(hashes, limit)...)
	if err != nil {
		return nil, fmt.Errorf("notify: listing a person's messages: %w", err)
	}
	return out, nil
}

// Forget erases who the messages of a person were for, what they said, and what
// the person answered. What still waits is cancelled. A STOP stays: it must be
// honoured whoever writes next.
func (h *Hub) Forget(ctx context.Context, tx *store.Tx, email string, n phone.Number) error {
	hashes := h.hashes(email, n)
	if len(hashes) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE message SET recipient = NULL, recipient_name = NULL, recipient_hash = '', title = NULL, body = NULL, layout = NULL, reply_to = '', ics = NULL,
			subject_ref = '', state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END
		WHERE territory_id = @territory AND recipient_hash IN (`+store.In(len(hashes))+`)`, hashes...)
	if err == nil && !n.IsZero() {
		_, err = tx.Exec(ctx, `UPDATE message_inbound SET phone = NULL, text = NULL WHERE territory_id = @territory AND phone = ?`, n)
	}
	if err != nil {
		return fmt.Errorf("notify: forgetting a person: %w", err)
	}
	return nil
}

func (h *Hub) hashes(email string, n phone.Number) []any {
	var out []any
	if email != "" {
		out = append(out, h.hash(email))
	}
	if !n.IsZero() {
		out = append(out, h.hash(n.E164()))
	}
	return out
}
