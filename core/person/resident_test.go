package person_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"parvis/core/access"
	"parvis/core/person"
	"parvis/core/person/persontest"
	"parvis/core/service"
	"parvis/platform/fault"
	"parvis/platform/store"
)

func draft(t *testing.T, first, last, phone, email string) person.Resident {
	t.Helper()
	r, err := person.Draft{FirstName: first, LastName: last, Phone: phone, Email: email}.Read("FR")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func in(t *testing.T, town *persontest.Town, territory string, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := town.DB.In(territory).Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, town *persontest.Town, territory string, r person.Resident) (kept person.Resident, created bool) {
	t.Helper()
	in(t, town, territory, func(tx *store.Tx) (err error) {
		kept, created, err = town.People.Residents.FindOrCreate(t.Context(), tx, r)
		return err
	})
	return kept, created
}

func TestFindOrCreate(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		elodie, created := put(t, town, persontest.Vouneuil, draft(t, "Élodie", "Grandpré", "06 39 98 10 07", "famille@exemple.fr"))
		if !created {
			t.Fatal("found in an empty town")
		}
		for name, c := range map[string]struct {
			card person.Resident
			same bool
		}{
			"same telephone":                {draft(t, "Elodie", "GRANDPRE", "+33639981007", ""), true},
			"same mailbox":                  {draft(t, "élodie", "grandpré", "", "Famille@Exemple.fr"), true},
			"names in the other order":      {draft(t, "Grandpré", "Élodie", "0639981007", ""), true},
			"her son, same telephone":       {draft(t, "Noé", "Grandpré", "06 39 98 10 07", "famille@exemple.fr"), false},
			"somebody of the same name":     {draft(t, "Élodie", "Grandpré", "06 39 98 77 77", "autre@exemple.fr"), false},
			"the name alone is not enough":  {draft(t, "Élodie", "Grandpré", "", ""), false},
			"a name that begins the same":   {draft(t, "Élodie", "Grandprés", "06 39 98 10 07", ""), false},
			"nobody's empty mailbox equals": {draft(t, "Sans", "Contact", "", ""), false},
		} {
			kept, created := put(t, town, persontest.Vouneuil, c.card)
			if (kept.ID == elodie.ID) != c.same || created == c.same {
				t.Errorf("%s: card %s, created %v", name, kept.Name(), created)
			}
		}
		if _, created := put(t, town, persontest.Brandes, draft(t, "Élodie", "Grandpré", "06 39 98 10 07", "")); !created {
			t.Error("found in the neighbour's cards")
		}
		if _, created := put(t, town, persontest.Vouneuil, draft(t, "Sans", "Contact", "", "")); !created {
			t.Error("two persons without contact of the same name are one")
		}
	})
}

func TestACardIsCompletedNeverReplaced(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		put(t, town, persontest.Vouneuil, draft(t, "Aline", "Aubépin", "06 39 98 10 01", ""))
		town.Clock.Advance(time.Hour)
		kept, _ := put(t, town, persontest.Vouneuil, draft(t, "Aline", "Aubépin", "06 39 98 10 01", "aline@exemple.fr"))
		if kept.Email != "aline@exemple.fr" || !kept.LastUsedAt.Equal(town.Clock.Now()) {
			t.Errorf("not completed: %+v", kept)
		}
		kept, created := put(t, town, persontest.Vouneuil, draft(t, "Aline", "Aubépin", "06 39 98 99 99", "aline@exemple.fr"))
		if created || kept.Phone.E164() != "+33639981001" {
			t.Errorf("the telephone was replaced: %+v", kept)
		}
	})
}

