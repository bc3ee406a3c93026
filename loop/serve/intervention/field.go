package intervention

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"parvis/core/crew"
	"parvis/platform/fault"
	"parvis/platform/file"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/sync"
	"parvis/platform/upload"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// Addresses of the field page.
const (
	fieldPath  = "/terrain"
	uploadPath = fieldPath + "/envois"
)

// fieldRoutes are the field page and what it talks to.
func (s *Service) fieldRoutes() []web.Route {
	routes := []web.Route{
		{Method: http.MethodGet, Path: fieldPath, Permission: MayWork, Handle: s.field},
		{Method: http.MethodGet, Path: fieldPath + "/manifeste.webmanifest", Permission: web.Public, Handle: s.manifest},
		{Method: http.MethodGet, Path: fieldPath + "/service.js", Permission: web.Public, Handle: s.worker},
		{Method: http.MethodGet, Path: fieldPath + "/base", Permission: MayWork, Handle: s.fieldBase, Sample: "-"},
		{Method: http.MethodPost, Path: fieldPath + "/sync/push", Permission: MayWork, Handle: s.push},
		{Method: http.MethodGet, Path: fieldPath + "/sync/pull", Permission: MayWork, Handle: s.pull, Sample: "-"},
		{Method: http.MethodGet, Path: fieldPath + "/photos/{id}", Permission: MayRead, Handle: s.picture, Sample: "-"},
	}
	for _, m := range []string{http.MethodPost, http.MethodOptions} {
		routes = append(routes, web.Route{Method: m, Path: uploadPath, Permission: MayWork, Handle: s.receive})
	}
	for _, m := range []string{http.MethodHead, http.MethodPatch, http.MethodDelete} {
		routes = append(routes, web.Route{Method: m, Path: uploadPath + "/{id}", Permission: MayWork, Handle: s.receive})
	}
	return routes
}

// who is the actor as synchronisation sees them.
func (s *Service) who(c *web.Context) (sync.Who, error) {
	w := sync.Who{Person: c.Actor.ID, May: func(right string) bool { return c.Actor.Can(web.Permission(right)) }, All: c.Actor.Can(MayPlan)}
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) error {
		crews, err := crew.Of(c.Ctx(), tx, c.Actor.ID)
		w.Scopes = nil
		for _, id := range crews {
			w.Scopes = append(w.Scopes, crewScope(id))
		}
		return err
	})
	return w, err
}

// answer writes v as JSON with an entity tag; the same content again is 304.
func answer(c *web.Context, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if c.Request.Method == http.MethodGet {
		sum := sha256.Sum256(raw)
		tag := `"` + hex.EncodeToString(sum[:8]) + `"`
		c.Writer.Header().Set("ETag", tag)
		c.Writer.Header().Set("Cache-Control", "private, no-cache")
		if c.Request.Header.Get("If-None-Match") == tag {
			c.Writer.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	return c.File("application/json", "", raw)
}

func (s *Service) fieldBase(c *web.Context) error {
	who, err := s.who(c)
	if err != nil {
		return err
	}
	var b base
	if err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		b, err = s.baseOf(c.Ctx(), tx, who, c.Actor.Name)
		return err
	}); err != nil {
		return err
	}
	return answer(c, b)
}

func (s *Service) push(c *web.Context) error {
	upload.Patient(c.Writer)
	raw, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, sync.MaxBytes+1024))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		c.Writer.WriteHeader(http.StatusRequestEntityTooLarge)
		return nil
	}
	if err != nil {
		return fault.New(fault.Invalid, "intervention.error.body").Because(err)
	}
	var batch sync.Batch
	if err := json.NewDecoder(bytes.NewReader(raw)).Decode(&batch); err != nil {
		return fault.New(fault.Invalid, "intervention.error.body").Because(err)
	}
	who, err := s.who(c)
	if err != nil {
		return err
	}
	a, err := s.sync.Push(c.Ctx(), c.Store, who, batch)
	if errors.Is(err, sync.ErrTooLarge) {
		c.Writer.WriteHeader(http.StatusRequestEntityTooLarge)
		return nil
	}
	if err != nil {
		return err
	}
	return answer(c, a)
}

func (s *Service) pull(c *web.Context) error {
	who, err := s.who(c)
	if err != nil {
		return err
	}
	in := sync.Asked{Device: c.Query("device"), Full: c.Query("full") == "1"}
	if v := c.Query("since"); v != "" {
		if in.Since, err = strconv.ParseInt(v, 10, 64); err != nil {
			return fault.New(fault.Invalid, "intervention.error.body").Because(err)
		}
	}
	a, err := s.sync.Pull(c.Ctx(), c.Store, who, in)
	if err != nil {
		return err
	}
	return answer(c, a)
}

