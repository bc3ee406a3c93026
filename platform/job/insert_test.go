package job

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/riverqueue/river"

	"parvis/platform/clock"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
)

// TestInsertedAsRiverDoes compares our row with the one River writes for the
// same job: it fails where another version of River would write something else.
func TestInsertedAsRiverDoes(t *testing.T) {
	ctx := t.Context()
	db := storetest.Open(t, storetest.SQLiteDSN(t), clock.System{}, nil)
	if err := Migrate(ctx, db); err != nil {
		t.Fatal(err)
	}
	q, err := New(db, []Worker{Define("test.row", func(context.Context, Job[string]) error { return nil }, Attempts(7))}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, at := range map[string]time.Time{"now": {}, "later": time.Now().Add(36 * time.Hour), "on the second": time.Now().Add(time.Hour).Truncate(time.Second)} {
		t.Run(name, func(t *testing.T) {
			e, o := envelope{kind: "test.row", Payload: []byte(`"<é>"`)}, &river.InsertOpts{MaxAttempts: 7, ScheduledAt: at}
			var rows [2]map[string]string
			err := db.In("c1").Update(ctx, func(tx *store.Tx) error {
				if _, err := q.client.InsertTx(ctx, tx.Raw(), e, o); err != nil {
					return err
				}
				rows[0] = lastRow(t, tx)
				if err := q.insert(ctx, tx, e, o); err != nil {
					return err
				}
				rows[1] = lastRow(t, tx)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(rows[0], rows[1]); diff != "" {
				t.Errorf("row (-River +ours):\n%s", diff)
			}
		})
	}
}

// lastRow is the newest job, each value as SQLite writes it, with its type and
// without its identifier and its nonce; times of this minute are one.
func lastRow(t *testing.T, tx *store.Tx) map[string]string {
	t.Helper()
	names := texts(t, tx, `SELECT name FROM pragma_table_info('river_job')`)
	if len(names) < 15 {
		t.Fatalf("columns %v", names)
	}
	out := map[string]string{}
	for _, name := range names {
		value := texts(t, tx, `SELECT typeof(`+name+`) || ' ' || quote(`+name+`) FROM river_job ORDER BY id DESC LIMIT 1`)[0]
		if at, err := time.Parse(stamp, strings.Trim(strings.TrimPrefix(value, "text "), "'")); err == nil && time.Since(at).Abs() < time.Minute {
			value = "text of now"
		}
		out[name] = value
	}
	delete(out, "id")
	delete(out, "metadata") // River adds a nonce by which it knows its own row
	return out
}

func texts(t *testing.T, tx *store.Tx, query string) (out []string) {
	t.Helper()
	rs, err := tx.Raw().QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rs.Close()
	for rs.Next() {
		var s string
		if err := rs.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := rs.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
