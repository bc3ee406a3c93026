package app_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"parvis/app/apptest"
	"parvis/core/access"
	"parvis/platform/clock"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
	"parvis/platform/web"
)

// script is never to be seen as it is in a page.
const script = `<script>alert(31)</script>`

// hostile are the values that every field gets, whatever it asks for.
func hostile() map[string]string {
	return map[string]string{
		"empty": "", "spaces": " \u00a0\t ", "long": strings.Repeat("é", 10_000), "NUL": "a\x00b", "not UTF-8": "caf\xe9\xff", "script": script,
		"right to left": "\u202eabc\u202c مرحبا", "negative": "-1", "huge": "99999999999999999999999999", "exponent": "1e309", "no such day": "2027-02-31",
		"day that never was": "0000-00-00", "missing hour": "2027-03-28T02:30", "25 h": "25:61", "not an address": "camille@", "mail header": "a@exemple.fr\r\nBcc: tous@exemple.fr",
		"not a number": "06 12", "quote": `'"; DROP TABLE person; --`, "path": "../../etc/passwd", "formula": `=HYPERLINK("http://x")`, "emoji": "👩🏽‍🚒", "line ends": "a\r\nb\nc",
	}
}

// form is one form of a page, with what it holds before anything is typed.
type form struct {
	Page, Action string
	Client       *http.Client
	Values       url.Values
	Kinds        map[string]string // of its fields: text, hidden, select, checkbox…
}

// crawler goes from page to page as one person, one page for each route.
type crawler struct {
	t      *testing.T
	in     *apptest.Instance
	client *http.Client
	routes []route
	seen   map[string]int // pages visited of each pattern
	done   map[string]bool
	forms  map[string]form // by the pattern of their action
}

type route struct {
	web.Route
	re *regexp.Regexp // of a complete path
}

func newCrawler(t *testing.T, in *apptest.Instance, c *http.Client) *crawler {
	w := &crawler{t: t, in: in, client: c, seen: map[string]int{}, done: map[string]bool{}, forms: map[string]form{}}
	slug := in.Slug(t, here)
	for _, r := range in.Server.Routes() {
		path := r.Path
		if r.Scope == web.OfSite {
			path = slug + path
		}
		re := "^" + regexp.MustCompile(`\\\{[a-z]+\\\}`).ReplaceAllString(regexp.QuoteMeta(strings.TrimSuffix(path, "{$}")), `[^/]+`) + "$"
		w.routes = append(w.routes, route{r, regexp.MustCompile(re)})
	}
	// The pattern with fewer variables wins, as in net/http.
	slices.SortStableFunc(w.routes, func(a, b route) int { return strings.Count(a.Path, "{") - strings.Count(b.Path, "{") })
	return w
}

// pattern is the route of a path, "" when none.
func (w *crawler) pattern(method, path string) string {
	for _, r := range w.routes {
		if r.Method == method && r.re.MatchString(path) {
			return fmt.Sprint(r.Method, " ", r.Scope, " ", r.Path)
		}
	}
	return ""
}

// visit reads pages, their forms, and the pages they lead to: a few of each
// route, breadth first.
func (w *crawler) visit(targets ...string) {
	for len(targets) > 0 {
		u, err := url.Parse(targets[0])
		targets = targets[1:]
		if err != nil || u.Host != "" && u.Host != "127.0.0.1:8080" {
			continue
		}
		u.Scheme, u.Host, u.Fragment = "", "", ""
		p := w.pattern("GET", u.Path)
		if p == "" || u.Query().Has("lang") || w.seen[p] >= 5 || w.done[u.String()] {
			continue
		}
		w.seen[p]++
		w.done[u.String()] = true
		code, body := fetch(w.t, w.client, w.in.URL+u.String())
		if code >= 500 {
			w.t.Errorf("GET %s: %d", u, code)
		}
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(body))
		if err != nil {
			w.t.Fatal(err)
		}
		w.read(u.String(), doc)
		doc.Find("a[href]").Each(func(_ int, s *goquery.Selection) {
			if href, err := u.Parse(s.AttrOr("href", "")); err == nil {
				targets = append(targets, href.String())
			}
		})
		doc.Find("form").Each(func(_ int, s *goquery.Selection) { // searches and choices
			action, err := u.Parse(s.AttrOr("action", u.String()))
			if err != nil || strings.EqualFold(s.AttrOr("method", "get"), "post") {
				return
			}
			q := action.Query()
			s.Find("[name]").Each(func(_ int, x *goquery.Selection) {
				v := x.AttrOr("value", "")
				if goquery.NodeName(x) == "select" {
					v = x.Find(`option:not([value=""])`).First().AttrOr("value", "")
				}
				if v == "" && x.AttrOr("type", "") != "hidden" {
					v = "Vouneuil"
				}
				q.Set(x.AttrOr("name", ""), v)
			})
			action.RawQuery = q.Encode()
			targets = append(targets, action.String())
		})
		for _, link := range regexp.MustCompile(`http://127\.0\.0\.1:8080(/[^\s"<]+)`).FindAllStringSubmatch(body, 20) { // in messages
			targets = append(targets, link[1])
		}
	}
}

