package report

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"parvis/platform/i18n"
	"parvis/platform/store"
)

// minCount is the smallest base under which no figure is published.
const minCount = 5

// Figures are what everybody reads on top of the list.
type Figures struct {
	Open, Late, ToCheck, Underway int
	FixedMonth                    int     // mended in the last thirty days
	Closed                        int     // mended since January or in the last twelve months, the base of the next two
	MedianDays                    int     // from telling to mended, half of the reports
	InTime                        float64 // share mended by the promised date
	Mean                          float64 // satisfaction
	Opinions                      int
}

// maxSpans bounds the rows a median is made of; beyond, the latest count.
const maxSpans = 50_000

// figuresFor is how old the figures of the public list may be.
const figuresFor = 20 * time.Second

// figureCache keeps the figures of territories for some seconds: every view of
// the list and of the map shows them.
type figureCache struct {
	mu sync.Mutex
	of map[string]keptFigures
}

type keptFigures struct {
	f     Figures
	until time.Time
}

// lately are the figures, at most figuresFor old.
func (s *Reports) lately(ctx context.Context, h store.Handle) (Figures, error) {
	now := s.Clock.Now()
	s.figures.mu.Lock()
	x, ok := s.figures.of[h.Territory()]
	s.figures.mu.Unlock()
	if ok && now.Before(x.until) {
		return x.f, nil
	}
	f, err := s.Figures(ctx, h)
	if err != nil {
		return f, err
	}
	s.figures.mu.Lock()
	defer s.figures.mu.Unlock()
	if s.figures.of == nil || len(s.figures.of) >= 2000 {
		s.figures.of = map[string]keptFigures{}
	}
	s.figures.of[h.Territory()] = keptFigures{f, now.Add(figuresFor)}
	return f, nil
}

// Figures computes them from the rows that are public.
func (s *Reports) Figures(ctx context.Context, h store.Handle) (Figures, error) {
	var f Figures
	err := h.View(ctx, func(tx *store.Tx) error {
		f = Figures{}
		var counts struct{ Open, Late, ToCheck, Underway int }
		now := tx.Now()
		if err := tx.Get(ctx, &counts, `SELECT COUNT(*) AS open, COUNT(*) FILTER (WHERE due_at <= ?) AS late, COUNT(*) FILTER (WHERE tone = 1) AS to_check,
			COUNT(*) FILTER (WHERE tone = 2) AS underway FROM report WHERE territory_id = @territory AND visible AND merged_into = 0 AND tone IN (1, 2)`, now); err != nil {
			return fmt.Errorf("report: counting: %w", err)
		}
		f.Open, f.Late, f.ToCheck, f.Underway = counts.Open, counts.Late, counts.ToCheck, counts.Underway
		spans, inTime, promised, err := s.spans(ctx, tx, now.AddDate(-1, 0, 0), now)
		if err != nil {
			return err
		}
		f.Closed = len(spans)
		if len(spans) > 0 {
			f.MedianDays = int(math.Ceil(spans[len(spans)/2].Hours() / 24))
		}
		if promised > 0 {
			f.InTime = float64(inTime) / float64(promised)
		}
		return tx.Get(ctx, &f.FixedMonth, `SELECT COUNT(*) FROM report WHERE territory_id = @territory AND visible AND tone = 3 AND merged_into = 0 AND closed_at >= ?`, now.AddDate(0, 0, -30))
	})
	if err != nil {
		return f, err
	}
	if s.Satisfaction != nil {
		if f.Mean, f.Opinions, err = s.Satisfaction(ctx, h); err != nil {
			return f, err
		}
	}
	return f, nil
}

// spans are the times that the public reports mended in [from, to) took, in
// order, with how many kept the promised date, and had one.
func (s *Reports) spans(ctx context.Context, tx *store.Tx, from, to time.Time) (out []time.Duration, inTime, promised int, err error) {
	err = tx.Each(ctx, `SELECT opened_at, closed_at, due_at FROM report WHERE territory_id = @territory AND tone = 3 AND merged_into = 0 AND visible
		AND closed_at >= ? AND closed_at < ? ORDER BY closed_at DESC LIMIT ?`, []any{from, to, maxSpans}, func(scan func(...any) error) error {
		var opened, closed, due time.Time
		if err := scan(&opened, &closed, &due); err != nil {
			return err
		}
		out = append(out, max(closed.Sub(opened), 0))
		if !due.IsZero() {
			promised++
			if !closed.After(due) {
				inTime++
			}
		}
		return nil
	})
	slices.Sort(out)
	if err != nil {
		return nil, 0, 0, fmt.Errorf("report: reading how long reports took: %w", err)
	}
	return out, inTime, promised, nil
}

