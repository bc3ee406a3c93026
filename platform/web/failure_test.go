package web_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"parvis/platform/clock"
	"parvis/platform/store"
	"parvis/platform/web"
)

// TestClosedService reads the page of a service whose database is gone while the
// territory was already known: since when, what is safe, whom to call.
func TestClosedService(t *testing.T) {
	clk := clock.NewFake(time.Date(2026, 11, 23, 12, 40, 0, 0, time.UTC))
	lost := func(*web.Context) error { return store.ErrUnavailable }
	srv := serve(t, sites{}, []web.Route{{Method: "GET", Path: "/carte", Permission: web.Public, Handle: lost}, {Method: "POST", Path: "/carte", Permission: web.Public, Handle: lost},
		{Method: "GET", Path: "/ici", Scope: web.OfInstance, Permission: web.Public, Handle: lost}},
		func(c *web.Config) {
			c.Clock = clk
			c.Prepare = func(c *web.Context) {
				c.Site.Phone, c.Site.PhoneHours, c.Site.Address = "05 36 49 12 40", "9 h – 17 h", []string{"3, place de la Halle", "Vouneuil"}
			}
		})
	read := func(method, path string) *goquery.Document {
		t.Helper()
		got := do(t, client(t), method, srv.URL+path, nil)
		if got.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("%s %s: %d", method, path, got.StatusCode)
		}
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(got.body))
		if err != nil {
			t.Fatal(err)
		}
		if doc.Find("svg.dessin").Length() != 1 || doc.Find("h1").Length() != 1 || !strings.Contains(doc.Find(".alert.ok").Text(), "Rien n’est perdu") {
			t.Errorf("%s %s: no drawing, no title or nothing safe: %s", method, path, doc.Find("main").Text())
		}
		return doc
	}
	says := func(doc *goquery.Document, words ...string) {
		t.Helper()
		text := strings.ReplaceAll(doc.Find("main").Text(), "\u00a0", " ")
		for _, w := range words {
			if !strings.Contains(text, w) {
				t.Errorf("%q is not said: %s", w, text)
			}
		}
	}
	doc := read("GET", "/vouneuil/carte?jour=3")
	says(doc, "depuis 12 h 40", "05 36 49 12 40", "9 h – 17 h", "3, place de la Halle, Vouneuil")
	if href := doc.Find("a.btn-primary").AttrOr("href", ""); href != "/vouneuil/carte?jour=3" {
		t.Errorf("trying again leads to %s", href)
	}
	clk.Advance(4 * time.Minute)
	doc = read("POST", "/vouneuil/carte")
	says(doc, "depuis 12 h 40")
	if href := doc.Find("a.btn-primary").AttrOr("href", ""); href != "/vouneuil/" {
		t.Errorf("after a form, the way out leads to %s", href)
	}
	doc = read("GET", "/ici")
	if strings.Contains(doc.Find("main").Text(), "05 36") {
		t.Error("the instance shows the phone of a territory")
	}
	clk.Advance(10 * time.Minute) // it worked meanwhile: another pause, in the hour of Paris for the instance
	says(read("GET", "/ici"), "depuis 13 h 54")
}

// TestStreamCutsWhatIsNotWhole: a download that fails half-way must not look
// complete, one that fails at once is a page.
func TestStreamCutsWhatIsNotWhole(t *testing.T) {
	stream := func(first string, err error) web.Handler {
		return func(c *web.Context) error {
			return c.Stream("text/csv; charset=utf-8", "pierres é.csv", func(w io.Writer) error {
				if _, err := io.WriteString(w, first); err != nil {
					return err
				}
				return err
			})
		}
	}
	long, broken := strings.Repeat("pierre;", 1<<16), errors.New("the quarry is shut")
	srv := serve(t, sites{}, []web.Route{
		{Method: "GET", Path: "/entier", Permission: web.Public, Handle: stream(long, nil)},
		{Method: "GET", Path: "/coupe", Permission: web.Public, Handle: stream(long, broken)},
		{Method: "GET", Path: "/aussitot", Permission: web.Public, Handle: stream("pierre;", broken)},
	}, nil)
	got := do(t, client(t), "GET", srv.URL+"/vouneuil/entier", nil)
	if got.body != long || got.Header.Get("Content-Disposition") != `attachment; filename="pierres--.csv"` {
		t.Errorf("%d bytes, %q", len(got.body), got.Header.Get("Content-Disposition"))
	}
	got = do(t, client(t), "GET", srv.URL+"/vouneuil/aussitot", nil)
	if got.StatusCode != http.StatusInternalServerError || strings.Contains(got.body, "pierre;") || got.Header.Get("Content-Disposition") != "" {
		t.Errorf("a failure before anything left: %d %q", got.StatusCode, got.Header.Get("Content-Disposition"))
	}
	req, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL+"/vouneuil/coupe", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client(t).Do(req)
	if err == nil {
		defer res.Body.Close()
		_, err = io.ReadAll(res.Body)
	}
	if err == nil {
		t.Error("a file cut short looks whole")
	}
}
