package desk_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"parvis/core/access"
	"parvis/engine/dossier"
	"parvis/engine/dossier/desk"
	"parvis/platform/store"
)

func at(d dossier.Dossier) string { return desk.Path + "/" + d.ID.String() }

func TestAnswerFromATemplate(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.hire("nadia", "Nadia Mésange", access.Everywhere, access.Manager)
		b := o.as("nadia")
		for body, words := range map[string]string{"": "Écrivez la réponse", "Bonjour {inconnu}": "« inconnu » n’est pas connu"} {
			if p := b.post(desk.TemplatePath+"/nouveau", "label", "Réparé", "body", body).want(t, http.StatusUnprocessableEntity); !p.has(words) {
				t.Errorf("template %q: %q", body, plain(p.Find("main").Text()))
			}
		}
		b.post(desk.TemplatePath+"/nouveau", "label", "Réparé", "scope", "lamp", "body", "Bonjour, demande {numero}, {rue} : réponse {date_reponse}. {agent}").want(t, http.StatusOK)
		b.post(desk.TemplatePath+"/nouveau", "label", "Autre étape", "scope", "lamp/done", "body", "x").want(t, http.StatusOK)
		x := o.file("lamp", "Lampadaire éteint", nil)
		p := b.get(at(x)).want(t, http.StatusOK)
		if p.Find("select[name=modele] option").Length() != 2 {
			t.Errorf("offered %q", plain(p.Find("select[name=modele]").Text()))
		}
		chosen, _ := p.Find("select[name=modele] option").Last().Attr("value")
		text := b.get(at(x) + "?modele=" + chosen).Find("textarea[name=text]").First().Text()
		if !strings.HasPrefix(text, "Bonjour, demande "+x.Number+", rue du Pont : réponse ") || !strings.HasSuffix(text, "Nadia Mésange") {
			t.Errorf("filled %q", text)
		}
		if p := b.sheet(x.ID, "repondre", "text", "Bonjour {agent}").want(t, http.StatusUnprocessableEntity); !p.has("Remplacez {agent}") {
			t.Error("a placeholder leaves")
		}
		p = b.sheet(x.ID, "repondre", "text", text, "geste", "apercu").want(t, http.StatusOK)
		if p.Find(".apercu .texte").Text() != text || p.Find("textarea[name=text]").First().Text() != text {
			t.Errorf("preview %q", p.Find(".apercu").Text())
		}
		if p := b.sheet(x.ID, "repondre", "text", text).want(t, http.StatusOK); !p.has("La réponse est envoyée") || !p.has("Réponse au demandeur") {
			t.Errorf("sent: %q", plain(p.Find("main").Text()))
		}
	})
}

// Two people on one request: the second is told, and nothing they typed is lost.
func TestTheSecondIsTold(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		nadia := o.hire("nadia", "Nadia Mésange", access.Everywhere, access.Agent)
		o.hire("karim", "Karim Alouette", access.Everywhere, access.Agent)
		x := o.file("lamp", "Lampadaire éteint", nil)
		read := fmt.Sprint(x.Version)
		o.as("karim").sheet(x.ID, "avancer", "stage", "studied").want(t, http.StatusOK)
		b := o.as("nadia")
		p := b.post(at(x)+"/repondre", "version", read, "text", "Ma longue réponse").want(t, http.StatusConflict)
		if !p.has("Quelqu’un a modifié cette demande") || p.Find("textarea[name=text]").First().Text() != "Ma longue réponse" {
			t.Errorf("the answer: %q", plain(p.Find("main").Text()))
		}
		p = b.post(at(x)+"/clore", "version", read, "stage", "refused", "reason", "Mes raisons").want(t, http.StatusConflict)
		if p.Find("#close-reason").Text() != "Mes raisons" || p.Find("details[open] #close-reason").Length() != 1 {
			t.Error("the reason is lost")
		}
		// The page that came back has the version of now.
		version, _ := p.Find("#repondre input[name=version]").Attr("value")
		b.post(at(x)+"/repondre", "version", version, "text", "Ma longue réponse").want(t, http.StatusOK)
		b.post(at(x)+"/noter", "text", "Une note va toujours").want(t, http.StatusOK)
		b.post(at(x)+"/prendre", "version", "1x").want(t, http.StatusUnprocessableEntity)
		if o.read(x.ID).OwnerID == nadia.ID {
			t.Error("taken with a forged version")
		}
	})
}

