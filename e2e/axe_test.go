package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"parvis/app/apptest"
	"parvis/platform/clock"
	"parvis/platform/store/storetest"
)

// axe is the checker of Deque; RGAAv4 holds its rules for the French
// standard, the others those of WCAG 2.1 A and AA.
const axe = "../web/node_modules/axe-core/axe.min.js"

// statuses are the ones a stop of the tour may have, by default 200.
var statuses = map[string]int{
	"404": 404, "404-instance": 404, "motif-erreur": 422, "creneaux-date-fausse": 200, "qui-erreur": 422, "code-erreur": 422,
	"reservation-inconnue": 410, "suivi-inconnu": 422, "reserver-erreur": 422, "fiche-annuler-erreur": 422, "motif-nouveau-erreur": 422,
	"plage-nouvelle-erreur": 422, "absences-erreur": 422, "503": 503,
}

// finding is what one look at one page gives.
type finding struct {
	Violations []struct {
		ID, Help string
		Nodes    []struct {
			Target  []any
			Summary string
		}
	}
	H1    int
	Lang  string
	Title string
	Wider int // pixels that the page is wider than the window
	Who   string
}

// inspect runs axe and measures the page, in one evaluation.
const inspect = `(async () => {
	const of = {runOnly: {type: "tag", values: ["RGAAv4", "wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}, resultTypes: ["violations"], preload: false};
	const r = %t ? await axe.run(document, of) : {violations: []};
	const e = document.documentElement, wide = e.scrollWidth - e.clientWidth;
	const who = wide <= 0 ? "" : [...document.querySelectorAll("body *")].filter(x => x.getBoundingClientRect().right > e.clientWidth + 1).slice(0, 3).map(x => x.tagName.toLowerCase() + "." + x.className).join(" ");
	return JSON.stringify({
		violations: r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.slice(0, 4).map(n => ({target: n.target, summary: n.failureSummary}))})),
		h1: document.querySelectorAll("h1").length, lang: e.lang, title: document.title, wider: wide, who: who});
})()`

// TestEveryPageIsAccessible looks at every page, wide and on a phone, light and
// dark, with axe; then at 320 px, which is 1280 px at 400 % (WCAG 1.4.10).
func TestEveryPageIsAccessible(t *testing.T) {
	source, err := os.ReadFile(axe)
	if err != nil {
		t.Fatalf("axe-core is missing, run « make assets » (npm ci in web/): %v", err)
	}
	in := apptest.Start(t, storetest.SQLiteDSN(t), clock.System{}, true)
	b := open(t, in.URL)
	visited := 0
	check := func(b *tab, s stop) {
		visited++
		for _, p := range b.inspect(string(source), s) {
			t.Errorf("%s: %s", s.name, p)
		}
	}
	tour(b, in, func(s stop) { check(b, s) })
	unavailable(t, check)
	if visited < 60 {
		t.Errorf("only %d pages were visited", visited)
	}
	t.Logf("%d pages", visited)
}

// inspect returns what is wrong with the page that is shown.
func (b *tab) inspect(source string, s stop) (wrong []string) {
	b.t.Helper()
	if want := statuses[s.name]; s.status != want && (want != 0 || s.status != http.StatusOK) {
		wrong = append(wrong, fmt.Sprintf("status %d", s.status))
	}
	eval[bool](b, source+`; for (const d of document.querySelectorAll("main details")) d.open = true; true`)
	for _, l := range append(looks()[:3], appearance{"320", 320, false}) {
		b.look(l.width, l.dark)
		var f finding
		if err := json.Unmarshal([]byte(eval[string](b, fmt.Sprintf(inspect, l.width != 320))), &f); err != nil {
			b.t.Fatal(err)
		}
		for _, v := range f.Violations {
			for _, n := range v.Nodes {
				wrong = append(wrong, fmt.Sprintf("%s: %s at %v (%s): %s", l.name, v.ID, n.Target, v.Help, strings.ReplaceAll(n.Summary, "\n", " ")))
			}
		}
		if f.Wider > 0 {
			wrong = append(wrong, fmt.Sprintf("%s: %d px too wide: %s", l.name, f.Wider, f.Who))
		}
		if f.H1 != 1 {
			wrong = append(wrong, fmt.Sprintf("%s: %d h1", l.name, f.H1))
		}
		if f.Lang != "fr" || f.Title == "" {
			wrong = append(wrong, fmt.Sprintf("%s: lang %q, title %q", l.name, f.Lang, f.Title))
		}
	}
	b.look(1280, false)
	wrong = append(wrong, b.heard()...)
	slices.Sort(wrong)
	return slices.Compact(wrong)
}

// unavailable fills the disk, and shows the page that says so: the database may
// not grow, and somebody takes starts until one no longer fits.
func unavailable(t *testing.T, at func(*tab, stop)) {
	t.Helper()
	in := apptest.Start(t, storetest.SQLiteDSN(t), clock.System{}, false)
	b := open(t, in.URL)
	b.visit(in.Slug(t, town) + "/rendez-vous")
	b.choose("Dossier de mariage")
	b.press("Continuer")
	starts := eval[[]string](b, `[...document.querySelectorAll("main button.creneau")].map(x => x.value)`)
	if _, err := in.DB.SQL().ExecContext(t.Context(), "PRAGMA max_page_count = 1"); err != nil {
		t.Fatal(err)
	}
	c := apptest.Client(t)
	for _, start := range starts {
		for range 4 { // as many as there are agents, and one refused
			res, err := c.PostForm(b.origin+b.path(), url.Values{"c": {start}})
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode == http.StatusServiceUnavailable {
				b.leave("seeing what is still free", chromedp.Reload())
				status := b.press("Choisir ce créneau")
				b.see("Ce que vous aviez confirmé est en sécurité")
				at(b, stop{"503", status})
				return
			}
		}
	}
	t.Error("the disk never filled")
}

// TestInspectionSees spoils a good page in each way that the inspection must see.
func TestInspectionSees(t *testing.T) {
	source, err := os.ReadFile(axe)
	if err != nil {
		t.Fatalf("axe-core is missing, run « make assets » (npm ci in web/): %v", err)
	}
	in := apptest.Start(t, storetest.SQLiteDSN(t), clock.System{}, false)
	b := open(t, in.URL)
	for spoil, want := range map[string]string{
		`document.querySelector("main").innerHTML += "<p><img src='/static/none.png'></p>"`:                         "image-alt",
		`document.querySelector("main h1").style.color = "#ddd"`:                                                    "color-contrast",
		`document.querySelector("main").append(document.createElement("h1"))`:                                       "2 h1",
		`document.documentElement.removeAttribute("lang")`:                                                          "lang",
		`document.querySelector("main").style.width = "1500px"`:                                                     "px too wide",
		`document.body.append(Object.assign(document.createElement("script"), {textContent: "1"}))`:                 "Content Security Policy",
		`document.body.append(Object.assign(document.createElement("img"), {src: "http://127.0.0.1:1/", alt: ""}))`: "another origin",
		`console.error("lost")`: "console.error",
	} {
		status := b.visit("/plan-du-site")
		b.heard()
		if clean := b.inspect(string(source), stop{"page", status}); len(clean) > 0 {
			t.Fatalf("before it is spoiled, the page has %q", clean)
		}
		eval[bool](b, spoil+"; true")
		if wrong := strings.Join(b.inspect(string(source), stop{"page", status}), "\n"); !strings.Contains(wrong, want) {
			t.Errorf("%s: nothing says %q, but:\n%s", spoil, want, wrong)
		}
	}
}
