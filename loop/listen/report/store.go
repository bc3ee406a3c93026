package report

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"parvis/platform/geo"
	"parvis/platform/search"
	"parvis/platform/store"
	"parvis/platform/web"
)

// Get finds one with its photos; store.ErrNotFound.
func (s *Reports) Get(ctx context.Context, tx *store.Tx, id store.ID) (Report, error) {
	return s.one(ctx, tx, `id = ?`, id)
}

// ByNumber finds one by the number people read, "P-2026-01184"; store.ErrNotFound.
func (s *Reports) ByNumber(ctx context.Context, tx *store.Tx, number string) (Report, error) {
	return s.one(ctx, tx, `number = ?`, number)
}

// ByDossier finds the report of a dossier; store.ErrNotFound.
func (s *Reports) ByDossier(ctx context.Context, tx *store.Tx, id store.ID) (Report, error) {
	return s.one(ctx, tx, `dossier_id = ? AND dossier_id <> 0`, id)
}

// ByExternal finds one by its name elsewhere; store.ErrNotFound.
func (s *Reports) ByExternal(ctx context.Context, tx *store.Tx, source, external string) (Report, error) {
	return s.one(ctx, tx, `source = ? AND external_id = ? AND external_id <> ''`, source, external)
}

// ByCode finds the report of an anonymous author by its number and the code
// that was given once; store.ErrNotFound.
func (s *Reports) ByCode(ctx context.Context, tx *store.Tx, number, code string) (Report, error) {
	code = strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(code))
	if code == "" {
		return Report{}, store.ErrNotFound
	}
	return s.one(ctx, tx, `number = ? AND code_hash = ? AND code_hash <> ''`, number, web.HashToken(tx.Territory()+code))
}

func (s *Reports) byKey(ctx context.Context, tx *store.Tx, key string) (Report, error) {
	return s.one(ctx, tx, `key = ?`, key)
}

func (s *Reports) one(ctx context.Context, tx *store.Tx, where string, args ...any) (Report, error) {
	var r Report
	err := tx.Get(ctx, &r, `SELECT `+columns+` FROM report WHERE territory_id = @territory AND `+where, args...)
	if err != nil {
		return Report{}, err
	}
	r.Photos, err = photosOf(ctx, tx, r.ID)
	return r, err
}

// Filter chooses reports; the zero Filter is all of them.
type Filter struct {
	Public     bool // only what everybody may read
	States     []State
	Tones      []PublicState
	Category   store.ID
	Categories []store.ID
	Crew       store.ID
	Sector     store.ID
	Late       bool
	Open       bool
	Moderation Moderation
	Bounds     *geo.Bounds
	Query      string    // words of title, place and shown text, or a number
	From, To   time.Time // opened in [From, To)
	Since      time.Time // changed at or after
	ClosedFrom time.Time
	Merged     bool // merged ones too
	Source     string
	Number     string
}

// Cursor is the place after which a list goes on; the zero Cursor is its
// beginning.
type Cursor struct {
	At time.Time
	ID store.ID
}

// Cursor is where a list stands at r.
func (r Report) Cursor() Cursor { return Cursor{r.UpdatedAt, r.ID} }

// maxList bounds one page.
const maxList = 1001

// List is one page of reports, the latest changed first, without photos.
func (s *Reports) List(ctx context.Context, tx *store.Tx, f Filter, after Cursor, limit int) ([]Report, error) {
	where, args := f.where(tx.Now())
	if after.ID != 0 {
		where, args = where+` AND (updated_at, id) < (?, ?)`, append(args, after.At, after.ID)
	}
	var out []Report
	err := tx.Select(ctx, &out, `SELECT `+columns+` FROM report WHERE `+where+` ORDER BY updated_at DESC, id DESC LIMIT ?`, append(args, min(max(limit, 1), maxList))...)
	if err != nil {
		return nil, fmt.Errorf("report: listing: %w", err)
	}
	return out, nil
}