func (s *Service) receive(c *web.Context) error {
	upload.Patient(c.Writer)
	return s.uploads.Serve(c.Writer, c.Request, c.Store, c.Actor.ID, c.Href(uploadPath), c.Param("id"))
}

// picture shows a photo of an order.
func (s *Service) picture(c *web.Context) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	var e Entry
	if err := c.Store.View(c.Ctx(), func(tx *store.Tx) error {
		return tx.Get(c.Ctx(), &e, `SELECT `+entryColumns+` FROM intervention_entry WHERE territory_id = @territory AND id = ? AND file_state = 'ready'`, id)
	}); err != nil {
		return err
	}
	r, _, err := s.Files.Open(c.Ctx(), e.FileKey)
	if errors.Is(err, file.ErrNotFound) {
		return fault.New(fault.NotFound, "").Because(err)
	}
	if err != nil {
		return err
	}
	defer r.Close()
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	c.Writer.Header().Set("Cache-Control", "private, max-age=86400")
	return c.File("image/jpeg", "", raw)
}

// field is the page itself: a shell that holds nothing of anybody, so that the
// browser may keep it; a script fills it.
func (s *Service) field(c *web.Context) error {
	words, err := fieldWords(c)
	if err != nil {
		return err
	}
	p := c.Page(c.T("intervention.field.title"))
	p.NoIndex = true
	return c.Render(fieldPage(p, fieldView{Words: words, Base: c.Href(fieldPath), Online: c.Href(ordersPath), Manifest: c.Href(fieldPath + "/manifeste.webmanifest"),
		SignIn: "/connexion?vers=" + c.Href(fieldPath), Lang: i18n.Lang(c.Ctx()), Name: p.Site.Name, Zone: i18n.Location(c.Ctx()).String()}))
}

// manifest makes the page installable (W3C Web Application Manifest).
func (s *Service) manifest(c *web.Context) error {
	icon := func(size string, purpose string) map[string]string {
		name := "terrain-" + size + ".png"
		return map[string]string{"src": asset(c, name), "sizes": size + "x" + size, "type": "image/png", "purpose": purpose}
	}
	raw, err := json.Marshal(map[string]any{
		"name": c.T("intervention.field.app", "Name", c.Site.Name), "short_name": c.T("intervention.field.short"), "lang": i18n.Lang(c.Ctx()), "dir": "ltr",
		"id": c.Href(fieldPath), "start_url": c.Href(fieldPath), "scope": c.Href(fieldPath), "display": "standalone", "background_color": "#FBF8F3", "theme_color": "#12343B",
		"icons": []map[string]string{icon("192", "any"), icon("512", "any"), icon("512", "maskable")},
	})
	if err != nil {
		return err
	}
	c.Writer.Header().Set("Cache-Control", "public, max-age=3600")
	return c.File("application/manifest+json", "", raw)
}

// fieldScripts are the page's own, in order.
func fieldScripts() []string {
	return []string{"terrain-store.js", "terrain-sync.js", "terrain-model.js", "terrain-map.js", "terrain-view.js", "terrain.js"}
}

// asset is the built address of a file.
func asset(c *web.Context, name string) string { return page.AssetPath(c.Ctx(), name) }

// worker is the service worker: which files make the page, then the script
// that serves them. It changes when one of them does.
func (s *Service) worker(c *web.Context) error {
	var files []string
	for _, name := range append(fieldScripts(), "app.css", "terrain.css", "atkinson.woff2", "favicon.svg", "terrain-192.png") {
		files = append(files, asset(c, name))
	}
	if c.Site.ThemeHref != "" {
		files = append(files, c.Site.ThemeHref)
	}
	sum := sha256.Sum256([]byte(strings.Join(files, "\n")))
	raw, err := json.Marshal(map[string]any{"version": hex.EncodeToString(sum[:6]), "page": c.Href(fieldPath), "files": files})
	if err != nil {
		return err
	}
	c.Writer.Header().Set("Cache-Control", "no-cache")
	c.Writer.Header().Set("Service-Worker-Allowed", c.Href(fieldPath)) // one level above its own address
	return c.File("text/javascript; charset=utf-8", "", []byte("self.PARVIS = "+string(raw)+";\nimportScripts("+strconv.Quote(asset(c, "terrain-service.js"))+");\n"))
}
