package notify

import (
	"context"
	"fmt"
	"time"

	"parvis/platform/store"
)

// Delivered is the share, 0 to 1, of messages queued from one instant to
// another that reached somebody, among those that left or should have: failed
// and doubtful ones count against, those cancelled, dropped or still waiting do
// not count. The base is how many there were; 0 and 0 when none.
func (h *Hub) Delivered(ctx context.Context, sh store.Handle, from, to time.Time) (share float64, base int, err error) {
	err = sh.View(ctx, func(tx *store.Tx) error {
		var r struct{ Reached, Base int }
		err := tx.Get(ctx, &r, `SELECT COUNT(*) FILTER (WHERE state IN ('sent', 'delivered')) AS reached, COUNT(*) AS base FROM message
			WHERE territory_id = @territory AND created_at >= ? AND created_at < ? AND state IN ('sent', 'delivered', 'failed', 'doubtful')`, from, to)
		if err != nil || r.Base == 0 {
			return err
		}
		share, base = float64(r.Reached)/float64(r.Base), r.Base
		return nil
	})
	if err != nil {
		return 0, 0, fmt.Errorf("notify: measuring the delivered share: %w", err)
	}
	return share, base, nil
}

// Delay is the mean number of seconds between the hour a message was due and
// the hour the server, the provider or, where it says so, the phone had it.
func (h *Hub) Delay(ctx context.Context, sh store.Handle, from, to time.Time) (seconds float64, base int, err error) {
	err = sh.View(ctx, func(tx *store.Tx) error {
		var r struct{ Total, Base int64 }
		err := tx.Get(ctx, &r, `SELECT CAST(COALESCE(SUM(COALESCE(delivered_at, sent_at) - due_at), 0) AS BIGINT) AS total, COUNT(*) AS base FROM message
			WHERE territory_id = @territory AND created_at >= ? AND created_at < ? AND state IN ('sent', 'delivered')`, from, to)
		if err != nil || r.Base == 0 {
			return err
		}
		seconds, base = float64(r.Total)/1e6/float64(r.Base), int(r.Base)
		return nil
	})
	if err != nil {
		return 0, 0, fmt.Errorf("notify: measuring the time to deliver: %w", err)
	}
	return max(seconds, 0), base, nil
}
