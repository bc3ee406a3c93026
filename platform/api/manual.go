package api

import (
	"context"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"parvis/platform/i18n"
	"parvis/platform/web"
)

// manual is the documentation page: what the description says, for reading.
type manual struct {
	Base     string // "https://parvis.example/api/v1/"
	Services []manualService
	Problems []manualProblem
}

type manualService struct {
	Name, Anchor string
	Operations   []manualOperation
}

type manualOperation struct {
	ID, Method, Path     string
	Summary, Description string
	Permission           string // "" for everybody
	Inputs, Outputs      []manualField
	Status               string
}

type manualField struct {
	Name, Place, Kind, Text string
	Required                bool
}

type manualProblem struct{ Anchor, Title, Detail string }

// Routes are the interface's pages: the documentation, on the instance, and
// the keys of a territory.
func (a *API) Routes() []web.Route {
	return append([]web.Route{{Method: http.MethodGet, Path: "/api/docs", Scope: web.OfInstance, Permission: web.Public, Handle: a.showManual}},
		a.tokenRoutes()...)
}

func (a *API) showManual(c *web.Context) error {
	p := c.Page(c.T("api.manual.title"))
	p.Heading, p.Lead = c.T("api.manual.title"), c.T("api.manual.lead")
	p.Description = p.Lead
	return c.Render(manualPage(p, a.manual(c.Ctx(), c.URL("/api/v1/"))))
}

func (a *API) manual(ctx context.Context, base string) manual {
	m := manual{Base: base}
	for _, op := range a.ordered {
		i := slices.IndexFunc(m.Services, func(s manualService) bool { return s.Anchor == "service-"+op.service })
		if i < 0 {
			m.Services = append(m.Services, manualService{Name: a.label(ctx, op.service), Anchor: "service-" + op.service})
			i = len(m.Services) - 1
		}
		m.Services[i].Operations = append(m.Services[i].Operations, a.manualOperation(ctx, op))
	}
	for _, name := range problemNames() {
		m.Problems = append(m.Problems, manualProblem{Anchor: "probleme-" + name,
			Title: i18n.T(ctx, "api.problem."+name+".title"), Detail: i18n.T(ctx, "api.problem."+name+".about")})
	}
	return m
}

func (a *API) manualOperation(ctx context.Context, op *operation) manualOperation {
	out := manualOperation{ID: op.ID, Method: op.Method, Path: op.path, Summary: a.text(ctx, op.Summary),
		Description: a.text(ctx, op.Description), Status: strconv.Itoa(op.Status)}
	if op.Permission != web.Public {
		out.Permission = a.label(ctx, string(op.Permission))
		if op.Permission == web.SignedIn {
			out.Permission = i18n.T(ctx, "api.manual.anykey")
		}
	}
	for _, p := range op.doc.Parameters {
		f := a.field(ctx, p.Name, p.Schema)
		f.Place, f.Required = i18n.T(ctx, "api.place."+p.In), p.Required
		if p.Description != "" {
			f.Text = a.text(ctx, p.Description)
		}
		out.Inputs = append(out.Inputs, f)
	}
	if body := op.doc.RequestBody; body != nil {
		fields := a.fields(ctx, jsonSchema(body.Content), "", 0)
		for i := range fields {
			fields[i].Place = i18n.T(ctx, "api.place.body")
		}
		out.Inputs = append(out.Inputs, fields...)
	}
	if answer := op.doc.Responses[out.Status]; answer != nil {
		out.Outputs = a.fields(ctx, jsonSchema(answer.Content), "", 0)
	}
	return out
}

func jsonSchema(content map[string]*huma.MediaType) *huma.Schema {
	if m := content["application/json"]; m != nil {
		return m.Schema
	}
	return nil
}

// maxDepth bounds how deep nested objects are listed.
const maxDepth = 4

// fields lists the properties of an object, nested ones with their path.
func (a *API) fields(ctx context.Context, s *huma.Schema, path string, depth int) []manualField {
	s = a.resolved(s)
	if s == nil || depth > maxDepth {
		return nil
	}
	if s.Type == huma.TypeArray {
		return a.fields(ctx, s.Items, path+"[]", depth+1)
	}
	names := make([]string, 0, len(s.Properties))
	for name := range s.Properties {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool { // what is needed first
		x, y := slices.Contains(s.Required, names[i]), slices.Contains(s.Required, names[j])
		if x != y {
			return x
		}
		return names[i] < names[j]
	})
	var list []manualField
	for _, name := range names {
		full := strings.TrimPrefix(path+"."+name, ".")
		f := a.field(ctx, full, s.Properties[name])
		f.Required = slices.Contains(s.Required, name)
		list = append(list, f)
		list = append(list, a.fields(ctx, s.Properties[name], full, depth+1)...)
	}
	return list
}

func (a *API) resolved(s *huma.Schema) *huma.Schema {
	for range 10 {
		if s == nil || s.Ref == "" {
			return s
		}
		s = a.huma.OpenAPI().Components.Schemas.SchemaFromRef(s.Ref)
	}
	return s
}

// field describes one value in words: its kind, then its limits.
func (a *API) field(ctx context.Context, name string, s *huma.Schema) manualField {
	text := ""
	if s != nil {
		text = s.Description
	}
	s = a.resolved(s)
	if s == nil {
		return manualField{Name: name, Text: a.text(ctx, text)}
	}
	words := []string{kindWord(ctx, s)}
	if len(s.Enum) > 0 {
		var values []string
		for _, v := range s.Enum {
			if str, ok := v.(string); ok {
				values = append(values, str)
			}
		}
		words = append(words, i18n.T(ctx, "api.limit.enum", "Values", strings.Join(values, ", ")))
	}
	number := func(f *float64) string { return strconv.FormatFloat(*f, 'f', -1, 64) }
	switch {
	case s.Minimum != nil && s.Maximum != nil:
		words = append(words, i18n.T(ctx, "api.limit.range", "Min", number(s.Minimum), "Max", number(s.Maximum)))
	case s.Minimum != nil:
		words = append(words, i18n.T(ctx, "api.limit.min", "Min", number(s.Minimum)))
	case s.Maximum != nil:
		words = append(words, i18n.T(ctx, "api.limit.max", "Max", number(s.Maximum)))
	}
	if s.MaxLength != nil {
		words = append(words, i18n.T(ctx, "api.limit.length", "Max", strconv.Itoa(*s.MaxLength)))
	}
	return manualField{Name: name, Kind: strings.Join(words, ", "), Text: a.text(ctx, text)}
}

func kindWord(ctx context.Context, s *huma.Schema) string {
	switch {
	case s.Extensions["x-identifier"] == true:
		return i18n.T(ctx, "api.kind.identifier")
	case s.Format == "date-time":
		return i18n.T(ctx, "api.kind.datetime")
	case s.Format == "date":
		return i18n.T(ctx, "api.kind.date")
	}
	switch s.Type {
	case huma.TypeString:
		return i18n.T(ctx, "api.kind.string")
	case huma.TypeInteger:
		return i18n.T(ctx, "api.kind.integer")
	case huma.TypeNumber:
		return i18n.T(ctx, "api.kind.number")
	case huma.TypeBoolean:
		return i18n.T(ctx, "api.kind.boolean")
	case huma.TypeArray:
		return i18n.T(ctx, "api.kind.array")
	}
	return i18n.T(ctx, "api.kind.object")
}
