package person

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"parvis/core/access"
	"parvis/platform/fault"
	"parvis/platform/search"
	"parvis/platform/store"
)

const personColumns = `p.id, p.name, p.email, p.phone, p.lang, p.active, p.joined_at, p.created_at, p.last_seen_at`

// NewPerson is a member of staff to write; name and address as typed.
type NewPerson struct {
	Name   string
	Email  string
	Phone  string // E.164 or ""
	Lang   string // "" is French
	Joined bool   // may sign in without an invitation: first administrator, demonstration
}

// Add writes a person, or returns the one who already has the address, unchanged
// but for Joined, which is never taken back. tx is a system transaction. Fault:
// Invalid with the fields name and email.
func (p *People) Add(ctx context.Context, tx *store.Tx, n NewPerson) (Person, error) {
	var fs fault.Fields
	name, email := readName(&fs, "name", n.Name), readEmail(&fs, "email", n.Email)
	if err := fs.Err(); err != nil {
		return Person{}, err
	}
	if n.Lang == "" {
		n.Lang = "fr"
	}
	var joined time.Time
	if n.Joined {
		joined = tx.Now()
	}
	if _, err := tx.Exec(ctx, `INSERT INTO person (id, name, name_fold, email, phone, lang, active, joined_at, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (email) DO UPDATE SET joined_at = COALESCE(person.joined_at, excluded.joined_at)`,
		store.NewID(), name, search.Fold(name), email, n.Phone, n.Lang, true, joined, tx.Now()); err != nil {
		return Person{}, fmt.Errorf("person: adding: %w", err)
	}
	return p.byEmail(ctx, tx, email)
}

func (p *People) byEmail(ctx context.Context, tx *store.Tx, email string) (Person, error) {
	var found Person
	err := tx.Get(ctx, &found, `SELECT `+personColumns+` FROM person p WHERE p.email = ?`, email)
	return found, err
}

// Get finds a person; tx is a system transaction.
func (p *People) Get(ctx context.Context, tx *store.Tx, id store.ID) (Person, error) {
	var found Person
	err := tx.Get(ctx, &found, `SELECT `+personColumns+` FROM person p WHERE p.id = ?`, id)
	return found, err
}