// medianDays is half of the reports mended between two dates, in days.
func (s *Reports) medianDays(ctx context.Context, h store.Handle, from, to time.Time) (v float64, n int, err error) {
	err = h.View(ctx, func(tx *store.Tx) error {
		spans, _, _, err := s.spans(ctx, tx, from, to)
		if n = len(spans); n > 0 {
			v = spans[n/2].Hours() / 24
		}
		return err
	})
	return v, n, err
}

// inTimeShare is the share mended by the promised date (Services publics +,
// indicator 2).
func (s *Reports) inTimeShare(ctx context.Context, h store.Handle, from, to time.Time) (v float64, n int, err error) {
	err = h.View(ctx, func(tx *store.Tx) error {
		_, in, promised, err := s.spans(ctx, tx, from, to)
		if n = promised; n > 0 {
			v = float64(in) / float64(n)
		}
		return err
	})
	return v, n, err
}

// opened counts the reports told between two dates.
func (s *Reports) opened(ctx context.Context, h store.Handle, from, to time.Time) (float64, int, error) {
	var n int
	err := h.View(ctx, func(tx *store.Tx) error {
		return tx.Get(ctx, &n, `SELECT COUNT(*) FROM report WHERE territory_id = @territory AND opened_at >= ? AND opened_at < ?`, from, to)
	})
	return float64(n), n, err
}

// CauseCount is how often a cause came back.
type CauseCount struct {
	CategoryID store.ID
	Cause      string
	N          int
	MeanDays   float64
}

// Causes counts the causes of what was closed in [from, to), most frequent
// first.
func (s *Reports) Causes(ctx context.Context, tx *store.Tx, from, to time.Time) ([]CauseCount, error) {
	var out []CauseCount
	err := tx.Select(ctx, &out, `SELECT category_id, cause, COUNT(*) AS n, AVG((closed_at - opened_at) / 3600000000) / 24.0 AS mean_days FROM report
		WHERE territory_id = @territory AND merged_into = 0 AND closed_at >= ? AND closed_at < ? GROUP BY category_id, cause ORDER BY n DESC, category_id, cause LIMIT 500`, from, to)
	if err != nil {
		return nil, fmt.Errorf("report: counting causes: %w", err)
	}
	return out, nil
}

// CategoryCount is what happened to the reports of one category in a period.
type CategoryCount struct {
	CategoryID             store.ID
	Opened, Closed, Fixed  int
	Late, Promised, InTime int
	Merged                 int
}

// ByCategory counts what was opened in [from, to) by category.
func (s *Reports) ByCategory(ctx context.Context, tx *store.Tx, from, to time.Time) ([]CategoryCount, error) {
	var out []CategoryCount
	err := tx.Select(ctx, &out, `SELECT category_id, COUNT(*) AS opened, COUNT(*) FILTER (WHERE closed_at IS NOT NULL) AS closed, COUNT(*) FILTER (WHERE tone = 3) AS fixed,
		COUNT(*) FILTER (WHERE closed_at IS NULL AND due_at <= ?) AS late, COUNT(*) FILTER (WHERE closed_at IS NOT NULL AND due_at IS NOT NULL) AS promised,
		COUNT(*) FILTER (WHERE closed_at <= due_at) AS in_time, COUNT(*) FILTER (WHERE merged_into <> 0) AS merged
		FROM report WHERE territory_id = @territory AND opened_at >= ? AND opened_at < ? GROUP BY category_id ORDER BY opened DESC, category_id LIMIT 500`, tx.Now(), from, to)
	if err != nil {
		return nil, fmt.Errorf("report: counting by category: %w", err)
	}
	return out, nil
}

// percent writes a share, a dash without base.
func percent(ctx context.Context, part, of int) string {
	if of == 0 {
		return "–"
	}
	return i18n.Percent(ctx, float64(part)/float64(of))
}
