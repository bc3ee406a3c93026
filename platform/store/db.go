package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"

	"parvis/platform/clock"
)

// Engine is the database behind a [DB].
type Engine int

// The two engines; every store test runs on both.
const (
	SQLite Engine = iota
	Postgres
)

// String is the engine's name as operators write it.
func (e Engine) String() string {
	if e == Postgres {
		return "PostgreSQL"
	}
	return "SQLite"
}

// Options of Open. The zero value is what production uses.
type Options struct {
	Clock clock.Clock // nil: the system's
	Conns int         // largest number of PostgreSQL connections; 0: 16
}

// DB is an open database.
type DB struct {
	engine Engine
	write  *sql.DB      // SQLite: exactly one connection
	read   *sql.DB      // SQLite: one connection, for pings and the schema
	idle   chan *sql.DB // SQLite: readers of one connection each, handed out one transaction at a time
	pool   *pgxpool.Pool
	clock  clock.Clock
	end    sync.Once
	closed chan struct{} // closed by Close: nobody waits for a reader any more
	target string        // file path or host/database, never a password

	statements sync.Map                        // SQL text → *statement
	global     atomic.Pointer[map[string]bool] // tables without territory_id
}

// Open connects to "sqlite:PATH" or "postgres://…". The file's folder is
// created; the schema is not touched (see [DB.Migrate]).
func Open(ctx context.Context, dsn string, o Options) (*DB, error) {
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	switch {
	case strings.HasPrefix(dsn, "sqlite:"):
		return openSQLite(ctx, strings.TrimPrefix(dsn, "sqlite:"), o)
	case strings.HasPrefix(dsn, "postgres://"), strings.HasPrefix(dsn, "postgresql://"):
		return openPostgres(ctx, dsn, o)
	}
	return nil, errors.New(`store: the database address must start with "sqlite:" or "postgres://"`)
}

func openSQLite(ctx context.Context, path string, o Options) (*DB, error) {
	if path == "" {
		return nil, errors.New("store: sqlite: needs a file path")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("store: creating the database folder: %w", err)
	}
	// synchronous=FULL: a commit that was answered survives a power cut, not only a crash.
	common := []string{"busy_timeout(5000)", "foreign_keys(1)", "cache_size(-32000)", "mmap_size(268435456)", "temp_store(2)"}
	writer, err := sqliteDB(path, "immediate", append([]string{"journal_mode(WAL)", "synchronous(FULL)"}, common...))
	if err != nil {
		return nil, err
	}
	writer.SetMaxOpenConns(1)
	db := &DB{engine: SQLite, write: writer, clock: o.Clock, target: path, closed: make(chan struct{})}
	n := max(4, 2*runtime.NumCPU())
	db.idle = make(chan *sql.DB, n)
	for range n + 1 {
		reader, err := sqliteDB(path, "deferred", append([]string{"query_only(1)"}, common...))
		if err != nil {
			return nil, err
		}
		reader.SetMaxOpenConns(1)
		if db.read == nil {
			db.read = reader
		} else {
			db.idle <- reader
		}
	}
	if err := writer.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("store: opening %s: %w", path, errors.Join(classify(err), db.Close()))
	}
	return db, nil
}

func sqliteDB(path, lock string, pragmas []string) (*sql.DB, error) {
	q := url.Values{"_txlock": {lock}, "_pragma": pragmas}
	c, err := sqlite.NewConnector("file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode())
	if err != nil {
		return nil, fmt.Errorf("store: opening %s: %w", path, err)
	}
	return sql.OpenDB(keeper{c}), nil
}

func openPostgres(ctx context.Context, dsn string, o Options) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("store: the PostgreSQL address cannot be read: %w", err)
	}
	cfg.MaxConns = 16
	if o.Conns > 0 {
		cfg.MaxConns = int32(o.Conns)
	}
	cfg.ConnConfig.ConnectTimeout = 5 * time.Second
	cfg.ConnConfig.RuntimeParams["application_name"] = "parvis"
	cfg.ConnConfig.RuntimeParams["statement_timeout"] = "60000"
	cfg.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = "60000"
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("store: PostgreSQL: %w", err)
	}
	db := &DB{engine: Postgres, pool: pool, clock: o.Clock, target: cfg.ConnConfig.Host + "/" + cfg.ConnConfig.Database}
	db.write = stdlib.OpenDBFromPool(pool)
	db.read = db.write
	if err := db.write.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("store: connecting to PostgreSQL: %w", errors.Join(classify(err), db.Close()))
	}
	return db, nil
}

// Engine tells which database this is.
func (db *DB) Engine() Engine { return db.engine }

// Target is the file or the host and database, for messages; no secret.
func (db *DB) Target() string { return db.target }

// Clock is the clock transactions take their now from.
func (db *DB) Clock() clock.Clock { return db.clock }

// SQL is the pool that writes, for libraries that need it (jobs, migrations).
func (db *DB) SQL() *sql.DB { return db.write }

// Ping checks that the database answers and can be read.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	return classify(db.read.QueryRowContext(ctx, "SELECT 1").Scan(&one))
}

// Close waits for transactions under way and releases the connections. Closing
// again changes nothing.
func (db *DB) Close() error {
	var errs []error
	if db.read != nil && db.read != db.write {
		errs = append(errs, db.read.Close())
	}
	db.end.Do(func() {
		if db.closed != nil {
			close(db.closed)
		}
		for range cap(db.idle) {
			errs = append(errs, (<-db.idle).Close())
		}
	})
	if db.write != nil {
		errs = append(errs, db.write.Close())
	}
	if db.pool != nil {
		db.pool.Close()
	}
	return errors.Join(errs...)
}
