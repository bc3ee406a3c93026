package team_test

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strings"
	"testing"

	"parvis/core/access"
	"parvis/core/access/team"
	"parvis/core/person"
	"parvis/core/person/persontest"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
)

const (
	martine = "martine.ballu@vouneuil.example"
	nadia   = "nadia.roux@vouneuil.example"
	karim   = "karim.benali@vouneuil.example"
)

func TestWords(t *testing.T) {
	if err := i18n.Check(team.Locales); err != nil {
		t.Error(err)
	}
	if err := i18n.CheckUsage(".", team.Locales, person.Locales); err != nil {
		t.Error(err)
	}
}

// scopes are what somebody holds in a territory.
func scopes(t *testing.T, town *persontest.Town, territory string, id store.ID) []access.Scope {
	t.Helper()
	held, err := town.Access.Roles(t.Context(), territory, id)
	if err != nil {
		t.Fatal(err)
	}
	var out []access.Scope
	for _, m := range held {
		if !m.Inherited {
			out = append(out, access.Scope{Service: m.Service, Role: m.Role})
		}
	}
	return out
}

func all(roles ...access.Role) (out []access.Scope) {
	for _, r := range roles {
		out = append(out, access.Scope{Service: access.Everywhere, Role: r})
	}
	return out
}

func TestInviteChangeRemove(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		boss := town.Hire("Martine Ballu", martine, persontest.Vouneuil, access.Admin)
		b := town.Browser(t).SignIn(town, martine)
		p := b.Get("/vouneuil/equipe/inviter")
		if p.Doc.Find("input[name=role]").Length() != 6 || p.Doc.Find("input[name=role][value=operator]").Length() != 0 {
			t.Errorf("%d roles offered to an administrator", p.Doc.Find("input[name=role]").Length())
		}
		p = b.Post("/vouneuil/equipe/inviter", "name", "K4rim", "email", "karim", "role", "king")
		if errs := p.Errors(); p.Status != http.StatusUnprocessableEntity || len(errs) != 3 || p.Doc.Find("#email").AttrOr("value", "") != "karim" {
			t.Errorf("with mistakes: %d %v", p.Status, errs)
		}
		p = b.Post("/vouneuil/equipe/inviter", "name", "Karim Benali", "email", karim, "role", "agent", "role", "operator", "service-appointment", "manager", "service-room", "agent")
		if p.Location != "/vouneuil/equipe" {
			t.Fatalf("inviting: %d %v", p.Status, p.Errors())
		}
		p = b.Get("/vouneuil/equipe")
		if p.Doc.Find("tbody tr").Length() != 2 || !strings.Contains(p.Body, "invitation envoyée") || p.Doc.Find("[role=status]").Length() != 1 {
			t.Errorf("the list after inviting: %s", p.Doc.Find("tbody").Text())
		}
		sheet := p.Doc.Find(`tbody tr th a`).First().AttrOr("href", "")
		id, err := store.ParseID(sheet[strings.LastIndexByte(sheet, '/')+1:])
		if err != nil {
			t.Fatal(err)
		}
		want := append(all(access.Agent), access.Scope{Service: "appointment", Role: access.Manager})
		if got := scopes(t, town, persontest.Vouneuil, id); !slices.Equal(got, want) {
			t.Errorf("roles %v, want %v", got, want)
		}
		letter := town.Mailbox.To(karim)[0]
		if !strings.HasPrefix(letter.Fields["Link"], town.Server.URL+"/invitation/") {
			t.Errorf("the link leads to %s", letter.Fields["Link"])
		}
		p = b.Get(sheet)
		if p.Title() != "Karim Benali" || p.Doc.Find("input[name=role][checked]").AttrOr("value", "") != "agent" ||
			p.Doc.Find("#service-appointment option[selected]").AttrOr("value", "") != "manager" || p.Doc.Find("details[open]").Length() != 1 {
			t.Errorf("the sheet: %d %s", p.Status, p.Title())
		}
		if p := b.Post(sheet + "/invitation"); p.Location != sheet || len(town.Mailbox.To(karim)) != 2 {
			t.Errorf("sending again: %d", p.Status)
		}
		if p := b.Post(sheet); p.Status != http.StatusUnprocessableEntity || p.Errors()["role"] == "" {
			t.Errorf("no role at all: %d %v", p.Status, p.Errors())
		}
		if p := b.Post(sheet, "role", "desk", "role", "elected"); p.Location != "/vouneuil/equipe" {
			t.Errorf("changing: %d", p.Status)
		}
		if got := scopes(t, town, persontest.Vouneuil, id); !slices.Equal(got, all(access.Desk, access.Elected)) {
			t.Errorf("changed to %v", got)
		}
		own := "/vouneuil/equipe/" + boss.ID.String()
		if p := b.Post(own, "role", "agent"); p.Status != http.StatusConflict || p.Errors()["role"] == "" {
			t.Errorf("the last administrator steps down: %d %v", p.Status, p.Errors())
		}
		if p := b.Post(own + "/retirer"); p.Status != http.StatusConflict || len(p.Errors()) != 1 {
			t.Errorf("the last administrator leaves: %d %v", p.Status, p.Errors())
		}
		if p := b.Post(own, "role", "admin", "role", "agent"); p.Location != "/vouneuil/equipe" {
			t.Errorf("an administrator is also an agent: %d %v", p.Status, p.Errors())
		}
		if p := b.Get("/vouneuil/usagers"); p.Status != http.StatusOK {
			t.Errorf("and reads at once: %d", p.Status)
		}
		if p := b.Get(sheet + "/retirer"); p.Doc.Find("form[action$='/retirer']").Length() != 1 {
			t.Error("nothing asks before removing")
		}
		if p := b.Post(sheet + "/retirer"); p.Location != "/vouneuil/equipe" {
			t.Errorf("removing: %d", p.Status)
		}
		for _, path := range []string{sheet, sheet + "/retirer", "/vouneuil/equipe/9", "/vouneuil/equipe/x"} {
			if p := b.Get(path); p.Status != http.StatusNotFound {
				t.Errorf("%s after removing: %d", path, p.Status)
			}
		}
		if n := b.Get("/vouneuil/equipe").Doc.Find("tbody tr").Length(); n != 1 {
			t.Errorf("%d in the team", n)
		}
	})
}

