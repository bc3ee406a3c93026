package exchange

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"parvis/loop/listen/report/open311"
	"parvis/platform/fault"
	"parvis/platform/geo"
	"parvis/platform/store"
	"parvis/platform/web"
)

// Jurisdiction is a territory as the interface names it.
type Jurisdiction struct {
	Territory string
	Names     []string // jurisdiction_id: any of them, the first is shown
	Name      string   // "Grand Poitiers"
	URL       string   // of its pages, without final slash
	Contact   string   // how to reach people about the interface
	Test      bool     // a demonstration
}

// Server answers the calls of GeoReport v2.
type Server struct {
	Book Book
	// Here is the jurisdiction of a site.
	Here func(ctx context.Context, territory string) (Jurisdiction, error)
	// Named finds one by its jurisdiction_id where several are served;
	// store.ErrNotFound when there is none, or it has closed the interface.
	Named func(ctx context.Context, name string) (Jurisdiction, error)
	// Within tells whether a point is the territory's. Optional: every point is.
	Within func(ctx context.Context, territory string, p geo.Point) (bool, error)
	// Key tells who holds an API key; store.ErrNotFound.
	Key func(ctx context.Context, territory, secret string) (web.Actor, error)
}

// Path is where the interface is, on a site and on the instance.
const Path = "/open311/v2"

// Rights of the keys.
const (
	MayFile  web.Permission = "open311.file"     // file reports and tell updates
	MayTreat web.Permission = "open311.treat"    // change the state by an update
	MaySet   web.Permission = "open311.settings" // choose what is handed to whom
)

// exchange is one call being answered.
type exchange struct {
	*Server
	c      *web.Context
	store  store.Handle
	place  Jurisdiction
	format open311.Format
	id     string // of the address: a code, an identifier, a token
	form   form
	faults []open311.Fault
	status int
}

func (x *exchange) wrong(status int, key string, args ...any) {
	x.faults = append(x.faults, open311.Fault{Code: strconv.Itoa(status), Description: x.c.T(key, args...)})
	if x.status == 0 || status == http.StatusBadRequest {
		x.status = status
	}
}

// resource is one address of the interface.
type resource struct {
	get, post func(x *exchange) (open311.Answer, int, error)
}

func (r resource) methods() string {
	list := []string{"OPTIONS"}
	if r.get != nil {
		list = append(list, "GET", "HEAD")
	}
	if r.post != nil {
		list = append(list, "POST")
	}
	return strings.Join(list, ", ")
}

// resourceOf finds what an address is about.
func resourceOf(parts []string) (r resource, id string, ok bool) {
	switch {
	case len(parts) == 1 && parts[0] == "discovery":
		return resource{get: (*exchange).discovery}, "", true
	case len(parts) == 1 && parts[0] == "services":
		return resource{get: (*exchange).services}, "", true
	case len(parts) == 2 && parts[0] == "services":
		return resource{get: (*exchange).definition}, parts[1], true
	case len(parts) == 1 && parts[0] == "requests":
		return resource{get: (*exchange).requests, post: (*exchange).file}, "", true
	case len(parts) == 2 && parts[0] == "requests":
		return resource{get: (*exchange).request}, parts[1], true
	case len(parts) == 2 && parts[0] == "tokens":
		return resource{get: (*exchange).token}, parts[1], true
	case len(parts) == 1 && parts[0] == "servicerequestupdates":
		return resource{get: (*exchange).updates, post: (*exchange).update}, "", true
	}
	return resource{}, "", false
}

// Serve answers a call on a site or on the instance.
func (s *Server) Serve(c *web.Context) error {
	x := &exchange{Server: s, c: c, format: open311.XML}
	h := c.Writer.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "ETag, Link")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Vary", "Accept-Language")
	path := c.Param("rest")
	dot := strings.LastIndexByte(path, '.')
	switch {
	case dot >= 0 && path[dot:] == ".xml":
	case dot >= 0 && path[dot:] == ".json":
		x.format = open311.JSON
	default:
		x.wrong(http.StatusBadRequest, "open311.error.format")
		return x.refuse()
	}
	r, id, ok := resourceOf(strings.Split(path[:dot], "/"))
	if !ok {
		x.wrong(http.StatusNotFound, "open311.error.resource")
		return x.refuse()
	}
	x.id = id
	var run func(*exchange) (open311.Answer, int, error)
	switch c.Request.Method {
	case http.MethodOptions:
		h.Set("Allow", r.methods())
		h.Set("Access-Control-Allow-Methods", r.methods())
		h.Set("Access-Control-Allow-Headers", "Content-Type, Idempotency-Key, If-None-Match")
		h.Set("Access-Control-Max-Age", "86400")
		c.Writer.WriteHeader(http.StatusNoContent)
		return nil
	case http.MethodGet, http.MethodHead:
		run = r.get
	case http.MethodPost:
		run = r.post
	}
	if run == nil {
		h.Set("Allow", r.methods())
		x.wrong(http.StatusMethodNotAllowed, "open311.error.method")
		return x.refuse()
	}
	return x.answer(run)
}

