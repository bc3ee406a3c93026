package access

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"slices"

	"parvis/platform/fault"
	"parvis/platform/store"
)

//go:embed migrations/*.sql
var files embed.FS

// Migration is the package's schema.
func Migration() store.Migration { return store.Migration{Name: "access", FS: files} }

// Events records what happened, in the transaction; event.Bus does.
type Events interface {
	Append(ctx context.Context, tx *store.Tx, kind, subject string, data any) error
}

// Options of New. The zero value records no event and knows no operator.
type Options struct {
	Events Events
	// Operators lists the territories that operate a territory. It is called
	// outside any transaction, at most once per person and half minute.
	Operators func(ctx context.Context, territory string) ([]string, error)
}

// Access keeps who holds which role where.
type Access struct {
	db      *store.DB
	o       Options
	changed []func(territory string, person store.ID)
}

// New prepares the store of memberships.
func New(db *store.DB, o Options) *Access { return &Access{db: db, o: o} }

// OnChange registers f, called after each commit that changed the roles of a
// person in a territory: what others keep in memory is dropped there. To be
// called before serving.
func (a *Access) OnChange(f func(territory string, person store.ID)) {
	a.changed = append(a.changed, f)
}

const columns = `territory_id, id, person_id, service, role, granted_by, granted_at, EXISTS (SELECT 1 FROM access_suspension x
	WHERE x.territory_id = access_membership.territory_id AND x.person_id = access_membership.person_id) AS suspended`

// RolesOf lists what a person holds in the territory of tx, oldest first, and
// what it inherits from the roles of operator held in the operators given.
func (a *Access) RolesOf(ctx context.Context, tx *store.Tx, person store.ID, operators ...string) ([]Membership, error) {
	var list []Membership
	if err := tx.Select(ctx, &list, `SELECT `+columns+` FROM access_membership
		WHERE territory_id = @territory AND person_id = ? AND revoked_at IS NULL ORDER BY id`, person); err != nil {
		return nil, fmt.Errorf("access: reading roles: %w", err)
	}
	for _, operator := range operators {
		if operator == tx.Territory() {
			continue
		}
		var above []Membership
		if err := tx.Bind(operator).Select(ctx, &above, `SELECT `+columns+` FROM access_membership
			WHERE territory_id = @territory AND person_id = ? AND role = ? AND revoked_at IS NULL`+awake+` ORDER BY id`, person, Operator); err != nil {
			return nil, fmt.Errorf("access: reading the operator's roles: %w", err)
		}
		for _, m := range above {
			m.Inherited = true
			list = append(list, m)
		}
	}
	return list, nil
}

// Roles is RolesOf in a transaction of its own, operators included: what a
// request needs. What is suspended is not among them.
func (a *Access) Roles(ctx context.Context, territory string, person store.ID) ([]Membership, error) {
	var operators []string
	if a.o.Operators != nil {
		var err error
		if operators, err = a.o.Operators(ctx, territory); err != nil {
			return nil, fmt.Errorf("access: finding the operators: %w", err)
		}
	}
	var list []Membership
	err := a.db.In(territory).View(ctx, func(tx *store.Tx) error {
		var err error
		list, err = a.RolesOf(ctx, tx, person, operators...)
		list = slices.DeleteFunc(list, func(m Membership) bool { return m.Suspended })
		return err
	})
	return list, err
}

// membersLimit bounds what one page or export reads; the largest authority of
// the requirements has 7 500 agents.
const membersLimit = 50_000

// Members lists every role held in the territory, by person.
func (a *Access) Members(ctx context.Context, tx *store.Tx) ([]Membership, error) {
	var list []Membership
	err := tx.Select(ctx, &list, `SELECT `+columns+` FROM access_membership
		WHERE territory_id = @territory AND revoked_at IS NULL ORDER BY person_id, id LIMIT ?`, membersLimit)
	return list, err
}

// Territories lists where a person holds a role that is not suspended, at most 200; tx is a system
// transaction.
func (a *Access) Territories(ctx context.Context, tx *store.Tx, person store.ID) ([]string, error) {
	return territories(ctx, tx, person, awake)
}

func territories(ctx context.Context, tx *store.Tx, person store.ID, and string) ([]string, error) {
	var list []string
	err := tx.Select(ctx, &list, `SELECT DISTINCT territory_id FROM access_membership
		WHERE person_id = ? AND revoked_at IS NULL`+and+` ORDER BY territory_id LIMIT 200`, person)
	return list, err
}

