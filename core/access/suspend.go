package access

import (
	"context"
	"fmt"
	"time"

	"parvis/platform/fault"
	"parvis/platform/store"
)

// awake is the condition under which a membership gives something: its person
// is not suspended in its territory. The table is that of the query around it.
const awake = ` AND NOT EXISTS (SELECT 1 FROM access_suspension x
	WHERE x.territory_id = access_membership.territory_id AND x.person_id = access_membership.person_id)`

// Suspend makes the roles of a person in the territory worth nothing until
// Restore: somebody who leaves, for a time or for good, while their name stays in
// the team. Sessions under way end at the next request (within half a minute in
// other processes). Suspending twice changes nothing. Faults:
// access.error.suspend_self; access.error.last for the last administrator.
func (a *Access) Suspend(ctx context.Context, tx *store.Tx, person, by store.ID) error {
	if person == by {
		return fault.New(fault.Forbidden, "access.error.suspend_self")
	}
	if err := a.holdAdmins(ctx, tx); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `INSERT INTO access_suspension (territory_id, id, person_id, suspended_by, suspended_at)
		VALUES (@territory, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, store.NewID(), person, by, tx.Now())
	if err != nil {
		return fmt.Errorf("access: suspending: %w", err)
	}
	if n == 0 {
		return nil
	}
	held, err := a.RolesOf(ctx, tx, person)
	if err != nil {
		return err
	}
	if has(held, Scope{Everywhere, Admin}) {
		if err := a.someoneAdministers(ctx, tx); err != nil {
			return err
		}
	}
	return a.tell(ctx, tx, "access.suspended", person, Scope{}, by)
}

// Restore gives the roles of a suspended person their worth back.
func (a *Access) Restore(ctx context.Context, tx *store.Tx, person, by store.ID) error {
	n, err := tx.Exec(ctx, `DELETE FROM access_suspension WHERE territory_id = @territory AND person_id = ?`, person)
	if err != nil {
		return fmt.Errorf("access: restoring: %w", err)
	}
	if n == 0 {
		return nil
	}
	return a.tell(ctx, tx, "access.restored", person, Scope{}, by)
}

// someoneAdministers refuses to leave a territory without an administrator.
func (a *Access) someoneAdministers(ctx context.Context, tx *store.Tx) error {
	var left int
	if err := tx.Get(ctx, &left, `SELECT COUNT(*) FROM access_membership
		WHERE territory_id = @territory AND role = ? AND service = ? AND revoked_at IS NULL`+awake, Admin, Everywhere); err != nil {
		return fmt.Errorf("access: counting administrators: %w", err)
	}
	if left == 0 {
		return fault.New(fault.Conflict, "access.error.last")
	}
	return nil
}

// PurgeSuspensions erases at most limit suspensions begun before the time given
// whose person holds no role any more.
func PurgeSuspensions(ctx context.Context, tx *store.Tx, before time.Time, limit int) (int64, error) {
	n, err := tx.Exec(ctx, `DELETE FROM access_suspension WHERE territory_id = @territory AND id IN
		(SELECT x.id FROM access_suspension x WHERE x.territory_id = @territory AND x.suspended_at < ? AND NOT EXISTS
			(SELECT 1 FROM access_membership m WHERE m.territory_id = x.territory_id AND m.person_id = x.person_id AND m.revoked_at IS NULL) LIMIT ?)`, before, limit)
	if err != nil {
		return 0, fmt.Errorf("access: purging suspensions: %w", err)
	}
	return n, nil
}
