package e2e

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"parvis/app/apptest"
	"parvis/core/access"
)

// The territories of the demonstration that the tests visit.
const (
	town       = "c86194" // one town hall
	department = "d86"    // four houses: the place is asked
)

// appearance is how a page is shown.
type appearance struct {
	name  string
	width int64
	dark  bool
}

func looks() []appearance {
	return []appearance{{"1280", 1280, false}, {"390", 390, false}, {"1280-sombre", 1280, true}, {"390-sombre", 390, true}}
}

// stop is a page met on the way.
type stop struct {
	name   string
	status int
}

// six is a code as it is written in a message.
var six = regexp.MustCompile(`\b\d{6}\b`)

// readCode reads, in the mailbox of the demonstration, the last code sent to an
// address, and comes back.
func (b *tab) readCode(to string) string {
	b.t.Helper()
	here := b.path()
	b.visit("/demo/messages")
	b.fill("Retrouver vos messages", to)
	b.press("Chercher")
	b.await("code")
	code := six.FindString(b.text())
	if code == "" {
		b.fatal("no code was sent to %s", to)
	}
	b.visit(here)
	return code
}

// introduce answers who comes, and asks for the code.
func (b *tab) introduce(first, last, way, to string) {
	b.t.Helper()
	b.fill("Prénom de la personne qui vient", first)
	b.fill("Nom de la personne qui vient", last)
	b.fill(way, to)
	b.wants(b.press("Recevoir mon code"), http.StatusOK)
}

// become makes the browser the visitor that the client is.
func (b *tab) become(c *http.Client) {
	b.t.Helper()
	at, err := url.Parse(b.origin)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := chromedp.Call(b.ctx, network.ClearBrowserCookies, cdp.Empty{}); err != nil {
		b.t.Fatal(err)
	}
	if c == nil {
		return
	}
	for _, k := range c.Jar.Cookies(at) {
		if _, err := chromedp.Call(b.ctx, network.SetCookie, network.SetCookieParams{Name: k.Name, Value: k.Value, URL: b.origin, HTTPOnly: new(true)}); err != nil {
			b.t.Fatal(err)
		}
	}
}

// enter signs in with an account of the demonstration.
func (b *tab) enter(name string) {
	b.t.Helper()
	b.visit("/connexion")
	b.wants(b.press("sous le nom de "+name), http.StatusOK)
}

// tour meets every page of the main job and the sample of every other, and
// calls at on each.
func tour(b *tab, in *apptest.Instance, at func(stop)) {
	b.t.Helper()
	stopAt := func(name string, status int) { at(stop{name, status}) }
	tourResident(b, in, stopAt)
	b.become(in.SignIn(b.t, town, access.Admin))
	tourStaff(b, in, stopAt)
	tourSamples(b, in, stopAt)
}

// tourResident books, moves and cancels, with every mistake on the way.
func tourResident(b *tab, in *apptest.Instance, at func(string, int)) {
	site := in.Slug(b.t, town)
	at("404", b.visit(site+"/cette-page-n-existe-pas"))
	at("404-instance", b.visit("/cette-page-n-existe-pas"))
	at("trouver-rien", b.visit("/recherche?q=zzzz"))
	at("trouver", b.visit("/recherche?q=poitiers"))
	at("motif-erreur", b.visit(site+"/rendez-vous?suite=1"))
	at("lieu", b.visit(in.Slug(b.t, department)+"/rendez-vous?motif="+firstReason(b, in)))
	b.visit(site + "/rendez-vous")
	b.choose("Parler d'un projet de travaux")
	at("creneaux", b.press("Continuer"))
	slots := b.path()
	at("creneaux-suivants", b.press("Après"))
	at("creneaux-date-fausse", b.visit(slots+"?du=2026-02-31"))
	b.visit(slots)
	at("qui", b.press("Choisir ce créneau"))
	b.fill("Adresse électronique", "iris@nulle part")
	at("qui-erreur", b.press("Recevoir mon code"))
	b.introduce("Iris", "Lavande", "Adresse électronique", "iris.lavande@exemple.fr")
	at("code", 200)
	b.fill("Code à six chiffres", "12")
	at("code-erreur", b.press("Confirmer le rendez-vous"))
	code := b.readCode("iris.lavande@exemple.fr")
	at("code-relu", 200)
	b.fill("Code à six chiffres", code)
	at("billet", b.press("Confirmer le rendez-vous"))
	ticket := b.path()
	at("deplacer", b.press("Déplacer"))
	b.press("Après")
	at("deplace", b.leave("taking another slot", chromedp.Click(chromedp.CSS("main button.creneau:not(.un)"))))
	at("venir", b.visit(ticket+"/confirmer"))
	at("annuler", b.visit(ticket+"/annuler"))
	at("annule", b.press("Oui, annuler"))
	b.visit("/demo/messages?q=iris.lavande@exemple.fr")
	b.await("annulé")
	at("boite", 200)
	at("boite-vide", b.visit("/demo/messages?q=personne@exemple.fr"))
	at("reservation-inconnue", b.visit(site+"/rendez-vous/reservation/inconnue"))
	b.visit(site + "/suivi")
	b.fill("Numéro de la demande", "V-0000-0000")
	at("suivi-inconnu", b.leave("following an unknown number", chromedp.Click(chromedp.CSS("main form button"))))
}

