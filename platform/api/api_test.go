package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"parvis/platform/api"
	"parvis/platform/clock"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

var stones = store.Migration{Name: "stone", FS: fstest.MapFS{"migrations/0001_stone.sql": {Data: []byte(`-- +goose Up
CREATE TABLE stone (territory_id TEXT NOT NULL, id BIGINT NOT NULL, name TEXT NOT NULL, laid_at {{time}} NOT NULL, PRIMARY KEY (territory_id, id)) {{strict}};
-- +goose Down
DROP TABLE stone;
`)}}}

var words = fstest.MapFS{
	"fr.json": {Data: []byte(`{"stone.label": "Les pierres", "stone.lay": "Poser une pierre", "stone.list": "Voir les pierres", "stone.see": "Voir une pierre", "stone.may": "Poser des pierres", "stone.name": "Nom de la pierre", "stone.error.taken": "Ce nom est pris."}`)},
	"en.json": {Data: []byte(`{"stone.label": "Stones", "stone.lay": "Lay a stone", "stone.list": "List stones", "stone.see": "See a stone", "stone.may": "Lay stones", "stone.name": "Name of the stone", "stone.error.taken": "This name is taken."}`)},
}

type stone struct {
	ID     store.ID  `json:"id"`
	Name   string    `json:"name"`
	LaidAt time.Time `json:"laidAt"`
}

type layIn struct {
	Body struct {
		Name   string    `json:"name" minLength:"2" maxLength:"20" doc:"stone.name"`
		Colour string    `json:"colour,omitempty" enum:"grey,blue"`
		Weight int       `json:"weight,omitempty" minimum:"1" maximum:"900"`
		On     time.Time `json:"on,omitempty"`
		Next   store.ID  `json:"next,omitempty"`
		Marks  []string  `json:"marks,omitempty" maxItems:"2"`
	}
}

type stoneOut struct {
	Location string `header:"Location"`
	Body     stone
}

type seeIn struct {
	ID store.ID `path:"id"`
}

type listIn struct {
	api.Paging
	Prefix string `query:"prefix"`
}

// bench is the interface under test, with a count of what really ran.
type bench struct {
	*api.API
	db    *store.DB
	clock *clock.Fake
	cat   *i18n.Catalog
	ran   atomic.Int32
	hook  func(ctx context.Context) error // runs after the effect
	find  error
}

