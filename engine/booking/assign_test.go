package booking

import (
	"errors"
	"slices"
	"testing"
	"time"

	"parvis/platform/store"
)

func TestAssignment(t *testing.T) {
	each(t, func(d *desk) {
		var agents []store.ID
		for range 3 {
			agents = append(agents, d.resource(Resource{}))
			d.weekdays(agents[len(agents)-1], 0, 540, 720, "reason:1")
		}
		book := func(n Need, hour int) (store.ID, Reason) {
			n.Tags = []string{"reason:1"}
			b := d.mustBook(Request{Demand: Demand{Needs: []Need{n}, Duration: 30 * time.Minute}, Subject: "a", Start: at(2026, 3, 2, hour, 0)})
			return b.Allocations[0].ResourceID, b.Allocations[0].Reason
		}
		who, why := book(Need{Referents: []store.ID{agents[2]}, Last: []store.ID{agents[1]}}, 9)
		d.same("referent first", []any{who, why}, []any{agents[2], Referent})
		who, why = book(Need{Referents: []store.ID{agents[2]}, Last: []store.ID{agents[1]}}, 9)
		d.same("then as last time", []any{who, why}, []any{agents[1], SameAsLast})
		who, why = book(Need{Referents: []store.ID{agents[2]}, Last: []store.ID{agents[1]}}, 9)
		d.same("then the only one left", []any{who, why}, []any{agents[0], Only})
		_, _ = book(Need{Resources: []store.ID{agents[0]}}, 10)
		_, _ = book(Need{Resources: []store.ID{agents[1]}}, 10)
		who, why = book(Need{}, 11)
		d.same("least loaded that day", []any{who, why}, []any{agents[2], LeastLoaded})
		// 60, 60 and 60 minutes: who works half time counts double.
		who, _ = book(Need{Weights: map[store.ID]int{agents[0]: 50, agents[1]: 50}}, 11)
		d.same("weighted", who, agents[0]) // agents[2] is taken; both half time, first identifier
	})
}

// TestSeveralResources: an agent, a room and equipment, all or nothing, at one place.
func TestSeveralResources(t *testing.T) {
	each(t, func(d *desk) {
		agent := d.resource(Resource{})
		colleague := d.resource(Resource{})
		room := d.resource(Resource{Kind: Room, PlaceID: 5})
		far := d.resource(Resource{Kind: Room, PlaceID: 6})
		van := d.resource(Resource{Kind: Vehicle})
		d.weekdays(agent, 5, 540, 720, "reason:1")
		d.weekdays(colleague, 5, 540, 660, "reason:1")
		for _, id := range []store.ID{room, far, van} {
			d.weekdays(id, 0, 0, 1440)
		}
		demand := Demand{Duration: time.Hour, Needs: []Need{{Tags: []string{"reason:1"}}, {Tags: []string{"reason:1"}}, {Kind: Room}, {Kind: Vehicle}}}
		q := Query{Demand: demand, To: at(2026, 3, 3, 0, 0)}
		got := d.search(q)
		d.same("two agents, until 11", clocks(got.Slots), "[02 09:00 02 10:00]")
		d.same("only the room of that place", got.Slots[0].Candidates[2], []store.ID{room})

		b := d.mustBook(Request{Demand: demand, Subject: "a", Start: at(2026, 3, 2, 9, 0)})
		d.same("taken", slices.Sorted(slices.Values(b.Resources())), []store.ID{agent, colleague, room, van})
		d.same("place", b.PlaceID, 5)
		d.same("left", clocks(d.search(q).Slots), "[02 10:00]")

		// The van is gone at 10: nothing of the rest is taken.
		d.mustBook(Request{Demand: Demand{Duration: time.Hour, Needs: []Need{{Kind: Vehicle}}}, Subject: "b", Start: at(2026, 3, 2, 10, 0)})
		_, err := d.book(Request{Demand: demand, Subject: "c", Start: at(2026, 3, 2, 10, 0)})
		d.is("without a van", err, ErrTaken)
		d.mustBook(Request{Demand: Demand{Duration: time.Hour, Needs: []Need{{Resources: []store.ID{room}}}}, Subject: "d", Start: at(2026, 3, 2, 10, 0)})
		d.update(func(tx *store.Tx) error {
			bs, err := d.engine.BySubject(d.ctx, tx, "c")
			d.same("nothing of it", len(bs), 0)
			return err
		})
	})
}

// TestSeats: numbered units, several at once, never more than there are.
func TestSeats(t *testing.T) {
	each(t, func(d *desk) {
		hall := d.resource(Resource{Kind: Seats, Capacity: 5})
		d.weekdays(hall, 0, 540, 600)
		seats := func(n int) Request {
			return Request{Demand: Demand{Duration: time.Hour, Needs: []Need{{Resources: []store.ID{hall}, Units: n}}}, Subject: "a", Start: at(2026, 3, 2, 9, 0)}
		}
		units := func(b Reservation) (out []int) {
			for _, a := range b.Allocations {
				out = append(out, a.Unit)
			}
			return out
		}
		first := d.mustBook(seats(2))
		d.same("two", units(first), "[1 2]")
		second := d.mustBook(seats(2))
		d.same("two more", units(second), "[3 4]")
		_, err := d.book(seats(2))
		d.is("two of one", err, ErrTaken)
		_, err = d.book(seats(6))
		d.is("more than there are", err, ErrClosed)
		q := Query{Demand: seats(1).Demand, To: at(2026, 3, 3, 0, 0)}
		d.same("one is left", len(d.search(q).Slots), 1)
		d.same("the last", units(d.mustBook(seats(1))), "[5]")
		d.same("full", len(d.search(q).Slots), 0)
		d.update(func(tx *store.Tx) error {
			_, err := d.engine.Cancel(d.ctx, tx, second.ID, 0)
			return err
		})
		d.same("freed", units(d.mustBook(seats(2))), "[3 4]")

		// Two seats are taken out of the hall: who has the fifth keeps it.
		d.update(func(tx *store.Tx) error {
			smaller, err := d.engine.Resource(d.ctx, tx, hall)
			if err != nil {
				return err
			}
			smaller.Capacity = 3
			_, err2 := d.engine.Cancel(d.ctx, tx, first.ID, 0)
			return errors.Join(err2, d.engine.UpdateResource(d.ctx, tx, smaller))
		})
		d.same("three left, two free", len(d.search(Query{Demand: seats(2).Demand, To: at(2026, 3, 3, 0, 0)}).Slots), 1)
		d.same("no more", len(d.search(Query{Demand: seats(3).Demand, To: at(2026, 3, 3, 0, 0)}).Slots), 0)
		d.same("freed too", units(d.mustBook(seats(2))), "[1 2]")
	})
}

