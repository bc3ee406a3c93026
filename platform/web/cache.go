package web

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"sync"
	"time"

	"parvis/platform/clock"
)

// cached is one answer kept in memory, with its compressed twin.
type cached struct {
	plain, zipped []byte
	header        http.Header
	until         time.Time
}

// pageCache keeps the answers that everybody without a session gets alike, for
// a few seconds: the portal on the day a crisis brings the whole town at once.
type pageCache struct {
	clock clock.Clock
	mu    sync.RWMutex
	pages map[string]*cached
}

// Bounds of the cache: pages, bytes of one page, length of a language header.
const (
	maxPages     = 2000
	maxPage      = 256 << 10
	maxLanguages = 100
)

func newPageCache(c clock.Clock) *pageCache {
	return &pageCache{clock: c, pages: map[string]*cached{}}
}

// key names an answer; "" when it must not be kept: somebody may be signed in,
// or the address carries a question.
func (s *Server) cacheKey(r *http.Request, info *request) string {
	if r.Method != http.MethodGet || r.URL.RawQuery != "" || s.sessions.has(r) || info.found == nil {
		return ""
	}
	lang := r.Header.Get("Accept-Language")
	if c, err := r.Cookie("parvis_lang"); err == nil {
		lang = c.Value
	}
	if len(lang) > maxLanguages {
		return ""
	}
	return strings.Join([]string{info.found.Territory, info.prefix, r.Host, r.URL.Path, lang}, "\x00")
}

// keep serves route answers from memory for d.
func (s *Server) keep(d time.Duration, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		info := r.Context().Value(requestKey{}).(*request)
		key := s.cacheKey(r, info)
		if key == "" {
			h.ServeHTTP(w, r)
			return
		}
		if s.cfg.Limits && !s.limits.allow(s.clientIP(r), Normal) {
			h.ServeHTTP(w, r) // which refuses, with its page
			return
		}
		if p := s.pages.find(key); p != nil {
			p.write(w, r)
			return
		}
		rec := &buffer{header: w.Header()}
		h.ServeHTTP(rec, r)
		if rec.status == 0 || rec.status == http.StatusOK {
			if p := s.pages.put(key, rec, d); p != nil {
				p.write(w, r)
				return
			}
		}
		if rec.status != 0 {
			w.WriteHeader(rec.status)
		}
		_, _ = w.Write(rec.body.Bytes())
	})
}

func (c *pageCache) find(key string) *cached {
	c.mu.RLock()
	p := c.pages[key]
	c.mu.RUnlock()
	if p == nil || !c.clock.Now().Before(p.until) {
		return nil
	}
	return p
}

func (c *pageCache) put(key string, rec *buffer, d time.Duration) *cached {
	if rec.body.Len() > maxPage || rec.header.Get("Set-Cookie") != "" {
		return nil
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write(rec.body.Bytes()); err != nil || z.Close() != nil {
		return nil
	}
	p := &cached{plain: rec.body.Bytes(), zipped: zipped.Bytes(), header: rec.header.Clone(), until: c.clock.Now().Add(d)}
	c.mu.Lock()
	if len(c.pages) >= maxPages {
		clear(c.pages)
	}
	c.pages[key] = p
	c.mu.Unlock()
	return p
}

func (p *cached) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	for name, v := range p.header {
		h[name] = v
	}
	h["Vary"] = []string{"Accept-Language, Accept-Encoding, Cookie"}
	body := p.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h["Content-Encoding"] = []string{"gzip"}
		body = p.zipped
	}
	_, _ = w.Write(body)
}

// buffer takes an answer before it is sent.
type buffer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header satisfies http.ResponseWriter.
func (b *buffer) Header() http.Header { return b.header }

// WriteHeader notes the status.
func (b *buffer) WriteHeader(status int) {
	if b.status == 0 {
		b.status = status
	}
}

// Write keeps.
func (b *buffer) Write(p []byte) (int, error) { return b.body.Write(p) }