func newBench(t *testing.T, db *store.DB, clk *clock.Fake, limits bool) *bench {
	t.Helper()
	cat, err := i18n.New(api.Locales, page.Locales, web.Locales, words)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{db: db, clock: clk, cat: cat}
	b.API = api.New(api.Config{DB: db, Catalog: cat, Clock: clk, Version: "1.2.3", BaseURL: "https://parvis.example", Limits: limits,
		Labels: map[string]string{"stone": "stone.label", "stone.lay": "stone.may"},
		Find: func(_ context.Context, seg string) (web.Found, error) {
			if b.find != nil {
				return web.Found{}, b.find
			}
			if seg != "vouneuil" && seg != "poitiers" {
				return web.Found{}, store.ErrNotFound
			}
			return web.Found{Territory: seg, Location: time.UTC}, nil
		}})
	g := b.Group("stone")
	lay := func(permission web.Permission) func(ctx context.Context, r *api.Request, in *layIn) (*stoneOut, error) {
		return func(ctx context.Context, r *api.Request, in *layIn) (*stoneOut, error) {
			s := stone{ID: store.NewID(), Name: in.Body.Name, LaidAt: r.Now}
			err := r.Store.Update(ctx, func(tx *store.Tx) error {
				var n int
				if err := tx.Get(ctx, &n, `SELECT COUNT(*) FROM stone WHERE territory_id = @territory AND name = ?`, s.Name); err != nil {
					return err
				}
				if n > 0 {
					return fault.Fields{{Name: "name", Key: "stone.error.taken"}}.Err()
				}
				_, err := tx.Exec(ctx, `INSERT INTO stone (territory_id, id, name, laid_at) VALUES (@territory, ?, ?, ?)`, s.ID, s.Name, s.LaidAt)
				return err
			})
			if err != nil {
				return nil, err
			}
			b.ran.Add(1)
			if b.hook != nil {
				if err := b.hook(ctx); err != nil {
					return nil, err
				}
			}
			return &stoneOut{Location: r.URL("/stones/" + s.ID.String()), Body: s}, nil
		}
	}
	api.Register(g, api.Operation{ID: "stone-lay", Method: "POST", Path: "/stones", Permission: "stone.lay", Summary: "stone.lay", Status: 201}, lay("stone.lay"))
	api.Register(g, api.Operation{ID: "stone-offer", Method: "POST", Path: "/offers", Permission: web.Public, Summary: "stone.lay", Status: 201}, lay(web.Public))
	api.Register(g, api.Operation{ID: "stone-see", Method: "GET", Path: "/stones/{id}", Permission: web.Public, Summary: "stone.see"},
		func(ctx context.Context, r *api.Request, in *seeIn) (*stoneOut, error) {
			out := &stoneOut{}
			return out, r.Store.View(ctx, func(tx *store.Tx) error {
				return tx.Get(ctx, &out.Body, `SELECT id, name, laid_at FROM stone WHERE territory_id = @territory AND id = ?`, in.ID)
			})
		})
	api.Register(g, api.Operation{ID: "stone-list", Method: "GET", Path: "/stones", Permission: web.Public, Summary: "stone.list"},
		func(ctx context.Context, r *api.Request, in *listIn) (*api.Page[stone], error) {
			var after store.ID
			if !in.First() {
				if err := in.Key(&after); err != nil {
					return nil, err
				}
			}
			var rows []stone
			err := r.Store.View(ctx, func(tx *store.Tx) error {
				return tx.Select(ctx, &rows, `SELECT id, name, laid_at FROM stone WHERE territory_id = @territory AND id > ? ORDER BY id LIMIT ?`, after, in.Rows())
			})
			return api.List(r, in.Paging, rows, func(s stone) []any { return []any{s.ID} }), err
		})
	api.Register(g, api.Operation{ID: "stone-drop", Method: "DELETE", Path: "/stones/{id}", Permission: web.SignedIn, Summary: "stone.see"},
		func(ctx context.Context, r *api.Request, in *seeIn) (*struct{}, error) {
			b.ran.Add(1)
			return nil, r.Store.Update(ctx, func(tx *store.Tx) error {
				n, err := tx.Exec(ctx, `DELETE FROM stone WHERE territory_id = @territory AND id = ?`, in.ID)
				if err == nil && n == 0 {
					err = store.ErrNotFound
				}
				return err
			})
		})
	api.Register(g, api.Operation{ID: "stone-break", Method: "GET", Path: "/break", Permission: web.Public, Summary: "stone.see"},
		func(context.Context, *api.Request, *struct{}) (*struct{}, error) {
			return nil, errors.New("password=hunter2")
		})
	api.Register(g, api.Operation{ID: "stone-panic", Method: "GET", Path: "/panic", Permission: web.Public, Summary: "stone.see"},
		func(context.Context, *api.Request, *struct{}) (*struct{}, error) { panic("password=hunter2") })
	if err := b.Check(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if missing := cat.Missing(); len(missing) > 0 {
			t.Errorf("messages missing: %v", missing)
		}
	})
	return b
}

// each runs the body on both engines.
func each(t *testing.T, body func(t *testing.T, b *bench)) {
	t.Helper()
	storetest.EachClock(t, []store.Migration{api.Migration(), stones}, func(t *testing.T, db *store.DB, clk *clock.Fake) {
		body(t, newBench(t, db, clk, false))
	})
}

