package api

import (
	"reflect"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"parvis/platform/store"
)

// newRegistry names schemas by package and type, or by service for types
// without a name, so that two services may both have an Item, and describes
// identifiers as decimal strings.
func newRegistry(service func() string) huma.Registry {
	r := huma.NewMapRegistry("#/components/schemas/", func(t reflect.Type, hint string) string {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		name, owner := huma.DefaultSchemaNamer(t, hint), packageName(t.PkgPath())
		if t.Name() == "" {
			owner = service()
		}
		if owner == "" || owner == "api" || strings.HasPrefix(strings.ToLower(name), owner) {
			return upper(name)
		}
		return upper(owner) + upper(name)
	})
	r.RegisterTypeAlias(reflect.TypeFor[store.ID](), reflect.TypeFor[identifier]())
	return r
}

var majorVersion = regexp.MustCompile(`/v[0-9]+$`)

func packageName(path string) string {
	path = majorVersion.ReplaceAllString(path, "")
	return path[strings.LastIndexByte(path, '/')+1:]
}

// upper makes "appointment-bookRequest" into "AppointmentBookRequest".
func upper(s string) string {
	var b strings.Builder
	next := true
	for _, r := range s {
		switch {
		case r == '-' || r == '_' || r == '.':
			next = true
		case next:
			b.WriteString(strings.ToUpper(string(r)))
			next = false
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// identifier describes store.ID. The library parses a parameter of that type
// into an integer before it validates and a body's as a string: both are
// accepted here, and the description is corrected to the string.
type identifier struct{}

const identifierPattern = "^[1-9][0-9]{0,18}$"

// Schema satisfies huma.SchemaProvider.
func (identifier) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		OneOf:      []*huma.Schema{{Type: huma.TypeString, Pattern: identifierPattern}, {Type: huma.TypeInteger}},
		Extensions: map[string]any{"x-identifier": true},
	}
}
