package booking

import (
	"slices"
	"testing"
	"time"

	"parvis/platform/calendar"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
)

// TestConstraint: the schema itself refuses an overlap, whoever writes.
func TestConstraint(t *testing.T) {
	each(t, func(d *desk) {
		insert := func(territory string, resource, unit int64, state string, from, to int64) (id store.ID, err error) {
			id = store.NewID()
			err = d.db.In(territory).Update(d.ctx, func(tx *store.Tx) error {
				_, err := tx.Exec(d.ctx, `INSERT INTO booking_allocation (territory_id, id, booking_id, need, resource_id, unit, state, reason, starts_at, ends_at)
					VALUES (@territory, ?, 1, 0, ?, ?, ?, '', ?, ?)`, id, resource, unit, state, from, to)
				return err
			})
			return id, err
		}
		if _, err := insert("62", 1, 1, "active", 100, 200); err != nil {
			t.Fatal(err)
		}
		if _, err := insert("62", 1, 1, "active", 300, 400); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			what       string
			territory  string
			resource   int64
			unit       int64
			state      string
			start, end int64
			refused    bool
		}{
			{"same", "62", 1, 1, "active", 100, 200, true},
			{"held", "62", 1, 1, "held", 150, 160, true},
			{"around both", "62", 1, 1, "active", 50, 500, true},
			{"by one", "62", 1, 1, "active", 199, 250, true},
			{"before", "62", 1, 1, "active", 50, 101, true},
			{"between", "62", 1, 1, "active", 200, 300, false},
			{"other unit", "62", 1, 2, "active", 100, 200, false},
			{"other resource", "62", 2, 1, "active", 100, 200, false},
			{"other territory", "80", 1, 1, "active", 100, 200, false},
			{"cancelled", "62", 1, 1, "cancelled", 100, 200, false},
		} {
			if _, err := insert(c.territory, c.resource, c.unit, c.state, c.start, c.end); (err != nil) != c.refused {
				t.Errorf("%s: error %v, want refused %v", c.what, err, c.refused)
			} else if c.refused {
				d.is(c.what, err, store.ErrConflict)
			}
		}
		free, err := insert("62", 1, 1, "expired", 100, 200)
		if err != nil {
			t.Fatal(err)
		}
		moved, err := insert("62", 1, 1, "active", 500, 600)
		if err != nil {
			t.Fatal(err)
		}
		change := func(query string, args ...any) error {
			return d.h.Update(d.ctx, func(tx *store.Tx) error {
				_, err := tx.Exec(d.ctx, query, args...)
				return err
			})
		}
		d.is("coming back to life", change(`UPDATE booking_allocation SET state = 'active' WHERE territory_id = @territory AND id = ?`, free), store.ErrConflict)
		d.is("moving onto", change(`UPDATE booking_allocation SET starts_at = 399 WHERE territory_id = @territory AND id = ?`, moved), store.ErrConflict)
		if err := change(`UPDATE booking_allocation SET starts_at = 450, ends_at = 550 WHERE territory_id = @territory AND id = ?`, moved); err != nil {
			t.Errorf("moving over its own time: %v", err)
		}
		if _, err := insert("62", 1, 1, "active", 1000, 1001+MaxLength.Microseconds()); err == nil {
			t.Error("more than 31 days were accepted")
		}
		// A day-long piece taken long before is still seen.
		if _, err := insert("62", 3, 1, "active", 0, MaxLength.Microseconds()); err != nil {
			t.Fatal(err)
		}
		_, err = insert("62", 3, 1, "active", MaxLength.Microseconds()-1, MaxLength.Microseconds()+10)
		d.is("the end of a month", err, store.ErrConflict)
	})
}

