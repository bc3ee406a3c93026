package person_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"parvis/core/access"
	"parvis/core/access/team"
	"parvis/core/notify"
	"parvis/core/person"
	"parvis/core/person/persontest"
	"parvis/core/service"
	"parvis/platform/i18n"
	"parvis/platform/mail"
	"parvis/platform/phone"
	"parvis/platform/store"
	"parvis/platform/web/page"
)

func TestWords(t *testing.T) {
	if err := i18n.Check(person.Locales); err != nil {
		t.Error(err)
	}
	if err := i18n.CheckUsage(".", person.Locales, team.Locales, page.Locales, mail.Locales, phone.Locales); err != nil {
		t.Error(err)
	}
}

// declared checks that every key of a declaration is a message.
func declared(t *testing.T, cat *i18n.Catalog, s service.Service) {
	t.Helper()
	keys := []string{s.Label, s.About}
	for _, p := range s.Permissions {
		keys = append(keys, p.Label)
	}
	for _, m := range s.Menu {
		keys = append(keys, m.Label)
	}
	for _, k := range s.Kinds {
		keys = append(keys, k.Label)
	}
	for _, r := range s.Retention {
		keys = append(keys, r.Purpose, r.Basis, r.Then)
	}
	for _, n := range s.Notices {
		owner, noun, _ := strings.Cut(n.Name, ".")
		keys = append(keys, n.Label)
		if slices.Contains(n.Channels, notify.Mail) {
			keys = append(keys, owner+".notice."+noun+".subject", owner+".notice."+noun+".body")
		}
		if slices.Contains(n.Channels, notify.SMS) {
			keys = append(keys, owner+".notice."+noun+".sms")
		}
	}
	for _, key := range keys {
		if !cat.Has(key) {
			t.Errorf("%s: no message %q", s.Name, key)
		}
	}
}

func TestDeclaration(t *testing.T) {
	town := persontest.Open(t, sqlite(t), persontest.Options{})
	s := town.People.Service()
	declared(t, town.Catalog, s)
	declared(t, town.Catalog, team.New(town.Access, town.People, func() []team.Area { return nil }).Service())
	tables, err := town.DB.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if strings.HasPrefix(table.Name, "person") && !slices.ContainsFunc(s.Retention, func(r service.Retention) bool { return r.Table == table.Name }) {
			t.Errorf("table %s has no retention", table.Name)
		}
	}
	for _, r := range access.Roles() {
		for _, key := range []string{r.Label(), r.Label() + ".about"} {
			if !town.Catalog.Has(key) {
				t.Errorf("no message %s", key)
			}
		}
	}
}

// The figures of the code are the first thing of the text message, and it fits
// in one part once the adapter has replaced what the alphabet lacks.
func TestNoticesSpeak(t *testing.T) {
	town := persontest.Open(t, sqlite(t), persontest.Options{})
	for _, n := range town.People.Service().Notices {
		args := []any{"Territory", "Commune de Vouneuil", "Phone", "05\u00a036\u00a049\u00a012\u00a040"}
		for k, v := range n.Fields {
			args = append(args, k, v)
		}
		_, noun, _ := strings.Cut(n.Name, ".")
		for _, lang := range []string{"fr", "en"} {
			l := town.Catalog.Localizer(lang)
			for _, part := range []string{"subject", "body"} {
				if text := l.T("person.notice."+noun+"."+part, args...); strings.Contains(text, "⟦") || strings.Contains(text, "<no value>") {
					t.Errorf("%s %s: %s", lang, part, text)
				}
			}
			if n.Name == "person.code" {
				if text := l.T("person.notice.code.sms", args...); !strings.HasPrefix(text, "123456 ") || len([]rune(text)) > 160 {
					t.Errorf("%s: %s", lang, text)
				}
			}
		}
	}
}

func purge(t *testing.T, h store.Handle, s service.Service, table string, before time.Time, limit int) (n int64) {
	t.Helper()
	for _, r := range s.Retention {
		if r.Table == table {
			if err := h.Update(t.Context(), func(tx *store.Tx) (err error) {
				n, err = r.Purge(t.Context(), tx, before, limit)
				return err
			}); err != nil {
				t.Fatalf("%s: %v", table, err)
			}
			return n
		}
	}
	t.Fatalf("no retention for %s", table)
	return 0
}