// typed fills what is empty with what somebody would type.
func (f form) typed() url.Values {
	out := url.Values{}
	for name, v := range f.Values {
		out[name] = slices.Clone(v)
		if v[0] != "" {
			continue
		}
		switch kind := f.Kinds[name]; {
		case kind == "email" || strings.Contains(name, "mail"):
			out.Set(name, "essai@essai.exemple.fr")
		case kind == "tel" || strings.Contains(name, "phone"):
			out.Set(name, "06 39 98 00 11")
		case kind == "text":
			out.Set(name, "Essai")
		}
	}
	return out
}

// code is the newest of those that were sent.
func (w *crawler) code() string {
	var body string
	if err := w.in.DB.SQL().QueryRowContext(w.t.Context(), `SELECT body FROM mailbox ORDER BY id DESC LIMIT 1`).Scan(&body); err != nil {
		return ""
	}
	return strings.ReplaceAll(regexp.MustCompile(`\d{3}[\s\x{202f}\x{a0}]?\d{3}`).FindString(body), "\u00a0", "")
}

// walk sends each form once as somebody would, and reads where it leads.
func (w *crawler) walk() {
	sent := map[string]bool{}
	for range 4 { // a form leads to a page with other forms
		for _, p := range slices.Sorted(maps.Keys(w.forms)) {
			f := w.forms[p]
			if sent[p] || last.MatchString(p) {
				continue
			}
			sent[p] = true
			values := f.typed()
			if _, asked := f.Kinds["code"]; asked {
				values.Set("code", w.code())
			}
			req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.in.URL+f.Action, strings.NewReader(values.Encode()))
			if err != nil {
				w.t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			res, err := f.Client.Do(req)
			if err != nil {
				w.t.Fatal(err)
			}
			doc, err := goquery.NewDocumentFromReader(res.Body)
			if err != nil {
				w.t.Fatal(err)
			}
			_ = res.Body.Close()
			if res.StatusCode >= 500 {
				w.t.Errorf("%s as somebody would: %d", p, res.StatusCode)
			}
			w.read(f.Action, doc)
			if _, err := w.in.Queue.Drain(w.t.Context()); err != nil {
				w.t.Error(err)
			}
			w.visit(res.Header.Get("Location"))
		}
	}
}

// read keeps the forms that post, the first of each route.
func (w *crawler) read(target string, doc *goquery.Document) {
	base, err := url.Parse(target)
	if err != nil {
		w.t.Fatal(err)
	}
	doc.Find("form").Each(func(_ int, s *goquery.Selection) {
		if !strings.EqualFold(s.AttrOr("method", "get"), "post") {
			return
		}
		action, err := base.Parse(s.AttrOr("action", target))
		if err != nil {
			w.t.Errorf("%s: form to %s", target, s.AttrOr("action", ""))
			return
		}
		f := form{Client: w.client, Page: target, Action: action.String(), Values: url.Values{}, Kinds: map[string]string{}}
		id := s.AttrOr("id", "")
		fields := s.Find("[name]")
		if id != "" {
			fields = fields.AddSelection(doc.Find(`[name][form="` + id + `"]`))
		}
		fields.Each(func(_ int, x *goquery.Selection) {
			name, kind := x.AttrOr("name", ""), goquery.NodeName(x)
			if kind == "input" {
				kind = x.AttrOr("type", "text")
			}
			if kind == "button" || kind == "submit" {
				kind = "hidden"
			}
			f.Kinds[name] = kind
			switch kind {
			case "checkbox", "radio":
				if _, on := x.Attr("checked"); on {
					f.Values.Add(name, x.AttrOr("value", "on"))
				}
			case "select":
				f.Values.Add(name, x.Find("option[selected]").First().AttrOr("value", x.Find("option").First().AttrOr("value", "")))
			case "textarea":
				f.Values.Add(name, x.Text())
			default:
				f.Values.Add(name, x.AttrOr("value", ""))
			}
		})
		p := w.pattern("POST", action.Path)
		if p == "" {
			w.t.Errorf("%s: a form posts to %s, which no route answers", target, action)
			return
		}
		if _, known := w.forms[p]; !known || len(f.Kinds) > len(w.forms[p].Kinds) {
			w.forms[p] = f
		}
	})
}