// Grant gives a role; giving one that is held already changes nothing. Faults:
// access.error.role, access.error.service; access.error.operator when the giver
// is no operator here; access.error.self when somebody who does not administer
// the territory itself, but operates it, helps himself to a role in it.
func (a *Access) Grant(ctx context.Context, tx *store.Tx, g Grant) error {
	s := Scope{g.Service, g.Role}
	if err := s.check(); err != nil {
		return err
	}
	if g.By != 0 {
		giver, err := a.RolesOf(ctx, tx, g.By)
		if err != nil {
			return err
		}
		if g.Role == Operator && !has(giver, Scope{Everywhere, Operator}) {
			return fault.New(fault.Forbidden, "access.error.operator")
		}
		if g.By == g.Person && !has(giver, Scope{Everywhere, Admin}) {
			return fault.New(fault.Forbidden, "access.error.self")
		}
	}
	n, err := tx.Exec(ctx, `INSERT INTO access_membership (territory_id, id, person_id, service, role, granted_by, granted_at)
		VALUES (@territory, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, store.NewID(), g.Person, g.Service, g.Role, g.By, tx.Now())
	if err != nil {
		return fmt.Errorf("access: granting: %w", err)
	}
	if n == 0 {
		return nil
	}
	return a.tell(ctx, tx, "access.granted", g.Person, s, g.By)
}

// Revoke takes a role back; one that is not held changes nothing. Fault:
// access.error.last for the last administrator of the territory.
func (a *Access) Revoke(ctx context.Context, tx *store.Tx, person store.ID, s Scope, by store.ID) error {
	if s.Role == Admin && s.Service == Everywhere {
		if err := a.holdAdmins(ctx, tx); err != nil {
			return err
		}
	}
	if err := a.revoke(ctx, tx, person, s, by); err != nil {
		return err
	}
	if s.Role != Admin || s.Service != Everywhere {
		return nil
	}
	return a.someoneAdministers(ctx, tx)
}

// holdAdmins locks the rows of the administrators for the time of the
// transaction, so that two of them cannot remove each other at the same moment.
// A change of nothing is the lock that both engines know.
func (a *Access) holdAdmins(ctx context.Context, tx *store.Tx) error {
	_, err := tx.Exec(ctx, `UPDATE access_membership SET granted_by = granted_by
		WHERE territory_id = @territory AND role = ? AND service = ? AND revoked_at IS NULL`, Admin, Everywhere)
	return err
}

func (a *Access) revoke(ctx context.Context, tx *store.Tx, person store.ID, s Scope, by store.ID) error {
	n, err := tx.Exec(ctx, `UPDATE access_membership SET revoked_at = ?, revoked_by = ?
		WHERE territory_id = @territory AND person_id = ? AND service = ? AND role = ? AND revoked_at IS NULL`,
		tx.Now(), by, person, s.Service, s.Role)
	if err != nil {
		return fmt.Errorf("access: revoking: %w", err)
	}
	if n == 0 {
		return nil
	}
	return a.tell(ctx, tx, "access.revoked", person, s, by)
}

// Set makes the roles of a person in the territory exactly those wanted: gives
// what lacks, then takes back the rest. Faults as Grant and Revoke.
func (a *Access) Set(ctx context.Context, tx *store.Tx, person store.ID, wanted []Scope, by store.ID) error {
	held, err := a.RolesOf(ctx, tx, person)
	if err != nil {
		return err
	}
	for _, s := range wanted {
		if !has(held, s) {
			if err := a.Grant(ctx, tx, Grant{person, s.Service, s.Role, by}); err != nil {
				return err
			}
		}
	}
	for _, m := range held {
		if s := (Scope{m.Service, m.Role}); !slices.Contains(wanted, s) {
			if err := a.Revoke(ctx, tx, person, s, by); err != nil {
				return err
			}
		}
	}
	return nil
}

// RevokeEverywhere takes every role of somebody who leaves, in all territories
// and without asking who administers them afterwards; tx is a system
// transaction.
func (a *Access) RevokeEverywhere(ctx context.Context, tx *store.Tx, person, by store.ID) error {
	for range membersLimit {
		list, err := territories(ctx, tx, person, "")
		if err != nil || len(list) == 0 {
			return err
		}
		for _, t := range list {
			bound := tx.Bind(t)
			held, err := a.RolesOf(ctx, bound, person)
			if err != nil {
				return err
			}
			for _, m := range held {
				if err := a.revoke(ctx, bound, person, Scope{m.Service, m.Role}, by); err != nil {
					return err
				}
			}
		}
	}
	return errors.New("access: somebody holds roles in more territories than exist")
}

// change is the data of both events: no name, no address.
type change struct {
	Service string   `json:"service"`
	Role    Role     `json:"role"`
	By      store.ID `json:"by"`
}

func (a *Access) tell(ctx context.Context, tx *store.Tx, kind string, person store.ID, s Scope, by store.ID) error {
	territory := tx.Territory()
	tx.AfterCommit(func() {
		for _, f := range a.changed {
			f(territory, person)
		}
	})
	if a.o.Events == nil {
		return nil
	}
	return a.o.Events.Append(ctx, tx, kind, "person:"+person.String(), change{s.Service, s.Role, by})
}
