package booking

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"parvis/platform/calendar"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
)

// overlapping counts pairs of live allocations of one unit that overlap: what
// must never exist, whatever the engine says.
func (d *desk) overlapping() (pairs int64) {
	d.Helper()
	d.update(func(tx *store.Tx) error {
		return tx.Get(d.ctx, &pairs, `SELECT COUNT(*) FROM booking_allocation a JOIN booking_allocation b
			ON a.territory_id = b.territory_id AND a.resource_id = b.resource_id AND a.unit = b.unit AND a.id < b.id
				AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
			WHERE a.territory_id = @territory AND b.territory_id = @territory AND a.state IN ('held', 'active') AND b.state IN ('held', 'active')`)
	})
	return pairs
}

// race makes 8 clients want the same thing at once and returns how many got it
// and what the others were told.
func race(engines []*Engine, h func(*Engine) store.Handle, d *desk, r Request) (won int, others []error) {
	var mu sync.Mutex
	var clients sync.WaitGroup
	start := make(chan struct{})
	for client := range 8 {
		e := engines[client%len(engines)]
		clients.Go(func() {
			<-start
			mine := r
			mine.Subject = fmt.Sprintf("client:%d", client)
			err := h(e).Update(d.ctx, func(tx *store.Tx) error {
				var err error
				if client%2 == 0 {
					_, err = e.Book(d.ctx, tx, mine)
				} else {
					_, err = e.Hold(d.ctx, tx, mine)
				}
				return err
			})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else {
				others = append(others, err)
			}
		})
	}
	close(start)
	clients.Wait()
	return won, others
}

// TestRace: 8 clients on one start. With k members of staff free, k get it;
// the others are told that it is taken, and nothing is booked twice.
func TestRace(t *testing.T) {
	each(t, func(d *desk) { d.rounds(10, []*Engine{d.engine}, func(*Engine) store.Handle { return d.h }) })
}

// TestRaceTwoProcesses: the same from two pools on one PostgreSQL, as two
// processes are.
func TestRaceTwoProcesses(t *testing.T) {
	dsn := storetest.PostgresDSN(t)
	one := storetest.Open(t, dsn, nil, []store.Migration{Migration()})
	two := storetest.Open(t, dsn, nil, nil)
	d := &desk{T: t, ctx: t.Context(), db: one, h: one.In("62"), engine: New(one, Options{})}
	d.rounds(10, []*Engine{d.engine, New(two, Options{})}, func(e *Engine) store.Handle { return e.db.In("62") })
}

func (d *desk) rounds(n int, engines []*Engine, h func(*Engine) store.Handle) {
	room := d.resource(Resource{Kind: Room, Capacity: 20})
	d.weekdays(room, 0, 0, 1440)
	for k := range 3 {
		d.weekdays(d.resource(Resource{}), 0, 540, 1080, "reason:1")
		q := Query{Demand: Demand{Needs: []Need{{Tags: []string{"reason:1"}}, {Resources: []store.ID{room}}}, Duration: 30 * time.Minute}, Limit: n * (k + 1)}
		slots := d.search(q).Slots[n*k:]
		for _, slot := range slots {
			won, others := race(engines, h, d, Request{Demand: q.Demand, Start: slot.Start})
			if won != k+1 {
				d.Errorf("%d free, %d got it", k+1, won)
			}
			for _, err := range others {
				d.is("a loser", err, ErrTaken)
			}
		}
		for _, slot := range d.search(q).Slots {
			for _, taken := range slots {
				if slot.Start.Equal(taken.Start) {
					d.Errorf("%v is full and still offered", slot.Start)
				}
			}
		}
	}
	d.same("overlapping pairs", d.overlapping(), 0)
}