func TestTheNeighboursTeamIsNotThere(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		town.Hire("Martine Ballu", martine, persontest.Vouneuil, access.Admin)
		other := town.Hire("Nadia Roux", "nadia@brandes.example", persontest.Brandes, access.Agent)
		b := town.Browser(t).SignIn(town, martine)
		path := "/vouneuil/equipe/" + other.ID.String()
		if p := b.Get(path); p.Status != http.StatusNotFound {
			t.Errorf("the neighbour's agent: %d", p.Status)
		}
		for _, step := range []string{"", "/retirer", "/invitation"} {
			if p := b.Post(path+step, "role", "admin"); p.Status != http.StatusNotFound {
				t.Errorf("%s: %d", step, p.Status)
			}
		}
		if got := scopes(t, town, persontest.Brandes, other.ID); !slices.Equal(got, all(access.Agent)) {
			t.Errorf("the neighbour's agent is now %v", got)
		}
	})
}

func TestOperatorsHelpAndDoNotHelpThemselves(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		omar := town.Hire("Omar Lefort", "omar@numerique86.example", persontest.Operator, access.Operator)
		b := town.Browser(t).SignIn(town, "omar@numerique86.example")
		if p := b.Post("/vouneuil/equipe/inviter", "name", "Martine Ballu", "email", martine, "role", "admin"); p.Location != "/vouneuil/equipe" {
			t.Fatalf("naming the first administrator: %d %v", p.Status, p.Errors())
		}
		p := b.Post("/vouneuil/equipe/inviter", "name", "Omar Lefort", "email", omar.Email, "role", "agent")
		if p.Status != http.StatusForbidden || p.Errors()["role"] == "" {
			t.Errorf("an operator invites himself: %d %v", p.Status, p.Errors())
		}
		if got := scopes(t, town, persontest.Vouneuil, omar.ID); len(got) != 0 {
			t.Errorf("and is now %v", got)
		}
		if n := b.Get("/vouneuil/equipe/inviter").Doc.Find("input[value=operator]").Length(); n != 0 {
			t.Error("the role of operator is offered in a member territory")
		}
		if n := b.Get("/numerique86/equipe/inviter").Doc.Find("input[value=operator]").Length(); n != 1 {
			t.Error("the role of operator is not offered at home")
		}
	})
}

// What the form does not show is not taken away.
func TestRolesBeyondTheFormStay(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		omar := town.Hire("Omar Lefort", "omar@numerique86.example", persontest.Operator, access.Operator, access.Agent)
		town.Hire("Martine Ballu", martine, persontest.Operator, access.Admin)
		if err := town.DB.In(persontest.Operator).Update(t.Context(), func(tx *store.Tx) error {
			return town.Access.Grant(t.Context(), tx, access.Grant{Person: omar.ID, Service: "closed", Role: access.Agent})
		}); err != nil {
			t.Fatal(err)
		}
		b := town.Browser(t).SignIn(town, martine)
		if p := b.Post("/numerique86/equipe/"+omar.ID.String(), "role", "desk"); p.Location == "" {
			t.Fatalf("changing: %d %v", p.Status, p.Errors())
		}
		want := append(all(access.Operator), access.Scope{Service: "closed", Role: access.Agent}, all(access.Desk)[0])
		if got := scopes(t, town, persontest.Operator, omar.ID); !slices.Equal(got, want) {
			t.Errorf("roles %v, want %v", got, want)
		}
		if p := b.Post("/numerique86/equipe/" + omar.ID.String() + "/retirer"); p.Status != http.StatusForbidden {
			t.Errorf("an administrator removes an operator: %d", p.Status)
		}
	})
}