// TestTerritories: nobody sees or touches what belongs to another territory.
func TestTerritories(t *testing.T) {
	each(t, func(d *desk) {
		agent := d.resource(Resource{})
		rule := d.weekdays(agent, 0, 540, 660, "reason:1")
		b := d.mustBook(Request{Demand: Demand{Needs: need("reason:1"), Duration: time.Hour}, Subject: "a", Start: at(2026, 3, 2, 9, 0)})
		var closure store.ID
		d.update(func(tx *store.Tx) (err error) {
			closure, err = d.engine.AddClosure(d.ctx, tx, Closure{Kind: Closed, StartsAt: at(2026, 3, 9, 0, 0), EndsAt: at(2026, 3, 10, 0, 0)})
			return err
		})
		stranger := &desk{d.T, d.ctx, d.db, d.db.In("80"), d.clk, d.engine}
		mine := Demand{Needs: []Need{{Resources: []store.ID{agent}}}, Duration: time.Hour}
		d.same("search", len(stranger.search(Query{Demand: mine}).Slots), 0)
		_, err := stranger.book(Request{Demand: mine, Subject: "b", Start: at(2026, 3, 2, 10, 0)})
		d.is("book", err, ErrClosed)
		_, err = stranger.book(Request{Demand: mine, Subject: "b", Start: at(2026, 3, 2, 10, 0), Force: true})
		d.is("force", err, ErrClosed)
		e, ctx := d.engine, d.ctx
		for what, try := range map[string]func(tx *store.Tx) error{
			"get":     func(tx *store.Tx) error { _, err := e.Get(ctx, tx, b.ID); return err },
			"confirm": func(tx *store.Tx) error { _, err := e.Confirm(ctx, tx, b.ID); return err },
			"renew":   func(tx *store.Tx) error { _, err := e.Renew(ctx, tx, b.ID, 0); return err },
			"cancel":  func(tx *store.Tx) error { _, err := e.Cancel(ctx, tx, b.ID, 0); return err },
			"move": func(tx *store.Tx) error {
				_, err := e.Move(ctx, tx, b.ID, Move{Start: at(2026, 3, 2, 10, 0)})
				return err
			},
			"read": func(tx *store.Tx) error { _, err := e.Resource(ctx, tx, agent); return err },
			"update": func(tx *store.Tx) error {
				return e.UpdateResource(ctx, tx, Resource{ID: agent, Kind: Person, Name: "x", TimeZone: "Europe/Paris", HolidayZone: calendar.ZoneMainland})
			},
			"recompute": func(tx *store.Tx) error { return e.Recompute(ctx, tx, agent) },
			"rule":      func(tx *store.Tx) error { _, err := e.Rule(ctx, tx, rule); return err },
			"save": func(tx *store.Tx) error {
				_, _, err := e.SaveRule(ctx, tx, Rule{ResourceID: agent, When: calendar.Rule{Start: calendar.On(2026, 3, 2), From: 1, To: 2}})
				return err
			},
			"delete": func(tx *store.Tx) error { return e.DeleteRule(ctx, tx, rule) },
			"override": func(tx *store.Tx) error {
				return e.SetOverride(ctx, tx, rule, Override{Day: calendar.On(2026, 3, 2), Cancelled: true})
			},
			"clear": func(tx *store.Tx) error { return e.ClearOverride(ctx, tx, rule, calendar.On(2026, 3, 2)) },
			"close": func(tx *store.Tx) error {
				_, err := e.AddClosure(ctx, tx, Closure{Kind: Absence, ResourceID: agent, StartsAt: at(2026, 3, 9, 0, 0), EndsAt: at(2026, 3, 10, 0, 0)})
				return err
			},
			"open": func(tx *store.Tx) error { return e.DeleteClosure(ctx, tx, closure) },
		} {
			d.is(what, stranger.h.Update(ctx, try), store.ErrNotFound)
		}
		stranger.update(func(tx *store.Tx) error {
			subject, err := e.BySubject(ctx, tx, "a")
			agenda, err2 := e.Agenda(ctx, tx, []store.ID{agent}, at(2026, 3, 1, 0, 0), at(2026, 3, 9, 0, 0))
			spans, err3 := e.Spans(ctx, tx, []store.ID{agent}, at(2026, 3, 1, 0, 0), at(2026, 3, 9, 0, 0))
			closures, err4 := e.Closures(ctx, tx, at(2026, 3, 1, 0, 0), at(2026, 4, 1, 0, 0))
			hit, err5 := e.Affected(ctx, tx, Closure{StartsAt: at(2026, 3, 1, 0, 0), EndsAt: at(2026, 4, 1, 0, 0)})
			d.same("lists", []int{len(subject), len(agenda), len(spans), len(closures), len(hit)}, "[0 0 0 0 0]")
			for _, err := range []error{err, err2, err3, err4, err5} {
				if err != nil {
					return err
				}
			}
			return nil
		})
		d.same("untouched", d.get(b.ID), b)
	})
}

// TestMigration goes up, down and up again.
func TestMigration(t *testing.T) {
	for name, dsn := range map[string]string{"sqlite": storetest.SQLiteDSN(t), "postgres": storetest.PostgresDSN(t)} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			db := storetest.Open(t, dsn, nil, []store.Migration{Migration()})
			tables := func() (out []string) {
				all, err := db.Tables(ctx)
				if err != nil {
					t.Fatal(err)
				}
				for _, x := range all {
					if x.Name != "goose_booking" {
						out = append(out, x.Name)
						if !x.Territory {
							t.Errorf("table %s has no territory", x.Name)
						}
					}
				}
				return out
			}
			up := tables()
			if len(up) != 8 {
				t.Errorf("tables: %v", up)
			}
			if err := db.Rollback(ctx, Migration()); err != nil {
				t.Fatal(err)
			}
			if left := tables(); len(left) != 0 {
				t.Errorf("left after undoing: %v", left)
			}
			if err := db.Migrate(ctx, Migration()); err != nil {
				t.Fatal(err)
			}
			if again := tables(); !slices.Equal(up, again) {
				t.Errorf("after doing again: %v", again)
			}
		})
	}
}

func TestOtherDatabase(t *testing.T) {
	each(t, func(d *desk) {
		other := storetest.Open(t, storetest.SQLiteDSN(t), nil, []store.Migration{Migration()})
		_, err := d.engine.Search(d.ctx, other.In("62"), Query{Demand: Demand{Needs: need("a"), Duration: time.Hour}})
		d.is("a handle of another database", err, errOtherDatabase)
	})
}
