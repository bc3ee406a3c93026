package booking

import (
	"context"
	"embed"
	"errors"
	"sync"
	"time"

	"parvis/platform/calendar"
	"parvis/platform/store"
)

// Defaults that a caller may narrow.
const (
	// Horizon is how far ahead opening spans are computed, in days.
	Horizon = 370
	// HoldTime is how long a hold lasts when the request does not say (S11).
	HoldTime = 5 * time.Minute
	// maxHold bounds what a request may ask.
	maxHold = time.Hour
)

//go:embed migrations/*.sql
var migrations embed.FS

// Locales are the messages of the faults this package returns.
//
//go:embed locales/*.json
var Locales embed.FS

// Migration is the schema of the engine.
func Migration() store.Migration { return store.Migration{Name: "booking", FS: migrations} }

// Options of New.
type Options struct {
	// School gives the school holidays of the territory of tx; nil means the
	// ministry's published table.
	School func(ctx context.Context, tx *store.Tx) (calendar.SchoolTable, error)
}

// Engine searches and books. It is safe for concurrent use; several processes
// may use one database.
type Engine struct {
	db     *store.DB
	school func(ctx context.Context, tx *store.Tx) (calendar.SchoolTable, error)
	shelf  shelf
}

// New makes an engine on db, whose schema must be migrated before its use.
func New(db *store.DB, o Options) *Engine {
	if o.School == nil {
		published := sync.OnceValues(calendar.PublishedSchool)
		o.School = func(context.Context, *store.Tx) (calendar.SchoolTable, error) { return published() }
	}
	return &Engine{db: db, school: o.School}
}

var errOtherDatabase = errors.New("booking: the handle belongs to another database than the engine")
