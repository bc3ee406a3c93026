package web_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"parvis/platform/clock"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

type sites struct{ fail error }

func (s sites) BySegment(_ context.Context, seg string) (web.Found, error) {
	if s.fail != nil {
		return web.Found{}, s.fail
	}
	if seg != "vouneuil" {
		return web.Found{}, store.ErrNotFound
	}
	return web.Found{Territory: "c86281", Site: page.Site{ID: "c86281", Kind: "Commune de", Name: "Vouneuil"}, Location: time.UTC}, nil
}

func (s sites) ByHost(ctx context.Context, host string) (web.Found, error) {
	if host == "rdv.vouneuil.example" {
		return s.BySegment(ctx, "vouneuil")
	}
	return web.Found{}, store.ErrNotFound
}

type noAssets struct{ http.Handler }

func (noAssets) Path(name string) string { return "/static/" + name }

func serve(t *testing.T, finder web.Finder, routes []web.Route, change func(*web.Config)) *httptest.Server {
	t.Helper()
	db := storetest.Open(t, storetest.SQLiteDSN(t), nil, []store.Migration{web.Migration()})
	cat, err := i18n.New(web.Locales, page.Locales)
	if err != nil {
		t.Fatal(err)
	}
	cfg := web.Config{DB: db, Catalog: cat, Assets: noAssets{http.NotFoundHandler()}, Clock: clock.System{},
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Sites: finder, SignIn: "/connexion",
		Identify: func(c *web.Context) (web.Actor, error) {
			if c.Session("who") == "" {
				return web.Actor{}, nil
			}
			return web.Actor{ID: 7, Name: "Nadia", May: func(p web.Permission) bool { return p == "stone.move" }}, nil
		}}
	if change != nil {
		change(&cfg)
	}
	s, err := web.New(cfg, routes)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return srv
}

func say(text string) web.Handler {
	return func(c *web.Context) error { return c.File("text/plain; charset=utf-8", "", []byte(text)) }
}

func routes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/", Scope: web.OfInstance, Permission: web.Public, Handle: say("instance")},
		{Method: "GET", Path: "/connexion", Scope: web.OfInstance, Permission: web.Public, Handle: func(c *web.Context) error {
			c.SetSession("who", "7")
			return say("sign in " + c.Query("vers"))(c)
		}},
		{Method: "GET", Path: "/", Permission: web.Public, Handle: func(c *web.Context) error { return say("portal " + c.Href("/x") + " " + c.Store.Territory())(c) }},
		{Method: "GET", Path: "/pierres/{id}", Permission: web.Public, Handle: func(c *web.Context) error {
			id, err := c.ID("id")
			if err != nil {
				return err
			}
			return say("stone " + id.String())(c)
		}},
		{Method: "POST", Path: "/pierres", Permission: web.Public, Handle: func(c *web.Context) error {
			if _, err := c.Form(); err != nil {
				return err
			}
			return c.Redirect("/pierres/3")
		}},
		{Method: "GET", Path: "/bureau", Permission: "stone.move", Handle: say("desk")},
		{Method: "GET", Path: "/coffre", Permission: "stone.sell", Handle: say("vault")},
		{Method: "GET", Path: "/secret", Permission: web.Public, Handle: func(*web.Context) error { return errors.New("password=hunter2") }},
		{Method: "GET", Path: "/panique", Permission: web.Public, Handle: func(*web.Context) error { panic("password=hunter2") }},
		{Method: "GET", Path: "/pris", Permission: web.Public, Handle: func(*web.Context) error { return fault.New(fault.Conflict, "") }},
		{Method: "POST", Path: "/code", Permission: web.Public, Rate: web.Careful, Handle: say("code")},
	}
}

type answer struct {
	*http.Response
	body string
}

func do(t *testing.T, c *http.Client, method, target string, body io.Reader, header ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, target, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
		req.Header.Set(header[i], header[i+1])
	}
	res, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res, string(b)}
}

