package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parvis/platform/store"
)

// ReviewEvery is how often an administrator reads the list of accounts again
// (CNIL guide to the security of personal data: at least once a year).
const ReviewEvery = 365 * 24 * time.Hour

// Review is one reading of the list of accounts.
type Review struct {
	ReviewedBy store.ID
	ReviewedAt time.Time // UTC
	People     int       // how many accounts the list had
}

// ReviewState says when the list was read last and whether it is due again. A
// territory whose first role is younger than a year owes nothing yet.
func (a *Access) ReviewState(ctx context.Context, tx *store.Tx) (last Review, due bool, err error) {
	err = tx.Get(ctx, &last, `SELECT reviewed_by, reviewed_at, people FROM access_review
		WHERE territory_id = @territory ORDER BY id DESC LIMIT 1`)
	if err == nil {
		return last, tx.Now().Sub(last.ReviewedAt) >= ReviewEvery, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return last, false, fmt.Errorf("access: reading the last review: %w", err)
	}
	var first time.Time
	if err := tx.Get(ctx, &first, `SELECT MIN(granted_at) FROM access_membership WHERE territory_id = @territory AND revoked_at IS NULL`); err != nil {
		return last, false, fmt.Errorf("access: reading the first role: %w", err)
	}
	return last, !first.IsZero() && tx.Now().Sub(first) >= ReviewEvery, nil
}

// Reviewed records that by has read the list of accounts today.
func (a *Access) Reviewed(ctx context.Context, tx *store.Tx, by store.ID) error {
	var people int
	if err := tx.Get(ctx, &people, `SELECT COUNT(DISTINCT person_id) FROM access_membership
		WHERE territory_id = @territory AND revoked_at IS NULL`); err != nil {
		return fmt.Errorf("access: counting accounts: %w", err)
	}
	_, err := tx.Exec(ctx, `INSERT INTO access_review (territory_id, id, reviewed_by, reviewed_at, people) VALUES (@territory, ?, ?, ?, ?)`,
		store.NewID(), by, tx.Now(), people)
	return err
}