func TestDraftRefuses(t *testing.T) {
	for field, d := range map[string]person.Draft{
		"firstName": {FirstName: "", LastName: "Aubépin"}, "lastName": {FirstName: "Aline", LastName: "Aub3pin"},
		"phone": {FirstName: "Aline", LastName: "Aubépin", Phone: "06 39 98"}, "email": {FirstName: "Aline", LastName: "Aubépin", Email: "aline@"},
		"title": {FirstName: "Aline", LastName: "Aubépin", Title: "mlle"}, "lang": {FirstName: "Aline", LastName: "Aubépin", Lang: "de"},
		"notes": {FirstName: "Aline", LastName: "Aubépin", Notes: strings.Repeat("é", 1001)},
	} {
		_, err := d.Read("FR")
		if f := fault.Of(err); f == nil || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Name != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	r, err := person.Draft{FirstName: "  Jean-Baptiste ", LastName: "L'Églantier", Phone: "0696 12 34 56", Notes: "a\r\nb\x00\xff c", Lang: "en", Title: "m"}.Read("MQ")
	if err != nil || r.LastName != "L’Églantier" || r.Phone.E164() != "+596696123456" || r.Notes != "a\nb c" || r.Lang != "en" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestSearch(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		for _, x := range [][4]string{
			{"Alice", "Martin", "0639981001", "alice@exemple.fr"}, {"Ali", "Martinez", "0639981002", ""}, {"Zoé", "Mart", "", "zoe_m@exemple.fr"},
			{"Martin", "Dubreuil", "0536491240", ""}, {"Jean-Baptiste", "L’Églantier", "", ""}, {"Анна", "Москва", "", ""}, {"Anna", "Ma Rtin", "", ""},
		} {
			put(t, town, persontest.Vouneuil, draft(t, x[0], x[1], x[2], x[3]))
		}
		put(t, town, persontest.Brandes, draft(t, "Alice", "Martinet", "0639981001", "alice@exemple.fr"))
		for text, want := range map[string][]string{
			"mart":            {"Martin Dubreuil", "Zoé Mart", "Alice Martin", "Ali Martinez"},
			"MART ali":        {"Alice Martin", "Ali Martinez"},
			"alice mart":      {"Alice Martin"},
			"eglantier":       nil, // the beginning is « l’ »
			"l'egl":           {"Jean-Baptiste L’Églantier"},
			"jean bapt":       {"Jean-Baptiste L’Églantier"},
			"06 39 98 10 01":  {"Alice Martin"},
			"+33639981002":    {"Ali Martinez"},
			"0639 98":         {"Alice Martin", "Ali Martinez"},
			"05.36":           {"Martin Dubreuil"},
			"alice@":          {"Alice Martin"},
			"ZOE_M@exemple":   {"Zoé Mart"},
			"zoe%@":           nil,
			"моск":            {"Анна Москва"},
			"%":               nil,
			"mart%":           {"Martin Dubreuil", "Zoé Mart", "Alice Martin", "Ali Martinez"},
			"m_rt":            {"Anna Ma Rtin"}, // signs separate words, as spaces do
			"personne":        nil,
			"mart\x00 \xffal": {"Alice Martin", "Ali Martinez"},
		} {
			var got []string
			in(t, town, persontest.Vouneuil, func(tx *store.Tx) error {
				list, more, err := town.People.Residents.Search(t.Context(), tx, person.Query{Text: text, Region: "FR"})
				for _, r := range list {
					got = append(got, r.Name())
				}
				if more {
					t.Errorf("%q: more than one page", text)
				}
				return err
			})
			if !slices.Equal(got, want) {
				t.Errorf("%q finds %q, want %q", text, got, want)
			}
		}
	})
}

func TestSearchPages(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		for i := range 25 {
			put(t, town, persontest.Vouneuil, draft(t, "Aline "+string(rune('A'+i)), "Aubépin", "", ""))
			town.Clock.Advance(time.Minute)
		}
		for _, text := range []string{"", "aub"} {
			seen := map[store.ID]bool{}
			var after store.ID
			pages := 0
			for more := true; more; pages++ {
				var list []person.Resident
				in(t, town, persontest.Vouneuil, func(tx *store.Tx) (err error) {
					list, more, err = town.People.Residents.Search(t.Context(), tx, person.Query{Text: text, After: after, Limit: 10})
					return err
				})
				for _, r := range list {
					seen[r.ID] = true
					after = r.ID
				}
			}
			if len(seen) != 25 || pages != 3 {
				t.Errorf("%q: %d cards in %d pages", text, len(seen), pages)
			}
		}
	})
}

