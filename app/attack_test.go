package app_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"parvis/app"
	"parvis/app/apptest"
	"parvis/platform/clock"
	"parvis/platform/store"
	"parvis/platform/store/storetest"
	"parvis/platform/web"
)

// identifiers are a few of each table of a territory. The demonstration gives
// the same invented residents the same numbers everywhere: those are left out.
func identifiers(t *testing.T, in *apptest.Instance, territory string) (ids []store.ID) {
	t.Helper()
	tables, err := in.DB.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range tables {
		if !x.Territory {
			continue
		}
		var some []store.ID
		if err := in.DB.In(territory).View(t.Context(), func(tx *store.Tx) error {
			return tx.Select(t.Context(), &some, `SELECT id FROM `+x.Name+` WHERE territory_id = @territory AND id NOT IN (
				SELECT id FROM `+x.Name+` WHERE territory_id <> @territory) ORDER BY id DESC LIMIT 2`)
		}); err != nil {
			continue // no such column
		}
		ids = append(ids, some...)
	}
	if len(ids) < 15 {
		t.Fatalf("only %d identifiers", len(ids))
	}
	return ids
}

// TestIdentifiersOfOthers asks, as somebody who may do everything in a territory,
// every page and every operation of that territory for the things of another
// one: nothing is there, and nothing changes.
func TestIdentifiersOfOthers(t *testing.T) {
	in := apptest.Start(t, storetest.SQLiteDSN(t), clock.System{}, false)
	c, key := staffOfAll(t, in), everyKey(t, in)
	slug := in.Slug(t, here)
	ids := identifiers(t, in, elsewhere)
	put := func(path string, id store.ID) string {
		for _, name := range []string{"{id}", "{reason}"} {
			path = strings.Replace(path, name, id.String(), 1)
		}
		return fill(path, strings.TrimPrefix(slug, "/"))
	}
	before := rows(t, in)
	asked := 0
	check := func(what string, code int) {
		t.Helper()
		asked++
		if code < 400 || code >= 500 {
			t.Errorf("%s of another territory: %d", what, code)
		}
		if now := rows(t, in); !maps.Equal(before, now) {
			t.Errorf("%s of another territory changed %v", what, changed(before, now))
			before = now
		}
	}
	for _, id := range ids {
		for _, r := range in.Server.Routes() {
			if r.Scope == web.OfSite && (strings.Contains(r.Path, "{id}") || strings.Contains(r.Path, "{reason}")) {
				check(fmt.Sprint(r.Method, " ", r.Path, " with ", id), status(t, c, r.Method, in.URL+slug+put(r.Path, id)))
			}
		}
		for _, op := range operations(t, in) {
			if !strings.Contains(strings.Replace(op.Path, "{territory}", "", 1), "{") {
				continue
			}
			req, err := http.NewRequestWithContext(t.Context(), op.Method, in.URL+put(op.Path, id), strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Authorization", "Bearer "+key)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			check(fmt.Sprint(op.Method, " ", op.Path, " with ", id), res.StatusCode)
		}
	}
	if asked < 500 {
		t.Fatalf("only %d asked", asked)
	}
	// Identifiers in the fields of forms: those of the other territory are no
	// answer either.
	w := newCrawler(t, in, c)
	for _, p := range in.Pages(t, here) {
		w.visit(p.Path)
	}
	for p, f := range w.forms {
		for field, values := range f.Values {
			if _, err := store.ParseID(values[0]); err != nil || len(values[0]) < 10 {
				continue
			}
			before := owned(t, in)
			for _, id := range ids {
				sent := url.Values{}
				maps.Copy(sent, f.Values)
				sent.Set(field, id.String())
				if code, _ := post(t, c, in.URL+f.Action, sent); code >= 500 {
					t.Errorf("%s with %s of another territory: %d", p, field, code)
				}
			}
			if now := owned(t, in); !maps.Equal(before, now) {
				t.Errorf("%s with %s of another territory changed it: %v", p, field, changed(before, now))
			}
		}
	}
}

// owned counts the rows of the other territory.
func owned(t *testing.T, in *apptest.Instance) map[string]int {
	t.Helper()
	tables, err := in.DB.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, x := range tables {
		if x.Territory {
			var n int
			if err := in.DB.In(elsewhere).View(t.Context(), func(tx *store.Tx) error {
				return tx.Get(t.Context(), &n, `SELECT COUNT(*) FROM `+x.Name+` WHERE territory_id = @territory`)
			}); err != nil {
				t.Fatal(err)
			}
			out[x.Name] = n
		}
	}
	return out
}

// TestOtherSitesPostNowhere posts to every page as a page of another site would,
// signed in as somebody who may do everything.
func TestOtherSitesPostNowhere(t *testing.T) {
	in := apptest.Start(t, storetest.SQLiteDSN(t), clock.System{}, false)
	c, slug, asked := staffOfAll(t, in), in.Slug(t, here), 0
	for _, r := range in.Server.Routes() {
		if r.Method != http.MethodPost || r.OtherOrigins {
			continue
		}
		path := fill(r.Path, "")
		if r.Scope == web.OfSite {
			path = slug + path
		}
		for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"} {
			asked++
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, in.URL+path, strings.NewReader(""))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set(name, value)
			res, err := c.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			if res.StatusCode != http.StatusForbidden {
				t.Errorf("POST %s with %s: %s: %d", r.Path, name, value, res.StatusCode)
			}
		}
	}
	if asked < 60 {
		t.Fatalf("only %d asked", asked)
	}
}