func client(t *testing.T) *http.Client {
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func TestAddresses(t *testing.T) {
	srv, c := serve(t, sites{}, routes(), nil), client(t)
	for _, x := range []struct {
		target, host string
		status       int
		want         string
	}{
		{"/", "", 200, "instance"},
		{"/vouneuil", "", 301, ""},
		{"/vouneuil/", "", 200, "portal /vouneuil/x c86281"},
		{"/vouneuil/pierres/12", "", 200, "stone 12"},
		{"/vouneuil/pierres/abc", "", 404, "Cette page n’existe pas"},
		{"/vouneuil/nulle-part", "", 404, "Vouneuil"},
		{"/ailleurs/", "", 404, "Cette page n’existe pas"},
		{"/", "rdv.vouneuil.example:8080", 200, "portal /x c86281"},
		{"/pierres/5", "rdv.vouneuil.example", 200, "stone 5"},
		{"/connexion", "rdv.vouneuil.example", 200, "sign in"},
		{"/vouneuil/%00", "", 404, ""},
		{"/vouneuil/pris", "", 409, "Rien n’a été enregistré"},
	} {
		h := []string{}
		if x.host != "" {
			h = []string{"Host", x.host}
		}
		got := do(t, c, "GET", srv.URL+x.target, nil, h...)
		if got.StatusCode != x.status || !strings.Contains(got.body, x.want) {
			t.Errorf("%s %s: %d %.120q, want %d %q", x.host, x.target, got.StatusCode, got.body, x.status, x.want)
		}
	}
}

func TestInternalErrorsStayInternal(t *testing.T) {
	srv, c := serve(t, sites{}, routes(), nil), client(t)
	for _, p := range []string{"/vouneuil/secret", "/vouneuil/panique"} {
		got := do(t, c, "GET", srv.URL+p, nil)
		if got.StatusCode != 500 || strings.Contains(got.body, "hunter2") || !strings.Contains(got.body, "Une erreur de notre côté") {
			t.Errorf("%s: %d %.200q", p, got.StatusCode, got.body)
		}
	}
}

func TestLostDatabaseIsA503WithAPage(t *testing.T) {
	srv, c := serve(t, sites{fail: store.ErrUnavailable}, routes(), nil), client(t)
	got := do(t, c, "GET", srv.URL+"/vouneuil/", nil)
	if got.StatusCode != 503 || got.Header.Get("Retry-After") == "" || !strings.Contains(got.body, "momentanément fermé") {
		t.Errorf("%d %.200q", got.StatusCode, got.body)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(got.body))
	if err != nil || doc.Find("h1").Length() != 1 || doc.Find("main").Length() != 1 || doc.Find("html[lang=fr]").Length() != 1 {
		t.Errorf("503 page is not a whole page: %v", err)
	}
}

func TestPermissions(t *testing.T) {
	srv, c := serve(t, sites{}, routes(), nil), client(t)
	got := do(t, c, "GET", srv.URL+"/vouneuil/bureau?jour=1", nil)
	if got.StatusCode != 303 || got.Header.Get("Location") != "/connexion?vers="+url.QueryEscape("/vouneuil/bureau?jour=1") {
		t.Errorf("stranger: %d %s", got.StatusCode, got.Header.Get("Location"))
	}
	in := do(t, c, "GET", srv.URL+"/connexion", nil)
	cookie := in.Header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Lax", "parvis_session="} {
		if !strings.Contains(cookie, want) {
			t.Errorf("cookie %q lacks %s", cookie, want)
		}
	}
	cookie = strings.Split(cookie, ";")[0]
	if got := do(t, c, "GET", srv.URL+"/vouneuil/bureau", nil, "Cookie", cookie); got.StatusCode != 200 || got.body != "desk" {
		t.Errorf("allowed: %d %q", got.StatusCode, got.body)
	}
	if got := do(t, c, "GET", srv.URL+"/vouneuil/nulle-part", nil, "Cookie", cookie); got.StatusCode != 404 {
		t.Errorf("unknown address, signed in: %d", got.StatusCode)
	}
	if got := do(t, c, "GET", srv.URL+"/vouneuil/coffre", nil, "Cookie", cookie); got.StatusCode != 403 {
		t.Errorf("not allowed: %d", got.StatusCode)
	}
}

func TestOtherSitesCannotPost(t *testing.T) {
	srv, c := serve(t, sites{}, routes(), nil), client(t)
	form := func() io.Reader { return strings.NewReader("a=b") }
	head := []string{"Content-Type", "application/x-www-form-urlencoded"}
	if got := do(t, c, "POST", srv.URL+"/vouneuil/pierres", form(), append(head, "Sec-Fetch-Site", "same-origin")...); got.StatusCode != 303 || got.Header.Get("Location") != "/vouneuil/pierres/3" {
		t.Errorf("own form: %d %s", got.StatusCode, got.Header.Get("Location"))
	}
	if got := do(t, c, "POST", srv.URL+"/vouneuil/pierres", form(), append(head, "Sec-Fetch-Site", "cross-site")...); got.StatusCode != 403 {
		t.Errorf("foreign form: %d", got.StatusCode)
	}
	if got := do(t, c, "POST", srv.URL+"/vouneuil/pierres", form(), append(head, "Origin", "https://evil.example")...); got.StatusCode != 403 {
		t.Errorf("foreign origin: %d", got.StatusCode)
	}
	big := strings.NewReader("a=" + strings.Repeat("x", 2<<20))
	if got := do(t, c, "POST", srv.URL+"/vouneuil/pierres", big, head...); got.StatusCode != 422 || !strings.Contains(got.body, "trop volumineux") {
		t.Errorf("large form: %d", got.StatusCode)
	}
}

func TestHeaders(t *testing.T) {
	srv, c := serve(t, sites{}, routes(), func(cfg *web.Config) { cfg.BaseURL = "https://parvis.example" }), client(t)
	h := do(t, c, "GET", srv.URL+"/vouneuil/", nil).Header
	csp := h.Get("Content-Security-Policy")
	if strings.Contains(csp, "unsafe-inline") || !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") {
		t.Errorf("policy %q", csp)
	}
	if h.Get("Strict-Transport-Security") == "" || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers %v", h)
	}
}

