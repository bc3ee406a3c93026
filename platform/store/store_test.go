package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"parvis/platform/store"
	"parvis/platform/store/storetest"
)

var migrations = []store.Migration{{Name: "pebble", FS: fstest.MapFS{"migrations/0001_pebble.sql": {Data: []byte(`-- +goose Up
CREATE TABLE pebble (
	territory_id TEXT NOT NULL, id BIGINT NOT NULL, label TEXT NOT NULL, polished {{bool}} NOT NULL DEFAULT FALSE,
	weight {{float}} NOT NULL DEFAULT 0, found_at {{time}}, notes {{json}} NOT NULL, PRIMARY KEY (territory_id, id)
) {{strict}};
CREATE UNIQUE INDEX pebble_label ON pebble (territory_id, label);
CREATE TABLE quarry (name TEXT PRIMARY KEY) {{strict}};
-- +goose Down
DROP TABLE quarry;
DROP TABLE pebble;
`)}}}}

type pebble struct {
	ID       store.ID
	Label    string
	Polished bool
	FoundAt  time.Time
	Notes    store.JSON[[]string]
}

const insert = `INSERT INTO pebble (territory_id, id, label, polished, found_at, notes) VALUES (@territory, ?, ?, ?, ?, ?)`

func put(ctx context.Context, h store.Handle, p pebble) error {
	return h.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, insert, p.ID, p.Label, p.Polished, p.FoundAt, p.Notes)
		return err
	})
}

