package notify

import (
	"context"
	"fmt"
	"time"

	"parvis/platform/store"
)

// How long what is kept.
const (
	KeepRecipient = 182 * 24 * time.Hour // six months: then only a hash tells who
	KeepMessage   = 365 * 24 * time.Hour // a year: then only counts
	KeepStop      = 3 * 365 * 24 * time.Hour
	KeepAside     = keepAside
)

// scope is the condition that keeps a purge in the territory of tx; a system
// transaction sweeps all of them.
func scope(tx *store.Tx) string {
	if tx.Territory() == "" {
		return ""
	}
	return "territory_id = @territory AND "
}

// rows names the rows a purge treats, oldest first.
type rows []struct {
	TerritoryID string
	ID          store.ID
}

func old(ctx context.Context, tx *store.Tx, table, where string, before time.Time, limit int) (rows, error) {
	var out rows
	err := tx.Select(ctx, &out, `SELECT territory_id, id FROM `+table+` WHERE `+scope(tx)+where+` ORDER BY territory_id, id LIMIT ?`, before, limit)
	if err != nil {
		return nil, fmt.Errorf("notify: looking for old rows of %s: %w", table, err)
	}
	return out, nil
}

// each runs a statement whose arguments are the row's id, bound to its territory.
func (rs rows) each(ctx context.Context, tx *store.Tx, query string) (int64, error) {
	for _, r := range rs {
		if _, err := tx.Bind(r.TerritoryID).Exec(ctx, query, r.ID); err != nil {
			return 0, fmt.Errorf("notify: purging: %w", err)
		}
	}
	return int64(len(rs)), nil
}

// PurgeRecipients erases who got what from rows created before: address, name
// and text go, the keyed hash stays.
func (h *Hub) PurgeRecipients(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	rs, err := old(ctx, tx, "message", "created_at < ? AND recipient IS NOT NULL AND state NOT IN ('queued', 'sending')", before, limit)
	if err != nil {
		return 0, err
	}
	return rs.each(ctx, tx, `UPDATE message SET recipient = NULL, recipient_name = NULL, title = NULL, body = NULL, layout = NULL, reply_to = '', ics = NULL
		WHERE territory_id = @territory AND id = ?`)
}

// PurgeMessages counts rows created before into message_count, then erases them.
func (h *Hub) PurgeMessages(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	rs, err := old(ctx, tx, "message", "created_at < ? AND state NOT IN ('queued', 'sending')", before, limit)
	if err != nil {
		return 0, err
	}
	zones := map[string]*time.Location{}
	for _, r := range rs {
		bound := tx.Bind(r.TerritoryID)
		if zones[r.TerritoryID] == nil {
			t, err := h.o.Who(ctx, bound)
			if err != nil {
				return 0, fmt.Errorf("notify: the territory of a message: %w", err)
			}
			zones[r.TerritoryID] = t.zone()
		}
		e, err := h.Entry(ctx, bound, r.ID)
		if err != nil {
			return 0, err
		}
		if _, err := bound.Exec(ctx, `INSERT INTO message_count (territory_id, month, notice, channel, state, messages, parts, cost)
			VALUES (@territory, ?, ?, ?, ?, 1, ?, ?)
			ON CONFLICT (territory_id, month, notice, channel, state) DO UPDATE SET messages = message_count.messages + 1,
				parts = message_count.parts + excluded.parts, cost = message_count.cost + excluded.cost`,
			Month(e.CreatedAt, zones[r.TerritoryID]), e.Notice, e.Channel, e.State, e.Parts, int64(e.Cost)); err != nil {
			return 0, fmt.Errorf("notify: counting what is erased: %w", err)
		}
	}
	return rs.each(ctx, tx, `DELETE FROM message WHERE territory_id = @territory AND id = ?`)
}

// PurgeInbound erases texts received before.
func (h *Hub) PurgeInbound(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	rs, err := old(ctx, tx, "message_inbound", "received_at < ?", before, limit)
	if err != nil {
		return 0, err
	}
	return rs.each(ctx, tx, `DELETE FROM message_inbound WHERE territory_id = @territory AND id = ?`)
}

// PurgeStops erases wishes that ended before; those that hold are kept.
func (h *Hub) PurgeStops(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	rs, err := old(ctx, tx, "message_stop", "ended_at < ?", before, limit)
	if err != nil {
		return 0, err
	}
	return rs.each(ctx, tx, `DELETE FROM message_stop WHERE territory_id = @territory AND id = ?`)
}

// PurgeSensitive erases the texts of sensitive messages that failed, kept for a
// few days so that they could be sent again.
func (h *Hub) PurgeSensitive(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	rs, err := old(ctx, tx, "message", "due_at < ? AND sensitive AND body IS NOT NULL AND state NOT IN ('queued', 'sending')", before, limit)
	if err != nil {
		return 0, err
	}
	return rs.each(ctx, tx, `UPDATE message SET title = NULL, body = NULL, layout = NULL, reply_to = '', ics = NULL WHERE territory_id = @territory AND id = ?`)
}

// KeepSensitive is how long the text of a sensitive message that failed is kept.
const KeepSensitive = 7 * 24 * time.Hour

// PurgeAside erases what a provider said that belongs to nobody. It works on
// the instance: in a territory there is nothing to erase.
func (h *Hub) PurgeAside(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	if tx.Territory() != "" {
		return 0, nil
	}
	return purgeAside(ctx, tx, before, limit)
}

func purgeAside(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	n, err := tx.Exec(ctx, `DELETE FROM message_aside WHERE id IN (SELECT id FROM message_aside WHERE received_at < ? ORDER BY received_at LIMIT ?)`, before, limit)
	if err != nil {
		return 0, fmt.Errorf("notify: erasing what was kept aside: %w", err)
	}
	return n, nil
}
