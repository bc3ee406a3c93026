package desk_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/PuerkitoBio/goquery"

	"parvis/core/access"
	"parvis/core/crew"
	"parvis/core/link"
	"parvis/core/person"
	"parvis/core/sector"
	"parvis/core/service"
	"parvis/engine/dossier"
	"parvis/engine/dossier/desk"
	"parvis/platform/clock"
	"parvis/platform/event"
	"parvis/platform/file"
	"parvis/platform/i18n"
	"parvis/platform/phone"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

func TestCatalogues(t *testing.T) {
	if err := i18n.Check(desk.Locales); err != nil {
		t.Error(err)
	}
}

var words = fstest.MapFS{
	"fr.json": {Data: []byte(`{"demo.lamp": "Signalement", "demo.talk": "Réclamation", "demo.visit": "Rendez-vous", "demo.received": "Reçue", "demo.studied": "Prise en charge", "demo.done": "Réglée", "demo.refused": "Refusée", "demo.twice": "Doublon"}`)},
	"en.json": {Data: []byte(`{"demo.lamp": "Report", "demo.talk": "Complaint", "demo.visit": "Appointment", "demo.received": "Received", "demo.studied": "Accepted", "demo.done": "Settled", "demo.refused": "Refused", "demo.twice": "Duplicate"}`)},
}

// stages of the kinds of these tests.
func stages() []dossier.Stage {
	return []dossier.Stage{
		{Name: "received", Label: "demo.received", Next: []string{"studied", "refused", "twice"}},
		{Name: "studied", Label: "demo.studied", Next: []string{"done", "refused", "twice"}},
		{Name: "done", Label: "demo.done", Final: true, Tone: "ok"}, {Name: "refused", Label: "demo.refused", Final: true}, {Name: "twice", Label: "demo.twice", Final: true},
	}
}

func kinds() []dossier.Kind {
	year := 365 * 24 * time.Hour
	visit := dossier.Kind{Name: "visit", Label: "demo.visit", OwnMoves: true, Keep: year, Stages: stages()[:3]}
	visit.Stages[0].Next, visit.Stages[1].Next = []string{"studied"}, []string{"done"}
	return []dossier.Kind{
		{Name: "lamp", Label: "demo.lamp", DueIn: 5, Reopen: 30 * 24 * time.Hour, Messages: true, MergeTo: "twice", Keep: year, Stages: stages(), VariableNames: []string{"rue"},
			Variables: func(context.Context, *store.Tx, dossier.Dossier) (map[string]string, error) {
				return map[string]string{"rue": "rue du Pont"}, nil
			},
			Sheet: func(*web.Context, dossier.Dossier) (dossier.Part, error) {
				return dossier.Part{Facts: []page.Fact{{Label: "Lieu", Value: "rue du Pont"}}}, nil
			}},
		{Name: "talk", Label: "demo.talk", DueIn: 10, Private: true, Messages: true, MergeTo: "twice", Keep: year, Stages: stages()},
		visit,
	}
}

type sites struct{}

func (sites) BySegment(_ context.Context, seg string) (web.Found, error) {
	id, ok := map[string]string{"vouneuil": town, "brandes": "c86099"}[seg]
	if !ok {
		return web.Found{}, store.ErrNotFound
	}
	at, err := time.LoadLocation("Europe/Paris")
	return web.Found{Territory: id, Location: at, Site: page.Site{Kind: "Commune de", Name: "Vouneuil", Phone: "05 36 49 12 40", Place: "Mairie de Vouneuil"}}, err
}

func (sites) ByHost(context.Context, string) (web.Found, error) {
	return web.Found{}, store.ErrNotFound
}

const town = "c86281"

type assets struct{ http.Handler }

func (assets) Path(name string) string { return "/static/" + name }

// office is the desk with its staff.
type office struct {
	t       testing.TB
	db      *store.DB
	clk     *clock.Fake
	h       store.Handle
	engine  *dossier.Engine
	people  *person.People
	access  *access.Access
	matrix  *access.Matrix
	cat     *i18n.Catalog
	srv     *httptest.Server
	staff   map[string]person.Person
	n       int
	service service.Service
}

func each(t *testing.T, body func(t *testing.T, o *office)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { body(t, open(t, storetest.SQLiteDSN(t), assets{http.NotFoundHandler()})) })
	t.Run("postgres", func(t *testing.T) { body(t, open(t, storetest.PostgresDSN(t), assets{http.NotFoundHandler()})) })
}

