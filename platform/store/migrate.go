package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"testing/fstest"
	"text/template"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// Migration is the numbered schema changes of one package, in goose's format
// with macros: {{time}} {{bool}} {{json}} {{blob}} {{float}} {{strict}} and
// {{if postgres}} … {{else}} … {{end}}. One file serves both engines.
type Migration struct {
	Name string // lower case, one per package: the version table is goose_<name>
	FS   fs.FS  // holds migrations/*.sql, or the files at its root
}

var bigint = regexp.MustCompile(`(?i)\b(BIGINT|SMALLINT)\b`)

// expand renders the macros for an engine.
func (m Migration) expand(e Engine) (fs.FS, error) {
	pg := e == Postgres
	pick := func(postgres, sqlite string) func() string {
		return func() string {
			if pg {
				return postgres
			}
			return sqlite
		}
	}
	funcs := template.FuncMap{
		"postgres": func() bool { return pg },
		"time":     pick("BIGINT", "INTEGER"), "bool": pick("BOOLEAN", "INTEGER"), "json": pick("JSONB", "TEXT"),
		"blob": pick("BYTEA", "BLOB"), "float": pick("DOUBLE PRECISION", "REAL"), "strict": pick("", "STRICT"),
	}
	out := fstest.MapFS{}
	err := fs.WalkDir(m.FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".sql") {
			return err
		}
		raw, err := fs.ReadFile(m.FS, path)
		if err != nil {
			return err
		}
		t, err := template.New(path).Funcs(funcs).Parse(string(raw))
		if err != nil {
			return fmt.Errorf("store: migration %s/%s: %w", m.Name, path, err)
		}
		var b bytes.Buffer
		if err := t.Execute(&b, nil); err != nil {
			return fmt.Errorf("store: migration %s/%s: %w", m.Name, path, err)
		}
		text := b.String()
		if !pg {
			text = bigint.ReplaceAllString(text, "INTEGER")
		}
		out[path[strings.LastIndexByte(path, '/')+1:]] = &fstest.MapFile{Data: []byte(text), Mode: 0o444}
		return nil
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("store: package %s has no migration file", m.Name)
	}
	return out, err
}

func (db *DB) provider(m Migration) (*goose.Provider, error) {
	files, err := m.expand(db.engine)
	if err != nil {
		return nil, err
	}
	o := []goose.ProviderOption{goose.WithTableName("goose_" + m.Name), goose.WithDisableGlobalRegistry(true)}
	dialect := goose.DialectSQLite3
	if db.engine == Postgres {
		dialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, err
		}
		o = append(o, goose.WithSessionLocker(locker))
	}
	return goose.NewProvider(dialect, db.write, files, o...)
}

// Migrate brings the schema of each package, in the order given, to its last
// version. It is safe to run at every start and from several processes.
func (db *DB) Migrate(ctx context.Context, migrations ...Migration) error {
	for _, m := range migrations {
		p, err := db.provider(m)
		if err != nil {
			return err
		}
		if _, err := p.Up(ctx); err != nil {
			return fmt.Errorf("store: migrating %s: %w", m.Name, classify(err))
		}
	}
	return db.learnTables(ctx)
}

// Pending returns "package: n" for each package whose schema is behind.
func (db *DB) Pending(ctx context.Context, migrations ...Migration) ([]string, error) {
	var out []string
	for _, m := range migrations {
		p, err := db.provider(m)
		if err != nil {
			return nil, err
		}
		behind, err := p.HasPending(ctx)
		if err != nil {
			return nil, fmt.Errorf("store: reading versions of %s: %w", m.Name, classify(err))
		}
		if behind {
			out = append(out, m.Name)
		}
	}
	return out, nil
}

// Rollback undoes the migrations of one package, last first: for tests.
func (db *DB) Rollback(ctx context.Context, m Migration) error {
	p, err := db.provider(m)
	if err != nil {
		return err
	}
	if _, err := p.DownTo(ctx, 0); err != nil {
		return fmt.Errorf("store: undoing %s: %w", m.Name, classify(err))
	}
	return nil
}

// Table is one table of the schema and whether its rows belong to a territory.
type Table struct {
	Name      string
	Territory bool
}

// Tables lists the schema, without the engine's own tables.
func (db *DB) Tables(ctx context.Context) ([]Table, error) {
	query := `SELECT m.name AS name, EXISTS (SELECT 1 FROM pragma_table_info(m.name) c WHERE c.name = 'territory_id') AS territory
		FROM sqlite_master m WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name`
	if db.engine == Postgres {
		query = `SELECT t.table_name AS name, EXISTS (SELECT 1 FROM information_schema.columns c WHERE c.table_schema = t.table_schema
			AND c.table_name = t.table_name AND c.column_name = 'territory_id') AS territory
			FROM information_schema.tables t WHERE t.table_schema = current_schema() AND t.table_type = 'BASE TABLE' ORDER BY t.table_name`
	}
	rs, err := db.read.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("store: listing tables: %w", classify(err))
	}
	defer rs.Close()
	var out []Table
	for rs.Next() {
		var t Table
		if err := rs.Scan(&t.Name, &t.Territory); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, errors.Join(rs.Err())
}

func (db *DB) learnTables(ctx context.Context) error {
	tables, err := db.Tables(ctx)
	if err != nil {
		return err
	}
	global := map[string]bool{}
	for _, t := range tables {
		if !t.Territory {
			global[t.Name] = true
		}
	}
	db.global.Store(&global)
	db.statements.Clear()
	return nil
}