// visits is a service that keeps something about residents.
type visits struct {
	at    map[store.ID]int
	busy  map[store.ID]bool
	erase []store.ID
}

func (v *visits) section() person.Section {
	return person.Section{Name: "visit", Label: "person.sheet.contact", Permission: "appointment.read",
		Show: func(_ context.Context, _ store.Handle, id store.ID) (templ.Component, error) {
			if v.at[id] == 0 {
				return nil, nil
			}
			return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
				_, err := io.WriteString(w, `<p class="visites">venue</p>`)
				return err
			}), nil
		},
		Export: func(_ context.Context, _ *store.Tx, id store.ID) (any, error) {
			return map[string]int{"visits": v.at[id]}, nil
		},
		Merge: func(_ context.Context, _ *store.Tx, from, into store.ID) error {
			v.at[into] += v.at[from]
			delete(v.at, from)
			return nil
		},
		Needs: func(_ context.Context, _ *store.Tx, id store.ID) error {
			if v.busy[id] {
				return fault.New(fault.Conflict, "person.error.joined")
			}
			return nil
		},
		Erase: func(_ context.Context, _ *store.Tx, id store.ID) error {
			v.erase = append(v.erase, id)
			delete(v.at, id)
			return nil
		},
	}
}

func TestMerge(t *testing.T) {
	v := &visits{at: map[store.ID]int{}}
	persontest.Each(t, persontest.Options{Sections: []person.Section{v.section()}}, func(t *testing.T, town *persontest.Town) {
		ctx, r := t.Context(), town.People.Residents
		a, _ := put(t, town, persontest.Vouneuil, draft(t, "Aline", "Aubépin", "06 39 98 10 01", ""))
		b, _ := put(t, town, persontest.Vouneuil, draft(t, "Aline", "Aubepin", "", "aline@exemple.fr"))
		c, _ := put(t, town, persontest.Vouneuil, draft(t, "Alyne", "Aubépin", "", ""))
		v.at[a.ID], v.at[b.ID] = 1, 2
		in(t, town, persontest.Vouneuil, func(tx *store.Tx) error { return r.Merge(ctx, tx, b.ID, a.ID, 7) })
		if v.at[a.ID] != 3 {
			t.Errorf("visits %v", v.at)
		}
		in(t, town, persontest.Vouneuil, func(tx *store.Tx) error { return r.Merge(ctx, tx, a.ID, c.ID, 7) })
		in(t, town, persontest.Vouneuil, func(tx *store.Tx) error {
			for _, id := range []store.ID{a.ID, b.ID, c.ID} {
				got, err := r.Get(ctx, tx, id)
				if err != nil || got.ID != c.ID || got.Phone.E164() != "+33639981001" || got.Email != "aline@exemple.fr" {
					t.Errorf("%s leads to %+v, %v", id, got, err)
				}
			}
			var left int
			if err := tx.Get(ctx, &left, `SELECT COUNT(*) FROM person_resident WHERE territory_id = @territory AND merged_into <> 0
				AND (first_name <> '' OR last_name <> '' OR name_fold <> '' OR given_fold <> '' OR phone <> '' OR email <> '' OR notes <> '')`); err != nil || left != 0 {
				t.Errorf("%d signposts still name somebody, %v", left, err)
			}
			return nil
		})
		for name, pair := range map[string][2]store.ID{"itself": {c.ID, c.ID}, "a signpost": {a.ID, c.ID}, "into a signpost": {c.ID, a.ID}, "nobody": {99, c.ID}} {
			err := town.DB.In(persontest.Vouneuil).Update(ctx, func(tx *store.Tx) error { return r.Merge(ctx, tx, pair[0], pair[1], 7) })
			if k := fault.Of(err); k == nil || k.Kind != fault.NotFound && k.Kind != fault.Invalid {
				t.Errorf("merging %s: %v", name, err)
			}
		}
		d, _ := put(t, town, persontest.Brandes, draft(t, "Aline", "Aubépin", "", ""))
		if err := town.DB.In(persontest.Vouneuil).Update(ctx, func(tx *store.Tx) error { return r.Merge(ctx, tx, d.ID, c.ID, 7) }); !fault.Is(err, fault.NotFound) {
			t.Errorf("a card of the neighbour: %v", err)
		}
	})
}

