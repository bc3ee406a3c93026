package access_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"parvis/core/access"
	"parvis/platform/clock"
	"parvis/platform/fault"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
)

const (
	commune  = "c86001"
	stranger = "c86002"
	syndicat = "s86"
)

type recorded struct{ kind, subject string }

// trace is the bus of these tests: it keeps what was committed or not.
type trace struct{ got []recorded }

func (tr *trace) Append(_ context.Context, _ *store.Tx, kind, subject string, _ any) error {
	tr.got = append(tr.got, recorded{kind, subject})
	return nil
}

func operators(_ context.Context, territory string) ([]string, error) {
	if territory == commune {
		return []string{syndicat}, nil
	}
	return nil, nil
}

func each(t *testing.T, body func(t *testing.T, db *store.DB, a *access.Access, tr *trace, clk *clock.Fake)) {
	storetest.EachClock(t, []store.Migration{access.Migration()}, func(t *testing.T, db *store.DB, clk *clock.Fake) {
		tr := &trace{}
		body(t, db, access.New(db, access.Options{Events: tr, Operators: operators}), tr, clk)
	})
}

func update(t *testing.T, db *store.DB, territory string, fn func(tx *store.Tx) error) error {
	t.Helper()
	return db.In(territory).Update(t.Context(), fn)
}

func give(t *testing.T, db *store.DB, a *access.Access, territory string, g access.Grant) {
	t.Helper()
	if err := update(t, db, territory, func(tx *store.Tx) error { return a.Grant(t.Context(), tx, g) }); err != nil {
		t.Fatal(err)
	}
}

func scopes(list []access.Membership) []access.Scope {
	var out []access.Scope
	for _, m := range list {
		out = append(out, access.Scope{Service: m.Service, Role: m.Role})
	}
	return out
}

func roles(t *testing.T, a *access.Access, territory string, person store.ID) []access.Scope {
	t.Helper()
	list, err := a.Roles(t.Context(), territory, person)
	if err != nil {
		t.Fatal(err)
	}
	return scopes(list)
}

func wantFault(t *testing.T, err error, kind fault.Kind, key string) {
	t.Helper()
	if f := fault.Of(err); f == nil || f.Kind != kind || f.Key != key {
		t.Errorf("got %v, want fault %d %s", err, kind, key)
	}
}

func TestGrantAndRevoke(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB, a *access.Access, tr *trace, _ *clock.Fake) {
		var told []store.ID
		a.OnChange(func(territory string, person store.ID) {
			if territory == commune {
				told = append(told, person)
			}
		})
		agent := access.Grant{Person: 7, Service: "appointment", Role: access.Agent}
		give(t, db, a, commune, agent)
		give(t, db, a, commune, agent) // a second time: nothing happens
		give(t, db, a, commune, access.Grant{Person: 7, Service: "*", Role: access.Elected})
		if got := roles(t, a, commune, 7); !slices.Equal(got, []access.Scope{{Service: "appointment", Role: access.Agent}, {Service: "*", Role: access.Elected}}) {
			t.Errorf("roles %v", got)
		}
		if got := roles(t, a, stranger, 7); got != nil {
			t.Errorf("another territory sees %v", got)
		}
		if err := update(t, db, commune, func(tx *store.Tx) error {
			for range 2 {
				if err := a.Revoke(t.Context(), tx, 7, access.Scope{Service: "appointment", Role: access.Agent}, 3); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if got := roles(t, a, commune, 7); !slices.Equal(got, []access.Scope{{Service: "*", Role: access.Elected}}) {
			t.Errorf("after revoking: %v", got)
		}
		give(t, db, a, commune, agent) // what was taken back can be given again
		want := []recorded{{"access.granted", "person:7"}, {"access.granted", "person:7"}, {"access.revoked", "person:7"}, {"access.granted", "person:7"}}
		if !slices.Equal(tr.got, want) {
			t.Errorf("events %v", tr.got)
		}
		if !slices.Equal(told, []store.ID{7, 7, 7, 7}) {
			t.Errorf("told %v", told)
		}
	})
}

func TestNothingIsToldBeforeTheCommit(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB, a *access.Access, _ *trace, _ *clock.Fake) {
		a.OnChange(func(string, store.ID) { t.Error("told of a change that was undone") })
		boom := errors.New("boom")
		if err := update(t, db, commune, func(tx *store.Tx) error {
			return errors.Join(a.Grant(t.Context(), tx, access.Grant{Person: 7, Service: "*", Role: access.Agent}), boom)
		}); !errors.Is(err, boom) {
			t.Fatal(err)
		}
		if got := roles(t, a, commune, 7); got != nil {
			t.Errorf("roles %v", got)
		}
	})
}

func TestGrantRefusesForgedScopes(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB, a *access.Access, _ *trace, _ *clock.Fake) {
		for key, g := range map[string]access.Grant{
			"access.error.role":    {Person: 7, Service: "*", Role: "king"},
			"access.error.service": {Person: 7, Service: "Appointment'--", Role: access.Agent},
		} {
			wantFault(t, update(t, db, commune, func(tx *store.Tx) error { return a.Grant(t.Context(), tx, g) }), fault.Invalid, key)
		}
	})
}

