// Package storetest runs a test on both engines.
package storetest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"parvis/platform/clock"
	"parvis/platform/store"
)

// Postgres is the address of the server that tests use: the environment's
// PARVIS_TEST_POSTGRES, or the local one that `make test` prepares.
func Postgres() string {
	if dsn := os.Getenv("PARVIS_TEST_POSTGRES"); dsn != "" {
		return dsn
	}
	return "postgres://parvis:parvis@127.0.0.1:5432/parvis_test?sslmode=disable"
}

// Each runs body on SQLite (a fresh file) and on PostgreSQL (a fresh schema).
// It fails, never skips, when the server is not there.
func Each(t *testing.T, migrations []store.Migration, body func(t *testing.T, db *store.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { body(t, Open(t, SQLiteDSN(t), nil, migrations)) })
	t.Run("postgres", func(t *testing.T) { body(t, Open(t, PostgresDSN(t), nil, migrations)) })
}

// EachClock is Each with a clock that the test moves.
func EachClock(t *testing.T, migrations []store.Migration, body func(t *testing.T, db *store.DB, clk *clock.Fake)) {
	t.Helper()
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": SQLiteDSN, "postgres": PostgresDSN} {
		t.Run(name, func(t *testing.T) {
			clk := clock.NewFake(clock.System{}.Now())
			body(t, Open(t, dsn(t), clk, migrations), clk)
		})
	}
}

// SQLiteDSN is the address of a fresh file.
func SQLiteDSN(t testing.TB) string {
	return "sqlite:" + filepath.Join(t.TempDir(), "test.db")
}

// PostgresDSN is the address of a fresh schema, dropped at the end.
func PostgresDSN(t testing.TB) string {
	t.Helper()
	ctx := context.Background()
	base := Postgres()
	admin, err := store.Open(ctx, base, store.Options{Conns: 1})
	if err != nil {
		t.Fatalf("PostgreSQL is needed by this test and does not answer: %v\nRun scripts/postgres.sh, or set PARVIS_TEST_POSTGRES.", err)
	}
	var b [6]byte
	_, _ = rand.Read(b[:])
	schema := "t_" + hex.EncodeToString(b[:])
	for _, q := range []string{
		"SELECT pg_advisory_lock(7001)", "CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public",
		"SELECT pg_advisory_unlock(7001)", "CREATE SCHEMA " + schema,
	} {
		if _, err := admin.SQL().ExecContext(ctx, q); err != nil {
			t.Fatalf("preparing PostgreSQL: %s: %v", q, err)
		}
	}
	t.Cleanup(func() {
		if _, err := admin.SQL().ExecContext(ctx, "DROP SCHEMA "+schema+" CASCADE"); err != nil {
			t.Errorf("dropping the test schema: %v", err)
		}
		if err := admin.Close(); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema+",public")
	u.RawQuery = q.Encode()
	return u.String()
}

// Open opens and migrates a database, closed at the end of the test.
func Open(t testing.TB, dsn string, clk clock.Clock, migrations []store.Migration) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), dsn, store.Options{Clock: clk})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := db.Migrate(context.Background(), migrations...); err != nil {
		t.Fatal(err)
	}
	return db
}
