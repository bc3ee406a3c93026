package access

import (
	"context"
	"fmt"
	"time"

	"parvis/platform/store"
)

// PurgeMemberships erases at most limit roles taken back before the time given;
// tx is bound to a territory or a system transaction.
func PurgeMemberships(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	return purge(ctx, tx, "access_membership", "revoked_at", before, limit)
}

// PurgeReviews erases at most limit reviews made before the time given; tx as
// above.
func PurgeReviews(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	return purge(ctx, tx, "access_review", "reviewed_at", before, limit)
}

func purge(ctx context.Context, tx *store.Tx, table, column string, before time.Time, limit int) (int64, error) {
	here := ""
	if tx.Territory() != "" {
		here = "territory_id = @territory AND "
	}
	n, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE (territory_id, id) IN
		(SELECT territory_id, id FROM `+table+` WHERE `+here+column+` < ? LIMIT ?)`, before, limit)
	if err != nil {
		return 0, fmt.Errorf("access: purging %s: %w", table, err)
	}
	return n, nil
}
