package booking

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"parvis/platform/calendar"
	"parvis/platform/fault"
	"parvis/platform/store"
)

func (d *desk) spans(resource store.ID, from, to calendar.Date, zone *time.Location) []string {
	d.Helper()
	var out []string
	d.update(func(tx *store.Tx) error {
		all, err := d.engine.Spans(d.ctx, tx, []store.ID{resource}, from.Start(zone), to.Start(zone))
		for _, o := range all[resource] {
			out = append(out, fmt.Sprintf("%s %s–%s @%d", o.Day, o.From().In(zone).Format("15:04"), o.To().In(zone).Format("15:04"), o.PlaceID))
		}
		return err
	})
	return out
}

// TestClockChanges: a range that runs through the night of a clock change is
// an hour shorter or longer, and offers only hours that exist.
func TestClockChanges(t *testing.T) {
	each(t, func(d *desk) {
		night := d.resource(Resource{})
		d.rule(Rule{ResourceID: night, Tags: []string{"reason:1"},
			When: calendar.Rule{RRule: "FREQ=DAILY", Start: calendar.On(2026, 1, 1), From: 60, To: 240}})
		starts := func(year int, month time.Month, day int) []string {
			from := at(year, month, day, 0, 0)
			got := d.search(Query{Demand: Demand{Needs: need("reason:1"), Duration: time.Hour}, From: from, To: from.AddDate(0, 0, 1)})
			var out []string
			for _, s := range got.Slots {
				out = append(out, s.Start.In(paris).Format("15:04 MST"))
			}
			return out
		}
		d.same("an ordinary night", starts(2026, 3, 28), "[01:00 CET 02:00 CET 03:00 CET]")
		d.same("clocks go forward", starts(2026, 3, 29), "[01:00 CET 03:00 CEST]")
		d.same("clocks go back", starts(2026, 10, 25), "[01:00 CEST 02:00 CEST 02:00 CET 03:00 CET]")
		b := d.mustBook(Request{Demand: Demand{Needs: need("reason:1"), Duration: time.Hour}, Subject: "a", Start: at(2026, 10, 25, 1, 0).Add(2 * time.Hour)})
		d.same("the second 2 o'clock", b.StartsAt.In(paris).Format("15:04 MST"), "02:00 CET")
		d.same("the first one is still free", starts(2026, 10, 25), "[01:00 CEST 02:00 CEST 03:00 CET]")
	})
}

// TestOverseas: the same civil hours, days and holidays of their own.
func TestOverseas(t *testing.T) {
	each(t, func(d *desk) {
		for name, c := range map[string]struct {
			zone    calendar.Zone
			holiday string
		}{
			"Pacific/Noumea":     {calendar.ZoneNouvelleCaledonie, "2026-09-24"},
			"America/Martinique": {calendar.ZoneMartinique, "2026-05-22"},
			"Indian/Reunion":     {calendar.ZoneReunion, "2026-12-20"},
			"America/Miquelon":   {calendar.ZoneSaintPierreEtMiquelon, "2026-07-14"},
		} {
			zone := mustZone(name)
			id := d.resource(Resource{TimeZone: name, HolidayZone: c.zone})
			d.rule(Rule{ResourceID: id, When: calendar.Rule{RRule: "FREQ=DAILY", Start: calendar.On(2026, 1, 1), From: 540, To: 720}})
			holiday, err := calendar.ParseDate(c.holiday)
			if err != nil {
				t.Fatal(err)
			}
			d.same(name, d.spans(id, holiday.AddDays(-1), holiday.AddDays(2), zone),
				[]string{holiday.AddDays(-1).String() + " 09:00–12:00 @0", holiday.AddDays(1).String() + " 09:00–12:00 @0"})
		}
	})
}

