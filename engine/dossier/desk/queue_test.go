package desk_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"parvis/core/access"
	"parvis/engine/dossier"
	"parvis/engine/dossier/desk"
)

// A role on one service sees its requests; a private request is its owner's, its
// team's, and while it has neither for those who assign.
func TestEachSeesWhatIsTheirs(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		karim := o.hire("karim", "Karim Alouette", access.Everywhere, access.Agent)
		o.hire("lea", "Léa Pinson", "lamp", access.Agent)
		o.hire("tom", "Tom Merle", access.Everywhere, access.Desk)
		ines := o.hire("ines", "Inès Mésange", access.Everywhere, access.Desk)
		o.hire("elu", "Élu Grive", access.Everywhere, access.Elected)
		team := o.team("Médiation", ines)
		open := o.file("lamp", "Lampadaire éteint", nil)
		o.file("visit", "Passeport", nil)
		mine := o.file("talk", "Réclamation de Karim", func(x *dossier.Opening) { x.OwnerID = karim.ID })
		ours := o.file("talk", "Réclamation de la médiation", func(x *dossier.Opening) { x.TeamID = team })
		free := o.file("talk", "Réclamation sans personne", nil)
		for who, want := range map[string][]string{
			"karim": {"Lampadaire éteint", "Passeport", "Réclamation de Karim", "Réclamation sans personne"},
			"lea":   {"Lampadaire éteint"},
			"tom":   {"Lampadaire éteint", "Passeport"},
			"ines":  {"Lampadaire éteint", "Passeport", "Réclamation de la médiation"},
		} {
			b := o.as(who)
			same(t, who, b.get(desk.Path).want(t, http.StatusOK).titles(), want)
			for _, x := range []dossier.Dossier{open, mine, ours, free} {
				status := http.StatusNotFound
				if slices.Contains(want, x.Title) {
					status = http.StatusOK
				}
				b.get(desk.Path+"/"+x.ID.String()).want(t, status)
				if status == http.StatusNotFound {
					b.sheet(x.ID, "noter", "text", "x").want(t, http.StatusNotFound)
				}
			}
			if got := b.get(desk.Path + "?q=" + url.QueryEscape(mine.Number)).titles(); (len(got) == 1) != (who == "karim") {
				t.Errorf("%s finds by number %q", who, got)
			}
		}
		o.as("elu").get(desk.Path).want(t, http.StatusForbidden)
		if got := o.as("").get(desk.Path); got.status == http.StatusOK && strings.HasSuffix(got.url, desk.Path) {
			t.Error("nobody sees the queue")
		}
	})
}

func TestTabsFiltersAndSearch(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		nadia := o.hire("nadia", "Nadia Mésange", access.Everywhere, access.Agent)
		voirie := o.team("Voirie", nadia)
		late := o.file("lamp", "Vieux trou", func(x *dossier.Opening) { x.Category = "Voirie" })
		o.clk.Advance(20 * 24 * time.Hour)
		o.file("lamp", "Lampe à moi", func(x *dossier.Opening) { x.OwnerID = nadia.ID; x.Category = "Éclairage" })
		o.file("lamp", "Trou d’équipe", func(x *dossier.Opening) { x.TeamID = voirie; x.Phone = "+33639981240" })
		paused := o.file("lamp", "Attend une pièce", nil)
		gone := o.file("lamp", "Déjà réparé", nil)
		o.file("visit", "Passeport", nil)
		b := o.as("nadia")
		b.sheet(paused.ID, "suspendre", "reason", "Pièce commandée").want(t, http.StatusOK)
		b.sheet(gone.ID, "clore", "stage", "refused", "reason", "Déjà fait").want(t, http.StatusOK)
		for query, want := range map[string][]string{
			"vue=retard":    {"Vieux trou"},
			"vue=moi":       {"Lampe à moi"},
			"vue=equipe":    {"Trou d’équipe"},
			"vue=attribuer": {"Vieux trou", "Trou d’équipe", "Attend une pièce"},
			"vue=pause":     {"Attend une pièce"},
			"vue=closes":    {"Déjà réparé"},
			"":              {"Vieux trou", "Lampe à moi", "Trou d’équipe", "Attend une pièce", "Passeport"},
			"type=visit":    {"Passeport"},
			"categorie=" + url.QueryEscape("Éclairage"): {"Lampe à moi"},
			"equipe=" + voirie.String():                 {"Trou d’équipe"},
			"q=trou":                                    {"Vieux trou", "Trou d’équipe"},
			"q=TROU+equipe":                             {"Trou d’équipe"},
			"q=" + late.Number:                          {"Vieux trou"},
			"q=%2B33639981240":                          {"Trou d’équipe"},
			"q=habitant1%40exemple.fr":                  {"Vieux trou"},
			"du=" + o.clk.Now().Format(time.DateOnly):   {"Lampe à moi", "Trou d’équipe", "Attend une pièce", "Passeport"},
			"au=" + late.OpenedAt.Format(time.DateOnly): {"Vieux trou"},
			"etape=received&type=lamp&q=attend":         {"Attend une pièce"},
			"vue=rien&equipe=x&apres=y&du=hier":         {"Vieux trou", "Lampe à moi", "Trou d’équipe", "Attend une pièce", "Passeport"},
		} {
			same(t, query, b.get(desk.Path+"?"+query).want(t, http.StatusOK).titles(), want)
		}
		page := b.get(desk.Path)
		if got := page.titles(); got[0] != "Vieux trou" {
			t.Errorf("first comes %q", got[0])
		}
		if got := plain(page.Find("h1").Text()); got != "1 demande est en retard" {
			t.Errorf("the title says %q", got)
		}
		for _, tab := range []string{"En retard 1", "À moi 1", "Mon équipe 1", "À attribuer 3", "En pause 1", "Toutes 5"} {
			if !page.has(tab) {
				t.Errorf("no tab %q in %q", tab, plain(page.Find(".filtres").Text()))
			}
		}
	})
}

