package persontest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"parvis/core/access"
	"parvis/platform/api"
	"parvis/platform/store"
	"parvis/platform/web"
)

// Caller is a program that uses the API with a key.
type Caller struct {
	t    testing.TB
	base string
	// Key is "role@territory": who may do what the role gives there.
	Key string
}

// API serves the operations of the town's services. Keys are not real ones: each
// is a role and the territory where it is worth something.
func (town *Town) API(t testing.TB) *Caller {
	t.Helper()
	labels := map[string]string{}
	for _, s := range town.services {
		labels[s.Name] = s.Label
		for _, p := range s.Permissions {
			labels[string(p.Name)] = p.Label
		}
	}
	a := api.New(api.Config{DB: town.DB, Catalog: town.Catalog, Clock: town.Clock, Find: sites{}.BySegment, Version: "1.0.0",
		BaseURL: "https://parvis.example", Labels: labels, Authenticate: func(_ context.Context, territory, token string) (web.Actor, error) {
			role, home, _ := strings.Cut(token, "@")
			if home != territory {
				return web.Actor{}, store.ErrNotFound
			}
			held := []access.Membership{{Service: access.Everywhere, Role: access.Role(role)}}
			return web.Actor{ID: 77, Name: token, May: func(p web.Permission) bool { return town.Matrix.May(held, p) }}, nil
		}})
	for _, s := range town.services {
		if s.API != nil {
			s.API(a.Group(s.Name))
		}
	}
	if err := a.Check(); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(a.Handler())
	t.Cleanup(srv.Close)
	return &Caller{t: t, base: srv.URL}
}

// Call sends a request under /api/v1/ and reads the answer; body "" sends none.
func (c *Caller) Call(method, path, body string) (status int, answer map[string]any) {
	c.t.Helper()
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.base+"/api/v1/"+path, r)
	if err != nil {
		c.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.Key != "" {
		req.Header.Set("Authorization", "Bearer "+c.Key)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &answer); err != nil {
			c.t.Fatalf("%s %s: %d %s", method, path, res.StatusCode, raw)
		}
	}
	return res.StatusCode, answer
}
