package dossier

import (
	"context"
	"fmt"
	"time"

	"parvis/platform/fault"
	"parvis/platform/store"
)

// Pause stops the clock, for a reason that the requester reads: a paper is
// missing, another authority must answer.
func (e *Engine) Pause(ctx context.Context, tx *store.Tx, id store.ID, by Author, reason string) (Dossier, error) {
	return e.PauseUntil(ctx, tx, id, by, reason, time.Time{})
}

// PauseUntil is Pause with a date on which the clock starts again by itself; the
// zero time waits for Resume.
func (e *Engine) PauseUntil(ctx context.Context, tx *store.Tx, id store.ID, by Author, reason string, until time.Time) (Dossier, error) {
	reason, err := clean(reason, "reason", false)
	if err != nil {
		return Dossier{}, err
	}
	if !until.IsZero() && !until.After(tx.Now()) {
		return Dossier{}, fault.Fields{{Name: "until", Key: "dossier.error.until"}}.Err()
	}
	d, err := e.change(ctx, tx, id, func(d *Dossier, _ Kind) error {
		switch {
		case d.Closed():
			return fault.New(fault.Conflict, "dossier.error.closed")
		case d.Paused():
			return fault.New(fault.Conflict, "dossier.error.paused")
		}
		return e.beginPause(ctx, tx, d, until)
	})
	if err != nil {
		return Dossier{}, err
	}
	x := Entry{Kind: PauseEntry, Public: true, Author: by, TextKey: "dossier.entry.paused", Body: reason}
	if !until.IsZero() {
		x.TextKey, x.Args = "dossier.entry.paused.until", map[string]string{"Until": until.UTC().Format(time.RFC3339Nano)}
	}
	return d, e.say(ctx, tx, d, "paused", x)
}

// Resume starts the clock again: what was left of its time is left.
func (e *Engine) Resume(ctx context.Context, tx *store.Tx, id store.ID, by Author) (Dossier, error) {
	d, err := e.change(ctx, tx, id, func(d *Dossier, _ Kind) error {
		if !d.Paused() {
			return fault.New(fault.Conflict, "dossier.error.running")
		}
		return e.endPause(ctx, tx, d)
	})
	if err != nil {
		return Dossier{}, err
	}
	return d, e.say(ctx, tx, d, "resumed", Entry{Kind: PauseEntry, Public: true, Author: by, TextKey: "dossier.entry.resumed"})
}

func (e *Engine) beginPause(ctx context.Context, tx *store.Tx, d *Dossier, until time.Time) error {
	d.PausedAt, d.PauseUntil = tx.Now(), until
	if !until.IsZero() {
		d.PauseUntil = until.UTC()
	}
	_, err := tx.Exec(ctx, `INSERT INTO dossier_pause (territory_id, dossier_id, id, began_at) VALUES (@territory, ?, ?, ?)`, d.ID, store.NewID(), d.PausedAt)
	if err != nil {
		return fmt.Errorf("dossier: beginning a pause: %w", err)
	}
	return nil
}

// endPause ends a pause, if there is one. Working minutes are counted again
// from the pauses; any other date moves by the time of the pause.
func (e *Engine) endPause(ctx context.Context, tx *store.Tx, d *Dossier) error {
	if !d.Paused() {
		return nil
	}
	if _, err := tx.Exec(ctx, `UPDATE dossier_pause SET ended_at = ? WHERE territory_id = @territory AND dossier_id = ? AND ended_at IS NULL`, tx.Now(), d.ID); err != nil {
		return fmt.Errorf("dossier: ending a pause: %w", err)
	}
	stood := max(tx.Now().Sub(d.PausedAt), 0)
	d.PausedAt, d.PauseUntil = time.Time{}, time.Time{}
	d.PausedMicros += stood.Microseconds()
	switch {
	case d.Minutes > 0 && !d.DueFixed:
		p, err := e.place(ctx, tx.Territory())
		if err != nil {
			return err
		}
		had, err := e.pauses(ctx, tx, *d)
		if err != nil {
			return err
		}
		d.DueAt = reached(p.Working, d.started(), had, int(d.Minutes))
	case !d.DueAt.IsZero():
		d.DueAt = d.DueAt.Add(stood)
	}
	return nil
}