func TestHolidays(t *testing.T) {
	each(t, func(d *desk) {
		daily := calendar.Rule{RRule: "FREQ=DAILY", Start: calendar.On(2026, 1, 1), From: 540, To: 600}
		open := func(r Resource, zone calendar.Zone, day calendar.Date) bool {
			id := d.resource(r)
			d.rule(Rule{ResourceID: id, When: daily, HolidayZone: zone})
			return len(d.spans(id, day, day.AddDays(1), paris)) == 1
		}
		goodFriday, stephen, christmas := calendar.On(2026, 4, 3), calendar.On(2026, 12, 26), calendar.On(2026, 12, 25)
		alsace := Resource{TimeZone: "Europe/Paris", HolidayZone: calendar.ZoneAlsaceMoselle}
		partial, works := alsace, alsace
		partial.PartialHolidays, works.WorksOnHolidays = true, true
		d.same("open on: mainland Stephen, Alsace Stephen, Good Friday where not kept, where kept, Christmas, when working",
			[]bool{open(Resource{}, "", stephen), open(alsace, "", stephen), open(alsace, "", goodFriday), open(partial, "", goodFriday),
				open(Resource{}, "", christmas), open(works, "", christmas)}, "[true false true false false true]")
		d.same("a range in Alsace of somebody from elsewhere", open(Resource{}, calendar.ZoneAlsaceMoselle, stephen), false)
	})
}

func TestOverride(t *testing.T) {
	each(t, func(d *desk) {
		id := d.resource(Resource{PlaceID: 3})
		mondays := d.rule(Rule{ResourceID: id, When: calendar.Rule{RRule: "FREQ=WEEKLY;BYDAY=MO", Start: calendar.On(2026, 1, 1), From: 540, To: 720,
			Exceptions: []calendar.Date{calendar.On(2026, 3, 30)}}})
		april := func() []string { return d.spans(id, calendar.On(2026, 3, 23), calendar.On(2026, 4, 14), paris) }
		d.same("as the rule says, Easter Monday off", april(), "[2026-03-23 09:00–12:00 @3 2026-04-13 09:00–12:00 @3]")
		set := func(o Override) error {
			return d.h.Update(d.ctx, func(tx *store.Tx) error { return d.engine.SetOverride(d.ctx, tx, mondays, o) })
		}
		if err := errors.Join(set(Override{Day: calendar.On(2026, 3, 23), Cancelled: true}),
			set(Override{Day: calendar.On(2026, 4, 6), From: 600, To: 660, PlaceID: 4}),
			set(Override{Day: calendar.On(2026, 4, 13), From: 480, To: 600})); err != nil {
			t.Fatal(err)
		}
		edited := "[2026-04-06 10:00–11:00 @4 2026-04-13 08:00–10:00 @3]"
		d.same("edited alone", april(), edited)
		d.wrong("day", set(Override{Day: calendar.On(2026, 3, 24), From: 480, To: 600}))
		d.wrong("hours", set(Override{Day: calendar.On(2026, 3, 23), From: 480, To: 480}))
		if err := set(Override{Day: calendar.On(2029, 1, 1), From: 480, To: 600}); !fault.Is(err, fault.Invalid) {
			t.Errorf("beyond the horizon: %v", err)
		}
		d.update(func(tx *store.Tx) error {
			r, err := d.engine.Rule(d.ctx, tx, mondays)
			if err != nil {
				return err
			}
			r.PlaceID = 9
			_, _, err = d.engine.SaveRule(d.ctx, tx, r)
			return err
		})
		d.same("the rule moves, the edits stay", april(), strings.ReplaceAll(edited, "@3", "@9"))
		d.update(func(tx *store.Tx) error {
			return errors.Join(d.engine.ClearOverride(d.ctx, tx, mondays, calendar.On(2026, 3, 23)),
				d.engine.ClearOverride(d.ctx, tx, mondays, calendar.On(2026, 4, 6)))
		})
		d.same("restored", april(), "[2026-03-23 09:00–12:00 @9 2026-04-13 08:00–10:00 @9]")
		d.clk.Set(at(2026, 3, 24, 12, 0))
		d.update(func(tx *store.Tx) error { return d.engine.DeleteRule(d.ctx, tx, mondays) })
		d.same("deleted, the past stays", april(), "[2026-03-23 09:00–12:00 @9]")
	})
}