func TestPagesFollowEachOther(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.hire("nadia", "Nadia Mésange", access.Everywhere, access.Agent)
		var want []string
		for i := range 120 {
			title := fmt.Sprintf("Demande %03d", i)
			o.file("lamp", title, nil)
			want = append(want, title)
		}
		b, got := o.as("nadia"), []string(nil)
		next := desk.Path
		for range 5 {
			p := b.get(next)
			got = append(got, p.titles()...)
			href, ok := p.Find(".pager a").Last().Attr("href")
			if !ok {
				break
			}
			next = strings.TrimPrefix(href, "/vouneuil")
		}
		same(t, "pages", got, want)
	})
}

func TestCountsAreAskedAgain(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.hire("nadia", "Nadia Mésange", access.Everywhere, access.Agent)
		o.file("lamp", "Une", nil)
		b := o.as("nadia")
		first := b.get(desk.Path+"/compteurs").want(t, http.StatusOK)
		tag := first.header.Get("ETag")
		b.get(desk.Path+"/compteurs", "If-None-Match", tag).want(t, http.StatusNotModified)
		o.file("lamp", "Deux", nil)
		second := b.get(desk.Path+"/compteurs", "If-None-Match", tag).want(t, http.StatusOK)
		if !second.has("Toutes 2") {
			t.Errorf("counts: %q", plain(second.Text()))
		}
	})
}

func TestSavedFilters(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.hire("nadia", "Nadia Mésange", access.Everywhere, access.Agent)
		o.hire("karim", "Karim Alouette", access.Everywhere, access.Agent)
		b := o.as("nadia")
		b.post(desk.Path+"/filtres", "nom", " ", "requete", "vue=moi&type=lamp").want(t, http.StatusUnprocessableEntity)
		p := b.post(desk.Path+"/filtres", "nom", "Mes lampes", "requete", "vue=moi&type=lamp&autre=x").want(t, http.StatusOK)
		link := p.Find(".gardes a").First()
		if href, _ := link.Attr("href"); plain(link.Text()) != "Mes lampes" || !strings.HasSuffix(href, "?type=lamp&vue=moi") {
			t.Errorf("kept %q at %q", plain(link.Text()), href)
		}
		if o.as("karim").get(desk.Path + "?type=lamp").has("Mes lampes") {
			t.Error("somebody else sees the filter")
		}
		action, _ := p.Find(".gardes li form").Attr("action")
		o.as("karim").post(strings.TrimPrefix(action, "/vouneuil")).want(t, http.StatusNotFound) // of somebody else: there is no such filter
		if !b.get(desk.Path + "?type=lamp").has("Mes lampes") {
			t.Error("somebody else removed the filter")
		}
		if b.post(strings.TrimPrefix(action, "/vouneuil")); b.get(desk.Path + "?type=lamp").has("Mes lampes") {
			t.Error("the filter stays")
		}
	})
}

