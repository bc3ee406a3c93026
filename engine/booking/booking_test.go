package booking

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"parvis/platform/calendar"
	"parvis/platform/clock"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
)

// desk is a small territory: one place, rules every working day.
type desk struct {
	*testing.T
	ctx    context.Context
	db     *store.DB
	h      store.Handle
	clk    *clock.Fake
	engine *Engine
}

var paris = mustZone("Europe/Paris")

func mustZone(name string) *time.Location {
	zone, err := location(name)
	if err != nil {
		panic(err)
	}
	return zone
}

// at is a Paris time.
func at(year int, month time.Month, day, hour, minute int) time.Time {
	return time.Date(year, month, day, hour, minute, 0, 0, paris)
}

// each runs body on both engines, on Monday 2 March 2026 at 7 h in Paris.
func each(t *testing.T, body func(d *desk)) {
	t.Helper()
	storetest.EachClock(t, []store.Migration{Migration()}, func(t *testing.T, db *store.DB, clk *clock.Fake) {
		clk.Set(at(2026, 3, 2, 7, 0))
		body(&desk{t, t.Context(), db, db.In("62"), clk, New(db, Options{})})
	})
}

func (d *desk) update(fn func(tx *store.Tx) error) {
	d.Helper()
	if err := d.h.Update(d.ctx, fn); err != nil {
		d.Fatal(err)
	}
}

func (d *desk) resource(r Resource) store.ID {
	d.Helper()
	if r.Kind == "" {
		r.Kind = Person
	}
	if r.TimeZone == "" {
		r.TimeZone, r.HolidayZone = "Europe/Paris", calendar.ZoneMainland
	}
	r.Name, r.Active = "Camille Exemple", true
	d.update(func(tx *store.Tx) (err error) {
		r.ID, err = d.engine.AddResource(d.ctx, tx, r)
		return err
	})
	return r.ID
}

