package api_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"parvis/platform/api"
	"parvis/platform/clock"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

func (b *bench) doContext(ctx context.Context, name, token string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, "POST", "/api/v1/vouneuil/stones", strings.NewReader(`{"name":"`+name+`"}`))
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", onceKey)
	w := httptest.NewRecorder()
	b.Handler().ServeHTTP(w, r)
	return w
}

func TestDescription(t *testing.T) {
	b := lite(t, false)
	for lang, summary := range map[string]string{"fr": "Poser une pierre", "en": "Lay a stone"} {
		a := b.do(t, "GET", "/api/openapi.json?lang="+lang, "")
		a.want(t, 200)
		var doc struct {
			OpenAPI string
			Info    struct{ Title, Version string }
			Paths   map[string]map[string]struct {
				OperationID string
				Summary     string
				Parameters  []struct {
					Name, In, Description string
					Schema                map[string]any
				}
				Responses map[string]struct{ Description string }
			}
			Components struct {
				Schemas map[string]struct {
					Properties map[string]struct {
						Type                 any // a name, or a list of names
						Pattern, Description string
						OneOf                []any
					}
				}
			}
		}
		if err := json.Unmarshal(a.Body.Bytes(), &doc); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(doc.OpenAPI, "3.1") || doc.Info.Version != "1.2.3" {
			t.Errorf("openapi %q version %q", doc.OpenAPI, doc.Info.Version)
		}
		op := doc.Paths["/api/v1/{territory}/stones"]["post"]
		if op.OperationID != "stone-lay" || op.Summary != summary {
			t.Errorf("%+v", op)
		}
		var names []string
		for _, p := range op.Parameters {
			names = append(names, p.Name)
			if p.Description == "" || strings.HasPrefix(p.Description, "api.") {
				t.Errorf("parameter %s: %q", p.Name, p.Description)
			}
		}
		if !slices.Contains(names, "territory") || !slices.Contains(names, "Idempotency-Key") {
			t.Errorf("parameters %v", names)
		}
		for status, r := range op.Responses {
			if r.Description == "" || strings.HasPrefix(r.Description, "api.") {
				t.Errorf("answer %s: %q", status, r.Description)
			}
		}
		id := doc.Components.Schemas["ApiTestStone"]
		if got := id.Properties["id"]; got.Type != "string" || got.Pattern == "" || got.OneOf != nil {
			t.Errorf("identifier described as %+v in %v", got, doc.Components.Schemas)
		}
		if _, there := doc.Components.Schemas["HumaErrorModel"]; there {
			t.Error("the library's error model is described")
		}
		see := doc.Paths["/api/v1/{territory}/stones/{id}"]["get"].Parameters
		i := slices.IndexFunc(see, func(p struct {
			Name, In, Description string
			Schema                map[string]any
		}) bool {
			return p.Name == "id"
		})
		if i < 0 || see[i].Schema["type"] != "string" {
			t.Errorf("parameter id described as %+v", see)
		}
	}
	yaml := b.do(t, "GET", "/api/openapi.yaml", "")
	yaml.want(t, 200)
	if !strings.Contains(yaml.Body.String(), "operationId: stone-lay") {
		t.Error("the YAML lacks an operation")
	}
}

type sites struct{}

func (sites) BySegment(_ context.Context, seg string) (web.Found, error) {
	if seg != "vouneuil" {
		return web.Found{}, store.ErrNotFound
	}
	return web.Found{Territory: "vouneuil", Site: page.Site{Kind: "Commune de", Name: "Vouneuil"}}, nil
}

func (sites) ByHost(context.Context, string) (web.Found, error) {
	return web.Found{}, store.ErrNotFound
}

type noAssets struct{ http.Handler }

func (noAssets) Path(name string) string { return "/static/" + name }

// site serves the pages of the interface to a member of staff.
func site(t *testing.T, may ...web.Permission) (*bench, *httptest.Server, *http.Client) {
	t.Helper()
	clk := clock.NewFake(clock.System{}.Now())
	db := storetest.Open(t, storetest.SQLiteDSN(t), clk, []store.Migration{web.Migration(), api.Migration(), stones})
	b := newBench(t, db, clk, false)
	s, err := web.New(web.Config{DB: db, Catalog: b.cat, Assets: noAssets{http.NotFoundHandler()}, Clock: clock.System{}, Sites: sites{},
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Identify: func(c *web.Context) (web.Actor, error) {
			return web.Actor{ID: 7, Name: "Nadia", May: func(p web.Permission) bool { return slices.Contains(may, p) }}, nil
		}}, append(b.Routes(), web.Route{Method: "GET", Path: "/entrer", Permission: web.Public, Handle: func(c *web.Context) error {
		c.SetSession("who", "7")
		return c.File("text/plain", "", nil)
	}}))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Mount(s); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	if _, status := read(t, client, srv.URL+"/vouneuil/entrer"); status != 200 {
		t.Fatalf("signing in: %d", status)
	}
	return b, srv, client
}

