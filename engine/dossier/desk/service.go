package desk

import (
	"context"
	"embed"
	"net/http"
	"slices"

	"parvis/core/access"
	"parvis/core/link"
	"parvis/core/person"
	"parvis/core/service"
	"parvis/engine/dossier"
	"parvis/platform/file"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// Locales holds the texts of the pages.
//
//go:embed locales/*.json
var Locales embed.FS

// The permissions. Each of the first three is also declared for every service
// that has requests: a role on "report" alone holds "report.dossier.read".
const (
	MayRead     web.Permission = "dossier.read"
	MayWrite    web.Permission = "dossier.write"
	MayAssign   web.Permission = "dossier.assign"
	MayTemplate web.Permission = "dossier.template"
)

// Path of the queue.
const Path = dossier.Desk

// Deps is what the pages stand on.
type Deps struct {
	Dossiers *dossier.Engine
	People   *person.People
	// Staff is who works for a territory, by name.
	Staff func(ctx context.Context, territory string) ([]dossier.Colleague, error)
	// Links are what things led to, once they are known; nil: none shown.
	Links func() *link.Links
	// Files keeps attachments; nil: none can be added.
	Files file.Store
	// Region is where the territory of a request lies, for phone numbers.
	Region func(c *web.Context) string
	// Demo fills a demonstration; nil: nothing.
	Demo func(ctx context.Context, d service.Demo) error
}

// Desk is the pages.
type Desk struct{ Deps }

// New prepares the pages.
func New(d Deps) *Desk { return &Desk{d} }

// Service declares the queue and the sheet.
func (d *Desk) Service() service.Service {
	return service.Service{
		Name: "desk", Verb: page.NoVerb, Label: "desk.label", About: "desk.about", Icon: "doc",
		Locales:     Locales,
		Permissions: d.permissions(),
		Routes:      d.routes(),
		Menu: []service.MenuItem{
			{Label: "desk.menu", Icon: "doc", Path: Path, Permission: MayRead, Count: d.badge},
			{Label: "desk.template.menu", Icon: "pen", Path: TemplatePath, Permission: MayTemplate},
		},
		Demo: d.Demo,
	}
}

func (d *Desk) permissions() []access.Permission {
	staff := []access.Role{access.Desk, access.Agent, access.Manager, access.Admin}
	assigners := []access.Role{access.Agent, access.Manager, access.Admin}
	var services []string
	for _, k := range d.Dossiers.Kinds() {
		if !slices.Contains(services, k.Of()) {
			services = append(services, k.Of())
		}
	}
	list := []access.Permission{
		{Name: MayRead, Label: "desk.permission.read", Roles: staff, Within: services},
		{Name: MayWrite, Label: "desk.permission.write", Roles: staff, Within: services},
		{Name: MayAssign, Label: "desk.permission.assign", Roles: assigners, Within: services},
		{Name: MayTemplate, Label: "desk.permission.template", Roles: []access.Role{access.Manager, access.Admin}, Within: services},
	}
	for _, s := range services {
		list = append(list, access.Permission{Name: within(s, MayRead), Label: "desk.permission.read", Roles: staff},
			access.Permission{Name: within(s, MayWrite), Label: "desk.permission.write", Roles: staff},
			access.Permission{Name: within(s, MayAssign), Label: "desk.permission.assign", Roles: assigners})
	}
	return list
}

// within is a permission on the requests of one service.
func within(service string, p web.Permission) web.Permission {
	return web.Permission(service) + "." + p
}

func (d *Desk) routes() []web.Route {
	get := func(path string, p web.Permission, h web.Handler, sample string) web.Route {
		return web.Route{Method: http.MethodGet, Path: Path + path, Permission: p, Handle: h, Sample: sample}
	}
	post := func(path string, p web.Permission, h web.Handler) web.Route {
		return web.Route{Method: http.MethodPost, Path: Path + path, Permission: p, Handle: h}
	}
	routes := []web.Route{
		get("", MayRead, d.queue, ""),
		get("/compteurs", MayRead, d.counters, "-"),
		get("/demandes.csv", MayRead, d.exportCSV, "-"),
		get("/demandes.xlsx", MayRead, d.exportXLSX, "-"),
		post("/filtres", MayRead, d.saveFilter),
		post("/filtres/{id}/oublier", MayRead, d.forgetFilter),
		post("/lot", MayWrite, d.bulk),
		get("/{id}", MayRead, d.show, "-"),
		get("/{id}/fichiers/{link}", MayRead, d.download, "-"),
	}
	for _, a := range actions() {
		routes = append(routes, post("/{id}/"+a.path, a.permission, d.act(a)))
	}
	return append(routes, d.templateRoutes()...)
}

// badge is the number beside the entry of the rail: what is late, or what is
// mine.
func (d *Desk) badge(ctx context.Context, h store.Handle, a web.Actor) (n int, hot bool, err error) {
	err = h.View(ctx, func(tx *store.Tx) error {
		s, err := d.sight(ctx, tx, a)
		if err != nil {
			return err
		}
		counts, err := d.Dossiers.CountFor(ctx, tx, dossier.Filter{Sight: &s}, a.ID, s.Teams, nil, tx.Now())
		if n, hot = counts.Late, counts.Late > 0; n == 0 {
			n = counts.Mine
		}
		return err
	})
	return n, hot, err
}
