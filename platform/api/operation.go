package api

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"parvis/platform/store"
	"parvis/platform/web"
)

// Operation describes what one call does.
type Operation struct {
	ID          string         // unique, for generated clients: "appointment-book"
	Method      string         // GET, POST, PUT, PATCH, DELETE
	Path        string         // under the territory, "/appointments/{id}"
	Permission  web.Permission // needed; web.Public for everybody
	Summary     string         // message key: what it does, in a few words
	Description string         // message key, optional
	Status      int            // of success; 0: 200 with a body, 204 without
	MaxBody     int64          // bytes; 0: 1 MiB
	Rate        web.Rate       // web.Careful for what sends a message or checks a secret
}

// Group is the operations of one service.
type Group struct {
	api     *API
	service string
}

// Group starts the operations of a service; its name becomes their tag.
func (a *API) Group(service string) *Group { return &Group{api: a, service: service} }

// Request is what an operation works with, beside its typed input.
type Request struct {
	Store     store.Handle // bound to the territory
	Actor     web.Actor    // the zero Actor when nobody is signed in
	Territory string
	Now       time.Time
	Location  *time.Location // of the territory

	Found web.Found
	http  *http.Request
	base  string
}

// URL is the complete address of a path of the interface under this
// territory, for Location headers and links.
func (r *Request) URL(path string) string {
	return r.base + "/api/v1/" + r.http.PathValue("territory") + path
}

// Register adds an operation. I and O are input and output structs of huma:
// fields tagged path, query, header, and a field Body. Mistakes in the
// declaration are returned by [API.Check].
func Register[I, O any](g *Group, op Operation, fn func(ctx context.Context, r *Request, in *I) (*O, error)) {
	a := g.api
	entry, ok := g.admit(op, reflect.TypeFor[I](), reflect.TypeFor[O](), fn == nil)
	if !ok {
		return
	}
	defer func() {
		if p := recover(); p != nil {
			a.refuse("operation %s: %v", op.ID, p)
			return
		}
		a.operations[entry.pattern] = entry
		a.ordered = append(a.ordered, entry)
	}()
	huma.Register(a.huma, *entry.doc, func(ctx context.Context, in *I) (*O, error) {
		call := ctx.Value(callKey{}).(*call)
		out, err := fn(ctx, call.request, in)
		if err != nil {
			return nil, a.problem(ctx, call, err)
		}
		return out, nil
	})
	entry.doc = described(a.huma.OpenAPI().Paths[entry.path], op.Method)
}

// described is the finished description, with the parameters and bodies that
// the library read from the types.
func described(item *huma.PathItem, method string) *huma.Operation {
	switch method {
	case http.MethodGet:
		return item.Get
	case http.MethodPost:
		return item.Post
	case http.MethodPut:
		return item.Put
	case http.MethodPatch:
		return item.Patch
	}
	return item.Delete
}

var methods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// admit checks a declaration and prepares its description.
func (g *Group) admit(op Operation, in, out reflect.Type, none bool) (*operation, bool) {
	a := g.api
	a.registering = g.service
	before := len(a.problems)
	if op.ID == "" || !slices.Contains(methods, op.Method) || !strings.HasPrefix(op.Path, "/") || none {
		a.refuse("operation %q %s %s: needs an ID, a method, a path starting with / and a function", op.ID, op.Method, op.Path)
	}
	if op.Permission == "" {
		a.refuse("operation %s names no permission", op.ID)
	}
	if op.Summary == "" {
		a.refuse("operation %s has no summary", op.ID)
	}
	if slices.ContainsFunc(a.ordered, func(o *operation) bool { return o.ID == op.ID }) {
		a.refuse("operation %s is registered twice", op.ID)
	}
	if in.Kind() != reflect.Struct || out.Kind() != reflect.Struct {
		a.refuse("operation %s: input and output must be structs", op.ID)
	}
	if field := idList(in); field != "" {
		a.refuse("operation %s: parameter %s: a list of identifiers must be []string", op.ID, field)
	}
	if len(a.problems) > before {
		return nil, false
	}
	e := &operation{Operation: op, service: g.service, path: prefix + op.Path, pattern: op.Method + " " + prefix + op.Path, maxBody: op.MaxBody}
	if e.maxBody == 0 {
		e.maxBody = 1 << 20
	}
	if e.Status == 0 {
		e.Status = http.StatusNoContent
		if _, ok := out.FieldByName("Body"); ok {
			e.Status = http.StatusOK
		}
	}
	e.doc = &huma.Operation{
		OperationID: op.ID, Method: op.Method, Path: e.path, Summary: op.Summary, Description: op.Description,
		Tags: []string{g.service}, DefaultStatus: e.Status, MaxBodyBytes: e.maxBody + 1,
		Parameters: e.parameters(), Responses: e.responses(a), Security: e.security(),
		Extensions: map[string]any{"x-permission": string(op.Permission)},
	}
	return e, true
}

// parameters are those that no input struct names.
func (e *operation) parameters() []*huma.Param {
	list := []*huma.Param{{Name: "territory", In: "path", Required: true, Description: "api.parameter.territory", Schema: &huma.Schema{Type: huma.TypeString}}}
	if e.keyed() {
		list = append(list, &huma.Param{Name: keyHeader, In: "header", Description: "api.parameter.key",
			Schema: &huma.Schema{Type: huma.TypeString, MaxLength: ptr(maxKey)}})
	}
	return list
}

func (e *operation) keyed() bool {
	return e.Method == http.MethodPost || e.Method == http.MethodPatch || e.Method == http.MethodDelete
}

func (e *operation) responses(a *API) map[string]*huma.Response {
	problem := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	return map[string]*huma.Response{
		strconv.Itoa(e.Status): {Description: "api.answer." + strconv.Itoa(e.Status)},
		"default": {Description: "api.answer.problem",
			Content: map[string]*huma.MediaType{problemType: {Schema: problem}}},
	}
}

func (e *operation) security() []map[string][]string {
	if e.Permission == web.Public {
		return []map[string][]string{}
	}
	return []map[string][]string{{"bearer": {}}}
}

func ptr[T any](v T) *T { return &v }

// idList finds a parameter that is a list of store.ID, which the library
// would fill with the wrong type.
func idList(t reflect.Type) string {
	if t.Kind() != reflect.Struct {
		return ""
	}
	for f := range t.Fields() {
		if f.Type == reflect.TypeFor[[]store.ID]() && (f.Tag.Get("query") != "" || f.Tag.Get("header") != "") {
			return f.Name
		}
		if f.Anonymous {
			if found := idList(f.Type); found != "" {
				return found
			}
		}
	}
	return ""
}