func TestRates(t *testing.T) {
	srv, c := serve(t, sites{}, routes(), func(cfg *web.Config) { cfg.Limits = true; cfg.Proxies = []string{"127.0.0.0/8"} }), client(t)
	codes := map[int]int{}
	for range 25 {
		codes[do(t, c, "POST", srv.URL+"/vouneuil/code", nil, "X-Forwarded-For", "203.0.113.9").StatusCode]++
	}
	if codes[200] != 20 || codes[429] != 5 {
		t.Errorf("one visitor: %v, want 20 answers and 5 refusals", codes)
	}
	if got := do(t, c, "POST", srv.URL+"/vouneuil/code", nil, "X-Forwarded-For", "198.51.100.4, 203.0.113.10"); got.StatusCode != 200 {
		t.Errorf("another visitor: %d", got.StatusCode)
	}
}

func TestLanguage(t *testing.T) {
	srv, c := serve(t, sites{}, routes(), nil), client(t)
	for _, x := range []struct{ accept, query, want string }{
		{"", "", "Cette page n’existe pas"}, {"en-GB,en;q=0.9", "", "This page does not exist"},
		{"en", "?lang=fr", "Cette page n’existe pas"}, {"de", "", "Cette page n’existe pas"},
	} {
		if got := do(t, c, "GET", srv.URL+"/vouneuil/rien"+x.query, nil, "Accept-Language", x.accept); !strings.Contains(got.body, x.want) {
			t.Errorf("%+v: not there", x)
		}
	}
}

func TestIncompleteRoutesStopTheStart(t *testing.T) {
	for name, r := range map[string]web.Route{
		"no permission": {Method: "GET", Path: "/x", Handle: say("")},
		"no handler":    {Method: "GET", Path: "/x", Permission: web.Public},
		"no slash":      {Method: "GET", Path: "x", Permission: web.Public, Handle: say("")},
		"method":        {Method: "PUT", Path: "/x", Permission: web.Public, Handle: say("")},
	} {
		if _, err := web.New(web.Config{Clock: clock.System{}, DB: &store.DB{}}, []web.Route{r}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	twice := web.Route{Method: "GET", Path: "/x", Permission: web.Public, Handle: say("")}
	if _, err := web.New(web.Config{Clock: clock.System{}, DB: &store.DB{}}, []web.Route{twice, twice}); err == nil {
		t.Error("the same route twice: accepted")
	}
}

func TestRedirectsStayHere(t *testing.T) {
	for _, target := range []string{"https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"} {
		r := []web.Route{{Method: "GET", Path: "/va", Permission: web.Public, Handle: func(c *web.Context) error { return c.Redirect(target) }}}
		got := do(t, client(t), "GET", serve(t, sites{}, r, nil).URL+"/vouneuil/va", nil)
		if got.Header.Get("Location") != "/vouneuil/" {
			t.Errorf("%s led to %q", target, got.Header.Get("Location"))
		}
	}
}

func TestLocales(t *testing.T) {
	if err := i18n.Check(web.Locales); err != nil {
		t.Error(err)
	}
}

func TestKeptPages(t *testing.T) {
	n := 0
	r := []web.Route{
		{Method: "GET", Path: "/compte", Permission: web.Public, Keep: time.Minute, Handle: func(c *web.Context) error {
			n++
			return c.File("text/html; charset=utf-8", "", []byte(strings.Repeat("<p>page</p>", 200)+c.T("web.lang")+strings.Repeat("!", n)))
		}},
		{Method: "GET", Path: "/connexion", Scope: web.OfInstance, Permission: web.Public, Handle: func(c *web.Context) error {
			c.SetSession("who", "7")
			return say("")(c)
		}},
	}
	srv, c := serve(t, sites{}, r, nil), client(t)
	first := do(t, c, "GET", srv.URL+"/vouneuil/compte", nil)
	again := do(t, c, "GET", srv.URL+"/vouneuil/compte", nil, "Accept-Encoding", "identity")
	if n != 1 || first.body != again.body || again.StatusCode != 200 || again.Header.Get("Content-Security-Policy") == "" {
		t.Errorf("computed %d times, same %v", n, first.body == again.body)
	}
	if got := do(t, c, "GET", srv.URL+"/vouneuil/compte", nil, "Accept-Language", "en"); n != 2 || !strings.Contains(got.body, "en!!") {
		t.Errorf("another language: computed %d times", n)
	}
	do(t, c, "GET", srv.URL+"/vouneuil/compte?q=1", nil)
	cookie := strings.Split(do(t, c, "GET", srv.URL+"/connexion", nil).Header.Get("Set-Cookie"), ";")[0]
	do(t, c, "GET", srv.URL+"/vouneuil/compte", nil, "Cookie", cookie)
	if n != 4 {
		t.Errorf("a query and a session must be computed: %d times, want 4", n)
	}
}
