package territory

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"parvis/platform/search"
	"parvis/platform/store"
)

func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// Members lists the territories an operator hosts, by name, after the given
// cursor ("name_fold|id", "" from the start), those whose name contains query.
func (b *Book) Members(ctx context.Context, operator, query, after string, limit int) (out []*Territory, next string, err error) {
	fold, id, _ := cutLast(after)
	var rows []row
	err = b.sweep().View(ctx, func(tx *store.Tx) error {
		return tx.Select(ctx, &rows, `SELECT `+columns+` FROM territory
			WHERE operator_id = ? AND (name_fold, territory_id) > (?, ?) AND name_fold LIKE ?
			ORDER BY name_fold, territory_id LIMIT ?`, operator, fold, id, "%"+escapeLike(search.Fold(query))+"%", limit+1)
	})
	if err != nil {
		return nil, "", fmt.Errorf("territory: listing members: %w", err)
	}
	for i, r := range rows {
		if i == limit {
			last := out[limit-1]
			return out, search.Fold(last.Name) + "|" + last.ID, nil
		}
		out = append(out, b.fill(r))
	}
	return out, "", nil
}

// All calls fn for every open territory, by id, without holding a transaction
// while fn works: for nightly sweeps.
func (b *Book) All(ctx context.Context, fn func(*Territory) error) error {
	after := ""
	for {
		var rows []row
		err := b.sweep().View(ctx, func(tx *store.Tx) error {
			return tx.Select(ctx, &rows, `SELECT `+columns+` FROM territory WHERE territory_id > ? ORDER BY territory_id LIMIT 500`, after)
		})
		if err != nil {
			return fmt.Errorf("territory: listing: %w", err)
		}
		for _, r := range rows {
			if err := fn(b.fill(r)); err != nil {
				return err
			}
			after = r.TerritoryID
		}
		if len(rows) < 500 {
			return nil
		}
	}
}

// Count is the number of open territories.
func (b *Book) Count(ctx context.Context) (n int, err error) {
	err = b.sweep().View(ctx, func(tx *store.Tx) error { return tx.Get(ctx, &n, `SELECT COUNT(*) FROM territory`) })
	return n, err
}

// Opened tells which of the ids are open: for lists of search results.
func (b *Book) Opened(ctx context.Context, ids []string) (map[string]*Territory, error) {
	out := map[string]*Territory{}
	if len(ids) == 0 {
		return out, nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	var rows []row
	err := b.sweep().View(ctx, func(tx *store.Tx) error {
		return tx.Select(ctx, &rows, `SELECT `+columns+` FROM territory WHERE territory_id IN (`+store.In(len(ids))+`)`, args...)
	})
	if err != nil {
		return nil, fmt.Errorf("territory: which are open: %w", err)
	}
	for _, r := range rows {
		out[r.TerritoryID] = b.fill(r)
	}
	return out, nil
}
