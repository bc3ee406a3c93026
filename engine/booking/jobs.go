package booking

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parvis/platform/calendar"
	"parvis/platform/job"
	"parvis/platform/store"
)

const (
	// keepSpans is how long past openings stay, to compute how much of them was used.
	keepSpans = 400 * 24 * time.Hour
	// keepExpired is how long a hold that came to nothing stays.
	keepExpired = 30 * 24 * time.Hour
	// perRun bounds what one transaction of a job treats.
	perRun = 200
)

// Jobs are the engine's periodic tasks: "booking.extend" computes the days
// that have come inside the horizon and forgets old ones, "booking.expire"
// marks the holds whose time is over. Bookings do not depend on either.
func (e *Engine) Jobs() []job.Worker {
	return []job.Worker{
		job.Define("booking.extend", func(ctx context.Context, _ job.Job[struct{}]) error { return e.Extend(ctx) },
			job.Every(24*time.Hour), job.Timeout(30*time.Minute)),
		job.Define("booking.expire", func(ctx context.Context, _ job.Job[struct{}]) error { return e.Expire(ctx) },
			job.Every(time.Minute), job.Timeout(5*time.Minute)),
	}
}

// row is a row of some territory, for the sweeps over all of them.
type row struct {
	TerritoryID string
	ID          store.ID
}

// sweep calls fn in a transaction of its own for each row that query finds,
// a batch at a time, after the last one seen. query takes args, then the
// territory and identifier to start after, and orders by them.
func (e *Engine) sweep(ctx context.Context, reason, query string, args []any, fn func(tx *store.Tx, id store.ID) error) error {
	var errs []error
	last := row{}
	for {
		var found []row
		err := e.db.System(reason).View(ctx, func(tx *store.Tx) error {
			found = nil
			return tx.Select(ctx, &found, query, append(append([]any{}, args...), last.TerritoryID, last.ID, perRun)...)
		})
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		for _, r := range found {
			err := e.db.In(r.TerritoryID).Update(ctx, func(tx *store.Tx) error { return fn(tx, r.ID) })
			if err != nil && !errors.Is(err, store.ErrNotFound) { // deleted meanwhile
				errs = append(errs, fmt.Errorf("%s/%d: %w", r.TerritoryID, r.ID, err))
			}
			last = r
		}
		if len(found) < perRun || len(errs) > perRun {
			return errors.Join(errs...)
		}
	}
}

// Extend computes the spans of the days that have come inside the horizon, in
// every territory, and forgets spans of more than 400 days ago and holds that
// came to nothing 30 days ago.
func (e *Engine) Extend(ctx context.Context) error {
	now := e.db.Clock().Now()
	err := e.sweep(ctx, "Opening spans are computed every night in every territory.",
		`SELECT territory_id, id FROM booking_rule WHERE due_on <= ? AND (territory_id, id) > (?, ?) ORDER BY territory_id, id LIMIT ?`,
		[]any{calendar.DateOf(now, time.UTC)}, func(tx *store.Tx, id store.ID) error {
			rule, err := e.Rule(ctx, tx, id)
			if err != nil {
				return err
			}
			r, err := e.Resource(ctx, tx, rule.ResourceID)
			if err != nil {
				return err
			}
			return e.prolong(ctx, tx, &r, &rule)
		})
	if err != nil {
		return fmt.Errorf("booking: extending openings: %w", err)
	}
	old := now.Add(-keepSpans)
	err = e.sweep(ctx, "Old opening spans are forgotten every night in every territory.",
		`SELECT territory_id, id FROM booking_resource r WHERE EXISTS (SELECT 1 FROM booking_span s
			WHERE s.territory_id = r.territory_id AND s.resource_id = r.id AND s.starts_at < ?)
			AND (territory_id, id) > (?, ?) ORDER BY territory_id, id LIMIT ?`,
		[]any{old}, func(tx *store.Tx, id store.ID) error {
			_, err := tx.Exec(ctx, `DELETE FROM booking_span WHERE territory_id = @territory AND resource_id = ? AND starts_at < ?`, id, old)
			return err
		})
	if err != nil {
		return fmt.Errorf("booking: forgetting old openings: %w", err)
	}
	err = e.sweep(ctx, "Holds that came to nothing are deleted in every territory.",
		`SELECT territory_id, id FROM booking WHERE state = 'expired' AND updated_at < ? AND (territory_id, id) > (?, ?)
		ORDER BY territory_id, id LIMIT ?`, []any{now.Add(-keepExpired)}, func(tx *store.Tx, id store.ID) error {
			n, err := tx.Exec(ctx, `DELETE FROM booking WHERE territory_id = @territory AND id = ? AND state = 'expired'`, id)
			if err == nil && n > 0 {
				_, err = tx.Exec(ctx, `DELETE FROM booking_allocation WHERE territory_id = @territory AND booking_id = ?`, id)
			}
			return err
		})
	if err != nil {
		return fmt.Errorf("booking: deleting old holds: %w", err)
	}
	return nil
}

// prolong computes what lacks of a rule.
func (e *Engine) prolong(ctx context.Context, tx *store.Tx, r *Resource, rule *Rule) error {
	if err := e.ledger(tx).lock(ctx, []store.ID{r.ID}, 0); err != nil {
		return err
	}
	today, err := r.today(tx.Now())
	if err != nil {
		return err
	}
	var done calendar.Date
	if err := tx.Get(ctx, &done, `SELECT computed_to FROM booking_rule WHERE territory_id = @territory AND id = ?`, rule.ID); err != nil {
		return err
	}
	from := done.AddDays(1)
	if from.Before(today) {
		from = today
	}
	return e.extend(ctx, tx, r, rule, from)
}

// Expire marks the holds whose time is over, in every territory.
func (e *Engine) Expire(ctx context.Context) error {
	err := e.sweep(ctx, "Holds expire in every territory.",
		`SELECT territory_id, id FROM booking WHERE state = 'held' AND expires_at <= ? AND (territory_id, id) > (?, ?)
		ORDER BY territory_id, id LIMIT ?`, []any{e.db.Clock().Now()}, func(tx *store.Tx, id store.ID) error {
			b, err := e.ledger(tx).hold(ctx, id)
			if err != nil || b.State != Held {
				return err
			}
			return expire(ctx, tx, id)
		})
	if err != nil {
		return fmt.Errorf("booking: expiring holds: %w", err)
	}
	return nil
}