func TestExportAndErase(t *testing.T) {
	v := &visits{at: map[store.ID]int{}, busy: map[store.ID]bool{}}
	persontest.Each(t, persontest.Options{Sections: []person.Section{v.section()}}, func(t *testing.T, town *persontest.Town) {
		ctx, r := t.Context(), town.People.Residents
		a, _ := put(t, town, persontest.Vouneuil, draft(t, "Aline", "Aubépin", "06 39 98 10 01", "aline@exemple.fr"))
		old, _ := put(t, town, persontest.Vouneuil, draft(t, "Alyne", "Aubépin", "", ""))
		in(t, town, persontest.Vouneuil, func(tx *store.Tx) error { return r.Merge(ctx, tx, old.ID, a.ID, 7) })
		if _, err := challenge(t, town, persontest.Vouneuil, "sms", "0639981001", "appointment.book"); err != nil {
			t.Fatal(err)
		}
		v.at[a.ID] = 4
		in(t, town, persontest.Vouneuil, func(tx *store.Tx) error {
			got, err := r.Export(ctx, tx, a.ID, 7)
			if err != nil {
				return err
			}
			raw, err := json.Marshal(got)
			for _, want := range []string{`"firstName":"Aline"`, `"phone":"+33639981001"`, `"visit":{"visits":4}`, `"territory":"` + persontest.Vouneuil} {
				if !strings.Contains(string(raw), want) {
					t.Errorf("the copy lacks %s: %s", want, raw)
				}
			}
			return err
		})
		v.busy[a.ID] = true
		erase := func() error {
			return town.DB.In(persontest.Vouneuil).Update(ctx, func(tx *store.Tx) error { return r.Erase(ctx, tx, a.ID, 7) })
		}
		if err := erase(); !fault.Is(err, fault.Conflict) || len(v.erase) != 0 {
			t.Errorf("with something under way: %v, erased %v", err, v.erase)
		}
		v.busy[a.ID] = false
		if err := erase(); err != nil || !slices.Equal(v.erase, []store.ID{a.ID}) {
			t.Fatalf("erasing: %v, %v", err, v.erase)
		}
		v.erase = nil
		in(t, town, persontest.Vouneuil, func(tx *store.Tx) error {
			for _, id := range []store.ID{a.ID, old.ID} {
				if _, err := r.Get(ctx, tx, id); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("%s is still there: %v", id, err)
				}
			}
			var n, events, named int
			if err := tx.Get(ctx, &n, `SELECT COUNT(*) FROM person_code WHERE territory_id = @territory`); err != nil || n != 0 {
				t.Errorf("%d codes left, %v", n, err)
			}
			if err := tx.Get(ctx, &events, `SELECT COUNT(*) FROM event WHERE territory_id = @territory AND kind IN ('person.merged', 'person.exported', 'person.erased')`); err != nil || events != 3 {
				t.Errorf("%d events, %v", events, err)
			}
			err := tx.Get(ctx, &named, `SELECT COUNT(*) FROM event WHERE territory_id = @territory AND (CAST(data AS TEXT) LIKE '%ubép%' OR CAST(data AS TEXT) LIKE '%exemple.fr%')`)
			if named != 0 {
				t.Error("an event names somebody")
			}
			return err
		})
	})
}

