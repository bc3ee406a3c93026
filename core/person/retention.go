package person

import (
	"context"
	"fmt"
	"time"

	"parvis/platform/store"
)

// How long each table is kept; docs of the retention are in Service.
const (
	keepStaff       = 3 * 365 * 24 * time.Hour
	keepResidents   = 365 * 24 * time.Hour
	keepCodes       = 24 * time.Hour
	keepInvitations = 30 * 24 * time.Hour
)

// purgeStaff erases persons not seen since before, with the roles they still
// hold; tx is a system transaction.
func (p *People) purgeStaff(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	var ids []store.ID
	if err := tx.Select(ctx, &ids, `SELECT id FROM person WHERE COALESCE(last_seen_at, created_at) < ? LIMIT ?`, before, limit); err != nil {
		return 0, fmt.Errorf("person: listing the staff gone: %w", err)
	}
	for _, id := range ids {
		if err := p.access.RevokeEverywhere(ctx, tx, id, 0); err != nil {
			return 0, err
		}
		for _, q := range []string{`DELETE FROM person_invitation WHERE person_id = ?`, `DELETE FROM person WHERE id = ?`} {
			if _, err := tx.Exec(ctx, q, id); err != nil {
				return 0, fmt.Errorf("person: purging the staff gone: %w", err)
			}
		}
		tx.AfterCommit(func() { p.cache.forget(id) })
	}
	return int64(len(ids)), nil
}

// purgeSignIns erases sign-ins that ended before the time given; tx is a system
// transaction.
func purgeSignIns(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	n, err := tx.Exec(ctx, `DELETE FROM person_signin WHERE id IN (SELECT id FROM person_signin WHERE expires_at < ? LIMIT ?)`, before, limit)
	if err != nil {
		return 0, fmt.Errorf("person: purging sign-ins: %w", err)
	}
	return n, nil
}

// purgeExpired erases the rows of a territory's table that expired before the
// time given; tx is bound to a territory or a system transaction.
func purgeExpired(table string) func(context.Context, *store.Tx, time.Time, int) (int64, error) {
	return func(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
		here := ""
		if tx.Territory() != "" {
			here = "territory_id = @territory AND "
		}
		n, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE (territory_id, id) IN
			(SELECT territory_id, id FROM `+table+` WHERE `+here+`expires_at < ? LIMIT ?)`, before, limit)
		if err != nil {
			return 0, fmt.Errorf("person: purging %s: %w", table, err)
		}
		return n, nil
	}
}