// TestOverlapWarning: two ranges at once are reported, and count as one (S17).
func TestOverlapWarning(t *testing.T) {
	each(t, func(d *desk) {
		id := d.resource(Resource{})
		morning := d.weekdays(id, 0, 540, 720, "reason:1")
		save := func(r Rule) (warned []Overlap) {
			d.update(func(tx *store.Tx) (err error) {
				_, warned, err = d.engine.SaveRule(d.ctx, tx, r)
				return err
			})
			return warned
		}
		when := calendar.Rule{RRule: "FREQ=WEEKLY;BYDAY=MO", Start: calendar.On(2026, 3, 9), Until: calendar.On(2026, 3, 31), From: 690, To: 780}
		d.same("warned", save(Rule{ResourceID: id, When: when, Tags: []string{"reason:1"}}),
			[]Overlap{{RuleID: morning, First: calendar.On(2026, 3, 9), Days: 4}})
		when.From = 720
		d.same("touching is not overlapping", len(save(Rule{ResourceID: d.resource(Resource{}), When: when})), 0)
		got := d.search(Query{Demand: Demand{Needs: need("reason:1"), Duration: time.Hour}, From: at(2026, 3, 9, 0, 0), To: at(2026, 3, 10, 0, 0)})
		d.same("one range, on the grid of the first", clocks(got.Slots), "[09 09:00 09 10:00 09 11:00]")
		got = d.search(Query{Demand: Demand{Needs: need("reason:1"), Duration: 90 * time.Minute, Step: time.Hour}, From: at(2026, 3, 9, 11, 0), To: at(2026, 3, 10, 0, 0)})
		d.same("a meeting over both", clocks(got.Slots), "[09 11:00]")
	})
}

func TestClosures(t *testing.T) {
	each(t, func(d *desk) {
		here, there := d.resource(Resource{PlaceID: 1}), d.resource(Resource{PlaceID: 2})
		d.weekdays(here, 0, 540, 660, "reason:1")
		d.weekdays(there, 0, 540, 660, "reason:1")
		b := d.mustBook(Request{Demand: Demand{Needs: []Need{{Resources: []store.ID{here}}}, Duration: time.Hour, BufferAfter: 20 * time.Minute}, Subject: "a", Start: at(2026, 3, 3, 9, 0)})
		places := func(day int) (out [][]store.ID) {
			for _, s := range d.search(Query{Demand: Demand{Needs: need("reason:1"), Duration: time.Hour}, From: at(2026, 3, day, 0, 0), To: at(2026, 3, day+1, 0, 0)}).Slots {
				out = append(out, s.Places)
			}
			return out
		}
		d.same("before", places(3), "[[2] [2]]") // 10 h at place 1 is in the buffer
		for scope, c := range map[string]struct {
			closure Closure
			open    string
			hits    int
		}{
			"resource":  {Closure{Kind: Absence, ResourceID: here, Label: "Formation"}, "[[2] [1 2]]", 1},
			"place":     {Closure{Kind: Closed, PlaceID: 2}, "[[1] [1 2]]", 0},
			"territory": {Closure{Kind: Closed}, "[[1 2]]", 1},
		} {
			// An hour of Wednesday, and Tuesday from 9 h 30 for who is hit.
			c.closure.StartsAt, c.closure.EndsAt = at(2026, 3, 4, 9, 0), at(2026, 3, 4, 10, 0)
			var id store.ID
			d.update(func(tx *store.Tx) (err error) {
				id, err = d.engine.AddClosure(d.ctx, tx, c.closure)
				return err
			})
			d.same(scope, places(4), c.open)
			_, err := d.book(Request{Demand: Demand{Needs: []Need{{Resources: []store.ID{here, there}}}, Duration: time.Hour, Places: []store.ID{max(1, c.closure.PlaceID)}},
				Subject: "b", Start: at(2026, 3, 4, 9, 30)})
			d.is(scope+" closed", err, ErrClosed)
			d.update(func(tx *store.Tx) error {
				c.closure.StartsAt, c.closure.EndsAt = at(2026, 3, 3, 9, 30), at(2026, 3, 3, 18, 0)
				hit, err := d.engine.Affected(d.ctx, tx, c.closure)
				d.same(scope+" hits", len(hit), c.hits)
				if len(hit) == 1 {
					d.same("what", hit[0], b)
				}
				all, err2 := d.engine.Closures(d.ctx, tx, at(2026, 3, 4, 0, 0), at(2026, 3, 5, 0, 0))
				d.same("listed", len(all), 1)
				return errors.Join(err, err2, d.engine.DeleteClosure(d.ctx, tx, id))
			})
			d.same(scope+" opened again", places(4), "[[1 2] [1 2]]")
		}
		for field, bad := range map[string]Closure{
			"kind": {}, "ends_at": {Kind: Closed, StartsAt: at(2026, 3, 3, 9, 0), EndsAt: at(2026, 3, 3, 9, 0)}, "place_id": {ResourceID: 1, PlaceID: 1},
		} {
			d.wrong(field, d.h.Update(d.ctx, func(tx *store.Tx) error { _, err := d.engine.AddClosure(d.ctx, tx, bad); return err }))
		}
	})
}