// token makes a key of a territory.
func (b *bench) token(t *testing.T, territory string, permissions ...web.Permission) (api.Token, string) {
	t.Helper()
	var token api.Token
	var secret string
	by := web.Actor{ID: 3, May: func(web.Permission) bool { return true }}
	if err := b.db.In(territory).Update(t.Context(), func(tx *store.Tx) (err error) {
		token, secret, err = b.CreateToken(t.Context(), tx, by, api.NewToken{Name: "site de la mairie", Permissions: permissions})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return token, secret
}

type answer struct {
	*httptest.ResponseRecorder
	problem api.Problem
}

func (b *bench) do(t *testing.T, method, path, body string, header ...string) answer {
	t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequestWithContext(t.Context(), method, path, reader)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	a := answer{ResponseRecorder: httptest.NewRecorder()}
	b.Handler().ServeHTTP(a, r)
	if strings.HasPrefix(a.Header().Get("Content-Type"), "application/problem+json") {
		if err := json.Unmarshal(a.Body.Bytes(), &a.problem); err != nil {
			t.Fatalf("problem: %v: %s", err, a.Body)
		}
	}
	return a
}

func (a answer) want(t *testing.T, status int) {
	t.Helper()
	if a.Code != status {
		t.Fatalf("status %d, want %d: %s", a.Code, status, a.Body)
	}
	if status >= 400 && (a.problem.Status != status || a.problem.Title == "" || a.problem.Detail == "" ||
		!strings.HasPrefix(a.problem.Type, "https://parvis.example/api/docs#probleme-")) {
		t.Fatalf("not a complete problem: %s", a.Body)
	}
}

func TestWriteAndReadBack(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		_, key := b.token(t, "vouneuil", "stone.lay")
		made := b.do(t, "POST", "/api/v1/vouneuil/stones", `{"name":"granit","colour":"grey","on":"2026-11-24T09:30:00+01:00","next":"12"}`, "Authorization", "Bearer "+key)
		made.want(t, 201)
		var s stone
		if err := json.Unmarshal(made.Body.Bytes(), &s); err != nil || s.ID == 0 || s.Name != "granit" {
			t.Fatalf("%v: %s", err, made.Body)
		}
		if !strings.Contains(made.Body.String(), `"id":"`+s.ID.String()+`"`) {
			t.Errorf("the identifier is not a decimal string: %s", made.Body)
		}
		where := made.Header().Get("Location")
		if where != "https://parvis.example/api/v1/vouneuil/stones/"+s.ID.String() {
			t.Errorf("Location %q", where)
		}
		seen := b.do(t, "GET", strings.TrimPrefix(where, "https://parvis.example"), "")
		seen.want(t, 200)
		if seen.Header().Get("Access-Control-Allow-Origin") != "*" || seen.Header().Get("Cross-Origin-Resource-Policy") != "cross-origin" {
			t.Error("a public read is not open to other sites")
		}
		if made.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Error("a write is open to other sites")
		}
		b.do(t, "GET", "/api/v1/poitiers/stones/"+s.ID.String(), "").want(t, 404)
		b.do(t, "DELETE", "/api/v1/vouneuil/stones/"+s.ID.String(), "", "Authorization", "Bearer "+key).want(t, 204)
		b.do(t, "DELETE", "/api/v1/vouneuil/stones/"+s.ID.String(), "", "Authorization", "Bearer "+key).want(t, 404)
	})
}

func TestWhoMayEnter(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		token, key := b.token(t, "vouneuil", "stone.lay")
		_, elsewhere := b.token(t, "poitiers", "stone.lay")
		lay := func(header ...string) answer {
			return b.do(t, "POST", "/api/v1/vouneuil/stones", `{"name":"granit"}`, header...)
		}
		none := lay()
		none.want(t, 401)
		if none.Header().Get("WWW-Authenticate") == "" {
			t.Error("401 without WWW-Authenticate")
		}
		lay("Authorization", "Bearer nothing").want(t, 401)
		lay("Authorization", "Basic "+key).want(t, 401)
		lay("Authorization", "Bearer "+elsewhere).want(t, 401)
		b.do(t, "GET", "/api/v1/vouneuil/stones", "", "Authorization", "Bearer nothing").want(t, 401)
		lay("Authorization", "Bearer "+key).want(t, 201)

		list := func() []api.Token {
			var out []api.Token
			if err := b.db.In("vouneuil").View(t.Context(), func(tx *store.Tx) (err error) { out, err = api.Tokens(t.Context(), tx); return err }); err != nil {
				t.Fatal(err)
			}
			return out
		}
		if got := list(); len(got) != 1 || !got[0].LastUsedAt.Equal(b.clock.Now()) {
			t.Errorf("tokens %+v", got)
		}
		if err := b.db.In("poitiers").Update(t.Context(), func(tx *store.Tx) error { return api.RevokeToken(t.Context(), tx, token.ID) }); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a stranger revoked a key: %v", err)
		}
		if err := b.db.In("vouneuil").Update(t.Context(), func(tx *store.Tx) error { return api.RevokeToken(t.Context(), tx, token.ID) }); err != nil {
			t.Fatal(err)
		}
		lay("Authorization", "Bearer "+key).want(t, 401)
		if got := list(); got[0].Active(b.clock.Now()) {
			t.Error("a revoked key is active")
		}
	})
}

