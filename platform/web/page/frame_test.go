package page

import (
	"context"
	"strings"
	"testing"

	"github.com/a-h/templ"
)

func TestSiteHref(t *testing.T) {
	for _, c := range []struct {
		site       *Site
		path, want string
	}{
		{nil, "/rendez-vous", "/rendez-vous"},
		{&Site{}, "/rendez-vous", "/rendez-vous"},
		{&Site{Path: "/vouneuil"}, "/rendez-vous", "/vouneuil/rendez-vous"},
		{&Site{Path: "/vouneuil"}, "/", "/vouneuil/"},
		{&Site{Path: "/vouneuil"}, "", ""},
		{&Site{Path: "/vouneuil"}, "#suivi", "#suivi"},
		{&Site{Path: "/vouneuil"}, "tel:0536491240", "tel:0536491240"},
		{&Site{Path: "/vouneuil"}, "https://example.org/x", "https://example.org/x"},
		{&Site{Path: "/vouneuil"}, "//example.org/x", "//example.org/x"},
	} {
		if got := c.site.Href(c.path); got != c.want {
			t.Errorf("Href(%q) = %q, want %q", c.path, got, c.want)
		}
	}
}

func TestDocumentTitle(t *testing.T) {
	ctx := galleryContext(t, "fr")
	site := &Site{Name: "Vouneuil"}
	for _, c := range []struct {
		page Page
		want string
	}{
		{Page{Site: site, Title: "Rendez-vous"}, "Rendez-vous — Vouneuil"},
		{Page{Site: site, Heading: "Quel jour ?"}, "Quel jour ? — Vouneuil"},
		{Page{Site: site, Title: "Vouneuil"}, "Vouneuil"},
		{Page{Site: site, Title: "Demande", HasError: true}, "Erreur\u00a0: Demande — Vouneuil"},
		{Page{Title: "Ouvrir ma commune"}, "Ouvrir ma commune — Parvis"},
		{Page{}, "Parvis"},
	} {
		if got := c.page.documentTitle(ctx); got != c.want {
			t.Errorf("title is %q, want %q", got, c.want)
		}
	}
}

func TestResidentFrame(t *testing.T) {
	doc := document(t, render(t, galleryContext(t, "fr"), galleryPortal()))
	if got := one(t, doc.Selection, ".mainnav a[aria-current=page]").Text(); got != "Accueil" {
		t.Errorf("current entry is %q", got)
	}
	if got := doc.Find("details.menu a").Length(); got != 6 {
		t.Errorf("the folded menu has %d entries", got)
	}
	if got := one(t, doc.Selection, ".topnav a[href^='tel:']").AttrOr("href", ""); got != "tel:0536491240" {
		t.Errorf("phone leads to %q", got)
	}
	if got := text(one(t, doc.Selection, ".horaires tr.now th")); got != "Lundi (aujourd’hui)" {
		t.Errorf("today is %q", got)
	}
	for _, path := range []string{"accessibilite", "mentions-legales", "donnees-personnelles", "plan-du-site"} {
		one(t, doc.Selection, ".legal a[href='/vouneuil/"+path+"']")
	}
	if got := text(doc.Find(".legal a[href$=accessibilite]")); !strings.HasSuffix(got, "partiellement conforme") {
		t.Errorf("accessibility mention is %q", got)
	}
	one(t, doc.Selection, ".langues a[lang=en][hreflang=en]")
	one(t, doc.Selection, "link[rel=alternate][hreflang=en]")
	one(t, doc.Selection, ".bandeau a")
	if got := one(t, doc.Selection, "style").Text(); got != ":root{--territory:#B4532F}" {
		t.Errorf("colour rule is %q", got)
	}
}

func TestResidentFrameWithLittle(t *testing.T) {
	doc := document(t, render(t, galleryContext(t, "fr"), Resident(Page{
		Site: &Site{Name: "Brandes", Tracking: "-", ThemeHref: "/theme/2.css", Territory: "#123456"}, Heading: "Bonjour"})))
	for _, selector := range []string{".topnav a", ".horaires", ".mainnav", "details", "style", ".langues", ".bandeau", "nav ol"} {
		if doc.Find(selector).Length() != 0 {
			t.Errorf("%q is drawn without data", selector)
		}
	}
	one(t, doc.Selection, "link[rel=stylesheet][href='/theme/2.css']")
	one(t, doc.Selection, "h1")
}