// rows counts every table but the sessions, which any visit may make.
func rows(t *testing.T, in *apptest.Instance) map[string]int {
	t.Helper()
	tables, err := in.DB.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, x := range tables {
		if x.Name == "web_session" || strings.HasPrefix(x.Name, "river_") && x.Name != "river_job" {
			continue
		}
		var n int
		if err := in.DB.SQL().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+x.Name).Scan(&n); err != nil {
			t.Fatal(err)
		}
		out[x.Name] = n
	}
	return out
}

// last are the forms that end what the others need: they are tried after them.
var last = regexp.MustCompile(`connexion/demonstration|deconnexion|abandonner|retirer|effacer|revocation|fusionner|annul|supprimer|equipe/\{id\}$`)

// TestHostileForms finds every form of the program by going from page to page,
// and posts it once for each field and each hostile value: never a 500; when the
// form comes back, nothing has changed, the message is at its field and in
// French, and what was typed is still there.
func TestHostileForms(t *testing.T) {
	for engine, dsn := range map[string]func(testing.TB) string{"sqlite": storetest.SQLiteDSN, "postgres": storetest.PostgresDSN} {
		t.Run(engine, func(t *testing.T) {
			in := apptest.Start(t, dsn(t), clock.System{}, false)
			values := hostile()
			if engine == "postgres" { // what only this engine minds
				maps.DeleteFunc(values, func(k, _ string) bool {
					return !slices.Contains([]string{"NUL", "not UTF-8", "huge", "negative", "long"}, k)
				})
			}
			c := staffOfAll(t, in)
			if _, err := in.Queue.Drain(t.Context()); err != nil { // the messages of the demonstration lead to tickets
				t.Fatal(err)
			}
			w := newCrawler(t, in, c)
			for _, client := range []*http.Client{apptest.Client(t), c} {
				w.client, w.seen, w.done = client, map[string]int{}, map[string]bool{}
				for _, p := range in.Pages(t, here) {
					w.visit(p.Path)
				}
				w.walk()
			}
			asked, refused := 0, 0
			patterns := slices.Collect(maps.Keys(w.forms))
			slices.SortFunc(patterns, func(a, b string) int {
				if x, y := last.MatchString(a), last.MatchString(b); x != y {
					if x {
						return 1
					}
					return -1
				}
				return strings.Compare(a, b)
			})
			for _, p := range patterns {
				f := w.forms[p]
				before := rows(t, in)
				for _, field := range slices.Sorted(maps.Keys(f.Kinds)) {
					for _, name := range slices.Sorted(maps.Keys(values)) {
						asked++
						sent := url.Values{}
						maps.Copy(sent, f.Values)
						sent.Set(field, values[name])
						code, body := post(t, f.Client, in.URL+f.Action, sent)
						where := fmt.Sprintf("%s with %s in %s", p, name, field)
						if code >= 500 {
							t.Errorf("%s: %d", where, code)
						}
						if strings.Contains(body, script) {
							t.Errorf("%s: the script is in the page as it was typed", where)
						}
						if code != http.StatusUnprocessableEntity {
							before = nil
							continue
						}
						refused++
						now := rows(t, in)
						if before != nil && !maps.Equal(before, now) {
							t.Errorf("%s: refused, and yet rows changed: %v", where, changed(before, now))
						}
						before = now
						checkForm(t, where, f, field, values[name], body)
					}
				}
			}
			if asked < 300 || refused < asked/10 {
				t.Errorf("%d forms posted, %d refused", asked, refused)
			}
			// What was accepted is harmless where it is shown.
			again := newCrawler(t, in, staffOfAll(t, in))
			for _, p := range in.Pages(t, here) {
				again.visit(p.Path)
				if _, body := fetch(t, again.client, in.URL+p.Path); strings.Contains(body, "<html") && strings.Contains(body, script) { // a file to download may hold it
					t.Errorf("%s: a script that was typed is in the page", p.Path)
				}
			}
			w.blind()
		})
	}
}

// blind posts to the routes that no form led to what the forms of the others
// hold: an attacker needs no form.
func (w *crawler) blind() {
	w.t.Helper()
	names := map[string]bool{}
	for _, f := range w.forms {
		for name := range f.Kinds {
			names[name] = true
		}
	}
	for _, r := range w.routes {
		if _, known := w.forms[fmt.Sprint(r.Method, " ", r.Scope, " ", r.Path)]; known || r.Method != http.MethodPost {
			continue
		}
		w.t.Logf("no form leads to %s", r.Path)
		path := fill(r.Path, "")
		if r.Scope == web.OfSite {
			path = w.in.Slug(w.t, here) + path
		}
		for kind, v := range hostile() {
			sent := url.Values{}
			for name := range names {
				sent.Set(name, v)
			}
			before := rows(w.t, w.in)
			code, body := post(w.t, w.client, w.in.URL+path, sent)
			if code >= 500 || strings.Contains(body, script) {
				w.t.Errorf("POST %s with %s everywhere: %d", r.Path, kind, code)
			}
			if now := rows(w.t, w.in); code >= 400 && !maps.Equal(before, now) {
				w.t.Errorf("POST %s with %s everywhere: %d, and yet rows changed: %v", r.Path, kind, code, changed(before, now))
			}
		}
	}
}

