package dossier

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parvis/platform/fault"
	"parvis/platform/job"
	"parvis/platform/store"
)

// batch is how many requests one round of the watch looks at; rounds bounds the
// rounds of one run.
const (
	batch  = 100
	rounds = 200
)

// Jobs are the watch over clocks, every minute: what has used 50, 80 or 100
// hundredths of its time, and the pauses that end today.
func (e *Engine) Jobs() []job.Worker {
	if e.cfg.DB == nil {
		return nil
	}
	return []job.Worker{job.Define("dossier.watch", func(ctx context.Context, _ job.Job[struct{}]) error { return e.Watch(ctx) },
		job.Every(time.Minute), job.Timeout(5*time.Minute), job.Attempts(1))}
}

// Watch gives the warnings that are due and ends the pauses that are over. Each
// request is a transaction of its own in which the level is noted with its
// event, so that a run that is killed is gone on with by the next one, and no
// level is told twice.
func (e *Engine) Watch(ctx context.Context) error {
	resume := func(ctx context.Context, tx *store.Tx, id store.ID) error {
		d, err := e.Get(ctx, tx, id)
		if err != nil || !d.Paused() || d.PauseUntil.IsZero() || d.PauseUntil.After(tx.Now()) {
			return err
		}
		_, err = e.Resume(ctx, tx, id, Author{Kind: System})
		return err
	}
	return errors.Join(e.sweep(ctx, "pause_until", resume), e.sweep(ctx, "warn_at", e.warn))
}

// sweep does something with every request whose instant in an indexed column is
// past, whatever its territory.
func (e *Engine) sweep(ctx context.Context, column string, do func(ctx context.Context, tx *store.Tx, id store.ID) error) error {
	system := e.cfg.DB.System("the clocks of all territories are watched together")
	var errs []error
	after, last := time.UnixMicro(0).UTC(), store.ID(0) // the zero time is NULL
	for range rounds {
		var due []struct {
			TerritoryID string
			ID          store.ID
			At          time.Time
		}
		err := system.View(ctx, func(tx *store.Tx) error {
			due = nil
			return tx.Select(ctx, &due, `SELECT territory_id, id, `+column+` AS at FROM dossier WHERE `+column+` <= ? AND (`+column+`, id) > (?, ?)
				ORDER BY `+column+`, id LIMIT ?`, tx.Now(), after, last, batch)
		})
		if err != nil {
			return errors.Join(append(errs, fmt.Errorf("dossier: watching %s: %w", column, err))...)
		}
		for _, r := range due {
			after, last = r.At, r.ID
			err := e.cfg.DB.In(r.TerritoryID).Update(ctx, func(tx *store.Tx) error { return do(ctx, tx, r.ID) })
			// Somebody changed it at this moment: its clock was set again by them.
			if err != nil && !fault.Is(err, fault.Conflict) && !errors.Is(err, store.ErrNotFound) {
				errs = append(errs, fmt.Errorf("dossier: %s of %d: %w", column, r.ID, err))
			}
		}
		if len(due) < batch {
			break
		}
	}
	return errors.Join(errs...)
}

// warn notes the levels that a request has reached and says each, once.
func (e *Engine) warn(ctx context.Context, tx *store.Tx, id store.ID) error {
	p, err := e.place(ctx, tx.Territory())
	if err != nil {
		return err
	}
	var reachedNow []int64
	d, err := e.change(ctx, tx, id, func(d *Dossier, _ Kind) error {
		reachedNow = nil
		if d.WarnAt.IsZero() || d.WarnAt.After(tx.Now()) {
			return nil
		}
		had, err := e.pauses(ctx, tx, *d)
		if err != nil {
			return err
		}
		for _, of := range levels {
			if of > d.Warned && !d.level(p.Working, had, of).After(tx.Now()) {
				reachedNow = append(reachedNow, of)
			}
		}
		if len(reachedNow) > 0 {
			d.Warned = reachedNow[len(reachedNow)-1]
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, of := range reachedNow {
		if err := e.tellMore(ctx, tx, "warned", d, Happened{Level: of, Passed: i < len(reachedNow)-1}); err != nil {
			return err
		}
	}
	return nil
}
