package dossier

import (
	"context"
	"fmt"

	"parvis/platform/fault"
	"parvis/platform/store"
)

// Saved is a filter of the queue that somebody kept for themselves.
type Saved struct {
	ID    store.ID
	Name  string
	Query string // of the address of the queue, without "?"
}

// maxSaved bounds the filters of one person in a territory.
const maxSaved = 20

// SaveFilter keeps a filter. Invalid with the field nom, Conflict beyond twenty.
func (e *Engine) SaveFilter(ctx context.Context, tx *store.Tx, person store.ID, s Saved) (Saved, error) {
	name, err := clean(s.Name, "title", true)
	if err != nil || name == "" || len(s.Query) > 2000 {
		return s, fault.Fields{{Name: "nom", Key: "dossier.saved.error.name"}}.Err()
	}
	var n int
	if err := tx.Get(ctx, &n, `SELECT COUNT(*) FROM dossier_filter WHERE territory_id = @territory AND person_id = ?`, person); err != nil {
		return s, fmt.Errorf("dossier: counting filters: %w", err)
	}
	if n >= maxSaved {
		return s, fault.Fields{{Name: "nom", Key: "dossier.saved.error.many"}}.Err()
	}
	s.ID, s.Name = store.NewID(), name
	_, err = tx.Exec(ctx, `INSERT INTO dossier_filter (territory_id, person_id, id, name, query, created_at) VALUES (@territory, ?, ?, ?, ?, ?)`,
		person, s.ID, s.Name, s.Query, tx.Now())
	if err != nil {
		return s, fmt.Errorf("dossier: keeping a filter: %w", err)
	}
	return s, nil
}

// Filters lists what a person kept, oldest first.
func (e *Engine) Filters(ctx context.Context, tx *store.Tx, person store.ID) ([]Saved, error) {
	var out []Saved
	err := tx.Select(ctx, &out, `SELECT id, name, query FROM dossier_filter WHERE territory_id = @territory AND person_id = ? ORDER BY id LIMIT ?`, person, maxSaved)
	return out, err
}

// ForgetFilter removes a filter of a person; removing twice changes nothing.
func (e *Engine) ForgetFilter(ctx context.Context, tx *store.Tx, person, id store.ID) error {
	n, err := tx.Exec(ctx, `DELETE FROM dossier_filter WHERE territory_id = @territory AND person_id = ? AND id = ?`, person, id)
	if err == nil && n == 0 {
		err = store.ErrNotFound
	}
	return err
}
