package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"parvis/platform/clock"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web/page"
)

// Config is what the server needs from the floors above.
type Config struct {
	DB      *store.DB
	Catalog *i18n.Catalog
	Assets  Assets
	Clock   clock.Clock
	Logger  *slog.Logger

	BaseURL string   // "https://parvis.example"; decides Secure cookies and HSTS
	Proxies []string // addresses whose X-Forwarded-For is believed
	Limits  bool     // rate limits; off only in load tests

	Sites    Finder
	Identify func(c *Context) (Actor, error) // who acts; called when the request carries a session
	Rail     func(c *Context) (page.StaffFrame, error)
	Operator func(c *Context) page.Operator
	Banner   func(c *Context) *page.Banner
	SignIn   string           // path of the instance where staff sign in
	Prepare  func(c *Context) // completes the site with what depends on the hour and the language
	Observe  func(route string, status int, took time.Duration)
}

// Assets serves the built files.
type Assets interface {
	http.Handler
	page.Assets
}

// Finder finds the site of a request.
type Finder interface {
	// BySegment finds a site by the first segment of the path; store.ErrNotFound otherwise.
	BySegment(ctx context.Context, segment string) (Found, error)
	// ByHost finds a site that has its own host name.
	ByHost(ctx context.Context, host string) (Found, error)
}

// Server answers HTTP requests.
type Server struct {
	cfg      Config
	site     *http.ServeMux
	instance *http.ServeMux
	extra    *http.ServeMux  // handlers that are not pages: API, metrics, health
	missing  http.Handler    // the page of an address that does not exist
	first    map[string]bool // first segments that are the instance's own
	routes   []Route
	sessions *sessions
	limits   *limiter
	pages    *pageCache
	origin   *http.CrossOriginProtection
	proxies  proxies
	outage   outage
}

// New builds the server from the table of routes; an incomplete route is an error.
func New(cfg Config, routes []Route) (*Server, error) {
	s := &Server{cfg: cfg, routes: routes, site: http.NewServeMux(), instance: http.NewServeMux(), extra: http.NewServeMux(),
		first: map[string]bool{"static": true}, limits: newLimiter(cfg.Clock), pages: newPageCache(cfg.Clock), origin: http.NewCrossOriginProtection()}
	s.sessions = newSessions(cfg.DB, strings.HasPrefix(cfg.BaseURL, "https://"))
	s.missing = s.page(Route{Permission: Public, OtherOrigins: true, Handle: func(*Context) error { return fault.New(fault.NotFound, "") }})
	var err error
	if s.proxies, err = parseProxies(cfg.Proxies); err != nil {
		return nil, err
	}
	for _, r := range routes {
		if err := r.check(); err != nil {
			return nil, err
		}
		mux := s.site
		if r.Scope == OfInstance {
			mux = s.instance
			s.first[segment(r.Path)] = true
		}
		pattern := r.Path
		if strings.HasSuffix(pattern, "/") {
			pattern += "{$}"
		}
		if r.Method != AnyMethod {
			pattern = r.Method + " " + pattern
		}
		if err := register(mux, pattern, s.page(r)); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// register turns the mux's panic on a conflicting pattern into an error.
func register(mux *http.ServeMux, pattern string, h http.Handler) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("web: %v", p)
		}
	}()
	mux.Handle(pattern, h)
	return nil
}

// Handle adds a handler outside the pages: pattern as in net/http, its first
// segment then belongs to the instance.
func (s *Server) Handle(pattern string, h http.Handler) {
	path := pattern[strings.IndexByte(pattern, '/'):]
	s.first[segment(path)] = true
	s.extra.Handle(pattern, h)
}

// Routes is the table of contents, for derived tests and the permission matrix.
func (s *Server) Routes() []Route { return s.routes }

func segment(path string) string {
	path = strings.TrimPrefix(path, "/")
	if i := strings.IndexByte(path, '/'); i >= 0 {
		path = path[:i]
	}
	if strings.HasPrefix(path, "{") {
		return ""
	}
	return path
}

type requestKey struct{}

// request is what the outer layers know of a request.
type request struct {
	found  *Found
	prefix string // what was taken off the path, "/vouneuil"
	ctx    *Context
	route  string
	cause  error
}

// ServeHTTP finds the site, then the page.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	info := &request{}
	rec := &recorder{ResponseWriter: w}
	r = r.WithContext(context.WithValue(r.Context(), requestKey{}, info))
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			info.cause = fmt.Errorf("panic: %v", p)
			s.cfg.Logger.ErrorContext(r.Context(), "panic", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			if rec.status == 0 {
				s.fail(s.bareContext(rec, r), fault.New(fault.Internal, ""))
			}
		}
		s.observe(r, info, rec, time.Since(start))
	}()
	s.route(rec, r, info)
}

