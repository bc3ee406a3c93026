package access_test

import (
	"testing"
	"time"

	"parvis/core/access"
	"parvis/platform/clock"
	"parvis/platform/fault"
	"parvis/platform/store"
)

func TestSuspendedRolesAreWorthNothing(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB, a *access.Access, _ *trace, _ *clock.Fake) {
		const boss, agent, other store.ID = 1, 2, 3
		give(t, db, a, commune, access.Grant{Person: boss, Service: access.Everywhere, Role: access.Admin})
		give(t, db, a, commune, access.Grant{Person: agent, Service: access.Everywhere, Role: access.Agent})
		give(t, db, a, commune, access.Grant{Person: other, Service: access.Everywhere, Role: access.Admin})
		give(t, db, a, stranger, access.Grant{Person: agent, Service: access.Everywhere, Role: access.Agent})
		act := func(do func(tx *store.Tx) error) error { return update(t, db, commune, do) }
		for range 2 { // twice changes nothing
			if err := act(func(tx *store.Tx) error { return a.Suspend(t.Context(), tx, agent, boss) }); err != nil {
				t.Fatal(err)
			}
		}
		if len(roles(t, a, commune, agent)) != 0 || len(roles(t, a, stranger, agent)) != 1 {
			t.Error("suspended here: the roles give something here, or nothing there")
		}
		if err := act(func(tx *store.Tx) error {
			held, err := a.RolesOf(t.Context(), tx, agent)
			if err == nil && (len(held) != 1 || !held[0].Suspended) {
				t.Errorf("the team shows %+v", held)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := act(func(tx *store.Tx) error { return a.Suspend(t.Context(), tx, boss, boss) }); fault.Of(err).Key != "access.error.suspend_self" {
			t.Errorf("oneself: %v", err)
		}
		if err := act(func(tx *store.Tx) error { return a.Suspend(t.Context(), tx, other, boss) }); err != nil {
			t.Fatal(err)
		}
		if err := act(func(tx *store.Tx) error { return a.Suspend(t.Context(), tx, boss, agent) }); fault.Of(err).Key != "access.error.last" {
			t.Errorf("the last administrator awake: %v", err)
		}
		if err := act(func(tx *store.Tx) error {
			return a.Revoke(t.Context(), tx, boss, access.Scope{Service: access.Everywhere, Role: access.Admin}, agent)
		}); fault.Of(err).Key != "access.error.last" {
			t.Errorf("the last administrator awake loses the role: %v", err)
		}
		if err := act(func(tx *store.Tx) error { return a.Restore(t.Context(), tx, agent, boss) }); err != nil {
			t.Fatal(err)
		}
		if len(roles(t, a, commune, agent)) != 1 {
			t.Error("restored, the role gives nothing")
		}
		// Purged once the person holds nothing.
		purged := func() (n int64) {
			t.Helper()
			if err := act(func(tx *store.Tx) (err error) {
				n, err = access.PurgeSuspensions(t.Context(), tx, tx.Now().Add(time.Hour), 10)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := purged(); n != 0 {
			t.Errorf("%d suspensions of people in the team purged", n)
		}
		if err := act(func(tx *store.Tx) error {
			return a.Revoke(t.Context(), tx, other, access.Scope{Service: access.Everywhere, Role: access.Admin}, boss)
		}); err != nil {
			t.Fatal(err)
		}
		if n := purged(); n != 1 {
			t.Errorf("%d suspensions purged, want 1", n)
		}
	})
}
