package event

import (
	"context"
	"fmt"
	"time"

	"parvis/platform/store"
)

// Keep is how long events are kept.
const Keep = 365 * 24 * time.Hour

// Purge erases events older than before, at most limit.
func Purge(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	if _, err := tx.Exec(ctx, `DELETE FROM event_done WHERE territory_id = @territory AND done_at < ?`, before); err != nil {
		return 0, fmt.Errorf("event: purging: %w", err)
	}
	n, err := tx.Exec(ctx, `DELETE FROM event WHERE territory_id = @territory AND id IN (
		SELECT id FROM event WHERE territory_id = @territory AND occurred_at < ? ORDER BY id LIMIT ?)`, before, limit)
	if err != nil {
		return 0, fmt.Errorf("event: purging: %w", err)
	}
	return n, nil
}
