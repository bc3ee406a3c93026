package notify

import (
	"context"
	"fmt"
	"time"

	"parvis/platform/sms"
	"parvis/platform/store"
)

const (
	sweepKind  = "notify.sweep"
	sweepEvery = 5 * time.Minute
	sweepBatch = 500

	// strayAfter is how long after the hour of its job a message that is neither
	// sent nor planned again gets a new one. A job may only be slow: enqueuing one
	// too many is harmless, the row decides.
	strayAfter = 30 * time.Minute

	keepAside = 30 * 24 * time.Hour // calls that belong to nobody
	keepSeen  = 60 * 24 * time.Hour // keys of calls, against those delivered twice
	// staleAfter is when what failed stops being shown first.
	staleAfter = 30 * 24 * time.Hour
)

// sweep looks after what was left behind: messages whose job was lost, reports
// that came before we knew the message, what is old.
func (h *Hub) sweep(ctx context.Context) error {
	return h.all().Update(ctx, func(tx *store.Tx) error {
		for _, step := range []func(context.Context, *store.Tx) error{h.recallStrays, h.matchAside, h.tidy} {
			if err := step(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// recallStrays gives messages without a job a new one.
func (h *Hub) recallStrays(ctx context.Context, tx *store.Tx) error {
	var strays []struct {
		TerritoryID string
		ID          store.ID
	}
	err := tx.Select(ctx, &strays, `SELECT territory_id, id FROM message WHERE state IN ('queued', 'sending') AND job_at < ?
		ORDER BY job_at LIMIT ?`, tx.Now().Add(-strayAfter), sweepBatch)
	if err != nil {
		return fmt.Errorf("notify: looking for stray messages: %w", err)
	}
	for _, s := range strays {
		if err := h.again(ctx, tx.Bind(s.TerritoryID), s.ID, tx.Now()); err != nil {
			return err
		}
	}
	return nil
}

// matchAside applies the delivery reports that came before the provider's
// answer to the call that sent the message.
func (h *Hub) matchAside(ctx context.Context, tx *store.Tx) error {
	var found []struct {
		ID, MessageID  store.ID
		TerritoryID    string
		Status, Detail string
		ReceivedAt     time.Time
	}
	err := tx.Select(ctx, &found, `SELECT a.id, m.id AS message_id, m.territory_id, a.status, a.detail, a.received_at
		FROM message_aside a JOIN message m ON m.provider_id = a.provider_id
		WHERE a.kind = 'delivery' ORDER BY a.id LIMIT ?`, sweepBatch)
	if err != nil {
		return fmt.Errorf("notify: matching delivery reports: %w", err)
	}
	for _, f := range found {
		if err := h.report(ctx, tx.Bind(f.TerritoryID), f.MessageID, sms.Status(f.Status), f.Detail, f.ReceivedAt); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM message_aside WHERE id = ?`, f.ID); err != nil {
			return fmt.Errorf("notify: matching delivery reports: %w", err)
		}
	}
	return nil
}

// tidy forgets what the instance kept long enough.
func (h *Hub) tidy(ctx context.Context, tx *store.Tx) error {
	if _, err := purgeAside(ctx, tx, tx.Now().Add(-keepAside), sweepBatch); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM message_seen WHERE received_at < ?`, tx.Now().Add(-keepSeen)); err != nil {
		return fmt.Errorf("notify: forgetting keys of calls: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE message SET rank = 1 WHERE rank = 0 AND due_at < ?`, tx.Now().Add(-staleAfter)); err != nil {
		return fmt.Errorf("notify: letting old failures sink: %w", err)
	}
	return nil
}
