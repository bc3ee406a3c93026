package app

import (
	"context"
	"crypto/rand"
	"embed"
	"fmt"

	"parvis/core/access"
	"parvis/core/link"
	"parvis/core/service"
	"parvis/platform/api"
	"parvis/platform/event"
	"parvis/platform/store"
)

//go:embed migrations/*.sql
var files embed.FS

//go:embed locales/*.json
var locales embed.FS

func ownMigration() store.Migration { return store.Migration{Name: "app", FS: files} }

// version is set by the linker (make build).
var version = "dev"

// Version is the program's version.
func Version() string { return version }

// secrets are made at the first start and kept in the database: every process
// on it, and every restored copy, makes the same links.
type secrets struct{ hub, links []byte }

func loadSecrets(ctx context.Context, db *store.DB) (secrets, error) {
	var s secrets
	h := db.System("the secrets of the instance belong to no territory")
	for _, x := range []struct {
		name string
		to   *[]byte
	}{{"hub", &s.hub}, {"links", &s.links}} {
		fresh := make([]byte, 32)
		_, _ = rand.Read(fresh) // never fails since Go 1.24
		err := h.Update(ctx, func(tx *store.Tx) error {
			if _, err := tx.Exec(ctx, `INSERT INTO app_secret (name, value, created_at) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING`, x.name, fresh, tx.Now()); err != nil {
				return err
			}
			return tx.Each(ctx, `SELECT value FROM app_secret WHERE name = ?`, []any{x.name}, func(scan func(...any) error) error { return scan(x.to) })
		})
		if err != nil {
			return s, fmt.Errorf("app: secrets: %w", err)
		}
	}
	return s, nil
}

// own declares what belongs to no other part: keys of the API, and how long the
// floors below keep what they keep.
func (a *App) own() Service {
	return service.Service{
		Name: "app", Label: "app.label",
		Permissions: []access.Permission{{Name: api.Manage, Label: "app.permission.api", Roles: []access.Role{access.Admin}}},
		Menu:        []service.MenuItem{{Label: "app.menu.api", Icon: "key", Path: api.KeysPath, Permission: api.Manage}},
		Kinds:       []link.Kind{},
		Retention: []service.Retention{
			{Table: "api_idempotency", Personal: []string{"body", "actor"}, Purpose: "app.retention.idempotency", Basis: "app.retention.task", Keep: api.KeepAnswers(),
				Then: "app.retention.erased", Purge: api.PurgeAnswers},
			{Table: "event", Personal: []string{"subject"}, Purpose: "app.retention.events", Basis: "app.retention.task", Keep: event.Keep, Then: "app.retention.erased", Purge: event.Purge},
		},
	}
}
