package report

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"parvis/platform/clock"
	"parvis/platform/fault"
	"parvis/platform/search"
	"parvis/platform/store"
)

const categoryColumns = `id, code, label, heading, rank, active, detail, version`

// maxCategories bounds a territory's list.
const maxCategories = 300

// categoryCache keeps the categories of territories for a few seconds: every
// page reads them, and nobody changes them.
type categoryCache struct {
	clock clock.Clock
	mu    sync.Mutex
	of    map[string]cachedCategories
}

type cachedCategories struct {
	list  []Category
	until time.Time
}

func newCategoryCache(c clock.Clock) *categoryCache {
	return &categoryCache{clock: c, of: map[string]cachedCategories{}}
}

func (c *categoryCache) get(territory string) ([]Category, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	x, ok := c.of[territory]
	return x.list, ok && c.clock.Now().Before(x.until)
}

func (c *categoryCache) put(territory string, list []Category) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.of) >= 2000 {
		clear(c.of)
	}
	c.of[territory] = cachedCategories{list, c.clock.Now().Add(5 * time.Second)}
}

func (c *categoryCache) forget(territory string) {
	c.mu.Lock()
	delete(c.of, territory)
	c.mu.Unlock()
}

// Categories are those of the territory, closed ones included, in their order;
// the caller must not change the slice. A territory that has none yet is read
// as having the default ones once [Reports.Seed] has run; until then none.
func (s *Reports) Categories(ctx context.Context, tx *store.Tx) ([]Category, error) {
	if list, ok := s.cache.get(tx.Territory()); ok {
		return list, nil
	}
	list, err := readCategories(ctx, tx)
	if err != nil {
		return nil, err
	}
	if len(list) > 0 {
		s.cache.put(tx.Territory(), list)
	}
	return list, nil
}

func readCategories(ctx context.Context, tx *store.Tx) ([]Category, error) {
	var list []Category
	err := tx.Select(ctx, &list, `SELECT `+categoryColumns+` FROM report_category WHERE territory_id = @territory ORDER BY rank, label_fold, id LIMIT ?`, maxCategories)
	if err != nil {
		return nil, fmt.Errorf("report: reading categories: %w", err)
	}
	return list, nil
}

// Seed gives the territory the default categories unless it has some.
func (s *Reports) Seed(ctx context.Context, h store.Handle) error {
	err := h.Update(ctx, func(tx *store.Tx) error { return s.seed(ctx, tx) })
	s.cache.forget(h.Territory())
	return err
}

func (s *Reports) seed(ctx context.Context, tx *store.Tx) error {
	var there bool
	if err := tx.Get(ctx, &there, `SELECT EXISTS (SELECT 1 FROM report_category WHERE territory_id = @territory)`); err != nil {
		return fmt.Errorf("report: looking for categories: %w", err)
	}
	if there {
		return nil
	}
	for _, c := range DefaultCategories() {
		c.ID = store.NewID()
		if err := insertCategory(ctx, tx, c); err != nil && !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return nil
}

// list reads the categories outside a transaction, and seeds a territory at
// its first use.
func (s *Reports) list(ctx context.Context, h store.Handle) ([]Category, error) {
	if list, ok := s.cache.get(h.Territory()); ok {
		return list, nil
	}
	var list []Category
	read := func() error {
		return h.View(ctx, func(tx *store.Tx) (err error) {
			list, err = s.Categories(ctx, tx)
			return err
		})
	}
	if err := read(); err != nil || len(list) > 0 {
		return list, err
	}
	if err := s.Seed(ctx, h); err != nil {
		return nil, err
	}
	return list, read()
}

// Category finds one; store.ErrNotFound.
func (s *Reports) Category(ctx context.Context, tx *store.Tx, id store.ID) (Category, error) {
	list, err := s.Categories(ctx, tx)
	if err != nil {
		return Category{}, err
	}
	i := slices.IndexFunc(list, func(c Category) bool { return c.ID == id })
	if i < 0 {
		return Category{}, store.ErrNotFound
	}
	return list[i], nil
}

// CategoryByCode finds one by its stable code; store.ErrNotFound.
func (s *Reports) CategoryByCode(ctx context.Context, tx *store.Tx, code string) (Category, error) {
	list, err := s.Categories(ctx, tx)
	if err != nil {
		return Category{}, err
	}
	i := slices.IndexFunc(list, func(c Category) bool { return c.Code == code })
	if i < 0 {
		return Category{}, store.ErrNotFound
	}
	return list[i], nil
}

func insertCategory(ctx context.Context, tx *store.Tx, c Category) error {
	_, err := tx.Exec(ctx, `INSERT INTO report_category (territory_id, id, code, label, label_fold, heading, rank, active, detail, version, updated_at)
		VALUES (@territory, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)`, c.ID, c.Code, c.Label, search.Fold(c.Label), c.Heading, c.Rank, c.Active, c.Detail, tx.Now())
	if err != nil {
		return fmt.Errorf("report: adding a category: %w", err)
	}
	return nil
}

// SaveCategory adds (ID 0) or changes a category; its code never changes.
// Conflict when somebody changed it in between.
func (s *Reports) SaveCategory(ctx context.Context, h store.Handle, c Category) (Category, error) {
	if err := c.Check(); err != nil {
		return c, err
	}
	err := h.Update(ctx, func(tx *store.Tx) error {
		if c.ID == 0 {
			var n int
			if err := tx.Get(ctx, &n, `SELECT COUNT(*) FROM report_category WHERE territory_id = @territory`); err != nil {
				return err
			}
			if n >= maxCategories {
				return fault.New(fault.Invalid, "report.error.categories", "Max", maxCategories)
			}
			c.ID = store.NewID()
			err := insertCategory(ctx, tx, c)
			if errors.Is(err, store.ErrConflict) {
				return fault.Fields{{Name: "code", Key: "report.error.code.taken"}}.Err()
			}
			return err
		}
		n, err := tx.Exec(ctx, `UPDATE report_category SET label = ?, label_fold = ?, heading = ?, rank = ?, active = ?, detail = ?, version = version + 1, updated_at = ?
			WHERE territory_id = @territory AND id = ? AND version = ?`, c.Label, search.Fold(c.Label), c.Heading, c.Rank, c.Active, c.Detail, tx.Now(), c.ID, c.Version)
		if err != nil {
			return fmt.Errorf("report: changing a category: %w", err)
		}
		if n == 0 {
			return fault.New(fault.Conflict, "report.error.changed")
		}
		return nil
	})
	s.cache.forget(h.Territory())
	return c, err
}
