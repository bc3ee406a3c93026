package desk_test

import (
	"net/http"
	"os"
	"testing"
	"time"

	"parvis/core/access"
	"parvis/engine/dossier"
	"parvis/platform/store/storetest"
	built "parvis/web"
)

// TestLook serves a filled desk for half an hour at the address of PARVIS_LOOK,
// to look at its pages in a browser: "127.0.0.1:8090". The header X-Staff is
// "nadia" for everybody.
func TestLook(t *testing.T) {
	where := os.Getenv("PARVIS_LOOK")
	if where == "" {
		t.Skip("PARVIS_LOOK names no address")
	}
	assets, err := built.Load()
	if err != nil {
		t.Fatal(err)
	}
	o := open(t, storetest.SQLiteDSN(t), assets)
	nadia := o.hire("nadia", "Nadia Mésange", access.Everywhere, access.Manager)
	karim := o.hire("karim", "Karim Alouette", access.Everywhere, access.Agent)
	voirie := o.team("Voirie et éclairage", nadia, karim)
	start := o.clk.Now()
	now := start.Add(-20 * 24 * time.Hour)
	o.clk.Set(now)
	for i, title := range []string{"Dépôt sauvage, chemin des Groges", "Nid-de-poule, route de Biard", "Lampadaire éteint, rue du Pont", "Banc cassé, place de la Liberté", "Arbre penché, allée des Tilleuls",
		"Panneau tordu, avenue de Paris", "Fuite d’eau, rue Haute", "Tag sur l’école élémentaire", "Trottoir affaissé, rue Basse"} {
		o.file("lamp", title, func(x *dossier.Opening) {
			x.Category = []string{"Éclairage public", "Voirie", "Propreté"}[i%3]
			switch i % 3 {
			case 0:
				x.OwnerID, x.TeamID = nadia.ID, voirie
			case 1:
				x.OwnerID = karim.ID
			}
			x.Phone = "+33639981240"
		})
		o.clk.Advance(49 * time.Hour)
	}
	o.clk.Set(start)
	x := o.file("lamp", "Lampe qui clignote, impasse du Four", func(x *dossier.Opening) { x.TeamID = voirie; x.Category = "Éclairage public" })
	o.file("visit", "Carte d’identité, mardi 24 à 9 h", nil)
	o.file("talk", "Facture de cantine contestée", func(x *dossier.Opening) { x.OwnerID = nadia.ID; x.Channel = dossier.Paper })
	b := o.as("nadia")
	b.sheet(x.ID, "avancer", "stage", "studied")
	b.sheet(x.ID, "transferer", "owner", nadia.ID.String(), "team", voirie.String(), "note", "Tu connais bien cette rue,\net tu y passes jeudi.")
	b.sheet(x.ID, "repondre", "text", "Bonjour,\n\nNous passons jeudi matin.\nBien à vous.")
	y := o.file("lamp", "Lampadaire en panne, impasse du Four", nil)
	b.sheet(y.ID, "reunir", "number", x.Number)
	b.post("/bureau/modeles-de-reponse/nouveau", "label", "Réparation prévue", "scope", "lamp", "body", "Bonjour,\n\nVotre demande {numero} est prise en charge. Réponse {date_reponse}.\n\n{agent}, {collectivite}")
	z := o.file("lamp", "Pavé descellé, parvis de l’église", nil)
	b.sheet(z.ID, "suspendre", "reason", "Nous attendons l’architecte des Bâtiments de France")
	t.Logf("sheet %s/%d", x.Number, x.ID)
	if err := os.WriteFile(os.Getenv("PARVIS_LOOK_FILE"), []byte(x.ID.String()), 0o600); err != nil {
		t.Log(err)
	}
	inner := o.srv.Config.Handler
	s := &http.Server{Addr: where, ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("X-Staff", "nadia")
		r.AddCookie(&http.Cookie{Name: "parvis_session", Value: "begun"})
		inner.ServeHTTP(w, r)
	})}
	go func() { time.Sleep(30 * time.Minute); _ = s.Close() }()
	t.Log(s.ListenAndServe())
}
