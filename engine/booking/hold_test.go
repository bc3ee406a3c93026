package booking

import (
	"errors"
	"testing"
	"time"

	"parvis/platform/store"
)

func (d *desk) hold(r Request) (Reservation, error) {
	d.Helper()
	var b Reservation
	err := d.h.Update(d.ctx, func(tx *store.Tx) (err error) {
		b, err = d.engine.Hold(d.ctx, tx, r)
		return err
	})
	return b, err
}

func (d *desk) confirm(id store.ID) (Reservation, error) {
	d.Helper()
	var b Reservation
	err := d.h.Update(d.ctx, func(tx *store.Tx) (err error) {
		b, err = d.engine.Confirm(d.ctx, tx, id)
		return err
	})
	return b, err
}

func (d *desk) get(id store.ID) Reservation {
	d.Helper()
	var b Reservation
	d.update(func(tx *store.Tx) (err error) {
		b, err = d.engine.Get(d.ctx, tx, id)
		return err
	})
	return b
}

func TestHold(t *testing.T) {
	each(t, func(d *desk) {
		d.weekdays(d.resource(Resource{}), 0, 540, 600, "reason:1")
		demand := Demand{Needs: need("reason:1"), Duration: time.Hour}
		day := Query{Demand: demand, To: at(2026, 3, 3, 0, 0)}
		request := Request{Demand: demand, Subject: "a", Start: at(2026, 3, 2, 9, 0)}
		held, err := d.hold(request)
		if err != nil || held.State != Held || !held.ExpiresAt.Equal(d.clk.Now().Add(HoldTime)) {
			t.Fatalf("hold: %+v, %v", held, err)
		}
		d.same("held slots are not offered", len(d.search(day).Slots), 0)
		_, err = d.book(request)
		d.is("a hold keeps others out", err, ErrTaken)

		firm, err := d.confirm(held.ID)
		if err != nil || firm.State != Active || !firm.ExpiresAt.IsZero() || firm.Version != 2 {
			t.Fatalf("confirm: %+v, %v", firm, err)
		}
		d.same("read back", d.get(held.ID), firm)
		again, err := d.confirm(held.ID)
		if err != nil || again.Version != 2 {
			t.Fatalf("confirming twice: %+v, %v", again, err)
		}
		d.clk.Advance(time.Hour)
		_, err = d.book(Request{Demand: demand, Subject: "b", Start: at(2026, 3, 2, 9, 0)})
		d.is("a confirmed hold does not expire", err, ErrTaken)
	})
}

func TestHoldExpires(t *testing.T) {
	each(t, func(d *desk) {
		d.weekdays(d.resource(Resource{}), 0, 540, 600, "reason:1")
		demand := Demand{Needs: need("reason:1"), Duration: time.Hour}
		day := Query{Demand: demand, To: at(2026, 3, 3, 0, 0)}
		request := Request{Demand: demand, Subject: "a", Start: at(2026, 3, 2, 9, 0)}
		held, err := d.hold(request)
		if err != nil {
			t.Fatal(err)
		}
		d.search(day)
		d.clk.Advance(HoldTime)
		d.same("offered again", len(d.search(day).Slots), 1)

		// Nobody took it: the slow person keeps it.
		late, err := d.confirm(held.ID)
		if err != nil || late.State != Active {
			t.Fatalf("late confirmation: %+v, %v", late, err)
		}
		d.update(func(tx *store.Tx) error {
			_, err := d.engine.Cancel(d.ctx, tx, held.ID, 0)
			return err
		})
		_, err = d.confirm(held.ID)
		d.is("confirming what was cancelled", err, ErrOver)

		held, err = d.hold(request)
		if err != nil {
			t.Fatal(err)
		}
		d.clk.Advance(HoldTime)
		request.Subject = "b"
		winner := d.mustBook(request)
		d.same("flipped by the booking", d.get(held.ID).State, Expired)
		_, err = d.confirm(held.ID)
		d.is("too late", err, ErrTaken)
		d.same("nothing changed", []State{d.get(held.ID).State, d.get(winner.ID).State}, []State{Expired, Active})
	})
}

func TestRenewOnce(t *testing.T) {
	each(t, func(d *desk) {
		d.weekdays(d.resource(Resource{}), 0, 540, 600, "reason:1")
		held, err := d.hold(Request{Demand: Demand{Needs: need("reason:1"), Duration: time.Hour}, Subject: "a", Start: at(2026, 3, 2, 9, 0), TTL: 2 * time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		renew := func() (b Reservation, err error) {
			err = d.h.Update(d.ctx, func(tx *store.Tx) (err error) {
				b, err = d.engine.Renew(d.ctx, tx, held.ID, 3*time.Minute)
				return err
			})
			return b, err
		}
		d.clk.Advance(time.Minute)
		b, err := renew()
		if err != nil || !b.ExpiresAt.Equal(d.clk.Now().Add(3*time.Minute)) {
			t.Fatalf("renewed: %+v, %v", b, err)
		}
		_, err = renew()
		d.is("twice", err, ErrRenewed)
		d.clk.Advance(3 * time.Minute)
		_, err = renew()
		d.is("after its time", err, ErrOver)
		d.same("kept what it had", d.get(held.ID).ExpiresAt, b.ExpiresAt)
	})
}

// TestExpireJob marks holds of every territory, and only those.
func TestExpireJob(t *testing.T) {
	each(t, func(d *desk) {
		d.weekdays(d.resource(Resource{}), 0, 540, 720, "reason:1")
		demand := Demand{Needs: need("reason:1"), Duration: time.Hour}
		short, err := d.hold(Request{Demand: demand, Subject: "a", Start: at(2026, 3, 2, 9, 0), TTL: time.Minute})
		long, err2 := d.hold(Request{Demand: demand, Subject: "b", Start: at(2026, 3, 2, 10, 0), TTL: time.Hour})
		firm := d.mustBook(Request{Demand: demand, Subject: "c", Start: at(2026, 3, 2, 11, 0)})
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		d.clk.Advance(2 * time.Minute)
		if err := d.engine.Expire(d.ctx); err != nil {
			t.Fatal(err)
		}
		d.same("states", []State{d.get(short.ID).State, d.get(long.ID).State, d.get(firm.ID).State}, []State{Expired, Held, Active})
		d.clk.Advance(keepExpired + time.Hour)
		if err := errors.Join(d.engine.Expire(d.ctx), d.engine.Extend(d.ctx)); err != nil {
			t.Fatal(err)
		}
		d.update(func(tx *store.Tx) error {
			_, err := d.engine.Get(d.ctx, tx, short.ID)
			d.is("an old hold that came to nothing", err, store.ErrNotFound)
			return nil
		})
		d.same("states a month later", []State{d.get(long.ID).State, d.get(firm.ID).State}, []State{Expired, Active})
	})
}