// TestResourceChanges: spans follow the zone, the place and the horizon.
func TestResourceChanges(t *testing.T) {
	each(t, func(d *desk) {
		id := d.resource(Resource{PlaceID: 1, HorizonDays: 30})
		d.weekdays(id, 0, 540, 660, "reason:1")
		if got := d.spans(id, calendar.On(2026, 3, 2), calendar.On(2026, 12, 31), paris); len(got) != 23 {
			t.Errorf("%d working days in 30, want 23: %v", len(got), got)
		}
		d.update(func(tx *store.Tx) error {
			r, err := d.engine.Resource(d.ctx, tx, id)
			if err != nil {
				return err
			}
			r.PlaceID, r.TimeZone, r.HolidayZone = 2, "America/Cayenne", calendar.ZoneGuyane
			return d.engine.UpdateResource(d.ctx, tx, r)
		})
		d.same("moved", d.spans(id, calendar.On(2026, 3, 3), calendar.On(2026, 3, 4), mustZone("America/Cayenne")), "[2026-03-03 09:00–11:00 @2]")
		d.update(func(tx *store.Tx) error {
			mine, err := d.engine.ResourcesOf(d.ctx, tx, "")
			d.same("owned by nobody", len(mine), 1)
			rooms, err2 := d.engine.Resources(d.ctx, tx, Room, 0, 10)
			people, err3 := d.engine.Resources(d.ctx, tx, Person, 0, 10)
			after, err4 := d.engine.Resources(d.ctx, tx, "", id, 10)
			d.same("listed", []int{len(rooms), len(people), len(after)}, "[0 1 0]")
			return errors.Join(err, err2, err3, err4)
		})
	})
}

// TestExtend: the nightly job adds the days that come inside the horizon, once.
func TestExtend(t *testing.T) {
	each(t, func(d *desk) {
		id := d.resource(Resource{HorizonDays: 60})
		d.weekdays(id, 0, 540, 660, "reason:1")
		ended := d.resource(Resource{})
		d.rule(Rule{ResourceID: ended, When: calendar.Rule{RRule: "FREQ=DAILY", Start: calendar.On(2026, 3, 2), Until: calendar.On(2026, 3, 4), From: 540, To: 660}})
		last := func() string {
			all := d.spans(id, calendar.On(2026, 3, 2), calendar.On(2028, 1, 1), paris)
			return all[len(all)-1]
		}
		d.same("first", last(), "2026-04-30 09:00–11:00 @0") // 1 May is off
		for range 2 {
			d.clk.Set(at(2026, 4, 1, 3, 0))
			if err := d.engine.Extend(d.ctx); err != nil {
				t.Fatal(err)
			}
			d.same("a month later", last(), "2026-05-29 09:00–11:00 @0")
		}
		d.clk.Set(at(2027, 6, 1, 3, 0))
		if err := d.engine.Extend(d.ctx); err != nil {
			t.Fatal(err)
		}
		d.same("after a year of silence", last(), "2027-07-30 09:00–11:00 @0")
		d.same("old ones are forgotten", d.spans(id, calendar.On(2026, 1, 1), calendar.On(2026, 4, 28), paris)[0], "2026-04-27 09:00–11:00 @0")
		d.same("a rule that ended", len(d.spans(ended, calendar.On(2026, 1, 1), calendar.On(2028, 1, 1), paris)), 0)
	})
}