func TestRetention(t *testing.T) {
	v := &visits{at: map[store.ID]int{}, busy: map[store.ID]bool{}}
	persontest.Each(t, persontest.Options{Sections: []person.Section{v.section()}}, func(t *testing.T, town *persontest.Town) {
		ctx, s := t.Context(), town.People.Service()
		all := town.DB.System("test")
		boss := town.Hire("Martine Ballu", "martine@vouneuil.example", persontest.Vouneuil, access.Admin)
		away := town.Hire("Éric Parti", "eric@vouneuil.example", persontest.Vouneuil, access.Agent)
		invite(t, town, boss.ID, persontest.Vouneuil, "Karim Benali", karim)
		old, _ := put(t, town, persontest.Vouneuil, draft(t, "Aline", "Aubépin", "0639981001", ""))
		twin, _ := put(t, town, persontest.Vouneuil, draft(t, "Aline", "Aubepin", "", ""))
		busy, _ := put(t, town, persontest.Vouneuil, draft(t, "Sami", "Belleroche", "0639981002", ""))
		put(t, town, persontest.Brandes, draft(t, "Inès", "Carrelet", "0639981003", ""))
		in(t, town, persontest.Vouneuil, func(tx *store.Tx) error { return town.People.Residents.Merge(ctx, tx, twin.ID, old.ID, 1) })
		v.busy[busy.ID] = true
		if _, err := challenge(t, town, persontest.Vouneuil, notify.Mail, "aline@exemple.fr", "appointment.book"); err != nil {
			t.Fatal(err)
		}
		if _, err := town.People.AskSignIn(ctx, "personne@exemple.fr"); err != nil {
			t.Fatal(err)
		}
		year := 366 * 24 * time.Hour
		for _, table := range []string{"person", "person_signin", "person_code", "person_invitation", "person_resident"} {
			if n := purge(t, all, s, table, town.Clock.Now(), 100); n != 0 && table != "person" && table != "person_resident" {
				t.Errorf("%s: %d rows of this minute", table, n)
			}
		}
		town.Clock.Advance(year)
		fresh, _ := put(t, town, persontest.Vouneuil, draft(t, "Odile", "Estragon", "0639981005", ""))
		edge := town.Clock.Now().Add(-time.Hour)
		if n := purge(t, town.DB.In(persontest.Vouneuil), s, "person_resident", edge, 100); n != 3 {
			t.Errorf("residents of one territory: %d treated, want 3", n)
		}
		if n := purge(t, all, s, "person_resident", edge, 100); n != 1 {
			t.Errorf("residents of the others: %d treated, want 1", n)
		}
		in(t, town, persontest.Vouneuil, func(tx *store.Tx) error {
			list, _, err := town.People.Residents.Search(ctx, tx, person.Query{})
			if len(list) != 2 || !slices.ContainsFunc(list, func(r person.Resident) bool { return r.ID == fresh.ID }) ||
				!slices.ContainsFunc(list, func(r person.Resident) bool { return r.ID == busy.ID }) {
				t.Errorf("left: %+v", list)
			}
			return err
		})
		for _, table := range []string{"person_signin", "person_code", "person_invitation"} {
			if n := purge(t, all, s, table, edge, 100); n != 1 {
				t.Errorf("%s: %d rows, want 1", table, n)
			}
		}
		town.Clock.Advance(2 * year)
		town.Clock.Advance(time.Hour)
		attempt, err := town.People.AskSignIn(ctx, boss.Email)
		if err != nil {
			t.Fatal(err)
		}
		town.Work()
		if _, err := town.People.SignIn(ctx, attempt, town.Mailbox.To(boss.Email)[0].Fields["Code"]); err != nil {
			t.Fatal(err)
		}
		for range 10 {
			if purge(t, all, s, "person", town.Clock.Now().Add(-3*365*24*time.Hour), 1) == 0 {
				break
			}
		}
		names, err := town.People.Names(ctx, []store.ID{boss.ID, away.ID})
		if err != nil || len(names) != 1 || names[boss.ID] != "Martine Ballu" {
			t.Errorf("left %v, %v", names, err)
		}
		if roles, err := town.Access.Roles(ctx, persontest.Vouneuil, away.ID); err != nil || len(roles) != 0 {
			t.Errorf("roles of nobody: %v, %v", roles, err)
		}
	})
}

func TestKinds(t *testing.T) {
	town := persontest.Open(t, sqlite(t), persontest.Options{})
	card, _ := put(t, town, persontest.Vouneuil, draft(t, "Aline", "Aubépin", "0639981001", ""))
	resolve := town.People.Service().Kinds[0].Resolve
	got, err := resolve(t.Context(), town.DB.In(persontest.Vouneuil), card.ID)
	if err != nil || got.Title != "Aline Aubépin" || got.Href != "/usagers/"+card.ID.String() || got.Permission != person.Read {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := resolve(t.Context(), town.DB.In(persontest.Brandes), card.ID); err == nil {
		t.Error("found from another territory")
	}
}

func TestConnectRefuses(t *testing.T) {
	town := persontest.Open(t, sqlite(t), persontest.Options{})
	p := person.New(person.Options{DB: town.DB, Access: town.Access})
	if err := p.Connect(person.Wiring{}); err == nil {
		t.Error("connected to nothing")
	}
	w := person.Wiring{Sender: town.Mailbox, Queue: town.Queue, Places: persontest.Places{}, Matrix: town.Matrix}
	ok := person.Section{Name: "visit", Label: "x", Permission: "visit.read"}
	for _, bad := range [][]person.Section{{{Name: "visit"}}, {ok, ok}} {
		w.Sections = bad
		if err := p.Connect(w); err == nil {
			t.Errorf("connected with %+v", bad)
		}
	}
	w.Sections = []person.Section{ok}
	if err := p.Connect(w); err != nil {
		t.Error(err)
	}
}
