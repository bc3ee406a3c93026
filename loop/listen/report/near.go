package report

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"parvis/platform/geo"
	"parvis/platform/search"
	"parvis/platform/store"
)

// Query looks for reports that may say the same thing.
type Query struct {
	Category store.ID
	Point    *geo.Point // nil: only the address and the words compare
	Address  string
	Text     string
	RadiusM  int      // 0: that of the category
	Except   store.ID // this one is not its own double
	Staff    bool     // those that are not public too
}

// Candidate is a report that may say the same.
type Candidate struct {
	Report
	Metres float64 // -1 when a position is missing
	Like   float64 // of the words, 0 to 1
	Score  float64
}

// Bounds of the search.
const (
	maxNear    = 5
	closedDays = 30  // a closed report is the same thing for so long
	nearRanges = 12  // of cells, in one search
	nearRows   = 400 // read, in one search
	leastScore = 0.2
)

type nearRow struct {
	ID       store.ID
	Lat, Lon float64
	Located  bool
	TextFold string
	Address  string
	OpenedAt time.Time
	ClosedAt time.Time
}

// Near finds at most five reports of the category that may say the same thing,
// the most probable first: open, or closed for less than thirty days. With a
// point it reads a few ranges of cells in one index.
func (s *Reports) Near(ctx context.Context, tx *store.Tx, q Query) ([]Candidate, error) {
	c, err := s.Category(ctx, tx, q.Category)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	radius := float64(c.Radius())
	if q.RadiusM > 0 {
		radius = float64(min(max(q.RadiusM, 10), 1000))
	}
	var found []Candidate
	if q.Point != nil && q.Point.Valid() {
		found, err = s.nearPoint(ctx, tx, q, radius)
	} else {
		found, err = s.nearWords(ctx, tx, q)
	}
	if err != nil || len(found) == 0 {
		return nil, err
	}
	slices.SortFunc(found, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID))
	})
	found = found[:min(len(found), maxNear)]
	return found, fillFound(ctx, tx, found)
}

// fillFound reads the reports that were found, at once and without photos.
func fillFound(ctx context.Context, tx *store.Tx, found []Candidate) error {
	args := make([]any, len(found))
	for i, x := range found {
		args[i] = x.ID
	}
	var rows []Report
	if err := tx.Select(ctx, &rows, `SELECT `+columns+` FROM report WHERE territory_id = @territory AND id IN (`+store.In(len(found))+`)`, args...); err != nil {
		return fmt.Errorf("report: reading what was found: %w", err)
	}
	for i := range found {
		for _, r := range rows {
			if r.ID == found[i].ID {
				found[i].Report = r
			}
		}
	}
	return nil
}

func (q Query) open() string {
	where := ` AND merged_into = 0 AND id <> ? AND (closed_at IS NULL OR closed_at > ?)`
	if !q.Staff {
		where += ` AND visible`
	}
	return where
}

func (s *Reports) nearPoint(ctx context.Context, tx *store.Tx, q Query, radius float64) ([]Candidate, error) {
	around := geo.Around(*q.Point, radius)
	said := newWords(search.Fold(q.Text))
	recent := tx.Now().AddDate(0, 0, -closedDays)
	var found []Candidate
	for _, span := range geo.Covering(around, nearRanges) {
		err := tx.Each(ctx, `SELECT id, lat, lon, text_fold, opened_at, closed_at FROM report
			WHERE territory_id = @territory AND category_id = ? AND cell BETWEEN ? AND ?`+q.open()+` LIMIT ?`,
			[]any{q.Category, span[0], span[1], q.Except, recent, nearRows}, func(scan func(...any) error) error {
				var r nearRow
				if err := scan(&r.ID, &r.Lat, &r.Lon, &r.TextFold, &r.OpenedAt, &r.ClosedAt); err != nil {
					return err
				}
				at := geo.Point{Lat: r.Lat, Lon: r.Lon}
				if !around.Contains(at) {
					return nil
				}
				metres := geo.Distance(*q.Point, at)
				if metres > radius {
					return nil
				}
				like := said.like(r.TextFold)
				found = append(found, Candidate{Report: Report{ID: r.ID}, Metres: metres, Like: like,
					Score: score(metres, radius, like, tx.Now().Sub(r.OpenedAt), r.ClosedAt.IsZero())})
				return nil
			})
		if err != nil {
			return nil, fmt.Errorf("report: looking around a point: %w", err)
		}
	}
	return found, nil
}

// nearWords compares places in words: the latest of the category whose address
// is much like the given one.
func (s *Reports) nearWords(ctx context.Context, tx *store.Tx, q Query) ([]Candidate, error) {
	if search.Fold(q.Address) == "" {
		return nil, nil
	}
	var rows []nearRow
	err := tx.Select(ctx, &rows, `SELECT id, lat, lon, located, text_fold, address, opened_at, closed_at FROM report
		WHERE territory_id = @territory AND category_id = ? AND cell >= -1`+q.open()+` ORDER BY opened_at DESC LIMIT ?`,
		q.Category, q.Except, tx.Now().AddDate(0, 0, -closedDays), nearRows)
	if err != nil {
		return nil, fmt.Errorf("report: looking for the same place: %w", err)
	}
	folded := search.Fold(q.Text)
	var found []Candidate
	for _, r := range rows {
		place := addressLike(q.Address, r.Address)
		if place < 0.5 {
			continue
		}
		like := likeness(folded, r.TextFold)
		x := Candidate{Report: Report{ID: r.ID}, Metres: -1, Like: like, Score: score(1-place, 1, like, tx.Now().Sub(r.OpenedAt), r.ClosedAt.IsZero())}
		if x.Score >= leastScore {
			found = append(found, x)
		}
	}
	return found, nil
}
