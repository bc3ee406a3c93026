package team_test

import (
	"net/http"
	"strings"
	"testing"

	"parvis/core/access"
	"parvis/core/person/persontest"
)

func TestRenameSuspendRestore(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		boss := town.Hire("Martine Ballu", martine, persontest.Vouneuil, access.Admin)
		who := town.Hire("Nadia Roux", nadia, persontest.Vouneuil, access.Agent)
		b, desk := town.Browser(t).SignIn(town, martine), town.Browser(t).SignIn(town, nadia)
		sheet, own := "/vouneuil/equipe/"+who.ID.String(), "/vouneuil/equipe/"+boss.ID.String()

		if p := b.Post(sheet+"/nom", "name", " "); p.Status != http.StatusUnprocessableEntity || p.Errors()["name"] == "" {
			t.Errorf("no name: %d %v", p.Status, p.Errors())
		}
		if p := b.Post(sheet+"/nom", "name", "Nadia  Roux-Mésange"); p.Location != sheet {
			t.Errorf("renaming: %d %v", p.Status, p.Errors())
		}
		if p := b.Get(sheet); p.Title() != "Nadia Roux-Mésange" {
			t.Errorf("renamed to %q", p.Title())
		}

		if p := desk.Get("/vouneuil/usagers"); p.Status != http.StatusOK {
			t.Fatalf("before, the agent reads: %d", p.Status)
		}
		if p := b.Get(sheet + "/etat"); !strings.Contains(p.Doc.Find("main").Text(), "Désactiver Nadia") || p.Doc.Find("form[action$='/etat']").Length() != 1 {
			t.Error("nothing asks before suspending")
		}
		if p := b.Post(sheet+"/etat", "actif", "0"); p.Location != sheet {
			t.Errorf("suspending: %d", p.Status)
		}
		if p := desk.Get("/vouneuil/usagers"); p.Status == http.StatusOK {
			t.Error("the session under way still reads")
		}
		if p := b.Get("/vouneuil/equipe"); !strings.Contains(p.Doc.Find("tbody").Text(), "désactivé") {
			t.Error("the list does not say it")
		}
		if p := b.Post(own+"/etat", "actif", "0"); p.Status != http.StatusForbidden || len(p.Errors()) != 1 {
			t.Errorf("oneself: %d %v", p.Status, p.Errors())
		}
		if p := b.Post(sheet+"/etat", "actif", "1"); p.Location != sheet {
			t.Errorf("restoring: %d", p.Status)
		}
		if p := desk.Get("/vouneuil/usagers"); p.Status != http.StatusOK {
			t.Errorf("restored, the agent reads: %d", p.Status)
		}
		for _, path := range []string{"/vouneuil/equipe/9/etat", "/vouneuil/equipe/x/nom"} {
			if p := b.Post(path, "name", "Personne"); p.Status != http.StatusNotFound {
				t.Errorf("%s: %d", path, p.Status)
			}
		}
	})
}

// TestSharedName: who also works elsewhere is renamed by who administers both.
func TestSharedName(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		town.Hire("Martine Ballu", martine, persontest.Vouneuil, access.Admin)
		who := town.Hire("Karim Benali", karim, persontest.Vouneuil, access.Agent)
		town.Hire("Karim Benali", karim, persontest.Brandes, access.Agent)
		b, sheet := town.Browser(t).SignIn(town, martine), "/vouneuil/equipe/"+who.ID.String()
		if p := b.Post(sheet+"/nom", "name", "Karim Autre"); p.Status != http.StatusUnprocessableEntity || p.Errors()["name"] == "" {
			t.Errorf("renamed over a neighbour's head: %d", p.Status)
		}
		town.Hire("Martine Ballu", martine, persontest.Brandes, access.Admin)
		if p := b.Post(sheet+"/nom", "name", "Karim Autre"); p.Location != sheet {
			t.Errorf("the administrator of both: %d %v", p.Status, p.Errors())
		}
	})
}
