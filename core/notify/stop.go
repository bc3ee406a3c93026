package notify

import (
	"context"
	"fmt"
	"math"
	"time"

	"parvis/platform/phone"
	"parvis/platform/store"
)

// Stop is one number's wish not to be written to by SMS.
type Stop struct {
	ID        store.ID
	Phone     phone.Number
	Source    string // "sms", "provider", "staff"
	StartedAt time.Time
	EndedAt   time.Time // zero while it holds
}

// Suppressed tells whether the number said STOP to the territory of the
// transaction.
func (h *Hub) Suppressed(ctx context.Context, tx *store.Tx, n phone.Number) (bool, error) {
	var k int
	err := tx.Get(ctx, &k, `SELECT COUNT(*) FROM message_stop WHERE territory_id = @territory AND phone = ? AND ended_at IS NULL`, n)
	if err != nil {
		return false, fmt.Errorf("notify: reading the STOP list: %w", err)
	}
	return k > 0, nil
}

// Suppress puts the number on the STOP list of the territory of the
// transaction. added is false when it was on it already.
func (h *Hub) Suppress(ctx context.Context, tx *store.Tx, n phone.Number, source string) (id store.ID, added bool, err error) {
	id = store.NewID()
	k, err := tx.Exec(ctx, `INSERT INTO message_stop (territory_id, id, phone, source, started_at, ended_by) VALUES (@territory, ?, ?, ?, ?, 0)
		ON CONFLICT (territory_id, phone) WHERE ended_at IS NULL DO NOTHING`, id, n, source, tx.Now())
	if err != nil {
		return 0, false, fmt.Errorf("notify: writing the STOP list: %w", err)
	}
	return id, k == 1, nil
}

// Resume takes the number off the STOP list, because the person asked a member
// of staff for messages again. store.ErrNotFound when it is not on it.
func (h *Hub) Resume(ctx context.Context, tx *store.Tx, id, by store.ID) error {
	k, err := tx.Exec(ctx, `UPDATE message_stop SET ended_at = ?, ended_by = ? WHERE territory_id = @territory AND id = ? AND ended_at IS NULL`,
		tx.Now(), by, id)
	if err != nil {
		return fmt.Errorf("notify: writing the STOP list: %w", err)
	}
	if k == 0 {
		return store.ErrNotFound
	}
	return nil
}

// Stops lists the numbers of the STOP list, newest first, at most limit of
// those before the given one (0: from the start).
func (h *Hub) Stops(ctx context.Context, tx *store.Tx, before store.ID, limit int) ([]Stop, error) {
	var out []Stop
	err := tx.Select(ctx, &out, `SELECT id, phone, source, started_at, ended_at FROM message_stop
		WHERE territory_id = @territory AND ended_at IS NULL AND id < ? ORDER BY id DESC LIMIT ?`, upTo(before), limit)
	if err != nil {
		return nil, fmt.Errorf("notify: listing the STOP list: %w", err)
	}
	return out, nil
}

// upTo is the bound of a list that starts before an identifier, or at the newest.
func upTo(before store.ID) store.ID {
	if before == 0 {
		return math.MaxInt64
	}
	return before
}
