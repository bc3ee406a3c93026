package person_test

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parvis/core/access"
	"parvis/core/person"
	"parvis/core/person/persontest"
	"parvis/platform/fault"
	"parvis/platform/store"
)

const karim = "karim.benali@vouneuil.example"

// invite invites somebody as an agent and returns the path of the link.
func invite(t *testing.T, town *persontest.Town, by store.ID, territory, name, email string) string {
	t.Helper()
	address := strings.ToLower(strings.TrimSpace(email))
	before := len(town.Mailbox.To(address))
	if _, err := town.People.Invite(t.Context(), person.Invite{Territory: territory, Name: name, Email: email, By: by,
		Roles: []access.Scope{{Service: access.Everywhere, Role: access.Agent}}, Link: func(path string) string { return "https://parvis.example" + path }}); err != nil {
		t.Fatal(err)
	}
	letters := town.Mailbox.To(address)
	if len(letters) != before+1 {
		t.Fatalf("%d letters to %s", len(letters)-before, address)
	}
	return strings.TrimPrefix(letters[before].Fields["Link"], "https://parvis.example")
}

func TestInvitation(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		boss := town.Hire("Martine Ballu", "martine@vouneuil.example", persontest.Vouneuil, access.Admin)
		link := invite(t, town, boss.ID, persontest.Vouneuil, "karim  benali", " Karim.Benali@Vouneuil.example")
		letter := town.Mailbox.To(karim)[0]
		if letter.Notice != "person.invitation" || letter.Fields["From"] != "Martine Ballu" || letter.Fields["Name"] != "karim benali" ||
			!letter.Useful.Equal(town.Clock.Now().Add(person.InvitationLife)) {
			t.Errorf("letter %+v", letter)
		}
		var leaked int
		if err := town.DB.System("test").View(t.Context(), func(tx *store.Tx) error {
			return tx.Get(t.Context(), &leaked, `SELECT COUNT(*) FROM person_invitation WHERE token_hash LIKE ?`, "%"+link[len(link)-20:]+"%")
		}); err != nil || leaked != 0 {
			t.Errorf("the token is kept in clear: %d, %v", leaked, err)
		}
		if code := ask(t, town, town.Browser(t), karim); code != "" {
			t.Error("somebody who has not answered got a code")
		}
		b := town.Browser(t)
		for range 2 { // a mail scanner opens the link too
			p := b.Get(link)
			if p.Status != http.StatusOK || p.Title() != "Bienvenue dans l’équipe" || p.Doc.Find("#name").AttrOr("value", "") != "karim benali" ||
				!strings.Contains(p.Doc.Find("main").Text(), "Commune de Vouneuil") || !strings.Contains(p.Doc.Find("main").Text(), "Martine Ballu") {
				t.Fatalf("the page of the link: %d %s", p.Status, p.Body)
			}
		}
		if p := b.Post(link, "name", "K4rim"); p.Status != http.StatusUnprocessableEntity || p.Errors()["name"] == "" || p.Doc.Find("#name").AttrOr("value", "") != "K4rim" {
			t.Errorf("a name with a figure: %d %v", p.Status, p.Errors())
		}
		if p := b.Post(link, "name", "Karim Benali"); p.Location != "/vouneuil/usagers" {
			t.Fatalf("joining: %d %s", p.Status, p.Location)
		}
		if p := b.Get("/vouneuil/usagers"); p.Status != http.StatusOK || !strings.Contains(p.Body, "Karim Benali") {
			t.Errorf("the desk: %d", p.Status)
		}
		thief := town.Browser(t)
		if p := thief.Get(link); p.Status != http.StatusGone {
			t.Errorf("the link a second time: %d", p.Status)
		}
		if p := thief.Post(link, "name", "Quelqu’un"); p.Status != http.StatusGone {
			t.Errorf("answering a second time: %d", p.Status)
		}
		if p := thief.Get("/vouneuil/usagers"); p.Status != http.StatusSeeOther {
			t.Errorf("and yet inside: %d", p.Status)
		}
		town.Clock.Advance(person.CodeResend)
		town.Browser(t).SignIn(town, karim) // from now on by code
	})
}

