package api_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"parvis/platform/api"
	"parvis/platform/clock"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
	"parvis/platform/web"
)

func lite(t *testing.T, limits bool) *bench {
	t.Helper()
	clk := clock.NewFake(time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC))
	return newBench(t, storetest.Open(t, storetest.SQLiteDSN(t), clk, []store.Migration{api.Migration(), stones}), clk, limits)
}

func TestBadInputIsNamedInBothLanguages(t *testing.T) {
	b := lite(t, false)
	_, key := b.token(t, "vouneuil", "stone.lay")
	tests := []struct {
		name, body                string
		status                    int
		location, field, fr, engl string
	}{
		{"missing", `{}`, 422, "body", "name", "Le champ «\u00a0name\u00a0» manque.", "The field “name” is missing."},
		{"unknown", `{"name":"ab","nom":"x"}`, 422, "body", "nom", "n’existe pas", "does not exist"},
		{"wrong type", `{"name":12}`, 422, "body", "name", "doit être un texte", "must be a text"},
		{"null", `{"name":null}`, 422, "body", "name", "doit être un texte", "must be a text"},
		{"short", `{"name":"a"}`, 422, "body", "name", "2 caractères au moins", "2 characters at least"},
		{"long", `{"name":"` + strings.Repeat("a", 21) + `"}`, 422, "body", "name", "20 caractères au plus", "20 characters at most"},
		{"enum", `{"name":"ab","colour":"red"}`, 422, "body", "colour", "grey, blue", "grey, blue"},
		{"minimum", `{"name":"ab","weight":0}`, 422, "body", "weight", "1 au moins", "1 at least"},
		{"maximum", `{"name":"ab","weight":901}`, 422, "body", "weight", "900 au plus", "900 at most"},
		{"not whole", `{"name":"ab","weight":1.5}`, 422, "body", "weight", "nombre entier", "whole number"},
		{"date", `{"name":"ab","on":"24/11/2026"}`, 422, "body", "on", "date et une heure", "date and time"},
		{"identifier", `{"name":"ab","next":"x"}`, 422, "body", "next", "identifiant", "identifier"},
		{"identifier as number", `{"name":"ab","next":12}`, 422, "body", "next", "bon type", "wrong type"},
		{"list item", `{"name":"ab","marks":["a",3]}`, 422, "body", "marks[1]", "doit être un texte", "must be a text"},
		{"list too long", `{"name":"ab","marks":["a","b","c"]}`, 422, "body", "marks", "2 éléments au plus", "2 items at most"},
		{"not an object", `["name"]`, 422, "body", "", "objet JSON", "JSON object"},
		{"syntax", "{\"name\":\n  ab}", 400, "body", "", "ligne 2, colonne 3", "line 2, column 3"},
		{"cut", `{"name":"ab"`, 400, "body", "", "trop tôt", "too early"},
		{"trailing", `{"name":"ab"} x`, 400, "body", "", "ligne 1, colonne 15", "line 1, column 15"},
		{"empty", ``, 400, "body", "", "vide", "empty"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for lang, want := range map[string]string{"fr": test.fr, "en-GB": test.engl} {
				a := b.do(t, "POST", "/api/v1/vouneuil/stones", test.body, "Authorization", "Bearer "+key, "Accept-Language", lang)
				a.want(t, test.status)
				if len(a.problem.Errors) != 1 {
					t.Fatalf("%d errors: %s", len(a.problem.Errors), a.Body)
				}
				e := a.problem.Errors[0]
				if e.Location != test.location || e.Field != test.field || !strings.Contains(e.Message, want) {
					t.Errorf("%s: %+v, want %s %s %q", lang, e, test.location, test.field, want)
				}
				if a.Header().Get("Content-Language") != lang[:2] {
					t.Errorf("Content-Language %q", a.Header().Get("Content-Language"))
				}
			}
		})
	}
	if b.ran.Load() != 0 {
		t.Error("something ran")
	}
}

func TestSeveralMistakesAtOnce(t *testing.T) {
	b := lite(t, false)
	_, key := b.token(t, "vouneuil", "stone.lay")
	a := b.do(t, "POST", "/api/v1/vouneuil/stones", `{"colour":"red","weight":"x"}`, "Authorization", "Bearer "+key)
	a.want(t, 422)
	if len(a.problem.Errors) != 3 {
		t.Errorf("errors: %s", a.Body)
	}
}

