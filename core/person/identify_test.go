package person_test

import (
	"net/http"
	"testing"
	"time"

	"parvis/core/access"
	"parvis/core/person"
	"parvis/core/person/persontest"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
	"parvis/platform/web"
)

func sqlite(t *testing.T) string { return storetest.SQLiteDSN(t) }

func TestEachRoleOpensItsPages(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		gets := map[string]web.Permission{"/usagers": person.Read, "/usagers/nouveau": person.Write, "/usagers/1001/effacer": person.Rights, "/equipe": "access.manage", "/equipe/inviter": "access.manage"}
		if err := town.DB.In(persontest.Vouneuil).Update(t.Context(), func(tx *store.Tx) error {
			_, err := town.People.Residents.Create(t.Context(), tx, person.Resident{ID: 1001, FirstName: "Aline", LastName: "Aubépin", Lang: "fr"})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for _, role := range access.Roles() {
			email := string(role) + "@vouneuil.example"
			town.Hire("Agente "+string(role), email, persontest.Vouneuil, role)
			b := town.Browser(t).SignIn(town, email)
			for path, permission := range gets {
				want := http.StatusForbidden
				if town.Matrix.May([]access.Membership{{Service: "*", Role: role}}, permission) {
					want = http.StatusOK
				}
				if p := b.Get("/vouneuil" + path); p.Status != want {
					t.Errorf("%s on %s: %d, want %d", role, path, p.Status, want)
				}
				// The neighbour's pages are those of a stranger.
				if p := b.Get("/brandes" + path); p.Status != http.StatusSeeOther || p.Location[:10] != "/connexion" {
					t.Errorf("%s on the neighbour's %s: %d %s", role, path, p.Status, p.Location)
				}
			}
			for _, path := range []string{"/usagers", "/usagers/1001", "/usagers/1001/donnees", "/usagers/1001/effacer", "/equipe/inviter", "/equipe/revue"} {
				if p := b.Post("/brandes"+path, "firstName", "Aline", "lastName", "Aubépin", "confirm", "1"); p.Status != http.StatusUnauthorized {
					t.Errorf("%s posts to the neighbour's %s: %d", role, path, p.Status)
				}
			}
		}
		var n int
		if err := town.DB.In(persontest.Brandes).View(t.Context(), func(tx *store.Tx) error {
			return tx.Get(t.Context(), &n, `SELECT COUNT(*) FROM person_resident WHERE territory_id = @territory`)
		}); err != nil || n != 0 {
			t.Errorf("the neighbour got %d cards, %v", n, err)
		}
	})
}

func TestAStrangerIsToldWhy(t *testing.T) {
	town := persontest.Open(t, sqlite(t), persontest.Options{})
	town.Hire("Nadia Roux", nadia, persontest.Vouneuil, access.Agent)
	b := town.Browser(t).SignIn(town, nadia)
	p := b.Get(b.Get("/brandes/usagers").Location)
	if p.Status != http.StatusOK || p.Doc.Find(`form[action="/deconnexion"]`).Length() != 1 || p.Doc.Find("#email").Length() != 0 {
		t.Errorf("a stranger who is signed in gets %d, and a form to sign in again", p.Status)
	}
}

func TestOperatorsAdministerWithoutReading(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		town.Hire("Omar Lefort", "omar@numerique86.example", persontest.Operator, access.Operator, access.Agent)
		b := town.Browser(t).SignIn(town, "omar@numerique86.example")
		for path, want := range map[string]int{"/vouneuil/equipe": 200, "/vouneuil/usagers": 403, "/brandes/equipe": 303, "/numerique86/equipe": 200, "/numerique86/usagers": 200} {
			if p := b.Get(path); p.Status != want {
				t.Errorf("%s: %d, want %d", path, p.Status, want)
			}
		}
	})
}

func TestRolesAreBelievedForHalfAMinute(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		ctx := t.Context()
		who := town.Hire("Nadia Roux", nadia, persontest.Vouneuil, access.Agent)
		b := town.Browser(t).SignIn(town, nadia)
		desk := func() int { return b.Get("/vouneuil/usagers").Status }
		if got := desk(); got != http.StatusOK {
			t.Fatalf("the desk: %d", got)
		}
		// A change made here counts at the next request.
		agent := access.Scope{Service: access.Everywhere, Role: access.Agent}
		set := func(wanted ...access.Scope) {
			t.Helper()
			if err := town.DB.In(persontest.Vouneuil).Update(ctx, func(tx *store.Tx) error { return town.Access.Set(ctx, tx, who.ID, wanted, 0) }); err != nil {
				t.Fatal(err)
			}
		}
		set()
		if got := desk(); got != http.StatusSeeOther {
			t.Errorf("without role: %d", got)
		}
		set(agent)
		if got := desk(); got != http.StatusOK {
			t.Errorf("with a role again: %d", got)
		}
		// One made by another process counts after half a minute at most.
		elsewhere := access.New(town.DB, access.Options{})
		if err := town.DB.In(persontest.Vouneuil).Update(ctx, func(tx *store.Tx) error { return elsewhere.Set(ctx, tx, who.ID, nil, 0) }); err != nil {
			t.Fatal(err)
		}
		if got := desk(); got != http.StatusOK {
			t.Errorf("roles are read at each request: %d", got)
		}
		town.Clock.Advance(30 * time.Second)
		if got := desk(); got != http.StatusSeeOther {
			t.Errorf("after half a minute: %d", got)
		}
	})
}

func TestDeactivatedAtOnce(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		who := town.Hire("Nadia Roux", nadia, persontest.Vouneuil, access.Agent)
		town.Hire("Nadia Roux", nadia, persontest.Brandes, access.Admin)
		b := town.Browser(t).SignIn(town, nadia)
		if p := b.Get("/vouneuil/usagers"); p.Status != http.StatusOK {
			t.Fatal(p.Status)
		}
		if err := town.People.Deactivate(t.Context(), who.ID, 0); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/vouneuil/usagers", "/brandes/equipe", "/agents"} {
			if p := b.Get(path); p.Status != http.StatusSeeOther {
				t.Errorf("%s after leaving: %d", path, p.Status)
			}
		}
		if err := town.People.Deactivate(t.Context(), 99, 0); err == nil {
			t.Error("nobody was deactivated, and nobody said so")
		}
	})
}