func TestExports(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		nadia := o.hire("nadia", "Nadia Mésange", access.Everywhere, access.Agent)
		o.file("lamp", "=HYPERLINK(1)", func(x *dossier.Opening) { x.OwnerID = nadia.ID })
		for i := range 210 {
			o.file("lamp", fmt.Sprint("Demande ", i), nil)
		}
		o.file("talk", "Privée", func(x *dossier.Opening) { x.OwnerID = 12345 })
		body := func(path string) []byte {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, o.srv.URL+"/vouneuil"+path, nil)
			o.must(err)
			req.Header.Set("X-Staff", "nadia")
			res, err := o.as("nadia").client.Do(req)
			o.must(err)
			defer res.Body.Close()
			b, err := io.ReadAll(res.Body)
			o.must(err)
			return b
		}
		r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(body(desk.Path+"/demandes.csv"), []byte("\ufeff"))))
		r.Comma = ';'
		lines, err := r.ReadAll()
		o.must(err)
		book, err := excelize.OpenReader(bytes.NewReader(body(desk.Path + "/demandes.xlsx?q=demande")))
		o.must(err)
		rows, err := book.GetRows("Demandes")
		o.must(err)
		if len(lines) != 212 || len(rows) != 211 {
			t.Errorf("%d lines of CSV, %d of XLSX", len(lines), len(rows))
		}
		if i := slices.IndexFunc(lines, func(l []string) bool { return l[3] == "'=HYPERLINK(1)" }); i < 0 || lines[i][10] != "Nadia Mésange" {
			t.Errorf("no inert line in %v", lines[:3])
		}
		for _, l := range lines {
			if strings.Contains(strings.Join(l, ";"), "exemple.fr") || l[3] == "Privée" {
				t.Errorf("exported %q", l)
			}
		}
	})
}

// Many at once: what may be done is done, the rest says why, and nothing else
// changes.
func TestBulk(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		nadia := o.hire("nadia", "Nadia Mésange", access.Everywhere, access.Agent)
		karim := o.hire("karim", "Karim Alouette", access.Everywhere, access.Agent)
		o.hire("tom", "Tom Merle", access.Everywhere, access.Desk)
		one, two := o.file("lamp", "Un", nil), o.file("lamp", "Deux", nil)
		visit := o.file("visit", "Passeport", nil)
		secret := o.file("talk", "Privée", func(x *dossier.Opening) { x.OwnerID = karim.ID })
		b := o.as("nadia")
		ids := []string{"id", one.ID.String(), "id", two.ID.String(), "id", visit.ID.String(), "id", secret.ID.String(), "id", "x"}
		with := func(fields ...string) []string { return append(slices.Clone(ids), fields...) }

		p := b.post(desk.Path+"/lot", with("geste", "prendre")...).want(t, http.StatusOK)
		if !p.has("3 demandes traitées sur 3") || o.read(one.ID).OwnerID != nadia.ID || o.read(secret.ID).OwnerID != karim.ID {
			t.Errorf("taking: %q", plain(p.Find("main").Text()))
		}
		if p := b.post(desk.Path+"/lot", with("geste", "clore")...).want(t, http.StatusOK); p.Find("select[name=stage] option").Length() != 2 {
			t.Errorf("the page in between offers %q", plain(p.Find("select").Text()))
		}
		b.post(desk.Path+"/lot", with("geste", "clore", "faire", "1", "stage", "refused")...).want(t, http.StatusUnprocessableEntity)
		if o.read(one.ID).Closed() {
			t.Error("closed without reason")
		}
		p = b.post(desk.Path+"/lot", with("geste", "clore", "faire", "1", "stage", "refused", "reason", "Hors de nos compétences")...).want(t, http.StatusOK)
		if !p.has("2 demandes traitées sur 3") || !p.has("page de son service") || !o.read(one.ID).Closed() || !o.read(two.ID).Closed() || o.read(visit.ID).Closed() || o.read(secret.ID).Closed() {
			t.Errorf("closing: %q", plain(p.Find("main").Text()))
		}
		three := o.file("lamp", "Trois", nil)
		b.post(desk.Path+"/lot", "id", three.ID.String(), "geste", "attribuer", "faire", "1", "owner", karim.ID.String()).want(t, http.StatusOK)
		if o.read(three.ID).OwnerID != karim.ID {
			t.Error("not assigned")
		}
		if p := b.post(desk.Path+"/lot", "id", three.ID.String(), "geste", "attribuer", "faire", "1", "owner", "999"); !p.has("ne travaille plus ici") {
			t.Errorf("given to a stranger: %q", plain(p.Find("main").Text()))
		}
		o.as("tom").post(desk.Path+"/lot", "id", three.ID.String(), "geste", "attribuer", "faire", "1").want(t, http.StatusForbidden)
		p = b.post(desk.Path+"/lot", "id", three.ID.String(), "id", three.ID.String(), "geste", "avancer", "faire", "1", "stage", "studied").want(t, http.StatusOK)
		if !p.has("1 demande traitée sur 1") || o.read(three.ID).Stage != "studied" {
			t.Errorf("advancing: %q", plain(p.Find("main").Text()))
		}
		if p := b.post(desk.Path+"/lot", "geste", "prendre"); !p.has("au moins une demande") {
			t.Error("nothing chosen, nothing said")
		}
	})
}
