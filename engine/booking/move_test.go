package booking

import (
	"testing"
	"time"

	"parvis/platform/store"
)

func (d *desk) move(id store.ID, m Move) (Reservation, error) {
	d.Helper()
	var b Reservation
	err := d.h.Update(d.ctx, func(tx *store.Tx) (err error) {
		b, err = d.engine.Move(d.ctx, tx, id, m)
		return err
	})
	return b, err
}

func TestMove(t *testing.T) {
	each(t, func(d *desk) {
		agent := d.resource(Resource{})
		other := d.resource(Resource{})
		d.weekdays(agent, 5, 540, 720, "reason:1")
		d.weekdays(other, 5, 540, 720, "reason:1")
		demand := Demand{Needs: []Need{{Tags: []string{"reason:1"}, Referents: []store.ID{agent}}}, Duration: time.Hour, BufferAfter: 10 * time.Minute}
		b := d.mustBook(Request{Demand: demand, Subject: "a", Start: at(2026, 3, 2, 9, 0)})

		// Half an hour later, over its own old time, with the same person.
		moved, err := d.move(b.ID, Move{Start: at(2026, 3, 2, 9, 30), Version: b.Version})
		if err != nil {
			t.Fatal(err)
		}
		d.same("moved", []any{moved.StartsAt, moved.EndsAt, moved.PlaceID, moved.Version, moved.BufferAfter, moved.Resources()},
			[]any{at(2026, 3, 2, 9, 30).UTC(), at(2026, 3, 2, 10, 30).UTC(), 5, 2, 10 * time.Minute, []store.ID{agent}})
		d.same("read back", d.get(b.ID), moved)
		_, err = d.move(b.ID, Move{Start: at(2026, 3, 2, 11, 0), Version: b.Version})
		d.is("by who saw the old version", err, ErrVersion)

		// Somebody has that person at 11 h: the same resources are refused …
		rival := demand
		rival.BufferAfter = 0
		d.mustBook(Request{Demand: rival, Subject: "b", Start: at(2026, 3, 2, 11, 0)})
		err = d.h.Update(d.ctx, func(tx *store.Tx) error {
			_, err := d.engine.Move(d.ctx, tx, b.ID, Move{Start: at(2026, 3, 2, 11, 0)})
			d.is("onto what is taken", err, ErrTaken)
			return nil // a caller that commits all the same
		})
		if err != nil {
			t.Fatal(err)
		}
		d.same("who loses keeps what they had", d.get(b.ID), moved)
		_, err = d.book(Request{Demand: Demand{Needs: []Need{{Resources: []store.ID{agent}}}, Duration: time.Hour}, Subject: "c", Start: at(2026, 3, 2, 9, 0)})
		d.is("and nobody else gets it", err, ErrTaken)

		// … and with the whole demand, the other person takes over.
		moved, err = d.move(b.ID, Move{Start: at(2026, 3, 2, 11, 0), Demand: &demand})
		if err != nil {
			t.Fatal(err)
		}
		d.same("other person", moved.Resources(), []store.ID{other})
		d.mustBook(Request{Demand: Demand{Needs: []Need{{Resources: []store.ID{agent}}}, Duration: time.Hour}, Subject: "c", Start: at(2026, 3, 2, 9, 0)})

		_, err = d.move(b.ID, Move{Start: at(2026, 3, 7, 11, 0)})
		d.is("onto a Saturday", err, ErrClosed)
		forced, err := d.move(b.ID, Move{Start: at(2026, 3, 7, 11, 0), Force: true})
		if err != nil || !forced.Forced || forced.PlaceID != 5 {
			t.Fatalf("forced: %+v, %v", forced, err)
		}
		d.update(func(tx *store.Tx) error {
			_, err := d.engine.Cancel(d.ctx, tx, b.ID, moved.Version)
			d.is("cancelling an old version", err, ErrVersion)
			_, err = d.engine.Cancel(d.ctx, tx, b.ID, forced.Version)
			return err
		})
		_, err = d.move(b.ID, Move{Start: at(2026, 3, 3, 11, 0)})
		d.is("what was cancelled", err, ErrOver)
	})
}

// TestMoveHold: a hold that moves stays a hold with the time it has left.
func TestMoveHold(t *testing.T) {
	each(t, func(d *desk) {
		d.weekdays(d.resource(Resource{}), 0, 540, 720, "reason:1")
		held, err := d.hold(Request{Demand: Demand{Needs: need("reason:1"), Duration: time.Hour}, Subject: "a", Start: at(2026, 3, 2, 9, 0)})
		if err != nil {
			t.Fatal(err)
		}
		moved, err := d.move(held.ID, Move{Start: at(2026, 3, 2, 10, 0)})
		if err != nil || moved.State != Held || !moved.ExpiresAt.Equal(held.ExpiresAt) {
			t.Fatalf("moved: %+v, %v", moved, err)
		}
		d.clk.Advance(HoldTime)
		_, err = d.move(held.ID, Move{Start: at(2026, 3, 2, 9, 0)})
		d.is("after its time", err, ErrOver)
	})
}