func (s *Server) route(w http.ResponseWriter, r *http.Request, info *request) {
	s.secure(w)
	if len(r.URL.Path) > 2048 || strings.ContainsAny(r.URL.Path, "\r\n") || Clean(r.URL.Path) != r.URL.Path {
		s.fail(s.bareContext(w, r), fault.New(fault.NotFound, ""))
		return
	}
	first := segment(r.URL.Path)
	if first == "static" {
		s.cfg.Assets.ServeHTTP(w, r)
		return
	}
	if first == "" || s.first[first] {
		if h, pattern := s.extra.Handler(r); pattern != "" {
			info.route = pattern
			h.ServeHTTP(w, r)
			return
		}
	}
	found, err := s.cfg.Sites.ByHost(r.Context(), hostOnly(r.Host))
	switch {
	case err == nil:
		if _, pattern := s.site.Handler(r); pattern == "" && s.first[first] {
			break // signing in, for instance, belongs to the instance under every host
		}
		info.found = &found
		s.serve(s.site, w, r, info)
		return
	case !errors.Is(err, store.ErrNotFound):
		s.fail(s.bareContext(w, r), err)
		return
	}
	if first == "" || s.first[first] {
		s.serve(s.instance, w, r, info)
		return
	}
	found, err = s.cfg.Sites.BySegment(r.Context(), first)
	if err != nil {
		s.fail(s.bareContext(w, r), err)
		return
	}
	info.found, info.prefix = &found, "/"+first
	rest := strings.TrimPrefix(r.URL.Path, info.prefix)
	if rest == "" {
		http.Redirect(w, r, info.prefix+"/", http.StatusMovedPermanently)
		return
	}
	inner := r.Clone(r.Context())
	inner.URL.Path, inner.URL.RawPath = rest, ""
	s.serve(s.site, w, inner, info)
}

// serve lets the mux choose, and gives unknown addresses our own page.
func (s *Server) serve(mux *http.ServeMux, w http.ResponseWriter, r *http.Request, info *request) {
	if _, pattern := mux.Handler(r); pattern != "" {
		info.route = pattern
		mux.ServeHTTP(w, r)
		return
	}
	s.missing.ServeHTTP(w, r)
}

// page is the handler of one route.
func (s *Server) page(route Route) http.Handler {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		info := r.Context().Value(requestKey{}).(*request)
		c, err := s.context(w, r, info, route)
		if err == nil {
			err = s.admit(c)
		}
		if err == nil {
			err = route.Handle(c)
		}
		if err != nil {
			s.fail(c, err)
		}
	})
	wrapped := s.sessions.wrap(h, s)
	if route.Keep > 0 {
		return s.keep(route.Keep, wrapped)
	}
	return wrapped
}

// admit checks rate, origin and permission, in that order.
func (s *Server) admit(c *Context) error {
	if s.cfg.Limits && !s.limits.allow(s.clientIP(c.Request), c.route.Rate) {
		return fault.New(fault.TooMany, "")
	}
	if !c.route.OtherOrigins {
		if err := s.origin.Check(c.Request); err != nil {
			return fault.New(fault.Forbidden, "web.error.origin").Because(err)
		}
	}
	if c.route.Permission == Public {
		return nil
	}
	if !c.Actor.Staff() {
		return fault.New(fault.SignIn, "")
	}
	if !c.Actor.Can(c.route.Permission) {
		return fault.New(fault.Forbidden, "")
	}
	return nil
}

// context prepares what handlers work with.
func (s *Server) context(w http.ResponseWriter, r *http.Request, info *request, route Route) (*Context, error) {
	c := s.bareContext(w, r)
	c.route = route
	if info.found != nil {
		site := info.found.Site
		site.Path = info.prefix
		c.Site, c.Found = &site, *info.found
		c.Store = s.cfg.DB.In(info.found.Territory)
		if info.found.Location != nil {
			c.Request = c.Request.WithContext(i18n.WithLocation(c.Ctx(), info.found.Location))
		}
	}
	info.ctx = c
	if c.Site != nil && s.cfg.Prepare != nil {
		s.cfg.Prepare(c)
	}
	if s.cfg.Identify != nil && s.sessions.has(r) {
		actor, err := s.cfg.Identify(c)
		if err != nil {
			return c, err
		}
		c.Actor = actor
	}
	return c, nil
}

// bareContext is enough for an error page: it needs no database.
func (s *Server) bareContext(w http.ResponseWriter, r *http.Request) *Context {
	lang := s.language(w, r)
	ctx := i18n.With(r.Context(), s.cfg.Catalog.Localizer(lang...))
	ctx = page.WithAssets(ctx, s.cfg.Assets)
	c := &Context{Writer: w, Request: r.WithContext(ctx), DB: s.cfg.DB, server: s, base: s.baseURL(r)}
	c.langs = languageLinks(c)
	return c
}

func (s *Server) baseURL(r *http.Request) string {
	if s.cfg.BaseURL != "" {
		return strings.TrimSuffix(s.cfg.BaseURL, "/")
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

// observe logs one wide event per request, without anything personal: no
// query, no address of the visitor, no name.
func (s *Server) observe(r *http.Request, info *request, rec *recorder, took time.Duration) {
	route := info.route
	if route == "" {
		route = "none"
	}
	if s.cfg.Observe != nil {
		s.cfg.Observe(route, rec.Status(), took)
	}
	level := slog.LevelInfo
	attrs := []slog.Attr{slog.String("method", r.Method), slog.String("route", route), slog.Int("status", rec.Status()),
		slog.Duration("took", took.Round(time.Microsecond)), slog.Int64("bytes", rec.bytes)}
	if info.found != nil {
		attrs = append(attrs, slog.String("territory", info.found.Territory))
	}
	if info.ctx != nil {
		attrs = append(attrs, slog.Bool("staff", info.ctx.Actor.Staff()))
	}
	if info.cause != nil {
		attrs = append(attrs, slog.String("cause", info.cause.Error()))
		if rec.Status() >= 500 {
			level = slog.LevelError
		}
	}
	s.cfg.Logger.LogAttrs(r.Context(), level, "request", attrs...)
}
