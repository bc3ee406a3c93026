package web

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func built() fstest.MapFS {
	return fstest.MapFS{
		"manifest.json":       {Data: []byte(`{"app.css":"app.0123.css","atkinson.woff2":"atkinson.4567.woff2","parvis.js":"parvis.89ab.js","favicon.svg":"favicon.cdef.svg"}`)},
		"app.0123.css":        {Data: []byte("body{margin:0}")},
		"app.0123.css.gz":     {Data: []byte("squeezed")},
		"atkinson.4567.woff2": {Data: []byte("wOF2")},
		"parvis.89ab.js":      {Data: []byte("0")},
		"favicon.cdef.svg":    {Data: []byte("<svg/>")},
		"OFL.txt":             {Data: []byte("SIL Open Font License")},
	}
}

func ask(a *Assets, method, path string, header ...string) *http.Response {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestNotBuilt(t *testing.T) {
	if _, err := load(fstest.MapFS{".keep": {}}); !errors.Is(err, ErrNotBuilt) {
		t.Errorf("an empty dist gives %v", err)
	}
	if !strings.Contains(ErrNotBuilt.Error(), "make build") {
		t.Error("the error does not say what to do")
	}
}

func TestBrokenBuild(t *testing.T) {
	for _, missing := range []string{"app.0123.css", "OFL.txt"} {
		dir := built()
		delete(dir, missing)
		if _, err := load(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("without %s: %v", missing, err)
		}
	}
	dir := built()
	dir["manifest.json"] = &fstest.MapFile{Data: []byte("{")}
	if _, err := load(dir); err == nil {
		t.Error("a broken manifest is accepted")
	}
}

func TestServe(t *testing.T) {
	a, err := load(built())
	if err != nil {
		t.Fatal(err)
	}
	if got := a.Path("app.css"); got != "/static/app.0123.css" {
		t.Errorf("Path is %q", got)
	}
	if got := a.Path("other.css"); got != "/static/other.css" {
		t.Errorf("Path of an unknown name is %q", got)
	}
	for _, c := range []struct {
		method, path, accept string
		status               int
		encoding, body, mime string
	}{
		{"GET", a.Path("app.css"), "gzip, br", 200, "gzip", "squeezed", "text/css; charset=utf-8"},
		{"GET", a.Path("app.css"), "br;q=1, gzip;q=0.5", 200, "gzip", "squeezed", "text/css; charset=utf-8"},
		{"GET", a.Path("app.css"), "gzip;q=0", 200, "", "body{margin:0}", "text/css; charset=utf-8"},
		{"GET", a.Path("app.css"), "xgzip", 200, "", "body{margin:0}", "text/css; charset=utf-8"},
		{"GET", a.Path("app.css"), "", 200, "", "body{margin:0}", "text/css; charset=utf-8"},
		{"HEAD", a.Path("app.css"), "", 200, "", "", "text/css; charset=utf-8"},
		{"GET", a.Path("atkinson.woff2"), "gzip", 200, "", "wOF2", "font/woff2"},
		{"GET", a.Path("parvis.js"), "", 200, "", "0", "text/javascript; charset=utf-8"},
		{"GET", a.Path("favicon.svg"), "", 200, "", "<svg/>", "image/svg+xml"},
		{"GET", "/static/OFL.txt", "", 200, "", "SIL Open Font License", "text/plain; charset=utf-8"},
		{"GET", "/static/app.css", "", 404, "", "404 page not found\n", "text/plain; charset=utf-8"},
		{"GET", "/static/manifest.json", "", 404, "", "404 page not found\n", "text/plain; charset=utf-8"},
		{"GET", "/static/../manifest.json", "", 404, "", "404 page not found\n", "text/plain; charset=utf-8"},
		{"POST", a.Path("app.css"), "", 405, "", "Method Not Allowed\n", "text/plain; charset=utf-8"},
	} {
		r := ask(a, c.method, c.path, "Accept-Encoding", c.accept)
		if r.StatusCode != c.status || r.Header.Get("Content-Encoding") != c.encoding || body(t, r) != c.body || r.Header.Get("Content-Type") != c.mime {
			t.Errorf("%s %s (%s): %d %v", c.method, c.path, c.accept, r.StatusCode, r.Header)
		}
		immutable := r.Header.Get("Cache-Control") == "public, max-age=31536000, immutable"
		if immutable != (c.status == 200) {
			t.Errorf("%s %s is kept: %v", c.method, c.path, immutable)
		}
	}
}

func TestNotModified(t *testing.T) {
	a, err := load(built())
	if err != nil {
		t.Fatal(err)
	}
	plain := ask(a, "GET", a.Path("app.css")).Header.Get("ETag")
	small := ask(a, "GET", a.Path("app.css"), "Accept-Encoding", "gzip").Header.Get("ETag")
	if plain == "" || small == "" || plain == small {
		t.Fatalf("tags %q and %q", plain, small)
	}
	if r := ask(a, "GET", a.Path("app.css"), "If-None-Match", plain); r.StatusCode != 304 || body(t, r) != "" {
		t.Errorf("same tag gives %d", r.StatusCode)
	}
	if r := ask(a, "GET", a.Path("app.css"), "If-None-Match", small); r.StatusCode != 200 {
		t.Errorf("the tag of the compressed twin gives %d", r.StatusCode)
	}
}

// TestBuild looks at what make build made: everything a page links, within its weight, from nowhere else.
func TestBuild(t *testing.T) {
	a, err := Load()
	if errors.Is(err, ErrNotBuilt) {
		t.Skip("styles are not built")
	}
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for name, limit := range map[string]int{"app.css": 45_000, "parvis.js": 5_000, "atkinson.woff2": 36_000, "favicon.svg": 1_000} {
		raw, sent := a.Size(name)
		if raw == 0 || raw > limit || sent > raw {
			t.Errorf("%s weighs %d bytes (%d sent), limit %d", name, raw, sent, limit)
		}
		total += sent
	}
	if total > 60_000 {
		t.Errorf("a first page is sent %d bytes before its own", total)
	}
	if raw, _ := a.Size("staff.css"); raw == 0 || raw > 30_000 {
		t.Errorf("staff.css weighs %d bytes", raw)
	}
	for _, name := range []string{"app.css", "staff.css"} {
		f := a.files[a.names[name]]
		if strings.Contains(string(f.data), "//") || strings.Contains(string(f.data), "@import") {
			t.Errorf("%s asks another server", name)
		}
		for _, m := range regexp.MustCompile(`url\(([^)]*)\)`).FindAllStringSubmatch(string(f.data), -1) {
			if _, ok := a.files[m[1]]; !ok && !strings.HasPrefix(m[1], "data:") && !strings.HasPrefix(m[1], `"data:`) {
				t.Errorf("%s links %s, which is not built", name, m[1])
			}
		}
		z, err := gzip.NewReader(strings.NewReader(string(f.gzip)))
		if err != nil {
			t.Fatal(err)
		}
		if whole, err := io.ReadAll(z); err != nil || string(whole) != string(f.data) {
			t.Errorf("the compressed %s is another file: %v", name, err)
		}
	}
}

// TestLock: the packages are pinned exactly and the lock names no registry.
func TestLock(t *testing.T) {
	var pkg struct {
		Dev map[string]string `json:"devDependencies"`
	}
	raw, err := os.ReadFile("package.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &pkg); err != nil {
		t.Fatal(err)
	}
	for name, version := range pkg.Dev {
		if !regexp.MustCompile(`^\d+\.\d+\.\d+$`).MatchString(version) {
			t.Errorf("%s is pinned to %q", name, version)
		}
	}
	lock, err := os.ReadFile("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`"resolved": "([^"]*)"`).FindAllStringSubmatch(string(lock), -1) {
		if !strings.HasPrefix(m[1], "https://registry.npmjs.org/") {
			t.Errorf("the lock names %s", m[1])
		}
	}
	if !strings.Contains(string(lock), `"integrity"`) {
		t.Error("the lock has no checksum")
	}
}

// TestScript: what a page runs is plain, and needs nothing that the policy of the pages refuses.
func TestScript(t *testing.T) {
	files, err := filepath.Glob("scripts/client/*.js")
	if err != nil || len(files) == 0 {
		t.Fatalf("no script: %v", err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"eval(", "new Function", "innerHTML", ".style", "http://", "https://", "document.write", "localStorage"} {
			if strings.Contains(string(raw), word) {
				t.Errorf("%s uses %s", f, word)
			}
		}
	}
}