func read(t *testing.T, c *http.Client, target string) (*goquery.Document, int) {
	t.Helper()
	res, err := c.Get(target)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, res)
}

func parse(t *testing.T, res *http.Response) (*goquery.Document, int) {
	t.Helper()
	defer res.Body.Close()
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return doc, res.StatusCode
}

func TestManualPage(t *testing.T) {
	_, srv, client := site(t)
	doc, status := read(t, client, srv.URL+"/api/docs")
	if status != 200 || doc.Find("h1").Text() != "Documentation de l’API" {
		t.Fatalf("%d %s", status, doc.Find("h1").Text())
	}
	lay := doc.Find("#stone-lay")
	if lay.Length() != 1 || !strings.Contains(lay.Find("summary").Text(), "POST /api/v1/{territory}/stones") {
		t.Errorf("operation: %s", lay.Text())
	}
	for _, want := range []string{"Poser des pierres", "Nom de la pierre", "parmi grey, blue", "Idempotency-Key", "20 caractères au plus"} {
		if !strings.Contains(lay.Text(), want) {
			t.Errorf("the operation lacks %q", want)
		}
	}
	for _, name := range []string{"invalid", "reused", "unknown", "internal"} {
		if doc.Find("#probleme-"+name).Length() != 1 {
			t.Errorf("problem %s is not explained", name)
		}
	}
	if n := doc.Find("[style], script:not([src]), script[src^='http'], link[href^='http']").Length(); n > 0 {
		t.Errorf("%d inline or foreign pieces", n)
	}
	if strings.Contains(doc.Text(), "⟦") {
		t.Error("a message is missing")
	}
	for _, path := range []string{"/api/openapi.json", "/api/v1/vouneuil/stones"} {
		res, err := client.Get(srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != 200 {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
}

func TestPageOfTheKeys(t *testing.T) {
	b, srv, client := site(t, api.Manage, "stone.lay")
	address := srv.URL + "/vouneuil" + api.KeysPath
	post := func(path string, form url.Values) (*goquery.Document, int) {
		res, err := client.PostForm(path, form)
		if err != nil {
			t.Fatal(err)
		}
		return parse(t, res)
	}
	if doc, status := read(t, client, address); status != 200 || doc.Find("input[name=droits]").Length() != 1 {
		t.Fatalf("%d %s", status, doc.Text())
	}
	doc, status := post(address, url.Values{"nom": {""}, "fin": {"365"}})
	if status != 422 || doc.Find(".alert.late li").Length() != 2 || !strings.HasPrefix(doc.Find("title").Text(), "Erreur") {
		t.Errorf("%d %s", status, doc.Find(".alert").Text())
	}
	doc, status = post(address, url.Values{"nom": {"Site"}, "droits": {"stone.lay"}, "fin": {"7"}})
	if status != 422 || doc.Find("#nom").AttrOr("value", "") != "Site" || doc.Find("input[name=droits][checked]").Length() != 1 {
		t.Errorf("what was typed is lost: %d", status)
	}
	doc, status = post(address, url.Values{"nom": {"Site"}, "droits": {"stone.lay"}, "fin": {"365"}})
	secret := doc.Find(".alert.wait code").Text()
	if status != 200 || !strings.HasPrefix(secret, "parvis_") {
		t.Fatalf("%d, secret %q", status, secret)
	}
	doc, _ = read(t, client, address)
	if strings.Contains(doc.Text(), secret) {
		t.Error("the secret is shown twice")
	}
	if !strings.Contains(doc.Find("tbody tr").Text(), "Poser des pierres") {
		t.Errorf("list: %s", doc.Find("tbody").Text())
	}
	b.do(t, "POST", "/api/v1/vouneuil/stones", `{"name":"granit"}`, "Authorization", "Bearer "+secret).want(t, 201)
	action := doc.Find("tbody form").AttrOr("action", "")
	if doc, _ = post(srv.URL+action, nil); !strings.Contains(doc.Text(), "La clé est révoquée") || doc.Find("tbody form").Length() != 0 {
		t.Error("the key is not revoked")
	}
	b.do(t, "POST", "/api/v1/vouneuil/stones", `{"name":"schiste"}`, "Authorization", "Bearer "+secret).want(t, 401)
	if _, status := post(address, url.Values{"nom": {"x"}, "droits": {"moon.move"}, "fin": {"365"}}); status != 422 {
		t.Errorf("an unknown right: %d", status)
	}
}

func TestPageOfTheKeysIsClosed(t *testing.T) {
	_, srv, client := site(t, "stone.lay")
	if _, status := read(t, client, srv.URL+"/vouneuil"+api.KeysPath); status != 403 {
		t.Errorf("status %d", status)
	}
}
