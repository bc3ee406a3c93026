package dossier

import (
	"context"
	"fmt"
	"strings"
	"time"

	"parvis/platform/search"
	"parvis/platform/store"
)

// Filter chooses requests; the zero Filter is every open one.
type Filter struct {
	Kind, Stage string
	Owner       store.ID   // mine
	Teams       []store.ID // my teams', at most 100
	Unassigned  bool       // nobody's
	Late        bool
	Closed      bool // the closed ones instead, latest first
	Requester   store.ID
	Query       string // a number, or words of the title
}

// Cursor is the place after which a list goes on; the zero Cursor is its
// beginning.
type Cursor struct {
	At time.Time
	ID store.ID
}

// Cursor is where a list of the filter stands at d.
func (f Filter) Cursor(d Dossier) Cursor {
	if f.Closed {
		return Cursor{d.ClosedAt, d.ID}
	}
	return Cursor{d.rank(), d.ID}
}

// maxList bounds one page.
const maxList = 201

// List is one page of requests, at most limit: open ones by due date, so that
// what is late comes first and what waits for somebody else comes last; closed
// ones from the latest.
func (e *Engine) List(ctx context.Context, tx *store.Tx, f Filter, after Cursor, limit int) ([]Dossier, error) {
	where, args := f.where(tx.Now())
	order := ` ORDER BY rank_at, id`
	switch {
	case f.Closed && after.ID != 0:
		where, args = where+` AND (closed_at, id) < (?, ?)`, append(args, after.At, after.ID)
	case after.ID != 0:
		where, args = where+` AND (rank_at, id) > (?, ?)`, append(args, after.At, after.ID)
	}
	if f.Closed {
		order = ` ORDER BY closed_at DESC, id DESC`
	}
	var out []Dossier
	err := tx.Select(ctx, &out, `SELECT `+columns+` FROM dossier WHERE `+where+order+` LIMIT ?`, append(args, min(max(limit, 1), maxList))...)
	if err != nil {
		return nil, fmt.Errorf("dossier: listing: %w", err)
	}
	return out, nil
}

func (f Filter) where(now time.Time) (string, []any) {
	where, args := []string{`territory_id = @territory`}, []any{}
	add := func(clause string, values ...any) {
		where, args = append(where, clause), append(args, values...)
	}
	if f.Closed {
		add(`closed_at IS NOT NULL`)
	} else {
		add(`closed_at IS NULL`)
	}
	if f.Late {
		add(`rank_at <= ?`, now)
	}
	if f.Kind != "" {
		add(`kind = ?`, f.Kind)
	}
	if f.Stage != "" {
		add(`stage = ?`, f.Stage)
	}
	if f.Owner != 0 {
		add(`owner_id = ?`, f.Owner)
	}
	if f.Unassigned {
		add(`owner_id = 0`)
	}
	if n := min(len(f.Teams), 100); n > 0 {
		values := make([]any, n)
		for i := range values {
			values[i] = f.Teams[i]
		}
		add(`team_id IN (`+store.In(n)+`)`, values...)
	}
	if f.Requester != 0 {
		add(`requester_id = ?`, f.Requester)
	}
	if number, ok := ParseNumber(f.Query); ok {
		add(`number = ?`, number)
	} else {
		for i, word := range strings.Fields(search.Fold(f.Query)) {
			if i == 8 {
				break
			}
			add(`title_fold LIKE ? ESCAPE '\'`, "%"+escape(word)+"%")
		}
	}
	return strings.Join(where, ` AND `), args
}

// escape makes the wild cards of LIKE ordinary.
func escape(word string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(word)
}

// Counts are the numbers of the staff's rail: open requests.
type Counts struct {
	All, Late, Mine, MineLate, Nobodys, Paused int
}

// Count counts the open requests of the filter's kind and teams; mine are
// those of the person.
func (e *Engine) Count(ctx context.Context, tx *store.Tx, f Filter, person store.ID) (Counts, error) {
	f.Closed = false
	where, args := f.where(tx.Now())
	now := tx.Now()
	var c Counts
	err := tx.Get(ctx, &c, `SELECT COUNT(*) AS "all", COUNT(*) FILTER (WHERE rank_at <= ?) AS late,
		COUNT(*) FILTER (WHERE owner_id = ?) AS mine, COUNT(*) FILTER (WHERE owner_id = ? AND rank_at <= ?) AS mine_late,
		COUNT(*) FILTER (WHERE owner_id = 0) AS nobodys, COUNT(*) FILTER (WHERE paused_at IS NOT NULL) AS paused
		FROM dossier WHERE `+where, append([]any{now, person, person, now}, args...)...)
	if err != nil {
		return Counts{}, fmt.Errorf("dossier: counting: %w", err)
	}
	return c, nil
}
