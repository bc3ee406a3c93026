package dossier

import (
	"context"
	"fmt"
	"time"

	"parvis/platform/fault"
	"parvis/platform/store"
)

// change reads a request, lets fn alter it, and writes it unless somebody
// else wrote in between (Conflict). The service of its kind follows in the same
// transaction.
func (e *Engine) change(ctx context.Context, tx *store.Tx, id store.ID, fn func(d *Dossier, k Kind) error) (Dossier, error) {
	d, err := e.Get(ctx, tx, id)
	if err != nil {
		return Dossier{}, err
	}
	k, ok := e.kinds[d.Kind]
	if !ok {
		return Dossier{}, fmt.Errorf("%w %q", errKind, d.Kind)
	}
	before := d
	if err := fn(&d, k); err != nil {
		return Dossier{}, err
	}
	if before.clockDiffers(d) {
		if err := e.watch(ctx, tx, &d, !before.DueAt.Equal(d.DueAt) && !before.Paused()); err != nil {
			return Dossier{}, err
		}
	}
	var erase time.Time
	if d.Closed() && d.MergedInto == 0 {
		erase = d.ClosedAt.Add(k.Keep)
	}
	d.UpdatedAt = tx.Now()
	n, err := tx.Exec(ctx, `UPDATE dossier SET stage = ?, due_at = ?, paused_at = ?, paused_micros = ?, closed_at = ?, rank_at = ?, erase_at = ?,
		owner_id = ?, team_id = ?, reopened = ?, updated_at = ?, category = ?, sector_id = ?, priority = ?, private = ?, minutes = ?, span_micros = ?,
		due_fixed = ?, clock_at = ?, warned = ?, warn_at = ?, pause_until = ?, merged_into = ?, version = version + 1
		WHERE territory_id = @territory AND id = ? AND version = ?`,
		d.Stage, d.DueAt, d.PausedAt, d.PausedMicros, d.ClosedAt, d.rank(), erase, d.OwnerID, d.TeamID, d.Reopened, d.UpdatedAt, d.Category, d.SectorID,
		d.Priority, d.Private, d.Minutes, d.SpanMicros, d.DueFixed, d.ClockAt, d.Warned, d.WarnAt, d.PauseUntil, d.MergedInto, d.ID, d.Version)
	if err != nil {
		return Dossier{}, fmt.Errorf("dossier: writing: %w", err)
	}
	if n == 0 {
		return Dossier{}, fault.New(fault.Conflict, "dossier.error.version")
	}
	d.Version++
	if before.Closed() != d.Closed() {
		if err := e.keepMerged(ctx, tx, d, erase); err != nil {
			return Dossier{}, err
		}
	}
	if k.Changed != nil {
		if err := k.Changed(ctx, tx, before, d); err != nil {
			return Dossier{}, fmt.Errorf("dossier: %s follows a change: %w", k.Name, err)
		}
	}
	return d, nil
}

// clockDiffers tells whether the next warning must be computed again.
func (d Dossier) clockDiffers(after Dossier) bool {
	return !d.DueAt.Equal(after.DueAt) || d.Paused() != after.Paused() || d.Closed() != after.Closed() || d.Warned != after.Warned ||
		d.Minutes != after.Minutes
}

// Expect refuses a change when the request is no longer at the version that
// somebody read: Conflict, in words for who typed something.
func (e *Engine) Expect(ctx context.Context, tx *store.Tx, id store.ID, version int64) error {
	d, err := e.Get(ctx, tx, id)
	if err != nil {
		return err
	}
	if d.Version != version {
		return fault.New(fault.Conflict, "dossier.error.version")
	}
	return nil
}
