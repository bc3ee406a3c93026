package sector

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"parvis/platform/geo"
	"parvis/platform/store"
)

// Sectors finds the sectors of a place. Contours are kept in memory by
// territory, and read again when one of them changed, here or in another
// process. It is safe for concurrent use.
type Sectors struct {
	mu   sync.Mutex
	kept map[string]edition
}

type edition struct {
	number int64
	list   []Sector
}

// remembered bounds the territories kept in memory; beyond it the table starts
// anew.
const remembered = 200

// New prepares an empty memory.
func New() *Sectors { return &Sectors{kept: map[string]edition{}} }

// At lists the sectors that hold a point, by kind and name; none when the point
// is in no sector.
func (m *Sectors) At(ctx context.Context, tx *store.Tx, p geo.Point) ([]Sector, error) {
	all, err := m.all(ctx, tx)
	if err != nil {
		return nil, err
	}
	var out []Sector
	for _, s := range all {
		if s.area.Contains(p) {
			out = append(out, s)
		}
	}
	return out, nil
}

// all is the sectors of the transaction's territory with their contours.
func (m *Sectors) all(ctx context.Context, tx *store.Tx) ([]Sector, error) {
	var now int64
	err := tx.Get(ctx, &now, `SELECT edition FROM sector_edition WHERE territory_id = @territory`)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil // none was ever saved
	}
	if err != nil {
		return nil, fmt.Errorf("sector: reading the edition: %w", err)
	}
	m.mu.Lock()
	known, ok := m.kept[tx.Territory()]
	m.mu.Unlock()
	if ok && known.number == now {
		return known.list, nil
	}
	list, err := shapes(ctx, tx)
	if err != nil {
		return nil, err
	}
	m.keep(tx, edition{now, list})
	return list, nil
}

// keep remembers an edition once its transaction is over: what it wrote itself
// may still be undone.
func (m *Sectors) keep(tx *store.Tx, e edition) {
	territory := tx.Territory()
	tx.AfterCommit(func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if len(m.kept) >= remembered {
			clear(m.kept)
		}
		if known, ok := m.kept[territory]; !ok || known.number < e.number {
			m.kept[territory] = e
		}
	})
}

// shapes reads the sectors with their contours.
func shapes(ctx context.Context, tx *store.Tx) ([]Sector, error) {
	var rows []struct {
		Sector
		Area string
	}
	err := tx.Select(ctx, &rows, `SELECT area, `+columns+` FROM sector WHERE territory_id = @territory ORDER BY kind, name_fold LIMIT ?`, Most)
	if err != nil {
		return nil, fmt.Errorf("sector: reading contours: %w", err)
	}
	out := make([]Sector, len(rows))
	for i, r := range rows {
		area, err := geo.ReadArea([]byte(r.Area))
		if err != nil {
			return nil, fmt.Errorf("sector: contour of %d: %w", r.ID, err)
		}
		out[i] = r.Sector
		out[i].Shape(area)
	}
	return out, nil
}
