package booking

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"parvis/platform/calendar"
	"parvis/platform/store"
)

// TestRandomLife runs random lives of a small territory and checks after each
// step that an engine that remembers sees what one that starts anew sees, that
// what is offered can be booked and what is not cannot, and that nothing is
// booked twice.
func TestRandomLife(t *testing.T) {
	lives := 0
	fewer(t, 30)
	each(t, func(d *desk) {
		refused, done := 0, 0
		rapid.Check(t, func(rt *rapid.T) {
			lives++
			d.clk.Set(at(2026, 3, 26, 7, 0)) // the clocks change on the 29th
			l := &life{desk: &desk{d.T, d.ctx, d.db, d.db.In(fmt.Sprintf("life-%d", lives)), d.clk, d.engine}, rt: rt}
			for i := range 3 {
				r := Resource{Kind: Person, Capacity: 1 + i/2}
				l.resources = append(l.resources, l.resource(r))
				l.weekdays(l.resources[i], store.ID(i), 540, 720, "reason:1")
			}
			for range rapid.IntRange(5, 12).Draw(rt, "steps") {
				switch err := l.step(); {
				case err == nil:
					done++
				case errors.Is(err, ErrTaken), errors.Is(err, ErrClosed), errors.Is(err, ErrOver), errors.Is(err, ErrRenewed), errors.Is(err, errAbandoned):
					refused++
				default:
					rt.Fatal(err)
				}
				l.check()
			}
		})
		if done < 100 || refused < 20 {
			t.Errorf("%d steps done, %d refused: too few to prove anything", done, refused)
		}
	})
}

// fewer bounds the worlds that rapid draws in a test that needs a database.
func fewer(t *testing.T, checks int) {
	f := flag.Lookup("rapid.checks")
	old := f.Value.String()
	if err := f.Value.Set(strconv.Itoa(checks)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Value.Set(old); err != nil {
			t.Error(err)
		}
	})
}

var errAbandoned = errors.New("given up after it was done")

type life struct {
	*desk
	rt        *rapid.T
	resources []store.ID
	bookings  []Reservation
	closures  []store.ID
}

func (l *life) int(low, high int, label string) int {
	return rapid.IntRange(low, high).Draw(l.rt, label)
}

// time is a quarter of an hour of the next days.
func (l *life) time() time.Time {
	return at(2026, 3, 26+l.int(0, 5, "day"), l.int(8, 13, "hour"), 15*l.int(0, 3, "quarter"))
}

func (l *life) demand() Demand {
	d := Demand{Duration: time.Duration(l.int(1, 6, "quarters")) * 15 * time.Minute, Step: 15 * time.Minute,
		BufferBefore: time.Duration(l.int(0, 1, "before")) * 10 * time.Minute, BufferAfter: time.Duration(l.int(0, 2, "after")) * 15 * time.Minute}
	d.Needs = []Need{{Tags: []string{"reason:1"}}}
	if l.int(0, 3, "two") == 0 {
		d.Needs = append(d.Needs, Need{Resources: l.resources[1:], Units: l.int(1, 2, "units")})
	}
	if l.int(0, 3, "place") == 0 {
		d.Places = []store.ID{store.ID(l.int(1, 2, "place id"))}
	}
	return d
}