func TestFaultsBecomeProblems(t *testing.T) {
	b := lite(t, false)
	_, key := b.token(t, "vouneuil", "stone.lay")
	lay := func() answer {
		return b.do(t, "POST", "/api/v1/vouneuil/stones", `{"name":"granit"}`, "Authorization", "Bearer "+key)
	}
	lay().want(t, 201)
	taken := lay()
	taken.want(t, 422)
	if len(taken.problem.Errors) != 1 || taken.problem.Errors[0].Field != "name" || taken.problem.Errors[0].Message != "Ce nom est pris." {
		t.Errorf("%s", taken.Body)
	}
	for path, status := range map[string]int{"/break": 500, "/panic": 500, "/nothing": 404, "/stones/999": 404, "/stones/abc": 422} {
		a := b.do(t, "GET", "/api/v1/vouneuil"+path, "")
		a.want(t, status)
		if strings.Contains(a.Body.String(), "hunter2") {
			t.Errorf("%s shows what is internal: %s", path, a.Body)
		}
		if a.problem.Instance != "/api/v1/vouneuil"+path {
			t.Errorf("instance %q", a.problem.Instance)
		}
	}
	b.do(t, "GET", "/api/v1/nowhere/stones", "").want(t, 404)
	b.do(t, "GET", "/api/v1/", "").want(t, 404)
	b.do(t, "GET", "/api/v2/vouneuil/stones", "").want(t, 404)
	method := b.do(t, "PUT", "/api/v1/vouneuil/stones/1", `{}`)
	method.want(t, 405)
	if got := method.Header().Get("Allow"); got != "GET, DELETE" {
		t.Errorf("Allow %q", got)
	}
	media := b.do(t, "POST", "/api/v1/vouneuil/stones", `name=granit`, "Authorization", "Bearer "+key, "Content-Type", "application/x-www-form-urlencoded")
	media.want(t, 415)
	large := b.do(t, "POST", "/api/v1/vouneuil/stones", `{"name":"`+strings.Repeat("a", 1<<20)+`"}`, "Authorization", "Bearer "+key)
	large.want(t, 413)
	b.find = store.ErrUnavailable
	shut := b.do(t, "GET", "/api/v1/vouneuil/stones", "")
	shut.want(t, 503)
	if shut.Header().Get("Retry-After") == "" {
		t.Error("503 without Retry-After")
	}
}

func TestOtherSitesAskBefore(t *testing.T) {
	b := lite(t, false)
	ask := func(path, method string) http.Header {
		return b.do(t, "OPTIONS", path, "", "Origin", "https://other.example", "Access-Control-Request-Method", method).Header()
	}
	if got := ask("/api/v1/vouneuil/stones", "GET").Get("Access-Control-Allow-Origin"); got != "*" {
		t.Errorf("a public read: %q", got)
	}
	for _, m := range []string{"POST", "DELETE"} {
		if got := ask("/api/v1/vouneuil/stones", m).Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("%s is open to other sites", m)
		}
	}
}

func TestRate(t *testing.T) {
	b := lite(t, true)
	for range 400 {
		b.do(t, "GET", "/api/v1/vouneuil/stones", "").want(t, 200)
	}
	slow := b.do(t, "GET", "/api/v1/vouneuil/stones", "")
	slow.want(t, 429)
	if slow.Header().Get("Retry-After") == "" {
		t.Error("429 without Retry-After")
	}
	b.clock.Advance(time.Minute)
	guesses := 0
	for b.do(t, "GET", "/api/v1/vouneuil/stones", "", "Authorization", "Bearer parvis_guess").Code == 401 {
		if guesses++; guesses > 100 {
			t.Fatal("keys can be guessed without end")
		}
	}
	if guesses != 20 {
		t.Errorf("%d guesses", guesses)
	}
}

func TestRegistrationRefuses(t *testing.T) {
	good := func(context.Context, *api.Request, *struct{}) (*struct{}, error) { return nil, nil }
	type list struct {
		IDs []store.ID `query:"ids"`
	}
	tests := []struct {
		name, want string
		register   func(g *api.Group)
	}{
		{"no permission", "names no permission", func(g *api.Group) {
			api.Register(g, api.Operation{ID: "a", Method: "GET", Path: "/a", Summary: "stone.see"}, good)
		}},
		{"no summary", "no summary", func(g *api.Group) {
			api.Register(g, api.Operation{ID: "a", Method: "GET", Path: "/a", Permission: web.Public}, good)
		}},
		{"bad method", "needs an ID", func(g *api.Group) {
			api.Register(g, api.Operation{ID: "a", Method: "FETCH", Path: "/a", Permission: web.Public, Summary: "s"}, good)
		}},
		{"no function", "needs an ID", func(g *api.Group) {
			api.Register[struct{}, struct{}](g, api.Operation{ID: "a", Method: "GET", Path: "/a", Permission: web.Public, Summary: "s"}, nil)
		}},
		{"twice", "registered twice", func(g *api.Group) {
			api.Register(g, api.Operation{ID: "stone-lay", Method: "GET", Path: "/a", Permission: web.Public, Summary: "s"}, good)
		}},
		{"same path", "stone-two", func(g *api.Group) {
			api.Register(g, api.Operation{ID: "stone-two", Method: "GET", Path: "/stones", Permission: web.Public, Summary: "s"}, good)
		}},
		{"list of identifiers", "[]string", func(g *api.Group) {
			api.Register(g, api.Operation{ID: "a", Method: "GET", Path: "/a", Permission: web.Public, Summary: "s"},
				func(context.Context, *api.Request, *list) (*struct{}, error) { return nil, nil })
		}},
		{"output is not a struct", "output", func(g *api.Group) {
			api.Register(g, api.Operation{ID: "a", Method: "GET", Path: "/a", Permission: web.Public, Summary: "s"},
				func(context.Context, *api.Request, *struct{}) (*string, error) { return nil, nil })
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := lite(t, false)
			test.register(b.Group("other"))
			if err := b.Check(); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

func TestCatalogues(t *testing.T) {
	if err := i18n.Check(api.Locales); err != nil {
		t.Error(err)
	}
	if err := i18n.CheckUsage(".", api.Locales); err != nil {
		t.Error(err)
	}
}

func TestBodyThatStops(t *testing.T) {
	b := lite(t, false)
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/api/v1/vouneuil/offers", &broken{})
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	b.Handler().ServeHTTP(w, r)
	if w.Code != 400 || b.ran.Load() != 0 {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
}

type broken struct{}

func (*broken) Read([]byte) (int, error) { return 0, errors.New("connection reset") }
