package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// Handle opens transactions bound to one territory, or to none (see System).
type Handle struct {
	db        *DB
	territory string
	system    bool
	at        time.Time // zero: the clock's
}

// At binds to another instant: its transactions have t as their now. For data
// that happened before it is written: an import, the demonstration.
func (h Handle) At(t time.Time) Handle {
	h.at = t
	return h
}

// In binds to a territory: its transactions refuse statements that do not
// name territory_id and @territory. An empty territory opens nothing.
func (db *DB) In(territory string) Handle { return Handle{db: db, territory: territory} }

// System opens transactions that are not bound: for tables without a
// territory and for sweeps over all of them. The reason is a sentence for the
// reader of the code; every use is listed by a test.
func (db *DB) System(reason string) Handle {
	if reason == "" {
		panic("store: System needs a reason")
	}
	return Handle{db: db, system: true}
}

// Territory is the bound territory, empty for a system handle.
func (h Handle) Territory() string { return h.territory }

// DB is the database behind the handle.
func (h Handle) DB() *DB { return h.db }

// maxTries bounds how often a transaction is run again after a serialization
// failure or a deadlock.
const maxTries = 5

// Update runs fn in one transaction that may write. fn may run more than once
// and must therefore have no effect outside the transaction.
func (h Handle) Update(ctx context.Context, fn func(tx *Tx) error) error {
	for try := 1; ; try++ {
		err := h.run(ctx, h.db.write, nil, fn)
		if err == nil || try == maxTries || !transient(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(try*try) * time.Duration(1+rand.IntN(10)) * time.Millisecond):
		}
	}
}

// View runs fn in a transaction that only reads, on one snapshot.
func (h Handle) View(ctx context.Context, fn func(tx *Tx) error) error {
	if h.db == nil {
		return fmt.Errorf("%w: no database", ErrUnbound)
	}
	o := &sql.TxOptions{ReadOnly: true}
	if h.db.engine == Postgres {
		o.Isolation = sql.LevelRepeatableRead
	}
	if h.db.idle == nil {
		return h.run(ctx, h.db.read, o, fn)
	}
	select {
	case <-h.db.closed:
		return fmt.Errorf("%w: closed", ErrUnavailable)
	default:
	}
	select {
	case reader := <-h.db.idle:
		defer func() { h.db.idle <- reader }()
		return h.run(ctx, reader, o, fn)
	case <-h.db.closed:
		return fmt.Errorf("%w: closed", ErrUnavailable)
	case <-ctx.Done():
		return fmt.Errorf("store: waiting for a reader: %w", ctx.Err())
	}
}

func (h Handle) run(ctx context.Context, pool *sql.DB, o *sql.TxOptions, fn func(tx *Tx) error) (err error) {
	if h.db == nil || (h.territory == "" && !h.system) {
		return fmt.Errorf("%w: no territory", ErrUnbound)
	}
	raw, err := pool.BeginTx(ctx, o)
	if err != nil {
		return fmt.Errorf("store: beginning: %w", classify(err))
	}
	now := h.at
	if now.IsZero() {
		now = h.db.clock.Now()
	}
	tx := &Tx{raw: raw, handle: h, now: now.UTC().Truncate(time.Microsecond), end: &ending{}}
	defer func() {
		if p := recover(); p != nil {
			_ = raw.Rollback()
			panic(p)
		}
	}()
	if err := fn(tx); err != nil {
		if rb := raw.Rollback(); rb != nil && !errors.Is(rb, sql.ErrTxDone) && ctx.Err() == nil {
			return errors.Join(lost(err), classify(rb))
		}
		return lost(err)
	}
	if err := raw.Commit(); err != nil {
		return fmt.Errorf("store: committing: %w", classify(err))
	}
	for _, f := range tx.end.after {
		f()
	}
	return nil
}

// Tx is one transaction with one now.
type Tx struct {
	raw    *sql.Tx
	handle Handle
	now    time.Time
	end    *ending
}

// ending is what happens once the transaction is committed; bound views of
// one transaction share it.
type ending struct{ after []func() }

// Now is the one time of this transaction: UTC, microseconds.
func (tx *Tx) Now() time.Time { return tx.now }

// Territory is the bound territory, empty in a system transaction.
func (tx *Tx) Territory() string { return tx.handle.territory }

// Engine tells which database this is.
func (tx *Tx) Engine() Engine { return tx.handle.db.engine }

// Raw is the transaction for libraries that join it (jobs).
func (tx *Tx) Raw() *sql.Tx { return tx.raw }

// AfterCommit registers f to run once the transaction is committed. f must
// not fail and must not be needed for correctness: a crash loses it.
func (tx *Tx) AfterCommit(f func()) { tx.end.after = append(tx.end.after, f) }

// Bind returns a view of the same transaction bound to a territory: a system
// sweep uses it to call code that expects a bound one.
func (tx *Tx) Bind(territory string) *Tx {
	bound := *tx
	bound.handle = Handle{db: tx.handle.db, territory: territory}
	return &bound
}

// Exec runs a statement and returns the number of rows it changed.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	s, vals, err := tx.prepare(query, args)
	if err != nil {
		return 0, err
	}
	res, err := tx.raw.ExecContext(ctx, s.text, vals...)
	if err != nil {
		return 0, classify(err)
	}
	n, err := res.RowsAffected()
	return n, classify(err)
}

func (tx *Tx) query(ctx context.Context, query string, args []any) (*rows, error) {
	s, vals, err := tx.prepare(query, args)
	if err != nil {
		return nil, err
	}
	rs, err := tx.raw.QueryContext(ctx, s.text, vals...)
	if err != nil {
		return nil, classify(err)
	}
	return &rows{Rows: rs}, nil
}

// Get scans the one row of query into dst (a struct or a single value);
// ErrNotFound when there is none, an error when there are several.
func (tx *Tx) Get(ctx context.Context, dst any, query string, args ...any) error {
	rs, err := tx.query(ctx, query, args)
	if err != nil {
		return err
	}
	return scanOne(dst, rs)
}

// Select scans all rows of query into dst, a pointer to a slice.
func (tx *Tx) Select(ctx context.Context, dst any, query string, args ...any) error {
	rs, err := tx.query(ctx, query, args)
	if err != nil {
		return err
	}
	return scanAll(dst, rs)
}

// Each calls fn for each row with a function that scans its columns: for hot
// loops where reflection would cost more than the query.
func (tx *Tx) Each(ctx context.Context, query string, args []any, fn func(scan func(dst ...any) error) error) error {
	rs, err := tx.query(ctx, query, args)
	if err != nil {
		return err
	}
	defer rs.Close()
	for rs.Next() {
		if err := fn(rs.Scan); err != nil {
			return err
		}
	}
	return classify(rs.Err())
}
