package exchange

import (
	"context"
	"embed"
	"errors"
	"net/http"
	"net/netip"
	"time"

	"parvis/core/access"
	"parvis/core/service"
	"parvis/loop/listen/report"
	"parvis/platform/api"
	"parvis/platform/event"
	"parvis/platform/geo"
	"parvis/platform/job"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

//go:embed migrations/*.sql
var files embed.FS

// Locales holds the service's texts.
//
//go:embed locales/*.json
var Locales embed.FS

// Name is that of the service, of its rights and of its tables.
const Name = "open311"

// Migration is the package's schema.
func Migration() store.Migration { return store.Migration{Name: Name, FS: files} }

// Deps are the rooms the service stands on.
type Deps struct {
	Reports *report.Reports
	Queue   *job.Queue
	Here    func(ctx context.Context, territory string) (Jurisdiction, error)
	Named   func(ctx context.Context, name string) (Jurisdiction, error)
	Key     func(ctx context.Context, territory, secret string) (web.Actor, error)
	Within  func(ctx context.Context, territory string, p geo.Point) (bool, error) // optional
	// Words are those of the territory's language, for what is written down.
	Words func(key string, args ...any) string
	// Allow are the private networks that other servers may be in.
	Allow []netip.Prefix
}

// Exchange is the service.
type Exchange struct {
	Deps
	book   Reports
	server *Server
}

// New checks the dependencies.
func New(d Deps) (*Exchange, error) {
	if d.Reports == nil || d.Queue == nil || d.Here == nil || d.Named == nil || d.Key == nil || d.Words == nil {
		return nil, errors.New("open311: a dependency is missing")
	}
	book := Reports{Reports: d.Reports, Queue: d.Queue, Allow: d.Allow, Words: d.Words}
	return &Exchange{Deps: d, book: book, server: &Server{Book: book, Here: d.Here, Named: d.Named, Within: d.Within, Key: d.Key}}, nil
}

// keepFilings is how long an Idempotency-Key and a token are known.
const keepFilings = 400 * 24 * time.Hour

// Service declares what the interface adds to a territory.
func (e *Exchange) Service() service.Service {
	managers := []access.Role{access.Manager, access.Admin}
	protocol := func(path string, scope web.Scope) web.Route {
		return web.Route{Method: web.AnyMethod, Path: path, Scope: scope, Permission: web.Public, OtherOrigins: true, Handle: e.server.Serve}
	}
	return service.Service{
		Name: Name, Verb: page.Listen, Label: "open311.label", About: "open311.about", Icon: "link", Optional: true,
		Locales: Locales, Migrations: []store.Migration{Migration()},
		Permissions: []access.Permission{
			{Name: MayFile, Label: "open311.permission.file", Roles: managers},
			{Name: MayTreat, Label: "open311.permission.treat", Roles: managers},
			{Name: MaySet, Label: "open311.permission.settings", Roles: managers},
		},
		Routes: append([]web.Route{protocol(Path+"/{rest...}", web.OfSite), protocol(Path+"/{rest...}", web.OfInstance)}, e.pages()...),
		API:    func(g *api.Group) { g.Offer(MayFile, MayTreat) },
		Menu:   []service.MenuItem{{Label: "open311.menu", Icon: "link", Path: peersPath, Permission: MaySet}},
		Jobs: []job.Worker{
			job.Define(fetchKind, e.book.fetch, job.Timeout(2*time.Minute), job.Attempts(6)),
			job.Define(pushKind, e.push, job.Timeout(3*time.Minute), job.Attempts(12)),
			job.Define(tellKind, e.tell, job.Timeout(3*time.Minute), job.Attempts(12)),
			job.Define("open311.pull", func(ctx context.Context, _ job.Job[struct{}]) error { return e.PullAll(ctx) }, job.Every(5*time.Minute), job.Timeout(10*time.Minute), job.Attempts(1)),
		},
		On: []event.Subscription{
			event.On("report.opened", "open311.handoff", e.opened),
			event.On("dossier.*", "open311.tell", e.changed),
		},
		Retention: []service.Retention{
			// Neither holds personal data; they are forgotten all the same.
			{Table: "open311_filing", Personal: []string{"token"}, Purpose: "open311.retention.filing", Basis: "open311.retention.basis", Then: "open311.retention.erased",
				Keep: keepFilings, Purge: purgeOf("open311_filing", "report_id")},
			{Table: "open311_update", Personal: []string{"update_id"}, Purpose: "open311.retention.update", Basis: "open311.retention.basis", Then: "open311.retention.erased",
				Keep: keepFilings, Purge: purgeOf("open311_update", "update_id")},
			{Table: "open311_handoff", Personal: []string{"remote_id"}, Purpose: "open311.retention.handoff", Basis: "open311.retention.basis", Then: "open311.retention.erased",
				Keep: 3 * 365 * 24 * time.Hour, Purge: purgeOf("open311_handoff", "report_id")},
		},
	}
}

// purgeOf erases rows by their age.
func purgeOf(table, column string) func(context.Context, *store.Tx, time.Time, int) (int64, error) {
	return func(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
		return tx.Exec(ctx, `DELETE FROM `+table+` WHERE territory_id = @territory AND `+column+` IN (
			SELECT `+column+` FROM `+table+` WHERE territory_id = @territory AND created_at < ? ORDER BY created_at LIMIT ?) AND created_at < ?`, before, limit, before)
	}
}

const peersPath = "/bureau/open311"

// pages are where the staff choose what is handed to whom.
func (e *Exchange) pages() []web.Route {
	return []web.Route{
		{Method: http.MethodGet, Path: peersPath, Permission: MaySet, Handle: e.showPeers},
		{Method: http.MethodGet, Path: peersPath + "/serveur", Permission: MaySet, Handle: e.askPeer},
		{Method: http.MethodPost, Path: peersPath + "/serveur", Permission: MaySet, Handle: e.savePeer},
		{Method: http.MethodGet, Path: peersPath + "/serveur/{id}", Permission: MaySet, Handle: e.askPeer, Sample: "-"},
		{Method: http.MethodPost, Path: peersPath + "/serveur/{id}", Permission: MaySet, Handle: e.savePeer},
	}
}