func open(t testing.TB, dsn string, built web.Assets) *office {
	t.Helper()
	o := &office{t: t, clk: clock.NewFake(clock.System{}.Now()), staff: map[string]person.Person{}}
	o.db = storetest.Open(t, dsn, o.clk, []store.Migration{event.Migration(), web.Migration(), access.Migration(), person.Migration(), crew.Migration(), sector.Migration(), link.Migration(), dossier.Migration()})
	o.h = o.db.In(town)
	o.access = access.New(o.db, access.Options{})
	o.people = person.New(person.Options{DB: o.db, Access: o.access})
	files, err := file.OpenFolder(t.TempDir(), file.FolderOptions{})
	o.must(err)
	t.Cleanup(func() { o.must(files.Close()) })
	o.engine, err = dossier.New(dossier.Config{DB: o.db}, kinds()...)
	o.must(err)
	links, err := link.New(nil)
	o.must(err)
	d := desk.New(desk.Deps{Dossiers: o.engine, People: o.people, Files: files, Links: func() *link.Links { return links },
		Staff: func(ctx context.Context, territory string) (out []dossier.Colleague, err error) {
			list, _, err := o.people.Staff(ctx, territory, person.StaffQuery{Limit: 100})
			for _, m := range list {
				out = append(out, dossier.Colleague{ID: m.ID, Name: m.Name})
			}
			return out, err
		}})
	o.service = d.Service()
	o.matrix, err = access.Compile(o.service.Permissions)
	o.must(err)
	engineService := o.engine.Service()
	o.cat, err = i18n.New(page.Locales, web.Locales, phone.Locales, person.Locales, link.Locales, desk.Locales, crew.Locales, engineService.Locales, words)
	o.must(err)
	server, err := web.New(web.Config{DB: o.db, Catalog: o.cat, Assets: built, Clock: o.clk, Sites: sites{}, SignIn: "/connexion", Logger: slog.New(slog.NewTextHandler(failures{t}, &slog.HandlerOptions{Level: slog.LevelError})),
		Identify: o.identify, Rail: o.rail}, append(o.service.Routes, engineService.Routes...))
	o.must(err)
	o.srv = httptest.NewServer(server)
	t.Cleanup(o.srv.Close)
	t.Cleanup(func() {
		if missing := o.cat.Missing(); len(missing) > 0 {
			t.Errorf("messages missing: %v", missing)
		}
	})
	return o
}

// failures says what the server could not do.
type failures struct{ t testing.TB }

func (f failures) Write(b []byte) (int, error) { f.t.Logf("%s", b); return len(b), nil }

var _ io.Writer = failures{}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// identify is who the browser says.
func (o *office) identify(c *web.Context) (web.Actor, error) {
	who, ok := o.staff[c.Request.Header.Get("X-Staff")]
	if !ok {
		return web.Actor{}, nil
	}
	held, err := o.access.Roles(c.Ctx(), c.Found.Territory, who.ID)
	if len(held) == 0 {
		return web.Actor{}, err
	}
	return web.Actor{ID: who.ID, Name: who.Name, May: func(p web.Permission) bool { return o.matrix.May(held, p) }}, err
}

func (o *office) rail(c *web.Context) (page.StaffFrame, error) {
	n, hot, err := o.service.Menu[0].Count(c.Ctx(), c.Store, c.Actor)
	return page.StaffFrame{Who: c.Actor.Name, Where: "Mairie de Vouneuil", Groups: []page.RailGroup{{Verb: page.Listen, Items: []page.RailItem{{Label: c.T("desk.menu"), Href: c.Href(desk.Path), Count: n, Hot: hot}}}}}, err
}

// hire adds somebody with a role on a service.
func (o *office) hire(key, name, service string, role access.Role) person.Person {
	o.t.Helper()
	var who person.Person
	o.must(o.db.System("a test writes staff").Update(o.t.Context(), func(tx *store.Tx) (err error) {
		if who, err = o.people.Add(o.t.Context(), tx, person.NewPerson{Name: name, Email: key + "@exemple.fr", Joined: true}); err != nil {
			return err
		}
		return o.access.Grant(o.t.Context(), tx.Bind(town), access.Grant{Person: who.ID, Service: service, Role: role})
	}))
	o.staff[key] = who
	return who
}