func TestYearlyReview(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		boss := town.Hire("Martine Ballu", martine, persontest.Vouneuil, access.Admin)
		town.Hire("Nadia Roux", nadia, persontest.Vouneuil, access.Agent)
		count := func() (n int, hot bool) {
			item := team.New(town.Access, town.People, func() []team.Area { return nil }).Service().Menu[0]
			n, hot, err := item.Count(t.Context(), town.DB.In(persontest.Vouneuil), town.Actor(boss))
			if err != nil {
				t.Fatal(err)
			}
			return n, hot
		}
		if n, hot := count(); n != 0 || hot {
			t.Errorf("on the first day: %d %v", n, hot)
		}
		if err := town.DB.In(persontest.Vouneuil).Update(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE access_membership SET granted_at = ? WHERE territory_id = @territory`, town.Clock.Now().Add(-access.ReviewEvery))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if n, hot := count(); n != 1 || !hot {
			t.Errorf("a year later: %d %v", n, hot)
		}
		b := town.Browser(t).SignIn(town, martine)
		if p := b.Get("/vouneuil/equipe"); p.Doc.Find(".alert.wait form").Length() != 1 {
			t.Error("the review is not asked for")
		}
		if p := b.Post("/vouneuil/equipe/revue"); p.Location != "/vouneuil/equipe" {
			t.Errorf("the review: %d", p.Status)
		}
		p := b.Get("/vouneuil/equipe")
		if p.Doc.Find(".alert.wait").Length() != 0 || !strings.Contains(p.Body, "par Martine Ballu") {
			t.Error("the review is not remembered")
		}
		if n, hot := count(); n != 0 || hot {
			t.Errorf("after the review: %d %v", n, hot)
		}
	})
}

func TestExport(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		town.Hire("Martine Ballu", martine, persontest.Vouneuil, access.Admin, access.Agent)
		town.Hire("-cmd", "=1+1@vouneuil.example", persontest.Vouneuil, access.Agent)
		town.Hire("Nadia Roux", "nadia@brandes.example", persontest.Brandes, access.Agent)
		b := town.Browser(t).SignIn(town, martine)
		p := b.Get("/vouneuil/equipe/equipe.csv")
		r := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.Body, "\ufeff")))
		r.Comma = ';'
		lines, err := r.ReadAll()
		if err != nil || len(lines) != 3 || !strings.HasPrefix(p.Header.Get("Content-Disposition"), "attachment") {
			t.Fatalf("%v, %v", lines, err)
		}
		if lines[1][0] != "'-cmd" || lines[1][1] != "'=1+1@vouneuil.example" {
			t.Errorf("a formula: %q", lines[1])
		}
		if lines[2][0] != "Martine Ballu" || lines[2][2] != "administrateur, agent" || lines[2][4] != "en activité" {
			t.Errorf("line %q", lines[2])
		}
	})
}

func TestListPagesAndSearch(t *testing.T) {
	town := persontest.Open(t, storetest.SQLiteDSN(t), persontest.Options{})
	town.Hire("Martine Ballu", martine, persontest.Vouneuil, access.Admin)
	for i := range 60 {
		town.Hire("Agent "+strings.Repeat(string(rune('a'+i%26)), 1+i/26), strings.Repeat(string(rune('a'+i%26)), 1+i/26)+".agent@vouneuil.example", persontest.Vouneuil, access.Agent)
	}
	b := town.Browser(t).SignIn(town, martine)
	first := b.Get("/vouneuil/equipe")
	next := first.Doc.Find("a[rel=next]").AttrOr("href", "")
	if n := first.Doc.Find("tbody tr").Length(); n != 50 || next == "" {
		t.Fatalf("first page: %d lines, next %q", n, next)
	}
	if n := b.Get(next).Doc.Find("tbody tr").Length(); n != 11 {
		t.Errorf("second page: %d lines", n)
	}
	for q, want := range map[string]int{"ballu": 1, "MARTINE.": 1, "agent+aa": 2, "personne": 0} {
		if n := b.Get("/vouneuil/equipe?q=" + q).Doc.Find("tbody tr").Length(); n != want {
			t.Errorf("%q: %d lines, want %d", q, n, want)
		}
	}
}