func TestOperatorsReachTheirMembersOnly(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB, a *access.Access, _ *trace, _ *clock.Fake) {
		m := compile(t)
		give(t, db, a, syndicat, access.Grant{Person: 9, Service: "*", Role: access.Operator})
		give(t, db, a, syndicat, access.Grant{Person: 9, Service: "*", Role: access.Agent})
		for territory, want := range map[string]bool{syndicat: true, commune: true, stranger: false} {
			list, err := a.Roles(t.Context(), territory, 9)
			if err != nil {
				t.Fatal(err)
			}
			if got := m.May(list, "access.manage"); got != want {
				t.Errorf("%s: access.manage %v, want %v", territory, got, want)
			}
			if got, want := m.May(list, "appointment.read"), territory == syndicat; got != want {
				t.Errorf("%s: appointment.read %v, want %v", territory, got, want)
			}
		}
	})
}

func TestNobodyHelpsHimself(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB, a *access.Access, _ *trace, _ *clock.Fake) {
		give(t, db, a, syndicat, access.Grant{Person: 9, Service: "*", Role: access.Operator})
		grant := func(territory string, g access.Grant) error {
			return update(t, db, territory, func(tx *store.Tx) error { return a.Grant(t.Context(), tx, g) })
		}
		wantFault(t, grant(commune, access.Grant{Person: 9, Service: "*", Role: access.Agent, By: 9}), fault.Forbidden, "access.error.self")
		wantFault(t, grant(commune, access.Grant{Person: 5, Service: "*", Role: access.Operator, By: 9}), fault.Forbidden, "access.error.operator")
		if err := grant(commune, access.Grant{Person: 1, Service: "*", Role: access.Admin, By: 9}); err != nil {
			t.Errorf("an operator names the first administrator: %v", err)
		}
		if err := grant(commune, access.Grant{Person: 1, Service: "*", Role: access.Agent, By: 1}); err != nil {
			t.Errorf("the only administrator of a small commune is also its agent: %v", err)
		}
		wantFault(t, grant(commune, access.Grant{Person: 1, Service: "*", Role: access.Operator, By: 1}), fault.Forbidden, "access.error.operator")
		if err := grant(syndicat, access.Grant{Person: 5, Service: "*", Role: access.Operator, By: 9}); err != nil {
			t.Errorf("an operator names another at home: %v", err)
		}
	})
}

func TestTheLastAdministratorStays(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB, a *access.Access, _ *trace, _ *clock.Fake) {
		admin := access.Scope{Service: "*", Role: access.Admin}
		give(t, db, a, commune, access.Grant{Person: 1, Service: "*", Role: access.Admin})
		give(t, db, a, commune, access.Grant{Person: 2, Service: "appointment", Role: access.Admin}) // does not count
		give(t, db, a, stranger, access.Grant{Person: 3, Service: "*", Role: access.Admin})          // nor does this one
		wantFault(t, update(t, db, commune, func(tx *store.Tx) error { return a.Revoke(t.Context(), tx, 1, admin, 1) }), fault.Conflict, "access.error.last")
		wantFault(t, update(t, db, commune, func(tx *store.Tx) error { return a.Set(t.Context(), tx, 1, nil, 1) }), fault.Conflict, "access.error.last")
		if got := roles(t, a, commune, 1); len(got) != 1 {
			t.Errorf("refused, yet the roles are %v", got)
		}
		if err := update(t, db, commune, func(tx *store.Tx) error {
			return a.Set(t.Context(), tx, 4, []access.Scope{admin, {Service: "room", Role: access.Manager}}, 1)
		}); err != nil {
			t.Fatal(err)
		}
		if err := update(t, db, commune, func(tx *store.Tx) error { return a.Set(t.Context(), tx, 1, nil, 4) }); err != nil {
			t.Errorf("with a second administrator the first may leave: %v", err)
		}
	})
}

