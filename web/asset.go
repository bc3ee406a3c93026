package web

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

//go:embed all:dist
var dist embed.FS

// Prefix is where built files are served.
const Prefix = "/static/"

// ErrNotBuilt is returned when the program was compiled before its styles.
var ErrNotBuilt = errors.New("web: dist is empty, run make build")

// Assets is the built files, read once. It is safe for concurrent use.
type Assets struct {
	names map[string]string // "app.css" → "app.3f2a.css"
	files map[string]file   // by built name
}

type file struct {
	data, gzip []byte
	mime       string
	tag        string // strong entity tag of data
}

// Load reads the embedded files. It returns ErrNotBuilt when they were not built.
func Load() (*Assets, error) {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, fmt.Errorf("web: open dist: %w", err)
	}
	return load(sub)
}

func load(dir fs.FS) (*Assets, error) {
	raw, err := fs.ReadFile(dir, "manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotBuilt
	}
	if err != nil {
		return nil, fmt.Errorf("web: read manifest: %w", err)
	}
	a := &Assets{names: map[string]string{}, files: map[string]file{}}
	if err := json.Unmarshal(raw, &a.names); err != nil {
		return nil, fmt.Errorf("web: read manifest: %w", err)
	}
	for name, built := range a.names {
		if err := a.add(dir, built); err != nil {
			return nil, fmt.Errorf("web: %s: %w", name, err)
		}
	}
	if err := a.add(dir, "OFL.txt"); err != nil {
		return nil, fmt.Errorf("web: licence of the font: %w", err)
	}
	return a, nil
}

func (a *Assets) add(dir fs.FS, name string) error {
	data, err := fs.ReadFile(dir, name)
	if err != nil {
		return err
	}
	f := file{data: data, mime: mimeType(name), tag: strconv.Quote(strings.TrimSuffix(name, path.Ext(name)))}
	if small, err := fs.ReadFile(dir, name+".gz"); err == nil {
		f.gzip = small
	}
	a.files[name] = f
	return nil
}

// mimeType does not ask the system, whose table differs from one machine to the next.
func mimeType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".png":
		return "image/png"
	}
	return "text/plain; charset=utf-8"
}

// Path is the address of a file from its plain name, "app.css" → "/static/app.3f2a.css". A name that does
// not exist keeps itself, and is not found when asked for.
func (a *Assets) Path(name string) string {
	if built, ok := a.names[name]; ok {
		return Prefix + built
	}
	return Prefix + name
}

// Names lists the plain names, sorted.
func (a *Assets) Names() []string {
	names := make([]string, 0, len(a.names))
	for n := range a.names {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// Size is the length of a file in bytes, before compression and as sent to a browser that reads gzip; zero
// for an unknown name.
func (a *Assets) Size(name string) (raw, sent int) {
	f := a.files[a.names[name]]
	if f.gzip != nil {
		return len(f.data), len(f.gzip)
	}
	return len(f.data), len(f.data)
}

// ServeHTTP serves GET and HEAD under Prefix: kept for a year (RFC 8246, immutable), compressed when the
// browser accepts gzip (RFC 9110, section 12.5.3).
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, Prefix)
	f, ok := a.files[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.mime)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	body, tag := f.data, f.tag
	if f.gzip != nil && acceptsGzip(r.Header.Get("Accept-Encoding")) {
		body, tag = f.gzip, strings.TrimSuffix(f.tag, `"`)+`-gzip"`
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", tag)
	if strings.Contains(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body) // the browser left: nothing to tell it
}

// acceptsGzip reads an Accept-Encoding header: gzip named, and not with a weight of zero.
func acceptsGzip(header string) bool {
	for _, part := range strings.Split(header, ",") {
		coding, weight, _ := strings.Cut(part, ";")
		if strings.TrimSpace(coding) != "gzip" {
			continue
		}
		q, found := strings.CutPrefix(strings.TrimSpace(weight), "q=")
		if !found {
			return true
		}
		value, err := strconv.ParseFloat(q, 64)
		return err == nil && value > 0
	}
	return false
}