func TestResidentPages(t *testing.T) {
	v := &visits{at: map[store.ID]int{}, busy: map[store.ID]bool{}}
	persontest.Each(t, persontest.Options{Sections: []person.Section{v.section()}}, func(t *testing.T, town *persontest.Town) {
		town.Hire("Nadia Roux", nadia, persontest.Vouneuil, access.Manager)
		town.Hire("Karim Benali", karim, persontest.Vouneuil, access.Agent)
		b, agent := town.Browser(t).SignIn(town, nadia), town.Browser(t).SignIn(town, karim)
		if p := b.Get("/vouneuil/usagers"); p.Doc.Find(".vide").Length() != 1 {
			t.Error("an empty list without words")
		}
		b.Get("/vouneuil/usagers/nouveau")
		p := b.Post("/vouneuil/usagers", "firstName", "Aline", "lastName", "", "phone", "06 39", "email", "aline@", "notes", "Préfère le matin.", "title", "mme")
		errs := p.Errors()
		if p.Status != http.StatusUnprocessableEntity || len(errs) != 3 || errs["lastName"] == "" || errs["phone"] == "" || errs["email"] == "" {
			t.Errorf("a card with mistakes: %d %v", p.Status, errs)
		}
		if got := p.Doc.Find("#phone").AttrOr("value", "") + p.Doc.Find("#notes").Text() + p.Doc.Find("#title option[selected]").AttrOr("value", ""); got != "06 39Préfère le matin.mme" {
			t.Errorf("what was typed came back as %q", got)
		}
		p = b.Post("/vouneuil/usagers", "firstName", "Aline", "lastName", "Aubépin", "phone", "06 39 98 10 01", "title", "mme", "lang", "fr", "notes", "Préfère le matin.")
		sheet := p.Location
		if p.Status != http.StatusSeeOther || !strings.HasPrefix(sheet, "/vouneuil/usagers/") {
			t.Fatalf("saving: %d %s", p.Status, p.Location)
		}
		p = b.Get(sheet)
		if p.Title() != "Aline Aubépin" || p.Doc.Find("[role=status]").Length() != 1 || !strings.Contains(p.Body, "06\u00a039\u00a098\u00a010\u00a001") || !strings.Contains(p.Body, "Préfère le matin.") {
			t.Errorf("the sheet: %d %s", p.Status, p.Title())
		}
		if p := b.Post("/vouneuil/usagers", "firstName", "aline", "lastName", "aubepin", "phone", "0639981001"); p.Location != sheet {
			t.Errorf("the same person again: %s", p.Location)
		}
		if p := b.Get(sheet); !strings.Contains(p.Body, "avait déjà une fiche") {
			t.Error("nobody says that the card existed")
		}
		id, err := store.ParseID(sheet[strings.LastIndexByte(sheet, '/')+1:])
		if err != nil {
			t.Fatal(err)
		}
		v.at[id] = 1
		if n := b.Get(sheet).Doc.Find(".visites").Length(); n != 0 {
			t.Error("a section shown to who may not see it")
		}
		if n := agent.Get(sheet).Doc.Find(".visites").Length(); n != 1 {
			t.Error("a section not shown to who may see it")
		}
		if p := agent.Get(sheet); p.Doc.Find(`form[action$="/donnees"]`).Length() != 0 {
			t.Error("an agent is offered what only a manager may do")
		}
		for _, path := range []string{sheet + "/effacer", sheet + "/donnees"} {
			if p := agent.Post(path, "confirm", "1"); p.Status != http.StatusForbidden {
				t.Errorf("an agent on %s: %d", path, p.Status)
			}
		}
		if p := b.Post(sheet, "firstName", "Aline", "lastName", "Aub3pin"); p.Status != http.StatusUnprocessableEntity || p.Errors()["lastName"] == "" {
			t.Errorf("changing with a mistake: %d %v", p.Status, p.Errors())
		}
		b.Get(sheet + "/modifier")
		if p := b.Post(sheet, "firstName", "Aline", "lastName", "Aubépin-Roux", "phone", "", "email", "aline@exemple.fr", "lang", "en"); p.Location != sheet {
			t.Errorf("changing: %d", p.Status)
		}
		if p := b.Get(sheet); p.Title() != "Aline Aubépin-Roux" || !strings.Contains(p.Body, "aline@exemple.fr") {
			t.Errorf("after the change: %s", p.Title())
		}
		for _, path := range []string{"/vouneuil/usagers?q=aub", "/vouneuil/usagers", "/vouneuil/usagers?q=aline%40exemple.fr"} {
			if n := b.Get(path).Doc.Find("tbody tr").Length(); n != 1 {
				t.Errorf("%s: %d lines", path, n)
			}
		}
		if p := b.Get("/vouneuil/usagers?q=%3Cscript%3E"); p.Status != http.StatusOK || strings.Contains(p.Body, "<script>") {
			t.Error("what was looked for is not escaped")
		}
		p = b.Post(sheet + "/donnees")
		if p.Status != http.StatusOK || !strings.HasPrefix(p.Header.Get("Content-Disposition"), "attachment") || !json.Valid([]byte(p.Body)) {
			t.Errorf("the copy: %d %s", p.Status, p.Header)
		}

		twin, _ := put(t, town, persontest.Vouneuil, draft(t, "Aline", "Aubépin-Roux", "", ""))
		if p := b.Get(sheet); p.Doc.Find(`.alert a[href$="/fusionner"]`).Length() != 1 {
			t.Error("the twin is not pointed out")
		}
		if p := b.Get(sheet + "/fusionner"); p.Doc.Find("input[name=from]").Length() != 1 {
			t.Error("the twin is not offered")
		}
		if p := b.Get(sheet + "/fusionner?q=personne"); p.Doc.Find(".vide").Length() != 1 {
			t.Error("a search without result")
		}
		if p := b.Post(sheet + "/fusionner"); p.Status != http.StatusUnprocessableEntity || p.Errors()["from"] == "" {
			t.Errorf("merging with nothing chosen: %d %v", p.Status, p.Errors())
		}
		if p := b.Post(sheet+"/fusionner", "from", twin.ID.String()); p.Location != sheet {
			t.Errorf("merging: %d", p.Status)
		}
		if p := b.Get("/vouneuil/usagers/" + twin.ID.String()); p.Location != sheet {
			t.Errorf("the signpost: %d %s", p.Status, p.Location)
		}

		b.Get(sheet + "/effacer")
		if p := b.Post(sheet + "/effacer"); p.Status != http.StatusUnprocessableEntity || p.Errors()["confirm"] == "" {
			t.Errorf("erasing without confirming: %d %v", p.Status, p.Errors())
		}
		v.busy[id] = true
		if p := b.Post(sheet+"/effacer", "confirm", "1"); p.Status != http.StatusConflict || len(p.Errors()) != 1 {
			t.Errorf("erasing while something is under way: %d %v", p.Status, p.Errors())
		}
		v.busy[id] = false
		if p := b.Post(sheet+"/effacer", "confirm", "1"); p.Location != "/vouneuil/usagers" {
			t.Errorf("erasing: %d", p.Status)
		}
		for _, path := range []string{sheet, sheet + "/modifier", sheet + "/fusionner", sheet + "/effacer", "/vouneuil/usagers/x", "/vouneuil/usagers/0"} {
			if p := b.Get(path); p.Status != http.StatusNotFound {
				t.Errorf("%s after erasing: %d", path, p.Status)
			}
		}
		b.Lang = "en"
		if p := b.Get("/vouneuil/usagers"); p.Title() != "Who are you looking for?" {
			t.Errorf("in English: %q", p.Title())
		}
	})
}

func TestDemoResidents(t *testing.T) {
	persontest.Each(t, persontest.Options{}, func(t *testing.T, town *persontest.Town) {
		d := service.Demo{Handle: town.DB.In(persontest.Vouneuil), Territory: persontest.Vouneuil, Now: town.Clock.Now()}
		for range 2 {
			if err := town.People.Service().Demo(t.Context(), d); err != nil {
				t.Fatal(err)
			}
		}
		town.Hire("Nadia Roux", nadia, persontest.Vouneuil, access.Manager, access.Admin)
		b := town.Browser(t).SignIn(town, nadia)
		if n := b.Get("/vouneuil/usagers").Doc.Find("tbody tr").Length(); n != 12 {
			t.Errorf("%d residents", n)
		}
		for _, r := range town.People.Service().Routes {
			if strings.HasPrefix(r.Sample, "/") {
				if p := b.Get("/vouneuil" + r.Sample); p.Status != http.StatusOK {
					t.Errorf("sample %s: %d", r.Sample, p.Status)
				}
			}
		}
	})
}