func TestKeysAreBounded(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		create := func(by web.Actor, n api.NewToken) (secret string, err error) {
			err = b.db.In("vouneuil").Update(t.Context(), func(tx *store.Tx) error {
				_, secret, err = b.CreateToken(t.Context(), tx, by, n)
				return err
			})
			return secret, err
		}
		all := web.Actor{ID: 3, May: func(web.Permission) bool { return true }}
		none := web.Actor{ID: 3, May: func(web.Permission) bool { return false }}
		if _, err := create(none, api.NewToken{Name: "x", Permissions: []web.Permission{"stone.lay"}}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a key with more rights than its maker: %v", err)
		}
		for name, n := range map[string]api.NewToken{
			"no name": {Name: "  ", Permissions: []web.Permission{"stone.lay"}}, "no right": {Name: "x"},
			"unknown right": {Name: "x", Permissions: []web.Permission{"moon.move"}},
			"past":          {Name: "x", Permissions: []web.Permission{"stone.lay"}, Expires: b.clock.Now()},
			"long":          {Name: strings.Repeat("é", 81), Permissions: []web.Permission{"stone.lay"}},
		} {
			if _, err := create(all, n); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		secret, err := create(all, api.NewToken{Name: "x", Permissions: []web.Permission{"stone.lay"}, Expires: b.clock.Now().Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		b.do(t, "POST", "/api/v1/vouneuil/stones", `{"name":"granit"}`, "Authorization", "Bearer "+secret).want(t, 201)
		b.clock.Advance(time.Hour)
		b.do(t, "POST", "/api/v1/vouneuil/stones", `{"name":"schiste"}`, "Authorization", "Bearer "+secret).want(t, 401)
	})
}

func TestPages(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		if err := b.db.In("vouneuil").Update(t.Context(), func(tx *store.Tx) error {
			for i := range 45 {
				if _, err := tx.Exec(t.Context(), `INSERT INTO stone (territory_id, id, name, laid_at) VALUES (@territory, ?, ?, ?)`, i+1, "s", tx.Now()); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		next, seen, pages := "/api/v1/vouneuil/stones?limit=20&prefix=a%26b", 0, 0
		for next != "" {
			a := b.do(t, "GET", next, "")
			a.want(t, 200)
			var body struct {
				Items []stone
				Next  string
			}
			if err := json.Unmarshal(a.Body.Bytes(), &body); err != nil {
				t.Fatal(err)
			}
			for _, s := range body.Items {
				if seen++; s.ID != store.ID(seen) {
					t.Fatalf("item %d has id %s", seen, s.ID)
				}
			}
			pages++
			link := a.Header().Get("Link")
			if (link == "") != (body.Next == "") {
				t.Fatalf("Link %q, next %q", link, body.Next)
			}
			next = strings.TrimSuffix(strings.TrimPrefix(link, "<https://parvis.example"), `>; rel="next"`)
		}
		if seen != 45 || pages != 3 {
			t.Errorf("%d items in %d pages", seen, pages)
		}
		empty := b.do(t, "GET", "/api/v1/poitiers/stones", "")
		if strings.TrimSpace(empty.Body.String()) != `{"items":[]}` {
			t.Errorf("empty list: %s", empty.Body)
		}
		for _, bad := range []string{"cursor=%21", "cursor=e30", "cursor=WzEsMl0", "cursor=WyJhYmMiXQ", "limit=0", "limit=101", "limit=x", "page=2"} {
			b.do(t, "GET", "/api/v1/vouneuil/stones?"+bad, "").want(t, 422)
		}
	})
}
