package person

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"parvis/platform/phone"
	"parvis/platform/search"
	"parvis/platform/store"
)

// Residents keeps the cards of the residents of each territory. Every method
// takes a transaction bound to one.
type Residents struct{ w *Wiring }

const residentColumns = `id, title, first_name, last_name, phone, email, lang, notes, created_at, last_used_at, merged_into`

// Get finds a card; one that was merged gives the card that holds the rest.
func (r *Residents) Get(ctx context.Context, tx *store.Tx, id store.ID) (Resident, error) {
	var found Resident
	err := tx.Get(ctx, &found, `SELECT `+residentColumns+` FROM person_resident WHERE territory_id = @territory AND id = ?`, id)
	if err == nil && found.MergedInto != 0 {
		into := found.MergedInto
		found = Resident{}
		err = tx.Get(ctx, &found, `SELECT `+residentColumns+` FROM person_resident WHERE territory_id = @territory AND id = ?`, into)
	}
	return found, err
}

// Create writes a card read by [Draft.Read] and returns it with its identifier.
func (r *Residents) Create(ctx context.Context, tx *store.Tx, n Resident) (Resident, error) {
	if n.ID == 0 {
		n.ID = store.NewID()
	}
	n.CreatedAt, n.LastUsedAt, n.MergedInto = tx.Now(), tx.Now(), 0
	last, first := n.folds()
	if _, err := tx.Exec(ctx, `INSERT INTO person_resident (territory_id, id, title, first_name, last_name, name_fold, given_fold, phone, email, lang, notes,
		created_at, last_used_at) VALUES (@territory, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		n.ID, n.Title, n.FirstName, n.LastName, last, first, n.Phone, n.Email, n.Lang, n.Notes, n.CreatedAt, n.LastUsedAt); err != nil {
		return Resident{}, fmt.Errorf("person: writing a card: %w", err)
	}
	return n, nil
}

// FindOrCreate returns the card of a person: the one of the same name (accents,
// hyphens and the order of the two names aside) that has the same telephone or
// the same e-mail, or a new one. A card found is marked as used, and completed by
// the telephone or e-mail it lacked; nothing on it is replaced. A name alone never
// finds a card: homonyms exist. (The sum keeps SQLite from walking all the cards in
// that order instead of looking the name up.)
func (r *Residents) FindOrCreate(ctx context.Context, tx *store.Tx, n Resident) (found Resident, created bool, err error) {
	last, first := n.folds()
	err = tx.Get(ctx, &found, `SELECT `+residentColumns+` FROM person_resident WHERE territory_id = @territory
		AND name_fold IN (?, ?) AND merged_into = 0 AND ((phone <> '' AND phone = ?) OR (email <> '' AND email = ?))
		ORDER BY last_used_at + 0 DESC, id LIMIT 1`, last, first, n.Phone, n.Email)
	if errors.Is(err, store.ErrNotFound) {
		found, err = r.Create(ctx, tx, n)
		return found, true, err
	}
	if err != nil {
		return Resident{}, false, fmt.Errorf("person: looking for a card: %w", err)
	}
	if found.Phone.IsZero() {
		found.Phone = n.Phone
	}
	if found.Email == "" {
		found.Email = n.Email
	}
	found.LastUsedAt = tx.Now()
	_, err = tx.Exec(ctx, `UPDATE person_resident SET phone = ?, email = ?, last_used_at = ? WHERE territory_id = @territory AND id = ?`,
		found.Phone, found.Email, found.LastUsedAt, found.ID)
	return found, false, err
}

// Touch notes that a service served the person today: the card is kept a year
// longer.
func (r *Residents) Touch(ctx context.Context, tx *store.Tx, id store.ID) error {
	_, err := tx.Exec(ctx, `UPDATE person_resident SET last_used_at = ? WHERE territory_id = @territory AND id = ? AND last_used_at < ?`,
		tx.Now(), id, tx.Now())
	return err
}

// Update replaces what a card says with what was read by [Draft.Read].
func (r *Residents) Update(ctx context.Context, tx *store.Tx, id store.ID, n Resident) error {
	last, first := n.folds()
	changed, err := tx.Exec(ctx, `UPDATE person_resident SET title = ?, first_name = ?, last_name = ?, name_fold = ?, given_fold = ?, phone = ?, email = ?,
		lang = ?, notes = ?, last_used_at = ? WHERE territory_id = @territory AND id = ? AND merged_into = 0`,
		n.Title, n.FirstName, n.LastName, last, first, n.Phone, n.Email, n.Lang, n.Notes, tx.Now(), id)
	if err == nil && changed == 0 {
		err = store.ErrNotFound
	}
	return err
}

// Query asks for a page of cards.
type Query struct {
	// Text is the beginning of the names in any order, a telephone number or its
	// first figures, or the beginning of an e-mail; "" is everybody.
	Text   string
	Region string   // ISO code under which a number is read
	After  store.ID // last card of the page before; 0: first page
	Limit  int      // 0: 30, at most 101
}

// Search finds cards, in the order of last names, or without text those served
// last first; more tells that others follow.
func (r *Residents) Search(ctx context.Context, tx *store.Tx, q Query) (list []Resident, more bool, err error) {
	if q.Limit <= 0 {
		q.Limit = 30
	}
	q.Limit = min(q.Limit, 101)
	where, args, recent := q.condition()
	if q.After != 0 {
		var last struct {
			NameFold   string
			LastUsedAt time.Time
		}
		err := tx.Get(ctx, &last, `SELECT name_fold, last_used_at FROM person_resident WHERE territory_id = @territory AND id = ?`, q.After)
		if errors.Is(err, store.ErrNotFound) {
			return nil, false, nil // erased since: where the page before ended is lost
		}
		if err != nil {
			return nil, false, fmt.Errorf("person: paging cards: %w", err)
		}
		if recent {
			where, args = where+` AND (last_used_at, id) < (?, ?)`, append(args, last.LastUsedAt, q.After)
		} else {
			where, args = where+` AND (name_fold, id) > (?, ?)`, append(args, last.NameFold, q.After)
		}
	}
	order := "name_fold, id"
	if recent {
		order = "last_used_at DESC, id DESC"
	}
	if err := tx.Select(ctx, &list, `SELECT `+residentColumns+` FROM person_resident WHERE territory_id = @territory AND merged_into = 0`+where+
		` ORDER BY `+order+` LIMIT ?`, append(args, q.Limit+1)...); err != nil {
		return nil, false, fmt.Errorf("person: looking for cards: %w", err)
	}
	if more = len(list) > q.Limit; more {
		list = list[:q.Limit]
	}
	return list, more, nil
}

// condition is the part of the search that follows from what was typed. Ranges
// rather than patterns, so that both engines use their index.
func (q Query) condition() (where string, args []any, recent bool) {
	text := plainText(q.Text)
	if text == "" {
		return "", nil, true
	}
	if strings.Contains(text, "@") {
		from := strings.ToLower(text)
		return ` AND email >= ? AND email < ?`, []any{from, after(from)}, false
	}
	if number, err := phone.Parse(text, q.Region); err == nil {
		return ` AND phone = ?`, []any{number}, false
	}
	if from, ok := firstFigures(text); ok {
		return ` AND phone >= ? AND phone < ?`, []any{from, after(from)}, false
	}
	for i, word := range strings.Fields(search.Fold(text)) {
		if i == 0 {
			where = ` AND ((name_fold >= ? AND name_fold < ?) OR (given_fold >= ? AND given_fold < ?))`
			args = append(args, word, after(word), word, after(word))
			continue
		}
		if i == 8 {
			break
		}
		where += ` AND (name_fold LIKE ? OR name_fold LIKE ?)`
		args = append(args, word+"%", "% "+word+"%")
	}
	if where == "" { // signs only
		return ` AND 1 = 0`, nil, false
	}
	return where, args, false
}

// after is the first text, in the order of code points, that follows all those
// that begin with s.
func after(s string) string {
	r := []rune(s)
	for i := len(r) - 1; i >= 0; i-- {
		switch next := r[i] + 1; {
		case next == 0xd800: // surrogates are not characters
			next = 0xe000
			fallthrough
		case next <= utf8.MaxRune:
			return string(append(r[:i:i], next))
		}
	}
	return string(utf8.MaxRune)
}

// firstFigures turns the beginning of a French number into that of its E.164.
func firstFigures(text string) (string, bool) {
	kept := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" .-/\u00a0\u202f", r) {
			return -1
		}
		return r
	}, text)
	digits := strings.TrimPrefix(kept, "+")
	if len(digits) < 4 || strings.ContainsFunc(digits, func(r rune) bool { return r < '0' || r > '9' }) {
		return "", false
	}
	if national, ok := strings.CutPrefix(kept, "0"); ok {
		return "+33" + national, true
	}
	return "+" + digits, true
}

// Duplicates lists the cards that may be of the same person: same telephone, same
// e-mail or same name. At most 10, those served last first.
func (r *Residents) Duplicates(ctx context.Context, tx *store.Tx, card Resident) ([]Resident, error) {
	last, first := card.folds()
	var list []Resident
	err := tx.Select(ctx, &list, `SELECT `+residentColumns+` FROM person_resident WHERE territory_id = @territory AND id <> ? AND merged_into = 0
		AND (name_fold IN (?, ?) OR (phone <> '' AND phone = ?) OR (email <> '' AND email = ?))
		ORDER BY last_used_at DESC, id DESC LIMIT 10`, card.ID, last, first, card.Phone, card.Email)
	return list, err
}
