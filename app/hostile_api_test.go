package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"parvis/app/apptest"
	"parvis/platform/api"
	"parvis/platform/clock"
	"parvis/platform/store"
	"parvis/platform/web"
)

// TestHostileAPI sends every operation, found in the description of the API, a
// body and a query in which each field in turn holds each hostile value: never a
// 500, an error is a problem of RFC 9457 in French that names the field, and it
// changes nothing.
func TestHostileAPI(t *testing.T) {
	apptest.Each(t, clock.System{}, false, func(t *testing.T, in *apptest.Instance) {
		key := everyKey(t, in)
		slug := strings.TrimPrefix(in.Slug(t, here), "/")
		asked := 0
		call := func(op operation, where string, query url.Values, body any) {
			t.Helper()
			asked++
			raw, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			if s, ok := body.(string); ok { // as it is: not JSON at all
				raw = []byte(s)
			}
			target := in.URL + fill(op.Path, slug)
			if len(query) > 0 {
				target += "?" + query.Encode()
			}
			req, err := http.NewRequestWithContext(t.Context(), op.Method, target, strings.NewReader(string(raw)))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Authorization", "Bearer "+key)
			before := rows(t, in)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := io.ReadAll(res.Body)
			_ = res.Body.Close()
			if err != nil {
				t.Fatal(err)
			}
			if res.StatusCode < 400 {
				return
			}
			var p api.Problem
			if err := json.Unmarshal(answer, &p); err != nil || res.Header.Get("Content-Type") != "application/problem+json" || p.Detail == "" || p.Title == "" || p.Status != res.StatusCode {
				t.Errorf("%s: %d is no problem of RFC 9457: %.200s", where, res.StatusCode, answer)
			}
			if res.StatusCode >= 500 {
				t.Errorf("%s: %d", where, res.StatusCode)
			}
			if res.StatusCode == http.StatusUnprocessableEntity {
				for _, e := range p.Errors {
					if e.Message == "" || e.Field == "" && e.Location == "" {
						t.Errorf("%s: an error names nothing: %+v", where, e)
					}
				}
				if len(p.Errors) == 0 && p.Detail == "" {
					t.Errorf("%s: refused without a word", where)
				}
			}
			if now := rows(t, in); !maps.Equal(before, now) {
				t.Errorf("%s: %d, and yet rows changed: %v", where, res.StatusCode, changed(before, now))
			}
		}
		values := map[string]any{"number": -1, "huge": 1e300, "null": nil, "list": []any{1, "a"}, "object": map[string]any{"a": 1}, "yes": true}
		for k, v := range hostile() {
			values[k] = v
		}
		if in.DB.Engine() == store.Postgres {
			maps.DeleteFunc(values, func(k string, _ any) bool {
				return !slices.Contains([]string{"NUL", "not UTF-8", "huge", "negative", "long"}, k)
			})
		}
		for _, op := range operations(t, in) {
			name := op.Method + " " + op.Path
			for kind, v := range values {
				for _, field := range slices.Sorted(maps.Keys(op.Fields)) {
					call(op, fmt.Sprintf("%s with %s in %s", name, kind, field), nil, map[string]any{field: v})
				}
				full := map[string]any{}
				for field := range op.Fields {
					full[field] = v
				}
				call(op, fmt.Sprintf("%s with %s everywhere", name, kind), nil, full)
				for _, q := range append(op.Query, "inconnu") {
					call(op, fmt.Sprintf("%s with %s in ?%s", name, kind, q), url.Values{q: {fmt.Sprint(v)}}, map[string]any{})
				}
			}
			for _, body := range []string{"", "{", `"a"`, "[]", "null", `{"a":`, "\x00", "\xff", strings.Repeat("[", 5000)} {
				call(op, fmt.Sprintf("%s with the body %.20q", name, body), nil, body)
			}
		}
		if asked < 200 {
			t.Fatalf("only %d calls", asked)
		}
	})
}

// everyKey is a key of the territory that may do everything.
func everyKey(t *testing.T, in *apptest.Instance) string {
	t.Helper()
	var all []web.Permission
	for _, op := range operations(t, in) {
		if p := web.Permission(op.Permission); p != web.Public && p != web.SignedIn && !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	var key string
	if err := in.DB.In(here).Update(t.Context(), func(tx *store.Tx) (err error) {
		_, key, err = in.API.CreateToken(t.Context(), tx, web.Actor{ID: 1, Name: "essai", May: func(web.Permission) bool { return true }}, api.NewToken{Name: "essai", Permissions: all})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return key
}
