package app_test

import (
	"net/http"
	"strings"
	"testing"

	"parvis/app/apptest"
	"parvis/core/access"
	"parvis/platform/clock"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
	"parvis/platform/web"
)

// TestDataProtectionOfficer: the officer lands on the register, reads every
// treatment and who was given which right, and nothing of the residents.
func TestDataProtectionOfficer(t *testing.T) {
	in := apptest.Start(t, storetest.SQLiteDSN(t), clock.System{}, false)
	c := in.SignIn(t, here, access.DPO)
	slug := in.Slug(t, here)
	follow := *c
	follow.CheckRedirect = nil
	code, body := fetch(t, &follow, in.URL+slug+"/bureau/entree")
	if code != http.StatusOK || !strings.Contains(body, "Registre des traitements") {
		t.Fatalf("the entrance leads to %d", code)
	}
	_, register := fetch(t, c, in.URL+slug+"/bureau/donnees-personnelles/registre.csv")
	_, journal := fetch(t, c, in.URL+slug+"/bureau/donnees-personnelles/journal.csv")
	for _, s := range in.Services {
		for _, r := range s.Retention {
			for _, text := range []string{body, register} {
				if !strings.Contains(text, r.Table) {
					t.Errorf("table %s is not in the register", r.Table)
				}
			}
		}
	}
	for _, text := range []string{body, journal} {
		if !strings.Contains(text, "Rôle donné") || !strings.Contains(text, "Karim Coquelicot") {
			t.Error("who was given a role is not in the journal")
		}
	}
	var residents []struct{ LastName, Email string }
	if err := in.DB.In(here).View(t.Context(), func(tx *store.Tx) error {
		return tx.Select(t.Context(), &residents, `SELECT last_name, COALESCE(email, '') AS email FROM person_resident WHERE territory_id = @territory LIMIT 200`)
	}); err != nil || len(residents) < 5 {
		t.Fatalf("%d residents (%v)", len(residents), err)
	}
	for _, r := range residents {
		for _, text := range []string{body, register, journal} {
			if strings.Contains(text, r.LastName) || (r.Email != "" && strings.Contains(text, r.Email)) {
				t.Errorf("the page shows the resident %s", r.LastName)
			}
		}
	}
	// Everything else of the desk stays closed.
	for _, r := range in.Server.Routes() {
		if r.Scope != web.OfSite || r.Permission == web.Public || r.Permission == web.SignedIn || r.Permission == "privacy.read" {
			continue
		}
		if got := status(t, c, r.Method, in.URL+slug+fill(r.Path, "")); got != http.StatusForbidden {
			t.Errorf("%s %s as the officer: %d", r.Method, r.Path, got)
		}
	}
}
