package api

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"parvis/platform/clock"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
)

//go:embed migrations/*.sql
var files embed.FS

// Locales holds the texts of problems, of the documentation and of the page of the keys.
//
//go:embed locales/*.json
var Locales embed.FS

// Migration is the package's schema.
func Migration() store.Migration { return store.Migration{Name: "api", FS: files} }

// Manage is the permission that opens the page of the keys.
const Manage web.Permission = "api.manage"

// Config is what the interface needs from the floors above. DB, Catalog and
// Find are necessary.
type Config struct {
	DB      *store.DB
	Catalog *i18n.Catalog
	Clock   clock.Clock  // nil: the database's
	Logger  *slog.Logger // nil: silent

	// Find finds a territory by the segment after /api/v1/; store.ErrNotFound
	// when there is none.
	Find func(ctx context.Context, segment string) (web.Found, error)
	// Open tells whether a territory has a service: the operations of one that is
	// closed answer 404, as its pages do. nil: every service is open.
	Open func(found web.Found, service string) bool
	// Authenticate tells who holds a bearer token; store.ErrNotFound when
	// nobody does. nil: the keys of this package, see [API.Actor].
	Authenticate func(ctx context.Context, territory, token string) (web.Actor, error)
	// ClientIP is the caller's address for the rate limit; nil: the connection's.
	ClientIP func(r *http.Request) string

	Version string // of the program, "1.4.0"
	BaseURL string // "https://parvis.example", for the addresses in answers
	Limits  bool   // rate limits; off only in load tests
	// Labels are the message keys of service and permission names, for people.
	Labels map[string]string
}

// API is the interface: operations are registered on its groups at start, then
// it serves.
type API struct {
	cfg        Config
	huma       huma.API
	mux        *http.ServeMux
	operations map[string]*operation // by mux pattern
	ordered    []*operation
	offered    []web.Permission // for keys, beside those of operations
	problems   []error          // what registration refused
	limits     *limiter
	// registering is the service whose types are being described.
	registering string
}

// operation is a registered operation.
type operation struct {
	Operation
	pattern string // "POST /api/v1/{territory}/appointments"
	path    string
	service string
	doc     *huma.Operation
	maxBody int64
}

const prefix = "/api/v1/{territory}"

// New prepares an empty interface.
func New(cfg Config) *API {
	if cfg.Clock == nil {
		cfg.Clock = cfg.DB.Clock()
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.ClientIP == nil {
		cfg.ClientIP = remoteHost
	}
	cfg.BaseURL = strings.TrimSuffix(cfg.BaseURL, "/")
	a := &API{cfg: cfg, mux: http.NewServeMux(), operations: map[string]*operation{}, limits: newLimiter(cfg.Clock)}
	if a.cfg.Authenticate == nil {
		a.cfg.Authenticate = a.Actor
	}
	a.huma = humago.New(a.mux, a.humaConfig())
	return a
}

// Check returns what was refused at registration, all of it: an operation
// without permission, two of the same name, a type that cannot be described.
// The program must not start with an error.
func (a *API) Check() error { return errors.Join(a.problems...) }

// Mount gives the server the interface's patterns: everything under /api/v1/
// and the description. The documentation and the page of the keys are pages,
// see [API.Routes].
func (a *API) Mount(s *web.Server) error {
	if err := a.Check(); err != nil {
		return err
	}
	h := a.Handler()
	for _, pattern := range []string{"/api/v1/", "GET /api/openapi.json", "GET /api/openapi.yaml"} {
		s.Handle(pattern, h)
	}
	return nil
}

// Handler serves /api/v1/…, /api/openapi.json and /api/openapi.yaml.
func (a *API) Handler() http.Handler {
	root := http.NewServeMux()
	root.HandleFunc("GET /api/openapi.json", a.serveDescription)
	root.HandleFunc("GET /api/openapi.yaml", a.serveDescription)
	root.HandleFunc("/", a.serve)
	return root
}

// humaConfig describes the interface as a whole. Texts are message keys,
// replaced when the description is served.
func (a *API) humaConfig() huma.Config {
	cfg := huma.DefaultConfig("api.title", a.cfg.Version)
	cfg.Info.Description = "api.description"
	cfg.Info.License = &huma.License{Name: "Licence Ouverte 2.0", Identifier: "etalab-2.0"}
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "", "", ""
	cfg.CreateHooks = nil
	cfg.Components = &huma.Components{
		Schemas: newRegistry(func() string { return a.registering }),
		SecuritySchemes: map[string]*huma.SecurityScheme{
			"bearer": {Type: "http", Scheme: "bearer", Description: "api.security"},
		},
	}
	if a.cfg.BaseURL != "" {
		cfg.Servers = []*huma.Server{{URL: a.cfg.BaseURL}}
	}
	format := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: unmarshal}
	cfg.Formats = map[string]huma.Format{"application/json": format, "json": format}
	cfg.DefaultFormat = "application/json"
	cfg.RejectUnknownQueryParameters = true
	cfg.Transformers = []huma.Transformer{a.translate}
	return cfg
}

func (a *API) refuse(format string, args ...any) {
	a.problems = append(a.problems, fmt.Errorf("api: "+format, args...))
}

// timeout bounds one operation.
const timeout = 30 * time.Second
