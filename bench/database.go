package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
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
	base := os.Getenv("PARVIS_TEST_POSTGRES")
	if base == "" {
		base = "postgres://parvis:parvis@127.0.0.1:5432/parvis_test?sslmode=disable"
	}
	admin, err := store.Open(ctx, base, store.Options{Conns: 1})
	if err != nil {
		return "", fmt.Errorf("PostgreSQL is needed (scripts/postgres.sh): %w", err)
	}
	for _, q := range []string{"CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public", "CREATE SCHEMA " + name} {
		if _, err := admin.SQL().ExecContext(ctx, q); err != nil {
			return "", fmt.Errorf("%s: %w", q, err)
		}
	}
	b.undo = append(b.undo, func() {
		if _, err := admin.SQL().ExecContext(context.WithoutCancel(ctx), "DROP SCHEMA "+name+" CASCADE"); err != nil {
			fmt.Fprintln(os.Stderr, "bench: dropping the schema:", err)
		}
		_ = admin.Close()
	})
	u, err := url.Parse(base)
	if err != nil {
		return "", err
	}
	q := u.Query()
	q.Set("search_path", name+",public")
	u.RawQuery = q.Encode()
	return u.String(), nil
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
