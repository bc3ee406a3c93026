package booking

import (
	"context"
	"fmt"
	"slices"

	"parvis/platform/store"
)

// ledger is what one operation changes of the resources it locks. Revisions
// count the transactions that held a resource, so that what a resource has at the
// last one is what it had at the first and what is written here: after the
// commit the shelf is brought to it without reading the database.
type ledger struct {
	engine *Engine
	tx     *store.Tx
	locked map[store.ID]*turn
	gone   []piled
	come   []piled
}

// turn is what one operation did to one resource.
type turn struct {
	from, to int64 // revisions before and after
	longest  int64
}

// piled is an allocation on its way to the shelf or away from it.
type piled struct {
	resource store.ID
	busy
}

func (e *Engine) ledger(tx *store.Tx) *ledger {
	return &ledger{engine: e, tx: tx, locked: map[store.ID]*turn{}}
}

// lock makes the other transactions that take any of the resources wait until
// this one ends: raising rev holds their rows. longest is what it is about to
// take, 0 when nothing. Identifiers are locked in ascending order so that two
// transactions seldom wait for one another; when they do, the database ends one
// and the store runs it again.
func (l *ledger) lock(ctx context.Context, ids []store.ID, longest int64) error {
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		found := false
		err := l.tx.Each(ctx, `UPDATE booking_resource SET rev = rev + 1, longest = CASE WHEN longest < ? THEN ? ELSE longest END
			WHERE territory_id = @territory AND id = ? RETURNING rev, longest`, []any{longest, longest, id}, func(scan func(...any) error) error {
			found = true
			var rev, most int64
			if err := scan(&rev, &most); err != nil {
				return err
			}
			if l.locked[id] == nil {
				l.locked[id] = &turn{from: rev - 1}
			}
			l.locked[id].to, l.locked[id].longest = rev, most
			return nil
		})
		if err == nil && !found {
			err = store.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("booking: locking resource %d: %w", id, err)
		}
	}
	return nil
}

// longest is the longest time ever taken in one piece of what is locked.
func (l *ledger) longest() int64 {
	most := int64(0)
	for _, t := range l.locked {
		most = max(most, t.longest)
	}
	return most
}

func (b *Reservation) piles() []piled {
	out := make([]piled, 0, len(b.Allocations))
	for _, a := range b.Allocations {
		p := piled{a.ResourceID, busy{interval: between(a.StartsAt.UnixMicro(), a.EndsAt.UnixMicro()), unit: int32(a.Unit)}}
		if !b.ExpiresAt.IsZero() {
			p.expires = b.ExpiresAt.UnixMicro()
		}
		out = append(out, p)
	}
	return out
}

// close tells the shelf, once the transaction is committed, that before became
// after; a nil before is nothing.
func (l *ledger) close(before, after *Reservation) {
	if before != nil {
		l.gone = before.piles()
	}
	if after.State == Held || after.State == Active {
		l.come = after.piles()
	}
	l.tx.AfterCommit(func() {
		for id, t := range l.locked {
			l.engine.shelf.amend(l.tx.Territory(), id, t.from, func(v *volume) *volume { return v.turned(t, l.gone, l.come) })
		}
	})
}
