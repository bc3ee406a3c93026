package crew

import (
	"context"
	"net/http"

	"parvis/core/access"
	"parvis/core/person"
	"parvis/core/service"
	"parvis/platform/store"
	"parvis/platform/web"
)

// The permissions.
const (
	MayRead  web.Permission = "crew.read"
	MayWrite web.Permission = "crew.write"
)

// Path of the list.
const Path = "/bureau/equipes"

type pages struct {
	people *person.People
	region func(c *web.Context) string
}

// Service declares the pages; region is where the territory of a request lies,
// for phone numbers.
func Service(people *person.People, region func(c *web.Context) string) service.Service {
	p := &pages{people, region}
	return service.Service{
		Name: "crew", Label: "crew.label", About: "crew.about", Icon: "group", Locales: Locales, Migrations: []store.Migration{Migration()},
		Permissions: []access.Permission{
			{Name: MayRead, Label: "crew.permission.read", Roles: []access.Role{access.Desk, access.Agent, access.Manager, access.Admin, access.Elected}},
			{Name: MayWrite, Label: "crew.permission.write", Roles: []access.Role{access.Manager, access.Admin}},
		},
		Routes: []web.Route{
			{Method: http.MethodGet, Path: Path, Permission: MayRead, Handle: p.list},
			{Method: http.MethodGet, Path: Path + "/nouvelle", Permission: MayWrite, Handle: p.edit},
			{Method: http.MethodPost, Path: Path + "/nouvelle", Permission: MayWrite, Handle: p.save},
			{Method: http.MethodGet, Path: Path + "/{id}", Permission: MayWrite, Handle: p.edit, Sample: "-"},
			{Method: http.MethodPost, Path: Path + "/{id}", Permission: MayWrite, Handle: p.save},
		},
		Menu: []service.MenuItem{{Label: "crew.label", Icon: "group", Path: Path, Permission: MayWrite}},
		Retention: []service.Retention{
			{Table: "crew", Personal: []string{"phone", "email"}, Purpose: "crew.retention.purpose", Basis: "crew.retention.basis", Then: "crew.retention.then"},
			{Table: "crew_member", Personal: []string{"person_id"}, Purpose: "crew.retention.purpose", Basis: "crew.retention.basis", Then: "crew.retention.then"},
		},
		Demo: fillDemo,
	}
}

// fillDemo makes two crews of the demonstration's staff, unless there are some.
func fillDemo(ctx context.Context, d service.Demo) error {
	return d.Handle.Update(ctx, func(tx *store.Tx) error {
		there, err := List(ctx, tx, true)
		if err != nil || len(there) > 0 {
			return err
		}
		for i, c := range []Crew{
			{Name: "Voirie et éclairage", Kind: Field, Active: true},
			{Name: "Accueil et relation aux habitants", Kind: Office, Active: true},
		} {
			saved, err := Save(ctx, tx, c)
			if err != nil {
				return err
			}
			var people []store.ID
			for n, p := range d.Staff {
				if (p.Role == access.Agent || p.Role == access.Manager || p.Role == access.Desk) && (n%2 == i || p.Role == access.Manager) {
					people = append(people, p.ID)
				}
			}
			if err := SetMembers(ctx, tx, saved.ID, people); err != nil {
				return err
			}
		}
		return nil
	})
}