func TestInvitationsThatOpenNothing(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		ctx := t.Context()
		boss := town.Hire("Martine Ballu", "martine@vouneuil.example", persontest.Vouneuil, access.Admin)
		b := town.Browser(t)
		gone := func(what, link string) {
			t.Helper()
			p := b.Get(link)
			if q := b.Post(link, "name", "Karim Benali"); p.Status != http.StatusGone || q.Status != http.StatusGone || !strings.Contains(p.Body, "Cette invitation ne sert plus") {
				t.Errorf("%s: %d and %d", what, p.Status, q.Status)
			}
		}
		for _, forged := range []string{"x", ".", "a.b", "Y29tbXVuZTo4NjI5OA", "Y29tbXVuZTo4NjI5OA.AAAA", "%00.%00", strings.Repeat("A", 3000)} {
			if p := b.Get("/invitation/" + forged); p.Status != http.StatusGone && p.Status != http.StatusNotFound {
				t.Errorf("forged %.20q: %d", forged, p.Status)
			}
		}
		first := invite(t, town, boss.ID, persontest.Vouneuil, "Karim Benali", karim)
		var who person.Member
		list, _, err := town.People.Staff(ctx, persontest.Vouneuil, person.StaffQuery{Text: "karim"})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		who = list[0]
		if err := town.People.Resend(ctx, persontest.Vouneuil, who.ID, boss.ID, func(path string) string { return path }); err != nil {
			t.Fatal(err)
		}
		gone("replaced by a later one", first)
		letters := town.Mailbox.To(karim)
		second := letters[len(letters)-1].Fields["Link"]
		town.Clock.Advance(person.InvitationLife)
		gone("a week old", second)
		third := invite(t, town, boss.ID, persontest.Vouneuil, "Karim Benali", karim)
		if err := town.People.SetRoles(ctx, persontest.Vouneuil, who.ID, nil, boss.ID); err != nil {
			t.Fatal(err)
		}
		gone("taken off the team", third)
		fourth := invite(t, town, boss.ID, persontest.Vouneuil, "Karim Benali", karim)
		if err := town.People.Deactivate(ctx, who.ID, boss.ID); err != nil {
			t.Fatal(err)
		}
		gone("shut out", fourth)
		if _, err := town.People.Invite(ctx, person.Invite{Territory: persontest.Vouneuil, Name: "Karim Benali", Email: karim, By: boss.ID,
			Roles: []access.Scope{{Service: access.Everywhere, Role: access.Agent}}, Link: func(p string) string { return p }}); err == nil {
			t.Error("somebody shut out was invited")
		}
	})
}

// Two answers to one link at the same moment: one enters.
func TestAnInvitationServesOnce(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		boss := town.Hire("Martine Ballu", "martine@vouneuil.example", persontest.Vouneuil, access.Admin)
		for _, name := range []string{"un", "deux", "trois"} {
			token := strings.TrimPrefix(invite(t, town, boss.ID, persontest.Vouneuil, "Agent Nouveau", name+"@vouneuil.example"), "/invitation/")
			var entered atomic.Int32
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					_, err := town.People.Accept(t.Context(), token, "Agent Nouveau")
					if err == nil {
						entered.Add(1)
					} else if !fault.Is(err, fault.Gone) && !fault.Is(err, fault.Conflict) {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if n := entered.Load(); n != 1 {
				t.Errorf("%d entered", n)
			}
		}
	})
}

func TestSomebodyKnownIsOnlyTold(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		boss := town.Hire("Martine Ballu", "martine@brandes.example", persontest.Brandes, access.Admin)
		town.Hire("Nadia Roux", nadia, persontest.Vouneuil, access.Agent)
		link := invite(t, town, boss.ID, persontest.Brandes, "Quelqu’un d’autre", nadia)
		letter := town.Mailbox.To(nadia)[0]
		if letter.Notice != "person.access" || link != "/agents" || letter.Fields["Name"] != "Nadia Roux" {
			t.Errorf("letter %+v", letter)
		}
		p := town.Browser(t).SignIn(town, nadia).Get("/brandes/usagers")
		if p.Status != http.StatusOK || !strings.Contains(p.Body, "Nadia Roux") {
			t.Errorf("the second desk: %d, or the name was changed", p.Status)
		}
	})
}

func TestLettersAreBounded(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		ctx := t.Context()
		boss := town.Hire("Martine Ballu", "martine@vouneuil.example", persontest.Vouneuil, access.Admin)
		invite(t, town, boss.ID, persontest.Vouneuil, "Karim Benali", karim)
		list, _, err := town.People.Staff(ctx, persontest.Vouneuil, person.StaffQuery{Text: karim})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		resend := func(territory string) error {
			return town.People.Resend(ctx, territory, list[0].ID, boss.ID, func(path string) string { return path })
		}
		for range 4 {
			if err := resend(persontest.Vouneuil); err != nil {
				t.Fatal(err)
			}
		}
		if err := resend(persontest.Vouneuil); !fault.Is(err, fault.TooMany) {
			t.Errorf("a sixth letter in a day: %v", err)
		}
		town.Clock.Advance(25 * time.Hour)
		if err := resend(persontest.Vouneuil); err != nil {
			t.Errorf("the next day: %v", err)
		}
		if err := resend(persontest.Brandes); !fault.Is(err, fault.NotFound) {
			t.Errorf("from a territory where the person is nobody: %v", err)
		}
	})
}