func TestGestures(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		nadia := o.hire("nadia", "Nadia Mésange", access.Everywhere, access.Agent)
		karim := o.hire("karim", "Karim Alouette", access.Everywhere, access.Agent)
		team := o.team("Voirie", karim)
		x := o.file("lamp", "Lampadaire éteint", nil)
		b := o.as("nadia")
		b.sheet(x.ID, "prendre").want(t, http.StatusOK)
		if o.read(x.ID).OwnerID != nadia.ID {
			t.Error("not taken")
		}
		b.sheet(x.ID, "transferer", "owner", karim.ID.String(), "team", team.String()).want(t, http.StatusUnprocessableEntity)
		if p := b.sheet(x.ID, "transferer", "owner", karim.ID.String(), "team", team.String(), "note", "Tu connais la rue"); !p.has("Confiée à Karim Alouette, Voirie") || !p.has("Tu connais la rue") {
			t.Errorf("transferred: %q", plain(p.Find("main").Text()))
		}
		for until, status := range map[string]int{"demain": http.StatusUnprocessableEntity, "2020-01-01": http.StatusUnprocessableEntity} {
			b.sheet(x.ID, "suspendre", "reason", "Pièce", "until", until).want(t, status)
		}
		b.sheet(x.ID, "suspendre", "until", "2030-01-01").want(t, http.StatusUnprocessableEntity)
		b.sheet(x.ID, "suspendre", "reason", "Pièce", "until", o.clk.Now().AddDate(0, 0, 3).Format(time.DateOnly)).want(t, http.StatusOK)
		if !o.read(x.ID).Paused() {
			t.Error("not paused")
		}
		o.clk.Advance(4 * 24 * time.Hour)
		o.must(o.engine.Watch(t.Context()))
		if o.read(x.ID).Paused() {
			t.Error("the pause does not end by itself")
		}
		due := o.clk.Now().AddDate(0, 1, 0)
		if p := b.sheet(x.ID, "echeance", "due", due.Format(time.DateOnly), "reason", "Promis au téléphone").want(t, http.StatusOK); !p.has("au lieu de") || !p.has("Promis au téléphone") {
			t.Errorf("due: %q", plain(p.Find("main").Text()))
		}
		b.sheet(x.ID, "echeance", "due", "1999-01-01").want(t, http.StatusUnprocessableEntity)
		other := o.file("lamp", "Lampe rue du Pont", nil)
		b.sheet(x.ID, "reunir", "number", "V-2020-1").want(t, http.StatusUnprocessableEntity)
		b.sheet(x.ID, "reunir", "number", x.Number).want(t, http.StatusConflict)
		if p := b.sheet(x.ID, "reunir", "number", strings.ToLower(other.Number)).want(t, http.StatusOK); !p.has("Cette demande est réunie avec") || o.read(x.ID).MergedInto != other.ID {
			t.Errorf("merged: %q", plain(p.Find("main").Text()))
		}
		if p := b.get(at(other)); !p.has("1 demande réunie avec celle-ci") || !p.has("1 personne") {
			t.Errorf("the kept one: %q", plain(p.Find("main").Text()))
		}
		b.sheet(x.ID, "separer").want(t, http.StatusOK)
		b.sheet(x.ID, "avancer", "stage", "done").want(t, http.StatusUnprocessableEntity)
		b.sheet(x.ID, "avancer", "stage", "studied").want(t, http.StatusOK)
		b.sheet(x.ID, "clore", "stage", "done").want(t, http.StatusUnprocessableEntity)
		b.sheet(x.ID, "clore", "stage", "done", "reason", "Ampoule changée").want(t, http.StatusOK)
		b.sheet(x.ID, "clore", "stage", "refused", "reason", "x").want(t, http.StatusUnprocessableEntity)
		b.sheet(x.ID, "rouvrir", "reason", "Elle clignote").want(t, http.StatusOK)
		if d := o.read(x.ID); d.Closed() || d.Reopened != 1 {
			t.Errorf("reopened: %+v", d)
		}
		visit := o.file("visit", "Passeport", nil)
		b.sheet(visit.ID, "avancer", "stage", "studied").want(t, http.StatusConflict)
		b.get(at(visit)).want(t, http.StatusOK)
	})
}

func TestAttachments(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.hire("nadia", "Nadia Mésange", access.Everywhere, access.Agent)
		o.hire("lea", "Léa Pinson", "visit", access.Agent)
		x := o.file("lamp", "Lampadaire éteint", nil)
		send := func(who, name string, content []byte) screen {
			var body bytes.Buffer
			w := multipart.NewWriter(&body)
			part, err := w.CreateFormFile("file", name)
			o.must(err)
			_, err = part.Write(content)
			o.must(err)
			o.must(w.WriteField("public", "1"))
			o.must(w.Close())
			b := o.as(who)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, o.srv.URL+"/vouneuil"+at(x)+"/joindre", &body)
			o.must(err)
			req.Header.Set("Content-Type", w.FormDataContentType())
			req.Header.Set("X-Staff", who)
			res, err := b.client.Do(req)
			o.must(err)
			defer res.Body.Close()
			return screen{t: t, status: res.StatusCode}
		}
		if s := send("nadia", `..\..\plan <1>.pdf`, []byte("%PDF-1.7 plan")); s.status != http.StatusOK {
			t.Errorf("attached: %d", s.status)
		}
		if s := send("nadia", "vide.txt", nil); s.status != http.StatusUnprocessableEntity {
			t.Errorf("an empty file: %d", s.status)
		}
		if s := send("lea", "x.txt", []byte("x")); s.status != http.StatusNotFound {
			t.Errorf("a file of somebody who does not see it: %d", s.status)
		}
		var files []dossier.File
		o.must(o.h.View(t.Context(), func(tx *store.Tx) (err error) {
			files, err = o.engine.Files(t.Context(), tx, x.ID, true)
			return err
		}))
		if len(files) != 1 || files[0].Name != "plan <1>.pdf" || files[0].Size != 13 {
			t.Fatalf("kept %+v", files)
		}
		one := at(x) + "/fichiers/" + files[0].ID.String()
		got := o.as("nadia").get(one).want(t, http.StatusOK)
		if got.header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment") || got.Text() != "%PDF-1.7 plan" {
			t.Errorf("downloaded %v %q", got.header, got.Text())
		}
		o.as("lea").get(one).want(t, http.StatusNotFound)
	})
}