func TestTwoAdministratorsCannotRemoveEachOther(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB, a *access.Access, _ *trace, _ *clock.Fake) {
		admin := access.Scope{Service: "*", Role: access.Admin}
		for round := range 10 {
			first, second := store.ID(10+2*round), store.ID(11+2*round)
			for _, p := range []store.ID{first, second} {
				give(t, db, a, commune, access.Grant{Person: p, Service: "*", Role: access.Admin})
			}
			if round > 0 {
				if err := update(t, db, commune, func(tx *store.Tx) error {
					return errors.Join(a.Revoke(t.Context(), tx, first-2, admin, 0), a.Revoke(t.Context(), tx, second-2, admin, 0))
				}); err != nil {
					t.Fatal(err)
				}
			}
			var wg sync.WaitGroup
			for _, p := range []store.ID{first, second} {
				wg.Go(func() {
					err := db.In(commune).Update(context.Background(), func(tx *store.Tx) error { return a.Revoke(context.Background(), tx, p, admin, 0) })
					if err != nil && !fault.Is(err, fault.Conflict) {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if n := len(roles(t, a, commune, first)) + len(roles(t, a, commune, second)); n != 1 {
				t.Fatalf("round %d: %d administrators left, want 1", round, n)
			}
		}
	})
}

func TestRevokeEverywhere(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB, a *access.Access, tr *trace, _ *clock.Fake) {
		ctx := t.Context()
		for _, territory := range []string{commune, stranger, syndicat} {
			give(t, db, a, territory, access.Grant{Person: 7, Service: "*", Role: access.Admin})
		}
		give(t, db, a, commune, access.Grant{Person: 8, Service: "*", Role: access.Agent})
		if err := db.System("test").Update(ctx, func(tx *store.Tx) error { return a.RevokeEverywhere(ctx, tx, 7, 1) }); err != nil {
			t.Fatal(err)
		}
		for _, territory := range []string{commune, stranger, syndicat} {
			if got := roles(t, a, territory, 7); got != nil {
				t.Errorf("%s: %v", territory, got)
			}
		}
		if got := roles(t, a, commune, 8); len(got) != 1 {
			t.Errorf("somebody else lost %v", got)
		}
		if n := len(tr.got); n != 7 {
			t.Errorf("%d events, want 4 granted and 3 revoked", n)
		}
	})
}

func TestMembersAndReview(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB, a *access.Access, _ *trace, clk *clock.Fake) {
		ctx := t.Context()
		state := func() (last access.Review, due bool) {
			t.Helper()
			if err := db.In(commune).View(ctx, func(tx *store.Tx) (err error) { last, due, err = a.ReviewState(ctx, tx); return }); err != nil {
				t.Fatal(err)
			}
			return
		}
		if _, due := state(); due {
			t.Error("a territory without anybody owes a review")
		}
		give(t, db, a, commune, access.Grant{Person: 1, Service: "*", Role: access.Admin})
		give(t, db, a, commune, access.Grant{Person: 1, Service: "*", Role: access.Agent})
		give(t, db, a, commune, access.Grant{Person: 2, Service: "room", Role: access.Agent})
		give(t, db, a, stranger, access.Grant{Person: 3, Service: "room", Role: access.Agent})
		var list []access.Membership
		if err := db.In(commune).View(ctx, func(tx *store.Tx) (err error) { list, err = a.Members(ctx, tx); return }); err != nil || len(list) != 3 {
			t.Fatalf("members %v, %v", list, err)
		}
		if list[0].Person != 1 || list[0].Territory != commune || !list[0].GrantedAt.Equal(clk.Now()) {
			t.Errorf("first member %+v", list[0])
		}
		if _, due := state(); due {
			t.Error("due on the first day")
		}
		clk.Advance(access.ReviewEvery)
		if _, due := state(); !due {
			t.Error("not due after a year")
		}
		if err := update(t, db, commune, func(tx *store.Tx) error { return a.Reviewed(ctx, tx, 1) }); err != nil {
			t.Fatal(err)
		}
		last, due := state()
		if due || last.People != 2 || last.ReviewedBy != 1 || !last.ReviewedAt.Equal(clk.Now()) {
			t.Errorf("after the review: %+v, due %v", last, due)
		}
		clk.Advance(access.ReviewEvery)
		if _, due := state(); !due {
			t.Error("not due a year after the last review")
		}
	})
}

func TestPurge(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB, a *access.Access, _ *trace, clk *clock.Fake) {
		ctx := t.Context()
		for _, territory := range []string{commune, stranger} {
			for p := range store.ID(3) {
				give(t, db, a, territory, access.Grant{Person: p + 1, Service: "*", Role: access.Agent})
			}
			if err := update(t, db, territory, func(tx *store.Tx) error {
				return errors.Join(a.Set(ctx, tx, 1, nil, 0), a.Set(ctx, tx, 2, nil, 0), a.Reviewed(ctx, tx, 3))
			}); err != nil {
				t.Fatal(err)
			}
		}
		purge := func(h store.Handle, age time.Duration, limit int) (n int64) {
			t.Helper()
			if err := h.Update(ctx, func(tx *store.Tx) (err error) {
				n, err = access.PurgeMemberships(ctx, tx, clk.Now().Add(-age), limit)
				return
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		clk.Advance(48 * time.Hour)
		if n := purge(db.System("test"), 72*time.Hour, 10); n != 0 {
			t.Errorf("purged %d that are younger", n)
		}
		if n := purge(db.In(commune), time.Hour, 10); n != 2 {
			t.Errorf("in one territory %d, want 2", n)
		}
		if n := purge(db.System("test"), time.Hour, 1); n != 1 {
			t.Errorf("limited to 1: %d", n)
		}
		if n := purge(db.System("test"), time.Hour, 10); n != 1 {
			t.Errorf("the rest: %d", n)
		}
		if got := roles(t, a, stranger, 3); len(got) != 1 {
			t.Error("a role that is held was purged")
		}
		if err := db.System("test").Update(ctx, func(tx *store.Tx) error {
			n, err := access.PurgeReviews(ctx, tx, clk.Now(), 10)
			if n != 2 {
				t.Errorf("reviews purged: %d", n)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}
