package sector

import (
	"context"
	"net/http"

	"parvis/core/access"
	"parvis/core/service"
	"parvis/platform/store"
	"parvis/platform/web"
)

// The permissions.
const (
	MayRead  web.Permission = "sector.read"
	MayWrite web.Permission = "sector.write"
)

// Path of the list.
const Path = "/bureau/secteurs"

// Deps is what the pages ask of other rooms.
type Deps struct {
	Sectors *Sectors
	// Region is where the territory of a request lies, for phone numbers.
	Region func(c *web.Context) string
	// Used is how many open things are filed under a sector; nil: none.
	Used func(ctx context.Context, tx *store.Tx, id store.ID) (int, error)
}

type pages struct{ Deps }

// Service declares the pages.
func Service(d Deps) service.Service {
	p := &pages{d}
	all := []access.Role{access.Desk, access.Agent, access.Manager, access.Admin, access.Elected}
	return service.Service{
		Name: "sector", Label: "sector.label", About: "sector.about", Icon: "pin", Locales: Locales, Migrations: []store.Migration{Migration()},
		Permissions: []access.Permission{
			{Name: MayRead, Label: "sector.permission.read", Roles: all},
			{Name: MayWrite, Label: "sector.permission.write", Roles: []access.Role{access.Manager, access.Admin}},
		},
		Routes: []web.Route{
			{Method: http.MethodGet, Path: Path, Permission: MayRead, Handle: p.list},
			{Method: http.MethodGet, Path: Path + "/importer", Permission: MayWrite, Handle: p.askImport},
			{Method: http.MethodPost, Path: Path + "/importer", Permission: MayWrite, Handle: p.doImport},
			{Method: http.MethodGet, Path: Path + "/{id}", Permission: MayWrite, Handle: p.edit, Sample: "-"},
			{Method: http.MethodPost, Path: Path + "/{id}", Permission: MayWrite, Handle: p.save},
			{Method: http.MethodGet, Path: Path + "/{id}/supprimer", Permission: MayWrite, Handle: p.askDelete, Sample: "-"},
			{Method: http.MethodPost, Path: Path + "/{id}/supprimer", Permission: MayWrite, Handle: p.delete},
		},
		Menu: []service.MenuItem{{Label: "sector.label", Icon: "pin", Path: Path, Permission: MayWrite}},
		Retention: []service.Retention{{Table: "sector", Personal: []string{"contact_name", "contact_phone", "contact_email"}, Purpose: "sector.retention.purpose",
			Basis: "sector.retention.basis", Then: "sector.retention.then"}},
		Demo: fillDemo,
	}
}