// TestForce: staff book outside what is open, never what is taken, never a
// resource that is no longer in service.
func TestForce(t *testing.T) {
	each(t, func(d *desk) {
		agent := d.resource(Resource{})
		d.weekdays(agent, 5, 540, 600, "reason:1")
		r := Request{Demand: Demand{Needs: []Need{{Resources: []store.ID{agent}, Tags: []string{"reason:2"}}}, Places: []store.ID{9}, Duration: time.Hour},
			Subject: "a", Start: at(2026, 3, 1, 22, 0)}
		_, err := d.book(r)
		d.is("Sunday night, in the past, for another reason, elsewhere", err, ErrClosed)
		r.Force = true
		b := d.mustBook(r)
		d.same("as asked", []any{b.Forced, b.PlaceID, b.Resources()}, []any{true, 9, []store.ID{agent}})
		_, err = d.book(r)
		d.is("twice", err, ErrTaken)
		d.update(func(tx *store.Tx) error {
			gone, err := d.engine.Resource(d.ctx, tx, agent)
			if err != nil {
				return err
			}
			gone.Active = false
			return d.engine.UpdateResource(d.ctx, tx, gone)
		})
		r.Start = at(2026, 3, 2, 9, 0)
		_, err = d.book(r)
		d.is("no longer in service", err, ErrClosed)
		d.same("nor offered", len(d.search(Query{Demand: Demand{Needs: need("reason:1"), Duration: time.Hour}}).Slots), 0)
	})
}

// TestCheck tells who would serve, and writes nothing.
func TestCheck(t *testing.T) {
	each(t, func(d *desk) {
		agent := d.resource(Resource{})
		d.weekdays(agent, 0, 540, 600, "reason:1")
		r := Request{Demand: Demand{Needs: need("reason:1"), Duration: time.Hour}, Subject: "a", Start: at(2026, 3, 2, 9, 0)}
		for range 2 {
			d.update(func(tx *store.Tx) error {
				who, err := d.engine.Check(d.ctx, tx, r)
				if err == nil && (len(who) != 1 || who[0].ResourceID != agent) {
					t.Errorf("would be served by %v", who)
				}
				return err
			})
		}
		d.mustBook(r)
		err := d.h.View(d.ctx, func(tx *store.Tx) error {
			_, err := d.engine.Check(d.ctx, tx, r)
			return err
		})
		d.is("once booked", err, ErrTaken)
	})
}

func TestInvalid(t *testing.T) {
	each(t, func(d *desk) {
		good := Demand{Needs: need("reason:1"), Duration: time.Hour}
		for field, spoil := range map[string]func(q *Demand){
			"needs":    func(q *Demand) { q.Needs = []Need{{}} },
			"kind":     func(q *Demand) { q.Needs = []Need{{Kind: "chair"}} },
			"units":    func(q *Demand) { q.Needs = []Need{{Kind: Seats, Units: -1}} },
			"duration": func(q *Demand) { q.Duration = 32 * 24 * time.Hour },
			"step":     func(q *Demand) { q.Step = time.Second },
			"offset":   func(q *Demand) { q.Offset = -time.Minute },
			"buffer":   func(q *Demand) { q.BufferBefore = -time.Minute },
		} {
			bad := good
			spoil(&bad)
			_, err := d.engine.Search(d.ctx, d.h, Query{Demand: bad})
			d.wrong(field, err)
			_, err = d.book(Request{Demand: bad, Subject: "a", Start: at(2026, 3, 2, 9, 0)})
			d.wrong(field, err)
		}
		_, err := d.book(Request{Demand: good, Start: at(2026, 3, 2, 9, 0)})
		d.wrong("subject", err)
		_, err = d.book(Request{Demand: good, Subject: "a"})
		d.wrong("start", err)
		_, err = d.hold(Request{Demand: good, Subject: "a", Start: at(2026, 3, 2, 9, 0), TTL: 2 * time.Hour})
		d.wrong("ttl", err)
		add := func(r Resource) error {
			return d.h.Update(d.ctx, func(tx *store.Tx) error { _, err := d.engine.AddResource(d.ctx, tx, r); return err })
		}
		for _, field := range []string{"kind", "name", "time_zone", "holiday_zone"} {
			d.wrong(field, add(Resource{}))
		}
		d.wrong("capacity", add(Resource{Capacity: 10001}))
		d.wrong("horizon_days", add(Resource{HorizonDays: 371}))
		d.wrong("time_zone", add(Resource{TimeZone: "Local"}))
	})
}

// wrong fails unless err blames the field.
func (d *desk) wrong(field string, err error) {
	d.Helper()
	if f := faultOf(err); f == nil || !slices.Contains(f, field) {
		d.Errorf("error %v does not blame %s", err, field)
	}
}