// answer reads the arguments, finds the territory, runs the call and writes.
func (x *exchange) answer(run func(*exchange) (open311.Answer, int, error)) error {
	if err := x.read(); err != nil {
		return err
	}
	if len(x.faults) == 0 {
		if err := x.locate(); err != nil {
			return err
		}
	}
	if len(x.faults) > 0 {
		return x.refuse()
	}
	a, status, err := run(x)
	if err != nil {
		if err := x.blame(err); err != nil {
			return err
		}
	}
	if len(x.faults) > 0 {
		return x.refuse()
	}
	return x.write(a, status)
}

// locate finds the territory that is asked.
func (x *exchange) locate() (err error) {
	name := x.form.one("jurisdiction_id")
	if x.c.Site != nil {
		if x.place, err = x.Here(x.c.Ctx(), x.c.Found.Territory); err != nil {
			return err
		}
		x.store = x.c.Store
		if name != "" && !x.place.named(name) {
			x.wrong(http.StatusNotFound, "open311.error.jurisdiction", "Name", "jurisdiction_id", "Value", name)
		}
		return nil
	}
	if name == "" {
		x.wrong(http.StatusBadRequest, "open311.error.jurisdiction.missing", "Name", "jurisdiction_id")
		return nil
	}
	x.place, err = x.Named(x.c.Ctx(), name)
	if errors.Is(err, store.ErrNotFound) {
		x.wrong(http.StatusNotFound, "open311.error.jurisdiction", "Name", "jurisdiction_id", "Value", name)
		return nil
	}
	x.store = x.c.DB.In(x.place.Territory)
	return err
}

func (j Jurisdiction) named(name string) bool {
	for _, n := range j.Names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// blame turns an error of the book into faults; what is internal is returned.
func (x *exchange) blame(err error) error {
	f := fault.Of(err)
	status := http.StatusBadRequest
	switch f.Kind {
	case fault.NotFound, fault.Gone:
		x.wrong(http.StatusNotFound, "open311.error.unknown", "Value", x.id)
		return nil
	case fault.Invalid:
	case fault.Conflict:
		status = http.StatusConflict
	default:
		return err
	}
	for _, field := range f.Fields {
		x.faults = append(x.faults, open311.Fault{Code: strconv.Itoa(status), Description: argumentOf(field.Name) + x.c.T("open311.colon") + x.c.T(field.Key, field.Args...)})
	}
	if len(f.Fields) == 0 {
		key := f.Key
		if key == "" {
			key = "open311.error.conflict"
		}
		x.wrong(status, key, f.Args...)
	}
	x.status = status
	return nil
}

// argumentOf is the argument of the interface behind a field of the book.
func argumentOf(field string) string {
	switch field {
	case "point":
		return "lat, long"
	case "address":
		return "address_string"
	case "text":
		return "description"
	case "photos":
		return "media"
	case "category":
		return "service_code"
	}
	if code, ok := strings.CutPrefix(field, "q-"); ok {
		return "attribute[" + code + "]"
	}
	return field
}

func (x *exchange) refuse() error {
	body := open311.Faults(x.faults).Bytes(x.format)
	x.c.Writer.Header().Set("Cache-Control", "no-store")
	return x.send(body, x.status)
}

// write sends an answer; one that the caller has already is not sent again.
func (x *exchange) write(a open311.Answer, status int) error {
	body := a.Bytes(x.format)
	h := x.c.Writer.Header()
	if x.c.Request.Method == http.MethodPost {
		h.Set("Cache-Control", "no-store")
		return x.send(body, status)
	}
	sum := sha256.Sum256(body)
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	h.Set("ETag", tag)
	h.Set("Cache-Control", "public, no-cache")
	if matches(x.c.Request.Header.Get("If-None-Match"), tag) {
		x.c.Writer.WriteHeader(http.StatusNotModified)
		return nil
	}
	return x.send(body, status)
}

// matches is the weak comparison of RFC 9110, 13.1.2.
func matches(given, tag string) bool {
	for _, t := range strings.Split(given, ",") {
		if t = strings.TrimPrefix(strings.TrimSpace(t), "W/"); t == tag || t == "*" {
			return true
		}
	}
	return false
}

func (x *exchange) send(body []byte, status int) error {
	h := x.c.Writer.Header()
	h.Set("Content-Type", x.format.ContentType())
	h.Set("Content-Length", strconv.Itoa(len(body)))
	x.c.Writer.WriteHeader(status)
	if x.c.Request.Method == http.MethodHead {
		return nil
	}
	_, err := x.c.Writer.Write(body)
	return err
}