// TestSchool: term only and holidays only, as far as the table knows.
func TestSchool(t *testing.T) {
	each(t, func(d *desk) {
		table := calendar.SchoolTable{
			{Zone: "A", Name: "winter", First: calendar.On(2026, 2, 7), Last: calendar.On(2026, 2, 22)},
			{Zone: "A", Name: "spring", First: calendar.On(2026, 4, 4), Last: calendar.On(2026, 4, 19)}}
		d.engine = New(d.db, Options{School: func(context.Context, *store.Tx) (calendar.SchoolTable, error) { return table, nil }})
		wednesdays := calendar.Rule{RRule: "FREQ=WEEKLY;BYDAY=WE", Start: calendar.On(2026, 3, 25), From: 540, To: 660}
		term, holidays := d.resource(Resource{}), d.resource(Resource{})
		d.rule(Rule{ResourceID: term, When: wednesdays, School: SchoolDays, SchoolZone: "A"})
		d.rule(Rule{ResourceID: holidays, When: wednesdays, School: SchoolHolidays, SchoolZone: "A"})
		days := func(id store.ID) (out []string) {
			for _, s := range d.spans(id, calendar.On(2026, 3, 1), calendar.On(2026, 7, 1), paris) {
				out = append(out, s[5:10])
			}
			return out
		}
		d.same("term", days(term), "[03-25 04-01]")
		d.same("holidays", days(holidays), "[04-08 04-15]")
		table = append(table, calendar.SchoolHoliday{Zone: "A", Name: "other", First: calendar.On(2026, 5, 6), Last: calendar.On(2026, 5, 6)})
		d.clk.Advance(slack * 24 * time.Hour)
		if err := d.engine.Extend(d.ctx); err != nil {
			t.Fatal(err)
		}
		d.same("term, once the table knows more", days(term), "[03-25 04-01 04-22 04-29]")
		d.same("holidays", days(holidays), "[04-08 04-15 05-06]")
	})
}

func TestRuleFaults(t *testing.T) {
	each(t, func(d *desk) {
		id := d.resource(Resource{})
		good := calendar.Rule{RRule: "FREQ=DAILY", Start: calendar.On(2026, 3, 2), From: 540, To: 660}
		bad := good
		bad.RRule = "FREQ=HOURLY"
		for field, r := range map[string]Rule{
			"when": {When: bad}, "holiday_zone": {When: good, HolidayZone: "moon"}, "tags": {When: good, Tags: []string{""}},
			"school": {When: good, School: "sometimes"}, "school_zone": {When: good, School: SchoolDays},
		} {
			r.ResourceID = id
			d.wrong(field, d.h.Update(d.ctx, func(tx *store.Tx) error { _, _, err := d.engine.SaveRule(d.ctx, tx, r); return err }))
		}
		rule := d.weekdays(id, 0, 540, 600)
		other := d.resource(Resource{})
		err := d.h.Update(d.ctx, func(tx *store.Tx) error {
			_, _, err := d.engine.SaveRule(d.ctx, tx, Rule{ID: rule, ResourceID: other, When: good})
			return err
		})
		d.is("a rule stays with its resource", err, store.ErrNotFound)
	})
}
