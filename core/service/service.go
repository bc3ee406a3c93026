// Package service holds the declaration that each service exports: one value
// from which menus, permissions, the API, the register of personal data and
// the derived tests are made.
package service

import (
	"context"
	"io/fs"
	"time"

	"parvis/core/access"
	"parvis/core/link"
	"parvis/core/notify"
	"parvis/platform/api"
	"parvis/platform/event"
	"parvis/platform/job"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// Entrance is where staff land in a territory: it leads to the first page they
// may read.
const Entrance = "/bureau/entree"

// Service declares what one part of the program adds to a territory.
type Service struct {
	Name  string    // "appointment": prefix of its tables, keys, permissions
	Verb  page.Verb // where it stands in the loop; NoVerb for the core
	Label string    // i18n key of its name, "Rendez-vous"
	About string    // i18n key of one sentence for the administrator who opens it
	Icon  string
	// Optional services are opened and closed by the territory; the others,
	// those of the core, are always there.
	Optional bool

	Locales     fs.FS // fr.json and en.json, keys starting with Name
	Migrations  []store.Migration
	Permissions []access.Permission
	Routes      []web.Route
	API         func(g *api.Group) // operations under /api/v1/{territory}/
	Menu        []MenuItem
	Portal      func(ctx context.Context, h store.Handle) ([]Entry, error) // needs it answers
	Kinds       []link.Kind
	Jobs        []job.Worker
	On          []event.Subscription
	Notices     []notify.Notice
	// Duties are what a member of staff still has to do, in words with an address:
	// said before they are suspended. nil: nothing.
	Duties    func(ctx context.Context, tx *store.Tx, person store.ID) ([]page.Link, error)
	Metrics   []Metric
	Datasets  []Dataset
	Retention []Retention
	Demo      func(ctx context.Context, d Demo) error
	// Samples are what the samples of the routes name between braces, found in a
	// territory of the demonstration: "appointment.id" for "/bureau/{appointment.id}".
	Samples func(ctx context.Context, h store.Handle) (map[string]string, error)
}

// MenuItem is an entry of the residents' menu or of the staff's rail.
type MenuItem struct {
	Label      string // i18n key
	Icon       string
	Path       string         // path of the site
	Permission web.Permission // web.Public: the residents' menu; otherwise the rail of those who hold it
	// Count is the number beside a rail entry; hot means that something is late.
	Count func(ctx context.Context, h store.Handle, a web.Actor) (n int, hot bool, err error)
}

// Entry is a need that the portal offers, in the resident's words.
type Entry struct {
	Need  string // group: "papers", "children", "home", "association", "street", "help"; unknown ones go to "help"
	Label string // words, not a key: written by the territory
	Path  string // path of the site
	Rank  int    // smaller first
}

// Metric is a figure the service can compute; Value recomputes it from rows.
type Metric struct {
	Name, Label, Unit string                                                                              // Label and Unit are i18n keys
	Value             func(ctx context.Context, h store.Handle, from, to time.Time) (float64, int, error) // value and its base
}

// Dataset is a table the service opens (Licence Ouverte 2.0).
type Dataset struct {
	Name, Label string
	Columns     []string
	Rows        func(ctx context.Context, h store.Handle, emit func(values []string) error) error
}

// Retention says why personal data is kept, how long, and what then (GDPR
// art. 5(1)(e) and 30). Every table of the service that holds personal data
// needs one; a test reads the schema.
type Retention struct {
	Table    string
	Personal []string // columns
	Purpose  string   // i18n key
	Basis    string   // i18n key: public task, legal duty, consent
	Keep     time.Duration
	Then     string // i18n key: "effacé", "statistiques seulement"
	// Purge erases what is past its time, at most limit rows, and returns how
	// many it treated; it runs every night until it returns 0. nil when the
	// rows live and die with those of another table (Keep is 0 then).
	Purge func(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error)
}

// Demo is what a service needs to fill a demonstration territory.
type Demo struct {
	Handle    store.Handle
	Territory string // official id
	Kind      string // commune, epci, departement
	Name      string
	Location  *time.Location
	Now       time.Time
	Staff     []DemoPerson // already created, with their roles
}

// DemoPerson is a member of staff of the demonstration.
type DemoPerson struct {
	ID   store.ID
	Name string
	Role access.Role
}
