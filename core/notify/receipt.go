package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parvis/platform/sms"
	"parvis/platform/store"
)

// receipt applies a delivery report: early (the message is still "sending"),
// twice or late. What it is about may be unknown: it is kept aside, because the
// answer of the call that sent the message may not be written yet.
func (h *Hub) receipt(ctx context.Context, tx *store.Tx, provider string, in sms.Incoming) error {
	territory, id, err := h.find(ctx, tx, provider, in)
	if errors.Is(err, store.ErrNotFound) {
		return h.putAside(ctx, tx, provider, in)
	}
	if err != nil {
		return err
	}
	at := in.At
	if at.IsZero() {
		at = tx.Now()
	}
	return h.report(ctx, tx.Bind(territory), id, in.Status, in.Detail, at)
}

// find is the message a provider speaks of, by our reference or by its own.
func (h *Hub) find(ctx context.Context, tx *store.Tx, provider string, in sms.Incoming) (string, store.ID, error) {
	if territory, id, err := parseRef(in.Ref); err == nil {
		var k int
		err := tx.Bind(territory).Get(ctx, &k, `SELECT COUNT(*) FROM message WHERE territory_id = @territory AND id = ? AND channel = 'sms'`, id)
		if err != nil {
			return "", 0, fmt.Errorf("notify: finding a message: %w", err)
		}
		if k == 1 {
			return territory, id, nil
		}
	}
	if in.ProviderID == "" {
		return "", 0, store.ErrNotFound
	}
	var r struct {
		TerritoryID string
		ID          store.ID
	}
	err := tx.Get(ctx, &r, `SELECT territory_id, id FROM message WHERE provider_id = ? ORDER BY id DESC LIMIT 1`, provider+":"+in.ProviderID)
	if err != nil {
		return "", 0, fmt.Errorf("notify: finding a message: %w", err)
	}
	return r.TerritoryID, r.ID, nil
}

// report moves a message on by what the provider says of it. A phone that got
// the message has it: nothing said later takes that back.
func (h *Hub) report(ctx context.Context, tx *store.Tx, id store.ID, s sms.Status, detail string, at time.Time) error {
	var err error
	switch s {
	case sms.StatusDelivered:
		_, err = tx.Exec(ctx, `UPDATE message SET state = 'delivered', reason = '', error = '', rank = 1, delivered_at = ?, sent_at = COALESCE(sent_at, ?), ics = NULL,
				title = CASE WHEN sensitive THEN NULL ELSE title END, body = CASE WHEN sensitive THEN NULL ELSE body END
			WHERE territory_id = @territory AND id = ? AND state IN ('sending', 'sent', 'doubtful', 'failed')`, at, at, id)
	case sms.StatusSent:
		_, err = tx.Exec(ctx, `UPDATE message SET state = 'sent', reason = '', error = '', rank = 1, sent_at = COALESCE(sent_at, ?),
				title = CASE WHEN sensitive THEN NULL ELSE title END, body = CASE WHEN sensitive THEN NULL ELSE body END
			WHERE territory_id = @territory AND id = ? AND state = 'doubtful'`, at, id)
	case sms.StatusFailed:
		_, err = tx.Exec(ctx, `UPDATE message SET state = 'failed', reason = ?, error = ?, rank = 0
			WHERE territory_id = @territory AND id = ? AND state IN ('sending', 'sent', 'doubtful')`, ReasonUndelivered, clip(detail), id)
	}
	if err != nil {
		return fmt.Errorf("notify: applying a delivery report: %w", err)
	}
	return nil
}

// putAside keeps what belongs to nobody yet, or never will.
func (h *Hub) putAside(ctx context.Context, tx *store.Tx, provider string, in sms.Incoming) error {
	_, err := tx.Exec(ctx, `INSERT INTO message_aside (id, provider, kind, ref, provider_id, phone, text, status, detail, received_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		store.NewID(), provider, string(in.Kind), in.Ref, provider+":"+in.ProviderID, in.From, in.Text, string(in.Status), in.Detail, tx.Now())
	if err != nil {
		return fmt.Errorf("notify: keeping a provider's call aside: %w", err)
	}
	return nil
}