func TestRoundTrip(t *testing.T) {
	storetest.Each(t, migrations, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		h := db.In("c86300")
		when := time.Date(2026, 3, 29, 1, 30, 0, 123456000, time.UTC)
		want := pebble{store.NewID(), "L’Haÿ ? 'x'", true, when, store.JSON[[]string]{V: []string{"a", "b"}}}
		if err := put(ctx, h, want); err != nil {
			t.Fatal(err)
		}
		if err := put(ctx, h, pebble{ID: store.NewID(), Label: "undated"}); err != nil {
			t.Fatal(err)
		}
		err := h.View(ctx, func(tx *store.Tx) error {
			var got pebble
			if err := tx.Get(ctx, &got, `SELECT id, label, polished, found_at, notes FROM pebble WHERE territory_id = @territory AND label = ? -- why ?`+"\n", want.Label); err != nil {
				return err
			}
			if got.ID != want.ID || got.Label != want.Label || !got.Polished || !got.FoundAt.Equal(when) || len(got.Notes.V) != 2 {
				t.Errorf("got %+v, want %+v", got, want)
			}
			var all []pebble
			if err := tx.Select(ctx, &all, `SELECT id, label, polished, found_at, notes FROM pebble WHERE territory_id = @territory ORDER BY found_at NULLS LAST`); err != nil {
				return err
			}
			if len(all) != 2 || !all[1].FoundAt.IsZero() || all[1].Polished {
				t.Errorf("all: %+v", all)
			}
			var at time.Time
			if err := tx.Get(ctx, &at, `SELECT MAX(found_at) FROM pebble WHERE territory_id = @territory`); err != nil || !at.Equal(when) {
				t.Errorf("max: %v, %v", at, err)
			}
			var none pebble
			if err := tx.Get(ctx, &none, `SELECT id, label FROM pebble WHERE territory_id = @territory AND id = ?`, 1); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("missing row: %v", err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := put(ctx, h, pebble{ID: store.NewID(), Label: want.Label}); !errors.Is(err, store.ErrConflict) {
			t.Errorf("second label: %v, want a conflict", err)
		}
		if err := put(ctx, db.In("d86"), pebble{ID: want.ID, Label: want.Label}); err != nil {
			t.Errorf("same label elsewhere: %v", err)
		}
	})
}

func TestUnboundStatementsAreRefused(t *testing.T) {
	storetest.Each(t, migrations, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		for _, q := range []string{
			`SELECT label FROM pebble`,
			`SELECT label FROM pebble WHERE territory_id = 'd86'`,
			`SELECT a.label FROM pebble a JOIN pebble b ON b.id = a.id WHERE a.territory_id = @territory`,
			`UPDATE pebble SET label = 'x' WHERE '@territory territory_id' = ''`,
			`DELETE FROM pebble`,
			`SELECT name FROM quarry WHERE name = @territory`,
			`INSERT INTO pebble (territory_id, id, label, notes) SELECT @territory, id, label, notes FROM pebble`,
		} {
			err := db.In("c86300").Update(ctx, func(tx *store.Tx) error { _, err := tx.Exec(ctx, q); return err })
			if !errors.Is(err, store.ErrUnbound) {
				t.Errorf("%s: %v, want a refusal", q, err)
			}
		}
		if err := db.In("").View(ctx, func(*store.Tx) error { return nil }); !errors.Is(err, store.ErrUnbound) {
			t.Errorf("no territory: %v", err)
		}
		for _, q := range []string{
			`WITH old AS (SELECT territory_id, id FROM pebble WHERE territory_id = @territory) DELETE FROM pebble WHERE territory_id = @territory AND id IN (SELECT id FROM old)`,
			`INSERT INTO pebble (territory_id, id, label, notes) VALUES (@territory, 5, 'y', '[]') ON CONFLICT (territory_id, id) DO UPDATE SET label = excluded.label`,
			`UPDATE pebble SET label = 'z' WHERE territory_id = @territory AND label IS DISTINCT FROM 'z'`,
		} {
			err := db.In("c86300").Update(ctx, func(tx *store.Tx) error { _, err := tx.Exec(ctx, q); return err })
			if err != nil {
				t.Errorf("%s: %v", q, err)
			}
		}
	})
}

func TestRollbackLeavesNothing(t *testing.T) {
	storetest.Each(t, migrations, func(t *testing.T, db *store.DB) {
		ctx, h := t.Context(), db.In("c1")
		boom := errors.New("boom")
		ran := false
		err := h.Update(ctx, func(tx *store.Tx) error {
			tx.AfterCommit(func() { ran = true })
			if _, err := tx.Exec(ctx, insert, store.NewID(), "gone", false, nil, "[]"); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) || ran {
			t.Fatalf("error %v, after-commit ran %v", err, ran)
		}
		var n int
		if err := h.View(ctx, func(tx *store.Tx) error {
			return tx.Get(ctx, &n, `SELECT COUNT(*) FROM pebble WHERE territory_id = @territory`)
		}); err != nil || n != 0 {
			t.Fatalf("%d rows, %v", n, err)
		}
		if err := h.View(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, insert, store.NewID(), "read", false, nil, "[]")
			return err
		}); err == nil {
			t.Error("a view wrote")
		}
	})
}

func TestWritersTakeTurns(t *testing.T) {
	storetest.Each(t, migrations, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		var wg sync.WaitGroup
		errs := make(chan error, 400)
		for g := range 8 {
			wg.Go(func() {
				for i := range 25 {
					errs <- put(ctx, db.In("c1"), pebble{ID: store.NewID(), Label: fmt.Sprint(g, "-", i)})
					errs <- db.In("c1").View(ctx, func(tx *store.Tx) error {
						var n int
						return tx.Get(ctx, &n, `SELECT COUNT(*) FROM pebble WHERE territory_id = @territory`)
					})
				}
			})
		}
		wg.Wait()
		close(errs)
		for err := range errs {
			if err != nil {
				t.Fatal(err)
			}
		}
		var n int
		if err := db.In("c1").View(ctx, func(tx *store.Tx) error {
			return tx.Get(ctx, &n, `SELECT COUNT(*) FROM pebble WHERE territory_id = @territory`)
		}); err != nil || n != 200 {
			t.Fatalf("%d rows, %v", n, err)
		}
	})
}

