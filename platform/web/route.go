package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Permission names what a route lets one do: "appointment.read".
type Permission string

// The permissions that need no role.
const (
	Public   Permission = "public"    // anybody
	SignedIn Permission = "signed-in" // any member of staff
)

// AnyMethod is for a route that speaks a protocol of its own and answers unknown
// methods itself: CORS, 405 with Allow.
const AnyMethod = "*"

// Scope is what a route belongs to.
type Scope int

// Routes of a site live under its address; those of the instance at the root.
const (
	OfSite Scope = iota
	OfInstance
)

// Rate is how often one address may call a route.
type Rate int

// The rates; see limits in rate.go.
const (
	Normal  Rate = iota
	Careful      // sends a message or checks a secret
)

// Handler answers a request or returns the error that one place turns into a page.
type Handler func(c *Context) error

// Route is one line of the table of contents of the program.
type Route struct {
	Method     string // GET or POST; AnyMethod, or the other ones of RFC 9110 for what is not a page
	Path       string // "/rendez-vous/{id}" as in net/http, relative to its scope
	Scope      Scope
	Permission Permission
	Rate       Rate
	Handle     Handler
	// Sample is an address that answers 200 with the demo data, for the
	// accessibility test of every page: "" for POST and for files; "-" when a
	// test of its own visits it. A Path without {} is its own sample; what a
	// sample has between braces is found by the service's Samples.
	Sample string
	// Keep serves the answer from memory for so long to those without a session
	// and without a query: it must not depend on who asks. Zero: never.
	Keep time.Duration
	// OtherOrigins lets requests without the browser's same-origin proof in:
	// webhooks only.
	OtherOrigins bool
}

// check refuses a declaration that is not complete: the program does not start.
func (r Route) check() error {
	switch {
	case r.Method == AnyMethod && r.Permission != Public:
		return fmt.Errorf("web: route %s: a protocol of its own checks its own rights: declare it public", r.Path)
	case !slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodHead, http.MethodPatch, http.MethodDelete, http.MethodOptions, AnyMethod}, r.Method):
		return fmt.Errorf("web: route %s %s: unknown method", r.Method, r.Path)
	case !strings.HasPrefix(r.Path, "/"):
		return fmt.Errorf("web: route %s %s: the path must start with /", r.Method, r.Path)
	case r.Permission == "":
		return fmt.Errorf("web: route %s %s names no permission", r.Method, r.Path)
	case r.Handle == nil:
		return fmt.Errorf("web: route %s %s has no handler", r.Method, r.Path)
	}
	return nil
}
