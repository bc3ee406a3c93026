package dossier

import (
	"context"
	"fmt"
	"time"

	"parvis/platform/store"
)

// Purge erases the closed requests whose kind's time is past, with their
// timeline, attachments and links; at most limit, and returns how many. It
// takes a system transaction or a bound one. The date of erasure was set at
// closing, from the kind, so that before is not needed.
func (e *Engine) Purge(ctx context.Context, tx *store.Tx, _ time.Time, limit int) (int64, error) {
	here := ""
	if tx.Territory() != "" {
		here = `territory_id = @territory AND `
	}
	var rows []struct {
		TerritoryID string
		ID          store.ID
	}
	if err := tx.Select(ctx, &rows, `SELECT territory_id, id FROM dossier WHERE `+here+`erase_at <= ? ORDER BY erase_at LIMIT ?`, tx.Now(), limit); err != nil {
		return 0, fmt.Errorf("dossier: listing what is past its time: %w", err)
	}
	for _, r := range rows {
		if err := e.Erase(ctx, tx.Bind(r.TerritoryID), r.ID); err != nil {
			return 0, err
		}
	}
	return int64(len(rows)), nil
}

// Erase removes a request with everything it holds: at the end of its time, or
// when its requester obtains it (GDPR art. 17).
func (e *Engine) Erase(ctx context.Context, tx *store.Tx, id store.ID) error {
	if e.cfg.RemoveFile != nil {
		files, err := e.Files(ctx, tx, id, false)
		if err != nil {
			return err
		}
		for _, f := range files {
			if err := e.cfg.RemoveFile(ctx, tx, f.StorageKey); err != nil {
				return fmt.Errorf("dossier: removing a file: %w", err)
			}
		}
	}
	for _, table := range []string{"dossier_link", "dossier_reply", "dossier_follower", "dossier_pause", "dossier_merge", "dossier_file", "dossier_entry"} {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE territory_id = @territory AND dossier_id = ?`, id); err != nil {
			return fmt.Errorf("dossier: erasing %s: %w", table, err)
		}
	}
	if _, err := tx.Exec(ctx, `DELETE FROM dossier WHERE territory_id = @territory AND id = ?`, id); err != nil {
		return fmt.Errorf("dossier: erasing: %w", err)
	}
	return nil
}

// PurgeLinks erases the secrets that expired, at most limit.
func PurgeLinks(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	here := ""
	if tx.Territory() != "" {
		here = `territory_id = @territory AND `
	}
	n, err := tx.Exec(ctx, `DELETE FROM dossier_link WHERE (territory_id, token_hash) IN
		(SELECT territory_id, token_hash FROM dossier_link WHERE `+here+`expires_at < ? LIMIT ?)`, before, limit)
	if err != nil {
		return 0, fmt.Errorf("dossier: purging links: %w", err)
	}
	return n, nil
}
