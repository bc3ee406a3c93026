package booking

import (
	"context"
	"fmt"
	"time"

	"parvis/platform/fault"
	"parvis/platform/store"
)

// Confirm makes a hold firm. One that ran out is confirmed all the same when
// nobody took the time and it is still open; otherwise the error is that of
// Book. Confirming an active booking changes nothing; a cancelled one is ErrOver.
func (e *Engine) Confirm(ctx context.Context, tx *store.Tx, id store.ID) (Reservation, error) {
	l := e.ledger(tx)
	b, err := l.hold(ctx, id)
	switch {
	case err != nil || b.State == Active:
		return b, err
	case b.State == Cancelled:
		return b, over()
	case b.State == Expired || !b.ExpiresAt.After(tx.Now()):
		return e.rewrite(ctx, l, b, b.again(b.StartsAt), Active)
	}
	old := b
	b.State, b.ExpiresAt = Active, time.Time{}
	return b, l.mark(ctx, &old, &b)
}

// Renew gives a hold its time once more, from now; ErrRenewed the second
// time, ErrOver when it ran out or is no hold. A zero ttl means HoldTime.
func (e *Engine) Renew(ctx context.Context, tx *store.Tx, id store.ID, ttl time.Duration) (Reservation, error) {
	l := e.ledger(tx)
	b, err := l.hold(ctx, id)
	switch {
	case err != nil:
		return b, err
	case ttl < 0 || ttl > maxHold:
		return b, fault.New(fault.Invalid, "booking.field.ttl")
	case b.State != Held || !b.ExpiresAt.After(tx.Now()):
		return b, over()
	case b.Renewed:
		return b, refuse(ErrRenewed, fault.Conflict, "booking.renewed")
	}
	if ttl == 0 {
		ttl = HoldTime
	}
	old := b
	b.Renewed = true
	if later := tx.Now().Add(ttl); later.After(b.ExpiresAt) {
		b.ExpiresAt = later
	}
	return b, l.mark(ctx, &old, &b)
}

// Cancel frees what a booking takes. version is the one the caller saw, 0 when
// it does not matter; ErrVersion when it changed since. Cancelling what is
// over changes nothing.
func (e *Engine) Cancel(ctx context.Context, tx *store.Tx, id store.ID, version int64) (Reservation, error) {
	l := e.ledger(tx)
	b, err := l.hold(ctx, id)
	if err != nil || b.State == Cancelled || b.State == Expired {
		return b, err
	}
	if err := b.seen(version); err != nil {
		return b, err
	}
	old := b
	b.State, b.ExpiresAt = Cancelled, time.Time{}
	return b, l.mark(ctx, &old, &b)
}

func (b *Reservation) seen(version int64) error {
	if version != 0 && version != b.Version {
		return refuse(ErrVersion, fault.Conflict, "booking.changed")
	}
	return nil
}

// hold reads a booking and holds it still: no other transaction changes it
// before this one ends. Its resources are locked before its own row, as
// everywhere, so that transactions do not wait for one another in a circle.
func (l *ledger) hold(ctx context.Context, id store.ID) (Reservation, error) {
	tx := l.tx
	b, err := load(ctx, tx, id)
	if err != nil {
		return b, err
	}
	if err := l.lock(ctx, b.Resources(), 0); err != nil {
		return b, err
	}
	if tx.Engine() == store.SQLite {
		return b, nil // the only writer: nothing can have changed
	}
	if _, err := tx.Exec(ctx, `UPDATE booking SET version = version WHERE territory_id = @territory AND id = ?`, id); err != nil {
		return b, fmt.Errorf("booking: locking booking %d: %w", id, err)
	}
	return load(ctx, tx, id)
}

// mark writes the state of a booking and of all it takes; old is what it was.
func (l *ledger) mark(ctx context.Context, old, b *Reservation) error {
	tx := l.tx
	b.Version, b.UpdatedAt = b.Version+1, tx.Now()
	_, err := tx.Exec(ctx, `UPDATE booking SET state = ?, expires_at = ?, renewed = ?, version = ?, updated_at = ?
		WHERE territory_id = @territory AND id = ?`, b.State, b.ExpiresAt, b.Renewed, b.Version, b.UpdatedAt, b.ID)
	if err == nil {
		_, err = tx.Exec(ctx, `UPDATE booking_allocation SET state = ?, expires_at = ? WHERE territory_id = @territory AND booking_id = ?`,
			b.State, b.ExpiresAt, b.ID)
	}
	if err != nil {
		return fmt.Errorf("booking: marking booking %d %s: %w", b.ID, b.State, err)
	}
	l.close(old, b)
	return nil
}
