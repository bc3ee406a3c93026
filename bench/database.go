package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"parvis/platform/store"
)

// engines are the names of the report.
func engines() []string { return []string{"SQLite", "PostgreSQL"} }

// engines are those of this run.
func (b *bench) engines() []string {
	if b.engine != "" {
		return []string{b.engine}
	}
	return engines()
}

// fresh is the address of an empty database on an engine.
func (b *bench) fresh(ctx context.Context, engine string) (string, error) {
	var r [6]byte
	_, _ = rand.Read(r[:])
	name := "bench_" + hex.EncodeToString(r[:])
	if engine == "SQLite" {
		path, err := filepath.Abs(filepath.Join(b.work, name, "parvis.db"))
		return "sqlite:" + path, err
	}
	dsn, admin, err := schema(ctx, name)
	if err != nil {
		return "", err
	}
	b.undo = append(b.undo, func() {
		if _, err := admin.SQL().ExecContext(context.WithoutCancel(ctx), "DROP SCHEMA "+name+" CASCADE"); err != nil {
			fmt.Fprintln(os.Stderr, "bench: dropping the schema:", err)
		}
		_ = admin.Close()
	})
	return dsn, nil
}

// kept is the address of the database that stays between runs.
func (b *bench) kept(ctx context.Context, engine string) (string, error) {
	if engine == "SQLite" {
		path, err := filepath.Abs(filepath.Join(b.folder, "keep", "parvis.db"))
		return "sqlite:" + path, err
	}
	dsn, admin, err := schema(ctx, "bench_keep")
	if err != nil {
		return "", err
	}
	return dsn, admin.Close()
}

// empty forgets what the kept database holds.
func (b *bench) empty(ctx context.Context, engine string) error {
	if engine == "SQLite" {
		return os.RemoveAll(filepath.Join(b.folder, "keep"))
	}
	_, admin, err := schema(ctx, "bench_keep")
	if err != nil {
		return err
	}
	_, err = admin.SQL().ExecContext(ctx, "DROP SCHEMA bench_keep CASCADE")
	return errors.Join(err, admin.Close())
}

// schema makes a schema of the tests' PostgreSQL unless it is there, and returns
// its address and a connection beside it.
func schema(ctx context.Context, name string) (string, *store.DB, error) {
	base := os.Getenv("PARVIS_TEST_POSTGRES")
	if base == "" {
		base = "postgres://parvis:parvis@127.0.0.1:5432/parvis_test?sslmode=disable"
	}
	admin, err := store.Open(ctx, base, store.Options{Conns: 1})
	if err != nil {
		return "", nil, fmt.Errorf("PostgreSQL is needed (scripts/postgres.sh): %w", err)
	}
	for _, q := range []string{"CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public", "CREATE SCHEMA IF NOT EXISTS " + name} {
		if _, err := admin.SQL().ExecContext(ctx, q); err != nil {
			return "", nil, fmt.Errorf("%s: %w", q, err)
		}
	}
	u, err := url.Parse(base)
	if err != nil {
		return "", nil, err
	}
	q := u.Query()
	q.Set("search_path", name+",public")
	u.RawQuery = q.Encode()
	return u.String(), admin, nil
}

// overlapping counts the pairs of live allocations that share a unit and time.
func overlapping(ctx context.Context, db *store.DB, since int64) (n int, err error) {
	err = db.SQL().QueryRowContext(ctx, `SELECT COUNT(*) FROM booking_allocation a JOIN booking_allocation b
		ON b.territory_id = a.territory_id AND b.resource_id = a.resource_id AND b.unit = a.unit AND b.id > a.id
			AND b.starts_at < a.ends_at AND b.ends_at > a.starts_at AND b.state IN ('held', 'active')
		WHERE a.state IN ('held', 'active') AND a.starts_at >= $1 AND b.starts_at >= $1`, since).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("counting overlaps: %w", err)
	}
	return n, nil
}
