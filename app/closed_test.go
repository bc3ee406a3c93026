package app_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"parvis/app/apptest"
	"parvis/core/territory"
	"parvis/platform/clock"
	"parvis/platform/store/storetest"
	"parvis/platform/web"
)

// operation is one call of the API, from its own description.
type operation struct {
	Method, Path, Service, Permission string
	Fields                            map[string]schema // of its JSON body
	Query                             []string
}

// schema is what the tests read of a JSON schema.
type schema struct {
	Ref        string            `json:"$ref"`
	Type       any               `json:"type"`
	Properties map[string]schema `json:"properties"`
}

// operations reads the description that the program gives of its API.
func operations(t *testing.T, in *apptest.Instance) []operation {
	t.Helper()
	code, body := fetch(t, apptest.Client(t), in.URL+"/api/openapi.json")
	if code != http.StatusOK {
		t.Fatalf("the description answers %d", code)
	}
	var doc struct {
		Paths map[string]map[string]struct {
			Tags       []string
			Permission string `json:"x-permission"`
			Parameters []struct{ Name, In string }
			Body       struct {
				Content map[string]struct{ Schema schema }
			} `json:"requestBody"`
		}
		Components struct{ Schemas map[string]schema }
	}
	if err := json.Unmarshal([]byte(body), &doc); err != nil {
		t.Fatal(err)
	}
	var out []operation
	for path, methods := range doc.Paths {
		for method, x := range methods {
			op := operation{Method: strings.ToUpper(method), Path: path, Service: x.Tags[0], Permission: x.Permission}
			for _, p := range x.Parameters {
				if p.In == "query" {
					op.Query = append(op.Query, p.Name)
				}
			}
			s := x.Body.Content["application/json"].Schema
			if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
				s = doc.Components.Schemas[name]
			}
			op.Fields = s.Properties
			out = append(out, op)
		}
	}
	slices.SortFunc(out, func(a, b operation) int { return strings.Compare(a.Path+a.Method, b.Path+b.Method) })
	return out
}

// TestClosedServicesAnswerNowhere closes every optional service of a territory:
// its pages and its operations do not exist there any more, whoever asks.
func TestClosedServicesAnswerNowhere(t *testing.T) {
	in := apptest.Start(t, storetest.SQLiteDSN(t), clock.System{}, false)
	town, err := in.Book.Get(t.Context(), here)
	if err != nil {
		t.Fatal(err)
	}
	settings := town.Settings
	settings.Closed = map[string]bool{}
	optional := map[string]bool{}
	for _, s := range in.Services {
		if s.Optional {
			settings.Closed[s.Name], optional[s.Name] = true, true
		}
	}
	if err := in.Book.Save(t.Context(), here, territory.Change{Version: town.Version, Name: town.Name, Settings: settings}); err != nil {
		t.Fatal(err)
	}
	client, asked := apptest.Client(t), 0
	for _, op := range operations(t, in) {
		if !optional[op.Service] {
			continue
		}
		asked++
		req, err := http.NewRequestWithContext(t.Context(), op.Method, in.URL+fill(op.Path, town.Slug), strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusNotFound || res.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s of a closed service: %d, %s", op.Method, op.Path, res.StatusCode, res.Header.Get("Content-Type"))
		}
	}
	for _, s := range in.Services {
		for _, r := range s.Routes {
			if !s.Optional || r.Scope != web.OfSite || r.Permission != web.Public || r.Method != http.MethodGet {
				continue
			}
			asked++
			if got := status(t, client, r.Method, in.URL+"/"+town.Slug+fill(r.Path, "")); got != http.StatusNotFound {
				t.Errorf("GET %s of a closed service: %d", r.Path, got)
			}
		}
	}
	if asked < 10 {
		t.Fatalf("only %d asked", asked)
	}
}

// fill puts the territory and values that look real into a path.
func fill(path, slug string) string {
	for name, v := range map[string]string{"{territory}": slug, "{token}": strings.Repeat("x", 43), "{link}": "x", "{$}": ""} {
		path = strings.ReplaceAll(path, name, v)
	}
	for {
		from, to := strings.IndexByte(path, '{'), strings.IndexByte(path, '}')
		if from < 0 || to < from {
			return path
		}
		path = path[:from] + "987654321" + path[to+1:]
	}
}