// ListOpened is List in the order of opening, the latest first: for servers
// that read by date.
func (s *Reports) ListOpened(ctx context.Context, tx *store.Tx, f Filter, after Cursor, limit int) ([]Report, error) {
	where, args := f.where(tx.Now())
	if after.ID != 0 {
		where, args = where+` AND (opened_at, id) < (?, ?)`, append(args, after.At, after.ID)
	}
	var out []Report
	err := tx.Select(ctx, &out, `SELECT `+columns+` FROM report WHERE `+where+` ORDER BY opened_at DESC, id DESC LIMIT ?`, append(args, min(max(limit, 1), maxList))...)
	if err != nil {
		return nil, fmt.Errorf("report: listing by opening: %w", err)
	}
	return out, nil
}

func (f Filter) where(now time.Time) (string, []any) {
	where, args := []string{`territory_id = @territory`}, []any{}
	add := func(clause string, values ...any) {
		where, args = append(where, clause), append(args, values...)
	}
	if f.Public {
		add(`visible`)
	}
	if !f.Merged {
		add(`merged_into = 0`)
	}
	list(f.States, `state`, add)
	list(f.Tones, `tone`, add)
	list(f.Categories, `category_id`, add)
	if f.Category != 0 {
		add(`category_id = ?`, f.Category)
	}
	if f.Crew != 0 {
		add(`crew_id = ?`, f.Crew)
	}
	if f.Sector != 0 {
		add(`sector_id = ?`, f.Sector)
	}
	if f.Open {
		add(`closed_at IS NULL`)
	}
	if f.Late {
		add(`closed_at IS NULL AND due_at <= ?`, now)
	}
	if f.Moderation != "" {
		add(`moderation = ?`, f.Moderation)
	}
	if f.Number != "" {
		add(`number = ?`, f.Number)
	}
	if f.Source != "" {
		add(`source = ?`, f.Source)
	}
	for _, t := range []struct {
		at     time.Time
		clause string
	}{{f.From, `opened_at >= ?`}, {f.To, `opened_at < ?`}, {f.Since, `updated_at >= ?`}, {f.ClosedFrom, `closed_at >= ?`}} {
		if !t.at.IsZero() {
			add(t.clause, t.at)
		}
	}
	f.within(add)
	f.words(add)
	return strings.Join(where, ` AND `), args
}

func list[T any](values []T, column string, add func(string, ...any)) {
	if n := min(len(values), 300); n > 0 {
		args := make([]any, n)
		for i := range args {
			args[i] = values[i]
		}
		add(column+` IN (`+store.In(n)+`)`, args...)
	}
}

// within reads the ranges of cells that cover the bounds, then the bounds.
func (f Filter) within(add func(string, ...any)) {
	if f.Bounds == nil {
		return
	}
	var either []string
	var args []any
	for _, span := range geo.Covering(*f.Bounds, nearRanges) {
		either, args = append(either, `cell BETWEEN ? AND ?`), append(args, span[0], span[1])
	}
	if len(either) == 0 {
		add(`FALSE`)
		return
	}
	add(`(`+strings.Join(either, ` OR `)+`)`, args...)
	add(`lat BETWEEN ? AND ? AND lon BETWEEN ? AND ?`, f.Bounds.South, f.Bounds.North, f.Bounds.West, f.Bounds.East)
}

func (f Filter) words(add func(string, ...any)) {
	for i, w := range search.Words(f.Query) {
		if i == 8 {
			break
		}
		w = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(w)
		add(`text_fold LIKE ? ESCAPE '\'`, "%"+w+"%")
	}
}

// Author is who reported, as given; the zero Contact when nobody said.
func (s *Reports) Author(ctx context.Context, tx *store.Tx, id store.ID) (Contact, string, error) {
	var row struct{ FirstName, LastName, Phone, Email, Lang string }
	err := tx.Get(ctx, &row, `SELECT first_name, last_name, phone, email, lang FROM report_author WHERE territory_id = @territory AND report_id = ?`, id)
	if errors.Is(err, store.ErrNotFound) {
		return Contact{}, "fr", nil
	}
	if err != nil {
		return Contact{}, "", fmt.Errorf("report: reading an author: %w", err)
	}
	return Contact{row.FirstName, row.LastName, row.Phone, row.Email}, row.Lang, nil
}