func TestMigrateTwiceAndBack(t *testing.T) {
	storetest.Each(t, migrations, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		if err := db.Migrate(ctx, migrations...); err != nil {
			t.Fatal(err)
		}
		if p, err := db.Pending(ctx, migrations...); err != nil || len(p) != 0 {
			t.Fatalf("pending %v, %v", p, err)
		}
		if err := db.Rollback(ctx, migrations[0]); err != nil {
			t.Fatal(err)
		}
		if p, err := db.Pending(ctx, migrations...); err != nil || len(p) != 1 {
			t.Fatalf("pending after rollback %v, %v", p, err)
		}
	})
}

func TestIDsRise(t *testing.T) {
	last := store.NewID()
	for range 10000 {
		next := store.NewID()
		if next <= last {
			t.Fatalf("%d after %d", next, last)
		}
		last = next
	}
	for _, bad := range []string{"", "-1", "0", "x", "99999999999999999999"} {
		if _, err := store.ParseID(bad); err == nil {
			t.Errorf("ParseID(%q) passed", bad)
		}
	}
}

func TestUnavailableIsSaid(t *testing.T) {
	if _, err := store.Open(t.Context(), "postgres://nobody:x@127.0.0.1:1/none?sslmode=disable", store.Options{}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("closed port: %v", err)
	}
	if _, err := store.Open(t.Context(), "mysql://x", store.Options{}); err == nil {
		t.Error("unknown engine accepted")
	}
}

func TestClosedDatabaseIsUnavailable(t *testing.T) {
	for name, dsn := range map[string]string{"sqlite": storetest.SQLiteDSN(t), "postgres": storetest.PostgresDSN(t)} {
		db, err := store.Open(t.Context(), dsn, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Errorf("%s: closing again: %v", name, err)
		}
		nothing := func(*store.Tx) error { return nil }
		if err := db.In("c1").View(t.Context(), nothing); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: reading: %v", name, err)
		}
		if err := db.In("c1").Update(t.Context(), nothing); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: writing: %v", name, err)
		}
	}
}

// TestStatementsAreKept runs one text many times, inside itself, more texts than
// a connection keeps, and one after its table has changed.
func TestStatementsAreKept(t *testing.T) {
	storetest.Each(t, migrations, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		h := db.In("c86300")
		for i := range 4 {
			if err := put(ctx, h, pebble{ID: store.ID(i + 1), Label: fmt.Sprint("p", i)}); err != nil {
				t.Fatal(err)
			}
		}
		ids := func(tx *store.Tx, query string, args ...any) (out []store.ID) {
			t.Helper()
			if err := tx.Each(ctx, query, args, func(scan func(...any) error) error {
				var id store.ID
				err := scan(&id)
				out = append(out, id)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return out
		}
		const after = `SELECT id FROM pebble WHERE territory_id = @territory AND id > ? ORDER BY id`
		err := h.Update(ctx, func(tx *store.Tx) error {
			for i := range 1300 {
				if got := ids(tx, fmt.Sprint(after, " LIMIT ", i+2), 2); len(got) != 2 || got[0] != 3 {
					t.Fatalf("text %d gives %v", i, got)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if db.Engine() == store.SQLite { // pgx has one answer at a time on a connection
			if err := h.View(ctx, func(tx *store.Tx) error {
				var seen []store.ID
				err := tx.Each(ctx, after, []any{0}, func(scan func(...any) error) error {
					var id store.ID
					if err := scan(&id); err != nil {
						return err
					}
					seen = append(seen, id)
					if inner := ids(tx, after, id); len(inner) != 4-len(seen) {
						t.Errorf("inside the loop at %d: %v", id, inner)
					}
					return nil
				})
				if len(seen) != 4 {
					t.Errorf("the loop saw %v", seen)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := db.SQL().ExecContext(ctx, `ALTER TABLE pebble ADD COLUMN colour TEXT`); err != nil {
			t.Fatal(err)
		}
		if err := h.View(ctx, func(tx *store.Tx) error {
			if got := ids(tx, after, 0); len(got) != 4 {
				t.Errorf("after the table has changed: %v", got)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
}
