package dossier_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/PuerkitoBio/goquery"

	"parvis/engine/dossier"
	"parvis/platform/api"
	"parvis/platform/clock"
	"parvis/platform/i18n"
	"parvis/platform/phone"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

var words = fstest.MapFS{
	"fr.json": {Data: []byte(`{"demo.claim": "Réclamation", "demo.quick": "Question", "demo.received": "Demande reçue", "demo.studied": "En cours d’étude", "demo.done": "Réglée", "demo.refused": "Refusée"}`)},
	"en.json": {Data: []byte(`{"demo.claim": "Claim", "demo.quick": "Question", "demo.received": "Request received", "demo.studied": "Being studied", "demo.done": "Settled", "demo.refused": "Refused"}`)},
}

type sites struct{}

func (sites) BySegment(_ context.Context, seg string) (web.Found, error) {
	if seg != "vouneuil" {
		return web.Found{}, store.ErrNotFound
	}
	return web.Found{Territory: "c86281", Site: page.Site{Kind: "Commune de", Name: "Vouneuil", Phone: "05 36 49 12 40", Place: "Mairie de Vouneuil"}}, nil
}

func (sites) ByHost(context.Context, string) (web.Found, error) {
	return web.Found{}, store.ErrNotFound
}

type assets struct{ http.Handler }

func (assets) Path(name string) string { return "/static/" + name }

// site serves the pages of requests, and their API.
type site struct {
	*bench
	srv    *httptest.Server
	client *http.Client
	cat    *i18n.Catalog
}

func newSite(t *testing.T) *site {
	t.Helper()
	clk := clock.NewFake(clock.System{}.Now()) // sessions end by the machine's clock
	db := storetest.Open(t, storetest.SQLiteDSN(t), clk, []store.Migration{web.Migration(), api.Migration(), dossier.Migration()})
	s := &site{bench: newBench(t, db, clk)}
	service := s.Service()
	cat, err := i18n.New(api.Locales, page.Locales, web.Locales, phone.Locales, service.Locales, words)
	if err != nil {
		t.Fatal(err)
	}
	s.cat = cat
	server, err := web.New(web.Config{DB: db, Catalog: cat, Assets: assets{http.NotFoundHandler()}, Clock: clk, Sites: sites{},
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil))}, service.Routes)
	if err != nil {
		t.Fatal(err)
	}
	a := api.New(api.Config{DB: db, Catalog: cat, Clock: clk, BaseURL: "https://parvis.example", Find: sites{}.BySegment})
	service.API(a.Group("dossier"))
	if err := a.Mount(server); err != nil {
		t.Fatal(err)
	}
	s.srv = httptest.NewServer(server)
	t.Cleanup(s.srv.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.client = &http.Client{Jar: jar}
	t.Cleanup(func() {
		if missing := cat.Missing(); len(missing) > 0 {
			t.Errorf("messages missing: %v", missing)
		}
	})
	return s
}

type screen struct {
	*goquery.Document
	status int
	url    string
}

func (s *site) get(t *testing.T, path string) screen {
	t.Helper()
	res, err := s.client.Get(s.srv.URL + path)
	return see(t, res, err)
}

func (s *site) post(t *testing.T, path string, form url.Values) screen {
	t.Helper()
	res, err := s.client.PostForm(s.srv.URL+path, form)
	return see(t, res, err)
}

func see(t *testing.T, res *http.Response, err error) screen {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(doc.Text(), "⟦") {
		t.Errorf("%s: a message is missing", res.Request.URL.Path)
	}
	return screen{doc, res.StatusCode, res.Request.URL.Path}
}

func TestWhereIsMyRequest(t *testing.T) {
	s := newSite(t)
	o := s.opening()
	o.Text = "Il fait nuit."
	d := s.open(t, o)
	year := strings.Split(d.Number, "-")[1]
	ask := s.get(t, "/vouneuil/suivi?numero="+d.Number)
	if ask.status != 200 || ask.Find("h1").Text() != "Où en est ma demande\u00a0?" || ask.Find("#numero").AttrOr("value", "") != d.Number {
		t.Fatalf("%d %s", ask.status, ask.Find("h1").Text())
	}
	// An unknown number and a wrong contact cannot be told apart.
	unknown := s.post(t, "/vouneuil/suivi", url.Values{"numero": {"V-" + year + "-00099"}, "contact": {"06 39 98 00 01"}})
	wrong := s.post(t, "/vouneuil/suivi", url.Values{"numero": {d.Number}, "contact": {"06 39 98 00 02"}})
	if unknown.status != 422 || wrong.status != 422 || unknown.Find(".alert.late li").Text() != wrong.Find(".alert.late li").Text() || wrong.Find(".alert.late li").Length() != 1 {
		t.Errorf("unknown %d %q\nwrong %d %q", unknown.status, unknown.Find(".alert li").Text(), wrong.status, wrong.Find(".alert li").Text())
	}
	if !strings.HasPrefix(wrong.Find("title").Text(), "Erreur") || wrong.Find("#contact").AttrOr("value", "") != "06 39 98 00 02" {
		t.Error("what was typed is lost, or the title does not say the error")
	}
	for _, bad := range []url.Values{{}, {"numero": {"12"}, "contact": {"x"}}, {"numero": {"'"}, "contact": {"0836656565"}}} {
		if got := s.post(t, "/vouneuil/suivi", bad); got.status != 422 || got.Find(".alert.late li").Length() != 2 {
			t.Errorf("%v: %d %s", bad, got.status, got.Find(".alert li").Text())
		}
	}
	found := s.post(t, "/vouneuil/suivi", url.Values{"numero": {"v " + year + " 1"}, "contact": {"rose@exemple.fr"}})
	if found.status != 200 || !strings.HasPrefix(found.url, "/vouneuil/suivi/") || strings.Contains(found.url, d.Token) {
		t.Fatalf("%d %s", found.status, found.url)
	}
	if found.Find("h1").Text() != "Lampadaire éteint" || !strings.Contains(found.Find(".facts-b").Text(), s.cat.Localizer("fr").DayWithYear(d.DueDay(), s.clock.Now())) {
		t.Errorf("%s", found.Find("main").Text())
	}
	if got := found.Find(".suivi > li").Length(); got != 2 || found.Find(".suivi > li[aria-current=step]").Length() != 1 {
		t.Errorf("%d steps", got)
	}
	if robots := found.Find("meta[name=robots]").AttrOr("content", ""); robots != "noindex" {
		t.Errorf("robots %q", robots)
	}
	s.clock.Advance(2*time.Hour + time.Second)
	if got := s.get(t, found.url); got.status != 404 || !strings.Contains(got.Text(), "Ce lien n’ouvre plus") {
		t.Errorf("the short link still opens: %d", got.status)
	}
}

