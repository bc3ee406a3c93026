package link

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"time"

	"parvis/platform/store"
	"parvis/platform/web"
)

//go:embed migrations/*.sql
var files embed.FS

// Locales holds the words, in French and English.
//
//go:embed locales/*.json
var Locales embed.FS

// Migration is the package's schema.
func Migration() store.Migration { return store.Migration{Name: "link", FS: files} }

// ErrUnknown is returned for a kind that no service declares, a word that is
// not one of [Words], or a link of a thing with itself.
var ErrUnknown = errors.New("link: unknown kind or word")

// Links knows the kinds of things and joins them.
type Links struct{ kinds map[string]Kind }

// New takes the kinds of all services; one that is incomplete or declared
// twice is an error, and the program does not start.
func New(kinds []Kind) (*Links, error) {
	l := &Links{kinds: map[string]Kind{}}
	for _, k := range kinds {
		if _, twice := l.kinds[k.Name]; twice || k.Name == "" || k.Label == "" || k.Resolve == nil {
			return nil, fmt.Errorf("link: kind %q is incomplete or declared twice", k.Name)
		}
		l.kinds[k.Name] = k
	}
	return l, nil
}

// Link is one link as one of its ends sees it.
type Link struct {
	Word    Word
	Forward bool // the thing asked about is the first end
	Kind    Kind // of the other end
	Ref     Ref  // the other end
	Target  Target
	At      time.Time
}

// Add joins two things of the transaction's territory; by is the person, 0 for
// the program. Adding the same link again changes nothing.
func (l *Links) Add(ctx context.Context, tx *store.Tx, from Ref, word Word, to Ref, by store.ID) error {
	for _, end := range []Ref{from, to} {
		kind, _, err := end.Split()
		if err != nil {
			return errors.Join(ErrUnknown, err)
		}
		if _, ok := l.kinds[kind]; !ok {
			return fmt.Errorf("%w: kind %q", ErrUnknown, kind)
		}
	}
	if !word.known() || from == to {
		return fmt.Errorf("%w: %s %q %s", ErrUnknown, from, word, to)
	}
	_, err := tx.Exec(ctx, `INSERT INTO link (territory_id, from_ref, word, to_ref, created_at, created_by) VALUES (@territory, ?, ?, ?, ?, ?)
		ON CONFLICT (territory_id, from_ref, word, to_ref) DO NOTHING`, from, word, to, tx.Now(), by)
	if err != nil {
		return fmt.Errorf("link: adding %s: %w", word, err)
	}
	return nil
}

// Remove takes a link away; removing one that is not there changes nothing.
func (l *Links) Remove(ctx context.Context, tx *store.Tx, from Ref, word Word, to Ref) error {
	if _, err := tx.Exec(ctx, `DELETE FROM link WHERE territory_id = @territory AND from_ref = ? AND word = ? AND to_ref = ?`, from, word, to); err != nil {
		return fmt.Errorf("link: removing %s: %w", word, err)
	}
	return nil
}

// Forget takes away every link of a thing that is being erased.
func (l *Links) Forget(ctx context.Context, tx *store.Tx, ref Ref) error {
	if _, err := tx.Exec(ctx, `DELETE FROM link WHERE territory_id = @territory AND (from_ref = ? OR to_ref = ?)`, ref, ref); err != nil {
		return fmt.Errorf("link: forgetting a thing: %w", err)
	}
	return nil
}

// most bounds the links shown for one thing.
const most = 200

type row struct {
	Word    Word
	Other   Ref
	Forward bool
	At      time.Time
}

// Of lists the links of a thing in both directions, oldest first, at most 200,
// without those whose other end is gone or not for the actor's eyes.
func (l *Links) Of(ctx context.Context, h store.Handle, actor web.Actor, ref Ref) ([]Link, error) {
	var rows []row
	err := h.View(ctx, func(tx *store.Tx) error {
		rows = nil
		return tx.Select(ctx, &rows, `SELECT word, to_ref AS other, TRUE AS forward, created_at AS at FROM link WHERE territory_id = @territory AND from_ref = ?
			UNION ALL SELECT word, from_ref, FALSE, created_at FROM link WHERE territory_id = @territory AND to_ref = ?
			ORDER BY 4, 1, 2 LIMIT ?`, ref, ref, most)
	})
	if err != nil {
		return nil, fmt.Errorf("link: reading the links of a thing: %w", err)
	}
	var out []Link
	for _, r := range rows {
		kind, id, err := r.Other.Split()
		if err != nil {
			return nil, err
		}
		k, ok := l.kinds[kind]
		if !ok {
			continue // of a service that this program no longer has
		}
		target, err := k.Resolve(ctx, h, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("link: finding a %s: %w", kind, err)
		}
		if !actor.Can(target.Permission) {
			continue
		}
		out = append(out, Link{Word: r.Word, Forward: r.Forward, Kind: k, Ref: r.Other, Target: target, At: r.At})
	}
	return out, nil
}