// TestHostHeader: a forged host name is in no answer of an instance that knows
// its own.
func TestHostHeader(t *testing.T) {
	cfg, err := app.LoadConfig("", []string{"PARVIS_BASE_URL=https://parvis.example"})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Data, cfg.Database, cfg.Demo, cfg.Limits, cfg.MailFrom = t.TempDir(), storetest.SQLiteDSN(t), true, false, "ne-pas-repondre@parvis.exemple.fr"
	a := build(t, cfg, clock.System{})
	if _, err := a.FillDemo(t.Context(), func(string) {}); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(a.Handler())
	t.Cleanup(srv.Close)
	in := &apptest.Instance{App: a, URL: srv.URL}
	c := apptest.Client(t)
	for _, p := range in.Pages(t, here) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+p.Path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = "evil.example"
		req.Header.Set("X-Forwarded-Host", "evil.example")
		res, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || bytes.Contains(body, []byte("evil.example")) || strings.Contains(fmt.Sprint(res.Header), "evil.example") {
			t.Errorf("%s repeats the host it was asked under (%v)", p.Path, err)
		}
	}
}

// TestBombs: more than a form or a call may hold is refused before it is read,
// compressed or not.
func TestBombs(t *testing.T) {
	in := apptest.Start(t, storetest.SQLiteDSN(t), clock.System{}, false)
	slug := in.Slug(t, here)
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write(bytes.Repeat([]byte("email=a&"), 4<<20)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	many := strings.Repeat("a=1&", 200_000)
	before := rows(t, in)
	for name, x := range map[string]struct{ path, kind, coding, body string }{
		"long form":       {"/connexion", "application/x-www-form-urlencoded", "", "email=" + strings.Repeat("a", 8<<20)},
		"many fields":     {"/connexion", "application/x-www-form-urlencoded", "", many},
		"compressed form": {"/connexion", "application/x-www-form-urlencoded", "gzip", zipped.String()},
		"parts":           {"/connexion", "multipart/form-data; boundary=x", "", strings.Repeat("--x\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\na\r\n", 50_000)},
		"long call":       {"/api/v1" + slug + "/tracking", "application/json", "", `{"number":"` + strings.Repeat("a", 8<<20) + `"}`},
		"compressed call": {"/api/v1" + slug + "/tracking", "application/json", "gzip", zipped.String()},
		"deep call":       {"/api/v1" + slug + "/tracking", "application/json", "", strings.Repeat(`{"a":`, 100_000)},
		"webhook":         {"/webhooks/sms/ovh/xxxxxxxxxxxxxxxx", "application/json", "", strings.Repeat("[", 8<<20)},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, in.URL+x.path, strings.NewReader(x.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", x.kind)
		if x.coding != "" {
			req.Header.Set("Content-Encoding", x.coding)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			continue // the connection was closed while we were still sending
		}
		_ = res.Body.Close()
		if res.StatusCode < 400 || res.StatusCode >= 500 {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
	}
	if now := rows(t, in); !maps.Equal(before, now) {
		t.Errorf("rows changed: %v", changed(before, now))
	}
}