// Names finds the names of persons, for lists that hold their identifiers. Those
// who are gone are not in the map. At most 1 000 at a time.
func (p *People) Names(ctx context.Context, ids []store.ID) (map[store.ID]string, error) {
	names := make(map[store.ID]string, len(ids))
	if len(ids) == 0 {
		return names, nil
	}
	if len(ids) > 1000 {
		return nil, fmt.Errorf("person: names of %d persons asked at once", len(ids))
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	err := p.system().View(ctx, func(tx *store.Tx) error {
		return tx.Each(ctx, `SELECT id, name FROM person WHERE id IN (`+store.In(len(ids))+`)`, args, func(scan func(...any) error) error {
			var id store.ID
			var name string
			if err := scan(&id, &name); err != nil {
				return err
			}
			names[id] = name
			return nil
		})
	})
	return names, err
}

// Member is a person with the roles they hold in one territory.
type Member struct {
	Person
	Roles []access.Membership
}

// Suspended tells whether the roles are worth nothing for now.
func (m Member) Suspended() bool { return len(m.Roles) > 0 && m.Roles[0].Suspended }

// StaffQuery asks for a page of a territory's staff, by name.
type StaffQuery struct {
	Text  string // part of a name or of an address; "" is everybody
	After store.ID
	Limit int // 0: 50
}

// Staff lists who holds a role in a territory, in the order of names; more tells
// that others follow the last one.
func (p *People) Staff(ctx context.Context, territory string, q StaffQuery) (list []Member, more bool, err error) {
	if q.Limit == 0 {
		q.Limit = 50
	}
	where, args := "", []any{territory}
	if fold := search.Fold(q.Text); fold != "" {
		where = ` AND (p.name_fold LIKE ? OR p.name_fold LIKE ? OR p.email LIKE ?)`
		args = append(args, fold+"%", "% "+fold+"%", likeLiteral(q.Text)+"%")
	}
	err = p.system().View(ctx, func(tx *store.Tx) error {
		if q.After != 0 {
			var last string
			if err := tx.Get(ctx, &last, `SELECT name_fold FROM person WHERE id = ?`, q.After); err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			where += ` AND (p.name_fold, p.id) > (?, ?)`
			args = append(args, last, q.After)
		}
		var people []Person
		if err := tx.Select(ctx, &people, `SELECT `+personColumns+` FROM person p WHERE EXISTS
			(SELECT 1 FROM access_membership m WHERE m.territory_id = ? AND m.person_id = p.id AND m.revoked_at IS NULL)`+where+`
			ORDER BY p.name_fold, p.id LIMIT ?`, append(args, q.Limit+1)...); err != nil {
			return fmt.Errorf("person: listing the staff: %w", err)
		}
		if more = len(people) > q.Limit; more {
			people = people[:q.Limit]
		}
		for _, x := range people {
			roles, err := p.access.RolesOf(ctx, tx.Bind(territory), x.ID)
			if err != nil {
				return err
			}
			list = append(list, Member{x, roles})
		}
		return nil
	})
	return list, more, err
}

// Member finds somebody who holds a role in the territory; store.ErrNotFound for
// anybody else, be it staff elsewhere.
func (p *People) Member(ctx context.Context, territory string, id store.ID) (Member, error) {
	var found Member
	err := p.system().View(ctx, func(tx *store.Tx) (err error) {
		found, err = p.member(ctx, tx, territory, id)
		return err
	})
	return found, err
}

func (p *People) member(ctx context.Context, tx *store.Tx, territory string, id store.ID) (Member, error) {
	roles, err := p.access.RolesOf(ctx, tx.Bind(territory), id)
	if err != nil {
		return Member{}, err
	}
	if len(roles) == 0 {
		return Member{}, store.ErrNotFound
	}
	person, err := p.Get(ctx, tx, id)
	return Member{person, roles}, err
}

// SetRoles makes the roles of a member exactly those wanted; none removes the
// person from the team. Faults as access.Set.
func (p *People) SetRoles(ctx context.Context, territory string, id store.ID, wanted []access.Scope, by store.ID) error {
	return p.system().Update(ctx, func(tx *store.Tx) error {
		if _, err := p.member(ctx, tx, territory, id); err != nil {
			return err
		}
		bound := tx.Bind(territory)
		if err := p.access.Set(ctx, bound, id, wanted, by); err != nil {
			return err
		}
		if len(wanted) == 0 {
			return closeInvitations(ctx, bound, id)
		}
		return nil
	})
}

// Suspend makes the roles of a member of a territory worth nothing until
// Restore. Faults as access.Suspend.
func (p *People) Suspend(ctx context.Context, territory string, id, by store.ID) error {
	return p.ofMember(ctx, territory, id, func(tx *store.Tx, _ Member) error { return p.access.Suspend(ctx, tx, id, by) })
}

// Restore gives a suspended member of a territory their roles back.
func (p *People) Restore(ctx context.Context, territory string, id, by store.ID) error {
	return p.ofMember(ctx, territory, id, func(tx *store.Tx, _ Member) error { return p.access.Restore(ctx, tx, id, by) })
}

// ofMember does something to a member in a transaction bound to the territory.
func (p *People) ofMember(ctx context.Context, territory string, id store.ID, do func(tx *store.Tx, m Member) error) error {
	return p.system().Update(ctx, func(tx *store.Tx) error {
		m, err := p.member(ctx, tx, territory, id)
		if err != nil {
			return err
		}
		return do(tx.Bind(territory), m)
	})
}

// Rename changes the name of a member. It is one name for the whole instance:
// somebody who also works for another territory is renamed there too, so that
// only who administers every one of them may. Faults: Invalid with the field
// name; person.error.shared.
func (p *People) Rename(ctx context.Context, territory string, id store.ID, name string, by store.ID) error {
	var fs fault.Fields
	if name = readName(&fs, "name", name); len(fs) > 0 {
		return fs.Err()
	}
	var elsewhere []string
	if err := p.system().View(ctx, func(tx *store.Tx) (err error) {
		elsewhere, err = p.access.Territories(ctx, tx, id)
		return err
	}); err != nil {
		return err
	}
	for _, t := range elsewhere {
		if t == territory {
			continue
		}
		held, err := p.access.Roles(ctx, t, by)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(held, func(m access.Membership) bool {
			return m.Service == access.Everywhere && (m.Role == access.Admin || m.Role == access.Operator)
		}) {
			return &fault.Fault{Kind: fault.Invalid, Fields: []fault.Field{{Name: "name", Key: "person.error.shared"}}}
		}
	}
	return p.system().Update(ctx, func(tx *store.Tx) error {
		m, err := p.member(ctx, tx, territory, id)
		if err != nil || m.Name == name {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE person SET name = ?, name_fold = ? WHERE id = ?`, name, search.Fold(name), id); err != nil {
			return fmt.Errorf("person: renaming: %w", err)
		}
		tx.AfterCommit(func() { p.cache.forget(id) })
		for _, t := range append([]string{territory}, slices.DeleteFunc(elsewhere, func(t string) bool { return t == territory })...) {
			if err := p.w.record(ctx, tx.Bind(t), "person.renamed", "person:"+id.String(), map[string]any{"by": by}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Deactivate shuts out somebody who has left: no sign-in, no role anywhere, and
// sessions under way end at the next request (within half a minute in other
// processes). What they signed stays signed.
func (p *People) Deactivate(ctx context.Context, id, by store.ID) error {
	return p.system().Update(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE person SET active = ? WHERE id = ?`, false, id)
		if err != nil {
			return fmt.Errorf("person: deactivating: %w", err)
		}
		if n == 0 {
			return store.ErrNotFound
		}
		tx.AfterCommit(func() { p.cache.forget(id) })
		return p.access.RevokeEverywhere(ctx, tx, id, by)
	})
}

// likeLiteral drops from a text what LIKE would read as a pattern. The underscore
// stays: it is frequent in addresses and matches itself.
func likeLiteral(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '%' || r == '\\' {
			return -1
		}
		return r
	}, strings.ToLower(plainText(text)))
}