func (o *office) team(name string, people ...person.Person) store.ID {
	o.t.Helper()
	var c crew.Crew
	o.must(o.h.Update(o.t.Context(), func(tx *store.Tx) (err error) {
		if c, err = crew.Save(o.t.Context(), tx, crew.Crew{Name: name, Kind: crew.Field, Active: true}); err != nil {
			return err
		}
		var ids []store.ID
		for _, p := range people {
			ids = append(ids, p.ID)
		}
		return crew.SetMembers(o.t.Context(), tx, c.ID, ids)
	}))
	return c.ID
}

// file opens a request.
func (o *office) file(kind, title string, change func(x *dossier.Opening)) dossier.Dossier {
	o.t.Helper()
	o.n++
	x := dossier.Opening{Kind: kind, Subject: fmt.Sprint(kind, ":", o.n), Title: title, Channel: dossier.Web, By: dossier.Author{Kind: dossier.Resident}, Email: fmt.Sprintf("habitant%d@exemple.fr", o.n), Text: "Bonjour, " + title}
	if change != nil {
		change(&x)
	}
	var d dossier.Dossier
	o.must(o.h.Update(o.t.Context(), func(tx *store.Tx) (err error) {
		d, err = o.engine.Open(o.t.Context(), tx, x)
		return err
	}))
	return d
}

func (o *office) read(id store.ID) dossier.Dossier {
	o.t.Helper()
	var d dossier.Dossier
	o.must(o.h.View(o.t.Context(), func(tx *store.Tx) (err error) {
		d, err = o.engine.Get(o.t.Context(), tx, id)
		return err
	}))
	return d
}

// browser is one member of staff.
type browser struct {
	o      *office
	key    string
	client *http.Client
}

func (o *office) as(key string) *browser {
	jar, err := cookiejar.New(nil)
	o.must(err)
	at, err := url.Parse(o.srv.URL)
	o.must(err)
	jar.SetCookies(at, []*http.Cookie{{Name: "parvis_session", Value: "begun", Path: "/"}})
	return &browser{o, key, &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		r.Header.Set("X-Staff", key)
		return nil
	}}}
}

type screen struct {
	*goquery.Document
	t      testing.TB
	status int
	url    string
	header http.Header
}

func (b *browser) do(method, path string, form url.Values, headers ...string) screen {
	b.o.t.Helper()
	req, err := http.NewRequestWithContext(b.o.t.Context(), method, b.o.srv.URL+"/vouneuil"+path, strings.NewReader(form.Encode()))
	b.o.must(err)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	req.Header.Set("X-Staff", b.key)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := b.client.Do(req)
	b.o.must(err)
	defer res.Body.Close()
	doc, err := goquery.NewDocumentFromReader(res.Body)
	b.o.must(err)
	return screen{doc, b.o.t, res.StatusCode, res.Request.URL.Path, res.Header}
}

func (b *browser) get(path string, headers ...string) screen {
	b.o.t.Helper()
	return b.do(http.MethodGet, path, nil, headers...)
}

func (b *browser) post(path string, fields ...string) screen {
	b.o.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return b.do(http.MethodPost, path, form)
}

// sheet posts a gesture on a request with the version it has now.
func (b *browser) sheet(id store.ID, gesture string, fields ...string) screen {
	b.o.t.Helper()
	fields = append([]string{"version", fmt.Sprint(b.o.read(id).Version)}, fields...)
	return b.post(desk.Path+"/"+id.String()+"/"+gesture, fields...)
}

func plain(s string) string { return strings.Join(strings.Fields(s), " ") }

func (s screen) has(words string) bool { return strings.Contains(plain(s.Text()), words) }

func (s screen) titles() (out []string) {
	s.Find(".file .obj a").Each(func(_ int, a *goquery.Selection) { out = append(out, plain(a.Text())) })
	return out
}

func (s screen) want(t testing.TB, status int) screen {
	t.Helper()
	if s.status != status {
		t.Errorf("%s: %d, want %d: %s", s.url, s.status, status, plain(s.Find("main").Text()))
	}
	return s
}

func same(t testing.TB, what string, got, want []string) {
	t.Helper()
	got, want = slices.Clone(got), slices.Clone(want)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}
