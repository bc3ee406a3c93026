package dossier

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"parvis/platform/phone"
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
	Paused      bool
	Closed      bool // the closed ones instead, latest first
	Requester   store.ID
	Category    string
	Sector      store.ID
	From, To    time.Time // opened in [From, To)
	Query       string    // a number, a phone, an address, or words of the title
	Region      string    // of the phones in Query
	// Sight leaves out what somebody may not read; nil: everything is read.
	Sight *Sight
}

// Sight is what one member of staff may read.
type Sight struct {
	Kinds  []string // none: nothing
	Person store.ID
	Teams  []store.ID
	// Assigner sees the private requests that nobody has yet.
	Assigner bool
}

// Sees tells whether somebody may read a request.
func (s Sight) Sees(d Dossier) bool {
	if !slices.Contains(s.Kinds, d.Kind) {
		return false
	}
	return !d.Private || d.OwnerID != 0 && d.OwnerID == s.Person || d.TeamID != 0 && slices.Contains(s.Teams, d.TeamID) ||
		s.Assigner && d.OwnerID == 0 && d.TeamID == 0
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

// clauses gathers conditions and their values.
type clauses struct {
	where []string
	args  []any
}

func (c *clauses) add(clause string, values ...any) {
	c.where, c.args = append(c.where, clause), append(c.args, values...)
}

// anyOf is "column IN (…)", at most 100 values.
func anyOf[T any](column string, values []T) (string, []any) {
	values = values[:min(len(values), 100)]
	out := make([]any, len(values))
	for i := range values {
		out[i] = values[i]
	}
	return column + ` IN (` + store.In(len(values)) + `)`, out
}

func (f Filter) where(now time.Time) (string, []any) {
	c := clauses{where: []string{`territory_id = @territory`}}
	if f.Closed {
		c.add(`closed_at IS NOT NULL`)
	} else {
		c.add(`closed_at IS NULL`)
	}
	if f.Late {
		c.add(`rank_at <= ?`, now)
	}
	if f.Paused {
		c.add(`paused_at IS NOT NULL`)
	}
	if f.Unassigned {
		c.add(`owner_id = 0`)
	}
	for _, x := range []struct{ column, value string }{{"kind", f.Kind}, {"stage", f.Stage}, {"category", f.Category}} {
		if x.value != "" {
			c.add(x.column+` = ?`, x.value)
		}
	}
	for _, x := range []struct {
		column string
		value  store.ID
	}{{"owner_id", f.Owner}, {"sector_id", f.Sector}, {"requester_id", f.Requester}} {
		if x.value != 0 {
			c.add(x.column+` = ?`, x.value)
		}
	}
	if len(f.Teams) > 0 {
		clause, values := anyOf(`team_id`, f.Teams)
		c.add(clause, values...)
	}
	if !f.From.IsZero() {
		c.add(`opened_at >= ?`, f.From)
	}
	if !f.To.IsZero() {
		c.add(`opened_at < ?`, f.To)
	}
	f.sight(&c)
	f.words(&c)
	return strings.Join(c.where, ` AND `), c.args
}

// sight leaves out what somebody may not read.
func (f Filter) sight(c *clauses) {
	if f.Sight == nil {
		return
	}
	if len(f.Sight.Kinds) == 0 {
		c.add(`1 = 0`)
		return
	}
	clause, values := anyOf(`kind`, f.Sight.Kinds)
	c.add(clause, values...)
	open := clauses{where: []string{`NOT private`}}
	open.add(`owner_id = ?`, f.Sight.Person)
	if len(f.Sight.Teams) > 0 {
		clause, values := anyOf(`team_id`, f.Sight.Teams)
		open.add(clause, values...)
	}
	if f.Sight.Assigner {
		open.add(`owner_id = 0 AND team_id = 0`)
	}
	c.add(`(`+strings.Join(open.where, ` OR `)+`)`, open.args...)
}

// words is what somebody typed: a number, a contact, or words of the title.
func (f Filter) words(c *clauses) {
	if number, ok := ParseNumber(f.Query); ok {
		c.add(`number = ?`, number)
		return
	}
	if q := strings.TrimSpace(f.Query); strings.Contains(q, "@") {
		c.add(`email = ?`, strings.ToLower(q))
		return
	}
	if n, err := phone.Parse(f.Query, f.Region); err == nil {
		c.add(`phone = ?`, n.E164())
		return
	}
	for i, word := range strings.Fields(search.Fold(f.Query)) {
		if i == 8 {
			break
		}
		c.add(`title_fold LIKE ? ESCAPE '\'`, "%"+escape(word)+"%")
	}
}

// escape makes the wild cards of LIKE ordinary.
func escape(word string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(word)
}

// Counts are the numbers of the staff's rail and tabs: open requests.
type Counts struct {
	All, Late, Mine, MineLate, Nobodys, Paused int
	Team                                       int // of the teams asked for
	Today                                      int // due before the end of the day given
}

// Count counts the open requests of the filter; mine are those of the person.

func (e *Engine) Count(ctx context.Context, tx *store.Tx, f Filter, person store.ID) (Counts, error) {
	return e.CountFor(ctx, tx, f, person, nil, nil, time.Time{})
}

// CountFor is Count with the teams of the person, the kinds of which nobody's
// requests are not counted, and the end of today.
func (e *Engine) CountFor(ctx context.Context, tx *store.Tx, f Filter, person store.ID, teams []store.ID, aside []string, endOfDay time.Time) (Counts, error) {
	f.Closed = false
	where, args := f.where(tx.Now())
	now := tx.Now()
	values := []any{now, person, person, now}
	nobodys, ours := `owner_id = 0`, `1 = 0`
	if len(aside) > 0 {
		clause, kinds := anyOf(`kind NOT`, aside)
		nobodys, values = nobodys+` AND `+clause, append(values, kinds...)
	}
	if len(teams) > 0 {
		clause, ids := anyOf(`team_id`, teams)
		ours, values = clause, append(values, ids...)
	}
	var c Counts
	err := tx.Get(ctx, &c, `SELECT COUNT(*) AS "all", COUNT(*) FILTER (WHERE rank_at <= ?) AS late,
		COUNT(*) FILTER (WHERE owner_id = ?) AS mine, COUNT(*) FILTER (WHERE owner_id = ? AND rank_at <= ?) AS mine_late,
		COUNT(*) FILTER (WHERE `+nobodys+`) AS nobodys, COUNT(*) FILTER (WHERE `+ours+`) AS team,
		COUNT(*) FILTER (WHERE paused_at IS NOT NULL) AS paused, COUNT(*) FILTER (WHERE rank_at <= ?) AS today
		FROM dossier WHERE `+where, append(append(values, endOfDay), args...)...)
	if err != nil {
		return Counts{}, fmt.Errorf("dossier: counting: %w", err)
	}
	return c, nil
}

// Categories are the words by which open requests are filed, at most 200.
func (e *Engine) Categories(ctx context.Context, tx *store.Tx, s *Sight) ([]string, error) {
	where, args := Filter{Sight: s}.where(tx.Now())
	var out []string
	err := tx.Select(ctx, &out, `SELECT DISTINCT category FROM dossier WHERE `+where+` AND category <> '' ORDER BY category LIMIT 200`, args...)
	if err != nil {
		return nil, fmt.Errorf("dossier: listing categories: %w", err)
	}
	return out, nil
}