func (l *life) step() error {
	e, ctx := l.engine, l.ctx
	var some *Reservation
	if len(l.bookings) > 0 {
		some = &l.bookings[l.int(0, len(l.bookings)-1, "booking")]
	}
	action := rapid.SampledFrom([]string{"book", "book", "book", "hold", "hold", "confirm", "renew", "cancel", "move", "move", "abandon", "twice",
		"rule", "override", "close", "open", "later", "expire"}).Draw(l.rt, "action")
	if action == "later" {
		l.clk.Advance(time.Duration(l.int(1, 300, "minutes")) * time.Minute)
		return nil
	}
	if action == "expire" {
		return e.Expire(ctx)
	}
	before := l.bookings
	err := l.h.Update(ctx, func(tx *store.Tx) error {
		l.bookings = slices.Clone(before)
		switch action {
		case "book", "hold":
			r := Request{Demand: l.demand(), Subject: "a", Start: l.time(), Force: l.int(0, 5, "force") == 0}
			book := e.Book
			if action == "hold" {
				book = e.Hold
			}
			b, err := book(ctx, tx, r)
			if err == nil {
				l.bookings = append(l.bookings, b)
			}
			return err
		case "abandon", "twice": // several operations in one transaction, which may be rolled back
			for range 2 {
				b, err := e.Book(ctx, tx, Request{Demand: l.demand(), Subject: "a", Start: l.time()})
				if err != nil {
					return err
				}
				l.bookings = append(l.bookings, b)
			}
			last := &l.bookings[len(l.bookings)-1]
			var err error
			if *last, err = e.Move(ctx, tx, last.ID, Move{Start: l.time(), Force: true}); err == nil && action == "abandon" {
				err = errAbandoned
			}
			return err
		case "rule":
			_, _, err := e.SaveRule(ctx, tx, Rule{ResourceID: l.resources[l.int(0, 2, "resource")], PlaceID: store.ID(l.int(0, 2, "place")),
				Tags: []string{rapid.SampledFrom([]string{"reason:1", "reason:2"}).Draw(l.rt, "tag")},
				When: calendar.Rule{Start: calendar.On(2026, 3, 26+l.int(0, 4, "day")), From: 60 * l.int(0, 10, "from"), To: 60 * l.int(11, 30, "to")}})
			if f := faultOf(err); f != nil { // more than 24 hours
				return nil
			}
			return err
		case "override":
			rules, err := e.Rules(ctx, tx, l.resources[0])
			if err != nil {
				return err
			}
			return e.SetOverride(ctx, tx, rules[0].ID, Override{Day: calendar.On(2026, 3, 30), Cancelled: l.int(0, 1, "cancelled") == 0,
				From: 600, To: 660, PlaceID: store.ID(l.int(0, 2, "place"))})
		case "close":
			c := Closure{Kind: Absence, StartsAt: l.time()}
			c.EndsAt = c.StartsAt.Add(time.Duration(l.int(1, 100, "quarters")) * 15 * time.Minute)
			switch l.int(0, 2, "scope") {
			case 0:
				c.ResourceID = l.resources[l.int(0, 2, "resource")]
			case 1:
				c.PlaceID = store.ID(l.int(1, 2, "place"))
			}
			id, err := e.AddClosure(ctx, tx, c)
			l.closures = append(l.closures, id)
			return err
		case "open":
			if len(l.closures) == 0 {
				return nil
			}
			id := l.closures[0]
			l.closures = l.closures[1:]
			return e.DeleteClosure(ctx, tx, id)
		}
		if some == nil {
			return nil
		}
		i := slices.IndexFunc(l.bookings, func(b Reservation) bool { return b.ID == some.ID })
		var err error
		var b Reservation
		switch action {
		case "confirm":
			b, err = e.Confirm(ctx, tx, some.ID)
		case "renew":
			b, err = e.Renew(ctx, tx, some.ID, 0)
		case "cancel":
			b, err = e.Cancel(ctx, tx, some.ID, 0)
		case "move":
			m := Move{Start: l.time(), Force: l.int(0, 4, "force") == 0}
			if l.int(0, 1, "demand") == 0 {
				wanted := l.demand()
				m.Demand = &wanted
			}
			b, err = e.Move(ctx, tx, some.ID, m)
		}
		if err == nil {
			l.bookings[i] = b
		}
		return err
	})
	if err != nil {
		l.bookings = before
	}
	return err
}

func (l *life) check() {
	e := l.engine
	if n := l.overlapping(); n > 0 {
		l.rt.Fatalf("%d overlapping pairs", n)
	}
	for _, want := range l.bookings {
		got := l.get(want.ID)
		if want.State == Held && got.State == Expired {
			continue // by the job, or by who took its place
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			l.rt.Fatalf("booking (-answered +stored):\n%s", diff)
		}
	}
	d := l.demand()
	q := Query{Demand: d, To: at(2026, 4, 1, 0, 0), PerPlace: true, DensityFirst: l.int(0, 1, "density") == 0}
	warm, err := e.Search(l.ctx, l.h, q)
	cold, err2 := New(l.db, Options{}).Search(l.ctx, l.h, q)
	if err := errors.Join(err, err2); err != nil {
		l.rt.Fatal(err)
	}
	if diff := gocmp.Diff(cold, warm, cmpopts.EquateEmpty()); diff != "" {
		l.rt.Fatalf("search (-anew +remembering):\n%s", diff)
	}
	offered := func(t time.Time) bool {
		return slices.ContainsFunc(cold.Slots, func(s Slot) bool { return s.Start.Equal(t) })
	}
	times := []time.Time{l.time(), l.time()}
	if len(cold.Slots) > 0 {
		times = append(times, cold.Slots[l.int(0, len(cold.Slots)-1, "slot")].Start)
	}
	for _, t := range times {
		err := l.h.View(l.ctx, func(tx *store.Tx) error {
			_, err := e.Check(l.ctx, tx, Request{Demand: d, Subject: "a", Start: t})
			return err
		})
		if offered(t) != (err == nil) {
			l.rt.Fatalf("%v: offered %v, booking answers %v", t, offered(t), err)
		}
	}
}