// TestRaceMoves: everybody wants to move to one free start; one does, and the
// others still have what they had.
func TestRaceMoves(t *testing.T) {
	each(t, func(d *desk) {
		d.weekdays(d.resource(Resource{}), 0, 540, 1080, "reason:1")
		demand := Demand{Needs: need("reason:1"), Duration: 30 * time.Minute}
		var mine []Reservation
		for i := range 8 {
			mine = append(mine, d.mustBook(Request{Demand: demand, Subject: "a", Start: at(2026, 3, 2, 9, 30*i)}))
		}
		for round := range 4 {
			target := at(2026, 3, 2, 14, 30*round)
			errs := make([]error, len(mine))
			var movers sync.WaitGroup
			for i, b := range mine {
				movers.Go(func() { _, errs[i] = d.move(b.ID, Move{Start: target}) })
			}
			movers.Wait()
			moved := 0
			for i, b := range mine {
				now := d.get(b.ID)
				switch {
				case errs[i] == nil:
					moved++
					d.same("who won", now.StartsAt, target.UTC())
					mine[i] = now
				case errors.Is(errs[i], ErrTaken):
					d.same("who lost", now, b)
				default:
					d.Error(errs[i])
				}
			}
			d.same("moved", moved, 1)
		}
		d.same("overlapping pairs", d.overlapping(), 0)
	})
}

// TestRaceExpiry: everybody jumps on a hold that has just run out, its owner
// included.
func TestRaceExpiry(t *testing.T) {
	each(t, func(d *desk) {
		d.weekdays(d.resource(Resource{}), 0, 540, 1080, "reason:1")
		r := Request{Demand: Demand{Needs: need("reason:1"), Duration: time.Hour}, Subject: "owner"}
		for round := range 4 {
			r.Start = at(2026, 3, 3, 9+round, 0)
			held, err := d.hold(r)
			if err != nil {
				t.Fatal(err)
			}
			d.clk.Advance(HoldTime)
			var owner error
			var ended sync.WaitGroup
			ended.Go(func() { _, owner = d.confirm(held.ID) })
			ended.Go(func() {
				if err := d.engine.Expire(d.ctx); err != nil {
					t.Error(err)
				}
			})
			won, _ := race([]*Engine{d.engine}, func(*Engine) store.Handle { return d.h }, d, r)
			ended.Wait()
			if owner == nil {
				won++
			} else if !errors.Is(owner, ErrTaken) {
				t.Errorf("the owner is told %v", owner)
			}
			d.same("got it", won, 1)
		}
		d.same("overlapping pairs", d.overlapping(), 0)
	})
}

// TestSeenByOtherProcess: what one engine writes, another one that remembers an
// older state sees at once; what is rolled back, nobody sees.
func TestSeenByOtherProcess(t *testing.T) {
	each(t, func(d *desk) {
		other := New(d.db, Options{})
		id := d.resource(Resource{})
		rule := d.weekdays(id, 0, 540, 660, "reason:1")
		q := Query{Demand: Demand{Needs: need("reason:1"), Duration: time.Hour}, To: at(2026, 3, 3, 0, 0)}
		seen := func(what string, n int) {
			for _, e := range []*Engine{d.engine, other} {
				r, err := e.Search(d.ctx, d.h, q)
				if err != nil {
					t.Fatal(err)
				}
				d.same(what, len(r.Slots), n)
			}
		}
		seen("at first", 2)
		b := d.mustBook(Request{Demand: q.Demand, Subject: "a", Start: at(2026, 3, 2, 9, 0)})
		seen("booked", 1)
		if _, err := d.move(b.ID, Move{Start: at(2026, 3, 3, 9, 0)}); err != nil {
			t.Fatal(err)
		}
		seen("moved away", 2)
		d.update(func(tx *store.Tx) error {
			_, _, err := d.engine.SaveRule(d.ctx, tx, Rule{ID: rule, ResourceID: id, Tags: []string{"reason:1"},
				When: calendar.Rule{Start: calendar.On(2026, 3, 2), From: 540, To: 780}})
			return err
		})
		seen("longer range", 4)
		err := d.h.Update(d.ctx, func(tx *store.Tx) error {
			if _, err := d.engine.Book(d.ctx, tx, Request{Demand: q.Demand, Subject: "b", Start: at(2026, 3, 2, 9, 0)}); err != nil {
				return err
			}
			return errors.New("the service changes its mind")
		})
		if err == nil {
			t.Fatal("rolled back without an error")
		}
		seen("rolled back", 4)
	})
}