func changed(a, b map[string]int) (out []string) {
	for k, n := range b {
		if a[k] != n {
			out = append(out, fmt.Sprintf("%s %+d", k, n-a[k]))
		}
	}
	slices.Sort(out)
	return out
}

// unmended are the fields of young forms whose refusal is right, in French and
// without effect, but does not lead to the field or forgets what was typed in
// it: known defects. A name leaves this list when it is mended; none is added.
func unmended() map[string][]string {
	return map[string][]string{
		"/avis/merci/{name}":                       {"sujet"},
		"/bureau/avis/cartes":                      {"n"},
		"/bureau/avis/commentaires/{id}":           {"state"},
		"/bureau/equipes/nouvelle":                 {"email"},
		"/bureau/equipes/{id}":                     {"email"},
		"/bureau/interventions/{id}/etat":          {"reason"},
		"/bureau/interventions/{id}/note":          {"cents", "minutes", "text"},
		"/bureau/interventions/{id}/planifier":     {"day", "hour", "minutes"},
		"/bureau/metiers/{id}":                     {"due1", "due2", "due3"},
		"/bureau/modeles-de-reponse/nouveau":       {"scope"},
		"/bureau/patrimoine/importer":              {"type"},
		"/bureau/secteurs/importer":                {"codefield", "kind", "namefield"},
		"/bureau/signalements-categories/nouvelle": {"season_from", "season_to"},
		"/bureau/signalements-categories/{id}":     {"season_from", "season_to"},
		"/bureau/signalements/{id}/clore":          {"reason"},
		"/bureau/signalements/{id}/etat":           {"planned"},
		"/bureau/signalements/{id}/fusion":         {"number"},
		"/rendez-vous/reservation/{token}/code":    {"code"}, // a code is typed anew
		"/signalements/suivre":                     {"code"},
	}
}

// checkForm looks at a form that came back.
func checkForm(t *testing.T, where string, f form, field, typed, body string) {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	alert := doc.Find(`[role="alert"]`)
	if strings.TrimSpace(alert.Text()) == "" {
		if doc.Find("form").Length() == 0 { // an error page says it in words
			return
		}
		t.Errorf("%s: refused without a word", where)
		return
	}
	if lang := doc.Find("html").AttrOr("lang", ""); lang != "fr" {
		t.Errorf("%s: the page is in %q", where, lang)
	}
	if slices.Contains(unmended()[strings.Fields(where)[2]], field) {
		return
	}
	alert.Find("a[href]").Each(func(_ int, s *goquery.Selection) {
		id := strings.TrimPrefix(s.AttrOr("href", ""), "#")
		if doc.Find(`[id="`+id+`"]`).Length() == 0 {
			t.Errorf("%s: the error leads to #%s, which is not in the page", where, id)
		}
	})
	typed = web.Clean(typed)
	var got string
	switch f.Kinds[field] {
	case "textarea":
		got = doc.Find(`textarea[name="` + field + `"]`).First().Text()
	case "text", "email", "tel", "search", "date", "time", "number", "url":
		got = doc.Find(`input[name="`+field+`"]`).First().AttrOr("value", "")
	default:
		return
	}
	if squeeze(got) != squeeze(typed) {
		t.Errorf("%s: %.40q was typed, %.40q comes back", where, typed, got)
	}
}

// squeeze forgets the spaces at the ends and the kind of line ends.
func squeeze(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"))
}

func post(t *testing.T, c *http.Client, target string, form url.Values) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := c.Do(req)
	if err != nil {
		t.Fatalf("%s: %v", target, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

// staffOfAll is somebody who holds every role in the territory.
func staffOfAll(t *testing.T, in *apptest.Instance) *http.Client {
	t.Helper()
	c := in.SignIn(t, here, access.Admin)
	var id store.ID
	if err := in.DB.System("the test looks for the account it made").View(t.Context(), func(tx *store.Tx) error {
		return tx.Get(t.Context(), &id, `SELECT id FROM person WHERE email = ?`, "admin@"+here+".exemple.fr")
	}); err != nil {
		t.Fatal(err)
	}
	if err := in.DB.In(here).Update(t.Context(), func(tx *store.Tx) error {
		for _, r := range []access.Role{access.Manager, access.Agent, access.Operator} {
			held, err := in.Access.RolesOf(t.Context(), tx, id)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(held, func(m access.Membership) bool { return m.Role == r }) {
				continue
			}
			if err := in.Access.Grant(t.Context(), tx, access.Grant{Person: id, Service: access.Everywhere, Role: r}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return c
}