// firstReason is a reason of the department that several houses offer.
func firstReason(b *tab, in *apptest.Instance) string {
	b.t.Helper()
	b.visit(in.Slug(b.t, department) + "/rendez-vous")
	return eval[string](b, `document.querySelector("input[name=motif]").value`)
}

// tourStaff goes through what the desk does with one appointment.
func tourStaff(b *tab, in *apptest.Instance, at func(string, int)) {
	site := in.Slug(b.t, town)
	at("bureau", b.visit(site+"/bureau"))
	at("agenda-semaine", b.visit(site+"/bureau/agenda?vue=semaine"))
	b.visit(site + "/bureau/rendez-vous/nouveau")
	b.pick("Motif du rendez-vous", "Retrait d'un titre")
	at("reserver-creneaux", b.press("Voir les créneaux"))
	day := eval[string](b, `document.querySelector("button[name=debut]").value.slice(0, 10)`)
	at("reserver-qui", b.press("Choisir ce créneau"))
	at("reserver-erreur", b.press("Prendre ce rendez-vous"))
	b.fill("Nom", "Capucin")
	at("fiche", b.press("Prendre ce rendez-vous"))
	sheet := b.path()
	at("agenda-jour", b.visit(site+"/bureau/agenda?jour="+day))
	at("fiche-deplacer", b.visit(sheet+"/deplacer"))
	at("fiche-annuler", b.visit(sheet+"/annuler"))
	at("fiche-annuler-erreur", b.leave("cancelling without a reason", chromedp.Click(b.element("main form button", "Annuler"))))
	b.visit(site + "/bureau/motifs")
	at("motif", b.press("Retrait d'un titre"))
	b.visit(site + "/bureau/motifs/nouveau")
	at("motif-nouveau-erreur", b.leave("keeping an empty reason", chromedp.Click(chromedp.CSS("main form .btn-primary"))))
	b.visit(site + "/bureau/plages")
	at("plage", b.leave("opening a range", chromedp.Click(chromedp.CSS(`main a[href*="/bureau/plages/"]:not([href*="nouvelle"])`))))
	b.visit(site + "/bureau/plages/nouvelle")
	at("plage-nouvelle-erreur", b.leave("keeping an empty range", chromedp.Click(chromedp.CSS("main form .btn-primary"))))
	b.visit(site + "/bureau/absences")
	at("absences-erreur", b.leave("keeping an empty absence", chromedp.Click(chromedp.CSS("main form .btn-primary"))))
	b.become(in.SignIn(b.t, town, access.Agent))
	b.visit(site + "/usagers")
	at("usager", b.leave("opening a card", chromedp.Click(chromedp.CSS(`main a[href*="/usagers/"]`))))
}

// tourSamples visits the sample of every page that is declared.
func tourSamples(b *tab, in *apptest.Instance, at func(string, int)) {
	clients := map[access.Role]*http.Client{}
	role := access.Role("")
	for _, p := range in.Pages(b.t, town) {
		if clients[p.Role] == nil {
			clients[p.Role] = in.SignIn(b.t, town, p.Role)
		}
		if role != p.Role {
			role = p.Role
			b.become(clients[role])
		}
		res, err := clients[role].Get(b.origin + p.Path)
		if err != nil {
			b.t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode == http.StatusOK && !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
			continue // a file
		}
		name := strings.Trim(strings.NewReplacer("/", "-", "?", "-", "=", "-", "&", "-").Replace(strings.TrimPrefix(p.Path, in.Slug(b.t, town))), "-")
		at(name+"-"+string(p.Role), b.visit(p.Path))
	}
}
