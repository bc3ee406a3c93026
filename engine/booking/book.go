package booking

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"parvis/platform/store"
)

// Hold takes a start for a few minutes, while a form is filled (S11). A hold
// keeps everybody else out until it expires; Confirm makes it firm.
//
// Errors: *Taken (ErrTaken), ErrClosed, an Invalid fault. None writes anything.
func (e *Engine) Hold(ctx context.Context, tx *store.Tx, r Request) (Reservation, error) {
	return e.take(ctx, tx, r, Held)
}

// Book takes a start for good. Errors are those of Hold.
func (e *Engine) Book(ctx context.Context, tx *store.Tx, r Request) (Reservation, error) {
	return e.take(ctx, tx, r, Active)
}

// Check tells who would serve the request now and where, without writing:
// to report the conflicts of a series before it is saved.
func (e *Engine) Check(ctx context.Context, tx *store.Tx, r Request) ([]Allocation, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	c, err := e.choose(ctx, tx, &r, nil)
	if err != nil {
		return nil, err
	}
	return c.allocations(0, &r), nil
}

func (c *choice) allocations(booking store.ID, r *Request) []Allocation {
	at := r.reserved(r.Start.UnixMicro())
	var out []Allocation
	for _, p := range c.pieces {
		out = append(out, Allocation{BookingID: booking, Need: p.need, ResourceID: p.resource, Unit: p.unit, Reason: p.reason,
			StartsAt: store.Time(at.Start), EndsAt: store.Time(at.End)})
	}
	return out
}

func (e *Engine) take(ctx context.Context, tx *store.Tx, r Request, state State) (Reservation, error) {
	if err := r.check(); err != nil {
		return Reservation{}, err
	}
	l := e.ledger(tx)
	c, err := e.settle(ctx, l, &r, nil)
	if err != nil {
		return Reservation{}, err
	}
	b := Reservation{ID: store.NewID(), Subject: r.Subject, State: state, Forced: r.Force, Version: 1, CreatedAt: tx.Now()}
	if state == Held {
		b.ExpiresAt = tx.Now().Add(r.TTL)
	}
	b.fits(&r, c, tx.Now())
	_, err = tx.Exec(ctx, `INSERT INTO booking (territory_id, id, subject, state, starts_at, ends_at, buffer_before, buffer_after, place_id,
			forced, renewed, expires_at, version, created_at, updated_at)
		VALUES (@territory, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)`, b.ID, b.Subject, b.State, b.StartsAt, b.EndsAt,
		b.BufferBefore.Microseconds(), b.BufferAfter.Microseconds(), b.PlaceID, b.Forced, false, b.ExpiresAt, b.CreatedAt, b.UpdatedAt)
	if err != nil {
		return Reservation{}, fmt.Errorf("booking: writing the booking: %w", err)
	}
	return b, l.insert(ctx, nil, &b, &r)
}

// fits gives the reservation the time, place and allocations of a choice.
func (b *Reservation) fits(r *Request, c *choice, now time.Time) {
	b.StartsAt, b.EndsAt = r.Start, r.Start.Add(r.Duration)
	b.BufferBefore, b.BufferAfter = r.BufferBefore, r.BufferAfter
	b.PlaceID, b.UpdatedAt = c.place, now
	b.Allocations = c.allocations(b.ID, r)
}

// insert writes what a booking takes; old is what it took before, nil nothing.
func (l *ledger) insert(ctx context.Context, old, b *Reservation, r *Request) error {
	for _, a := range b.Allocations {
		_, err := l.tx.Exec(ctx, `INSERT INTO booking_allocation (territory_id, id, booking_id, need, resource_id, unit, state, reason,
				starts_at, ends_at, expires_at)
			VALUES (@territory, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			store.NewID(), b.ID, a.Need, a.ResourceID, a.Unit, b.State, a.Reason, a.StartsAt, a.EndsAt, b.ExpiresAt)
		if errors.Is(err, store.ErrConflict) {
			return &Taken{Demand: r.Demand, Start: r.Start} // a writer that did not take the lock
		}
		if err != nil {
			return fmt.Errorf("booking: writing an allocation: %w", err)
		}
	}
	l.close(old, b)
	return nil
}

// maxChoices bounds how often somebody else may take what was just chosen
// before the request is told that it lost.
const maxChoices = 20

// settle chooses, locks the chosen resources and makes sure that nobody took
// them between the two; expired holds in the way are marked so. Where keep is
// moved, its own resources are locked too.
func (e *Engine) settle(ctx context.Context, l *ledger, r *Request, keep *Reservation) (*choice, error) {
	var own []store.ID
	if keep != nil {
		own = keep.Resources()
	}
	for range maxChoices {
		c, err := e.choose(ctx, l.tx, r, keep)
		if err != nil {
			return nil, err
		}
		if err := l.lock(ctx, slices.Concat(c.resources(), own), r.length()); err != nil {
			return nil, err
		}
		free, err := l.stillFree(ctx, c, r.reserved(r.Start.UnixMicro()), keep)
		if err != nil {
			return nil, err
		}
		if free {
			return c, nil
		}
	}
	return nil, &Taken{Demand: r.Demand, Start: r.Start}
}

// stillFree marks the expired holds that stand in the way and tells whether the
// chosen units are free. The resources are locked.
func (l *ledger) stillFree(ctx context.Context, c *choice, w interval, keep *Reservation) (bool, error) {
	tx := l.tx
	in, args := padded(slices.Compact(slices.Sorted(slices.Values(c.resources()))))
	var expired []store.ID
	free := true
	err := tx.Each(ctx, `SELECT booking_id, resource_id, unit, COALESCE(expires_at, 0) FROM booking_allocation
		WHERE territory_id = @territory AND resource_id IN `+in+` AND state IN ('held', 'active') AND starts_at < ? AND starts_at >= ? AND ends_at > ?`,
		append(args, w.End, w.Start-l.longest(), w.Start), func(scan func(...any) error) error {
			var booking, resource store.ID
			var unit int
			var expires int64
			if err := scan(&booking, &resource, &unit, &expires); err != nil {
				return err
			}
			switch {
			case keep != nil && booking == keep.ID:
			case expires != 0 && expires <= tx.Now().UnixMicro():
				expired = append(expired, booking)
			case slices.ContainsFunc(c.pieces, func(p piece) bool { return p.resource == resource && p.unit == unit }):
				free = false
			}
			return nil
		})
	if err != nil {
		return false, fmt.Errorf("booking: checking what was chosen: %w", err)
	}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(expired))) {
		if err := expire(ctx, tx, id); err != nil {
			return false, err
		}
	}
	return free, nil
}

// expire marks a hold whose time is over, with all it takes.
func expire(ctx context.Context, tx *store.Tx, id store.ID) error {
	n, err := tx.Exec(ctx, `UPDATE booking SET state = 'expired', expires_at = NULL, version = version + 1, updated_at = ?
		WHERE territory_id = @territory AND id = ? AND state = 'held' AND expires_at <= ?`, tx.Now(), id, tx.Now())
	if err == nil && n > 0 {
		_, err = tx.Exec(ctx, `UPDATE booking_allocation SET state = 'expired', expires_at = NULL
			WHERE territory_id = @territory AND booking_id = ? AND state = 'held'`, id)
	}
	if err != nil {
		return fmt.Errorf("booking: expiring hold %d: %w", id, err)
	}
	return nil
}