func TestWritingAndReopening(t *testing.T) {
	s := newSite(t)
	d := s.open(t, s.opening())
	path := "/vouneuil/suivi/" + d.Token
	if got := s.post(t, path+"/message", url.Values{"message": {" "}}); got.status != 422 || got.Find("#message[aria-invalid]").Length() != 1 {
		t.Errorf("empty message: %d", got.status)
	}
	sent := s.post(t, path+"/message", url.Values{"message": {"<b>Toujours</b> éteint"}})
	if sent.status != 200 || !strings.Contains(sent.Find("[role=status]").Text(), "Votre message est envoyé") || !strings.Contains(sent.Find(".suivi").Text(), "<b>Toujours</b> éteint") {
		t.Errorf("%d %s", sent.status, sent.Find("main").Text())
	}
	if got := s.post(t, path+"/reouverture", url.Values{"reason": {"x"}}); got.status != 409 {
		t.Errorf("reopening what is open: %d", got.status)
	}
	do(t, s.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
		return s.Note(ctx, tx, d.ID, staff, "secret de bureau")
	})
	do(t, s.h, func(ctx context.Context, tx *store.Tx) (dossier.Dossier, error) {
		return s.Close(ctx, tx, d.ID, staff, "refused", "Ce n’est pas notre rue.")
	})
	closed := s.get(t, path)
	if strings.Contains(closed.Text(), "secret de bureau") || closed.Find("#message").Length() != 0 || closed.Find("#reason").Length() != 1 {
		t.Errorf("closed page: %s", closed.Find("main").Text())
	}
	if closed.Find("h1 ~ .inline .badge.ok").Length() != 0 || !strings.Contains(closed.Find("h1 ~ .inline .badge").Text(), "Refusée") {
		t.Errorf("a refusal looks like a success: %s", closed.Find(".badge").Text())
	}
	if got := s.post(t, path+"/message", url.Values{"message": {"x"}}); got.status != 409 {
		t.Errorf("writing on a closed request: %d", got.status)
	}
	again := s.post(t, path+"/reouverture", url.Values{"reason": {"Si, c’est la vôtre."}})
	if again.status != 200 || !strings.Contains(again.Find(".suivi").Text(), "Demande rouverte") {
		t.Errorf("%d %s", again.status, again.Find("main").Text())
	}
	for _, bad := range []string{"/vouneuil/suivi/x", "/vouneuil/suivi/" + strings.Repeat("a", 32)} {
		if got := s.get(t, bad); got.status != 404 {
			t.Errorf("%s: %d", bad, got.status)
		}
	}
	if got := s.get(t, path+"?lang=en"); !strings.Contains(got.Text(), "Request reopened") || !strings.Contains(got.Text(), "Being studied") {
		t.Errorf("in English: %s", got.Find("main").Text())
	}
}

func TestTrackingByAPI(t *testing.T) {
	s := newSite(t)
	d := s.open(t, s.opening())
	call := func(method, path, body string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, s.srv.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		raw, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(raw)
	}
	status, body := call("POST", "/api/v1/vouneuil/tracking", `{"number":"`+d.Number+`","contact":"0639980001"}`)
	var got struct {
		Token, Number, Stage, Label string
		DueAt                       time.Time
		Timeline                    []struct{ Kind, Text string }
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != 200 || got.Number != d.Number || got.Label != "Demande reçue" || len(got.Timeline) != 1 || !got.DueAt.Equal(d.DueAt) {
		t.Fatalf("%d %s", status, body)
	}
	if status, body := call("GET", "/api/v1/vouneuil/tracking/"+got.Token, ""); status != 200 || !strings.Contains(body, d.Number) {
		t.Errorf("%d %s", status, body)
	}
	if status, _ := call("GET", "/api/v1/vouneuil/tracking/x", ""); status != 404 {
		t.Errorf("unknown token: %d", status)
	}
	s1, unknown := call("POST", "/api/v1/vouneuil/tracking", `{"number":"V-2026-9","contact":"0639980001"}`)
	s2, wrong := call("POST", "/api/v1/vouneuil/tracking", `{"number":"`+d.Number+`","contact":"0639980002"}`)
	if s1 != 422 || s2 != 422 || unknown != wrong || !strings.Contains(wrong, `"field":"number"`) {
		t.Errorf("%d %s\n%d %s", s1, unknown, s2, wrong)
	}
}