// weekdays opens a resource Monday to Friday.
func (d *desk) weekdays(resource, place store.ID, from, to int, tags ...string) store.ID {
	d.Helper()
	return d.rule(Rule{ResourceID: resource, PlaceID: place, Tags: tags,
		When: calendar.Rule{RRule: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", Start: calendar.On(2026, 1, 1), From: from, To: to}})
}

func (d *desk) rule(r Rule) store.ID {
	d.Helper()
	var id store.ID
	d.update(func(tx *store.Tx) (err error) {
		id, _, err = d.engine.SaveRule(d.ctx, tx, r)
		return err
	})
	return id
}

func (d *desk) search(q Query) Result {
	d.Helper()
	r, err := d.engine.Search(d.ctx, d.h, q)
	if err != nil {
		d.Fatal(err)
	}
	return r
}

func (d *desk) book(r Request) (Reservation, error) {
	d.Helper()
	var b Reservation
	err := d.h.Update(d.ctx, func(tx *store.Tx) (err error) {
		b, err = d.engine.Book(d.ctx, tx, r)
		return err
	})
	return b, err
}

func (d *desk) mustBook(r Request) Reservation {
	d.Helper()
	b, err := d.book(r)
	if err != nil {
		d.Fatal(err)
	}
	return b
}

// clocks writes starts as Paris times: "02 09:00".
func clocks(slots []Slot) []string {
	out := []string{}
	for _, s := range slots {
		out = append(out, s.Start.In(paris).Format("02 15:04"))
	}
	return out
}

func need(tag string) []Need { return []Need{{Tags: []string{tag}}} }

// same fails unless the two print alike.
func (d *desk) same(what string, got, want any) {
	d.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		d.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

// is fails unless err is cause.
func (d *desk) is(what string, err, cause error) {
	d.Helper()
	if !errors.Is(err, cause) {
		d.Errorf("%s: got error %v, want %v", what, err, cause)
	}
}

func TestBookWhatSearchShows(t *testing.T) {
	each(t, func(d *desk) {
		agent := d.resource(Resource{})
		d.weekdays(agent, 0, 540, 660, "reason:1")
		q := Query{Demand: Demand{Needs: need("reason:1"), Duration: 30 * time.Minute}, To: at(2026, 3, 4, 0, 0)}
		d.same("free", clocks(d.search(q).Slots), "[02 09:00 02 09:30 02 10:00 02 10:30 03 09:00 03 09:30 03 10:00 03 10:30]")

		b := d.mustBook(Request{Demand: q.Demand, Subject: "appointment:1", Start: at(2026, 3, 2, 9, 30)})
		d.same("state", b.State, Active)
		d.same("allocations", len(b.Allocations), 1)
		d.same("who and why", []any{b.Allocations[0].ResourceID, b.Allocations[0].Unit, b.Allocations[0].Reason}, []any{agent, 1, Only})
		d.same("free after", clocks(d.search(q).Slots), "[02 09:00 02 10:00 02 10:30 03 09:00 03 09:30 03 10:00 03 10:30]")

		_, err := d.book(Request{Demand: q.Demand, Subject: "appointment:2", Start: at(2026, 3, 2, 9, 45)})
		d.is("overlapping", err, ErrTaken)
		var taken *Taken
		if !errors.As(err, &taken) || !taken.Start.Equal(at(2026, 3, 2, 9, 45)) {
			t.Errorf("error %v does not say what was taken", err)
		}
		if f := fault.Of(err); f.Kind != fault.Conflict || f.Key != "booking.taken" {
			t.Errorf("a page would say %v", f)
		}
		for what, start := range map[string]time.Time{"night": at(2026, 3, 2, 22, 0), "over the end": at(2026, 3, 2, 10, 45),
			"Sunday": at(2026, 3, 8, 9, 0), "past": at(2026, 2, 27, 9, 0)} {
			_, err := d.book(Request{Demand: q.Demand, Subject: "appointment:2", Start: start})
			d.is(what, err, ErrClosed)
		}
		onGrid := q.Demand
		onGrid.Step = 30 * time.Minute
		_, err = d.book(Request{Demand: onGrid, Subject: "appointment:2", Start: at(2026, 3, 2, 10, 15)})
		d.is("between two starts", err, ErrClosed)

		d.update(func(tx *store.Tx) error {
			got, err := d.engine.Get(d.ctx, tx, b.ID)
			d.same("read back", got, b)
			bySubject, err2 := d.engine.BySubject(d.ctx, tx, "appointment:1")
			d.same("by subject", bySubject, []Reservation{b})
			agenda, err3 := d.engine.Agenda(d.ctx, tx, []store.ID{agent}, at(2026, 3, 2, 9, 45), at(2026, 3, 2, 9, 46))
			d.same("agenda", agenda, []Reservation{b})
			empty, err4 := d.engine.Agenda(d.ctx, tx, []store.ID{agent}, at(2026, 3, 2, 10, 0), at(2026, 3, 3, 0, 0))
			d.same("agenda after", len(empty), 0)
			return errors.Join(err, err2, err3, err4)
		})
		d.update(func(tx *store.Tx) error {
			_, err := d.engine.Cancel(d.ctx, tx, b.ID, b.Version)
			return err
		})
		d.same("free again", len(d.search(q).Slots), 8)
		d.update(func(tx *store.Tx) error {
			again, err := d.engine.Cancel(d.ctx, tx, b.ID, b.Version)
			d.same("cancelling twice", again.State, Cancelled)
			return err
		})
	})
}

// TestBuffers: what is reserved includes them, they may lie outside the
// opening, and two neighbours' buffers add up.
func TestBuffers(t *testing.T) {
	each(t, func(d *desk) {
		d.weekdays(d.resource(Resource{}), 0, 540, 660, "reason:1")
		buffered := Demand{Needs: need("reason:1"), Duration: 30 * time.Minute, Step: 10 * time.Minute,
			BufferBefore: 10 * time.Minute, BufferAfter: 20 * time.Minute}
		q := Query{Demand: buffered, To: at(2026, 3, 3, 0, 0)}
		d.same("first and last", fmt.Sprint(d.search(q).Slots[0].Start.In(paris).Clock())+fmt.Sprint(d.search(q).Slots[9].Start.In(paris).Clock()),
			"9 0 010 30 0")
		b := d.mustBook(Request{Demand: buffered, Subject: "a", Start: at(2026, 3, 2, 9, 40)})
		d.same("reserved", []time.Time{b.Allocations[0].StartsAt, b.Allocations[0].EndsAt},
			[]time.Time{at(2026, 3, 2, 9, 30).UTC(), at(2026, 3, 2, 10, 30).UTC()})
		d.same("free beside", clocks(d.search(q).Slots), "[]") // 9 h 00 would need until 9 h 50, 10 h 30 from 10 h 20
		q.BufferBefore, q.BufferAfter = 0, 0
		d.same("without buffers of its own", clocks(d.search(q).Slots), "[02 09:00 02 10:30]")
	})
}

func TestPaging(t *testing.T) {
	each(t, func(d *desk) {
		for place := range store.ID(2) {
			d.weekdays(d.resource(Resource{}), place+1, 540, 660, "reason:1")
		}
		d.weekdays(d.resource(Resource{}), 1, 600, 660, "reason:1")
		demand := Demand{Needs: need("reason:1"), Duration: time.Hour}
		first := d.search(Query{Demand: demand, Limit: 3})
		d.same("once each", clocks(first.Slots), "[02 09:00 02 10:00 03 09:00]")
		d.same("at 10", first.Slots[1].Places, "[1 2]")
		d.same("two there", len(first.Slots[1].Candidates[0]), 2)
		if first.Next == nil || !first.Next.Equal(at(2026, 3, 3, 10, 0)) {
			t.Fatalf("next is %v", first.Next)
		}
		second := d.search(Query{Demand: demand, From: *first.Next, Limit: 1})
		d.same("second page", clocks(second.Slots), "[03 10:00]")
		perPlace := d.search(Query{Demand: demand, Limit: 3, PerPlace: true})
		d.same("per place", clocks(perPlace.Slots), "[02 09:00 02 09:00 02 10:00]")
		d.same("places", []store.ID{perPlace.Slots[0].Place, perPlace.Slots[1].Place}, "[1 2]")
		there := d.search(Query{Demand: Demand{Needs: need("reason:1"), Duration: time.Hour, Places: []store.ID{2}}, Limit: 2})
		d.same("one place", []any{there.Slots[0].Places, len(there.Slots[1].Candidates[0])}, "[[2] 1]")

		whole := d.search(Query{Demand: demand, To: at(2026, 3, 3, 0, 0)})
		if len(whole.Slots) != 2 || whole.Next != nil {
			t.Errorf("the whole window: %v, next %v", clocks(whole.Slots), whole.Next)
		}
		weekend := d.search(Query{Demand: demand, From: at(2026, 3, 7, 0, 0), To: at(2026, 3, 9, 0, 0)})
		if len(weekend.Slots) != 0 || weekend.Next == nil || !weekend.Next.Equal(at(2026, 3, 9, 9, 0)) {
			t.Errorf("an empty window must tell what comes next: %+v", weekend)
		}
		past := d.search(Query{Demand: demand, From: at(2026, 1, 1, 0, 0), To: at(2026, 3, 2, 9, 30)})
		d.same("nothing in the past", clocks(past.Slots), "[02 09:00]")
		d.clk.Set(at(2026, 3, 2, 9, 1))
		d.same("nor this minute", clocks(d.search(Query{Demand: demand, Limit: 1}).Slots), "[02 10:00]")
	})
}

// TestNext: far ahead, after a long absence, and never.
func TestNext(t *testing.T) {
	each(t, func(d *desk) {
		agent := d.resource(Resource{})
		d.weekdays(agent, 0, 540, 660, "reason:1")
		d.update(func(tx *store.Tx) error {
			_, err := d.engine.AddClosure(d.ctx, tx, Closure{Kind: Absence, ResourceID: agent, StartsAt: at(2026, 1, 1, 0, 0), EndsAt: at(2026, 11, 23, 10, 0)})
			return err
		})
		q := Query{Demand: Demand{Needs: need("reason:1"), Duration: time.Hour}}
		next, err := d.engine.Next(d.ctx, d.h, q)
		if err != nil || next == nil || !next.Start.Equal(at(2026, 11, 23, 10, 0)) {
			t.Fatalf("next is %v, %v", next, err)
		}
		q.Duration = 3 * time.Hour
		if next, err = d.engine.Next(d.ctx, d.h, q); err != nil || next != nil {
			t.Fatalf("three hours never fit, yet %v, %v", next, err)
		}
		q.Needs = need("reason:2")
		if next, err = d.engine.Next(d.ctx, d.h, q); err != nil || next != nil {
			t.Fatalf("nobody serves it, yet %v, %v", next, err)
		}
	})
}

func TestFirstPerPlace(t *testing.T) {
	each(t, func(d *desk) {
		for place := range store.ID(3) {
			agent := d.resource(Resource{})
			d.weekdays(agent, place+1, 540, 600, "reason:1")
			d.update(func(tx *store.Tx) error {
				_, err := d.engine.AddClosure(d.ctx, tx, Closure{Kind: Absence, ResourceID: agent,
					StartsAt: at(2026, 3, 1, 0, 0), EndsAt: at(2026, 3, 1+30*int(2-place), 0, 1)})
				return err
			})
		}
		q := Query{Demand: Demand{Needs: need("reason:1"), Duration: time.Hour}}
		got, err := d.engine.FirstPerPlace(d.ctx, d.h, q)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, s := range got {
			out = append(out, fmt.Sprint(s.Place, s.Start.In(paris).Format(" 2 Jan 15:04")))
		}
		d.same("dates", out, "[3 2 Mar 09:00 2 31 Mar 09:00 1 30 Apr 09:00]")
		q.To = at(2026, 4, 1, 0, 0)
		if got, err = d.engine.FirstPerPlace(d.ctx, d.h, q); err != nil || len(got) != 2 {
			t.Errorf("until April: %v, %v", clocks(got), err)
		}
		q.To, q.Places = time.Time{}, []store.ID{2}
		if got, err = d.engine.FirstPerPlace(d.ctx, d.h, q); err != nil || len(got) != 1 {
			t.Errorf("one place: %v, %v", clocks(got), err)
		}
	})
}

func TestNearest(t *testing.T) {
	each(t, func(d *desk) {
		d.weekdays(d.resource(Resource{}), 0, 540, 720, "reason:1")
		demand := Demand{Needs: need("reason:1"), Duration: 30 * time.Minute}
		d.mustBook(Request{Demand: demand, Subject: "a", Start: at(2026, 3, 3, 10, 0)})
		got, err := d.engine.Nearest(d.ctx, d.h, demand, at(2026, 3, 3, 10, 0), at(2026, 3, 3, 9, 30), 4)
		if err != nil {
			t.Fatal(err)
		}
		d.same("nearest first, none too early", clocks(got), "[03 09:30 03 10:30 03 11:00 03 11:30]")
	})
}

// TestDensity: inside a day the starts beside something taken come first (S5).
func TestDensity(t *testing.T) {
	each(t, func(d *desk) {
		d.weekdays(d.resource(Resource{}), 0, 540, 780, "reason:1")
		demand := Demand{Needs: need("reason:1"), Duration: time.Hour}
		d.mustBook(Request{Demand: demand, Subject: "a", Start: at(2026, 3, 3, 10, 0)})
		got := d.search(Query{Demand: demand, Limit: 5, DensityFirst: true})
		d.same("order, the day whole", clocks(got.Slots), "[02 09:00 02 10:00 02 11:00 02 12:00 03 09:00 03 11:00 03 12:00]")
		d.same("flags", []bool{got.Slots[3].Touches, got.Slots[4].Touches, got.Slots[5].Touches, got.Slots[6].Touches}, "[false true true false]")
		if got.Next == nil || !got.Next.Equal(at(2026, 3, 4, 9, 0)) {
			t.Errorf("next is %v", got.Next)
		}
	})
}

// faultOf lists the fields an error blames.
func faultOf(err error) []string {
	var f *fault.Fault
	if !errors.As(err, &f) || f.Kind != fault.Invalid {
		return nil
	}
	var out []string
	for _, field := range f.Fields {
		out = append(out, field.Name)
	}
	return out
}

func TestLocales(t *testing.T) {
	if err := i18n.Check(Locales); err != nil {
		t.Error(err)
	}
}
