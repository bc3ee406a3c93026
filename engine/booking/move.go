package booking

import (
	"context"
	"fmt"
	"time"

	"parvis/platform/store"
)

// Move is where a booking goes.
type Move struct {
	Start time.Time
	// Demand says what is wanted there; nil means the same resources at the
	// same place for the same time. Resources already on the booking are
	// preferred after the referents.
	Demand  *Demand
	Force   bool  // as in Request
	Version int64 // the version the caller saw; 0 when it does not matter
}

// Move frees the old time and takes the new one in the same transaction: who
// loses the race keeps what they had. The new time may overlap the old one.
//
// Errors: *Taken, ErrClosed, ErrVersion, ErrOver; none changes the booking, even
// if the caller commits.
func (e *Engine) Move(ctx context.Context, tx *store.Tx, id store.ID, m Move) (Reservation, error) {
	l := e.ledger(tx)
	b, err := l.hold(ctx, id)
	if err != nil {
		return b, err
	}
	if err := b.seen(m.Version); err != nil {
		return b, err
	}
	if b.State != Active && (b.State != Held || !b.ExpiresAt.After(tx.Now())) {
		return b, over()
	}
	r := b.again(m.Start)
	if m.Demand != nil {
		r.Demand = *m.Demand
	}
	r.Force = m.Force
	return e.rewrite(ctx, l, b, r, b.State)
}

// rewrite gives a locked booking the time of r and a state. Nothing changes
// unless everything does.
func (e *Engine) rewrite(ctx context.Context, l *ledger, b Reservation, r Request, state State) (Reservation, error) {
	if err := r.check(); err != nil {
		return b, err
	}
	tx := l.tx
	c, err := e.settle(ctx, l, &r, &b)
	if err != nil {
		return b, err
	}
	old := b
	b.State, b.Forced, b.Version = state, r.Force, b.Version+1
	if state != Held {
		b.ExpiresAt = time.Time{}
	}
	b.fits(&r, c, tx.Now())
	if _, err := tx.Exec(ctx, `DELETE FROM booking_allocation WHERE territory_id = @territory AND booking_id = ?`, b.ID); err != nil {
		return old, fmt.Errorf("booking: freeing booking %d: %w", b.ID, err)
	}
	_, err = tx.Exec(ctx, `UPDATE booking SET state = ?, starts_at = ?, ends_at = ?, buffer_before = ?, buffer_after = ?, place_id = ?,
			forced = ?, expires_at = ?, version = ?, updated_at = ?
		WHERE territory_id = @territory AND id = ?`, b.State, b.StartsAt, b.EndsAt, b.BufferBefore.Microseconds(), b.BufferAfter.Microseconds(),
		b.PlaceID, b.Forced, b.ExpiresAt, b.Version, b.UpdatedAt, b.ID)
	if err != nil {
		return old, fmt.Errorf("booking: moving booking %d: %w", b.ID, err)
	}
	return b, l.insert(ctx, &old, &b, &r)
}