func TestColourIsCheckedBeforeItIsWritten(t *testing.T) {
	for _, colour := range []string{"", "red", "#12345", "#1234567", "#B4532F;}body{display:none", "</style><script>"} {
		doc := document(t, render(t, galleryContext(t, "fr"), Resident(Page{Site: &Site{Territory: colour}})))
		if doc.Find("style").Length() != 0 {
			t.Errorf("%q is written in the page", colour)
		}
	}
}

func TestStaffFrame(t *testing.T) {
	doc := document(t, render(t, galleryContext(t, "fr"), galleryDesk()))
	one(t, doc.Selection, "meta[name=robots][content=noindex]")
	one(t, doc.Selection, "link[href$='staff.css']")
	rail := doc.Find(".rail > nav")
	if got := text(one(t, rail, "a[aria-current=page]")); got != "Aujourd’hui 13" {
		t.Errorf("current entry is %q", got)
	}
	if got := text(rail.Find(".n.hot").First()); got != "12 dont en retard" {
		t.Errorf("hot count is %q", got)
	}
	if got := rail.Find(".v").Length(); got != 7 {
		t.Errorf("%d verbs, want 7", got)
	}
	one(t, rail, "form[method=post][action='/deconnexion'] button")
	if got := doc.Find(".rail details nav a").Length(); got != rail.Find("a").Length() {
		t.Errorf("the phone's menu has %d entries", got)
	}
	one(t, rail, "button[data-keys-toggle][aria-pressed=true][hidden]")
	// A frame without rail is still a page.
	empty := document(t, render(t, galleryContext(t, "fr"), Staff(Page{Heading: "Bonjour"})))
	one(t, empty.Selection, "h1")
}

func TestBareFrameNeedsNothing(t *testing.T) {
	// No localizer, no assets, no nonce, no site.
	doc := document(t, render(t, context.Background(), Bare(Page{Heading: "Nous faisons des travaux."})))
	one(t, doc.Selection, "main h1")
	one(t, doc.Selection, "link[rel=stylesheet][href='/static/app.css']")
	one(t, doc.Selection, "meta[name=robots]")
	if got := doc.Find("html").AttrOr("lang", ""); got != "fr" {
		t.Errorf("lang is %q", got)
	}
}

func TestHeadExtra(t *testing.T) {
	p := Page{Site: vouneuil(), Description: "Les services <de> la commune", NoIndex: true,
		Head: templ.Raw(`<link rel="alternate" type="application/atom+xml" href="/vouneuil/flux">`)}
	doc := document(t, render(t, galleryContext(t, "en"), Resident(p)))
	one(t, doc.Selection, "link[type='application/atom+xml']")
	one(t, doc.Selection, "meta[name=robots]")
	if got := one(t, doc.Selection, "meta[name=description]").AttrOr("content", ""); got != p.Description {
		t.Errorf("description is %q", got)
	}
}

func TestVerbLine(t *testing.T) {
	for i, v := range Verbs() {
		s := fragment(t, VerbLine(v, "question 1 sur 3"))
		if got := s.Find("path").Length(); got != 7 {
			t.Fatalf("%d stones, want 7", got)
		}
		if !s.Find("path").Eq(i).HasClass("on") || s.Find("path.on").Length() != 1 {
			t.Errorf("verb %d lights another stone", v)
		}
		if !strings.HasSuffix(text(s), " · question 1 sur 3") {
			t.Errorf("line is %q", text(s))
		}
		if iconPath(v.Icon()) == "" {
			t.Errorf("verb %d has no icon", v)
		}
	}
	if got := render(t, context.Background(), VerbLine(NoVerb, "x")); got != "" {
		t.Errorf("NoVerb draws %q", got)
	}
}

func TestCrumbs(t *testing.T) {
	s := fragment(t, Crumbs([]Link{{Label: "La Vienne", Href: "/la-vienne/"}, {Label: "Rendez-vous", Href: "/la-vienne/rdv"}, {Label: "Jour"}}))
	if got := s.Find("li a").Length(); got != 2 {
		t.Errorf("%d links", got)
	}
	if got := one(t, s, "[aria-current=page]").Text(); got != "Jour" {
		t.Errorf("current is %q", got)
	}
}
